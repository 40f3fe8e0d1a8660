"""What staff correct is learnt from only where that is switched on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import Retention
from bot.requests import Request
from bot.retention import purge
from tests.desk import settings
from tests.fakes import Office, office
from tests.post import mail

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
TEXT = "Misschien moet u mij, Jan Jansen, even bellen op 06-12345678 over mijn foto."


async def corrected(folder: Path, keep: bool) -> Office:
    """The firm after a colleague said that a mail was a complaint."""
    chosen = settings()
    learning = chosen.learning.model_copy(update={"keep_corrections": keep})
    imap = chosen.imap.model_copy(update={"start": "all"})
    shop = office(chosen.model_copy(update={"learning": learning, "imap": imap}), folder, NOW)
    shop.put(mail("Jan Jansen <jan@mail.example>", "Foto", TEXT, NOW).as_bytes())
    await shop.once()
    request = Request("1", "act", {"ref": "WKM-2026-0001", "text": "soort klacht", "giver": "console"})
    answer = await shop.service.obey(request)
    assert answer.done, answer.said
    assert ("[NAME]" in answer.said) == keep, "the person who corrected sees what was kept"
    return shop


@pytest.mark.parametrize("keep", [True, False])
async def test_kept_masked_only_when_on(tmp_path: Path, keep: bool) -> None:
    """Off by default; when on, the text is kept with its label, and names and numbers are masked."""
    await corrected(tmp_path, keep)
    files = list((tmp_path / "corrections").glob("*.json"))
    assert len(files) == keep
    for path in files:
        found = json.loads(path.read_text())
        assert found["kind"] == "complaint"
        assert found["masked"] is True
        assert "Jansen" not in path.read_text()
        assert "12345678" not in path.read_text()


async def test_purged_with_its_case(tmp_path: Path) -> None:
    """When the texts of the case go, what was learnt from it goes too."""
    shop = await corrected(tmp_path, keep=True)
    request = Request("2", "act", {"ref": "WKM-2026-0001", "text": "afgehandeld\nOpgelost.", "giver": "console"})
    for _ in range(4):
        shop.clock.now += timedelta(hours=1)
        await shop.once()
        await shop.service.obey(request)
    register = shop.service.register
    assert not register.open_cases()
    later = shop.clock.now + timedelta(days=Retention().raw_text_days + 1)
    assert purge(register, shop.service.settings, later, dry_run=True) == ["WKM-2026-0001: texts removed"]
    shop.clock.now = later
    await shop.service.nightly()
    assert not list((tmp_path / "corrections").glob("*.json"))
    assert TEXT not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))
