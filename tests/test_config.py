"""The configuration: every key checked, every mistake named."""

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import config
from bot.config import Settings
from bot.errors import ConfigError

ROOT = Path(__file__).parent.parent
SMALLEST = """
[organisation]
name = "WKM Automotive Imaging"
address = "Info@WKM.example"

[imap]
host = "imap.wkm.example"
username = "info@wkm.example"

[smtp]
host = "smtp.wkm.example"

[staff]
handlers = ["noor@staff.example"]
escalate_to = "sam@staff.example"
"""


def changed(path: str, value: object) -> dict[str, Any]:
    """The smallest configuration with one key set, or taken out (None)."""
    table = tomllib.loads(SMALLEST)
    section, _, key = path.rpartition(".")
    part = table.setdefault(section, {}) if section else table
    if value is None:
        del part[key]
    else:
        part[key] = value
    return table


def parsed(path: str, value: object) -> Settings:
    """The settings of that configuration."""
    return config.parse(changed(path, value), Path("/etc/wkm"))


def test_the_shipped_file_is_valid() -> None:
    """`config.toml` as it is can be loaded."""
    assert config.load(ROOT / "config.toml").replies.mode == "shadow"


def test_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    """What is not set has the documented value."""
    (tmp_path / "config.toml").write_text(SMALLEST)
    settings = config.load(tmp_path / "config.toml")
    assert settings.organisation.address == "info@wkm.example"
    assert settings.organisation.timezone == ZoneInfo("Europe/Amsterdam")
    imap, smtp, staff, replies = settings.imap, settings.smtp, settings.staff, settings.replies
    assert (imap.port, imap.security, imap.folder, imap.start, imap.poll_seconds) == (
        993,
        "tls",
        "INBOX",
        "now",
        60,
    )
    assert (imap.junk, imap.sent, imap.idle, imap.auth) == ("", "", True, "password")
    assert (smtp.port, smtp.security, smtp.username, settings.bounce_address) == (
        587,
        "starttls",
        "",
        "info@wkm.example",
    )
    assert (staff.digest_at, staff.office_hours) == (time(8, 30), (time(8), time(18)))
    assert (staff.remind_days_before, staff.target_days, staff.hold_minutes) == ((14, 7, 3, 1), 14, 30)
    assert (replies.mode, replies.per_sender_per_day, replies.per_day) == ("shadow", 3, 200)
    assert (settings.retention.closed_case_days, settings.retention.raw_text_days) == (730, 90)
    assert settings.storage.path == tmp_path / "data"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("imap.prot", 993, "imap.prot is not a known key"),
        ("smpt", {}, "smpt is not a known key"),
        ("imap.host", None, "imap.host is missing"),
        ("staff", None, "staff is missing"),
        ("imap.port", "993", "imap.port: "),
        ("imap.port", 0, "imap.port: "),
        ("imap.port", True, "imap.port: "),
        ("imap.idle", "yes", "imap.idle: "),
        ("imap.security", "ssl", "imap.security: "),
        ("imap.start", "yesterday", 'imap.start: must be "now", "all" or a date'),
        ("imap.start", datetime(2026, 3, 1, tzinfo=UTC), 'imap.start: must be "now", "all" or a date'),
        ("imap.security", "none", 'imap: security "none" is allowed to a loopback host only'),
        ("smtp.security", "none", 'smtp: security "none" is allowed to a loopback host only'),
        ("organisation.address", "info", "organisation.address: is not a mail address"),
        ("organisation.address", "a@b.example\r\nBcc: c@d.example", "organisation.address: is not a mail address"),
        ("organisation.timezone", "Amsterdam", "organisation.timezone: must be a time zone"),
        ("organisation.reference_prefix", "wkm", "organisation.reference_prefix: "),
        ("staff.handlers", [], "staff.handlers: "),
        ("staff.handlers", ["info@wkm.example"], "may not be the mailbox itself or an alias"),
        ("staff.escalate_to", "INFO@wkm.example", "may not be the mailbox itself or an alias"),
        ("staff.digest_at", "half negen", "staff.digest_at: must be a time"),
        ("staff.office_hours", "18:00-08:00", "staff.office_hours: must begin before they end"),
        ("staff.authentication", "authserv", "staff: authentication \"authserv\" needs trusted_authserv_ids"),
        ("staff.remind_days_before", [0], "staff.remind_days_before"),
        ("replies.mode", "test", "replies.mode: "),
        ("imap.auth", "xoauth2", "is not built yet"),
        ("oauth2", {"provider": "google"}, "oauth2 is not built yet"),
        ("retention.purge_mailbox", True, "is not built yet"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_in_one_sentence(path: str, value: object, sentence: str) -> None:
    """Unknown keys, wrong types, values that cannot be and what is not built yet stop the program."""
    with pytest.raises(ConfigError) as caught:
        parsed(path, value)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_plain_connections_are_for_loopback(host: str) -> None:
    """No encryption is allowed to this machine itself."""
    table = changed("imap.security", "none")
    table["imap"]["host"] = host
    assert config.parse(table, Path()).imap.host == host


def test_values_of_every_type_are_read() -> None:
    """Dates, lists and times as TOML has them."""
    assert parsed("imap.start", date(2026, 3, 1)).imap.start == date(2026, 3, 1)
    assert parsed("calendar.extra_holidays", [date(2026, 5, 15)]).calendar.extra_holidays == (date(2026, 5, 15),)
    assert parsed("organisation.aliases", ["Privacy@wkm.example"]).organisation.own == {
        "info@wkm.example",
        "privacy@wkm.example",
    }
    assert parsed("smtp.bounce_address", "terug@wkm.example").bounce_address == "terug@wkm.example"


def test_paths_are_read_from_the_folder_of_the_file() -> None:
    """A relative path does not depend on where the program was started; an absolute one stays."""
    assert parsed("storage.path", "gegevens").storage.path == Path("/etc/wkm/gegevens")
    assert parsed("storage.path", "/var/lib/wkm").storage.path == Path("/var/lib/wkm")
    assert parsed("imap.password_file", "geheim").imap.password_file == Path("/etc/wkm/geheim")


@pytest.mark.parametrize("content", [b"[imap", b"\xff\xfe", b"[imap]\nhost = 1\nhost = 2\n"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    """The path and the place of the mistake are in the sentence."""
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"config\.toml cannot be read: "):
        config.load(tmp_path / "config.toml")


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    """`--config` is offered; a folder is no file."""
    with pytest.raises(ConfigError, match="--config"):
        config.load(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path)


def test_passwords_come_from_the_environment_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable wins over the file; a final line end in the file does not count, a space does."""
    (tmp_path / "geheim").write_text("uit bestand \n")
    imap = parsed("imap.password_file", str(tmp_path / "geheim")).imap
    assert config.password(imap) == "uit bestand "
    monkeypatch.setenv("WKM_BOT_IMAP_PASSWORD", "uit omgeving")
    assert config.password(imap) == "uit omgeving"


def test_a_password_that_is_nowhere_says_where_to_put_it(tmp_path: Path) -> None:
    """Variable and key are named, and a file that cannot be read by its path."""
    with pytest.raises(ConfigError, match="set WKM_BOT_SMTP_PASSWORD or password_file"):
        config.password(parsed("smtp.username", "info").smtp)
    with pytest.raises(ConfigError, match="weg cannot be read"):
        config.password(parsed("smtp.password_file", str(tmp_path / "weg")).smtp)
