"""The log: one line an event, and nothing in it that a stranger wrote."""

import logging
import re
from collections.abc import Iterator

import pytest

from bot import log

LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d "


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    """The loggers of the process, put back after each test."""
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def test_an_event_is_one_line_with_its_instant(capsys: pytest.CaptureFixture[str]) -> None:
    """ISO 8601 with an offset, level, module, sentence; to stderr."""
    log.start()
    logging.getLogger("bot.service").info("case %s is open", "WKM-2026-0042")
    said = capsys.readouterr()
    assert re.fullmatch(LINE + r"INFO bot\.service: case WKM-2026-0042 is open\n", said.err)
    assert said.out == ""


def test_a_line_cannot_be_forged(capsys: pytest.CaptureFixture[str]) -> None:
    """Line ends and control characters in a value become spaces."""
    log.start()
    logging.getLogger("bot").warning("folder %s", "a\r\n2026-01-01 INFO bot: b\x1b[31m\u2028c")
    assert capsys.readouterr().err.count("\n") == 1


def test_an_exception_shows_where_but_not_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The text of an exception may quote a mail, so it stays out."""
    log.start()
    try:
        int("an@thuis.example")
    except ValueError:
        logging.getLogger("bot").exception("mail 7 could not be handled")
    said = capsys.readouterr().err
    assert re.search(r"\[ValueError at test_log\.py:\d+ test_an_exception", said)
    assert "thuis" not in said
    assert said.count("\n") == 1


def test_other_libraries_give_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    """Even at our most talkative, the libraries' details (mail, logins) are not logged."""
    log.start("debug")
    logging.getLogger("imapclient").debug("LOGIN an secret")
    logging.getLogger("imapclient").info("connected")
    logging.getLogger("bot.inbox").debug("idling")
    said = capsys.readouterr().err
    assert "idling" in said
    assert "imapclient" not in said
