"""The whole way on real servers: a mailbox that is never touched, an SMTP server that gets each letter once."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import app
from bot.config import Settings, parse
from bot.inbox import ImapMailbox
from bot.service import Service
from tests.fakes import Clock, WordClassifier
from tests.post import answer, mail, read, text_of
from tests.servers import Account, Postfix

ANNA, BOSS = "anna@staff.example", "sam@staff.example"
DAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
"""A Tuesday that has passed: the IMAP server takes no date in the future for a receipt."""


def settings(dovecot: Account, smtp: Postfix, folder: Path, **staff: object) -> Settings:
    """The configuration of a firm on these servers."""
    return parse(
        {
            "organisation": {"name": "WKM Automotive Imaging", "address": "info@wkm.example"},
            "imap": {
                "host": dovecot.host, "port": dovecot.port, "security": "none", "username": dovecot.user,
                "start": "all", "poll_seconds": 30,
            },
            "smtp": {"host": smtp.host, "port": smtp.port, "security": "none"},
            "storage": {"path": "data"},
            "staff": {"handlers": [ANNA], "escalate_to": BOSS, **staff},
            "replies": {"mode": "live"},
        },
        folder,
    )  # fmt: skip


def service(dovecot: Account, smtp: Postfix, folder: Path, clock: Clock, **staff: object) -> Service:
    """The program on these servers; reading is left to plain words."""
    chosen = settings(dovecot, smtp, folder, **staff)
    return app.service(
        chosen,
        mailbox=lambda: ImapMailbox(chosen.imap, dovecot.password),
        clock=clock,
        classify=WordClassifier,
    )


FOREIGN = (
    ("Factuur", "Bijgaand onze factuur voor de banden van week {n}. Graag betalen binnen 14 dagen."),
    ("Achtergrond", "Kunt u bij auto {n} de achtergrond wit maken en de velgen lichter?"),
    ("Afspraak", "Past het u om donderdag om {n} uur langs te komen op de vestiging?"),
    ("Offerte", "Wij rijden {n} auto's per week binnen. Wat kosten de foto's per stuk?"),
    ("Login", "Het lukt mij niet om in te loggen op het portaal, foutcode {n}."),
)


async def test_a_thousand_foreign_mails_stay_as_they_are(dovecot: Account, smtp: Postfix, tmp_path: Path) -> None:
    """1,000 foreign and 20 privacy mails: flags, UIDs and MODSEQ stay, 20 cases, 20 replies, and nothing twice."""
    for number in range(1020):
        if number % 51 == 7:
            sender, text = f"Jan <jan{number}@mail.example>", "Ik wil graag inzage in mijn gegevens."
            message = mail(sender, "Verzoek", text, DAY)
        else:
            subject, text = FOREIGN[number % len(FOREIGN)]
            message = mail(f"dealer{number}@dealer.example", subject, text.format(n=number), DAY)
        dovecot.deliver(
            message.as_bytes(), internaldate=DAY, flags=((b"\\Seen",), (), (b"\\Flagged",))[number % 3]
        )
    before = dovecot.snapshot()
    assert len(before.messages) == 1020
    bot = service(dovecot, smtp, tmp_path, Clock(DAY + timedelta(minutes=5)))

    await bot.once()
    replies = [rcpt for _, (rcpt,), _ in smtp.messages(40) if rcpt.endswith("@mail.example")]
    assert dovecot.snapshot() == before
    assert len(bot.register.open_cases()) == 20
    assert len(replies) == len(set(replies)) == 20

    sent = len(smtp.messages())
    await bot.once()
    assert dovecot.snapshot() == before
    assert len(smtp.messages()) == sent
    assert len(bot.register.open_cases()) == 20


async def test_a_confirmation_leaves_within_two_seconds(dovecot: Account, smtp: Postfix, tmp_path: Path) -> None:
    """A mail delivered while the bot idles is confirmed within 2 seconds, and the bot stops within 10."""
    chosen = settings(dovecot, smtp, tmp_path)
    bot = app.service(chosen, mailbox=lambda: ImapMailbox(chosen.imap, dovecot.password), classify=WordClassifier)
    stop = asyncio.Event()
    running = asyncio.create_task(bot.run(stop))
    await asyncio.sleep(2)
    now = datetime.now(UTC)
    message = mail("Jan <jan@mail.example>", "Verzoek", "Graag inzage in mijn gegevens.", now)
    await asyncio.to_thread(dovecot.deliver, message.as_bytes())
    begin = time.monotonic()
    while not any(case.confirmed and case.letters[0].stage == "sent" for case in bot.register.open_cases()):
        assert time.monotonic() - begin < 2, "the confirmation took longer than 2 seconds"
        await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 10)
    assert next(rcpt for _, (rcpt,), _ in smtp.messages(1)) == "jan@mail.example"


async def test_servers_may_go_away(dovecot: Account, smtp: Postfix, tmp_path: Path) -> None:
    """With the SMTP server down nothing is lost, and after the pause each letter leaves once."""
    clock = Clock(DAY + timedelta(minutes=5))
    bot = service(dovecot, smtp, tmp_path, clock)
    dovecot.deliver(mail("Jan <jan@mail.example>", "x", "Graag inzage.", DAY).as_bytes(), internaldate=DAY)
    smtp.stop()
    with pytest.raises(Exception, match="cannot be reached"):
        await bot.once()
    assert [case.letters[0].stage for case in bot.register.open_cases()] == ["queued"]
    smtp.start()
    clock.now += timedelta(minutes=2)
    await bot.once()
    clock.now += timedelta(hours=2)
    await bot.once()
    arrived = [(rcpt, read(content)["X-WKM-Case"]) for _, (rcpt,), content in smtp.messages(2)]
    assert sorted(rcpt for rcpt, case in arrived if case) == [ANNA, "jan@mail.example"]


@pytest.mark.parametrize("client", ["gmail", "outlook", "apple"])
async def test_complaint_to_referral(dovecot: Account, smtp: Postfix, tmp_path: Path, client: str) -> None:
    """Complaint, notice, command by reply, held letter, closing letter with the referral, confirmed to staff."""
    clock = Clock(DAY + timedelta(minutes=5))
    bot = service(dovecot, smtp, tmp_path, clock)
    dovecot.deliver(
        mail("Eva Smit <eva@mail.example>", "Klacht", "Ik heb een klacht.", DAY).as_bytes(), internaldate=DAY
    )
    await bot.once()
    notice = _last(smtp, ANNA, 2)
    command = "afgehandeld\nWij hebben de fout gevonden en hersteld. Excuses daarvoor."
    dovecot.deliver(answer(notice, ANNA, command, clock.now, client).as_bytes(), internaldate=clock.now)
    clock.now += timedelta(minutes=1)
    await bot.once()
    held = text_of(_last(smtp, ANNA, 3))
    assert "Wij hebben de fout gevonden" in held
    assert "stop" in held
    assert len(_to(smtp, "eva@mail.example")) == 1, "the letter is still held"

    clock.now += timedelta(minutes=31)
    await bot.once()
    await bot.once()
    letters = _to(smtp, "eva@mail.example")
    assert len(letters) == 2
    closing = text_of(letters[-1])
    assert "Autoriteit Persoonsgegevens" in closing
    assert "Wij hebben de fout gevonden" in closing
    assert "Anna" not in closing
    assert not bot.register.open_cases()
    assert [case.state for case in bot.register.closed_cases()] == ["closed"]


@pytest.mark.parametrize("kind", ["forged", "forwarded", "absent"])
async def test_what_looks_like_a_command_does_nothing(
    dovecot: Account, smtp: Postfix, tmp_path: Path, kind: str
) -> None:
    """A forged staff address, a forwarded notice, an out-of-office with the token: nothing leaves."""
    clock = Clock(DAY + timedelta(minutes=5))
    bot = service(dovecot, smtp, tmp_path, clock)
    dovecot.deliver(
        mail("Eva Smit <eva@mail.example>", "Klacht", "Ik heb een klacht.", DAY).as_bytes(), internaldate=DAY
    )
    await bot.once()
    notice = _last(smtp, ANNA, 2)
    sender = "stranger@elsewhere.example" if kind == "forwarded" else ANNA
    fake = answer(notice, sender, "afgehandeld\nAlles is in orde.", clock.now)
    if kind == "forged":
        fake["Authentication-Results"] = "mx.wkm.example; dmarc=fail header.from=staff.example"
    if kind == "absent":
        fake["Auto-Submitted"] = "auto-replied"
    dovecot.deliver(fake.as_bytes(), internaldate=clock.now)
    for _ in range(3):
        clock.now += timedelta(hours=1)
        await bot.once()
    assert len(_to(smtp, "eva@mail.example")) == 1
    assert not _to(smtp, "stranger@elsewhere.example")
    assert bot.register.open_cases()[0].state != "closed"
    if kind == "forged":
        assert len(_to(smtp, ANNA)) == 2, "the true Anna is told"


def _to(smtp: Postfix, address: str) -> list[bytes]:
    """What an address got about cases: no digests."""
    arrived = [content for _, (rcpt,), content in smtp.messages() if rcpt == address]
    return [content for content in arrived if read(content)["X-WKM-Case"]]


def _last(smtp: Postfix, address: str, expect: int) -> bytes:
    smtp.messages(expect)
    content = _to(smtp, address)[-1]
    assert read(content)["X-WKM-Case"]
    return content
