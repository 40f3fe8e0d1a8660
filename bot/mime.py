"""MIME taken apart: the tree of a message, and what each part says of itself, whatever senders wrote there."""

import email
import re
from email.message import Message

from bot.errors import Unreadable
from bot.headers import decoded, fields
from bot.text import one_line

_MAX_NAME = 255
_MAX_LINES = 1_000_000
_MAX_CONTAINERS = 200
_MAX_WORK = 20_000_000
"""Lines times containers: the standard library compares each line with every open boundary."""
_MAX_FIELD = 4_096
"""Bytes of one Content-… field: the standard library takes quadratic time over its parameters."""

_CONTAINER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(rb"^content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(rb"^--([^\n\"]{1,70}?)[ \t]*\n(?=content-)", re.IGNORECASE | re.MULTILINE)


def opened(content: bytes) -> Message:
    """The message in these bytes, whose lines end in LF; Unreadable where taking it apart would take too long.

    The compat32 policy does it: the newer policy raises on mail that really occurs.
    """
    lines = content.count(b"\n")
    containers = sum(1 for _ in _CONTAINER.finditer(content))
    if containers > _MAX_CONTAINERS:
        raise Unreadable("the message holds too many messages within messages: read it in the mailbox")
    if lines > _MAX_LINES or lines * containers > _MAX_WORK:
        raise Unreadable("the message has too many lines: read it in the mailbox")
    if any(len(field[0]) > _MAX_FIELD for field in _FIELD.finditer(content)):
        raise Unreadable("a part of the message describes itself at too great length: read it in the mailbox")
    return email.message_from_bytes(content)


def children(part: Message) -> list[Message]:
    """The parts of a part."""
    inside = part.get_payload() if part.is_multipart() else []
    return [each for each in inside if isinstance(each, Message)]


def parameter(part: Message, name: str, header: str = "content-type") -> str:
    """A parameter of a header (RFC 2231 forms too), on one line; empty when missing or broken."""
    view = Message()
    view[header] = next(iter(fields(part).get(header, ())), "")
    try:
        value = view.get_param(name, header=header)
        text = email.utils.collapse_rfc2231_value(value) if value else ""
    except (ValueError, LookupError, TypeError):
        return ""
    return one_line(decoded(text), 4 * _MAX_NAME)


def file_name(part: Message) -> str:
    """The file name of a part, for people; never a path. Empty when it has none."""
    name = parameter(part, "filename", "content-disposition") or parameter(part, "name")
    return name.replace("\\", "/").rpartition("/")[2][:_MAX_NAME]


def default_name(part: Message) -> str:
    """What a nameless attachment is called."""
    kind = part.get_content_type()
    return "winmail.dat" if kind == "application/ms-tnef" else f"unnamed.{one_line(kind.rpartition('/')[2], 40)}"


def payload(part: Message) -> bytes:
    """The decoded bytes of a part; what cannot be decoded stays as it came."""
    wanted = encoding(part)
    if wanted and str(part.get("content-transfer-encoding")) != wanted:
        part.replace_header("content-transfer-encoding", wanted)
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def encoding(part: Message) -> str:
    """The transfer encoding, without the blanks, quotes and comments that some programs write around it."""
    value = str(part.get("content-transfer-encoding", "")).split(";")[0].split("(")[0]
    return value.strip(" \t\r\n\"'").lower()


def enclosed(part: Message) -> Message:
    """The message in a message/… part, also where a program encoded it, which RFC 2046 §5.2.1 forbids."""
    inner = children(part)[0]
    if encoding(part) not in ("base64", "quoted-printable") or inner.is_multipart() or inner.keys():
        return inner
    inner["Content-Transfer-Encoding"] = encoding(part)
    return opened(payload(inner).replace(b"\r\n", b"\n"))


def mended(part: Message) -> Message | None:
    """A multipart whose declared boundary does not occur, taken apart at the boundary that does; else None."""
    data = payload(part)
    match = _BOUNDARY.search(data[:20_000])
    if part.get_content_maintype() != "multipart" or match is None:
        return None
    kind = part.get_content_type().encode("ascii", "replace")
    found = opened(b'Content-Type: %s; boundary="%s"\n\n' % (kind, match[1]) + data)
    return found if found.is_multipart() else None
