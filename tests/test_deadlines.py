"""The law's clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import DECREE_DAYS
from bot.deadlines import Calendar, compute, later, local_day

DAYS = Calendar(DECREE_DAYS)

# Received, the same-numbered day, the last day, the last day when extended: worked out by hand from the rule.
TABLE = """
2025-01-31 2025-02-28 2025-02-28 2025-04-30  no 31 February
2025-03-18 2025-04-18 2025-04-22 2025-06-18  Good Friday and the whole Easter weekend
2025-03-19 2025-04-19 2025-04-22 2025-06-19  Saturday before Easter
2025-03-20 2025-04-20 2025-04-22 2025-06-20  Easter Sunday
2025-03-21 2025-04-21 2025-04-22 2025-06-23  Easter Monday; 21 June is a Saturday
2025-03-26 2025-04-26 2025-04-28 2025-06-26  King's Day on the 26th, since the 27th is a Sunday
2025-03-27 2025-04-27 2025-04-28 2025-06-27  Sunday, not King's Day
2025-04-05 2025-05-05 2025-05-06 2025-07-07  5 May in a lustrum year; 5 July is a Saturday
2025-04-29 2025-05-29 2025-05-30 2025-07-29  Ascension Day; the Friday after it is a working day in 2025
2025-05-08 2025-06-08 2025-06-10 2025-08-08  Whit Sunday
2025-05-09 2025-06-09 2025-06-10 2025-08-11  Whit Monday; 9 August is a Saturday
2025-11-25 2025-12-25 2025-12-29 2026-02-25  Christmas Day, the second one, and a weekend
2025-11-26 2025-12-26 2025-12-29 2026-02-26  second Christmas Day
2025-11-30 2025-12-30 2025-12-30 2026-02-28  three months to a Saturday, see below
2025-12-01 2026-01-01 2026-01-05 2026-03-02  New Year, the decree day and a weekend; 1 March is a Sunday
2025-12-02 2026-01-02 2026-01-05 2026-03-02  the decree day 2 January 2026
2025-12-31 2026-01-31 2026-02-02 2026-03-31  Saturday
2026-01-01 2026-02-01 2026-02-02 2026-04-01  Sunday
2026-01-02 2026-02-02 2026-02-02 2026-04-02  Monday
2026-01-03 2026-02-03 2026-02-03 2026-04-07  Good Friday when extended
2026-01-28 2026-02-28 2026-03-02 2026-04-28  28 February is a Saturday
2026-01-29 2026-02-28 2026-03-02 2026-04-29  no 29 February
2026-01-30 2026-02-28 2026-03-02 2026-04-30  no 30 February
2026-01-31 2026-02-28 2026-03-02 2026-04-30  no 31 February, no 31 April
2026-02-05 2026-03-05 2026-03-05 2026-05-06  5 May every year
2026-02-14 2026-03-14 2026-03-16 2026-05-18  Ascension Day, a decree day and a weekend when extended
2026-02-28 2026-03-28 2026-03-30 2026-05-28  the last day of February is no last-day rule
2026-03-03 2026-04-03 2026-04-07 2026-06-03  Good Friday
2026-03-04 2026-04-04 2026-04-07 2026-06-04  Saturday before Easter
2026-03-05 2026-04-05 2026-04-07 2026-06-05  Easter Sunday
2026-03-06 2026-04-06 2026-04-07 2026-06-08  Easter Monday; 6 June is a Saturday
2026-03-07 2026-04-07 2026-04-07 2026-06-08  Tuesday; 7 June is a Sunday
2026-03-27 2026-04-27 2026-04-28 2026-06-29  King's Day; 27 June is a Saturday
2026-03-29 2026-04-29 2026-04-29 2026-06-29  the day on which summer time begins
2026-03-31 2026-04-30 2026-04-30 2026-06-30  no 31 April
2026-04-05 2026-05-05 2026-05-06 2026-07-06  5 May; 5 July is a Sunday
2026-04-14 2026-05-14 2026-05-18 2026-07-14  Ascension Day, decree day, weekend
2026-04-15 2026-05-15 2026-05-18 2026-07-15  the decree day 15 May 2026
2026-04-24 2026-05-24 2026-05-26 2026-07-24  Whit Sunday
2026-04-25 2026-05-25 2026-05-26 2026-07-27  Whit Monday; 25 July is a Saturday
2026-05-31 2026-06-30 2026-06-30 2026-08-31  no 31 June
2026-06-30 2026-07-30 2026-07-30 2026-09-30  30 stays 30
2026-07-31 2026-08-31 2026-08-31 2026-11-02  31 October is a Saturday
2026-08-31 2026-09-30 2026-09-30 2026-11-30  no 31 September, no 31 November
2026-09-05 2026-10-05 2026-10-05 2026-12-07  5 December is a Saturday
2026-09-25 2026-10-25 2026-10-26 2026-12-28  the day on which summer time ends is a Sunday; Christmas
2026-09-26 2026-10-26 2026-10-26 2026-12-28  second Christmas Day on a Saturday
2026-10-01 2026-11-01 2026-11-02 2027-01-04  New Year on a Friday
2026-10-31 2026-11-30 2026-11-30 2027-02-01  31 January is a Sunday
2026-11-25 2026-12-25 2026-12-28 2027-02-25  Christmas Day on a Friday
2026-11-26 2026-12-26 2026-12-28 2027-02-26  second Christmas Day on a Saturday
2026-11-30 2026-12-30 2026-12-30 2027-03-01  no 30 February; the 28th is a Sunday
2026-12-01 2027-01-01 2027-01-04 2027-03-01  New Year
2027-02-26 2027-03-26 2027-03-30 2027-05-26  Good Friday
2027-02-28 2027-03-28 2027-03-30 2027-05-28  Easter Sunday, summer time begins
2027-03-27 2027-04-27 2027-04-28 2027-06-28  King's Day
2027-04-05 2027-05-05 2027-05-10 2027-07-05  5 May, Ascension Day, a decree day and a weekend
2027-04-06 2027-05-06 2027-05-10 2027-07-06  Ascension Day
2027-04-07 2027-05-07 2027-05-10 2027-07-07  the decree day 7 May 2027
2027-04-16 2027-05-16 2027-05-18 2027-07-16  Whit Sunday
2027-11-25 2027-12-25 2027-12-27 2028-02-25  Christmas on a weekend: Monday is a working day
2027-11-30 2027-12-30 2027-12-30 2028-02-29  leap year
2028-01-29 2028-02-29 2028-02-29 2028-05-01  leap day; 29 April is a Saturday
2028-01-30 2028-02-29 2028-02-29 2028-05-01  no 30 February; 30 April is a Sunday
2028-01-31 2028-02-29 2028-02-29 2028-05-01  no 31 February, no 31 April
2028-02-29 2028-03-29 2028-03-29 2028-05-29  received on the leap day
2028-03-14 2028-04-14 2028-04-18 2028-06-14  Good Friday
2028-03-28 2028-04-28 2028-05-01 2028-06-28  the decree day 28 April 2028
2028-04-25 2028-05-25 2028-05-29 2028-07-25  Ascension Day, decree day, weekend
2028-04-26 2028-05-26 2028-05-29 2028-07-26  the decree day 26 May 2028
2028-05-04 2028-06-04 2028-06-06 2028-08-04  Whit Sunday
"""
ROWS = [line.split(maxsplit=4) for line in TABLE.strip().splitlines()]


def test_extended_end_on_a_saturday_moves_to_monday() -> None:
    """Three months from 30 November 2025 end on Saturday 28 February and move to Monday."""
    found = compute(date(2025, 11, 30), DAYS)
    assert (found.extended_unshifted, found.extended_due) == (date(2026, 2, 28), date(2026, 3, 2))


@pytest.mark.parametrize(("received", "unshifted", "due", "extended", "why"), ROWS, ids=[row[0] for row in ROWS])
def test_table(received: str, unshifted: str, due: str, extended: str, why: str) -> None:
    """Each receipt date has the dates that the rule gives."""
    found = compute(date.fromisoformat(received), DAYS)
    assert (found.due_unshifted.isoformat(), found.due.isoformat()) == (unshifted, due), why
    if received != "2025-11-30":
        assert found.extended_due.isoformat() == extended, why
    assert found.extend_before == found.due


@given(st.dates(date(2024, 1, 1), date(2036, 12, 31)))
def test_last_day_is_a_working_day_within_a_week(received: date) -> None:
    """The last day is a working day, never before the same-numbered day, never more than 7 days after it."""
    found = compute(received, DAYS)
    for unshifted, due in (
        (found.due_unshifted, found.due),
        (found.extended_unshifted, found.extended_due),
    ):
        assert DAYS.working(due)
        assert timedelta(0) <= due - unshifted <= timedelta(days=7)


@given(st.dates(date(2024, 1, 1), date(2036, 12, 31)), st.integers(1, 3))
def test_same_numbered_day_or_last_of_month(received: date, months: int) -> None:
    """A month ends on the day of the same number, or on the last day of a month that has no such day."""
    end = later(received, months)
    assert end.day == received.day or (end + timedelta(days=1)).day == 1
    assert (end.year * 12 + end.month) - (received.year * 12 + received.month) == months


def test_receipt_day_is_the_day_in_amsterdam() -> None:
    """A mail of half past ten in the evening UTC is of the next day in Amsterdam's summer."""
    assert local_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), ZoneInfo("Europe/Amsterdam")) == date(2026, 7, 1)


def test_without_decree_days_the_law_alone_counts() -> None:
    """With an empty list, 15 May 2026 is a working day."""
    assert compute(date(2026, 4, 14), Calendar()).due == date(2026, 5, 15)


def test_steps_tell_every_move() -> None:
    """The explanation names each day that was passed over."""
    text = " ".join(compute(date(2026, 4, 14), DAYS).steps)
    for day in ("2026-05-14", "2026-05-15", "2026-05-16", "2026-05-17", "2026-05-18"):
        assert day in text


def test_calendar_knows_how_far_the_decree_days_reach() -> None:
    """Staff can be told that the list of decree days ends."""
    assert DAYS.reaches(2028) and not DAYS.reaches(2029)
