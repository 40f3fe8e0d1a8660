"""A command that is being carried out: what it may look at, and what must hold before a letter is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot import agenda, proof, words
from bot.cases import Case, State, record, write
from bot.commands import usage
from bot.compose import Composer
from bot.config import Settings
from bot.errors import Refused
from bot.events import (
    BOT,
    Closed,
    Concluded,
    Corrected,
    Decided,
    Event,
    Extended,
    Identified,
    Joined,
    LetterMoved,
    Noted,
    Relabelled,
    Reopened,
    Written,
)
from bot.grammar import Command, Verb
from bot.identify import at_domain
from bot.model import Audience, Letter, Purpose, Stage
from bot.refusals import refusal
from bot.sentences import say

MARGIN = timedelta(minutes=15)
"""How long before the end of the legal last day a held letter leaves at the latest."""
MAX_TEXT = 10_000
"""Characters of a giver's own words in a letter."""
_OURS = re.compile(r"mailto:|\[[A-Z][A-Z0-9]{1,9}-\d{4}-\d{4,7}\.\d+\.|X-WKM-Case", re.IGNORECASE)
"""Marks of our own mail to staff, which must never stand in a letter."""

_DECISIVE = (Decided, Relabelled, Concluded, Closed, Reopened, Extended, Identified, Corrected)


@dataclass(frozen=True, slots=True)
class Context:
    """What carrying out a command may look at beside its case."""

    composer: Composer
    settings: Settings
    rules: agenda.Rules
    others: Callable[[str], Case | None]
    """Looks another case up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did."""

    case: Case
    said: str
    """For its giver, in one or two sentences."""
    held: Letter | None = None
    """The letter that it wrote: held, or kept in (shadow mode)."""
    also: tuple[Case, ...] = ()
    """Other cases that it changed."""
    away: tuple[str, date] | None = None
    """Who is away up to and including which day."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command with everything it needs."""

    case: Case
    command: Command
    giver: str
    now: datetime
    context: Context
    answered: int | None
    """The staff letter that the command answers; None when it came from the command line."""

    @property
    def language(self) -> str:
        """Of the sentences to staff."""
        return self.context.settings.staff.language

    @property
    def today(self) -> date:
        """The calendar day in the organisation's time zone."""
        return self.now.astimezone(self.context.rules.zone).date()

    def say(self, key: str, **values: object) -> str:
        """A sentence to staff."""
        return say(key, self.language, **values)

    def refused(self, key: str, **values: object) -> Refused:
        """Why the command is not carried out, and what would be."""
        return refusal(key, self.language, **values)

    def usage(self, verb: Verb) -> str:
        """How another command is written."""
        return usage(verb, self.language)

    def day(self, value: date) -> str:
        """A day in a sentence."""
        return words.day(value, self.language)

    def moment(self, value: datetime) -> str:
        """An instant in a sentence."""
        return words.moment(value.astimezone(self.context.rules.zone), self.language)

    def letters(self, letters: tuple[Letter, ...]) -> str:
        """Letters in a sentence, by number and purpose."""
        return "; ".join(
            self.say("letter", number=each.number, purpose=self.say(f"purpose_{each.purpose}")) for each in letters
        )

    def hold(self, *, by_itself: bool = True) -> tuple[Stage, datetime | None]:
        """How a letter starts: held until it leaves by itself or on `verstuur`; kept in, in shadow mode.

        It leaves by itself within the legal last day; when that day is over, the usual time to stop it remains.
        """
        if self.context.settings.replies.mode == "shadow":
            return Stage.SHADOW, None
        if not by_itself:
            return Stage.HELD, None
        release = self.now + timedelta(minutes=self.context.settings.staff.hold_minutes)
        last = agenda.last_day(self.case, self.context.rules)
        if self.today <= last:
            end = datetime.combine(last + timedelta(days=1), time(), self.context.rules.zone) - MARGIN
            release = max(self.now, min(release, end))
        return Stage.HELD, release

    def wrote(self, said: str, letter: Letter, *events: Event, key: str = "") -> Outcome:
        """The outcome of a command that wrote a letter."""
        case = record(write(self.case, letter, self.now, key, self.giver), *events)
        return Outcome(case, f"{said} {self._fate(letter)}", letter)

    def _fate(self, letter: Letter) -> str:
        if letter.stage is Stage.SHADOW:
            return self.say("shadow")
        if letter.release is None:
            return self.say("leaves_on_send")
        return self.say("leaves_at", moment=self.moment(letter.release))

    def recorded(self, said: str, *events: Event) -> Outcome:
        """The outcome of a command that wrote nothing."""
        return Outcome(record(self.case, *events), said)


def held(case: Case) -> tuple[Letter, ...]:
    """The letters to people outside that wait for a person or their time."""
    return tuple(letter for letter in case.pending if letter.stage is Stage.HELD)


def require_open(order: Order) -> None:
    """Refused when the case is closed, or concluded by a letter that is still on its way."""
    if order.case.closed:
        raise order.refused("closed")
    if order.case.concluded:
        raise order.refused("concluded")


def require_nothing_held(order: Order) -> None:
    """Refused while a letter waits that the command would contradict."""
    if waiting := held(order.case):
        raise order.refused("held_first", letters=order.letters(waiting))


def require_sure(order: Order) -> None:
    """Refused while nobody said what the case is."""
    if order.case.state is State.UNSURE:
        raise order.refused("unsure", usage=order.usage(Verb.KIND))


def require_letter(order: Order) -> None:
    """Refused when a letter to the data subject may not or cannot be written now."""
    require_unchanged(order)
    address, settings = order.case.address, order.context.settings
    if from_supervisor(order):
        raise order.refused("supervisor", usage=order.usage(Verb.SETTLED))
    if not writable(address, order) or address in settings.staff.everyone:
        shown = address or order.say("no_address")
        raise order.refused("address", address=shown, usage=order.usage(Verb.ADDRESS))
    _require_clean_text(order)


def from_supervisor(order: Order) -> bool:
    """Whether the case is the supervisor's, to whom the program never writes."""
    return at_domain(order.case.address, order.context.settings.supervisor.domains)


def writable(address: str, order: Order) -> bool:
    """Whether mail may go to this address: one that can be written, and not our own."""
    local, at, domain = address.rpartition("@")
    return bool(local and at and "." in domain and address.isascii()) and (
        address not in order.context.settings.organisation.own
    )


def _require_clean_text(order: Order) -> None:
    text = order.command.text
    if _OURS.search(text):
        raise order.refused("quoted")
    if len(text) > MAX_TEXT:
        raise order.refused("too_long", limit=MAX_TEXT)
    if others := [ref for ref in proof.named(text) if ref != order.case.ref]:
        raise order.refused("names_other", ref=others[0])


def require_unchanged(order: Order) -> None:
    """Refused when somebody else acted, or the data subject wrote, after the mail that the command answers."""
    if order.answered is None:
        return
    for event in order.case.since(order.answered):
        if what := _change(order, event):
            raise order.refused("changed", what=order.say(what))


def _change(order: Order, event: Event) -> str | None:
    if isinstance(event, Joined):
        return None if event.automatic or event.by == order.giver else "changed_joined"
    if event.by in (BOT, order.giver):
        return None
    if isinstance(event, _DECISIVE):
        return "changed_case"
    match event:
        case Noted(what="answered_elsewhere"):
            return "changed_elsewhere"
        case Written(letter=number) if order.case.letter(number).audience is not Audience.STAFF:
            return "changed_written"
        case LetterMoved():
            return "changed_letter"
        case _:
            return None


def grouped(case: Case, letter: Letter) -> tuple[Letter, ...]:
    """The letter, and those that go with it: the two of a forwarding leave or stay together."""
    if letter.purpose is not Purpose.FORWARDING:
        return (letter,)
    return tuple(
        each for each in case.letters if each.purpose is Purpose.FORWARDING and each.stage is letter.stage
    )
