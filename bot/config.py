"""The configuration: `config.toml`, read once, every key checked."""

import os
import tomllib
from datetime import date, datetime, time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic import model_validator as after

from bot.errors import ConfigError


def _address(value: str) -> str:
    local, at, domain = value.strip().lower().rpartition("@")
    if not (local and at and "." in domain) or any(c.isspace() or c in '<>,;"' for c in value.strip()):
        raise ValueError("is not a mail address")
    return f"{local}@{domain}"


def _time(value: object) -> time:
    if not isinstance(value, str):
        raise ValueError('must be a time like "08:30"')
    try:
        return time.fromisoformat(value)
    except ValueError:
        raise ValueError('must be a time like "08:30"') from None


def _hours(value: object) -> tuple[time, time]:
    if not isinstance(value, str) or value.count("-") != 1:
        raise ValueError('must be hours like "08:00-18:00"')
    begin, end = (_time(part.strip()) for part in value.split("-"))
    if not begin < end:
        raise ValueError("must begin before they end")
    return begin, end


def _start(value: object) -> object:
    if value in ("now", "all") or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ValueError('must be "now", "all" or a date like 2026-03-01')


def _timezone(value: object) -> ZoneInfo:
    if not isinstance(value, str) or value not in available_timezones():
        raise ValueError('must be a time zone like "Europe/Amsterdam"')
    return ZoneInfo(value)


Email = Annotated[str, AfterValidator(_address)]
Clock = Annotated[time, BeforeValidator(_time)]
Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """A table of the file: unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class Organisation(Section):
    """Who we are: the controller."""

    name: str
    address: Email
    aliases: tuple[Email, ...] = ()
    website: str = ""
    timezone: Annotated[ZoneInfo, BeforeValidator(_timezone)] = ZoneInfo("Europe/Amsterdam")
    reference_prefix: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,9}$")] = "WKM"

    @property
    def own(self) -> frozenset[str]:
        """The mailbox's address and its aliases."""
        return frozenset({self.address, *self.aliases})

    @property
    def domain(self) -> str:
        """The right half of the mailbox's address."""
        return self.address.rpartition("@")[2]


def _guard_plain(host: str, security: str) -> None:
    if security != "none" or host == "localhost":
        return
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError('security "none" is allowed to a loopback host only: use "tls" or "starttls"')


class Imap(Section):
    """The mailbox."""

    host: str
    port: Port = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str
    auth: Literal["password", "xoauth2"] = "password"
    password_file: Path | None = None
    folder: str = "INBOX"
    junk: str = ""
    sent: str = ""
    start: Annotated[date | Literal["now", "all"], BeforeValidator(_start)] = "now"
    poll_seconds: Positive = 60
    idle: bool = True

    @after(mode="after")
    def _check(self) -> Self:
        _guard_plain(self.host, self.security)
        return self


class Smtp(Section):
    """The way out."""

    host: str
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    auth: Literal["password", "xoauth2"] = "password"
    password_file: Path | None = None
    bounce_address: Email | Literal[""] = ""

    @after(mode="after")
    def _check(self) -> Self:
        _guard_plain(self.host, self.security)
        return self


class Storage(Section):
    """Where the register is."""

    path: Path = Path("data")


class Staff(Section):
    """The people."""

    handlers: Annotated[tuple[Email, ...], Field(min_length=1)]
    escalate_to: Email
    language: Literal["nl", "en"] = "nl"
    digest_at: Clock = time(8, 30)
    office_hours: Annotated[tuple[time, time], BeforeValidator(_hours)] = (time(8), time(18))
    remind_days_before: tuple[Positive, ...] = (14, 7, 3, 1)
    target_days: Positive = 14
    hold_minutes: Natural = 30
    authentication: Literal["none", "authserv", "microsoft365"] = "none"
    trusted_authserv_ids: tuple[str, ...] = ()

    @after(mode="after")
    def _check(self) -> Self:
        if self.authentication == "authserv" and not self.trusted_authserv_ids:
            raise ValueError('authentication "authserv" needs trusted_authserv_ids')
        return self

    @property
    def everyone(self) -> frozenset[str]:
        """All staff addresses."""
        return frozenset({*self.handlers, self.escalate_to})


class Replies(Section):
    """What may leave by itself."""

    mode: Literal["shadow", "live"] = "shadow"
    per_sender_per_day: Positive = 3
    per_day: Positive = 200


DECREE_DAYS = tuple(
    date.fromisoformat(day) for day in ("2026-01-02", "2026-05-15", "2027-05-07", "2028-04-28", "2028-05-26")
)
"""Days equated with a holiday by royal decree (Algemene termijnenwet art. 3(3))."""


class Calendar(Section):
    """Which days are no working days."""

    country: Literal["NL"] = "NL"
    extra_holidays: tuple[date, ...] = DECREE_DAYS


class Retention(Section):
    """How long what is kept, in days."""

    closed_case_days: Positive = 730
    raw_text_days: Positive = 90
    purge_mailbox: bool = False


class Learning(Section):
    """Whether what staff correct is kept, so that `train --with-corrections` can use it."""

    keep_corrections: bool = False


class Supervisor(Section):
    """Where a data subject can complain."""

    name: str = "Autoriteit Persoonsgegevens"
    website: str = "https://www.autoriteitpersoonsgegevens.nl/een-tip-of-klacht-indienen-bij-de-ap"
    postal_address: str = "Postbus 93374, 2509 AJ Den Haag"
    phone: str = "088-1805 250"
    domains: tuple[str, ...] = ("autoriteitpersoonsgegevens.nl",)


class Settings(Section):
    """The whole file."""

    organisation: Organisation
    imap: Imap
    smtp: Smtp
    storage: Storage = Storage()
    staff: Staff
    replies: Replies = Replies()
    calendar: Calendar = Calendar()
    retention: Retention = Retention()
    learning: Learning = Learning()
    supervisor: Supervisor = Supervisor()

    @after(mode="after")
    def _check(self) -> Self:
        own = self.organisation.own
        if own & self.staff.everyone:
            raise ValueError("staff.handlers and staff.escalate_to may not be the mailbox itself or an alias")
        if "xoauth2" in (self.imap.auth, self.smtp.auth):
            raise ValueError('auth "xoauth2" is not built yet: use "password"')
        if self.retention.purge_mailbox:
            raise ValueError("retention.purge_mailbox is not built yet: leave it false")
        return self

    @property
    def bounce_address(self) -> str:
        """The envelope's sender for everything that leaves."""
        return self.smtp.bounce_address or self.organisation.address


def load(path: Path) -> Settings:
    """The settings in this file, paths made absolute from its folder; ConfigError with one sentence otherwise."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist: name a configuration file with --config") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    return parse(table, path.parent, str(path))


def parse(table: dict[str, Any], folder: Path, name: str = "config.toml") -> Settings:
    """The settings in a table that was read from `folder`; ConfigError names the first wrong key."""
    if "oauth2" in table:
        raise ConfigError(f"{name}: oauth2 is not built yet: remove the section")
    try:
        settings = Settings.model_validate(_tuples(table))
    except ValidationError as error:
        raise ConfigError(f"{name}: {_sentence(error)}") from None
    return settings.model_copy(
        update={
            "storage": Storage(path=folder / settings.storage.path),
            "imap": _rooted(settings.imap, folder),
            "smtp": _rooted(settings.smtp, folder),
        }
    )


def email(text: str) -> str:
    """A mail address, checked and in lower case; ConfigError when it is none."""
    try:
        return _address(text)
    except ValueError:
        raise ConfigError(f"{text!r} is not a mail address") from None


def password(section: Imap | Smtp) -> str:
    """The secret for a server: from the environment, else from its file; ConfigError when neither is there."""
    variable = f"WKM_BOT_{type(section).__name__.upper()}_PASSWORD"
    if variable in os.environ:
        return os.environ[variable]
    if section.password_file is None:
        raise ConfigError(f"no password for {section.host}: set {variable} or password_file")
    try:
        return section.password_file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"the password file {section.password_file} cannot be read") from None


S = TypeVar("S", Imap, Smtp)


def _rooted(section: S, folder: Path) -> S:
    if section.password_file is None:
        return section
    return section.model_copy(update={"password_file": folder / section.password_file})


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: Path(each) if key in ("path", "password_file") and isinstance(each, str) else _tuples(each)
                for key, each in value.items()}  # fmt: skip
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("literal[", "function-")))
    match first["type"]:
        case "extra_forbidden":
            return f"{key} is not a known key: remove it or correct its spelling"
        case "missing":
            return f"{key} is missing"
        case "value_error":
            return f"{key}: {first['ctx']['error']}" if key else str(first["ctx"]["error"])
        case _:
            return f"{key}: {first['msg'][0].lower()}{first['msg'][1:]}"


DEFAULTS = Settings(
    organisation=Organisation(name="WKM Automotive Imaging", address="info@wkm.nl", website="https://www.wkm.nl"),
    imap=Imap(host="localhost", username=""),
    smtp=Smtp(host="localhost"),
    staff=Staff(handlers=("privacy@staff.example",), escalate_to="privacy@staff.example"),
)
"""For commands that work without a configuration file."""
