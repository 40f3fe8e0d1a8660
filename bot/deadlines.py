"""The statutory dates, explained (GDPR art. 12(3), Regulation 1182/71, Algemene termijnenwet art. 3)."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from bot.cases import Case

_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_EXTENSION_MONTHS = 3
"""One month, extended by two (GDPR art. 12(3)); the months are counted from receipt."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The dates that follow from one day of receipt, and how they were found."""

    received: date
    due: date
    """The legal last day, moved past days that are no working days."""
    due_unshifted: date
    """The same-numbered day: what staff are steered to and data subjects are told."""
    extended_due: date
    extended_unshifted: date
    extend_before: date
    """The last day on which an extension can be told to the data subject."""
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are working days in the Netherlands."""

    extra: tuple[date, ...] = ()
    """Days equated with a holiday by royal decree."""

    def name(self, day: date) -> str | None:
        """Why a day is no working day, in Dutch; None for a working day."""
        if day.weekday() >= 5:
            return _DAYS[day.weekday()]
        if day in self.extra:
            return "bij besluit gelijkgesteld met een feestdag"
        return _holidays(day.year).get(day)

    def working(self, day: date) -> bool:
        """Whether this is a working day."""
        return self.name(day) is None

    def next_working(self, day: date) -> date:
        """This day, or the first working day after it."""
        while not self.working(day):
            day += timedelta(days=1)
        return day

    def previous_working(self, day: date) -> date:
        """This day, or the last working day before it."""
        while not self.working(day):
            day -= timedelta(days=1)
        return day

    def add(self, day: date, working_days: int) -> date:
        """The day that lies so many working days after this one."""
        for _ in range(working_days):
            day = self.next_working(day + timedelta(days=1))
        return day

    def first_of_week(self, day: date) -> bool:
        """Whether this is the week's first working day."""
        monday = day - timedelta(days=day.weekday())
        return self.next_working(monday) == day

    def reaches(self, year: int) -> bool:
        """Whether the decree days are known up to this year."""
        return any(day.year >= year for day in self.extra)


@cache
def _holidays(year: int) -> dict[date, str]:
    """The holidays of Algemene termijnenwet art. 3(1)-(2).

    The library has 5 May as a public holiday in lustrum years only; as an optional one it has every year.
    """
    return dict(holidays.country_holidays("NL", years=year, categories=("public", "optional"), language="nl"))


def compute(received: date, days: Calendar) -> Deadline:
    """The dates for a day of receipt."""
    steps = [
        f"Ontvangen op {_spell(received)}; die dag telt niet mee (Verordening 1182/71, art. 3 lid 1).",
    ]
    unshifted, due = _period(received, 1, days, steps)
    extended_unshifted, extended_due = _period(received, _EXTENSION_MONTHS, days, steps)
    steps.append(
        f"Verlengen kan één keer; de betrokkene moet dat uiterlijk op {_spell(due)} weten (AVG art. 12 lid 3)."
    )
    return Deadline(received, due, unshifted, extended_due, extended_unshifted, due, tuple(steps))


def of_case(case: Case, days: Calendar, zone: ZoneInfo) -> Deadline:
    """The dates of a case, from its receipt in our time zone or the day that a person corrected it to."""
    return compute(receipt_day(case, zone), days)


def receipt_day(case: Case, zone: ZoneInfo) -> date:
    """The calendar day on which the case was received."""
    return case.received_on or local_day(case.received, zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in a time zone."""
    return instant.astimezone(zone).date()


def later(day: date, months: int) -> date:
    """The same-numbered day some months later, or that month's last day (Regulation 1182/71 art. 3(2)(c))."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _period(received: date, months: int, days: Calendar, steps: list[str]) -> tuple[date, date]:
    unshifted = later(received, months)
    span = "Eén maand" if months == 1 else f"Met verlenging {months} maanden"
    rule = "dezelfde dag van de maand" if unshifted.day == received.day else "de laatste dag van die maand"
    steps.append(f"{span} later is {_spell(unshifted)}: {rule} (art. 3 lid 2 onder c).")
    due = days.next_working(unshifted)
    if due == unshifted:
        steps.append(f"Dat is een werkdag: {_spell(due)} is de laatste dag.")
    else:
        steps.append(f"Geen werkdag: {'; '.join(_reasons(unshifted, due, days))} (art. 3 lid 4).")
        steps.append(f"De wettelijke laatste dag schuift op naar {_spell(due)}.")
    return unshifted, due


def _reasons(first: date, end: date, days: Calendar) -> Iterable[str]:
    while first < end:
        yield f"{first.isoformat()} is {days.name(first)}"
        first += timedelta(days=1)


def _spell(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.isoformat()}"
