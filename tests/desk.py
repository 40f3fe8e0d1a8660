"""A desk at which staff give commands: a configuration, cases, and the ways to act on them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import agenda
from bot.actions import Context, Outcome, carry_out
from bot.cases import Case, begin, put, record, write
from bot.commands import parse
from bot.compose import Composer
from bot.config import Settings
from bot.config import parse as parse_settings
from bot.errors import Refused
from bot.events import (
    BOT,
    LetterMoved,
    Opened,
    Source,
)
from bot.model import Audience, Letter, Purpose, Stage
from bot.templates import load_templates
from classifiers.labels import Kind, Right

TEMPLATES = load_templates(Path(__file__).parent.parent / "templates")
NOW = datetime(2026, 4, 7, 10, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
ANNA, PIET = "anna@staff.example", "piet@staff.example"
JAN = "jan@mail.example"


def settings(mode: str = "live", language: str = "nl", hold: int = 30) -> Settings:
    """A configuration as the firm could have it."""
    return parse_settings(
        {
            "organisation": {"name": "WKM Automotive Imaging", "address": "info@wkm.example"},
            "imap": {"host": "localhost", "username": "info"},
            "smtp": {"host": "localhost"},
            "staff": {
                "handlers": [ANNA, PIET],
                "escalate_to": "chef@staff.example",
                "language": language,
                "hold_minutes": hold,
            },
            "replies": {"mode": mode},
        },
        Path(),
    )


def context(config: Settings | None = None, others: Iterable[Case] = ()) -> Context:
    """What a command may look at."""
    config = config or settings()
    found = {case.ref: case for case in others}
    return Context(Composer(config, TEMPLATES), config, agenda.rules(config), found.get)


def opened(**changes: object) -> Opened:
    """A request for access, by mail."""
    values: dict[str, object] = {
        "at": RECEIVED,
        "by": BOT,
        "received": RECEIVED,
        "kind": Kind.REQUEST,
        "certain": True,
        "confidence": 0.97,
        "language": "nl",
        "address": JAN,
        "name": "Jan Jansen",
        "rights": (Right.ACCESS,),
        "source": Source(digest="d", message_id="<a@mail.example>", subject="Inzage", text="Graag inzage."),
        "answerable": True,
    }
    return Opened(**(values | changes))  # type: ignore[arg-type]


def case_of(ref: str = "WKM-2026-0001", **changes: object) -> Case:
    """A case that was just opened."""
    return begin(ref, f"secret of {ref}", opened(**changes))


def confirmed(case: Case) -> Case:
    """The case after its confirmation was sent."""
    outcome = carry_out(case, parse("bevestig"), ANNA, NOW, context(settings(hold=0)), None)
    return delivered(outcome.case)


def delivered(case: Case) -> Case:
    """The case after every letter that could leave has left."""
    for letter in case.letters:
        if letter.stage in (Stage.HELD, Stage.QUEUED):
            case = put(case, replace(letter, stage=Stage.SENT, release=None))
            case = record(case, LetterMoved(what="sent", at=NOW, by=BOT, letter=letter.number))
    return case


def do(
    case: Case, text: str, *, giver: str = ANNA, now: datetime = NOW, answered: int | None = None,
    config: Settings | None = None, others: Iterable[Case] = (),
) -> Outcome:  # fmt: skip
    """A command as it comes in, carried out."""
    return carry_out(case, parse(text), giver, now, context(config, others), answered)


def refuses(case: Case, text: str, match: str, **more: object) -> None:
    """The command is refused with a sentence that says this."""
    with pytest.raises(Refused, match=match):
        do(case, text, **more)  # type: ignore[arg-type]


def notice(case: Case, to: str = ANNA, key: str = "notice") -> tuple[Case, int]:
    """The case with a staff mail sent, and that mail's number."""
    number = max((letter.number for letter in case.letters), default=0) + 1
    letter = Letter(
        number=number, purpose=Purpose.NOTICE, audience=Audience.STAFF, to=to, subject="s", text="t", raw="r",
        message_id=f"<n{number}@wkm.example>", created=NOW, stage=Stage.SENT,
    )  # fmt: skip
    return write(case, letter, NOW, key), number


HOW = "ingewilligd inzage: U krijgt uw gegevens vandaag in een aparte mail."
