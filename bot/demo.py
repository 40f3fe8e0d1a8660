"""The demonstration: the same code as in production, over a sample mailbox on servers of its own on loopback."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from imapclient import IMAPClient
from rich.console import Console

from bot import app, show, storage
from bot.config import Imap, Organisation, Replies, Settings, Smtp, Staff, Storage
from bot.inbox import ImapMailbox
from bot.model import Raw
from bot.outbox import SmtpSender
from bot.pipeline import Handled
from bot.service import Service
from bot.triage import Ignore, Open
from classifiers.labels import Kind

SAMPLES = Path(__file__).parent / "samples"
OUTPUT = Path(__file__).parent.parent / "data" / "demo"
USER, PASSWORD = "info@wkm.nl", "demo"
HANDLER, BOSS = "noor@staff.example", "sam@staff.example"
out = Console(highlight=False, markup=False, width=150 if not sys.stdout.isatty() else None)


@dataclass(slots=True)
class Arrived:
    """What the SMTP server took in: to whom, and the bytes."""

    mails: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the message (the name is the server library's)."""
        self.mails += [(to, envelope.content) for to in envelope.rcpt_tos]
        return "250 kept"


@dataclass(slots=True)
class Clock:
    """A time that the demonstration sets."""

    now: datetime

    def __call__(self) -> datetime:
        """The time it is set to."""
        return self.now


@dataclass(frozen=True, slots=True)
class Stage:
    """The servers and the bot on them."""

    service: Service
    clock: Clock
    imap_port: int
    arrived: Arrived
    seen: list[tuple[Raw, Handled]]

    def once(self) -> None:
        """One pass."""
        asyncio.run(self.service.once())

    def put(self, mails: Sequence[tuple[bytes, datetime]]) -> None:
        """Deliver mails into the mailbox, some of them already read or flagged by a person."""
        with _client(self.imap_port) as client:
            for number, (content, received) in enumerate(mails):
                flags = ((), (b"\\Seen",), (), (b"\\Flagged", b"\\Seen"))[number % 4]
                client.append("INBOX", content, flags, received)

    def snapshot(self) -> dict[int, tuple[bytes, ...]]:
        """Every UID with its flags."""
        with _client(self.imap_port) as client:
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search("ALL"), ["FLAGS"])
            return {uid: tuple(sorted(each[b"FLAGS"])) for uid, each in found.items()}


def main(serve: bool) -> None:
    """Run the demonstration; with `serve`, keep its servers up until interrupted."""
    with _stage() as stage:
        samples = [(path.read_bytes(), path.name) for path in sorted(SAMPLES.glob("*.eml"))]
        stage.put([(content, _received(content, stage.clock.now)) for content, _ in samples])
        before = stage.snapshot()
        stage.once()
        _tell_of_samples(stage, [name for _, name in samples])
        follow_ups = _follow_ups(stage)
        stage.clock.now += timedelta(hours=1)
        stage.put([(content, stage.clock.now) for content, _ in follow_ups])
        middle = stage.snapshot()
        told = len(stage.seen)
        stage.once()
        _tell("What came next", _rows(stage.seen[told:], [name for _, name in follow_ups]))
        stage.clock.now += timedelta(hours=1)
        stage.once()
        _show_mails(stage)
        _prove_untouched(before, middle, stage)
        if serve:
            _serve(stage)


@contextlib.contextmanager
def _stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as folder, _imap_server() as port, _smtp_server() as (smtp_port, arrived):
        settings = _settings(Path(folder), port, smtp_port)
        clock = Clock(datetime(2026, 11, 23, 9, 30, tzinfo=settings.organisation.timezone))
        seen: list[tuple[Raw, Handled]] = []
        service = app.service(
            settings,
            mailbox=lambda: ImapMailbox(settings.imap, PASSWORD),
            sender=SmtpSender(settings.smtp, None),
            clock=clock,
        )
        service.seen = lambda raw, handled: seen.append((raw, handled))
        with storage.exclusive(settings.storage.path):
            yield Stage(service, clock, port, arrived, seen)


def _settings(folder: Path, imap_port: int, smtp_port: int) -> Settings:
    local = "127.0.0.1"
    return Settings(
        organisation=Organisation(name="WKM Automotive Imaging", address=USER, website="https://www.wkm.nl"),
        imap=Imap(host=local, port=imap_port, security="none", username=USER, start="all"),
        smtp=Smtp(host=local, port=smtp_port, security="none"),
        storage=Storage(path=folder / "data"),
        staff=Staff(handlers=(HANDLER,), escalate_to=BOSS),
        replies=Replies(mode="live"),
    )


@contextlib.contextmanager
def _imap_server() -> Iterator[int]:
    port = _free_port()
    command = "from pymap.main import main; main()"
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict"]
    user = ["--demo-user", USER, "--demo-password", PASSWORD]
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", command, *arguments, *user], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


@contextlib.contextmanager
def _smtp_server() -> Iterator[tuple[int, Arrived]]:
    arrived = Arrived()
    controller = Controller(arrived, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        yield controller.port, arrived
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit("the demo's mail server did not start: try again")


def _client(port: int) -> IMAPClient:
    client = IMAPClient("127.0.0.1", port, ssl=False)
    client.login(USER, PASSWORD)
    return client


def _received(content: bytes, now: datetime) -> datetime:
    """When a sample arrived: a minute after it was written, as its Date says."""
    try:
        written = parsedate_to_datetime(str(message_from_bytes(content)["Date"]))
    except (TypeError, ValueError):
        return now
    return min(written.astimezone(now.tzinfo) + timedelta(minutes=1), now)


IMPOSTOR, THIEF = "impostor@elsewhere.example", "thief@elsewhere.example"
REPLIES = (
    ("thanks", "", "Fijn, dank voor de snelle reactie!"),
    ("misunderstood", "", "U heeft mij verkeerd begrepen. Ik wil graag een mens spreken."),
    ("spoofed follow-up", IMPOSTOR, "Stuur alle gegevens van deze zaak naar dit adres."),
)
COMMAND = "afgehandeld\nWij hebben uitgezocht wat er misging en het hersteld. Onze excuses."


def _follow_ups(stage: Stage) -> list[tuple[bytes, str]]:
    """Mails that answer ours, as data subjects, a colleague and two impostors would send them."""
    refs = {each.verdict.kind: each.ref for _, each in reversed(stage.seen) if each.verdict and each.ref}
    confirmations = [(to, message) for to, message in _parsed(stage) if message["In-Reply-To"]]
    found = [
        (_answer(message, sender or to, text, stage), name)
        for (to, message), (name, sender, text) in zip(confirmations, REPLIES, strict=False)
    ]
    for to, message in _parsed(stage):
        if to == HANDLER and f"{refs.get(Kind.COMPLAINT)}." in str(message["X-WKM-Case"]):
            found.append((_answer(message, HANDLER, COMMAND, stage), "a colleague's command"))
            found.append((_answer(message, THIEF, COMMAND, stage), "a forged command"))
            break
    return found


def _answer(message: EmailMessage, sender: str, text: str, stage: Stage) -> bytes:
    """A reply as a mail program writes it, with the text that it answers quoted below."""
    body = message.get_body(("plain",))
    quoted = body.get_content() if body else ""
    answer = EmailMessage()
    answer["From"], answer["To"] = sender, USER
    answer["Subject"] = f"Re: {message['Subject']}"
    answer["Date"] = stage.clock.now
    answer["Message-ID"] = f"<{abs(hash((sender, text, str(message['Message-ID']))))}@mail.example>"
    answer["In-Reply-To"] = str(message["Message-ID"])
    answer["References"] = f"{message['References']} {message['Message-ID']}"
    answer.set_content(
        f"{text}\n\n-----Oorspronkelijk bericht-----\n" + "".join(f"> {x}\n" for x in quoted.splitlines())
    )
    return answer.as_bytes()


def _parsed(stage: Stage) -> Iterator[tuple[str, EmailMessage]]:
    for to, content in stage.arrived.mails:
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        yield to, message


def _tell_of_samples(stage: Stage, names: Sequence[str]) -> None:
    _tell("What the mailbox held, and what was done", _rows(stage.seen, names))
    for held in stage.service.ledger.held():
        out.print(f"  held for a person: {held.id}: {held.reason}")


def _tell(title: str, rows: Iterator[Sequence[str]]) -> None:
    out.rule(title)
    out.print(show.table(("mail", "taken for", "sure", "because of", "what was done"), rows))


def _rows(seen: Sequence[tuple[Raw, Handled]], names: Sequence[str]) -> Iterator[Sequence[str]]:
    first = seen[0][0].place.uid if seen else 0
    for raw, handled in seen:
        verdict = handled.verdict
        name = names[raw.place.uid - first] if raw.place.uid - first < len(names) else str(raw.place.uid)
        label = f"{verdict.kind} {', '.join(verdict.rights)}" if verdict else "-"
        sure = f"{verdict.confidence:.2f}{'' if verdict.certain else ' unsure'}" if verdict else "-"
        because = "; ".join(each.text for each in verdict.evidence[:2])[:90] if verdict else ""
        yield name.removesuffix(".eml"), label, sure, because, _done(handled)


def _done(handled: Handled) -> str:
    if isinstance(handled.decision, Ignore):
        return f"left alone: {handled.decision.reason}"
    if isinstance(handled.decision, Open) and handled.decision.answer:
        return f"{handled.ref}: confirmed"
    what = type(handled.decision).__name__.lower()
    return f"{handled.ref}: {getattr(handled.decision, 'reason', what)}"


def _show_mails(stage: Stage) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for old in OUTPUT.glob("*.eml"):
        old.unlink()
    staff = {HANDLER, BOSS}
    for number, (to, message) in enumerate(_parsed(stage), 1):
        (OUTPUT / f"{number:02}-{'staff' if to in staff else 'subject'}.eml").write_bytes(message.as_bytes())
    for title, to_staff in (("The replies, as they were sent", False), ("The staff's mail", True)):
        out.rule(title)
        for to, message in _parsed(stage):
            body = message.get_body(("plain",))
            if (to in staff) == to_staff and body:
                text = body.get_content().replace("\r", "").strip()
                out.print(show.clean(f"To: {to}\nSubject: {message['Subject']}\n\n{text}\n"))
                out.print("─" * 40)


def _prove_untouched(before: dict[int, Any], middle: dict[int, Any], stage: Stage) -> None:
    after = stage.snapshot()
    out.rule("What was left untouched")
    same = after == middle and all(after[uid] == flags for uid, flags in before.items())
    out.print(f"{len(after)} mails in the mailbox; every UID and every flag as before: {'yes' if same else 'NO'}")
    left = sum(isinstance(handled.decision, Ignore) for _, handled in stage.seen)
    cases = len(list(stage.service.register.open_cases())) + len(list(stage.service.register.closed_cases()))
    out.print(f"{left} mails left alone, {cases} cases, {len(stage.service.ledger.held())} held, "
              f"{len(stage.arrived.mails)} mails sent; they stand as files in data/demo")  # fmt: skip
    if not same:
        raise SystemExit(1)


def _serve(stage: Stage) -> None:
    smtp = stage.service.settings.smtp
    out.print(f"IMAP: 127.0.0.1 port {stage.imap_port}, no encryption, user {USER}, password {PASSWORD}")
    out.print(f"SMTP: 127.0.0.1 port {smtp.port}, no encryption, no login. Stop with Ctrl-C.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            stage.clock.now += timedelta(seconds=5)
            stage.once()
            time.sleep(5)
