"""Fixtures for all tests; those that need a server which cannot be run here are left out, but fail under CI."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers

NEEDS = {"dovecot": ("dovecot",), "smtp": ("dovecot", "postfix")}
"""Fixture to the programs it needs."""
LEFT_OUT = "left out: "


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server."""
    for item in items:
        if set(NEEDS) & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were left out, and why."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    found = [reason.partition(LEFT_OUT)[2].rstrip("')") for reason in reasons if LEFT_OUT in reason]
    for reason in sorted(set(found)):
        terminalreporter.write_line(f"{found.count(reason)} tests were left out: {reason}")


def _require(fixture: str) -> None:
    reasons = [reason for program in NEEDS[fixture] if (reason := servers.missing(program))]
    if reasons and os.environ.get("CI"):
        pytest.fail(f"every test is to be run, as CI is set, but {reasons[0]}")
    if reasons:
        pytest.skip(LEFT_OUT + reasons[0])


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Where the servers live, with their certificate."""
    with servers.workplace() as folder:
        servers.make_certificate(folder)
        yield folder


@pytest.fixture(scope="session")
def dovecot_server(server_folder: Path) -> Iterator[servers.Dovecot]:
    """One Dovecot for all tests."""
    _require("dovecot")
    server = servers.Dovecot(server_folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def smtp_server(dovecot_server: servers.Dovecot, server_folder: Path) -> Iterator[servers.Postfix]:
    """One Postfix for all tests."""
    _require("smtp")
    server = servers.Postfix(server_folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def dovecot(dovecot_server: servers.Dovecot) -> Iterator[servers.Account]:
    """A new, empty mailbox on a real IMAP server."""
    dovecot_server.start()
    account = servers.Account(dovecot_server)
    yield account
    account.close()


@pytest.fixture
def smtp(smtp_server: servers.Postfix) -> servers.Postfix:
    """A real SMTP server to which nothing was sent yet."""
    smtp_server.start()
    smtp_server.clear()
    return smtp_server


@pytest.fixture
def trusted(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers' certificate counts as trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server_folder / "cert.pem"))
