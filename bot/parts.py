"""The parts of a message: the text a person reads, the names of what is attached, and what is enclosed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from hashlib import sha256

from bot import mime
from bot.errors import Unreadable
from bot.headers import decoded, fields
from bot.text import clean, decode, from_html, html_charset, one_line, unflow, without_pictures

MAX_PARTS = 200
MAX_DEPTH = 30
MAX_TEXT = 200_000
"""Characters of text that are kept: a request is far shorter, and the mail itself stays in the mailbox."""
MAX_HTML = 1_000_000
"""Characters of HTML that are read, of all parts together and without embedded pictures."""
_STUB = 200
"""Characters below which a plain text may be no more than a hint that the HTML should be read."""

_OWN_HEADER = re.compile(r"^[> \t|]{0,20}x-wkm-case:[ \t]{0,20}(\S{1,120})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_LOOKS_HTML = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_UU_BEGINS = re.compile(r"begin [0-7]{3,4} (\S.{0,250})")
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_ENCLOSED = frozenset({"message/rfc822", "message/global", "message/news", "message/partial"})
_UNREAD = frozenset({"text/calendar", "text/css", "text/javascript", "text/x-amp-html", "text/watch-html"})


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a message holds below its headers."""

    text: str
    attachments: tuple[str, ...]
    returned: tuple[str, ...]
    digest: str
    """SHA-256 (hex) over the decoded parts and the headers of enclosed messages."""


class _Sort(StrEnum):
    PLAIN = "plain"
    HTML = "html"
    ENCLOSED = "enclosed"
    """The text of a message inside the message."""
    NAME = "name"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class _Piece:
    sort: _Sort
    text: str


class _Pages:
    """Makes the HTML of one message readable, as far as its allowance goes."""

    def __init__(self) -> None:
        self._left = MAX_HTML

    def text(self, piece: _Piece) -> str:
        """The piece as plain text."""
        if piece.sort is not _Sort.HTML:
            return piece.text
        source = without_pictures(piece.text)[: self._left]
        self._left -= len(source)
        return from_html(source)


def contents(message: Message) -> Contents:
    """What the message holds; Unreadable beyond the limits on parts and nesting."""
    pages = _Pages()
    pieces = _pieces(_checked(message), 0, pages)
    own = [pages.text(piece) for piece in pieces if piece.sort in (_Sort.PLAIN, _Sort.HTML)]
    enclosed = [piece.text for piece in pieces if piece.sort is _Sort.ENCLOSED]
    text = "\n\n".join(filter(None, (each.strip("\n") for each in (*own, *enclosed))))[:MAX_TEXT]
    return Contents(
        text=text,
        attachments=tuple(piece.text for piece in pieces if piece.sort is _Sort.NAME),
        returned=tuple(dict.fromkeys(piece.text for piece in pieces if piece.sort is _Sort.RETURNED)),
        digest=_digest(message),
    )


def _checked(message: Message) -> Message:
    """The same message, when it is within the limits; walked without recursion."""
    waiting, count = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if count > MAX_PARTS:
            raise Unreadable(f"the message has more than {MAX_PARTS} parts: read it in the mailbox")
        if depth > MAX_DEPTH:
            raise Unreadable(f"the message has more than {MAX_DEPTH} levels: read it in the mailbox")
        waiting += [(each, depth + 1) for each in mime.children(part)]
    return message


def _pieces(part: Message, depth: int, pages: _Pages) -> list[_Piece]:
    if depth > MAX_DEPTH:
        raise Unreadable(f"the message has more than {MAX_DEPTH} levels: read it in the mailbox")
    kind = part.get_content_type()
    if not part.is_multipart():
        better = mime.mended(part) if depth == 0 else None
        if better is not None:
            return _pieces(_checked(better), depth + 1, pages)
        return list(_leaf(part, alone=depth == 0))
    if kind in _ENCLOSED:
        return _enclosed(_checked(mime.enclosed(part)), depth, pages)
    if part.get_content_maintype() == "message":
        return []
    found = [piece for each in mime.children(part) for piece in _pieces(each, depth + 1, pages)]
    return _chosen(found, pages) if kind == "multipart/alternative" else found


def _enclosed(message: Message, depth: int, pages: _Pages) -> list[_Piece]:
    """A message inside the message: its text behind a heading that says so, its attachments, our own header."""
    head = fields(message)
    inside = _pieces(message, depth + 1, pages)
    values = {name: decoded(head.get(name.lower(), ("",))[0]) for name in ("From", "Date", "Subject", "To")}
    shown = [f"{name}: {one_line(value, 200)}" for name, value in values.items() if value]
    texts = [pages.text(piece) for piece in inside if piece.sort in (_Sort.PLAIN, _Sort.HTML)]
    heading = "\n".join(("---------- Forwarded message ----------", *shown))
    return [
        *(_Piece(_Sort.RETURNED, value) for value in head.get("x-wkm-case", ())),
        _Piece(_Sort.ENCLOSED, "\n\n".join(filter(None, (heading, *texts)))),
        *(piece for piece in inside if piece.sort not in (_Sort.PLAIN, _Sort.HTML)),
    ]


def _leaf(part: Message, alone: bool) -> Iterator[_Piece]:
    """Text without a file name is read, whatever its disposition; everything else is only named."""
    kind, name = part.get_content_type(), mime.file_name(part)
    attached = part.get_content_disposition() == "attachment"
    if kind in _SIGNATURES or (kind in _UNREAD and not name):
        return
    if kind.startswith(("text/", "multipart/")) and (not name or (alone and not attached)):
        yield from _text(part, kind)
    else:
        yield _Piece(_Sort.NAME, name or mime.default_name(part))


def _text(part: Message, kind: str) -> Iterator[_Piece]:
    data, charset = mime.payload(part), mime.parameter(part, "charset")
    if kind == "text/html":
        yield _Piece(_Sort.HTML, decode(data, charset or html_charset(data)))
        return
    text = clean(decode(data, charset))
    yield from (_Piece(_Sort.RETURNED, value) for value in _OWN_HEADER.findall(text[:MAX_TEXT]))
    if kind == "text/rfc822-headers":
        return
    if _LOOKS_HTML.match(text):
        yield _Piece(_Sort.HTML, text)
        return
    if mime.parameter(part, "format").lower() == "flowed":
        text = unflow(text, mime.parameter(part, "delsp").lower() == "yes")
    text, names = _without_uuencoded(text)
    yield _Piece(_Sort.PLAIN, text)
    yield from (_Piece(_Sort.NAME, name) for name in names)


def _chosen(found: list[_Piece], pages: _Pages) -> list[_Piece]:
    """Of alternatives the plain text, unless it is empty or a mere hint beside a full HTML text."""
    plain = "".join(piece.text for piece in found if piece.sort is _Sort.PLAIN).strip()
    if len(plain) < _STUB:
        seen = [_Piece(_Sort.PLAIN, pages.text(piece)) for piece in found if piece.sort is _Sort.HTML]
        if sum(len(piece.text) for piece in seen) > 2 * len(plain):
            return [*seen, *(piece for piece in found if piece.sort not in (_Sort.PLAIN, _Sort.HTML))]
    return [piece for piece in found if piece.sort is not _Sort.HTML]


def _without_uuencoded(text: str) -> tuple[str, list[str]]:
    """The text without files that old programs paste into it, and their names."""
    if "\nend" not in text:
        return text, []
    kept: list[str] = []
    names: list[str] = []
    lines = text.split("\n")
    last_end = max((index for index, line in enumerate(lines) if line.strip() == "end"), default=-1)
    inside = False
    for index, line in enumerate(lines):
        if inside:
            inside = line.strip() != "end"
        elif index < last_end and (match := _UU_BEGINS.fullmatch(line)) and _uuencoded(lines[index + 1]):
            names.append(one_line(match[1], 255))
            inside = True
        else:
            kept.append(line)
    return "\n".join(kept), names


def _uuencoded(line: str) -> bool:
    """Whether a line has the length that its first character says, as uuencode has it."""
    data = line.rstrip()
    length = (ord(data[0]) - 32) & 63 if data else 0
    return 0 < length <= 45 and abs(len(data) - 1 - -(-length // 3) * 4) <= 2 and max(data) <= "`"


def _digest(message: Message) -> str:
    total = sha256()
    for data in _substance(message):
        total.update(b"%d:" % len(data))
        total.update(data)
    return total.hexdigest()


def _substance(message: Message) -> Iterator[bytes]:
    """The decoded parts, and the headers of what is enclosed."""
    for part in message.walk():
        if not part.is_multipart():
            yield mime.payload(part)
        elif part.get_content_maintype() == "message":
            for each in mime.children(part):
                yield "\n".join(f"{name}: {value}" for name, value in each.items()).encode("utf-8", "replace")
