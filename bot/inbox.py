"""The way in: the mailbox over IMAP, opened in such a way that nothing we do can change a flag."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, ProtocolError
from imapclient.exceptions import LoginError as LoginFailed

from bot import network
from bot.config import Imap
from bot.errors import BotError, LoginError, ServerError
from bot.model import Place, Raw
from bot.ports import Check

TIMEOUT = SocketTimeout(connect=30, read=60)
"""Seconds."""
FAREWELL = 2
"""Seconds that a server gets to answer LOGOUT."""
IDLE_RENEWAL = 25 * 60
"""Seconds after which IDLE is issued again (RFC 2177: at least every 29 minutes)."""
SLICE = 0.5
"""Seconds between two looks at whether we were told to stop."""
WINDOW = 20_000
"""Messages that one SEARCH looks at: the library reads no line of more than a million bytes."""
PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
"""Codes of a login that was refused for now (RFC 5530 §3)."""


@dataclass(frozen=True, slots=True)
class _State:
    """What EXAMINE tells of a folder."""

    uidvalidity: int
    exists: int
    uidnext: int | None


class ImapMailbox:
    """One connection, logged in (a `ports.Mailbox`). Raises LoginError or ServerError from the start.

    After a ServerError of any method the connection is of no use: close it and make a new one.
    """

    def __init__(
        self,
        settings: Imap,
        password: str,
        *,
        window: int = WINDOW,
        idle_renewal: float = IDLE_RENEWAL,
        clock: Callable[[], datetime] = partial(datetime.now, UTC),
    ) -> None:
        self.clock = clock
        self._settings = settings
        self._idle_renewal = idle_renewal
        self.window = window
        self._stopping = threading.Event()
        self._entered = ""
        self._opened: dict[str, _State] = {}
        self._client = _connect(settings)
        try:
            _login(self._client, settings, password)
        except BotError:
            self.close()
            raise

    def open(self, folder: str) -> "ImapFolder":
        """Open with EXAMINE; ServerError when there is no such folder."""
        state = self._opened[folder] = self._examine(folder)
        return ImapFolder(self, folder, state)

    def wait(self, folder: str, seconds: float) -> bool:
        """Wait for mail that came since this folder was last opened; True when some may have come.

        Returns within `seconds`, and within a second after `stop`. Without IDLE it sleeps instead.
        """
        end = time.monotonic() + seconds
        if not (self._settings.idle and "IDLE" in self.capabilities()):
            stopped = self._stopping.wait(min(seconds, self._settings.poll_seconds))
            return not stopped
        if self._examine(folder) != self._opened.get(folder):
            return True
        with _translated(self._settings):
            while (left := end - time.monotonic()) > 0 and not self._stopping.is_set():
                if self._idle(min(left, self._idle_renewal)):
                    return True
        return False

    def _idle(self, seconds: float) -> bool:
        """One IDLE command; True when a message was announced."""
        end = time.monotonic() + seconds
        instant, came = 0, False
        self._client.idle()
        while not came and (left := end - time.monotonic()) > 0 and not self._stopping.is_set():
            begun, slice_ = time.monotonic(), min(left, SLICE)
            said = self._client.idle_check(timeout=slice_)
            came = self._announced(said)
            instant = instant + 1 if not said and time.monotonic() - begun < slice_ / 2 else 0
            if instant == 2:
                raise ServerError(f"{_where(self._settings)} closed the connection: it is made anew")
        _, said = self._client.idle_done()
        return came or self._announced(said)

    def _announced(self, said: Sequence[Any]) -> bool:
        if any(each and each[0] == b"BYE" for each in said):
            raise ServerError(f"{_where(self._settings)} ended the connection: it is made anew")
        return any(len(each) > 1 and each[1] == b"EXISTS" for each in said)

    def stop(self) -> None:
        """End a running `wait` from another thread; later ones return at once."""
        self._stopping.set()

    def close(self) -> None:
        """Log out; never raises."""
        with suppress(IMAPClientError, OSError, ValueError, AttributeError):
            self._client.socket().settimeout(FAREWELL)
            self._client.logout()
        with suppress(IMAPClientError, OSError, ValueError, AttributeError):
            self._client.shutdown()

    def capabilities(self) -> frozenset[str]:
        """What the server offers, in upper case."""
        with _translated(self._settings):
            return frozenset(each.decode("ascii", "replace").upper() for each in self._client.capabilities())

    def _examine(self, folder: str) -> _State:
        with _translated(self._settings):
            try:
                found = self._client.select_folder(folder, readonly=True)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                raise ServerError(
                    f'{_where(self._settings)} does not open the folder "{folder}" ({_words(error)}): '
                    "check imap.folder, imap.junk and imap.sent"
                ) from None
            self._entered = folder
            return _State(found[b"UIDVALIDITY"], found.get(b"EXISTS", 0), found.get(b"UIDNEXT"))

    @contextmanager
    def enter(self, folder: str, uidvalidity: int) -> Iterator[IMAPClient]:
        """The connection with this folder open; ServerError when the folder was made anew meanwhile."""
        if self._entered != folder and self._examine(folder).uidvalidity != uidvalidity:
            raise ServerError(f'the folder "{folder}" was renumbered meanwhile: it is opened again')
        with _translated(self._settings):
            yield self._client


class ImapFolder:
    """A folder opened with EXAMINE (a `ports.Folder`)."""

    def __init__(self, mailbox: ImapMailbox, name: str, state: _State) -> None:
        self._mailbox = mailbox
        self._name = name
        self._state = state

    @property
    def uidvalidity(self) -> int:
        """The folder's UIDVALIDITY."""
        return self._state.uidvalidity

    def after(self, uid: int) -> Sequence[int]:
        """The UIDs above this one, ascending."""
        return self._search("UID", f"{uid + 1}:*", above=uid)

    def since(self, day: date) -> int:
        """A UID up to which every message was received before this day, whatever time zone the server counts in.

        Not the highest UID received before: an old message that is moved back gets a new, higher one.
        """
        found = self._search("SINCE", day - timedelta(days=1))
        return (found[0] if found else self.next_uid()) - 1

    def next_uid(self) -> int:
        """The UID that the next message will get at least (UIDNEXT)."""
        if self._state.uidnext is not None:
            return self._state.uidnext
        return max(self._search("UID", "*"), default=0) + 1

    def _search(self, *criteria: str | date, above: int = 0) -> list[int]:
        """The UIDs that match and are above this one, ascending.

        Window by window from the end: a message that moves down because others are expunged is found in the
        next window. `n:*` always names the last message, also when its UID is below n (RFC 3501 §6.4.8).
        """
        found: set[int] = set()
        size = self._mailbox.window
        top = (self._state.exists - 1) // size * size + 1
        with self._mailbox.enter(self._name, self.uidvalidity) as client:
            for low in range(top, 0, -size):
                high = "*" if low == top else low + size - 1
                window = [f"{low}:{high}"] if top > 1 else []
                found.update(client.search([*window, *criteria]))
        return sorted(uid for uid in found if uid > above)

    def fetch(self, uid: int, limit: int) -> Raw | None:
        """The message; None when it is no longer there.

        Of its content at most `limit` + 1 bytes: more than `limit` tells that it is longer. When the server
        will not give out this one message (Exchange does so with what it cannot convert) the content is empty;
        when it does not even tell its date, it counts as received now.
        """
        with self._mailbox.enter(self._name, self.uidvalidity) as client:
            found = self._answer(client, uid, f"BODY.PEEK[]<0.{limit + 1}>")
            content = next((value for key, value in found.items() if key.startswith(b"BODY[]")), None)
            if content is None:
                client.noop()  # lets the server say first that the message is gone (RFC 3501 §7.4.1)
                found = self._answer(client, uid)
            received = found.get(b"INTERNALDATE")
            if not isinstance(received, datetime):
                if uid not in client.search(["UID", str(uid)]):
                    return None
                received = self._mailbox.clock()
        place = Place(self._name, self.uidvalidity, uid)
        return Raw(place, received.astimezone(UTC), content if isinstance(content, bytes) else b"")

    def _answer(self, client: IMAPClient, uid: int, *items: str) -> dict[bytes, Any]:
        """What the server gives out about a message; nothing when it refuses."""
        try:
            return client.fetch([uid], ["INTERNALDATE", *items]).get(uid) or {}
        except (IMAPClientAbortError, ProtocolError):
            raise
        except IMAPClientError:
            return {}


def check(settings: Imap, password: str) -> list[Check]:
    """Log in, look for the folders and for IDLE; one line for each, and what to do about problems."""
    where = f"imap {_where(settings)}"
    try:
        mailbox = ImapMailbox(settings, password)
    except ServerError as error:
        return [(f"{where}: login", "problem", str(error))]
    try:
        lines: list[Check] = [(f"{where}: login", "ok", "")]
        lines += [_check_folder(mailbox, name) for name in (settings.folder, settings.junk, settings.sent) if name]
        idle = "IDLE" in mailbox.capabilities()
        polled = f"not offered, the mailbox is looked at every {settings.poll_seconds} seconds"
        return [*lines, ("imap idle", "ok", "" if idle else polled)]
    except ServerError as error:
        return [*lines, ("imap", "problem", str(error))]
    finally:
        mailbox.close()


def _check_folder(mailbox: ImapMailbox, name: str) -> Check:
    try:
        mailbox.open(name)
    except ServerError as error:
        return f'imap folder "{name}"', "problem", str(error)
    return f'imap folder "{name}"', "ok", ""


def _connect(settings: Imap) -> IMAPClient:
    with _translated(settings):
        context = ssl.create_default_context()
        tls = settings.security == "tls"
        client = IMAPClient(
            settings.host, settings.port, ssl=tls, ssl_context=context if tls else None, timeout=TIMEOUT
        )
        client.normalise_times = False
        if settings.security == "starttls":
            try:
                client.starttls(context)
            except BaseException:
                with suppress(OSError):
                    client.shutdown()
                raise
        return client


def _login(client: IMAPClient, settings: Imap, password: str) -> None:
    plain = not (settings.username + password).isascii()
    with _translated(settings):
        try:
            (client.plain_login if plain else client.login)(settings.username, password)
        except LoginFailed as error:
            if isinstance(error.__context__, IMAPClientAbortError):
                raise error.__context__ from None
            if any(code in str(error).upper() for code in PASSING):
                raise ServerError(f"{_where(settings)} takes no logins for now: it is tried again") from None
            raise LoginError(
                f"{_where(settings)} refused the login: check imap.username and the password "
                "(WKM_BOT_IMAP_PASSWORD or imap.password_file)"
            ) from None


def _words(error: IMAPClientError) -> str:
    """What the server said about a folder, fit for one line."""
    said = str(error).partition(": ")[2] or "no reason given"
    return "".join(each for each in said if each.isprintable())[:100]


def _where(settings: Imap) -> str:
    return f"{settings.host}:{settings.port}"


@contextmanager
def _translated(settings: Imap) -> Iterator[None]:
    """Errors of the library and the network as ServerError; none quotes what the server said."""
    try:
        yield
    except (IMAPClientError, OSError, ValueError, LookupError) as error:
        raise ServerError(_sentence(_where(settings), error)) from None


def _sentence(where: str, error: Exception) -> str:
    match error:
        case CapabilityError():
            return f'{where} does not offer STARTTLS: set imap.security to "tls" and imap.port to 993'
        case IMAPClientAbortError():
            return f"{where} ended the connection: it is made anew"
    return network.trouble(error, where, "imap") or f"{where} gave an answer that breaks the protocol"
