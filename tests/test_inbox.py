"""The way in, on a real Dovecot and on servers that misbehave."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from bot import inbox
from bot.config import Imap
from bot.errors import LoginError, ServerError
from bot.inbox import ImapMailbox
from bot.model import Place
from tests.servers import Account, Scripted, free_port, scripted_imap, until

MAIL = b"From: an@thuis.example\r\nSubject: inzage\r\n\r\nGraag inzage.\r\n"
LIMIT = 1000


def settings(server: Account | Scripted, **more: Any) -> Imap:
    """How to reach a server."""
    usual = {"host": server.host, "port": server.port, "security": "none", "username": "an"}
    return Imap(**{**usual, **({"username": server.user} if isinstance(server, Account) else {}), **more})


@contextmanager
def closed_after(mailbox: ImapMailbox) -> Iterator[ImapMailbox]:
    """The mailbox, closed at the end."""
    try:
        yield mailbox
    finally:
        mailbox.close()


def logged_in(server: Account | Scripted, **more: Any) -> AbstractContextManager[ImapMailbox]:
    """A mailbox on this server, closed at the end."""
    password = server.password if isinstance(server, Account) else "secret"
    return closed_after(ImapMailbox(settings(server, **more), password))


@contextmanager
def later(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Do something meanwhile."""
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_reading_changes_no_flag_uid_or_modseq(dovecot: Account) -> None:
    """Everything in the mailbox is read, and the mailbox is as it was before."""
    for flags in ((), (b"\\Seen",), (b"\\Flagged",)):
        dovecot.deliver(MAIL, flags=flags)
    before = dovecot.snapshot()
    with logged_in(dovecot) as mailbox:
        folder = mailbox.open("INBOX")
        raws = [folder.fetch(uid, LIMIT) for uid in folder.after(0)]
    assert [raw.content for raw in raws if raw] == [MAIL] * 3
    assert dovecot.snapshot() == before


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_trusted_server_is_read_over_tls(dovecot: Account, trusted: None, security: str) -> None:
    """Both ways of encryption work with a certificate that the machine trusts."""
    dovecot.deliver(MAIL)
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with logged_in(dovecot, host="localhost", port=port, security=security) as mailbox:
        assert list(mailbox.open("INBOX").after(0)) == [1]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_untrusted_certificate_is_refused(dovecot: Account, security: str) -> None:
    """No password goes to a server whose certificate nobody vouches for, and the error says what to do."""
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with pytest.raises(ServerError, match=r"certificate of localhost:.* is not trusted .*trust store"):
        ImapMailbox(settings(dovecot, host="localhost", port=port, security=security), dovecot.password)


def test_tls_on_a_plain_port_says_so(dovecot: Account) -> None:
    """The usual mistake of port and security is named."""
    with pytest.raises(ServerError, match=r"does not speak TLS.*imap\.port and imap\.security"):
        ImapMailbox(settings(dovecot, security="tls"), dovecot.password)


def test_starttls_that_is_not_offered_stops_the_login() -> None:
    """Nothing is sent in the clear when STARTTLS was asked for."""
    with scripted_imap({}) as server, pytest.raises(ServerError, match="does not offer STARTTLS"):
        ImapMailbox(settings(server, security="starttls"), "secret")
    assert not any(b"secret" in line for line in server.heard)


def test_a_refused_login_is_told_from_other_trouble(dovecot: Account) -> None:
    """A wrong password is a LoginError without the password in it."""
    with pytest.raises(LoginError, match=r"imap\.username") as caught:
        ImapMailbox(settings(dovecot), "fout-wachtwoord")
    assert "fout-wachtwoord" not in str(caught.value)


@pytest.mark.parametrize("reply", ["TAG NO [UNAVAILABLE] later", "TAG NO [INUSE] busy", None])
def test_a_login_refused_for_now_is_tried_again(reply: str | None) -> None:
    """A server in trouble does not look like a wrong password."""
    with scripted_imap({"LOGIN": reply}) as server, pytest.raises(ServerError) as caught:
        ImapMailbox(settings(server), "secret")
    assert not isinstance(caught.value, LoginError)


def test_a_password_in_any_script_logs_in(dovecot: Account) -> None:
    """A password outside ASCII reaches the server as it is, and is refused like any other."""
    with pytest.raises(LoginError):
        ImapMailbox(settings(dovecot), "wachtwoörd")


def test_nobody_listening_is_said_in_one_sentence() -> None:
    """The host and port that cannot be reached are named."""
    port = free_port()
    with pytest.raises(ServerError, match=f"127.0.0.1:{port} cannot be reached .*refused"):
        ImapMailbox(Imap(host="127.0.0.1", port=port, security="none", username="an"), "secret")


def test_an_unknown_host_is_said_in_one_sentence() -> None:
    """A name that does not resolve is the server's trouble, not a crash."""
    with pytest.raises(ServerError, match=r"imap\.nergens\.invalid:993 cannot be reached"):
        ImapMailbox(Imap(host="imap.nergens.invalid", username="an"), "secret")


def test_a_missing_folder_is_named(dovecot: Account) -> None:
    """The folder and the keys to look at are in the sentence."""
    with logged_in(dovecot) as mailbox, pytest.raises(ServerError, match=r'"Weg".*imap\.junk'):
        mailbox.open("Weg")


def test_folder_names_may_have_any_letters(dovecot: Account) -> None:
    """A name outside ASCII is found and read (RFC 3501 §5.1.3)."""
    dovecot.create("Verzonden/Privé & zo")
    dovecot.deliver(MAIL, "Verzonden/Privé & zo")
    with logged_in(dovecot) as mailbox:
        assert list(mailbox.open("Verzonden/Privé & zo").after(0)) == [1]


def test_the_received_instant_is_internaldate(dovecot: Account) -> None:
    """The instant is aware and exact, whatever zone the server gave it in."""
    summer = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    dovecot.deliver(MAIL, internaldate=summer)
    with logged_in(dovecot) as mailbox:
        folder = mailbox.open("INBOX")
        raw = folder.fetch(1, LIMIT)
    assert raw is not None
    assert raw.received == summer
    assert raw.received.utcoffset() is not None
    assert raw.place == Place("INBOX", folder.uidvalidity, 1)


def test_a_long_message_is_cut_off_one_byte_past_the_limit(dovecot: Account) -> None:
    """What is longer than the limit shows, and is not read any further."""
    dovecot.deliver(b"Subject: lang\r\n\r\n" + b"x" * 5000)
    with logged_in(dovecot) as mailbox:
        raw = mailbox.open("INBOX").fetch(1, LIMIT)
    assert raw is not None
    assert len(raw.content) == LIMIT + 1


def test_only_uids_above_are_listed(dovecot: Account) -> None:
    """`n:*` names the last message even when it is below n; it is not taken for a new one."""
    for _ in range(3):
        dovecot.deliver(MAIL)
    with logged_in(dovecot) as mailbox:
        folder = mailbox.open("INBOX")
        assert [list(folder.after(uid)) for uid in (0, 2, 3, 99)] == [[1, 2, 3], [3], [], []]
        assert folder.next_uid() == 4


def test_many_uids_are_asked_for_in_windows(dovecot: Account) -> None:
    """A folder larger than a window gives every UID once, ascending, with holes in it."""
    for _ in range(11):
        dovecot.deliver(MAIL)
    with dovecot.connect() as person:
        person.select_folder("INBOX")
        person.delete_messages([2, 7])
        person.expunge()
    with closed_after(ImapMailbox(settings(dovecot), dovecot.password, window=4)) as mailbox:
        assert list(mailbox.open("INBOX").after(0)) == [1, 3, 4, 5, 6, 8, 9, 10, 11]


def test_an_empty_folder_has_nothing(dovecot: Account) -> None:
    """No message is no error."""
    with logged_in(dovecot) as mailbox:
        folder = mailbox.open("INBOX")
        assert (list(folder.after(0)), folder.since(date(2026, 1, 1)), folder.next_uid()) == ([], 0, 1)
        assert folder.fetch(1, LIMIT) is None


def test_a_day_to_start_from_skips_only_what_came_before_it(dovecot: Account) -> None:
    """An old message that was moved back does not hide the newer ones below it."""
    for day in (1, 2, 20, 21, 3):
        dovecot.deliver(MAIL, internaldate=datetime(2026, 3, day, 12, tzinfo=UTC))
    with logged_in(dovecot) as mailbox:
        folder = mailbox.open("INBOX")
        assert folder.since(date(2026, 3, 15)) == 2
        assert folder.since(date(2027, 1, 1)) == 5


def test_folders_can_be_used_alternately(dovecot: Account) -> None:
    """Each folder answers for itself, whichever was opened last."""
    dovecot.create("Junk")
    dovecot.deliver(MAIL)
    with logged_in(dovecot) as mailbox:
        first, second = mailbox.open("INBOX"), mailbox.open("Junk")
        assert [list(each.after(0)) for each in (first, second, first)] == [[1], [], [1]]


def test_mail_that_comes_while_idling_ends_the_wait(dovecot: Account) -> None:
    """A new message is noticed within two seconds."""
    with logged_in(dovecot) as mailbox:
        mailbox.open("INBOX")
        with later(0.5, lambda: dovecot.deliver(MAIL)):
            begun = time.monotonic()
            assert mailbox.wait("INBOX", 20)
            assert time.monotonic() - begun < 2.5


def test_mail_that_came_before_the_wait_ends_it_at_once(dovecot: Account) -> None:
    """Nothing is missed between reading and idling."""
    with logged_in(dovecot) as mailbox:
        mailbox.open("INBOX")
        dovecot.deliver(MAIL)
        assert mailbox.wait("INBOX", 20)


def test_a_wait_without_mail_ends_in_time(dovecot: Account) -> None:
    """The wait is as long as asked for, also over a renewal of IDLE."""
    with logged_in(dovecot) as mailbox:
        mailbox.open("INBOX")
        begun = time.monotonic()
        assert not mailbox.wait("INBOX", 1)
        assert 0.9 < time.monotonic() - begun < 2


def test_idle_is_issued_again() -> None:
    """A long wait is several IDLE commands (RFC 2177)."""
    with (
        scripted_imap({}) as server,
        closed_after(ImapMailbox(settings(server), "secret", idle_renewal=0.2)) as mailbox,
    ):
        mailbox.open("INBOX")
        assert not mailbox.wait("INBOX", 1)
    assert 3 <= sum(line.endswith(b"IDLE") for line in server.heard) <= 6


@pytest.mark.parametrize("idle", [True, False])
def test_stop_ends_a_wait_within_a_second(dovecot: Account, idle: bool) -> None:
    """Another thread can end the wait, with IDLE and without."""
    with logged_in(dovecot, idle=idle) as mailbox:
        mailbox.open("INBOX")
        with later(0.3, mailbox.stop):
            begun = time.monotonic()
            assert not mailbox.wait("INBOX", 20)
            assert time.monotonic() - begun < 1.5
        assert not mailbox.wait("INBOX", 20)


def test_a_server_without_idle_is_polled() -> None:
    """Without IDLE the wait is a sleep, after which something may have come."""
    with scripted_imap({}, capabilities="UIDPLUS") as server, logged_in(server, poll_seconds=1) as mailbox:
        mailbox.open("INBOX")
        begun = time.monotonic()
        assert mailbox.wait("INBOX", 20)
        assert time.monotonic() - begun < 2
    assert not any(line.endswith(b"IDLE") for line in server.heard)


def test_a_connection_that_dies_while_idling_is_noticed(dovecot: Account) -> None:
    """A server that goes away is an error, not silence."""
    with logged_in(dovecot) as mailbox:
        mailbox.open("INBOX")
        with later(0.5, dovecot.stop), pytest.raises(ServerError):
            mailbox.wait("INBOX", 20)
        with pytest.raises(ServerError):
            mailbox.open("INBOX")
    dovecot.start()
    with logged_in(dovecot) as mailbox:
        assert mailbox.open("INBOX").uidvalidity


def test_a_hangup_during_idle_is_a_dead_connection() -> None:
    """Empty answers that come at once mean that nobody is there."""
    with (
        scripted_imap({"IDLE": "+ idling\r\n* OK still here", "DONE": None}) as server,
        logged_in(server) as mailbox,
    ):
        mailbox.open("INBOX")
        with pytest.raises(ServerError):
            mailbox.wait("INBOX", 1)


@pytest.mark.parametrize("said", ["* BYE idle too long", "* 2 EXISTS\r\n* BYE restarting"])
def test_a_farewell_during_idle_is_an_error(said: str) -> None:
    """BYE is taken for what it says, also together with news."""
    with scripted_imap({"IDLE": f"+ idling\r\n{said}"}) as server, logged_in(server) as mailbox:
        mailbox.open("INBOX")
        with pytest.raises(ServerError):
            mailbox.wait("INBOX", 1)


def test_an_expunged_message_is_none(dovecot: Account) -> None:
    """A message that a person removed meanwhile is no error."""
    dovecot.deliver(MAIL)
    with logged_in(dovecot) as mailbox:
        folder = mailbox.open("INBOX")
        with dovecot.connect() as person:
            person.select_folder("INBOX")
            person.delete_messages([1])
            person.expunge()
        assert folder.fetch(1, LIMIT) is None


def test_a_message_that_the_server_withholds_does_not_stop_the_others() -> None:
    """When the body is refused, as Exchange does with what it cannot convert, the message comes without it."""
    date_only = '* 1 FETCH (UID 9 INTERNALDATE "02-Mar-2026 09:30:00 +0100")\r\nTAG OK done'
    replies = iter(["TAG NO server unavailable", date_only])
    with scripted_imap({"UID FETCH": lambda: next(replies)}) as server, logged_in(server) as mailbox:
        raw = mailbox.open("INBOX").fetch(9, LIMIT)
    assert raw is not None
    assert (raw.content, raw.received) == (b"", datetime(2026, 3, 2, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(("listed", "kept"), [("* SEARCH 9\r\n", True), ("* SEARCH\r\n", False)])
def test_a_message_without_a_date_is_kept_while_it_is_there(listed: str, kept: bool) -> None:
    """When the server refuses all about a message it is not passed over, unless it is gone."""
    script = {"UID FETCH": "TAG NO server unavailable", "UID SEARCH": f"{listed}TAG OK done"}
    with scripted_imap(script) as server, logged_in(server) as mailbox:
        raw = mailbox.open("INBOX").fetch(9, LIMIT)
    assert (raw is not None) == kept
    if raw is not None:
        assert (raw.place.uid, raw.content) == (9, b"")
        assert abs(raw.received - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_missing_uidnext_is_worked_out() -> None:
    """Servers may leave UIDNEXT out (RFC 3501 §6.3.1)."""
    examined = "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nTAG OK [READ-ONLY] done"
    with scripted_imap({"EXAMINE": examined}) as server, logged_in(server) as mailbox:
        assert mailbox.open("INBOX").next_uid() == 10


@pytest.mark.parametrize(
    "replies",
    [
        {"UID SEARCH": "* SEARCH nine\r\nTAG OK done"},
        {"UID SEARCH": "nonsense"},
        {"UID SEARCH": None},
        {"EXAMINE": "* 1 EXISTS\r\nTAG OK [READ-ONLY] done"},
    ],
)
def test_nonsense_from_the_server_is_its_error(replies: dict[str, str | None]) -> None:
    """An answer that breaks the protocol never becomes another exception."""
    with scripted_imap(replies) as server, logged_in(server) as mailbox, pytest.raises(ServerError):
        mailbox.open("INBOX").after(0)


def test_a_folder_that_was_made_anew_is_not_mixed_up(dovecot: Account) -> None:
    """An old view on a renumbered folder gives an error, never another message."""
    dovecot.create("Map")
    dovecot.deliver(MAIL, "Map")
    with logged_in(dovecot) as mailbox:
        old = mailbox.open("Map")
        mailbox.open("INBOX")
        with dovecot.connect() as person:
            person.delete_folder("Map")
            time.sleep(1.1)
            person.create_folder("Map")
        with pytest.raises(ServerError, match="renumbered"):
            old.fetch(1, LIMIT)


def test_closing_never_raises(dovecot: Account) -> None:
    """A connection that is gone can be closed, even twice."""
    mailbox = ImapMailbox(settings(dovecot), dovecot.password)
    dovecot.stop()
    mailbox.close()
    mailbox.close()


def test_check_says_what_works_and_what_to_do(dovecot: Account) -> None:
    """One line for the login, each folder and IDLE."""
    lines = inbox.check(settings(dovecot, junk="Ongewenst"), dovecot.password)
    assert [verdict for _, verdict, _ in lines] == ["ok", "ok", "problem", "ok"]
    assert "Ongewenst" in lines[2][0]
    assert "imap.junk" in lines[2][2]


def test_check_of_a_wrong_login_is_one_line(dovecot: Account) -> None:
    """Without a login there is nothing else to say."""
    [(what, verdict, advice)] = inbox.check(settings(dovecot), "fout")
    assert (what, verdict) == (f"imap 127.0.0.1:{dovecot.port}: login", "problem")
    assert "imap.username" in advice


def test_until_tells_what_it_waited_for() -> None:
    """The servers' helper fails with a sentence rather than hanging."""
    with pytest.raises(AssertionError, match=r"never: not within 0\.1 seconds"):
        until(lambda: False, "never", 0.1)
