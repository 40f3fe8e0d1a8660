"""How one process asks another, the one that holds the data folder, to change something.

A request is a file in `requests/`; the answer is written beside it. Both are replaced whole, so neither is ever
read half. The asking process removes both. Whoever removes a request owns it: it is carried out, or withdrawn.
"""

import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot import storage
from bot.errors import Locked

_STALE_AFTER = 600.0
"""Seconds after which nobody waits for an answer any more."""
PATIENCE = 3.0
"""Seconds that a request waits to be taken."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a verb of the command line and its arguments, as JSON values."""

    id: str
    verb: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it."""

    done: bool
    said: str
    unreachable: bool = False
    """Not done because a server could not be reached."""


def ask(
    folder: Path, verb: str, arguments: dict[str, Any], patience: float = PATIENCE, seconds: float = 60.0
) -> Answer | None:
    """Put a request to the running process and wait for its answer; None when nobody took it.

    Locked when it was taken but no answer comes.
    """
    request = Request(secrets.token_hex(8), verb, arguments)
    path = _folder(folder) / f"{request.id}.request"
    storage.replace(path, json.dumps(asdict(request)).encode())
    answer = path.with_suffix(".answer")
    begun = time.monotonic()
    try:
        while (waited := time.monotonic() - begun) < seconds:
            if answer.exists():
                return Answer(**json.loads(answer.read_bytes()))
            if waited > patience and _owned(path):
                return None
            time.sleep(0.1)
    finally:
        path.unlink(missing_ok=True)
        answer.unlink(missing_ok=True)
    raise Locked("the running bot did not say what came of it: look at its log and at the case, then try again")


def take(folder: Path) -> Iterator[Request]:
    """The requests that wait, oldest first. Each is gone once taken: none is ever carried out twice."""
    for path, _ in _by_age(folder, "*.answer", stale=True):
        path.unlink(missing_ok=True)
    for path, fresh in _by_age(folder, "*.request"):
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
            content = path.read_bytes()
            if _owned(path) and fresh:
                yield Request(**json.loads(content))


def _by_age(folder: Path, pattern: str, *, stale: bool = False) -> list[tuple[Path, bool]]:
    """The files and whether somebody still waits for them, oldest first; `stale`: those nobody waits for."""
    found: list[tuple[float, Path]] = []
    for path in _folder(folder).glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            found.append((path.stat().st_mtime, path))
    now = time.time()
    aged = [(path, now - written < _STALE_AFTER) for written, path in sorted(found)]
    return [(path, fresh) for path, fresh in aged if not (stale and fresh)]


def _owned(path: Path) -> bool:
    """Whether it was us who removed the file."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def answer(folder: Path, request: Request, answer: Answer) -> None:
    """Give the answer."""
    storage.replace(_folder(folder) / f"{request.id}.answer", json.dumps(asdict(answer)).encode())


def _folder(folder: Path) -> Path:
    requests = folder / "requests"
    storage.make_folder(requests)
    return requests
