"""What can happen to a case. A case is the list of its events, in order; nothing in it is ever changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.model import Place, Purpose
from classifiers.labels import Evidence, Flag, Kind, Reply, Right

BOT = "bot"
"""The actor of what the program did by itself."""
SUBJECT = "data subject"
"""The actor of what came from the data subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What every event has: when, by whom (an actor or a staff address), and why."""

    at: datetime
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The mail behind an event. `text` is removed when its retention ends; the rest is procedure."""

    digest: str
    message_id: str = ""
    references: tuple[str, ...] = ()
    place: Place | None = None
    subject: str = ""
    text: str = ""
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Base):
    """A case begins. `received` is the receipt from which the clock runs."""

    what: Literal["opened"] = "opened"
    received: datetime
    kind: Kind
    certain: bool
    confidence: float
    language: str
    address: str
    name: str | None
    on_behalf_of: str | None = None
    also: tuple[Kind, ...] = ()
    rights: tuple[Right, ...] = ()
    unsure_rights: tuple[Right, ...] = ()
    flags: tuple[Flag, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    source: Source
    channel: str = "mail"
    """mail, phone, letter, chat or colleague."""
    answerable: bool
    """Whether the program may write to the address by itself; False with the reason in `why`."""
    doubts: tuple[str, ...] = ()
    """Warnings for staff, as codes of `bot.identify.Doubt`."""
    related: tuple[str, ...] = ()
    """Other cases that this one may belong to or follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Base):
    """A further message of the data subject belongs to this case. The clock is as it was."""

    what: Literal["joined"] = "joined"
    received: datetime
    kind: Kind
    also: tuple[Kind, ...] = ()
    reply: Reply | None
    flags: tuple[Flag, ...] = ()
    name: str | None = None
    source: Source
    urgent: bool = False
    automatic: bool = False
    """Written by a program of the data subject's, an out-of-office for instance."""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Base):
    """A letter was composed and stored; its bytes are in the case's letters."""

    what: Literal["written"] = "written"
    letter: int
    purpose: Purpose
    to: str
    key: str = ""
    """What it answers to on the agenda (`notice`, `remind:7`, …); each key happens once for each address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterMoved(Base):
    """A letter left, failed, was stopped, changed or released by a person, or stayed in (shadow mode)."""

    what: Literal["sent", "failed", "bounced", "stopped", "released", "shadowed"]
    letter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabelled(Base):
    """A person said what the case is; from then on it is sure."""

    what: Literal["relabelled"] = "relabelled"
    kind: Kind
    rights: tuple[Right, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Base):
    """The outcome for one right; `why` holds the reason or explanation."""

    what: Literal["decided"] = "decided"
    right: Right
    outcome: Literal["granted", "partly", "refused"]
    letter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients(Base):
    """Whether those who received the data were told (GDPR art. 19)."""

    what: Literal["recipients"] = "recipients"
    outcome: Literal["told", "none", "impossible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended(Base):
    """The period was extended, once (GDPR art. 12(3)); `why` holds the reason given."""

    what: Literal["extended"] = "extended"
    ground: Literal["complexity", "number"]
    letter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Base):
    """Something was asked of the data subject. The clock runs on."""

    what: Literal["asked"] = "asked"
    about: Literal["name", "clarification", "mandate"]
    letter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified(Base):
    """Who the data subject is or where to write to, as a person established it."""

    what: Literal["identified"] = "identified"
    name: str | None = None
    address: str | None = None
    identity: bool = False
    """True: the identity was checked; `why` says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Base):
    """The case has a handler."""

    what: Literal["assigned"] = "assigned"
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Base):
    """A person's remark, or something seen that changes nothing; `why` holds it."""

    what: Literal[
        "noted",
        "confidential",
        "command",
        "command_not_done",
        "refused_command",
        "answered_elsewhere",
        "capped",
        "lifted",
        "settled",
    ]
    trace: tuple[str, str] | None = None
    """Message-ID and digest of the mail behind it, so that a second copy of that mail does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Base):
    """The day of receipt was corrected; every date is computed anew."""

    what: Literal["received_corrected"] = "received_corrected"
    received: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Base):
    """This case and another belong together; `merged`: the other carries on for both."""

    what: Literal["linked"] = "linked"
    ref: str
    merged: bool = False


How = Literal["decided", "answered", "forwarded", "withdrawn", "not_privacy", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded(Base):
    """A person ended the case otherwise than by decisions; it closes when its letters have left."""

    what: Literal["concluded"] = "concluded"
    how: How
    letter: int | None = None
    """The letter that tells the data subject; when it is stopped, this did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Base):
    """The case ended: everything is decided or concluded, and every letter has left."""

    what: Literal["closed"] = "closed"
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Base):
    """A closed case goes on; its dates are what they were."""

    what: Literal["reopened"] = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted(Base):
    """The texts of its mails were removed because their retention ended."""

    what: Literal["redacted"] = "redacted"


Event = (
    Opened
    | Joined
    | Written
    | LetterMoved
    | Relabelled
    | Decided
    | Recipients
    | Extended
    | Asked
    | Identified
    | Assigned
    | Noted
    | Corrected
    | Linked
    | Concluded
    | Closed
    | Reopened
    | Redacted
)
