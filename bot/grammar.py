"""The values of a staff command, and where in it the giver's own words may stand."""

from calendar import isleap
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bot.errors import Refused
from bot.refusals import refusal
from bot.vocabulary import fold
from classifiers.labels import Right


class Verb(StrEnum):
    """What is ordered."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    RECIPIENTS = "recipients"
    EXTEND = "extend"
    CLOSE = "close"
    FORWARDED = "forwarded"
    ANSWER = "answer"
    ASK = "ask"
    NAME = "name"
    ADDRESS = "address"
    IDENTITY = "identity"
    KIND = "kind"
    CONFIRM = "confirm"
    BELONGS = "belongs"
    MERGE = "merge"
    REOPEN = "reopen"
    ASSIGN = "assign"
    AWAY = "away"
    CONFIDENTIAL = "confidential"
    NOTE = "note"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    NOT_PRIVACY = "not_privacy"
    STOP = "stop"
    CHANGE = "change"
    SEND = "send"
    STATUS = "status"
    HELP = "help"
    LIFT = "lift"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Command:
    """One order, complete."""

    verb: Verb
    rights: tuple[Right, ...] = ()
    argument: str = ""
    """Normalised: a value of the register (`complexity`, `told`, `name`, a kind), an address, a case number,
    a letter number, a name, or a day (`2026-04-03`; `04-03` when it came without its year)."""
    text: str = ""
    """The giver's own words: a reason, a message, a note."""
    address: str = ""
    """With a controller's name: where to write to."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is still to be read of a command."""

    verb: Verb
    usage: str
    """How the command is written, for a refusal."""
    rest: str
    """Of the first line."""
    below: str
    """The lines under it, without signature and quoted mail."""
    language: str

    @property
    def folded(self) -> str:
        """The rest of the line for comparing with words."""
        return fold(self.rest)

    @property
    def empty(self) -> bool:
        """Whether the command ends here, with or without a full stop."""
        return self.rest.strip() in ("", ".")

    def after(self, end: int) -> "Line":
        """The line from this place on."""
        return replace(self, rest=self.rest[end:].lstrip())

    def refused(self, key: str = "not_exact") -> Refused:
        """Why this is not carried out, with how it is written."""
        return refusal(key, self.language, usage=self.usage)


QUESTIONS = frozenset({Verb.ASK, Verb.ANSWER, Verb.CHANGE, Verb.NOTE})
"""Their text may be a question."""


def text_of(line: Line, *, needed: bool = True) -> str:
    """The giver's own words: after a colon, as a sentence on the same line, or below; Refused when doubtful."""
    text = "\n".join(filter(None, (_said(line), line.below)))
    if not any(each.isalnum() for each in text):
        text = ""
    if needed and not text:
        raise line.refused("no_text")
    if text.endswith("?") and "\n" not in text and line.verb not in QUESTIONS:
        raise line.refused()
    return text


def _said(line: Line) -> str:
    rest = line.rest.strip()
    if line.empty:
        return ""
    if rest.startswith(":"):
        return rest[1:].strip()
    if not rest[0].isupper() or len(rest.split()) < 3 or ("?" in rest and line.verb is not Verb.ASK):
        raise line.refused()
    return rest


def resolve_day(argument: str, today: date, *, ahead: bool) -> date:
    """The day that a command names; without a year the nearest one from today on, or up to today."""
    if len(argument) == len("2026-04-03"):
        return date.fromisoformat(argument)
    month, number = (int(part) for part in argument.split("-"))
    years = range(today.year, today.year + 9) if ahead else range(today.year, today.year - 9, -1)
    days = (date(year, month, number) for year in years if (month, number) != (2, 29) or isleap(year))
    return next(each for each in days if (each >= today if ahead else each <= today))
