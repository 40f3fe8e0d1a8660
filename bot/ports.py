"""What the shell needs from the outside world, as small protocols; the edge fulfils them, tests fake them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol

from bot.model import Raw
from classifiers.labels import Message, Verdict


class Folder(Protocol):
    """One folder of the mailbox, opened read-only. Every method raises ServerError when the server fails."""

    @property
    def uidvalidity(self) -> int:
        """The folder's UIDVALIDITY."""

    def after(self, uid: int) -> Sequence[int]:
        """The UIDs above this one, ascending."""

    def since(self, day: date) -> int:
        """A UID up to which every message was received before this day, in whatever time zone; may be 0."""

    def next_uid(self) -> int:
        """The UID that the next message will get at least (UIDNEXT)."""

    def fetch(self, uid: int, limit: int) -> Raw | None:
        """The message; None when it is no longer there.

        Of its content at most `limit` + 1 bytes (a longer one shows); empty when the server withholds it.
        """


class Mailbox(Protocol):
    """The connection to the mail server; blocking, used from one thread."""

    def open(self, folder: str) -> Folder:
        """Open with EXAMINE; ServerError when there is no such folder."""

    def wait(self, folder: str, seconds: float) -> bool:
        """Wait for new mail in this folder, by IDLE where possible; True when something may have come.

        Returns within `seconds`, and at once after `stop`."""

    def stop(self) -> None:
        """End a running `wait` from another thread."""

    def close(self) -> None:
        """Log out; never raises."""


class Sender(Protocol):
    """The way out."""

    async def send(self, raw: bytes, envelope_from: str, to: str) -> None:
        """Hand one message to the server. ServerError: not sent, try again. Rejected: refused for good."""


class Classifier(Protocol):
    """What a message is taken for."""

    def classify(self, message: Message) -> Verdict:
        """The verdict on one message."""


class Clock(Protocol):
    """The time; only the app asks it."""

    def __call__(self) -> datetime:
        """Now, aware."""


Check = tuple[str, Literal["ok", "problem"], str]
"""One line of `check`: what was tried, how it went, and what to do."""
