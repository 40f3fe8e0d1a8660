"""What commands need of the case that they are given on, and those that write nothing."""

import re
from dataclasses import replace
from datetime import date

import pytest

from bot import agenda
from bot.actions import carry_out
from bot.cases import Case, put, record
from bot.commands import parse
from bot.errors import Refused
from bot.events import (
    BOT,
    SUBJECT,
    Assigned,
    Closed,
    Concluded,
    Event,
    Identified,
    Joined,
    Noted,
    Relabelled,
    Source,
)
from bot.model import Stage
from bot.refusals import _REASONS
from bot.sentences import _SENTENCES
from classifiers.labels import Kind, Right
from tests.desk import ANNA, HOW, JAN, NOW, PIET, case_of, context, delivered, do, notice, refuses, settings


def test_name_and_address_come_from_their_commands_only() -> None:
    """A name is used in letters once staff gave it; a new address is where letters go."""
    case = do(case_of(name=None), "naam Els de Boer").case
    case = do(case, "adres els@mail.example").case
    held = do(case, "antwoord: wij zoeken het uit").held
    assert held and held.to == "els@mail.example" and "Els de Boer" in held.text


@pytest.mark.parametrize("address", ["info@wkm.example", ANNA])
def test_address_is_never_our_own(address: str) -> None:
    """The data subject's address is not the mailbox or a colleague."""
    refuses(case_of(), f"adres {address}", "geen brief sturen")


def test_address_waits_for_held_letters() -> None:
    """While a letter to the old address waits, the address stays."""
    refuses(do(case_of(), "antwoord: hallo").case, "adres els@mail.example", "wacht nog een brief")


def test_identity_and_its_way_are_recorded() -> None:
    """How the identity was checked stands in the history."""
    case = do(case_of(), "identiteit akkoord teruggebeld op bekend nummer").case
    assert case.identity_ok and case.events[-1].why == "teruggebeld op bekend nummer"


def test_assign_to_a_handler_who_is_there() -> None:
    """A case is given to a handler, never to somebody else or to one who is away."""
    assert do(case_of(), f"wijs toe {PIET}").case.handler == PIET
    refuses(case_of(), "wijs toe els@mail.example", "geen behandelaar")
    config = settings()
    away = replace(context(config), rules=agenda.rules(config, (PIET,)))
    with pytest.raises(Refused, match=f"Kies uit: {ANNA}"):
        carry_out(case_of(), parse(f"wijs toe {PIET}"), ANNA, NOW, away, None)


def test_away_is_for_the_giver() -> None:
    """A staff member reports their own absence, not in the past; nobody else can."""
    assert do(case_of(), "afwezig tot 17 april").away == (ANNA, date(2026, 4, 17))
    refuses(case_of(), "afwezig tot 2026-04-06", "al voorbij")
    refuses(case_of(), "afwezig tot 17 april", "Alleen een medewerker", giver="command line")


def test_received_computes_anew() -> None:
    """A corrected day of receipt moves the dates, but never into the future."""
    outcome = do(case_of(), "ontvangen 1 april")
    assert agenda.last_day(outcome.case, context().rules) == date(2026, 5, 1)
    assert "1 april 2026" in outcome.said and "1 mei 2026" in outcome.said
    refuses(case_of(), "ontvangen 2026-04-08", "moet nog komen")


def test_notes_and_confidential() -> None:
    """A note and the mark of confidence are in the history under their giver."""
    case = do(do(case_of(), "notitie gebeld").case, "vertrouwelijk", giver=PIET).case
    assert case.confidential and [(event.by, event.why) for event in case.events[-2:]] == [
        (ANNA, "gebeld"),
        (PIET, ""),
    ]


def changes() -> dict[str, tuple[Event, ...]]:
    """Things that happen after a notice."""
    source = Source(digest="x")
    return {
        "schreef opnieuw": (Joined(at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, reply=None, source=source),),
        "vanuit de mailbox zelf": (Noted(what="answered_elsewhere", at=NOW, by="info@wkm.example"),),
        "besluit of wijzigde": (Relabelled(at=NOW, by=PIET, kind=Kind.REQUEST, rights=(Right.ACCESS,)),),
        "wijzigde de zaak": (Identified(at=NOW, by=PIET, name="Els"),),
    }


LETTERS = [HOW, "geweigerd: reden", "verleng aantal: veel", "antwoord: hallo", "vraag toelichting", "bevestig",
           "doorgestuurd Garage X <i@x.example>"]  # fmt: skip


@pytest.mark.parametrize("text", LETTERS)
@pytest.mark.parametrize("what", list(changes()))
def test_a_letter_on_a_changed_state_is_asked_back(text: str, what: str) -> None:
    """When the data subject or a colleague did something after the answered mail, the command is asked back;
    given again on the newer mail, or at the command line, it is carried out."""
    case, answered = notice(case_of())
    case = record(case, *changes()[what])
    refuses(case, text, what, answered=answered)
    again, newer = notice(case, key="")
    assert do(again, text, answered=newer).held
    assert do(case, text).held


@pytest.mark.parametrize(
    "text", ["soort klacht", "bevestig", "geen privacy", "verzoek ingetrokken", "geregeld: gebeld"]
)
def test_what_a_case_is_is_not_said_twice(text: str) -> None:
    """Two handlers do not relabel or close the case over each other's heads, letter or not."""
    case, answered = notice(case_of(certain=False, answerable=False))
    case = record(case, Relabelled(at=NOW, by=PIET, kind=Kind.QUESTION))
    refuses(case, text, "een collega", answered=answered)


@pytest.mark.parametrize(
    "event",
    [
        Noted(what="noted", at=NOW, by=PIET, why="gebeld"),
        Assigned(at=NOW, by=BOT, handler=PIET),
        Relabelled(at=NOW, by=ANNA, kind=Kind.REQUEST, rights=(Right.ACCESS,)),
        Joined(
            at=NOW,
            by=SUBJECT,
            received=NOW,
            kind=Kind.OTHER,
            reply=None,
            source=Source(digest="x"),
            automatic=True,
        ),
    ],
)
def test_small_changes_do_not_stand_in_the_way(event: Event) -> None:
    """Notes, the bot's own steps, the giver's own deeds and an out-of-office change nothing that matters."""
    case, answered = notice(case_of())
    assert do(record(case, event), HOW, answered=answered).held


def test_a_colleagues_letter_is_a_change() -> None:
    """Two handlers do not both answer, and a held letter is not sent past a new mail of the data subject."""
    case, answered = notice(case_of())
    case = do(case, "antwoord: een", giver=PIET).case
    refuses(case, "antwoord: twee", "een collega schreef aan de betrokkene", answered=answered)
    refuses(case, "verstuur", "een collega schreef", answered=answered)
    assert do(case, "stop", answered=answered).case.letters[-1].stage is Stage.STOPPED


def test_a_colleagues_stop_is_a_change() -> None:
    """When a colleague stopped a letter after the notice, the command is asked back."""
    case, answered = notice(do(case_of(), "antwoord: een").case)
    case = do(case, "stop", giver=PIET).case
    refuses(case, "antwoord: twee", "een collega verstuurde een brief of hield die tegen", answered=answered)


def test_status_tells_how_it_stands() -> None:
    """Kind, dates, rights, the held letter and the next step, in a few lines."""
    case = do(case_of(rights=(Right.ACCESS, Right.OBJECTION)), "geweigerd bezwaar: reden").case
    assert do(case, "status").said.splitlines() == [
        "WKM-2026-0001: verzoek, open.",
        "Ontvangen op 2 april 2026. Klaar op 2 mei 2026; de wettelijke laatste dag is 4 mei 2026.",
        "- inzage: nog niet besloten",
        "- bezwaar: geweigerd",
        "Wacht op `verstuur`: brief 1, besluit.",
        "Volgende stap: de wachtende brief versturen of tegenhouden.",
    ]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    "case",
    [
        case_of(),
        case_of(certain=False, unsure_rights=(Right.ERASURE,)),
        case_of(kind=Kind.COMPLAINT, rights=()),
        case_of(rights=(Right.WITHDRAW_CONSENT,)),
        do(case_of(), HOW).case,
        do(case_of(rights=(Right.ERASURE,)), "ontvangers geen").case,
        put(case_of(), replace(do(case_of(), "antwoord: een").case.letters[0], stage=Stage.FAILED)),
        record(delivered(do(case_of(), HOW).case), Closed(at=NOW, by=BOT, how="decided")),
        case_of(rights=(Right.ERASURE,)),
        do(case_of(), "geweigerd: reden").case,
    ],
)
def test_status_of_every_kind_of_case(case: Case, language: str) -> None:
    """The status can be told of any case, in both languages, without a name or an address."""
    said = do(case, "status", config=settings(language=language)).said
    assert said.startswith(case.ref) and JAN not in said and "Jansen" not in said


def test_help_lists_the_commands() -> None:
    """The list comes in the staff's language."""
    assert "- `geweigerd inzage: reden`" in do(case_of(), "help").said
    assert "- `refused access: reason`" in do(case_of(), "help", config=settings(language="en")).said


def test_sentences_follow_the_staff_language() -> None:
    """With English staff the answers are English, while the letter stays in the data subject's language."""
    outcome = do(case_of(), "granted access: U krijgt alles per post.", config=settings(language="en"))
    assert outcome.said.startswith("Decision on access: granted.") and outcome.held
    assert "Beste" in outcome.held.text or "U schreef" in outcome.held.text


def test_concluded_case_takes_no_second_outcome() -> None:
    """While the closing letter waits, nothing that contradicts it is written."""
    case = do(case_of(kind=Kind.QUESTION, rights=()), "afgehandeld: klaar").case
    for text in ("antwoord: nog iets", "geen privacy", "soort klacht", "doorgestuurd Garage X <i@x.example>"):
        refuses(case, text, "al afgerond")
    assert isinstance(case.concluded, Concluded)


@pytest.mark.parametrize("table", [_SENTENCES, _REASONS], ids=["sentences", "refusals"])
def test_both_languages_say_the_same(table: dict[str, tuple[str, str]]) -> None:
    """Each sentence names the same values in Dutch and in English."""
    for key, (dutch, english) in table.items():
        assert set(re.findall(r"\{\w+\}", dutch)) == set(re.findall(r"\{\w+\}", english)), key
