"""The way out, on a real Postfix and on servers that misbehave."""

import time
from typing import Any

import pytest

from bot import outbox
from bot.config import Smtp
from bot.errors import LoginError, Rejected, ServerError, Uncertain
from bot.outbox import SmtpSender
from tests.servers import LOCALHOST, Postfix, Scripted, free_port, scripted_smtp

LETTER = (
    b"From: info@wkm.example\r\nTo: an@thuis.example\r\nSubject: Uw verzoek\r\n"
    b"Date: Mon, 2 Mar 2026 09:30:00 +0100\r\nMessage-ID: <1@wkm.example>\r\n\r\n"
    b"Beste An,\r\n.een punt vooraan\r\n.\r\nGroet\r\n"
)
BOUNCES, AN = "terug@wkm.example", "an@thuis.example"


def sender(server: Postfix | Scripted, password: str | None = None, **more: Any) -> SmtpSender:
    """How to reach a server."""
    usual = {"host": server.host, "port": server.port, "security": "none"}
    return SmtpSender(Smtp(**{**usual, **more}), password)


async def test_a_letter_arrives_as_it_is(smtp: Postfix) -> None:
    """The bytes, the bounce address and the one recipient reach the server unchanged, dots included."""
    await sender(smtp).send(LETTER, BOUNCES, AN)
    assert smtp.messages(1) == [(BOUNCES, [AN], LETTER)]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_letter_leaves_encrypted_after_a_login(smtp: Postfix, trusted: None, security: str) -> None:
    """Both ways of encryption work, with a certificate that the machine trusts."""
    port = smtp.tls_port if security == "tls" else smtp.starttls_port
    way = {"host": "localhost", "port": port, "security": security, "username": smtp.user}
    await sender(smtp, smtp.password, **way).send(LETTER, BOUNCES, AN)
    assert len(smtp.messages(1)) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_an_untrusted_certificate_is_refused(smtp: Postfix, security: str) -> None:
    """No letter and no password goes to a server whose certificate nobody vouches for."""
    port = smtp.tls_port if security == "tls" else smtp.starttls_port
    way = {"host": "localhost", "port": port, "security": security, "username": smtp.user}
    with pytest.raises(ServerError, match=r"certificate of localhost:\d+ is not trusted .*trust store"):
        await sender(smtp, smtp.password, **way).send(LETTER, BOUNCES, AN)
    assert smtp.messages() == []


async def test_a_wrong_password_is_a_login_error(smtp: Postfix, trusted: None) -> None:
    """The sentence names the keys, not the password."""
    way = {"host": "localhost", "port": smtp.starttls_port, "security": "starttls", "username": smtp.user}
    with pytest.raises(LoginError, match=r"535 .*smtp\.username") as caught:
        await sender(smtp, "fout-wachtwoord", **way).send(LETTER, BOUNCES, AN)
    assert "fout-wachtwoord" not in str(caught.value)


async def test_a_refused_recipient_is_final_and_goes_unnamed(smtp: Postfix) -> None:
    """A 5xx to the recipient is Rejected; the address that the server repeats is not in the sentence."""
    with pytest.raises(Rejected, match=r"550 5\.1\.1") as caught:
        await sender(smtp).send(LETTER, BOUNCES, "gone@refused.example")
    assert "refused.example" not in str(caught.value)


async def test_a_busy_recipient_is_tried_again(smtp: Postfix) -> None:
    """A 4xx to the recipient is for later."""
    with pytest.raises(ServerError, match=r"450 4\.2\.0"):
        await sender(smtp).send(LETTER, BOUNCES, "later@refused.example")


async def test_a_server_that_is_down_takes_letters_again_when_up(smtp: Postfix) -> None:
    """Nothing is lost by a server that is away."""
    smtp.stop()
    with pytest.raises(ServerError, match="cannot be reached"):
        await sender(smtp).send(LETTER, BOUNCES, AN)
    smtp.start()
    await sender(smtp).send(LETTER, BOUNCES, AN)
    assert len(smtp.messages(1)) == 1


async def test_missing_starttls_stops_before_anything_is_said() -> None:
    """A server (or somebody in between) that hides STARTTLS gets neither password nor letter."""
    with scripted_smtp({}, offers="AUTH PLAIN") as server:
        with pytest.raises(ServerError, match="does not offer STARTTLS, so nothing leaves"):
            await sender(server, "secret", security="starttls", username="an").send(LETTER, BOUNCES, AN)
        assert {line[:4] for line in server.heard} <= {b"EHLO", b"QUIT"}


async def test_a_login_that_is_not_offered_is_said() -> None:
    """A username for a server without logins is named as the trouble."""
    with scripted_smtp({}) as server, pytest.raises(ServerError, match=r"offers no login.*smtp\.username"):
        await sender(server, "secret", username="an").send(LETTER, BOUNCES, AN)


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({"EHLO": "554 5.3.2 go away", "HELO": "554 5.3.2 go away"}, ServerError),
        ({"MAIL": "451 4.3.0 later"}, ServerError),
        ({"MAIL": "550 5.7.1 not you"}, ServerError),
        ({"MAIL": "530 5.7.57 authenticate first"}, LoginError),
        ({"RCPT": "450 4.2.1 greylisted"}, ServerError),
        ({"RCPT": "421 4.3.2 shutting down"}, ServerError),
        ({"RCPT": "550 5.1.1 unknown"}, Rejected),
        ({"RCPT": None}, ServerError),
        ({"DATA": "451 4.3.0 later"}, ServerError),
        ({"DATA": "554 5.5.1 no"}, Rejected),
        ({".": "451 4.3.0 later"}, ServerError),
        ({".": "552 5.3.4 too big"}, Rejected),
        ({".": "554 5.2.252 SendAsDenied; not allowed to send as"}, ServerError),
        ({".": None}, Uncertain),
        ({".": "what?"}, Uncertain),
    ],
)
async def test_each_refusal_says_what_to_do(replies: dict[str, str | None], kind: type[Exception]) -> None:
    """Later, never, not without a login, or unknown: every answer of a server is one of these."""
    with scripted_smtp(replies) as server, pytest.raises((ServerError, Rejected)) as caught:
        await sender(server).send(LETTER, BOUNCES, AN)
    assert type(caught.value) is kind


@pytest.mark.parametrize(("code", "kind"), [(535, LoginError), (454, ServerError)])
async def test_a_login_refused_for_now_is_tried_again(code: int, kind: type[Exception]) -> None:
    """Trouble in the server's login is not taken for a wrong password (RFC 4954 §6)."""
    refusing = scripted_smtp({"AUTH": f"{code} no"}, offers="AUTH PLAIN")
    with refusing as server, pytest.raises(ServerError) as caught:
        await sender(server, "secret", username="an").send(LETTER, BOUNCES, AN)
    assert type(caught.value) is kind


@pytest.mark.parametrize("said", [None, "500 what?"])
async def test_trouble_after_the_letter_was_taken_is_no_trouble(said: str | None) -> None:
    """Once the server took the letter, a broken farewell does not send it again."""
    with scripted_smtp({"QUIT": said}) as server:
        await sender(server).send(LETTER, BOUNCES, AN)
    assert b"RCPT TO:<an@thuis.example>" in server.heard


async def test_a_server_that_is_slow_to_part_does_not_hold_us_up() -> None:
    """QUIT is a courtesy of seconds, not minutes."""
    with scripted_smtp({"QUIT": ""}) as server:
        begun = time.monotonic()
        await sender(server).send(LETTER, BOUNCES, AN)
        assert time.monotonic() - begun < outbox.FAREWELL + 2


@pytest.mark.parametrize(
    "to", ["añ@thuis.example", "an@thuïs.example", "an@thuis.example\r\nRCPT TO:<b@x.example>"]
)
async def test_an_address_that_smtp_cannot_carry_is_rejected(to: str) -> None:
    """A person answers such a letter; the server never hears of it."""
    with scripted_smtp({}) as server:
        with pytest.raises(Rejected):
            await sender(server).send(LETTER, BOUNCES, to)
        assert server.heard == []


async def test_waiting_times_are_those_of_the_standard() -> None:
    """After the last dot a client waits ten minutes, for commands five (RFC 5321 §4.5.3.2)."""
    assert (outbox.COMMAND, outbox.AFTER_DOT) == (300, 600)


async def test_check_logs_in_and_sends_nothing(smtp: Postfix, trusted: None) -> None:
    """One line, ok or what to do."""
    way = {"host": "localhost", "port": smtp.starttls_port, "security": "starttls", "username": smtp.user}
    what = f"smtp localhost:{smtp.starttls_port}: login"
    assert await sender(smtp, smtp.password, **way).check() == [(what, "ok", "")]
    [(_, verdict, advice)] = await sender(smtp, "fout", **way).check()
    assert (verdict, "smtp.username" in advice) == ("problem", True)
    assert smtp.messages() == []


async def test_check_of_a_server_that_is_away_is_a_problem() -> None:
    """The host and port are named."""
    port = free_port()
    [(_, verdict, advice)] = await SmtpSender(Smtp(host=LOCALHOST, port=port, security="none"), None).check()
    assert (verdict, f"{LOCALHOST}:{port} cannot be reached" in advice) == ("problem", True)
