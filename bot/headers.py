"""The header fields of a message, repaired and decoded; mail-parser judges addresses and dates."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from bot.errors import Unreadable
from bot.model import Address
from bot.text import decode, one_line

MAX_FIELDS = 1_000
MAX_FIELD = 64 * 1024
"""Characters of one field that are read."""
_MAX_ALL = 2_000_000
MAX_REFERENCES = 100
_MAX_ID = 250
_MAX_ADDRESS = 254
_MAX_DISPLAY = 200
_YEARS = range(1970, 2101)

Fields = Mapping[str, tuple[str, ...]]

_FOLD = re.compile(r"\r?\n[ \t]*|\r")
_ID = re.compile(r"<[!-;=?-~]{1,248}>")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?-~]+>")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f]")


def fields(message: Message) -> Fields:
    """Lower-case name to values, topmost first: unfolded, raw bytes read as text, encoded words as they are.

    Unreadable when there are more than `MAX_FIELDS`; a longer field keeps its beginning (References its end).
    """
    found: dict[str, list[str]] = {}
    size = 0
    for count, (name, value) in enumerate(message.raw_items(), 1):
        text = str(value)
        size += len(text)
        if count > MAX_FIELDS or size > _MAX_ALL:
            raise Unreadable("the message has too many header fields: read it in the mailbox")
        name = name.strip().lower()[:200]
        text = text[-MAX_FIELD:] if name in ("references", "in-reply-to") else text[:MAX_FIELD]
        found.setdefault(name, []).append(_FOLD.sub(" ", _repaired(text)).strip())
    return {name: tuple(values) for name, values in found.items()}


def decoded(value: str) -> str:
    """The value with its encoded words read (RFC 2047), whatever charset they claim; never raises."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, LookupError):
        return value
    return "".join(
        decode(data, charset) if isinstance(data, bytes) else data for data, charset in map(_octets, pieces)
    )


def addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """The mailboxes of all fields of one name, groups taken apart, each address once."""
    found: dict[str, Address] = {}
    for value in values:
        for display, address in _mailboxes(value):
            address = address.strip().lower()
            local, at, domain = address.rpartition("@")
            if local and at and domain and len(address) <= _MAX_ADDRESS and not _UNSAFE.search(address):
                shown = one_line(decoded(display), _MAX_DISPLAY)
                found.setdefault(address, Address("" if shown.lower() == address else shown, address))
    return tuple(found.values())


def _mailboxes(value: str) -> list[tuple[str, str]]:
    try:
        return list(get_addresses(value, decode_names=True))
    except (HeaderParseError, ValueError, LookupError):
        return list(get_addresses(value))


def sent_on(values: Iterable[str]) -> datetime | None:
    """The instant that the first Date field names, aware; without a zone it is taken for UTC."""
    value = next(iter(values), "")
    when = parse_mail_date(value).value or _loosely(value)
    return when if when is not None and when.year in _YEARS else None


def message_id(values: tuple[str, ...]) -> str:
    """The Message-ID when it is a single `<…@…>` that can be written into References; else empty."""
    value = values[0].strip() if len(set(values)) == 1 else ""
    return value if len(value) <= _MAX_ID and _MESSAGE_ID.fullmatch(value) else ""


def references(known: Fields) -> tuple[str, ...]:
    """The ids of References, then of In-Reply-To, each once; of more than 100 the last ones, where ours stand."""
    text = " ".join((*known.get("references", ()), *known.get("in-reply-to", ())))
    return tuple(dict.fromkeys(_ID.findall(text)))[-MAX_REFERENCES:]


def _loosely(value: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(value)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, LookupError, OverflowError):
        return None


def _repaired(value: str) -> str:
    """Raw bytes in a field (RFC 6532, or no standard at all) as text."""
    if value.isascii():
        return value
    return decode(value.encode("utf-8", "surrogateescape"), None) if _surrogates(value) else value


def _surrogates(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _octets(piece: tuple[bytes | str, str | None]) -> tuple[bytes | str, str | None]:
    """What stands between encoded words: the standard library gives it back as raw-unicode-escape."""
    data, charset = piece
    if isinstance(data, bytes) and not charset:
        return data.decode("raw-unicode-escape", "replace"), None
    return piece
