"""`wkm-bot check`: the whole configuration tried against the real servers, with nothing sent."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime

from bot import config, deadlines, inbox
from bot.app import TEMPLATES
from bot.config import Settings
from bot.errors import BotError, ConfigError
from bot.outbox import SmtpSender
from bot.ports import Check
from bot.templates import load_templates


def everything(settings: Settings) -> Iterator[Check]:
    """One line for each thing that was tried."""
    yield from _guarded("imap", lambda: inbox.check(settings.imap, config.password(settings.imap)))
    yield from _guarded("smtp", lambda: asyncio.run(_sender(settings).check()))
    yield from _guarded("templates", lambda: [("templates", "ok", f"{len(load_templates(TEMPLATES))} files")])
    yield from _staff(settings)
    yield from _clock(settings)
    yield from _data(settings)


def _guarded(what: str, lines: Callable[[], list[Check]]) -> Iterator[Check]:
    try:
        yield from lines()
    except ConfigError as error:
        yield f"password for {what}", "problem", str(error)
    except BotError as error:
        yield what, "problem", str(error)


def _sender(settings: Settings) -> SmtpSender:
    return SmtpSender(settings.smtp, config.password(settings.smtp) if settings.smtp.username else None)


def _staff(settings: Settings) -> Iterator[Check]:
    outside = [each for each in sorted(settings.staff.everyone) if each.endswith(".example")]
    if outside:
        yield "staff addresses", "problem", f"{outside[0]} is an example: name real people in staff.handlers"
    else:
        yield "staff addresses", "ok", f"{len(settings.staff.everyone)} addresses"
    if settings.replies.mode == "shadow":
        yield "replies.mode", "ok", 'shadow: nothing is sent to data subjects; set "live" when you trust it'


def _clock(settings: Settings) -> Iterator[Check]:
    now = datetime.now(settings.organisation.timezone)
    year = now.year + 1
    if now.year < 2026:
        yield "clock", "problem", f"this machine says it is {now:%Y-%m-%d}: set its clock"
    else:
        yield "clock", "ok", now.isoformat(timespec="seconds")
    if not deadlines.Calendar(settings.calendar.extra_holidays).reaches(year):
        yield "calendar", "problem", f"calendar.extra_holidays has no day in {year} or later: add the decree days"


def _data(settings: Settings) -> Iterator[Check]:
    path = settings.storage.path
    existing = next(each for each in (path, *path.parents) if each.exists())
    probe = existing / ".wkm-bot-check"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        yield (
            "data folder",
            "problem",
            f"{existing} cannot be written ({error.strerror}): give this user the right",
        )
    else:
        yield "data folder", "ok", ""
