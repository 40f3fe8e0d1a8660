"""What is typed behind a command, checked: ConfigError, in one sentence, for what cannot be meant."""

from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

from bot import show
from bot.config import Settings
from bot.errors import ConfigError
from bot.pipeline import MAX_SIZE
from classifiers.labels import Flag, Kind, Right

CHANNELS = ("phone", "letter", "chat", "colleague")


def language(given: str) -> str:
    """The language of the letters."""
    return given if given in ("nl", "en") else bad("--language", "must be nl or en")


def channel(given: str) -> str:
    """How it came, one of CHANNELS."""
    return given if given in CHANNELS else bad("--channel", f"must be one of {', '.join(CHANNELS)}")


def kind_of(kind: Kind, rights: str) -> str:
    """The kind, which must go with the rights."""
    if kind is Kind.OTHER:
        bad("--kind", "must be rights_request, complaint or question")
    if (kind is Kind.REQUEST) != bool(split(rights)):
        bad("--rights", "goes with --kind rights_request, and only with that")
    return kind.value


def split(words: str) -> list[str]:
    """Words that were typed with commas."""
    return [word.strip() for word in words.split(",") if word.strip()]


def word(words: type[Right] | type[Flag], given: str, option: str) -> str:
    """`given` when it is one of `words`."""
    if given not in list(words):
        bad(option, f"knows no {given}: choose from {', '.join(words)}")
    return given


def text_of(path: Path) -> str:
    """The text of a file."""
    try:
        content = contents(path)
        if len(content) > MAX_SIZE:
            bad("FILE", f"{path} is larger than 25 MB")
        return content.decode("utf-8")
    except OSError:
        return bad("FILE", f"{path} cannot be read")
    except UnicodeDecodeError:
        return bad("FILE", f"{path} is not UTF-8 text")


def bad(option: str, what: str) -> NoReturn:
    """Refuse what stands behind `option`."""
    raise ConfigError(f"{option} {what}")


def past(received: datetime) -> datetime:
    """`received` when that day has come."""
    if received.date() > datetime.now(received.tzinfo).date():
        bad("--received", f"{received.date()} is still to come")
    return received


def instant(text: str, chosen: Settings) -> datetime:
    """A day (its noon) or an instant, aware, in our time zone; ConfigError when it is neither."""
    zone = chosen.organisation.timezone
    try:
        day = date.fromisoformat(text)
        found = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    except ValueError:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise ConfigError(f"{show.clean(text)} is no date: write it as 2026-11-22") from None
        found = found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
    if not 1990 <= found.year <= 2200:
        raise ConfigError(f"{show.clean(text)} lies too far away")
    return found


def contents(path: Path) -> bytes:
    """The bytes of a file, at most one more than a message may have."""
    with path.open("rb") as file:
        return file.read(MAX_SIZE + 1)
