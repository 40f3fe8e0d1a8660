"""What staff say a case is, and with which other case it belongs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases import Case, State, begin, put, record
from bot.events import (
    BOT,
    SUBJECT,
    Closed,
    Joined,
    Linked,
    Source,
)
from bot.model import Purpose
from classifiers.labels import Kind, Reply, Right
from tests.desk import HOW, JAN, NOW, RECEIVED, case_of, confirmed, delivered, do, refuses


def test_label_makes_an_unsure_case_sure_and_confirms() -> None:
    """A person says what it is; the confirmation that fits is held, and asks for a name where one is missing."""
    case = case_of(certain=False, answerable=False, kind=Kind.QUESTION, rights=(), name=None)
    outcome = do(case, "soort verzoek inzage")
    assert outcome.case.certain and outcome.case.rights == (Right.ACCESS,)
    assert outcome.held and outcome.held.purpose is Purpose.CONFIRMATION and outcome.held.release
    assert outcome.case.asked and outcome.case.asked.about == "name"


def test_label_keeps_the_rights_that_are_known() -> None:
    """Without a right, those that were understood are meant."""
    assert do(case_of(certain=False, answerable=False), "soort verzoek").case.rights == (Right.ACCESS,)


def test_confirm_of_a_confirmed_case_writes_no_second_confirmation() -> None:
    """An unsure case whose person was told of it becomes sure, and nothing is sent."""
    sent = confirmed(case_of()).letters[0]
    outcome = do(put(case_of(certain=False), sent), "bevestig")
    assert outcome.case.certain and outcome.held is None and "al bevestigd" in outcome.said


@pytest.mark.parametrize("kind", [Kind.COMPLAINT, Kind.QUESTION])
def test_label_other_kinds(kind: Kind) -> None:
    """A complaint and a question are confirmed too."""
    word = "klacht" if kind is Kind.COMPLAINT else "vraag"
    outcome = do(case_of(certain=False, answerable=False), f"soort {word}")
    assert outcome.case.kind is kind and outcome.held
    assert outcome.case.ever_complaint == (kind is Kind.COMPLAINT)


def test_label_at_once_asks_no_name() -> None:
    """The confirmation of a withdrawal asks nothing."""
    case = case_of(certain=False, answerable=False, name=None, rights=())
    assert do(case, "soort verzoek toestemming").case.asked is None


def test_label_does_not_confirm_twice() -> None:
    """A case that was confirmed is relabelled without a second confirmation."""
    outcome = do(confirmed(case_of()), "soort klacht")
    assert outcome.held is None and "al bevestigd" in outcome.said and outcome.case.kind is Kind.COMPLAINT


@pytest.mark.parametrize(
    "case",
    [
        case_of(certain=False, answerable=False, doubts=("authentication_failed",)),
        case_of(answerable=False),
        record(
            case_of(certain=False, answerable=False),
            Joined(
                at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, reply=Reply.HUMAN, source=Source(digest="x")
            ),
        ),
    ],
)
def test_where_the_program_may_not_answer_only_confirm_does(case: Case) -> None:
    """With a doubt about the sender, `soort` labels only, and says that `bevestig` would confirm."""
    labelled = do(case, "soort verzoek inzage")
    assert labelled.held is None and "`bevestig`" in labelled.said
    assert do(labelled.case, "bevestig").held


def test_label_other_points_to_the_ways_out() -> None:
    """What is no privacy case is not confirmed; staff read how to close it."""
    outcome = do(case_of(certain=False, answerable=False), "soort overig")
    assert outcome.held is None and "`geen privacy`" in outcome.said


def test_confirm_makes_sure_and_confirms() -> None:
    """`bevestig` takes the case as it was understood."""
    outcome = do(case_of(certain=False, answerable=False), "bevestig")
    assert outcome.case.certain and outcome.held and outcome.case.rights == (Right.ACCESS,)


@pytest.mark.parametrize(
    ("case", "text", "why"),
    [
        (confirmed(case_of()), "bevestig", "al bevestigd"),
        (case_of(certain=False, unsure_rights=(Right.ERASURE,)), "bevestig", "niet zeker of verwijdering"),
        (case_of(certain=False, kind=Kind.OTHER, rights=()), "bevestig", "niet duidelijk"),
        (case_of(certain=False, rights=()), "bevestig", "niet duidelijk"),
        (case_of(rights=()), "soort verzoek", "hoort een recht"),
        (case_of(unsure_rights=(Right.ERASURE,)), "soort verzoek", "`soort verzoek inzage en verwijdering`"),
        (delivered(do(case_of(), HOW).case), "soort klacht", "al besloten"),
        (do(case_of(), "antwoord: hallo").case, "soort klacht", "wacht nog een brief"),
    ],
)
def test_label_and_confirm_refused(case: Case, text: str, why: str) -> None:
    """Nothing is guessed about kind or rights, and no decision is lost."""
    refuses(case, text, why)


OLDER = case_of("WKM-2026-0001")
YOUNGER = case_of("WKM-2026-0002", received=RECEIVED + timedelta(days=2), address=JAN)


def test_belongs_closes_this_case_without_a_letter() -> None:
    """The mail of this case goes to the older one, both know of each other, and nobody is written to."""
    outcome = do(YOUNGER, "hoort bij WKM-2026-0001", others=[OLDER])
    (going,) = outcome.also
    assert (outcome.case.how, outcome.case.state, outcome.case.letters) == ("merged", State.CLOSED, ())
    assert going.ref == "WKM-2026-0001" and not going.closed
    assert all(
        any(isinstance(event, Linked) and event.merged for event in each.events) for each in (outcome.case, going)
    )
    assert any(isinstance(event, Joined) for event in going.events)


@pytest.mark.parametrize("first", [OLDER, YOUNGER])
def test_merge_keeps_the_oldest(first: Case) -> None:
    """From whichever side two cases are merged, the one that was received first goes on."""
    second = YOUNGER if first is OLDER else OLDER
    outcome = do(first, f"samenvoegen {second.ref}", others=[second])
    found = {each.ref: each.state for each in (outcome.case, *outcome.also)}
    assert found == {"WKM-2026-0001": State.OPEN, "WKM-2026-0002": State.CLOSED}


def test_a_merged_complaint_stays_a_complaint() -> None:
    """The referral is not lost when a complaint becomes part of another case of the same person."""
    complaint = case_of("WKM-2026-0002", kind=Kind.COMPLAINT, rights=())
    (going,) = do(complaint, "hoort bij WKM-2026-0001", others=[OLDER]).also
    assert going.ever_complaint and going.kind is Kind.REQUEST


def test_another_address_learns_nothing_of_the_merged_mail() -> None:
    """The mail of another address is not taken into the thread of the case that goes on."""
    stranger = replace_address(YOUNGER, "els@mail.example")
    (going,) = do(stranger, "hoort bij WKM-2026-0001", others=[OLDER]).also
    assert not any(isinstance(event, Joined) for event in going.events)
    held = do(going, "antwoord: wij zoeken het uit").held
    assert held and held.to == JAN and "els@" not in held.raw and "WKM-2026-0002" not in held.raw


def replace_address(case: Case, address: str) -> Case:
    """The same case of somebody else."""
    return begin(case.ref, case.secret, replace(case.opened, address=address))


@pytest.mark.parametrize(
    ("case", "text", "others", "why"),
    [
        (OLDER, "hoort bij WKM-2026-0001", [OLDER], "deze zaak zelf"),
        (OLDER, "hoort bij WKM-2026-0009", [], "bestaat niet"),
        (OLDER, "hoort bij WKM-2026-0002", [YOUNGER], "`samenvoegen WKM-2026-0002`"),
        (
            YOUNGER,
            "hoort bij WKM-2026-0001",
            [record(OLDER, Closed(at=NOW, by=BOT, how="decided"))],
            "is gesloten",
        ),
        (YOUNGER, "hoort bij WKM-2026-0001", [delivered(do(OLDER, HOW).case)], "al afgerond"),
        (do(YOUNGER, HOW).case, "hoort bij WKM-2026-0001", [OLDER], "al besloten of staat een brief klaar"),
        (
            case_of("WKM-2026-0002", rights=(Right.ERASURE,)),
            "samenvoegen WKM-2026-0001",
            [OLDER],
            "`soort verzoek inzage en verwijdering`",
        ),
        (
            case_of("WKM-2026-0002", kind=Kind.COMPLAINT, rights=(), address="els@mail.example"),
            "hoort bij WKM-2026-0001",
            [OLDER],
            "klacht van een ander adres",
        ),
    ],
)
def test_merge_refused(case: Case, text: str, others: list[Case], why: str) -> None:
    """No period, right, decision or complaint is lost by merging."""
    refuses(case, text, why, others=others)


def test_reopen_goes_on_with_its_dates() -> None:
    """A closed case opens again with its dates, and stays open until somebody decides or concludes."""
    closed = record(delivered(do(case_of(), HOW).case), Closed(at=NOW, by=BOT, how="decided"))
    outcome = do(closed, "heropen")
    assert outcome.case.state is State.OPEN and outcome.case.settled is None and "4 mei 2026" in outcome.said
    assert do(outcome.case, HOW).case.settled == "decided"
    assert do(outcome.case, "geregeld: gebeld").case.settled == "answered"


@pytest.mark.parametrize(
    "text",
    [
        HOW, "geweigerd: reden", "verleng aantal: veel", "antwoord: hallo", "vraag naam", "soort klacht",
        "bevestig", "naam Jan Jansen", "adres jan@x.example", "ontvangers geen", "identiteit akkoord gebeld",
        "geregeld: gebeld", "verzoek ingetrokken", "geen privacy", "wijs toe anna@staff.example",
        "ontvangen 2026-04-01", "doorgestuurd Garage X <i@x.example>", "hoort bij WKM-2026-0002",
    ],
)  # fmt: skip
def test_a_closed_case_is_opened_first(text: str) -> None:
    """On a closed case nothing is done but what says how it stands, and opening it."""
    closed = record(case_of(), Closed(at=NOW, by=BOT, how="decided"))
    refuses(closed, text, "`heropen`")
    assert do(closed, "notitie gebeld").case.closed


def test_an_open_case_is_not_reopened() -> None:
    """There is nothing to open."""
    refuses(case_of(), "heropen", "niet gesloten")
