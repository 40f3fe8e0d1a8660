"""Stand-ins for the outside world: a mailbox in memory, a way out that remembers, a classifier of words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from bot import app
from bot.config import Settings
from bot.errors import ServerError
from bot.model import Place, Raw
from bot.pipeline import Handled
from bot.service import Service
from classifiers.labels import Evidence, Flag, Kind, Message, Reply, Right, Verdict

WORDS = {
    "inzage": Right.ACCESS,
    "verwijder": Right.ERASURE,
    "corrigeer": Right.RECTIFICATION,
    "beperk": Right.RESTRICTION,
    "overdragen": Right.PORTABILITY,
    "bezwaar": Right.OBJECTION,
    "uitschrijven": Right.WITHDRAW_CONSENT,
}
REPLIES = {"bedankt": Reply.THANKS, "mens spreken": Reply.HUMAN, "laat maar": Reply.WITHDRAWN}


class WordClassifier:
    """Takes a message for what its words say; `misschien` makes it unsure."""

    def classify(self, message: Message) -> Verdict:
        """The verdict, from the text above any quoted line."""
        text = message.body.split("\n>")[0].lower()
        rights = tuple(dict.fromkeys(right for word, right in WORDS.items() if word in text))
        kind = Kind.REQUEST if rights else Kind.OTHER
        for word, found in (("klacht", Kind.COMPLAINT), ("vraag", Kind.QUESTION)):
            if word in text and not rights:
                kind = found
        return Verdict(
            kind=kind,
            confidence=0.98,
            certain="misschien" not in text,
            language="nl",
            reason="its words",
            rights=rights,
            also=(Kind.COMPLAINT,) if rights and "klacht" in text else (),
            flags=(Flag.BREACH,) if "gelekt" in text else (),
            evidence=(Evidence(kind.value, text[:80]),) if kind is not Kind.OTHER else (),
            name=message.display_name or None,
            reply=next((reply for word, reply in REPLIES.items() if word in text), None),
        )


@dataclass
class FakeFolder:
    """A folder in memory."""

    name: str
    uidvalidity: int = 1
    messages: dict[int, Raw] = field(default_factory=dict)

    def put(self, content: bytes, received: datetime) -> int:
        """Deliver a message; its UID."""
        uid = self.next_uid()
        self.messages[uid] = Raw(Place(self.name, self.uidvalidity, uid), received, content)
        return uid

    def after(self, uid: int) -> Sequence[int]:
        """The UIDs above this one."""
        return sorted(each for each in self.messages if each > uid)

    def since(self, day: date) -> int:
        """The highest UID received before this day."""
        return max((uid for uid, raw in self.messages.items() if raw.received.date() < day), default=0)

    def next_uid(self) -> int:
        """The next UID."""
        return max(self.messages, default=0) + 1

    def fetch(self, uid: int, limit: int) -> Raw | None:
        """The message."""
        return self.messages.get(uid)


@dataclass
class FakeMailbox:
    """A mailbox in memory."""

    folders: dict[str, FakeFolder] = field(default_factory=dict)

    def open(self, folder: str) -> FakeFolder:
        """The folder, made when there is none."""
        return self.folders.setdefault(folder, FakeFolder(folder))

    def wait(self, folder: str, seconds: float) -> bool:
        """Nothing comes."""
        return False

    def stop(self) -> None:
        """Nothing to stop."""

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class FakeSender:
    """Remembers what was sent; raises what `fails` says for a recipient."""

    sent: list[tuple[str, bytes, datetime]] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now().astimezone()
    fails: Callable[[str], Exception | None] = lambda to: None

    async def send(self, raw: bytes, envelope_from: str, to: str) -> None:
        """Take a message, or fail."""
        if error := self.fails(to):
            raise error
        self.sent.append((to, raw, self.clock()))


@dataclass
class Clock:
    """A time that the test sets."""

    now: datetime

    def __call__(self) -> datetime:
        """The time it is set to."""
        return self.now


@dataclass
class Office:
    """The whole program over fakes."""

    service: Service
    mailbox: FakeMailbox
    sender: FakeSender
    clock: Clock
    seen: list[Handled] = field(default_factory=list)

    async def once(self) -> None:
        """One pass."""
        await self.service.once()

    def put(self, content: bytes, folder: str = "INBOX") -> int:
        """Deliver a mail now."""
        return self.mailbox.open(folder).put(content, self.clock.now)

    def to(self, address: str) -> list[bytes]:
        """What was sent to an address."""
        return [raw for to, raw, _ in self.sender.sent if to == address]


def office(settings: Settings, folder: Path, now: datetime) -> Office:
    """The program over fakes, its data in this folder."""
    settings = settings.model_copy(update={"storage": settings.storage.model_copy(update={"path": folder})})
    mailbox, clock = FakeMailbox(), Clock(now)
    sender = FakeSender(clock=clock)
    service = app.service(settings, mailbox=lambda: mailbox, sender=sender, clock=clock, classify=WordClassifier)
    made = Office(service, mailbox, sender, clock)
    service.seen = lambda raw, handled: made.seen.append(handled)
    return made


def no_server(to: str) -> Exception:
    """The way out is shut."""
    return ServerError("the server is away")
