"""Our own account of the mailbox."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import Damaged
from bot.ledger import RETRY_AFTER, Ledger, Progress
from bot.model import Place, Raw
from tests.desk import NOW


def raw(folder: str = "INBOX", uid: int = 7) -> Raw:
    """A mail in the mailbox."""
    return Raw(Place(folder, 1, uid), NOW, b"From: a\r\n\r\n\xff")


def test_progress_is_kept_for_each_folder(tmp_path: Path) -> None:
    """How far a folder was read survives a restart, also where two names differ only in case or slashes."""
    names = ("INBOX", "Inbox", "a/b", "a_b", "Verzonden items")
    ledger = Ledger(tmp_path)
    for uid, name in enumerate(names, 1):
        ledger.advance(name, Progress(5, uid, NOW))
    assert [Ledger(tmp_path).progress(name) for name in names] == [
        Progress(5, uid, NOW) for uid in range(1, len(names) + 1)
    ]
    assert ledger.progress("new") is None


def test_held_mail_is_tried_a_bounded_number_of_times(tmp_path: Path) -> None:
    """Held mail keeps its bytes and its first moment; each failure puts off the next try, until the last."""
    ledger = Ledger(tmp_path)
    for number, wait in enumerate(RETRY_AFTER, 1):
        held = ledger.hold(raw(), "unreadable", NOW + timedelta(days=number))
        assert (held.attempts, held.retry) == (number, NOW + timedelta(days=number) + wait)
    last = ledger.hold(raw(), "unreadable", NOW + timedelta(days=9))
    assert last.retry is None
    assert last.since == NOW + timedelta(days=1)
    again = Ledger(tmp_path)
    assert again.held() == (last,)
    assert again.content(last) == raw()


def test_mails_of_two_folders_are_held_apart(tmp_path: Path) -> None:
    """The same UID in another folder is another mail."""
    ledger = Ledger(tmp_path)
    ledger.hold(raw("INBOX"), "x", NOW)
    ledger.hold(raw("Junk"), "x", NOW)
    assert len(ledger.held()) == 2


def test_what_was_let_go_is_gone(tmp_path: Path) -> None:
    """Nothing of a mail that was dealt with stays."""
    ledger = Ledger(tmp_path)
    held = ledger.hold(raw(), "x", NOW)
    ledger.let_go(held)
    assert ledger.find(held.id) is None
    assert list((tmp_path / "held").iterdir()) == []


@pytest.mark.parametrize("name", ["../key", "", "a/b", "."])
def test_an_id_is_no_path(tmp_path: Path, name: str) -> None:
    """Only an id of ours is looked up."""
    assert Ledger(tmp_path).find(name) is None


def test_a_damaged_account_is_an_error(tmp_path: Path) -> None:
    """Progress that cannot be read is never taken for a first start."""
    ledger = Ledger(tmp_path)
    ledger.advance("INBOX", Progress(5, 1, NOW))
    next((tmp_path / "progress").glob("*.json")).write_bytes(b"")
    with pytest.raises(Damaged, match="backup"):
        ledger.progress("INBOX")
