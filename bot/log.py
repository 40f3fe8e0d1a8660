"""The log: one line an event, to stderr; cases and places of mails, never people or their words."""

import logging
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType

OURS = "bot"


class OneLine(logging.Formatter):
    """`2026-03-02T09:30:00+01:00 INFO bot.service: …`, in this machine's time zone.

    An exception shows its type and where it came from, not its text, which may quote a mail.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line, whatever is in it."""
        return "".join(each if each.isprintable() else " " for each in super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """ISO 8601 with an offset, in seconds (the name is the standard library's)."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """The type of the exception and the frames it went through."""
        kind, _, trace = ei
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return f"[{kind.__name__ if kind else 'no exception'} at {' > '.join(places)}]"


def start(level: str = "INFO") -> None:
    """Log to stderr from now on; of other libraries warnings only, as their details may quote mail and logins."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(level.upper())
