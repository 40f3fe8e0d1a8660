"""Dates and spans as people read them, in Dutch and English."""

from datetime import date, datetime

_MONTHS = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}
_SHORT_MONTHS = {
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}
_WEEKDAYS = {
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}


def day(value: date, language: str) -> str:
    """`22 november 2026`, `22 November 2026`."""
    return f"{value.day} {_MONTHS[language].split()[value.month - 1]} {value.year}"


def weekday(value: date, language: str) -> str:
    """`zondag 22 november 2026`, `Sunday 22 November 2026`."""
    return f"{_WEEKDAYS[language].split()[value.weekday()]} {day(value, language)}"


def short(value: date, language: str) -> str:
    """`zo 22 nov`, `Sun 22 Nov`; for tables."""
    letters = 2 if language == "nl" else 3
    month = _SHORT_MONTHS[language].split()[value.month - 1]
    return f"{_WEEKDAYS[language].split()[value.weekday()][:letters]} {value.day} {month}"


def moment(value: date, language: str) -> str:
    """`zondag 22 november 2026 om 14.05 uur`, `Sunday 22 November 2026 at 14:05`; a date only as its day."""
    if not isinstance(value, datetime):
        return weekday(value, language)
    if language == "nl":
        return f"{weekday(value, language)} om {value:%H.%M} uur"
    return f"{weekday(value, language)} at {value:%H:%M}"


def span(days: int, language: str) -> str:
    """A retention period: whole years where it is so many days, else days."""
    years, rest = divmod(days, 365)
    if rest or not years:
        return (
            f"{days} {('dag' if days == 1 else 'dagen') if language == 'nl' else ('day' if days == 1 else 'days')}"
        )
    return f"{years} jaar" if language == "nl" else f"{years} year{'' if years == 1 else 's'}"
