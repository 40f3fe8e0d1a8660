"""What is owed, and when: reminders, escalations, the letters that leave, the case that closes, the digest."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import agenda
from bot.agenda import Do, Rules, Step
from bot.cases import Case, put, record, write
from bot.events import (
    BOT,
    SUBJECT,
    Assigned,
    Closed,
    Concluded,
    Decided,
    Extended,
    Joined,
    LetterMoved,
    Source,
    Written,
)
from bot.model import Audience, Letter, Purpose, Stage
from classifiers.labels import Flag, Kind, Reply, Right
from tests.desk import ANNA, JAN, NOW, PIET, RECEIVED, case_of, notice, settings

BOSS = "chef@staff.example"
RULES = agenda.rules(settings())
ZONE = ZoneInfo("Europe/Amsterdam")


def assigned(case: Case, to: str = ANNA) -> Case:
    """The case with its handler, and both handlers told of it."""
    case = record(case, Assigned(at=RECEIVED, by=BOT, handler=to))
    for each in (ANNA, PIET):
        case, _ = notice(case, each)
    return case


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in Amsterdam."""
    return datetime.combine(day, time(hour, minute), ZONE)


def owed(case: Case, now: datetime, rules: Rules = RULES) -> list[tuple[Do, str, str]]:
    """The steps, briefly."""
    return [(step.do, step.key, step.to) for step in agenda.owed(case, now, rules)]


def taken(case: Case, step: Step, now: datetime) -> Case:
    """The case after this step was taken."""
    return record(case, Written(at=now, by=BOT, letter=90, purpose=Purpose.REMINDER, to=step.to, key=step.key))


def outside(case: Case, stage: Stage, release: datetime | None = None) -> Case:
    """The case with a decision on every right, whose letter is at this stage."""
    letter = Letter(
        number=50, purpose=Purpose.DECISION, audience=Audience.SUBJECT, to=JAN, subject="s", text="t", raw="r",
        message_id="<x@wkm.example>", created=NOW, stage=stage, release=release,
    )  # fmt: skip
    decided = [Decided(at=NOW, by=ANNA, right=right, outcome="refused", letter=50) for right in case.rights]
    return record(write(case, letter, NOW, by=ANNA), *decided)


def test_a_new_case_gets_a_handler_and_notices() -> None:
    """Each handler is told of a new case in office hours; who handles it is settled at any hour."""
    case = case_of()
    night, morning = at(date(2026, 4, 2), 23), at(date(2026, 4, 7))
    assert [do for do, _, _ in owed(case, night)] == [Do.PASS_ON]
    assert {(key, to) for do, key, to in owed(case, morning) if do is Do.NOTICE} == {
        ("notice", ANNA),
        ("notice", PIET),
    }


@pytest.mark.parametrize(
    ("day", "hour", "minute", "open_"),
    [
        (date(2026, 4, 7), 7, 59, False),
        (date(2026, 4, 7), 8, 0, True),
        (date(2026, 4, 7), 17, 59, True),
        (date(2026, 4, 7), 18, 0, False),
        (date(2026, 4, 6), 10, 0, False),
        (date(2026, 4, 11), 10, 0, False),
        (date(2026, 3, 30), 8, 0, True),
        (date(2026, 10, 26), 8, 0, True),
        (date(2026, 5, 15), 10, 0, False),
    ],
)
def test_office_hours(day: date, hour: int, minute: int, open_: bool) -> None:
    """Office hours hold in local time on working days, also after the clock was changed."""
    assert RULES.office(at(day, hour, minute).astimezone(UTC)) is open_


def test_each_reminder_once_and_the_latest_only() -> None:
    """After downtime one reminder comes, the most urgent; each comes once."""
    case = assigned(case_of(received=at(date(2026, 3, 2))))
    # The date is 2 April; 14 days before is 19 March.
    assert owed(case, at(date(2026, 3, 18))) == []
    first = agenda.owed(case, at(date(2026, 3, 19)), RULES)
    assert [(step.do, step.key, step.to) for step in first] == [(Do.REMIND, "remind:2026-04-02:14", ANNA)]
    case = taken(case, first[0], at(date(2026, 3, 19)))
    assert owed(case, at(date(2026, 3, 20))) == []
    late = owed(case, at(date(2026, 3, 31)))
    assert [key for _, key, _ in late] == ["missed:2026-04-02:3", "remind:2026-04-02:3"]
    assert late[0][2] == BOSS


def test_a_person_who_acts_is_not_reported() -> None:
    """When somebody did something after a reminder, the next one is not escalated."""
    case = assigned(case_of(received=at(date(2026, 3, 2))))
    now = at(date(2026, 3, 19))
    case = taken(case, agenda.owed(case, now, RULES)[0], now)
    case = record(case, Assigned(at=now, by=ANNA, handler=ANNA))
    assert [key for _, key, _ in owed(case, at(date(2026, 3, 26)))] == ["remind:2026-04-02:7"]


def test_past_the_dates_everyone_hears() -> None:
    """Past the day that was promised, and past the legal last day, handler and boss hear of it, once for each."""
    case = assigned(case_of(received=at(date(2026, 1, 31))))
    # Promised 28 February, a Saturday; the legal last day is Monday 2 March.
    assert owed(case, at(date(2026, 3, 2))) == [
        (Do.ESCALATE, "overdue:2026-02-28", BOSS),
        (Do.ESCALATE, "overdue:2026-02-28", ANNA),
    ]
    assert [key for _, key, _ in owed(case, at(date(2026, 3, 3)))] == ["late:2026-02-28"] * 2


def test_an_extension_moves_the_reminders() -> None:
    """After an extension the new date counts, and reminders of the old one end."""
    case = assigned(case_of(received=at(date(2026, 3, 2))))
    case = record(case, Extended(at=NOW, by=ANNA, ground="complexity", letter=50))
    assert owed(case, at(date(2026, 4, 3))) == []
    assert agenda.due(case, RULES) == date(2026, 6, 2)
    assert [key for _, key, _ in owed(case, at(date(2026, 6, 1)))] == ["remind:2026-06-02:1"]


def test_unsure_cases_need_a_person_within_a_working_day() -> None:
    """An unsure case is a task the next working day, and the boss's the day after."""
    case = assigned(case_of(received=at(date(2026, 4, 2)), certain=False))
    # Good Friday and Easter lie in between.
    assert owed(case, at(date(2026, 4, 3))) == []
    assert owed(case, at(date(2026, 4, 7))) == [(Do.TASK, "unsure", ANNA)]
    assert (Do.ESCALATE, "unsure:late", BOSS) in owed(case, at(date(2026, 4, 8)))


def test_what_is_due_at_once_is_asked_after_the_next_day() -> None:
    """A withdrawal of consent is a task after one working day, with no month to wait."""
    case = assigned(case_of(received=at(date(2026, 4, 8)), rights=(Right.WITHDRAW_CONSENT,)))
    assert owed(case, at(date(2026, 4, 8), 17)) == []
    assert owed(case, at(date(2026, 4, 9))) == [(Do.TASK, "at_once", ANNA)]


def test_a_leak_is_told_at_any_hour() -> None:
    """A reported leak goes to all handlers and the boss at night, also when it came into a closed case."""
    case = case_of(flags=(Flag.BREACH,))
    night = at(date(2026, 4, 5), 3)
    told = [to for do, key, to in owed(case, night) if key == "breach"]
    assert told == [ANNA, PIET, BOSS]
    closed = record(case_of(), Closed(at=NOW, by=BOT, how="decided"))
    leak = Joined(
        at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, reply=None, flags=(Flag.BREACH,),
        source=Source(digest="e"),
    )  # fmt: skip
    assert [to for _, key, to in owed(record(closed, leak), night) if key == "breach"] == [ANNA, PIET, BOSS]


def test_whoever_is_away_passes_cases_on() -> None:
    """A case of somebody who is away goes to a colleague, who does not get its old news again."""
    case = assigned(case_of())
    joined = Joined(at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, reply=None, source=Source(digest="e"))
    case = record(case, joined)
    index = len(case.events) - 1
    case, _ = notice(case, ANNA, f"joined:{index}")
    away = agenda.rules(settings(), (ANNA,))
    now = at(date(2026, 4, 7))
    assert owed(case, now, away) == [(Do.PASS_ON, "", PIET)]
    passed = record(case, Assigned(at=NOW, by=BOT, handler=PIET))
    assert owed(passed, now, away) == []


def test_thanks_are_no_news() -> None:
    """A thank-you is kept and nobody is written to."""
    thanks = Joined(
        at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, reply=Reply.THANKS, source=Source(digest="e")
    )
    assert owed(record(assigned(case_of()), thanks), at(date(2026, 4, 7))) == []


def test_a_held_letter_leaves_at_its_time_and_then_the_case_closes() -> None:
    """A letter is released when its time has come, at any hour; the case closes when it has left, not before."""
    night = at(date(2026, 4, 7), 22)
    case = outside(assigned(case_of()), Stage.HELD, night)
    assert owed(case, night - timedelta(minutes=1)) == []
    assert [do for do, _, _ in owed(case, night)] == [Do.RELEASE]
    for stage in (Stage.QUEUED, Stage.SENDING, Stage.FAILED):
        assert owed(put(case, replace(case.letter(50), stage=stage, release=None)), night) == []
    for stage in (Stage.SENT, Stage.SHADOW):
        gone = put(case, replace(case.letter(50), stage=stage, release=None))
        assert [do for do, _, _ in owed(gone, night)] == [Do.CLOSE]


@pytest.mark.parametrize("stage", [Stage.HELD, Stage.FAILED])
def test_a_decision_that_did_not_leave_keeps_the_clock(stage: Stage) -> None:
    """A decision whose letter waits for a person is reminded of and stands in the digest."""
    case = outside(assigned(case_of(received=at(date(2026, 3, 2)))), stage)
    now = at(date(2026, 4, 1))
    assert (Do.REMIND, "remind:2026-04-02:1", ANNA) in owed(case, now)
    assert [line.ref for line in agenda.digest([case], [], now, RULES).soon] == [case.ref]


def test_a_complaint_after_the_conclusion_reopens_it() -> None:
    """A complaint that comes while the closing letter is on its way keeps the case open."""
    case = outside(assigned(case_of()), Stage.SENT)
    complaint = Joined(
        at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, also=(Kind.COMPLAINT,), reply=None,
        source=Source(digest="e"),
    )  # fmt: skip
    assert Do.CLOSE in [do for do, _, _ in owed(case, NOW)]
    assert Do.CLOSE not in [do for do, _, _ in owed(record(case, complaint), NOW)]
    question = record(assigned(case_of(kind=Kind.QUESTION, rights=())), Concluded(at=NOW, by=ANNA, how="answered"))
    assert Do.CLOSE in [do for do, _, _ in owed(question, NOW)]
    assert Do.CLOSE not in [do for do, _, _ in owed(record(question, complaint), NOW)]


def test_a_failed_letter_is_told_to_somebody_else() -> None:
    """A staff letter that did not arrive is told to another person; that this failed too is told to nobody."""
    case, number = notice(assigned(case_of()), ANNA)
    case = record(case, LetterMoved(what="failed", at=NOW, by=BOT, letter=number))
    now = at(date(2026, 4, 7))
    index = len(case.events) - 1
    assert owed(case, now) == [(Do.TASK, f"failed:{number}:{index}", BOSS)]
    case, last = notice(case, BOSS, f"failed:{number}:{index}")
    case = record(case, LetterMoved(what="failed", at=NOW, by=BOT, letter=last))
    assert owed(case, now) == []


def test_the_digest_counts_each_case_once() -> None:
    """A case stands in every section that fits, counts once, and closed ones are left out."""
    now = at(date(2026, 4, 7))
    old = assigned(case_of(received=at(date(2026, 2, 2))))
    unsure = assigned(case_of("WKM-2026-0002", received=at(date(2026, 4, 7)), at=now, certain=False))
    found = agenda.digest([old, unsure], ["a1"], now, RULES)
    assert [line.ref for line in found.overdue] == [old.ref]
    assert [line.ref for line in found.unsure] == [line.ref for line in found.new] == [unsure.ref]
    assert found.things == 3
    assert not found.empty
    assert agenda.digest([], [], now, RULES).empty
