"""How one process asks another to change something."""

import os
import threading
import time
from pathlib import Path

import pytest

from bot import requests
from bot.errors import Locked
from bot.requests import Answer, Request


def left(folder: Path) -> list[str]:
    """What remains in the folder of requests."""
    return [path.suffix for path in (folder / "requests").iterdir()]


def serve(folder: Path, answer: Answer | None) -> threading.Thread:
    """A running process that takes one request and answers it, or dies over it."""

    def work() -> None:
        for _ in range(100):
            for request in requests.take(folder):
                if answer:
                    requests.answer(folder, request, answer)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_an_answer_comes_back(tmp_path: Path) -> None:
    """The asking process gets what the other said, and nothing stays behind."""
    thread = serve(tmp_path, Answer(True, "gedaan"))
    assert requests.ask(tmp_path, "act", {"ref": "x"}) == Answer(True, "gedaan")
    thread.join()
    assert left(tmp_path) == []


def test_an_untaken_request_is_withdrawn(tmp_path: Path) -> None:
    """What nobody took in time is never carried out later."""
    assert requests.ask(tmp_path, "act", {}, patience=0) is None
    assert list(requests.take(tmp_path)) == []


def test_a_taken_request_without_an_answer_is_told(tmp_path: Path) -> None:
    """When the other process took it and went silent, nobody pretends to know what came of it."""
    thread = serve(tmp_path, None)
    with pytest.raises(Locked, match="look at its log"):
        requests.ask(tmp_path, "act", {}, seconds=0.5)
    thread.join()


def test_each_request_is_taken_once_oldest_first(tmp_path: Path) -> None:
    """Requests keep their order, and none is carried out twice."""
    folder = tmp_path / "requests"
    folder.mkdir()
    now = time.time()
    for number, age in ((1, 5), (2, 9), (3, 900)):
        path = folder / f"{number}.request"
        path.write_text(f'{{"id": "{number}", "verb": "act", "arguments": {{}}}}')
        os.utime(path, (now - age, now - age))
    assert list(requests.take(tmp_path)) == [Request("2", "act", {}), Request("1", "act", {})]
    assert list(requests.take(tmp_path)) == []
    assert left(tmp_path) == [], "one that nobody waits for is removed too"


def test_an_answer_that_nobody_fetched_does_not_stay(tmp_path: Path) -> None:
    """An answer may hold a letter: once nobody waits for it any more it is removed."""
    requests.answer(tmp_path, Request("1", "act", {}), Answer(True, "brief"))
    path = tmp_path / "requests/1.answer"
    os.utime(path, (1, 1))
    assert list(requests.take(tmp_path)) == []
    assert not path.exists()


def test_a_broken_request_stops_no_other(tmp_path: Path) -> None:
    """A file that is no request is passed over."""
    folder = tmp_path / "requests"
    folder.mkdir()
    (folder / "0.request").write_text("{")
    (folder / "1.request").write_text('{"id": "1", "verb": "act", "arguments": {}}')
    assert list(requests.take(tmp_path)) == [Request("1", "act", {})]
