"""The command line: every command of the contract, its fields, its exit codes, a sentence for every mistake."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from bot import app, config, requests, storage
from bot.cli import cli, main
from bot.ledger import Ledger
from bot.model import Place, Raw
from bot.service import Service
from tests.desk import ANNA, NOW, case_of, notice
from tests.fakes import Clock, FakeMailbox, FakeSender, WordClassifier

CONFIG = """
[organisation]
name = "WKM Automotive Imaging"
address = "info@wkm.example"
[imap]
host = "127.0.0.1"
port = 1
security = "none"
username = "info"
password_file = "secret"
[smtp]
host = "127.0.0.1"
port = 1
security = "none"
[staff]
handlers = ["anna@staff.example"]
escalate_to = "chef@staff.example"
"""
MAILS = Path(__file__).parent / "mails"
COMMANDS = {
    "run", "check", "demo", "classify", "cases", "case", "held", "act", "open", "digest", "deadline", "purge",
    "train", "evaluate",
}  # fmt: skip
CASE_FIELDS = [
    "ref", "kind", "also", "rights", "flags", "state", "decisions", "received", "due", "due_is", "extended",
    "name", "address", "language", "handler", "closed",
]  # fmt: skip
DEADLINE_FIELDS = [
    "received", "due", "due_unshifted", "extended_due", "extended_unshifted", "extend_before", "steps",
]  # fmt: skip
VERDICT_FIELDS = [
    "file", "kind", "also", "rights", "unsure_rights", "flags", "language", "confidence", "certain", "sender",
    "automatic", "reply", "reason", "evidence",
]  # fmt: skip
OPEN = ("open", "--received", "2026-04-02", "--address", "jan@mail.example", "--name", "Jan Jansen")


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A configuration file, and a data folder with one case."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "secret").write_text("welcome")
    case, _ = notice(case_of())
    app.register_of(config.load(tmp_path / "config.toml")).save(case)
    return tmp_path


class Terminal:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys = capsys
        self.config = folder / "config.toml"

    def __call__(self, *arguments: str, config: Path | None = None) -> tuple[int, str, str]:
        """Exit code, what was printed, and what was complained."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--config", str(config or self.config), *arguments])
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        """One object a line."""
        code, said, complaint = self(*arguments)
        assert (code, complaint) == (0, "")
        return [json.loads(line) for line in said.splitlines()]

    def wrong(self, *arguments: str, code: int, says: str, config: Path | None = None) -> None:
        """The command fails with this code and one sentence."""
        found, said, complaint = self(*arguments, config=config)
        assert (found, said) == (code, "")
        assert says in complaint
        assert complaint.startswith("wkm-bot: ")
        assert complaint.count("\n") == 1


@pytest.fixture
def bot(capsys: pytest.CaptureFixture[str], firm: Path) -> Terminal:
    """The command, with a configuration."""
    return Terminal(capsys, firm)


def test_every_command_of_the_contract_exists() -> None:
    """The commands are those of the contract, and each shows an example in its help."""
    group = typer.main.get_command(cli)
    commands: dict[str, Any] = group.commands  # type: ignore[attr-defined]
    assert set(commands) == COMMANDS
    assert all("wkm-bot" in (command.epilog or "") for command in commands.values())


@pytest.mark.parametrize("command", ["", *sorted(COMMANDS)])
def test_help_on_every_level(bot: Terminal, command: str) -> None:
    """`--help` answers on every level."""
    code, said, _ = bot(*([command] if command else []), "--help")
    assert code == 0
    assert "wkm-bot" in said


def test_cases_as_json(bot: Terminal) -> None:
    """`cases --json` gives the fields of the contract, one object a line."""
    (case,) = bot.json("cases", "--json")
    assert list(case) == CASE_FIELDS
    assert (case["ref"], case["received"], case["due"]) == (
        "WKM-2026-0001",
        "2026-04-02T11:00:00+02:00",
        "2026-05-04",
    )
    assert (case["due_is"], case["decisions"], case["closed"]) == ("statutory", {"access": None}, None)


def test_one_case_as_json(bot: Terminal) -> None:
    """`case REF --json` adds the history, the letters and the dates."""
    (case,) = bot.json("case", "wkm-2026-0001", "--json")
    assert list(case) == [*CASE_FIELDS, "events", "letters", "deadline"]
    assert list(case["deadline"]) == DEADLINE_FIELDS
    assert [list(event)[:3] for event in case["events"]] == [["at", "what", "by"]] * 2
    assert case["letters"][0]["stage"] == "sent"


def test_deadline_as_json(bot: Terminal) -> None:
    """`deadline --json` gives the fields of the contract, for a day and for an instant."""
    (found,) = bot.json("deadline", "2026-01-31", "--json")
    assert list(found) == DEADLINE_FIELDS
    assert (found["due"], found["due_unshifted"]) == ("2026-03-02", "2026-02-28")
    assert bot.json("deadline", "2026-01-30T23:30:00Z", "--json") == [found]


def test_held_as_json(bot: Terminal, firm: Path) -> None:
    """`held --json` names the mail and the reason; `held --done` lets it go."""
    held = Ledger(firm / "data").hold(Raw(Place("INBOX", 1, 7), NOW, b""), "too large", NOW)
    (found,) = bot.json("held", "--json")
    assert list(found) == ["id", "folder", "uid", "received", "since", "reason", "attempts", "retry"]
    assert (found["id"], found["received"]) == (held.id, "2026-04-07T12:00:00+02:00")
    assert bot("held", "--done", held.id)[0] == 0
    assert bot("held")[1] == "nothing is held\n"


def test_classify_as_json(bot: Terminal, firm: Path) -> None:
    """`classify --json` gives a line for each input in order; one that cannot be read does not stop the others."""
    good = next(iter(sorted(MAILS.rglob("*.eml"))))
    empty, missing = firm / "empty.eml", firm / "missing.eml"
    empty.write_bytes(b"")
    code, said, _ = bot("classify", "--json", str(missing), str(good), str(empty), str(firm))
    lines = [json.loads(line) for line in said.splitlines()]
    assert code == 1
    assert [list(line) for line in lines] == [
        ["file", "error"],
        VERDICT_FIELDS,
        ["file", "error"],
        ["file", "error"],
    ]
    assert list(lines[1]["sender"]) == ["address", "name", "on_behalf_of"]
    assert [line["file"] for line in lines] == [str(missing), str(good), str(empty), str(firm)]


def test_the_register_is_chosen_from(bot: Terminal) -> None:
    """Each choice of `cases` shows its own; two at once are refused."""
    assert len(bot.json("cases", "--json", "--open")) == len(bot.json("cases", "--json", "--overdue")) == 1
    assert bot.json("cases", "--json", "--closed") == bot.json("cases", "--json", "--unsure") == []
    bot.wrong("cases", "--open", "--closed", code=2, says="choose one")


def test_a_command_at_the_console(bot: Terminal) -> None:
    """`act` carries out a command of staff, and is refused with what would be right."""
    assert bot("act", "WKM-2026-0001", "notitie", "gebeld", "--as", ANNA)[0] == 0
    assert bot.json("case", "WKM-2026-0001", "--json")[0]["events"][-1]["by"] == ANNA
    bot.wrong("act", "WKM-2026-0001", "dans", code=1, says="dans")
    bot.wrong("act", "WKM-2026-0009", "status", code=1, says="WKM-2026-0009")
    bot.wrong("act", "WKM-2026-0001", "status", "--as", "eve@x.example", code=2, says="--as")


def test_a_case_by_hand(bot: Terminal, firm: Path) -> None:
    """`open` makes a case of what came by letter, with the receipt that was given."""
    letter = firm / "brief.txt"
    letter.write_text("Graag inzage.")
    given = (*OPEN, "--kind", "rights_request", "--rights", "access", "--channel", "letter", str(letter))
    assert "WKM-2026-0002" in bot(*given)[1]
    found = bot.json("case", "WKM-2026-0002", "--json")[0]
    assert (found["received"][:10], found["events"][0]["channel"]) == ("2026-04-02", "letter")


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (("--received", "2026-02-30"), 2, "is no date"),
        (("--received", "2126-01-01"), 2, "still to come"),
        (("--address", "jan"), 2, "not a mail address"),
        (("--name", "https://x.example"), 2, "--name"),
        (("--language", "de"), 2, "--language"),
        (("--channel", "pigeon"), 2, "--channel"),
        (("--flags", "rain"), 2, "rain"),
        (("--rights", "access"), 2, "--rights"),
        (("--kind", "other"), 2, "--kind"),
        (("--address", "info@wkm.example"), 1, "does not write to"),
        (("--address", "x@autoriteitpersoonsgegevens.nl"), 1, "does not write to"),
        (("missing.txt",), 2, "cannot be read"),
    ],
)
def test_a_case_by_hand_that_is_wrong(bot: Terminal, change: tuple[str, ...], code: int, says: str) -> None:
    """Whatever is wrong with `open` is named, and no case is made."""
    bot.wrong(*OPEN, "--kind", "complaint", *change, code=code, says=says)
    assert len(bot.json("cases", "--json")) == 1


def test_a_text_that_is_no_utf8(bot: Terminal, firm: Path) -> None:
    """A file in another encoding is refused rather than kept garbled."""
    (firm / "latin.txt").write_bytes(b"caf\xe9")
    bot.wrong(*OPEN, "--kind", "complaint", str(firm / "latin.txt"), code=2, says="UTF-8")


@pytest.mark.parametrize("ref", ["WKM-2026-0009", "x", "../../etc/passwd", "WKM-2026-", "\x1b[2J"])
def test_an_unknown_case(bot: Terminal, ref: str) -> None:
    """A reference that there is not is answered with a sentence."""
    bot.wrong("case", ref, code=1, says="there is no case")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "does not exist"),
        (b"x = [", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"", "organisation is missing"),
        (CONFIG.encode() + b"typo = 1\n", "typo"),
        (CONFIG.encode() + b'[storage]\npath = "config.toml"\n', "cannot be used"),
    ],
)
def test_a_wrong_configuration(bot: Terminal, tmp_path: Path, content: bytes | None, says: str) -> None:
    """Every kind of wrong configuration is told in one sentence, with exit code 2."""
    path = tmp_path / "other"
    path.mkdir()
    if content is not None:
        (path / "config.toml").write_bytes(content)
    bot.wrong("cases", code=2, says=says, config=path / "config.toml")


def test_a_damaged_case(bot: Terminal, firm: Path) -> None:
    """A damaged case file is named by every command that needs it."""
    (firm / "data/open/WKM-2026-0001.json").write_bytes(b"{}")
    bot.wrong("cases", code=1, says="WKM-2026-0001.json is damaged")
    bot.wrong("digest", code=1, says="is damaged")


def test_a_server_that_is_away(bot: Terminal) -> None:
    """What needs a server that cannot be reached ends with exit code 3."""
    bot.wrong("run", "--once", code=3, says="127.0.0.1:1")
    bot.wrong("digest", "--send", code=3, says="127.0.0.1:1")
    assert bot("check")[0] == 3


def test_no_password(bot: Terminal, firm: Path) -> None:
    """A password that is nowhere is a matter of configuration."""
    (firm / "secret").unlink()
    bot.wrong("run", "--once", code=2, says="password")


def test_a_second_run(bot: Terminal, firm: Path) -> None:
    """A second `run` on a data folder ends with exit code 4; reading is always possible."""
    with storage.exclusive(firm / "data"):
        bot.wrong("run", "--once", code=4, says="another run holds")
        assert len(bot.json("cases", "--json")) == 1


def test_a_change_waits_for_a_short_holder(bot: Terminal, firm: Path) -> None:
    """When another command holds the folder for a moment, the change is made once that is done."""
    entered = threading.Event()

    def hold() -> None:
        with storage.exclusive(firm / "data"):
            entered.set()
            time.sleep(1)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    code, _, complaint = bot("act", "WKM-2026-0001", "notitie", "gebeld")
    holder.join()
    assert (code, complaint) == (0, "")


def test_a_change_is_handed_to_a_running_bot(bot: Terminal, firm: Path) -> None:
    """While `run` is up it carries out what another process asks, and says what came of it."""
    ready, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(firm, ready, done)))
    thread.start()
    ready.wait()
    try:
        assert bot("act", "WKM-2026-0001", "notitie", "gebeld")[0] == 0
        bot.wrong("act", "WKM-2026-0001", "dans", code=1, says="dans")
    finally:
        done.set()
        thread.join()
    assert bot.json("case", "WKM-2026-0001", "--json")[0]["events"][-1]["why"] == "gebeld"
    assert list((firm / "data/requests").iterdir()) == []


async def _serve(firm: Path, ready: threading.Event, done: threading.Event) -> None:
    settings = config.load(firm / "config.toml")
    with storage.exclusive(firm / "data"):
        service: Service = app.service(
            settings, mailbox=FakeMailbox, sender=FakeSender(), clock=Clock(NOW), classify=WordClassifier
        )
        ready.set()
        while not done.is_set():
            for request in requests.take(firm / "data"):
                requests.answer(firm / "data", request, await service.obey(request))
            await asyncio.sleep(0.05)


def test_the_digest_and_the_purge(bot: Terminal) -> None:
    """The digest is shown, and a purge with nothing to do says so."""
    assert bot("digest")[0] == 0
    assert bot("purge", "--dry-run")[1] == "nothing is past its retention\n"
    assert bot("purge")[1] == "nothing was past its retention\n"


def _process(*arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "bot", *arguments], text=True, check=False, timeout=60, **streams)


def test_nobody_reads(firm: Path) -> None:
    """A reader that went away is no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    options = ("--config", str(firm / "config.toml"))
    for command in (("cases", "--json"), ("cases",), ("deadline", "2026-01-31")):
        ended = _process(*options, *command, stdout=writing, stderr=subprocess.PIPE)
        assert ended.returncode == 1
        assert "Traceback" not in ended.stderr
    os.close(writing)


def test_a_name_that_no_encoding_knows(firm: Path) -> None:
    """A file name in another encoding is shown by its numbers, as valid JSON."""
    options = ("--config", str(firm / "config.toml"))
    ended = _process(*options, "classify", "--json", os.fsdecode(b"caf\xe9.eml"), stdout=subprocess.PIPE)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["file"] == os.fsdecode(b"caf\xe9.eml")


def test_commands_that_classify_nothing_load_no_classifier(firm: Path) -> None:
    """Looking at the register does not load the language library."""
    code = f"""
import sys
from bot.cli import main
try:
    main(["--config", {str(firm / "config.toml")!r}, "cases"])
except SystemExit:
    print("spacy" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "False"
