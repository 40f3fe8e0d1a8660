"""What is owed now: computed from the cases and the time at each sweep, never stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot import deadlines
from bot.cases import PASSED_ON, Case, State
from bot.config import Settings
from bot.deadlines import Calendar
from bot.events import BOT, SUBJECT, Joined, LetterMoved, Noted, Opened, Written
from bot.model import Audience, Letter, Stage
from classifiers.labels import Flag, Kind

ASK_AGAIN_AFTER = 5
"""Working days after which an unanswered question is put again, and again after which staff decide without it."""


class Do(StrEnum):
    """The kinds of step."""

    CLOSE = "close"
    RELEASE = "release"
    PASS_ON = "pass_on"  # noqa: S105
    NOTICE = "notice"
    JOINED = "joined"
    TASK = "task"
    REMIND = "remind"
    ESCALATE = "escalate"
    ASK_AGAIN = "ask_again"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do now. `key` names it in the case's history: it happens once for each address."""

    do: Do
    key: str = ""
    to: str = ""
    number: int = 0
    """The letter (release, task), the event (joined), or the days left (remind)."""
    why: str = ""
    """For staff: a code of `bot.notices`."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the agenda must know beside the case."""

    handlers: tuple[str, ...]
    """Those who are present."""
    escalate_to: str
    zone: ZoneInfo
    days: Calendar
    office_hours: tuple[time, time]
    remind_days_before: tuple[int, ...]
    target_days: int

    def office(self, now: datetime) -> bool:
        """Whether people are at work."""
        local = now.astimezone(self.zone)
        begin, end = self.office_hours
        return self.days.working(local.date()) and begin <= local.time() < end


def rules(settings: Settings, away: Sequence[str] = ()) -> Rules:
    """The rules as configured, without those who are away (unless all are)."""
    present = tuple(each for each in settings.staff.handlers if each not in away)
    return Rules(
        handlers=present or settings.staff.handlers,
        escalate_to=settings.staff.escalate_to,
        zone=settings.organisation.timezone,
        days=Calendar(settings.calendar.extra_holidays),
        office_hours=settings.staff.office_hours,
        remind_days_before=settings.staff.remind_days_before,
        target_days=settings.staff.target_days,
    )


def owed(case: Case, now: datetime, rules: Rules) -> tuple[Step, ...]:
    """What must happen to this case now, in order. Outside office hours only what cannot wait."""
    steps = [*_assignment(case, rules), *_letters(case, now), *_leak(case, rules)]
    if rules.office(now):
        steps += [*_people(case, rules), *_questions(case, now, rules), *_clock(case, now, rules)]
    return tuple(step for step in steps if not step.key or not case.written(step.key, step.to or None))


def due(case: Case, rules: Rules) -> date:
    """The date that staff are steered to: the unshifted statutory day, the target day, or the day of receipt."""
    received = deadlines.receipt_day(case, rules.zone)
    if case.due_is == "target":
        return rules.days.next_working(received + timedelta(days=rules.target_days))
    if case.due_is == "at once":
        return received
    dates = deadlines.compute(received, rules.days)
    return dates.extended_unshifted if case.extension else dates.due_unshifted


def last_day(case: Case, rules: Rules) -> date:
    """The legal last day for a request, as extended; for the rest, the day staff are steered to."""
    if case.due_is == "target":
        return due(case, rules)
    dates = deadlines.of_case(case, rules.days, rules.zone)
    return dates.extended_due if case.extension else dates.due


def handler(case: Case, rules: Rules) -> str:
    """Who handles the case: as assigned when present, else shared out evenly by case number."""
    if case.handler in rules.handlers:
        return str(case.handler)
    return rules.handlers[int(case.ref.rpartition("-")[2]) % len(rules.handlers)]


def _assignment(case: Case, rules: Rules) -> Iterator[Step]:
    """Every open case has a handler who is there."""
    if not case.closed and case.handler != (who := handler(case, rules)):
        yield Step(Do.PASS_ON, to=who)


def _letters(case: Case, now: datetime) -> Iterator[Step]:
    for letter in case.letters:
        if letter.stage is Stage.HELD and letter.release and letter.release <= now:
            yield Step(Do.RELEASE, number=letter.number)
    blocked = any(
        letter.audience is not Audience.STAFF
        and letter.stage in (Stage.HELD, Stage.QUEUED, Stage.SENDING, Stage.FAILED)
        for letter in case.letters
    )
    if case.settled and not case.closed and not blocked:
        yield Step(Do.CLOSE)


def _leak(case: Case, rules: Rules) -> Iterator[Step]:
    """A reported leak cannot wait for the morning: the controller has 72 hours (GDPR art. 33)."""
    if Flag.BREACH in case.flags:
        for to in dict.fromkeys((*rules.handlers, rules.escalate_to)):
            yield Step(Do.NOTICE, "breach", to)


def _people(case: Case, rules: Rules) -> Iterator[Step]:
    """A notice to each handler; then what happened since, once, to the one who handles the case at that moment."""
    who = handler(case, rules)
    if not case.closed:
        yield from _notices(case, rules)
    for index, key in case.untold:
        match case.events[index]:
            case Joined(urgent=urgent):
                yield Step(Do.JOINED, key, who, index)
                if urgent:
                    yield Step(Do.TASK, f"urgent:{index}", who, why="urgent")
            case LetterMoved(letter=number):
                yield Step(Do.TASK, key, _reachable(case.letter(number), who, rules), number, "failed")
            case Noted(what="refused_command", by=giver):
                for to in dict.fromkeys((who, *({giver} & set(rules.handlers)))):
                    yield Step(Do.TASK, key, to, index, "refused_command")
            case Noted(what=what):
                yield Step(Do.TASK, key, who, index, what)


def _reachable(failed: Letter, who: str, rules: Rules) -> str:
    """Who is told of a letter that did not arrive: not the one whom it did not reach, if there is another."""
    others = (each for each in (who, rules.escalate_to, *rules.handlers) if each != failed.to)
    return next(others, who)


def _notices(case: Case, rules: Rules) -> Iterator[Step]:
    urgent = (rules.escalate_to,) if Flag.SUPERVISOR in case.flags else ()
    for to in dict.fromkeys((*rules.handlers, *urgent)):
        if not case.written("breach", to):
            yield Step(Do.NOTICE, "notice", to)


def _questions(case: Case, now: datetime, rules: Rules) -> Iterator[Step]:
    """Ask again for what we asked, once; then a person decides on what is known."""
    asked = case.asked
    if case.closed or asked is None:
        return
    today = now.astimezone(rules.zone).date()
    first = rules.days.add(asked.at.astimezone(rules.zone).date(), ASK_AGAIN_AFTER)
    if today >= first and not (case.human or case.settled or case.stuck):
        yield Step(Do.ASK_AGAIN, f"again:{asked.letter}", case.address)
    if today >= rules.days.add(first, ASK_AGAIN_AFTER):
        yield Step(Do.TASK, f"decide:{asked.letter}", handler(case, rules), why="unanswered")


def _clock(case: Case, now: datetime, rules: Rules) -> Iterator[Step]:
    if case.closed or (case.settled and not case.stuck):
        return
    today = now.astimezone(rules.zone).date()
    yield from _soon(case, today, rules)
    end, who = due(case, rules), handler(case, rules)
    if case.due_is == "at once":
        return
    if today > last_day(case, rules):
        for to in dict.fromkeys((rules.escalate_to, who)):
            yield Step(Do.ESCALATE, f"late:{end}", to, why="late")
    elif today > end:
        for to in dict.fromkeys((rules.escalate_to, who)):
            yield Step(Do.ESCALATE, f"overdue:{end}", to, why="overdue")
    else:
        yield from _reminders(case, today, end, rules)


def _soon(case: Case, today: date, rules: Rules) -> Iterator[Step]:
    """What needs a person within one working day: unsure cases, and what must be done at once."""
    received = deadlines.receipt_day(case, rules.zone)
    if case.state is State.UNSURE:
        key = "unsure"
    elif any(case.at_once(right) for right in case.undecided):
        key = "at_once"
    else:
        return
    if today >= rules.days.add(received, 2):
        yield Step(Do.ESCALATE, f"{key}:late", rules.escalate_to, why=key)
    if today >= rules.days.add(received, 1):
        yield Step(Do.TASK, key, handler(case, rules), why=key)


def _reminders(case: Case, today: date, end: date, rules: Rules) -> Iterator[Step]:
    """The most urgent reminder that is due; those it overtakes are not sent any more."""
    passed = [n for n in rules.remind_days_before if today >= _reminder_day(n, end, case, rules)]
    if not passed:
        return
    left = min(passed)
    key = f"remind:{end}:{left}"
    if _unheeded(case, end) and not case.written(key):
        yield Step(Do.ESCALATE, f"missed:{end}:{left}", rules.escalate_to, why="missed")
    yield Step(Do.REMIND, key, handler(case, rules), number=(end - today).days)


def _reminder_day(n: int, end: date, case: Case, rules: Rules) -> date:
    """The working day on or before `n` days before the end, but never on the day of receipt."""
    day = rules.days.previous_working(end - timedelta(days=n))
    return max(day, deadlines.receipt_day(case, rules.zone) + timedelta(days=1))


def _unheeded(case: Case, end: date) -> bool:
    """Whether a reminder for this date was sent and no person has done anything since."""
    sent = [
        index
        for index, event in enumerate(case.events)
        if isinstance(event, Written) and event.key.startswith(f"remind:{end}:")
    ]
    return bool(sent) and not any(event.by not in (BOT, SUBJECT) for event in case.events[sent[-1] :])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the digest."""

    ref: str
    kind: str
    date: date | None
    next_step: str
    """A code of `bot.notices`."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What staff must know today, section by section; sections hold references, never names or words of mails."""

    today: date
    overdue: tuple[Line, ...] = ()
    soon: tuple[Line, ...] = ()
    waiting: tuple[Line, ...] = ()
    unsure: tuple[Line, ...] = ()
    new: tuple[Line, ...] = ()
    restricted: tuple[Line, ...] = ()
    held: tuple[str, ...] = ()
    """Ids of mail that could not be handled."""
    failures: tuple[Line, ...] = ()
    """Cases with a letter that could not be delivered."""
    coming: tuple[tuple[date, int], ...] = ()
    """Deadlines ahead: the day and how many end on it."""
    open_cases: int = 0
    decree_days_end: bool = False
    """The list of decree days does not reach the coming year."""

    @property
    def things(self) -> int:
        """How many things need a person today."""
        return len(
            {line.ref for line in (*self.overdue, *self.soon, *self.unsure, *self.new, *self.failures)}
        ) + len(self.held)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.things or self.waiting or self.restricted or self.decree_days_end)


SOON = timedelta(days=7)


def digest(cases: Sequence[Case], held: Sequence[str], now: datetime, rules: Rules) -> Digest:
    """The digest over all cases that are open or still have something to do."""
    today = now.astimezone(rules.zone).date()
    ends = {case.ref: due(case, rules) for case in cases}
    live = sorted((case for case in cases if not case.closed), key=lambda case: (ends[case.ref], case.ref))

    def lines(*chosen: Case) -> tuple[Line, ...]:
        return tuple(Line(each.ref, each.kind, ends[each.ref], next_step(each)) for each in chosen)

    acting = [case for case in live if not case.settled or case.stuck]
    late = [case for case in acting if ends[case.ref] < today]
    soon = [case for case in acting if today <= ends[case.ref] <= today + SOON]
    ahead = sorted({ends[case.ref] for case in acting if ends[case.ref] >= today})
    return Digest(
        today=today,
        overdue=lines(*late),
        soon=lines(*soon),
        waiting=lines(*(case for case in live if case.state is State.WAITING)),
        unsure=lines(*(case for case in live if case.state is State.UNSURE)),
        new=lines(*(case for case in live if _fresh(case, now))),
        restricted=lines(*(case for case in cases if case.restricted)),
        held=tuple(held),
        failures=lines(*(case for case in cases if any(each.stage is Stage.FAILED for each in case.letters))),
        coming=tuple((day, sum(ends[case.ref] == day for case in acting)) for day in ahead[:14]),
        open_cases=len(live),
        decree_days_end=not rules.days.reaches(today.year + 1),
    )


def next_step(case: Case) -> str:
    """What a person does next with this case, as a code of `bot.notices`."""
    if any(each.stage is Stage.FAILED for each in case.letters):
        return "redeliver"
    if case.closed:
        return "lift" if case.restricted else "nothing"
    if case.state is State.UNSURE:
        return "label"
    if any(each.stage is Stage.HELD and each.release is None for each in case.letters):
        return "send"
    if case.settled:
        return "nothing"
    if case.kind is not Kind.REQUEST:
        return "close"
    if case.unsure_rights:
        return "label_rights"
    needs_recipients = PASSED_ON & set(case.undecided)
    return "recipients" if needs_recipients and not case.recipients else "decide"


def _fresh(case: Case, now: datetime) -> bool:
    opened = case.events[0]
    return isinstance(opened, Opened) and now - opened.at < timedelta(days=1)
