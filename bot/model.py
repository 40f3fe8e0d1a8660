"""The values that pass through the program: a mail on its way in, a letter on its way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: together these name one immutable message for ever (RFC 3501 §2.3.1.1)."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Raw:
    """A message as the mailbox holds it."""

    place: Place
    received: datetime
    """INTERNALDATE, aware: the receipt that starts the clock, never the Date header."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header; `address` is lower case, `display` is free of control characters."""

    display: str
    address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A parsed message. Everything in it was written by a stranger."""

    place: Place
    received: datetime
    message_id: str
    """With its angle brackets; empty when missing or unusable."""
    digest: str
    """SHA-256 (hex) over From, Date, Subject and the decoded parts."""
    senders: tuple[Address, ...]
    """All of From; usable as a sender only when there is exactly one."""
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    """The Date header, aware; None when missing or unreadable."""
    text: str
    """Plain text of the message (HTML converted), quoted history and signature included."""
    attachments: tuple[str, ...]
    """File names, cleaned; the contents are never opened."""
    references: tuple[str, ...]
    """Ids of References, then of In-Reply-To, in order, each with angle brackets."""
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Every header, unfolded and decoded: lower-case name to its values, topmost first."""

    returned: tuple[str, ...] = ()
    """Values of our own header found in enclosed messages (a bounce, a forwarded copy)."""

    def header(self, name: str) -> str:
        """The topmost value of a header (any case), or an empty string."""
        return next(iter(self.headers.get(name.lower(), ())), "")

    @property
    def sender(self) -> Address | None:
        """The one From address, or None when there is none or more than one."""
        return self.senders[0] if len(self.senders) == 1 else None


class Purpose(StrEnum):
    """What a letter is for."""

    CONFIRMATION = "confirmation"
    ASK = "ask"
    ASK_AGAIN = "ask_again"
    ANSWER = "answer"
    DECISION = "decision"
    EXTENSION = "extension"
    LIFTING = "lifting"
    CLOSING = "closing"
    FORWARDING = "forwarding"
    NOTICE = "notice"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    TASK = "task"
    RECEIPT = "receipt"
    DIGEST = "digest"


class Audience(StrEnum):
    """To whom a letter goes, which decides the rules that hold for it."""

    SUBJECT = "subject"
    CONTROLLER = "controller"
    STAFF = "staff"


class Stage(StrEnum):
    """Where a letter is on its way."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    STOPPED = "stopped"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Letter:
    """An outgoing message with its final bytes, stored in its case before it is first tried."""

    number: int
    """Within its case, from 1."""
    purpose: Purpose
    audience: Audience
    to: str
    subject: str
    text: str
    """The plain text, for showing it to people."""
    raw: str
    """The final message, 7-bit."""
    message_id: str
    created: datetime
    stage: Stage
    release: datetime | None = None
    """Held letters: when it leaves by itself; None: only when told to."""
    attempts: int = 0
    retry: datetime | None = None
    """Queued letters that failed for now: not before this instant."""
    error: str = ""
