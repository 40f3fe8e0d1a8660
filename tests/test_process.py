"""`wkm-bot` as a process on real servers: it runs, is told things, is stopped and killed, and loses nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import storage
from bot.errors import Locked
from tests.post import mail
from tests.servers import Account, Postfix, until

ROOT = Path(__file__).parent.parent
JAN = "jan@mail.example"
PLAIN = "Goedemiddag,\n\nIk wil graag inzage in mijn persoonsgegevens.\n\nMet vriendelijke groet,\nJan de Vries\n"

CONFIG = """
[organisation]
name = "WKM Automotive Imaging"
address = "info@wkm.example"
[imap]
host = "{imap.host}"
port = {imap.port}
security = "none"
username = "{imap.user}"
poll_seconds = 5
start = "all"
[smtp]
host = "{smtp.host}"
port = {smtp.port}
security = "none"
[staff]
handlers = ["anna@staff.example"]
escalate_to = "sam@staff.example"
[replies]
mode = "live"
"""


class Firm:
    """A configuration on these servers, and the command line with it."""

    def __init__(self, folder: Path, dovecot: Account, smtp: Postfix) -> None:
        self.folder, self.dovecot, self.smtp = folder, dovecot, smtp
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG.format(imap=dovecot, smtp=smtp))
        self.env = {**os.environ, "WKM_BOT_IMAP_PASSWORD": dovecot.password}

    def command(self, *arguments: str) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", "bot", "--config", str(self.config), *arguments]

    def bot(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """`run`, up and watching."""
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(self.command("run"), cwd=ROOT, env=self.env, stderr=log)
        try:
            until(self.held, "the bot holds its data folder")
            yield process
        finally:
            process.kill()
            process.wait()
            log.close()

    def held(self) -> bool:
        """Whether a bot holds the data folder."""
        try:
            with storage.exclusive(self.folder / "data"):
                return False
        except Locked:
            return True

    def write(self, text: str = PLAIN) -> None:
        """A mail comes in."""
        message = mail(f"Jan de Vries <{JAN}>", "Mijn gegevens", text, datetime.now(UTC))
        self.dovecot.deliver(message.as_bytes())

    def replies(self) -> int:
        """How many mails Jan got."""
        return sum(rcpts == [JAN] for _, rcpts, _ in self.smtp.messages())


@pytest.fixture
def firm(tmp_path: Path, dovecot: Account, smtp: Postfix) -> Firm:
    """A firm on real servers."""
    return Firm(tmp_path, dovecot, smtp)


def test_killed_and_started_again(firm: Firm) -> None:
    """Killed after the confirmation left and started again, the bot confirms nothing twice, and hears orders."""
    with firm.running() as process:
        firm.write()
        until(firm.replies, "the confirmation arrives", 60)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with firm.running() as process:
        assert firm.bot("run", "--once").returncode == 4
        noted = firm.bot("act", f"WKM-{datetime.now(UTC).year}-0001", "notitie", "gebeld")
        assert noted.returncode == 0, noted.stderr
        case = json.loads(firm.bot("case", f"WKM-{datetime.now(UTC).year}-0001", "--json").stdout)
        assert case["state"] == "open"
        assert "gebeld" in json.dumps(case["events"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert firm.replies() == 1
    assert JAN not in (firm.folder / "log").read_text()


def test_check_tries_everything(firm: Firm) -> None:
    """`check` says ok for each server, and names the password when it is wrong."""
    fine = firm.bot("check")
    assert fine.stdout.count("ok ") >= 5, fine.stdout + fine.stderr
    firm.env["WKM_BOT_IMAP_PASSWORD"] = "wrong"
    wrong = firm.bot("check")
    assert wrong.returncode == 3
    assert "refused the login" in wrong.stdout
    refused = firm.bot("run")
    assert refused.returncode == 3
    assert "refused the login" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not firm.smtp.messages()
