"""A quarter in the life of the firm: 300 cases, and staff who are prompt, late, silent, clumsy or impersonated."""

import asyncio
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import agenda
from bot.cases import Case
from bot.config import parse
from bot.events import Written
from bot.proof import own_claim
from tests.fakes import Office, office
from tests.post import answer, mail, read

ZONE = ZoneInfo("Europe/Amsterdam")
ANNA, PIET, BOSS = "anna@staff.example", "piet@staff.example", "sam@staff.example"
STAFF = frozenset({ANNA, PIET, BOSS})
BEGIN = date(2026, 2, 23)
"""The quarter holds the change to summer time, Easter, King's Day, 5 May, Ascension and a decree day."""
DAYS = 100
HOURS = (time(0, 30), time(8, 10), time(11), time(13, 30), time(16, 45), time(21))
WISHES = (
    ("Graag inzage in mijn gegevens.", "ingewilligd\nU krijgt de gegevens vandaag per post."),
    ("Verwijder mijn gegevens.", "ontvangers geen|ingewilligd"),
    ("Corrigeer mijn adres.", "ontvangers ingelicht|ingewilligd"),
    ("Graag uitschrijven.", "ingewilligd"),
    (
        "Ik heb bezwaar tegen dit gebruik.",
        "geweigerd: Wij hebben de gegevens nodig voor een lopende zaak.|verstuur",
    ),
    ("Graag inzage, en ik heb ook een klacht.", "ingewilligd\nU krijgt de gegevens vandaag per post."),
    ("Ik heb een klacht over uw cookies.", "afgehandeld\nWij hebben de cookies uitgezet."),
    ("Een vraag over privacy.", "afgehandeld\nWij bewaren dit een jaar."),
    ("Mijn gegevens zijn gelekt, dit is een klacht.", "afgehandeld\nWij hebben het lek gedicht."),
    ("Misschien verwijder ik iets, misschien niet.", "geen privacy"),
)
MANNERS = ("prompt", "prompt", "late", "never", "clumsy", "twice", "impersonated")


class Staff:
    """People who answer their notices, each case in its own manner."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.read: set[int] = set()
        self.todo: list[tuple[datetime, str, str, bytes]] = []

    def look(self, shop: Office, plans: dict[str, tuple[str, str]]) -> None:
        """Read new mail and decide when to answer what."""
        for index, (to, raw, at) in enumerate(shop.sender.sent):
            if index in self.read or to not in (ANNA, PIET):
                continue
            self.read.add(index)
            ref = _ref(raw)
            if ref not in plans:
                continue
            if _first_notice(shop, raw, to):
                manner, orders = plans[ref]
                self.plan(raw, at, to, manner, orders)
            elif plans[ref][1].endswith("|verstuur") and b"verstuur" in raw and "geweigerd" in _plain(raw):
                self.todo.append((at + timedelta(hours=1), to, "verstuur", raw))

    def plan(self, raw: bytes, at: datetime, to: str, manner: str, orders: str) -> None:
        """When and how one notice is answered."""
        when = at + timedelta(days=25 if manner == "late" else 1, minutes=self.chance.randrange(240))
        if manner == "never":
            return
        if manner == "clumsy":
            self.todo.append((when - timedelta(hours=2), to, "ingewiligd lijkt me prima?", raw))
        if manner == "impersonated":
            self.todo.append((when - timedelta(hours=3), "thief@elsewhere.example", "ingewilligd\nHier.", raw))
        for number, order in enumerate(orders.split("|")):
            if order != "verstuur":
                self.todo.append((when + timedelta(hours=5 * number), to, order, raw))
                if manner == "twice":
                    self.todo.append((when + timedelta(hours=5 * number), to, order, raw))

    def act(self, shop: Office, now: datetime) -> None:
        """Send the answers that are due."""
        due = [each for each in self.todo if each[0] <= now]
        self.todo = [each for each in self.todo if each[0] > now]
        for _, sender, order, raw in due:
            shop.put(answer(raw, sender, order, now, self.chance.choice(["gmail", "outlook", "apple"])).as_bytes())


def _ref(raw: bytes) -> str | None:
    claim = own_claim(str(read(raw)["X-WKM-Case"]))
    return claim.ref if claim else None


def _plain(raw: bytes) -> str:
    body = read(raw).get_body(("plain",))
    return body.get_content() if body else ""


def _first_notice(shop: Office, raw: bytes, to: str) -> bool:
    """Whether this is the notice of a new case, to the one who handles it."""
    claim = own_claim(str(read(raw)["X-WKM-Case"]))
    case = claim and shop.service.register.get(claim.ref)
    return bool(claim and case) and case.letter(claim.letter).purpose == "notice" and case.handler == to


def _moments() -> Iterator[datetime]:
    for number in range(DAYS):
        for hour in HOURS:
            yield datetime.combine(BEGIN + timedelta(days=number), hour, ZONE)


@pytest.fixture(scope="module")
def quarter() -> Iterator[tuple[Office, dict[str, tuple[str, str]]]]:
    """The firm after the quarter, and what was planned for each case."""
    settings = parse(
        {
            "organisation": {"name": "WKM Automotive Imaging", "address": "info@wkm.example"},
            "imap": {"host": "localhost", "username": "info", "start": "all"},
            "smtp": {"host": "localhost"},
            "staff": {"handlers": [ANNA, PIET], "escalate_to": BOSS},
            "replies": {"mode": "live"},
        },
        Path(),
    )
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield asyncio.run(_live(office(settings, Path(folder), datetime.now(UTC))))


async def _live(shop: Office) -> tuple[Office, dict[str, tuple[str, str]]]:
    chance = random.Random(7)
    staff, plans, number = Staff(chance), {}, 0
    moments = list(_moments())
    for index, now in enumerate(moments):
        shop.clock.now = now
        for _ in range(min(300 - number, 300 * (index + 1) * 2 // len(moments) - number)):
            text, orders = WISHES[number % len(WISHES)]
            sender = f"Klant <klant{number}@mail.example>"
            shop.put(mail(sender, "Bericht", text, now).as_bytes())
            await shop.once()
            plans[shop.seen[-1].ref or ""] = (MANNERS[number % len(MANNERS)], orders)
            number += 1
        await shop.once()
        staff.look(shop, plans)
        staff.act(shop, now)
    await shop.once()
    return shop, plans


def _cases(shop: Office) -> list[Case]:
    """The cases of customers; what a thief wrote became cases for a person to look at."""
    register = shop.service.register
    every = [*register.open_cases(), *register.closed_cases()]
    assert all(not case.certain for case in every if case.address.startswith("thief"))
    return [case for case in every if not case.address.startswith("thief")]


def test_every_mail_became_its_case(quarter: tuple[Office, dict[str, tuple[str, str]]]) -> None:
    """300 mails are 300 cases, and what was given orders by the end of the quarter is closed."""
    shop, plans = quarter
    cases = {case.ref: case for case in _cases(shop)}
    assert sorted(cases) == sorted(plans)
    assert len(plans) == 300
    for ref, (manner, _) in plans.items():
        assert bool(cases[ref].closed) == (manner != "never"), (ref, plans[ref], cases[ref].events[-1])


def test_each_notice_once(quarter: tuple[Office, dict[str, tuple[str, str]]]) -> None:
    """No step of the agenda was taken twice for the same person, and each handler got one notice of each case."""
    shop, _ = quarter
    for case in _cases(shop):
        keys = Counter((event.key, event.to) for event in case.events if isinstance(event, Written) and event.key)
        assert all(count == 1 for key, count in keys.items() if not key[0].startswith("held:")), (case.ref, keys)
        told = {to for (key, to) in keys if key in ("notice", "breach")}
        assert {ANNA, PIET} <= told or case.closed


def test_silence_is_escalated(quarter: tuple[Office, dict[str, tuple[str, str]]]) -> None:
    """A case that nobody answers is reminded of and ends with the boss, once for each reason."""
    shop, plans = quarter
    for case in _cases(shop):
        if plans[case.ref][0] == "never":
            keys = [event.key for event in case.events if isinstance(event, Written) and event.to == BOSS]
            assert keys, case.ref
            assert len(keys) == len(set(keys))


def test_nothing_outside_office_hours_but_leaks(quarter: tuple[Office, dict[str, tuple[str, str]]]) -> None:
    """Staff are written to in office hours on working days, but for a leak and answers to their own commands."""
    shop, _ = quarter
    rules = agenda.rules(shop.service.settings)
    for case in _cases(shop):
        for event in case.events:
            if (
                isinstance(event, Written)
                and event.to in STAFF
                and event.key
                and not event.key.startswith("held:")
            ):
                assert event.key == "breach" or rules.office(event.at), (case.ref, event)


def test_letters_go_to_their_data_subject(quarter: tuple[Office, dict[str, tuple[str, str]]]) -> None:
    """Whatever left for somebody outside went to the data subject of its case; a thief got nothing."""
    shop, _ = quarter
    addresses = {case.ref: case.address for case in _cases(shop)}
    assert not shop.to("thief@elsewhere.example")
    confirmations: Counter[str] = Counter()
    for to, raw, _ in shop.sender.sent:
        if to not in STAFF:
            ref = _ref(raw)
            assert ref
            assert addresses[ref] == to
            confirmations[ref] += str(read(raw)["Message-ID"]).startswith(f"<{ref}.1.")
    assert set(confirmations.values()) <= {0, 1}


def test_complaints_close_with_the_referral(quarter: tuple[Office, dict[str, tuple[str, str]]]) -> None:
    """The last letter of every closed case that ever was a complaint names the supervisor."""
    shop, _ = quarter
    for case in _cases(shop):
        if case.closed and case.ever_complaint:
            last = [letter for letter in case.letters if letter.audience == "subject"][-1]
            assert "Autoriteit Persoonsgegevens" in last.text, case.ref
            assert last.stage == "sent"
