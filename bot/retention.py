"""Nothing is kept longer than its purpose needs: texts first, then whole cases."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot import corrections
from bot.cases import Case
from bot.config import Settings
from bot.events import BOT, Redacted
from bot.register import Register, redact


def due_for_removal(register: Register, settings: Settings, now: datetime) -> Iterator[tuple[Case, bool]]:
    """The closed cases past a retention: True when the whole case goes, False when only its texts do."""
    keep_case = timedelta(days=settings.retention.closed_case_days)
    keep_text = timedelta(days=settings.retention.raw_text_days)
    for case in register.closed_cases():
        if case.closed is None:
            continue
        if now - case.closed > keep_case:
            yield case, True
        elif now - case.closed > keep_text and not any(isinstance(event, Redacted) for event in case.events):
            yield case, False


def purge(register: Register, settings: Settings, now: datetime, dry_run: bool = False) -> list[str]:
    """Remove what is past its retention; a line for each case that was (or would be) touched."""
    lines = []
    for case, whole in list(due_for_removal(register, settings, now)):
        lines.append(f"{case.ref}: {'removed' if whole else 'texts removed'}")
        if dry_run:
            continue
        corrections.drop(register.folder, case.ref)
        if whole:
            register.remove(case)
        else:
            register.save(redact(case, Redacted(at=now, by=BOT, why="retention")))
    return lines
