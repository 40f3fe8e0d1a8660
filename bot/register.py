"""The register: every case in a file of its own, an index over the open ones, keyed traces of the closed."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot import storage
from bot.cases import Case, begin
from bot.cases import replay as replay_events
from bot.errors import Damaged
from bot.events import Event, Joined, Noted, Opened, Source
from bot.model import Audience, Letter, Stage

_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])
_LETTERS: TypeAdapter[tuple[Letter, ...]] = TypeAdapter(tuple[Letter, ...])


@dataclass(slots=True)
class _Index:
    """What must be found at once among the open cases."""

    cases: dict[str, Case] = field(default_factory=dict)
    traces: dict[str, str] = field(default_factory=dict)

    def add(self, case: Case, traces: Iterator[str]) -> None:
        self.cases[case.ref] = case
        self.traces.update(dict.fromkeys(traces, case.ref))


class Register:
    """All cases. One process writes (`storage.exclusive`); any may read.

    Layout of the folder: `open/REF.json`, `closed/YEAR/REF.json`, `traces/xx/…` (keyed hashes of mails of closed
    cases, no personal data), `counter.json`, `key`.
    """

    def __init__(self, folder: Path, prefix: str = "WKM") -> None:
        self.folder = folder
        self._prefix = prefix
        for each in ("open", "closed", "traces"):
            storage.make_folder(folder / each)
        self._key = self._load_key()
        self._index = _Index()
        for path in sorted((folder / "open").glob("*.json")):
            if case := _read(path):
                self._remember(case)

    def _load_key(self) -> bytes:
        path = self.folder / "key"
        if not path.exists():
            storage.replace(path, secrets.token_hex(32).encode())
        return path.read_bytes()

    def open_cases(self) -> tuple[Case, ...]:
        """Every open case, and the closed ones that still have something to do, by reference."""
        return tuple(self._index.cases[ref] for ref in sorted(self._index.cases))

    def closed_cases(self) -> Iterator[Case]:
        """Every closed case with nothing to do, read from its file one by one."""
        for path in sorted((self.folder / "closed").glob("*/*.json")):
            if path.stem not in self._index.cases and (case := _read(path)):
                yield case

    def get(self, ref: str) -> Case | None:
        """The case with this reference, open or closed."""
        if ref in self._index.cases:
            return self._index.cases[ref]
        path = self._closed_path(ref)
        return _read(path) if path else None

    def save(self, case: Case) -> Case:
        """Write the case whole; a closed case with nothing under way moves to its year."""
        path = self.folder / "open" / f"{case.ref}.json"
        storage.write_document(path, _document(case))
        self._remember(case)
        if _done(case):
            self._archive(case, path)
        else:
            self._withdraw(case.ref)
        return case

    def tidy(self) -> None:
        """Move what a crash kept from moving: the file among the open cases is always the newer one."""
        for case in self.open_cases():
            if _done(case):
                self._archive(case, self.folder / "open" / f"{case.ref}.json")
            else:
                self._withdraw(case.ref)

    def new_ref(self, now: datetime) -> str:
        """The next reference of the year; one that was given out is never given again."""
        path = self.folder / "counter.json"
        counters = storage.read_document(path) or {}
        year = str(now.year)
        number = int(counters.get(year, 0)) + 1
        while self.get(ref := f"{self._prefix}-{year}-{number:04d}"):
            number += 1
        storage.write_document(path, {**counters, year: number})
        return ref

    def open(self, opened: Opened, now: datetime) -> Case:
        """A new case, not yet saved: the caller adds its letters and saves it in one step."""
        return begin(self.new_ref(now), secrets.token_hex(16), opened)

    def of_mail(self, message_id: str, digest: str) -> str | None:
        """The reference of the case that this very mail (same id, same content) already opened or joined."""
        return self._trace(f"mail:{message_id}:{digest}")

    def of_message_id(self, message_id: str) -> str | None:
        """The reference of a case with a mail of this Message-ID, whatever its content."""
        return self._trace(f"id:{message_id}") if message_id else None

    def of_address(self, address: str) -> tuple[Case, ...]:
        """The open cases of this address; none for an empty one, which is nobody's."""
        return tuple(case for case in self.open_cases() if address and case.address == address)

    def known_address(self, address: str) -> bool:
        """Whether this address ever had a case, as far as its traces were not purged."""
        return bool(self.of_address(address)) or self._trace(f"address:{address}") is not None

    def away(self, today: date) -> tuple[str, ...]:
        """The staff addresses that are away today."""
        absences = storage.read_document(self.folder / "away.json") or {}
        return tuple(address for address, until in absences.items() if until >= today.isoformat())

    def set_away(self, address: str, until: date) -> None:
        """Somebody is away up to and including this day."""
        path = self.folder / "away.json"
        storage.write_document(path, {**(storage.read_document(path) or {}), address: until.isoformat()})

    def digest_sent(self, address: str) -> str | None:
        """The day of the last digest to this address, ISO."""
        return (storage.read_document(self.folder / "digest.json") or {}).get(address)

    def set_digest_sent(self, address: str, day: date) -> None:
        """A digest left to this address."""
        path = self.folder / "digest.json"
        storage.write_document(path, {**(storage.read_document(path) or {}), address: day.isoformat()})

    def may_send(self, address: str, today: date, per_sender: int, per_day: int) -> bool:
        """Whether one more automatic mail to this address stays within the day's limits."""
        counts = self._counts(today)
        return counts.get(self._hash(address), 0) < per_sender and sum(counts.values()) < per_day

    def count(self, address: str, today: date) -> None:
        """One automatic mail to this address was queued today."""
        counts = self._counts(today)
        counts[self._hash(address)] = counts.get(self._hash(address), 0) + 1
        storage.write_document(self.folder / "sent.json", {"day": today.isoformat(), "counts": counts})

    def _counts(self, today: date) -> dict[str, int]:
        document = storage.read_document(self.folder / "sent.json") or {}
        return dict(document["counts"]) if document.get("day") == today.isoformat() else {}

    def pseudonym(self, text: str) -> str:
        """A keyed hash for logs and counters: the same text gives the same 16 hex digits."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]

    def remove(self, case: Case) -> None:
        """Delete a closed case; the traces of its mails stay."""
        path = self._closed_path(case.ref)
        if path:
            path.unlink(missing_ok=True)
            storage.sync_folder(path.parent)

    def _remember(self, case: Case) -> None:
        self._index.add(case, (self._hash(text) for text in _trace_texts(case)))

    def _withdraw(self, ref: str) -> None:
        path = self._closed_path(ref)
        if path and path.exists():
            path.unlink()
            storage.sync_folder(path.parent)

    def _archive(self, case: Case, path: Path) -> None:
        for text in _trace_texts(case):
            trace = self._trace_path(self._hash(text))
            storage.make_folder(trace.parent)
            storage.replace(trace, case.ref.encode())
        target = self._closed_path(case.ref)
        assert target
        storage.make_folder(target.parent)
        path.replace(target)
        storage.sync_folder(target.parent)
        storage.sync_folder(path.parent)
        self._index.cases.pop(case.ref, None)

    def _closed_path(self, ref: str) -> Path | None:
        prefix, _, rest = ref.partition("-")
        year, _, number = rest.partition("-")
        if not (prefix.isalnum() and year.isdigit() and number.isdigit()):
            return None
        return self.folder / "closed" / year / f"{ref}.json"

    def _trace(self, text: str) -> str | None:
        key = self._hash(text)
        if key in self._index.traces:
            return self._index.traces[key]
        path = self._trace_path(key)
        return path.read_text(encoding="ascii") if path.exists() else None

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _trace_path(self, key: str) -> Path:
        return self.folder / "traces" / key[:2] / key[2:]


def redact(case: Case, redacted: Event) -> Case:
    """The case without the texts of its mails and of its letters to staff, once their retention has ended."""
    events = tuple(_without_text(event) for event in case.events)
    letters = tuple(replace(letter, text="", raw="") for letter in case.letters)
    return replay_events(case.ref, case.secret, (*events, redacted), letters)


def _done(case: Case) -> bool:
    """Whether a case is closed, and nothing in it waits for the program or for a person."""
    return bool(case.closed) and not (case.restricted or case.untold or any(map(_waits, case.letters)))


def _waits(letter: Letter) -> bool:
    undelivered = letter.stage is Stage.FAILED and letter.audience is not Audience.STAFF
    return undelivered or letter.stage in (Stage.HELD, Stage.QUEUED, Stage.SENDING)


def _without_text(event: Event) -> Event:
    if isinstance(event, Opened):
        return replace(event, source=_bare(event.source), evidence=())
    return replace(event, source=_bare(event.source)) if isinstance(event, Joined) else event


def _bare(source: Source) -> Source:
    return replace(source, subject="", text="", attachments=())


def _trace_texts(case: Case) -> Iterator[str]:
    yield f"address:{case.address}"
    for event in case.events:
        if isinstance(event, Opened | Joined):
            yield f"mail:{event.source.message_id}:{event.source.digest}"
            if event.source.message_id:
                yield f"id:{event.source.message_id}"
        elif isinstance(event, Noted) and event.trace:
            yield "mail:{}:{}".format(*event.trace)


def _document(case: Case) -> dict[str, Any]:
    return {
        "ref": case.ref,
        "secret": case.secret,
        "events": _EVENTS.dump_python(case.events, mode="json"),
        "letters": _LETTERS.dump_python(case.letters, mode="json"),
    }


def _read(path: Path) -> Case | None:
    """The case in a file; None when there is no file (any more), Damaged when it holds something else."""
    document = storage.read_document(path)
    if document is None:
        return None
    try:
        events = _EVENTS.validate_python(document["events"])
        letters = _LETTERS.validate_python(document["letters"])
        return replay_events(document["ref"], document["secret"], events, letters)
    except (ValueError, KeyError):
        raise Damaged(f"{path} is damaged (it holds no case): put it back from a backup") from None
