"""Mails for tests: the files in tests/mails, and short ones written on the spot."""

from datetime import UTC, datetime
from pathlib import Path

from bot.model import Mail, Place
from bot.parse import parse

MAILS = Path(__file__).parent / "mails"
RECEIVED = datetime(2026, 11, 2, 9, 1, tzinfo=UTC)
PLACE = Place("INBOX", 1, 1)


def read(name: str) -> Mail:
    """One of our own test mails."""
    return taken(MAILS.joinpath(f"{name}.eml").read_bytes())


def written(*fields: str, text: str = "Hallo.", sender: str = "Jan Bakker <jan@mail.example>") -> Mail:
    """A plain mail with these header fields besides From, To and Date."""
    head = (f"From: {sender}", "To: info@wkm.nl", "Date: Mon, 2 Nov 2026 10:00:00 +0100", *fields)
    return taken("\n".join((*head, "", text)).encode())


def taken(content: bytes) -> Mail:
    """What these bytes are parsed into."""
    return parse(content, PLACE, RECEIVED)
