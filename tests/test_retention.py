"""Nothing is kept longer than configured, and nothing that still has a purpose is removed."""

from datetime import datetime, timedelta
from pathlib import Path

from bot import retention
from bot.cases import Case, record
from bot.events import BOT, Closed, Decided
from bot.register import Register
from classifiers.labels import Right
from tests.desk import ANNA, NOW, case_of, notice, settings

REF = "WKM-2026-0001"


def register_with(folder: Path, *cases: Case) -> Register:
    """A register that holds these cases."""
    register = Register(folder)
    for case in cases:
        register.save(case)
    return register


def closed(case: Case, at: datetime = NOW) -> Case:
    """The case, ended then."""
    return record(case, Closed(at=at, by=BOT, how="answered"))


def test_texts_go_first(tmp_path: Path) -> None:
    """After `raw_text_days` the words of mail and letters are gone, and what happened is still there."""
    case, _ = notice(case_of())
    register = register_with(tmp_path, closed(case))
    later = NOW + timedelta(days=91)
    assert retention.purge(register, settings(), later) == [f"{REF}: texts removed"]
    left = Register(tmp_path).get(REF)
    assert left is not None
    assert left.closed == NOW
    assert (left.opened.source.text, left.opened.source.subject, left.letters[0].raw) == ("", "", "")
    assert "Graag inzage" not in (tmp_path / "closed/2026" / f"{REF}.json").read_text()
    assert retention.purge(register, settings(), later) == [], "once is enough"


def test_then_the_case(tmp_path: Path) -> None:
    """After `closed_case_days` the case is gone."""
    register = register_with(tmp_path, closed(case_of()))
    later = NOW + timedelta(days=731)
    assert retention.purge(register, settings(), later) == [f"{REF}: removed"]
    assert Register(tmp_path).get(REF) is None


def test_a_rehearsal_removes_nothing(tmp_path: Path) -> None:
    """`--dry-run` says the same and changes nothing."""
    register = register_with(tmp_path, closed(case_of()))
    later = NOW + timedelta(days=731)
    assert retention.purge(register, settings(), later, dry_run=True) == [f"{REF}: removed"]
    assert Register(tmp_path).get(REF) is not None


def test_open_and_restricted_cases_stay(tmp_path: Path) -> None:
    """An open case, and a closed one whose restriction is in force, are never purged."""
    decided = Decided(at=NOW, by=ANNA, right=Right.RESTRICTION, outcome="granted", letter=1)
    restricted = closed(record(case_of("WKM-2026-0002", rights=(Right.RESTRICTION,)), decided))
    register = register_with(tmp_path, case_of(), restricted)
    assert retention.purge(register, settings(), NOW + timedelta(days=5000)) == []
