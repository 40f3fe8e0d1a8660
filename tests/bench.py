"""How fast mails are classified and handled, and that closed cases cost nothing: `make bench`."""

import logging
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot import app, storage
from bot.cases import record
from bot.config import DEFAULTS, Replies, Settings, Storage
from bot.events import BOT, Closed
from bot.model import Place, Raw
from bot.service import Service

SAMPLES = Path(__file__).parent.parent / "bot" / "samples"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=DEFAULTS.organisation.timezone)
CLOSED = 1_000


def main() -> None:
    """Print one line for each measure."""
    logging.disable(logging.CRITICAL)
    begun = time.perf_counter()
    app.classifier()
    print(f"loading the classifier        {time.perf_counter() - begun:8.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        settings = DEFAULTS.model_copy(
            update={"storage": Storage(path=Path(folder)), "replies": Replies(mode="live")}
        )
        with storage.exclusive(settings.storage.path):
            _measure(settings)


def _measure(settings: Settings) -> None:
    service = app.service(settings, clock=lambda: NOW)
    _tell("a mail, with no closed cases", _handled(service, "a"))
    begun = time.perf_counter()
    while service.sweep.settle(NOW):
        pass
    print(f"a sweep over {len(service.register.open_cases()):3} open cases   {_ms(begun):8.1f} ms")
    _close(service, CLOSED)
    _tell(f"a mail, with {CLOSED} closed cases", _handled(service, "b"))


def _handled(service: Service, prefix: str) -> Sequence[float]:
    """Milliseconds for each sample, made a mail of its own."""
    times = []
    for number, path in enumerate(sorted(SAMPLES.glob("*.eml"))):
        content = path.read_bytes().replace(b"Message-ID: <", b"Message-ID: <" + prefix.encode())
        raw = Raw(Place(prefix, 1, number + 1), NOW, content)
        begun = time.perf_counter()
        service._handle(raw)
        times.append(_ms(begun))
    return times


def _close(service: Service, count: int) -> None:
    """So many closed cases, copies of one; the open ones are closed too."""
    for case in service.register.open_cases():
        done = record(replace(case, letters=()), Closed(at=NOW, by=BOT, how="answered"))
        service.register.save(done)
    for _ in range(count):
        service.register.save(replace(done, ref=service.register.new_ref(NOW)))


def _tell(what: str, times: Sequence[float]) -> None:
    print(f"{what:30}{statistics.median(times):8.1f} ms (median), {max(times):.1f} ms (slowest)")


def _ms(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
