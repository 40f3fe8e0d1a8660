"""Our own account of the mailbox: how far each folder was read, and which mail could not be handled."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot import storage
from bot.model import Place, Raw

RETRY_AFTER = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
"""When held mail is tried again; after the last of these only a person can help."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a folder was read."""

    uidvalidity: int
    uid: int
    """Everything up to this UID was dealt with."""
    since: datetime
    """Mail received before this instant was there before us and is left alone."""


@dataclass(frozen=True, slots=True)
class Held:
    """A mail that could not be handled; its content is kept beside it, in `ID.eml`."""

    id: str
    place: Place
    received: datetime
    since: datetime
    reason: str
    attempts: int
    retry: datetime | None
    """None: no further try by itself."""


class Ledger:
    """One small file a folder, one a held mail, in the data folder."""

    def __init__(self, folder: Path) -> None:
        self._progress = folder / "progress"
        self._held = folder / "held"
        for each in (self._progress, self._held):
            storage.make_folder(each)

    def progress(self, folder: str) -> Progress | None:
        """How far this folder was read; None when it never was."""
        document = storage.read_document(self._path(folder))
        if document is None:
            return None
        return Progress(document["uidvalidity"], document["uid"], datetime.fromisoformat(document["since"]))

    def advance(self, folder: str, progress: Progress) -> None:
        """Everything up to here was dealt with."""
        document = {**asdict(progress), "since": progress.since.isoformat(), "folder": folder}
        storage.write_document(self._path(folder), document)

    def hold(self, raw: Raw, reason: str, now: datetime) -> Held:
        """Keep a mail that could not be handled, to be tried again a bounded number of times."""
        before = self.find(held_id(raw.place))
        attempts = before.attempts + 1 if before else 1
        retry = now + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
        held = Held(
            held_id(raw.place), raw.place, raw.received, before.since if before else now, reason, attempts, retry
        )
        storage.replace(self._held / f"{held.id}.eml", raw.content)
        storage.write_document(self._held / f"{held.id}.json", _document(held))
        return held

    def held(self) -> tuple[Held, ...]:
        """All held mail, oldest first."""
        return tuple(sorted(self._read_held(), key=lambda held: held.since))

    def find(self, name: str) -> Held | None:
        """One held mail."""
        document = storage.read_document(self._held / f"{name}.json") if name.isalnum() else None
        return _from(document) if document else None

    def content(self, held: Held) -> Raw:
        """The mail itself."""
        return Raw(held.place, held.received, (self._held / f"{held.id}.eml").read_bytes())

    def let_go(self, held: Held) -> None:
        """The mail was handled after all, or a person dealt with it."""
        (self._held / f"{held.id}.json").unlink(missing_ok=True)
        (self._held / f"{held.id}.eml").unlink(missing_ok=True)
        storage.sync_folder(self._held)

    def _read_held(self) -> Iterator[Held]:
        for path in self._held.glob("*.json"):
            document = storage.read_document(path)
            if document:
                yield _from(document)

    def _path(self, folder: str) -> Path:
        return self._progress / f"{hashlib.sha256(folder.encode()).hexdigest()[:16]}.json"


def held_id(place: Place) -> str:
    """A short name for a place, the same each time."""
    text = f"{place.folder}\0{place.uidvalidity}\0{place.uid}"
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _document(held: Held) -> dict[str, Any]:
    times = {
        "received": held.received.isoformat(),
        "since": held.since.isoformat(),
        "retry": held.retry.isoformat() if held.retry else None,
    }
    return {**asdict(held), **times}


def _from(document: dict[str, Any]) -> Held:
    held = Held(**document)
    return replace(
        held,
        place=Place(**document["place"]),
        received=datetime.fromisoformat(document["received"]),
        since=datetime.fromisoformat(document["since"]),
        retry=datetime.fromisoformat(document["retry"]) if document["retry"] else None,
    )
