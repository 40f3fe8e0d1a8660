"""The register: what was written is found again, whatever happens between two writes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cases import Case, put, record
from bot.errors import Damaged
from bot.events import BOT, SUBJECT, Closed, Decided, Joined, LetterMoved, Noted, Reopened, Source, Written
from bot.model import Audience, Purpose, Stage
from bot.register import Register
from classifiers.labels import Kind, Right
from tests.desk import ANNA, JAN, NOW, case_of, notice

REF = "WKM-2026-0001"


def closed(case: Case) -> Case:
    """The case, ended."""
    return record(case, Closed(at=NOW, by=BOT, how="answered"))


def files(folder: Path) -> list[str]:
    """Where the cases are."""
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/**/WKM-*.json"))


def test_a_case_is_read_back_as_it_was(tmp_path: Path) -> None:
    """A saved case has the same events, letters and secret after a restart."""
    case, _ = notice(case_of())
    Register(tmp_path).save(case)
    assert Register(tmp_path).get(REF) == case


def test_a_reference_is_given_once(tmp_path: Path) -> None:
    """References count on after a restart, and step over a case that exists although the counter was lost."""
    register = Register(tmp_path)
    assert [register.new_ref(NOW), Register(tmp_path).new_ref(NOW)] == [REF, "WKM-2026-0002"]
    register.save(case_of())
    (tmp_path / "counter.json").unlink()
    assert register.new_ref(NOW) == "WKM-2026-0002"


def test_a_closed_case_moves_to_its_year(tmp_path: Path) -> None:
    """A closed case leaves the open ones, is still found by number, and its mail is still known."""
    register = Register(tmp_path)
    register.save(closed(case_of()))
    assert files(tmp_path) == [f"closed/2026/{REF}.json"]
    again = Register(tmp_path)
    assert not again.open_cases()
    assert again.get(REF) is not None
    assert again.of_mail("<a@mail.example>", "d") == REF
    assert again.of_mail("<a@mail.example>", "other") is None
    assert again.of_message_id("<a@mail.example>") == REF
    assert again.known_address(JAN)


def test_the_traces_outlive_the_case(tmp_path: Path) -> None:
    """After a case is removed its mail is still known, so that nothing is answered twice."""
    register = Register(tmp_path)
    case = register.save(closed(case_of()))
    register.remove(case)
    assert files(tmp_path) == []
    assert Register(tmp_path).of_mail("<a@mail.example>", "d") == REF
    kept = "".join(path.read_text() for path in (tmp_path / "traces").glob("*/*"))
    assert JAN not in kept


def test_a_reopened_case_is_open_only(tmp_path: Path) -> None:
    """Reopening moves a case back; there is one file of it."""
    register = Register(tmp_path)
    case = register.save(closed(case_of()))
    register.save(record(case, Reopened(at=NOW, by=ANNA)))
    assert files(tmp_path) == [f"open/{REF}.json"]


def test_a_crash_between_writing_and_moving_is_mended(tmp_path: Path) -> None:
    """Where a crash left two files of a case, the one among the open cases counts, and one file remains."""
    register = Register(tmp_path)
    old = register.save(closed(case_of()))
    leftover = (tmp_path / "closed/2026" / f"{REF}.json").read_bytes()
    register.save(record(old, Reopened(at=NOW, by=ANNA)))
    (tmp_path / "closed/2026" / f"{REF}.json").write_bytes(leftover)
    again = Register(tmp_path)
    assert list(again.closed_cases()) == []
    again.tidy()
    assert files(tmp_path) == [f"open/{REF}.json"]
    (tmp_path / "open" / f"{REF}.json").write_bytes(leftover)
    last = Register(tmp_path)
    last.tidy()
    assert files(tmp_path) == [f"closed/2026/{REF}.json"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"_default": {"1": {"ref": "x"}}}'])
def test_a_damaged_case_is_named(tmp_path: Path, content: bytes) -> None:
    """A case file that cannot be read is never passed over: it is named, with what to do."""
    Register(tmp_path).save(case_of())
    (tmp_path / "open" / f"{REF}.json").write_bytes(content)
    with pytest.raises(Damaged, match=rf"{REF}.*backup"):
        Register(tmp_path)


def _joined() -> Joined:
    source = Source(digest="e", message_id="<b@mail.example>")
    return Joined(at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, reply=None, source=source)


def test_a_closed_case_waits_until_staff_were_told(tmp_path: Path) -> None:
    """What came into a closed case keeps it among the open ones until staff were written to about it."""
    register = Register(tmp_path)
    case = register.save(closed(record(case_of(), _joined())))
    assert register.open_cases() == (case,)
    told = record(case, Written(at=NOW, by=BOT, letter=9, purpose=Purpose.NOTICE, to=ANNA, key="joined:1"))
    register.save(told)
    assert not register.open_cases()


def test_a_closed_case_with_a_returned_letter_stays(tmp_path: Path) -> None:
    """A closing letter that came back leaves its case with the open ones, where the digest sees it."""
    case, number = notice(case_of(), to=JAN)
    letter = replace(case.letter(number), audience=Audience.SUBJECT, stage=Stage.FAILED)
    moved = LetterMoved(what="bounced", at=NOW, by=BOT, letter=number)
    register = Register(tmp_path)
    case = register.save(closed(record(put(case, letter), moved)))
    assert register.open_cases() == (case,)


def test_a_restriction_in_force_stays(tmp_path: Path) -> None:
    """A closed case with a granted restriction stays until the restriction was lifted."""
    decided = Decided(at=NOW, by=ANNA, right=Right.RESTRICTION, outcome="granted", letter=1)
    case = closed(record(case_of(rights=(Right.RESTRICTION,)), decided))
    register = Register(tmp_path)
    register.save(case)
    assert register.open_cases() == (case,)


def test_nobody_shares_an_empty_address(tmp_path: Path) -> None:
    """Cases without a usable sender are not taken for cases of one person."""
    register = Register(tmp_path)
    register.save(case_of(address=""))
    assert register.of_address("") == ()


def test_an_unclosed_command_leaves_its_trace(tmp_path: Path) -> None:
    """A staff mail that was heard is known by id and content, so that its second copy commands nothing."""
    heard = Noted(what="command", at=NOW, by=ANNA, trace=("<c@staff.example>", "f"))
    register = Register(tmp_path)
    register.save(record(case_of(), heard))
    assert register.of_mail("<c@staff.example>", "f") == REF


def test_the_caps_count_a_day(tmp_path: Path) -> None:
    """The limits for one sender and for the day hold across restarts, and begin anew the next day."""
    register, today = Register(tmp_path), NOW.date()
    for _ in range(3):
        assert register.may_send(JAN, today, 3, 10)
        register.count(JAN, today)
    again = Register(tmp_path)
    assert not again.may_send(JAN, today, 3, 10)
    assert again.may_send("eva@mail.example", today, 3, 10)
    assert not again.may_send("eva@mail.example", today, 3, 3)
    assert again.may_send(JAN, today + timedelta(days=1), 3, 10)
    assert JAN not in (tmp_path / "sent.json").read_text()


def test_absence_ends(tmp_path: Path) -> None:
    """Somebody is away up to and including the day they named."""
    register = Register(tmp_path)
    register.set_away(ANNA, NOW.date())
    assert register.away(NOW.date()) == (ANNA,)
    assert register.away(NOW.date() + timedelta(days=1)) == ()
