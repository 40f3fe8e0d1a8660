"""The whole program over a mailbox and a way out in memory: what must not be lost, sent twice, or sent at all."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.cases import record
from bot.config import Settings
from bot.errors import LoginError, Rejected, ServerError, Uncertain
from bot.events import Joined, LetterMoved, Written
from bot.identify import Doubt
from bot.model import Audience, Purpose, Stage
from bot.ports import Mailbox
from bot.requests import Request
from bot.sweep import GIVE_UP_AFTER
from tests.desk import ANNA, JAN, PIET, settings
from tests.fakes import FakeMailbox, Office, no_server, office
from tests.post import answer, mail, read, text_of

TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
"""10:00 in Amsterdam."""
BOSS = "chef@staff.example"
HOUR = timedelta(hours=1)


def firm(folder: Path, mode: str = "live", **imap: object) -> Settings:
    """The desk's configuration, reading everything."""
    base = settings(mode)
    return base.model_copy(update={"imap": base.imap.model_copy(update={"start": "all", **imap})})


def shop(folder: Path, mode: str = "live", now: datetime = TUESDAY, **imap: object) -> Office:
    """The program, its data in this folder."""
    return office(firm(folder, mode, **imap), folder, now)


def again(old: Office) -> Office:
    """The program started anew on the same data, mailbox and way out."""
    new = office(old.service.settings, old.service.register.folder, old.clock.now)
    new.mailbox.folders = old.mailbox.folders
    new.sender.sent = old.sender.sent
    return new


def write(
    now: datetime, text: str = "Graag inzage in mijn gegevens.", sender: str = f"Jan Jansen <{JAN}>"
) -> EmailMessage:
    """A mail of a data subject."""
    return mail(sender, "Bericht", text, now)


def letters(to: Office, address: str = JAN) -> list[bytes]:
    """What an address got about cases: no digests."""
    return [raw for raw in to.to(address) if read(raw)["X-WKM-Case"]]


async def later(bot: Office, *waits: timedelta) -> None:
    """Passes, each some time after the one before."""
    for wait in waits:
        bot.clock.now += wait
        await bot.once()


async def test_the_same_mail_again_changes_nothing(tmp_path: Path) -> None:
    """A renumbered mailbox, a second copy, and a copy in another folder give no second case or reply."""
    bot = shop(tmp_path, junk="Junk")
    content = write(TUESDAY).as_bytes()
    bot.put(content)
    bot.put(content)
    bot.put(content, "Junk")
    await bot.once()
    inbox = bot.mailbox.folders["INBOX"]
    inbox.uidvalidity = 2
    await later(bot, HOUR)
    assert len(bot.service.register.open_cases()) == 1
    assert len(letters(bot)) == 1


async def test_an_equal_id_with_other_content_is_a_mail_of_its_own(tmp_path: Path) -> None:
    """Another text under a known Message-ID is handled as new, and a person sees the warning."""
    bot = shop(tmp_path)
    first, second = write(TUESDAY), write(TUESDAY, "Verwijder mijn gegevens.", "Eva <eva@mail.example>")
    second.replace_header("Message-ID", str(first["Message-ID"]))
    bot.put(first.as_bytes())
    bot.put(second.as_bytes())
    await bot.once()
    assert [case.address for case in bot.service.register.open_cases()] == [JAN, "eva@mail.example"]
    assert [len(letters(bot, to)) for to in (JAN, "eva@mail.example")] == [1, 1]
    assert Doubt.MESSAGE_ID in bot.service.register.open_cases()[1].doubts


async def test_a_crash_before_the_ledger_is_no_second_case(tmp_path: Path) -> None:
    """After a crash between the case's write and the ledger's, the mail is met again and does nothing."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY).as_bytes())
    bot.put(write(TUESDAY, "Een vraag over privacy.", "Eva <eva@mail.example>").as_bytes())
    await bot.once()
    for path in (tmp_path / "progress").glob("*.json"):
        path.unlink()
    new = again(bot)
    await new.once()
    assert len(new.service.register.open_cases()) == 2
    assert (len(letters(new)), len(letters(new, "eva@mail.example"))) == (1, 1)


async def test_a_letter_found_half_way(tmp_path: Path) -> None:
    """After a crash while sending, a confirmation leaves again; of a decision a person decides."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY).as_bytes())
    await bot.once()
    case = bot.service.register.open_cases()[0]
    halfway = tuple(replace(each, stage=Stage.SENDING) for each in case.letters)
    decision = replace(halfway[0], number=99, purpose=Purpose.DECISION)
    bot.service.register.save(replace(case, letters=(*halfway, decision)))
    new = again(bot)
    await new.once()
    after = new.service.register.open_cases()[0]
    assert after.letter(99).stage is Stage.FAILED
    assert all(each.stage is Stage.SENT for each in after.letters if each.number != 99)


async def test_one_bad_mail_does_not_stop_the_others(tmp_path: Path) -> None:
    """A mail without content is held, told of, tried again, and let go once it can be handled."""
    bot = shop(tmp_path)
    bot.put(b"")
    bot.put(write(TUESDAY).as_bytes())
    await bot.once()
    held = bot.service.ledger.held()
    assert len(held) == 1
    assert len(letters(bot)) == 1
    (tmp_path / "held" / f"{held[0].id}.eml").write_bytes(write(TUESDAY, "Ik heb een klacht.").as_bytes())
    await later(bot, HOUR)
    assert bot.service.ledger.held() == ()
    assert len(bot.service.register.open_cases()) == 2


async def test_one_bad_case_does_not_stop_the_others(tmp_path: Path) -> None:
    """A case with which something goes wrong is logged without its words, and the other cases go on."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY).as_bytes())
    bot.put(write(TUESDAY, "Een vraag over privacy.", "Eva <eva@mail.example>").as_bytes())
    bot.clock.now = TUESDAY.replace(hour=22)
    await bot.once()
    broken = bot.service.register.open_cases()[0]
    lost = LetterMoved(what="failed", at=bot.clock.now, by="bot", letter=77)
    bot.service.register.save(record(broken, lost))
    await later(bot, timedelta(hours=12))
    assert {str(read(raw)["Subject"])[:18] for raw in letters(bot, ANNA)} == {"Zaak WKM-2026-0002"}


async def test_an_error_while_sending_is_put_before_a_person(tmp_path: Path) -> None:
    """An unforeseen error with one letter leaves it for a person, and the other letters leave."""
    bot = shop(tmp_path)
    bot.sender.fails = lambda to: ValueError("?") if to == JAN else None
    bot.put(write(TUESDAY).as_bytes())
    bot.put(write(TUESDAY, "Een vraag over privacy.", "Eva <eva@mail.example>").as_bytes())
    await bot.once()
    assert len(letters(bot, "eva@mail.example")) == 1
    assert bot.service.register.open_cases()[0].letter(1).stage is Stage.FAILED


async def test_shadow_mode_writes_to_staff_only(tmp_path: Path) -> None:
    """From opening to closing nothing leaves for the data subject, and the case closes all the same."""
    bot = shop(tmp_path, "shadow")
    bot.put(write(TUESDAY, "Ik heb een klacht.").as_bytes())
    await bot.once()
    order = answer(letters(bot, ANNA)[-1], ANNA, "afgehandeld\nWij hebben het hersteld.", bot.clock.now)
    bot.put(order.as_bytes())
    await later(bot, HOUR, HOUR)
    assert letters(bot) == []
    assert [case.how for case in bot.service.register.closed_cases()] == ["answered"]


async def test_what_was_held_in_live_mode_stays_in_shadow_mode(tmp_path: Path) -> None:
    """A letter that is held or queued when the mode becomes shadow does not leave."""
    bot = shop(tmp_path)
    bot.sender.fails = lambda to: ServerError("away") if to == JAN else None
    bot.put(write(TUESDAY, "Ik heb een klacht.").as_bytes())
    with pytest.raises(ServerError):
        await bot.once()
    order = answer(letters(bot, ANNA)[-1], ANNA, "afgehandeld\nWij hebben het hersteld.", bot.clock.now)
    bot.put(order.as_bytes())
    with pytest.raises(ServerError):
        await later(bot, timedelta(minutes=5))
    quiet = office(firm(tmp_path, "shadow"), tmp_path, bot.clock.now)
    await later(quiet, HOUR, HOUR)
    assert quiet.to(JAN) == []
    case = next(quiet.service.register.closed_cases())
    assert {each.stage for each in case.letters if each.audience is Audience.SUBJECT} == {Stage.SHADOW}


async def test_a_complaint_after_the_decision_keeps_the_case_open(tmp_path: Path) -> None:
    """Who complains while the decision is on its way gets the referral before the case closes."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY).as_bytes())
    await bot.once()
    how = "ingewilligd inzage: U krijgt de gegevens vandaag in een aparte mail."
    bot.put(answer(letters(bot, ANNA)[-1], ANNA, how, bot.clock.now).as_bytes())
    await later(bot, timedelta(minutes=5))
    bot.put(answer(letters(bot)[0], JAN, "Ik heb hierover een klacht.", bot.clock.now).as_bytes())
    await later(bot, timedelta(minutes=5), HOUR, HOUR)
    case = bot.service.register.open_cases()[0]
    assert case.ever_complaint
    assert case.closed is None
    bot.put(answer(letters(bot, case.handler or "")[-1], case.handler or "", how, bot.clock.now).as_bytes())
    await later(bot, HOUR, HOUR, HOUR)
    assert next(bot.service.register.closed_cases()).ref == case.ref
    assert "Autoriteit Persoonsgegevens" in text_of(letters(bot)[-1])


async def test_a_mail_into_a_closed_case_is_told_of(tmp_path: Path) -> None:
    """What a data subject writes at night to a case that is closed reaches a person in the morning."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY, "Een vraag over privacy.").as_bytes())
    await bot.once()
    done = answer(letters(bot, ANNA)[-1], ANNA, "afgehandeld: Wij bewaren dit een jaar.", bot.clock.now)
    bot.put(done.as_bytes())
    await later(bot, HOUR, HOUR)
    assert not bot.service.register.open_cases()
    before = len(letters(bot, ANNA)) + len(letters(bot, PIET))
    bot.put(answer(letters(bot)[-1], JAN, "Hier nog iets anders.", bot.clock.now).as_bytes())
    await later(bot, timedelta(hours=11))
    await later(bot, timedelta(hours=12))
    assert len(letters(bot, ANNA)) + len(letters(bot, PIET)) == before + 1
    assert not bot.service.register.open_cases()


async def test_a_returned_closing_letter_is_told_of(tmp_path: Path) -> None:
    """A letter that comes back after its case closed is put before a person."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY, "Een vraag over privacy.").as_bytes())
    await bot.once()
    done = answer(letters(bot, ANNA)[-1], ANNA, "afgehandeld: Wij bewaren dit een jaar.", bot.clock.now)
    bot.put(done.as_bytes())
    await later(bot, HOUR, HOUR)
    bot.put(returned(letters(bot)[-1], bot.clock.now))
    await later(bot, HOUR)
    case = bot.service.register.open_cases()[0]
    assert any(isinstance(event, LetterMoved) and event.what == "bounced" for event in case.events)
    assert any(isinstance(event, Written) and event.key.startswith("failed:") for event in case.events)


def returned(letter: bytes, now: datetime) -> bytes:
    """A delivery report that encloses a letter of ours."""
    report = mail("MAILER-DAEMON@mail.example", "Undelivered Mail Returned to Sender", "It did not arrive.", now)
    report["Auto-Submitted"] = "auto-replied"
    report.add_attachment(read(letter))
    return report.as_bytes()


async def test_a_dead_staff_address_makes_no_loop(tmp_path: Path) -> None:
    """When a handler's address refuses everything, somebody else is told, once for each letter, and it ends."""
    bot = shop(tmp_path)
    bot.sender.fails = lambda to: Rejected("no such mailbox") if to in (ANNA, PIET) else None
    bot.put(write(TUESDAY).as_bytes())
    await later(bot, *[HOUR] * 3)
    count = len(bot.service.register.open_cases()[0].letters)
    await later(bot, *[timedelta(minutes=20)] * 9)
    assert len(bot.service.register.open_cases()[0].letters) == count
    assert letters(bot, BOSS)


async def test_one_deaf_recipient_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    """When one recipient's server says later, the other letters of the same pass leave."""
    bot = shop(tmp_path)
    bot.sender.fails = lambda to: ServerError("later") if to == JAN else None
    bot.put(write(TUESDAY).as_bytes())
    bot.put(write(TUESDAY, "Een vraag over privacy.", "Eva <eva@mail.example>").as_bytes())
    with pytest.raises(ServerError):
        await bot.once()
    assert len(letters(bot, "eva@mail.example")) == 1
    bot.sender.fails = lambda to: None
    await later(bot, HOUR)
    assert len(letters(bot)) == 1


async def unsent(folder: Path) -> Office:
    """A mail is handled, and no server takes its letters."""
    bot = shop(folder)
    bot.sender.fails = no_server
    bot.put(write(TUESDAY).as_bytes())
    with pytest.raises(ServerError):
        await bot.once()
    return bot


async def test_a_server_that_is_away_is_tried_for_days(tmp_path: Path) -> None:
    """A letter that no server takes is tried again and again; after about two days a person decides."""
    bot = await unsent(tmp_path)
    stages = []
    for _ in range(GIVE_UP_AFTER + 2):
        stages.append(bot.service.register.open_cases()[0].letter(1).stage)
        bot.clock.now += timedelta(hours=3)
        try:
            await bot.once()
        except ServerError:
            continue
    assert stages[10] is Stage.QUEUED
    assert stages[-1] is Stage.FAILED


async def test_unknown_whether_it_left(tmp_path: Path) -> None:
    """A connection lost after the letter was handed over: a confirmation is sent again."""
    bot = shop(tmp_path)
    bot.sender.fails = lambda to: Uncertain("lost") if to == JAN else None
    bot.put(write(TUESDAY).as_bytes())
    await bot.once()
    bot.sender.fails = lambda to: None
    await later(bot, HOUR)
    assert len(letters(bot)) == 1


async def test_what_is_due_leaves_although_the_mailbox_is_away(tmp_path: Path) -> None:
    """`run --once` sends what is due also when the mailbox cannot be reached."""
    bot = await unsent(tmp_path)
    bot.sender.fails = lambda to: None
    bot.service.mailbox = _away
    bot.clock.now += HOUR
    with pytest.raises(ServerError, match="mailbox"):
        await bot.once()
    assert len(letters(bot)) == 1


def _away() -> Mailbox:
    raise ServerError("the mailbox is away")


async def test_the_caps_hold(tmp_path: Path) -> None:
    """A sender gets so many confirmations a day; what is over is a case all the same, and staff are told."""
    bot = shop(tmp_path)
    for number in range(5):
        bot.put(write(TUESDAY + timedelta(minutes=number), "Een vraag over privacy.").as_bytes())
    await bot.once()
    assert len(bot.service.register.open_cases()) == 5
    assert len(letters(bot)) == 3


async def test_an_out_of_office_leaves_the_question_open(tmp_path: Path) -> None:
    """An automatic answer of the data subject is no answer to what we asked."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY, sender=JAN).as_bytes())
    await bot.once()
    assert bot.service.register.open_cases()[0].asked
    absent = answer(letters(bot)[0], JAN, "Ik ben er niet.", bot.clock.now)
    absent["Auto-Submitted"] = "auto-replied"
    bot.put(absent.as_bytes())
    await later(bot, HOUR)
    case = bot.service.register.open_cases()[0]
    assert any(isinstance(event, Joined) for event in case.events)
    assert case.asked


async def test_an_answer_from_the_mailbox_itself_is_noted_once(tmp_path: Path) -> None:
    """A person's own answer in the sent folder is noted, and not again when that folder is renumbered."""
    bot = shop(tmp_path, sent="Sent")
    bot.put(write(TUESDAY, "Een vraag over privacy.").as_bytes())
    await bot.once()
    source = bot.service.register.open_cases()[0].opened.source.message_id
    own = mail("info@wkm.example", "Re: Bericht", "Een jaar.", bot.clock.now, to=JAN)
    own["In-Reply-To"] = source
    bot.clock.now += HOUR
    bot.put(own.as_bytes(), "Sent")
    bot.put(b"\xff\x00 no mail at all", "Sent")
    await bot.once()
    bot.mailbox.folders["Sent"].uidvalidity = 9
    await later(bot, HOUR)
    events = [each for each in bot.service.register.open_cases()[0].events if each.what == "answered_elsewhere"]
    assert len(events) == 1


async def test_mail_that_was_there_before_is_left_alone(tmp_path: Path) -> None:
    """With `start = "now"` what the mailbox held is neither answered nor logged, also after a renumbering."""
    bot = shop(tmp_path, start="now")
    bot.put(write(TUESDAY).as_bytes())
    bot.clock.now += HOUR
    await bot.once()
    bot.mailbox.folders["INBOX"].uidvalidity = 2
    bot.put(write(bot.clock.now, sender="Eva <eva@mail.example>").as_bytes())
    await bot.once()
    assert [case.address for case in bot.service.register.open_cases()] == ["eva@mail.example"]


def digests(bot: Office, to: str = ANNA) -> list[datetime]:
    """When an address got a digest."""
    return [at for address, raw, at in bot.sender.sent if address == to and not read(raw)["X-WKM-Case"]]


async def test_the_digest_comes_once_to_each_handler(tmp_path: Path) -> None:
    """On a working day after `digest_at` each handler gets one; not at night, not on a holiday."""
    bot = shop(tmp_path, now=datetime(2026, 12, 24, 9, 0, tzinfo=UTC))
    bot.put(write(bot.clock.now).as_bytes())
    await later(bot, *[timedelta(0), HOUR, HOUR])
    await later(bot, *[timedelta(days=1)] * 3)
    assert len(digests(bot)) == len(digests(bot, PIET)) == 1
    await later(bot, timedelta(days=1))
    assert digests(bot)[1:] == [datetime(2026, 12, 28, 11, 0, tzinfo=UTC)]


async def test_no_digest_in_the_evening(tmp_path: Path) -> None:
    """A day that began with nothing to tell gets no digest later that day, whatever comes in."""
    bot = shop(tmp_path)
    await bot.once()
    bot.clock.now = TUESDAY.replace(hour=15)
    bot.put(write(bot.clock.now).as_bytes())
    await later(bot, timedelta(0), timedelta(hours=5))
    assert digests(bot) == []
    await later(bot, timedelta(hours=12))
    assert len(digests(bot)) == 1


async def test_a_sign_of_life_each_week(tmp_path: Path) -> None:
    """With nothing to tell a digest comes on the first working day of the week only."""
    bot = shop(tmp_path, now=datetime(2026, 11, 16, 9, 0, tzinfo=UTC))
    await later(bot, timedelta(0), *[timedelta(days=1)] * 7)
    assert [at.day for at in digests(bot)] == [16, 23]


async def test_a_refused_digest_keeps_nobody_waiting(tmp_path: Path) -> None:
    """One handler's dead or busy mailbox does not cost the other the digest, nor end the service."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY.replace(hour=4)).as_bytes())
    bot.sender.fails = lambda to: Rejected("no such mailbox") if to == ANNA else None
    await bot.once()
    assert len(digests(bot, PIET)) == 1
    bot.sender.fails = lambda to: ServerError("busy") if to == ANNA else None
    bot.clock.now += timedelta(days=1)
    with pytest.raises(ServerError):
        await bot.once()
    assert len(digests(bot, PIET)) == 2
    bot.sender.fails = lambda to: None
    await later(bot, HOUR)
    assert len(digests(bot)) == 1


async def test_a_refusal_that_nobody_sends_is_reminded_of(tmp_path: Path) -> None:
    """A decision whose letter still waits for a person keeps its clock: reminders and escalation go on."""
    bot = shop(tmp_path)
    bot.put(write(TUESDAY).as_bytes())
    await bot.once()
    bot.put(answer(letters(bot, ANNA)[-1], ANNA, "geweigerd: Wij kennen u niet.", bot.clock.now).as_bytes())
    await later(bot, *[timedelta(days=1)] * 40)
    case = bot.service.register.open_cases()[0]
    keys = [event.key.partition(":")[0] for event in case.events if isinstance(event, Written)]
    assert {"remind", "missed", "late"} <= set(keys)
    assert len(letters(bot)) == 1, "only the confirmation"


@dataclass
class Patient(FakeMailbox):
    """A mailbox whose wait lasts until it is stopped."""

    stopped: threading.Event = field(default_factory=threading.Event)

    def wait(self, folder: str, seconds: float) -> bool:
        """Nothing comes until `stop`."""
        self.stopped.wait(seconds)
        return False

    def stop(self) -> None:
        """End it."""
        self.stopped.set()


async def running(bot: Office, mailbox: Callable[[], Mailbox], during: Callable[[], object]) -> float:
    """The seconds that `run` takes to end once it is told to, after something was done meanwhile."""
    bot.service.mailbox = mailbox
    stop = asyncio.Event()
    task = asyncio.create_task(bot.service.run(stop))
    await asyncio.sleep(0.1)
    during()
    begun = time.monotonic()
    stop.set()
    await task
    return time.monotonic() - begun


async def test_run_keeps_trying_when_the_server_is_away_at_its_start(tmp_path: Path) -> None:
    """Only a refused login ends `run` at its start; a server that is away is tried again."""
    bot = shop(tmp_path)
    assert await running(bot, _away, lambda: None) < 5


def _no_entry() -> Mailbox:
    raise LoginError("the login was refused")


async def test_run_ends_when_the_first_login_is_refused(tmp_path: Path) -> None:
    """A wrong password is told at once."""
    bot = shop(tmp_path)
    bot.service.mailbox = _no_entry
    with pytest.raises(LoginError):
        await bot.service.run(asyncio.Event())


async def test_run_stops_while_a_connection_hangs(tmp_path: Path) -> None:
    """A server that accepts and then says nothing does not keep the program from stopping within ten seconds."""
    bot, hang = shop(tmp_path), threading.Event()

    def connect() -> Mailbox:
        hang.wait(30)
        raise ServerError("too late")

    took = await running(bot, connect, lambda: None)
    hang.set()
    assert took < 9


async def test_run_handles_mail_and_stops_between_two(tmp_path: Path) -> None:
    """`run` confirms what came, and stops at once although more waits."""
    bot = shop(tmp_path)
    mailbox = Patient(bot.mailbox.folders)
    bot.put(write(TUESDAY).as_bytes())
    assert await running(bot, lambda: mailbox, lambda: None) < 3
    assert len(letters(bot)) == 1


async def test_errors_in_a_request_are_answers(tmp_path: Path) -> None:
    """What another process asks wrongly is answered with a sentence; a server that is away is told as such."""
    bot = shop(tmp_path)
    bot.sender.fails = no_server
    unknown = await bot.service.obey(
        Request("1", "act", {"ref": "WKM-2026-0009", "text": "status", "giver": ANNA})
    )
    broken = await bot.service.obey(Request("2", "open", {}))
    strange = await bot.service.obey(Request("3", "dance", {}))
    away = await bot.service.obey(Request("4", "digest", {}))
    assert not (unknown.done or broken.done or strange.done or away.done)
    assert "WKM-2026-0009" in unknown.said
    assert away.unreachable


async def test_the_log_names_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No line of the log holds an address, a name or words of a mail, whatever goes wrong."""
    caplog.set_level(logging.DEBUG, "bot")
    bot = shop(tmp_path)
    bot.sender.fails = lambda to: Rejected("refused") if to == JAN else None
    bot.put(write(TUESDAY, "Graag inzage, mijn geheim is 12345.").as_bytes())
    bot.put(b"")
    await bot.once()
    said = caplog.text
    assert said
    assert not any(word in said for word in (JAN, "Jansen", "geheim", ANNA))
