"""A case, as its events make it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import reduce

from bot.events import (
    BOT,
    Asked,
    Assigned,
    Closed,
    Concluded,
    Corrected,
    Decided,
    Event,
    Extended,
    How,
    Identified,
    Joined,
    LetterMoved,
    Linked,
    Noted,
    Opened,
    Recipients,
    Redacted,
    Relabelled,
    Reopened,
    Written,
)
from bot.model import Audience, Letter, Purpose, Stage
from classifiers.labels import Evidence, Flag, Kind, Reply, Right

PASSED_ON = frozenset({Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION})
"""The rights whose outcome the recipients of the data are told (GDPR art. 19)."""


class State(StrEnum):
    """Where a case stands."""

    UNSURE = "unsure"
    OPEN = "open"
    WAITING = "waiting"
    """For the data subject; the clock runs on."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """The register's unit. Made only by `begin` and `replay`; `events` and `letters` are what is stored."""

    ref: str
    secret: str
    """Unguessable; the proofs in mail headers are derived from it."""
    events: tuple[Event, ...] = ()
    letters: tuple[Letter, ...] = ()

    received: datetime = field(default=datetime.min)
    received_on: date | None = None
    """Set when a person corrected the day of receipt."""
    kind: Kind = Kind.OTHER
    also: tuple[Kind, ...] = ()
    certain: bool = False
    confidence: float = 0.0
    rights: tuple[Right, ...] = ()
    unsure_rights: tuple[Right, ...] = ()
    flags: tuple[Flag, ...] = ()
    language: str = "nl"
    address: str = ""
    name: str | None = None
    on_behalf_of: str | None = None
    evidence: tuple[Evidence, ...] = ()
    doubts: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    answerable: bool = False
    decisions: Mapping[Right, Decided] = field(default_factory=dict)
    recipients: str | None = None
    extension: Extended | None = None
    concluded: Concluded | None = None
    asked: Asked | None = None
    """The question that waits for the data subject's answer."""
    identity_ok: bool = False
    handler: str | None = None
    confidential: bool = False
    human: bool = False
    """The data subject wants a person: no more automatic mail in this thread."""
    ever_complaint: bool = False
    closed: datetime | None = None
    how: str | None = None
    reopened: bool = False
    """Open again, and nobody has decided or concluded anything since."""

    @property
    def opened(self) -> Opened:
        """The first event."""
        first = self.events[0]
        assert isinstance(first, Opened)
        return first

    @property
    def state(self) -> State:
        """Closed, waiting for the data subject, unsure, or open."""
        if self.closed:
            return State.CLOSED
        if not self.certain:
            return State.UNSURE
        return State.WAITING if self.asked else State.OPEN

    @property
    def undecided(self) -> tuple[Right, ...]:
        """The rights on which nobody decided yet."""
        return tuple(right for right in self.rights if right not in self.decisions)

    @property
    def direct_marketing(self) -> bool:
        """Whether the request concerns advertising (GDPR art. 21(2)-(3))."""
        return Flag.DIRECT_MARKETING in self.flags

    def at_once(self, right: Right) -> bool:
        """Withdrawal of consent and objection to marketing are done at once, never weighed (art. 7(3), 21(3))."""
        return right is Right.WITHDRAW_CONSENT or (right is Right.OBJECTION and self.direct_marketing)

    @property
    def due_is(self) -> str:
        """`statutory`, `target` or `at once`: what kind of date `due` is."""
        if self.kind is Kind.REQUEST or not self.certain:
            only = self.certain and self.rights and all(self.at_once(right) for right in self.rights)
            return "at once" if only else "statutory"
        return "target"

    @property
    def confirmed(self) -> bool:
        """Whether the data subject has been told that the case exists (or would have been, in shadow mode)."""
        return any(
            letter.purpose is Purpose.CONFIRMATION and letter.stage not in (Stage.STOPPED, Stage.FAILED)
            for letter in self.letters
        )

    @property
    def pending(self) -> tuple[Letter, ...]:
        """Letters to people outside that are held or on their way."""
        return tuple(
            letter
            for letter in self.letters
            if letter.audience is not Audience.STAFF and letter.stage in (Stage.HELD, Stage.QUEUED, Stage.SENDING)
        )

    def letter(self, number: int) -> Letter:
        """The letter with this number; LookupError when there is none."""
        for letter in self.letters:
            if letter.number == number:
                return letter
        raise LookupError(f"{self.ref} has no letter {number}")

    def written(self, key: str, to: str | None = None) -> bool:
        """Whether the agenda's step `key` was already taken (for this address, or at all)."""
        return any(
            isinstance(event, Written) and event.key == key and to in (None, event.to) for event in self.events
        )

    @property
    def settled(self) -> How | None:
        """How the case will close once its letters have left; None while something is undecided."""
        if self.concluded:
            return self.concluded.how
        if self.reopened:
            return None
        is_request = self.certain and self.kind is Kind.REQUEST
        return "decided" if is_request and not self.undecided and not self.unsure_rights else None

    @property
    def restricted(self) -> bool:
        """Whether a granted restriction is in force: until the person was told that it ends (GDPR art. 18(3))."""
        decision = self.decisions.get(Right.RESTRICTION)
        if decision is None or decision.outcome == "refused":
            return False
        return not any(
            letter.purpose is Purpose.LIFTING
            and letter.number > decision.letter
            and letter.stage in (Stage.SENT, Stage.SHADOW)
            for letter in self.letters
        )

    def since(self, letter: int) -> tuple[Event, ...]:
        """What happened to the case after this letter was written."""
        for index, event in enumerate(self.events):
            if isinstance(event, Written) and event.letter == letter:
                return self.events[index + 1 :]
        return self.events

    @property
    def stuck(self) -> tuple[Letter, ...]:
        """Letters to people outside that do not leave unless a person does something."""
        return tuple(
            letter
            for letter in self.letters
            if letter.audience is not Audience.STAFF
            and (letter.stage is Stage.FAILED or (letter.stage is Stage.HELD and letter.release is None))
        )

    @property
    def untold(self) -> tuple[tuple[int, str], ...]:
        """The events of which staff must still be told: the index of each, and the key of the mail to them."""
        told = {event.key for event in self.events if isinstance(event, Written)}
        return tuple((index, key) for index, key in _news(self) if key not in told)

    @property
    def last_event(self) -> datetime:
        """When the case last changed."""
        return self.events[-1].at


def begin(ref: str, secret: str, opened: Opened) -> Case:
    """A new case from its first event."""
    return record(Case(ref, secret), opened)


def replay(ref: str, secret: str, events: Iterable[Event], letters: Iterable[Letter]) -> Case:
    """The case as its stored events and letters make it."""
    return reduce(_apply, events, Case(ref, secret, letters=tuple(letters)))


def record(case: Case, *events: Event) -> Case:
    """The case after these events."""
    return reduce(_apply, events, case)


def put(case: Case, letter: Letter) -> Case:
    """The case with this letter added, or in the place of its earlier self."""
    others = tuple(old for old in case.letters if old.number != letter.number)
    return replace(case, letters=tuple(sorted((*others, letter), key=lambda each: each.number)))


def write(case: Case, letter: Letter, now: datetime, key: str = "", by: str = BOT) -> Case:
    """The case with a letter stored and its writing recorded."""
    written = Written(at=now, by=by, letter=letter.number, purpose=letter.purpose, to=letter.to, key=key)
    return record(put(case, letter), written)


def next_number(case: Case) -> int:
    """The number that the case's next letter gets."""
    return max((letter.number for letter in case.letters), default=0) + 1


def _news(case: Case) -> Iterator[tuple[int, str]]:
    """What staff are told of, closed or not. That telling of a failure failed is no news: it would never end."""
    told_of_failures = {
        event.letter for event in case.events if isinstance(event, Written) and event.key.startswith("failed:")
    }
    for index, event in enumerate(case.events):
        match event:
            case Joined(reply=reply) if reply is not Reply.THANKS:
                yield index, f"joined:{index}"
            case LetterMoved(what="failed" | "bounced", letter=number) if number not in told_of_failures:
                yield index, f"failed:{number}:{index}"
            case Noted(what="refused_command" | "answered_elsewhere" | "capped" as what):
                yield index, f"{what}:{index}"
            case _:
                pass


def _apply(case: Case, event: Event) -> Case:
    case = replace(case, events=(*case.events, event))
    match event:
        case Opened():
            return _open(case, event)
        case Joined():
            return _join(case, event)
        case Relabelled(kind=kind, rights=rights):
            return replace(
                case, kind=kind, rights=rights, unsure_rights=(), certain=True,
                also=tuple(also for also in case.also if also is not kind),
                ever_complaint=case.ever_complaint or kind is Kind.COMPLAINT,
            )  # fmt: skip
        case Decided(right=right):
            return replace(case, decisions={**case.decisions, right: event}, asked=None, reopened=False)
        case Recipients(outcome=outcome):
            return replace(case, recipients=outcome)
        case Extended():
            return replace(case, extension=event)
        case Asked():
            return replace(case, asked=event)
        case Identified(name=name, address=address, identity=identity):
            return replace(
                case, name=name or case.name, address=address or case.address,
                identity_ok=case.identity_ok or identity, asked=None,
            )  # fmt: skip
        case Assigned(handler=handler):
            return replace(case, handler=handler)
        case Noted(what="confidential"):
            return replace(case, confidential=True)
        case Corrected(received=day):
            return replace(case, received_on=day)
        case Linked(ref=ref):
            return replace(case, related=tuple(dict.fromkeys((*case.related, ref))))
        case Concluded():
            return replace(case, concluded=event, asked=None, reopened=False)
        case Closed(how=how):
            return replace(case, closed=event.at, how=how, asked=None)
        case Reopened():
            return replace(case, closed=None, how=None, concluded=None, reopened=True)
        case LetterMoved(what="stopped", letter=number):
            return _undo(case, number)
        case Written() | LetterMoved() | Noted() | Redacted():
            return case


def _open(case: Case, event: Opened) -> Case:
    return replace(
        case,
        received=event.received, kind=event.kind, also=event.also, certain=event.certain,
        confidence=event.confidence, rights=event.rights, unsure_rights=event.unsure_rights,
        flags=event.flags, language=event.language, address=event.address, name=event.name,
        on_behalf_of=event.on_behalf_of, evidence=event.evidence, doubts=event.doubts,
        related=event.related, answerable=event.answerable,
        ever_complaint=event.kind is Kind.COMPLAINT or Kind.COMPLAINT in event.also,
    )  # fmt: skip


def _join(case: Case, event: Joined) -> Case:
    """A complaint about what was decided or concluded is not closed by it: its referral is still owed."""
    complaint = Kind.COMPLAINT in (event.kind, *event.also)
    late = complaint and bool(case.decisions or case.concluded) and not case.closed
    return replace(
        case,
        flags=tuple(dict.fromkeys((*case.flags, *event.flags))),
        doubts=tuple(dict.fromkeys((*case.doubts, *event.doubts))),
        name=case.name or event.name,
        asked=case.asked if event.automatic else None,
        human=case.human or event.reply in (Reply.HUMAN, Reply.MISUNDERSTOOD),
        ever_complaint=case.ever_complaint or complaint,
        concluded=None if late else case.concluded,
        reopened=case.reopened or late,
    )


def _undo(case: Case, number: int) -> Case:
    """What a letter would have told did not happen when the letter was stopped."""
    undone = case.concluded is not None and case.concluded.letter == number
    return replace(
        case,
        decisions={right: each for right, each in case.decisions.items() if each.letter != number},
        extension=None if case.extension and case.extension.letter == number else case.extension,
        concluded=None if undone else case.concluded,
        asked=None if case.asked and case.asked.letter == number else case.asked,
        reopened=case.reopened or (undone and any(isinstance(event, Reopened) for event in case.events)),
    )
