"""The way out: one letter at a time over SMTP."""

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from bot import network
from bot.config import Smtp
from bot.errors import LoginError, Rejected, ServerError, Uncertain
from bot.ports import Check

CONNECT = 30
"""Seconds for each step of the connection, TLS and the login."""
COMMAND = 5 * 60
"""Seconds for MAIL and RCPT (RFC 5321 §4.5.3.2.2 and .3)."""
AFTER_DOT = 10 * 60
"""Seconds for the answer to the message (RFC 5321 §4.5.3.2.6): giving up earlier sends letters twice."""
FAREWELL = 2
"""Seconds that a server gets to answer QUIT."""
LOGIN_WANTED = frozenset({530, 534, 535, 538})
"""RFC 4954 §6."""
NOT_OUR_SENDER = re.compile(r"\b(5\.7\.60|5\.2\.252|SendAsDenied)\b")
"""Exchange accepts MAIL FROM, and says only at the end that this login may not send as this sender."""
ENHANCED = re.compile(r"[45]\.\d{1,3}\.\d{1,3}\b")
"""The status code that may open a reply (RFC 2034 §4)."""


class SmtpSender:
    """Hands letters to the mail server (a `ports.Sender`), each over a connection of its own."""

    def __init__(self, settings: Smtp, password: str | None) -> None:
        self._settings = settings
        self._password = password
        self._where = f"{settings.host}:{settings.port}"

    async def send(self, raw: bytes, envelope_from: str, to: str) -> None:
        """Hand over one message as it is.

        ServerError: not taken, later it may be; LoginError: not before the login is right; Rejected: never;
        Uncertain: the connection was lost before the server answered, so nobody knows.
        """
        if not (to.isascii() and to.isprintable()):
            raise Rejected("the address has characters that mail servers do not take: answer in another way")
        async with self._connected(envelope_from.rpartition("@")[2]) as client:
            await client.mail(envelope_from, timeout=COMMAND)
            await client.rcpt(to, timeout=COMMAND)
            try:
                await client.data(raw, timeout=AFTER_DOT)
            except (SMTPException, OSError) as error:
                if isinstance(error, SMTPDataError):
                    raise
                raise Uncertain(
                    f"{self._where} gave no answer to a letter: it is unknown whether it left"
                ) from None

    async def check(self) -> list[Check]:
        """Connect and log in, and send nothing: one line, and what to do about a problem."""
        what = f"smtp {self._where}: {'login' if self._settings.username else 'connection'}"
        try:
            async with self._connected(None) as client:
                await client.noop()
        except (ServerError, Rejected) as error:
            return [(what, "problem", str(error))]
        return [(what, "ok", "")]

    @asynccontextmanager
    async def _connected(self, name: str | None) -> AsyncIterator[SMTP]:
        """A connection, logged in where there is a username; what goes wrong in it is translated."""
        settings = self._settings
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=None if settings.security == "none" else ssl.create_default_context(),
            local_hostname=name,
            timeout=CONNECT,
        )
        try:
            await client.connect()
            if settings.username:
                await client.login(settings.username, self._password or "")
            yield client
            with suppress(SMTPException, OSError):
                await client.quit(timeout=FAREWELL)
        except (SMTPException, OSError, ValueError) as error:
            raise self._translated(error) from None
        finally:
            client.close()

    def _translated(self, error: Exception) -> ServerError | Rejected:
        """What to do about an error; the server's words are left out, as they may name the recipient."""
        if not isinstance(error, SMTPResponseException):
            return ServerError(self._trouble(error.__cause__ or error))
        said = f"{self._where} answered {_code(error)}"
        if error.code < 500:
            return ServerError(f"{said}: it takes no letter now, it is tried again")
        if error.code in LOGIN_WANTED or isinstance(error, SMTPAuthenticationError):
            return LoginError(
                f"{said} to the login: check smtp.username and the password "
                "(WKM_BOT_SMTP_PASSWORD or smtp.password_file)"
            )
        if isinstance(error, SMTPSenderRefused) or NOT_OUR_SENDER.search(error.message):
            return ServerError(
                f"{said}: it does not let this login send as smtp.bounce_address or our own address"
            )
        if isinstance(error, SMTPRecipientRefused | SMTPDataError):
            return Rejected(f"{said}: it refused this letter for good")
        return ServerError(f"{said}: check smtp.host and smtp.port")

    def _trouble(self, error: BaseException) -> str:
        where = self._where
        match error:
            case SMTPException() if "AUTH" in error.message.upper():
                return f"{where} offers no login that we can do: check smtp.port, or leave smtp.username empty"
            case SMTPException() if "STARTTLS" in error.message:
                return f'{where} does not offer STARTTLS, so nothing leaves: set smtp.security to "tls", port 465'
        return network.trouble(error, where, "smtp") or f"{where} broke off: it is tried again"


def _code(error: SMTPResponseException) -> str:
    found = ENHANCED.match(error.message)
    return f"{error.code} {found[0]}" if found else str(error.code)
