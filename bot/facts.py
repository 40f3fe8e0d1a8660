"""What the decision about one mail rests on, and what can be decided."""

from dataclasses import dataclass

from bot.automatic import Silence
from bot.cases import Case
from bot.identify import Doubt
from bot.model import Mail
from bot.proof import Claim
from classifiers.labels import Flag, Right


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision about one mail rests on."""

    mail: Mail
    silence: Silence | None
    """Why the program may not answer this mail, if so."""
    doubts: tuple[Doubt, ...] = ()
    sender: str = ""
    """The one From address, or empty."""
    by_staff: bool = False
    origin_proved: bool = True
    """Whether a mail from a staff address proves its origin, as far as `staff.authentication` asks."""
    by_supervisor: bool = False
    by_us: bool = False
    """Sent from an address of our own: a colleague at the mailbox, or a form on the website."""
    known_as: str | None = None
    """The case that this very mail already belongs to."""
    id_reused: str | None = None
    """A case with a mail of the same Message-ID but other content."""
    claimed: tuple[tuple[Claim, Case], ...] = ()
    """What the mail claims to answer, with the case, whether or not the claim holds."""
    returned: tuple[tuple[Claim, Case], ...] = ()
    """Our own header in the mail or enclosed in it, where the claim holds for the letter's recipient."""
    named: tuple[Case, ...] = ()
    """The cases whose number the mail names."""
    earlier: tuple[Case, ...] = ()
    """The open cases of the sender's address."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Not ours to touch: the mail stays exactly as it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Open:
    """A new case."""

    answer: bool
    """Whether a confirmation goes out by itself."""
    reason: str
    certain: bool
    doubts: tuple[Doubt, ...] = ()
    related: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    held_already: tuple[Right, ...] = ()
    """Rights in it that a running case already has: they get no second clock or confirmation."""


@dataclass(frozen=True, slots=True)
class Join:
    """A further mail in a running case; never answered by itself."""

    ref: str
    reason: str
    urgent: bool = False
    automatic: bool = False
    """A program of the data subject's wrote it, and it wants nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """A staff member's answer to a mail of ours; `letter` is the mail that is answered."""

    ref: str
    letter: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Something that looks like a staff command but is not proved; logged, told to staff only."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """One of our letters came back."""

    ref: str
    letter: int


@dataclass(frozen=True, slots=True)
class Absent:
    """A handler's automatic answer that they are away."""

    handler: str
    ref: str


Decision = Ignore | Open | Join | Command | Refuse | Bounce | Absent
