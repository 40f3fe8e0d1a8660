"""What staff do with letters that wait."""

from dataclasses import replace

import pytest

from bot.cases import Case, put, record
from bot.events import (
    Identified,
)
from bot.model import Stage
from classifiers.labels import Kind, Right
from tests.desk import ANNA, HOW, NOW, case_of, do, notice, refuses, settings


def test_stop_undoes() -> None:
    """A stopped letter never leaves, and its decision did not happen."""
    outcome = do(do(case_of(), HOW).case, "stop")
    assert outcome.case.letters[0].stage is Stage.STOPPED and not outcome.case.decisions
    assert "Tegengehouden: brief 1, besluit" in outcome.said


def test_send_releases() -> None:
    """`verstuur` queues the very letter that was shown."""
    before = do(case_of(), "geweigerd: reden")
    after = do(before.case, "verstuur").case
    assert before.held and after.letters[0].raw == before.held.raw
    assert (after.letters[0].stage, after.letters[0].release) == (Stage.QUEUED, None)


def test_change_writes_anew() -> None:
    """`wijzig` stops the letter and holds the same decision with the new text."""
    outcome = do(do(case_of(), "geweigerd: oude reden").case, "wijzig: nieuwe reden")
    assert [letter.stage for letter in outcome.case.letters] == [Stage.STOPPED, Stage.HELD]
    decision = outcome.case.decisions[Right.ACCESS]
    assert (decision.outcome, decision.why, decision.letter) == ("refused", "nieuwe reden", 2)
    assert outcome.held and "nieuwe reden" in outcome.held.text and "oude reden" not in outcome.held.text


@pytest.mark.parametrize(
    ("case", "text"),
    [
        (case_of(), "verleng ingewikkeld: oud"),
        (case_of(), "antwoord: oud"),
        (case_of(name=None), "vraag naam: oud"),
        (case_of(kind=Kind.QUESTION, rights=()), "afgehandeld: oud"),
        (case_of(rights=(Right.ACCESS, Right.PORTABILITY)), "ingewilligd: oud"),
    ],
)
def test_every_letter_with_words_can_be_changed(case: Case, text: str) -> None:
    """The changed letter has the same purpose and the new words."""
    before = do(case, text)
    after = do(before.case, "wijzig: nieuw en beter")
    assert before.held and after.held and after.held.purpose is before.held.purpose
    assert "nieuw en beter" in after.held.text and set(after.case.decisions) == set(before.case.decisions)


@pytest.mark.parametrize("text", ["bevestig", "doorgestuurd Garage X <i@x.example>"])
def test_letters_without_words_cannot_be_changed(text: str) -> None:
    """A letter that is all template is stopped instead."""
    refuses(do(case_of(), text).case, "wijzig: iets anders", "geen eigen tekst")


@pytest.mark.parametrize("text", ["stop", "verstuur", "wijzig: iets"])
def test_nothing_held(text: str) -> None:
    """Without a held letter there is nothing to do, in the words of the state it is in."""
    refuses(case_of(), text, "Er wacht geen brief")


def test_which_letter_is_told_by_the_receipt_that_is_answered() -> None:
    """Of two held letters the one is meant whose receipt is answered; without that, its number is asked."""
    case = do(do(case_of(), "antwoord: een").case, "antwoord: twee").case
    case, first = notice(case, key="held:1")
    refuses(case, "stop", r"brief 1, antwoord; brief 2, antwoord.*`stop 1`")
    assert [each.stage for each in do(case, "stop", answered=first).case.letters[:2]] == [
        Stage.STOPPED,
        Stage.HELD,
    ]
    assert [each.stage for each in do(case, "stop 2").case.letters[:2]] == [Stage.HELD, Stage.STOPPED]
    refuses(case, "stop 9", "brief 9|Brief 9")
    refuses(case, f"stop {first}", "bestaat niet")


def test_a_letter_that_left_is_not_stopped() -> None:
    """The giver reads where the letter is, and what still waits."""
    case = do(do(case_of(), "antwoord: een").case, "verstuur").case
    refuses(case, "stop 1", r"Brief 1 is al onderweg\.$")
    case = do(case, "antwoord: twee").case
    case, first = notice(case, key="held:1")
    refuses(case, "stop", "Brief 1 is al onderweg. Er wacht nog wel: brief 2", answered=first)


def test_a_failed_letter_is_tried_again_or_stopped() -> None:
    """What a server refused is queued again by `verstuur`, to the same address only."""
    case = do(case_of(), "antwoord: een").case
    failed = put(case, replace(case.letters[0], stage=Stage.FAILED, attempts=3, error="no such user"))
    again = do(failed, "verstuur").case.letters[0]
    assert (again.stage, again.attempts, again.error) == (Stage.QUEUED, 0, "")
    assert do(failed, "stop").case.letters[0].stage is Stage.STOPPED
    moved = record(failed, Identified(at=NOW, by=ANNA, address="els@mail.example"))
    refuses(moved, "verstuur", "vorig adres")


SHADOW = settings("shadow")


@pytest.mark.parametrize(
    "text", [HOW, "geweigerd: reden", "antwoord: hallo", "verleng aantal: veel", "bevestig", "vraag toelichting"]
)
def test_shadow_keeps_every_letter_in(text: str) -> None:
    """In shadow mode the letter is shown and recorded, never held or queued, and the giver is told so."""
    outcome = do(case_of(), text, config=SHADOW)
    assert outcome.held and outcome.held.stage is Stage.SHADOW and outcome.held.release is None
    assert "proefstand" in outcome.said and not outcome.case.pending


def test_shadow_lets_no_earlier_letter_out() -> None:
    """A letter held when the program was live does not leave by a command once it is in shadow mode."""
    case = do(case_of(), "geweigerd: reden").case
    assert do(case, "verstuur", config=SHADOW).case.letters[0].stage is Stage.SHADOW
