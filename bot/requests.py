"""How one process asks another, the one that holds the data folder, to change something.

A request is a file in `requests/`; the answer is written beside it. Both are replaced whole, so neither is ever
read half. The asking process removes both.
"""

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


def ask(folder: Path, verb: str, arguments: dict[str, Any], seconds: float = 60.0) -> Answer:
    """Put a request to the running process and wait for its answer; Locked when none comes."""
    request = Request(secrets.token_hex(8), verb, arguments)
    path = _folder(folder) / f"{request.id}.request"
    storage.replace(path, json.dumps(asdict(request)).encode())
    answer = path.with_suffix(".answer")
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if answer.exists():
                return Answer(**json.loads(answer.read_bytes()))
            time.sleep(0.1)
    finally:
        path.unlink(missing_ok=True)
        answer.unlink(missing_ok=True)
    raise Locked("the running bot did not answer within a minute: look at its log, then try again")


def take(folder: Path) -> Iterator[Request]:
    """The requests that wait, oldest first. Each is gone once taken: none is ever carried out twice."""
    for path in sorted(_folder(folder).glob("*.request"), key=lambda path: path.stat().st_mtime):
        fresh = time.time() - path.stat().st_mtime < _STALE_AFTER
        content = path.read_bytes()
        path.unlink(missing_ok=True)
        if fresh:
            yield Request(**json.loads(content))


def answer(folder: Path, request: Request, answer: Answer) -> None:
    """Give the answer."""
    storage.replace(_folder(folder) / f"{request.id}.answer", json.dumps(asdict(answer)).encode())


def _folder(folder: Path) -> Path:
    requests = folder / "requests"
    storage.make_folder(requests)
    return requests
