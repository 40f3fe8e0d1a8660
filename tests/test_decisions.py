"""What staff decide about a case, and what its data subject then hears."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from bot import agenda
from bot.cases import Case, State, put, record, replay
from bot.errors import Refused
from bot.events import (
    BOT,
    Closed,
    Noted,
    Written,
)
from bot.model import Audience, Purpose, Stage
from classifiers.labels import Flag, Kind, Right
from tests.desk import HOW, JAN, NOW, PIET, case_of, confirmed, context, delivered, do, refuses


def test_grant_is_held_and_leaves_by_itself() -> None:
    """A granted access is decided, its exact letter held for the configured time, and the giver told both."""
    outcome = do(case_of(), HOW)
    letter = outcome.held
    assert letter and letter.stage is Stage.HELD and letter.release == NOW + timedelta(minutes=30)
    assert (letter.to, letter.purpose, letter.audience) == (JAN, Purpose.DECISION, Audience.SUBJECT)
    assert "vandaag in een aparte mail" in letter.text
    assert outcome.case.decisions[Right.ACCESS].outcome == "granted"
    assert outcome.case.settled == "decided"
    assert "Bijlagen gaan niet mee" in outcome.said and "12.30 uur" in outcome.said


def test_what_is_stored_replays_to_the_same_case() -> None:
    """Events and letters alone give the case back."""
    case = do(case_of(), HOW).case
    assert replay(case.ref, case.secret, case.events, case.letters) == case


def test_letter_is_recorded_with_its_giver() -> None:
    """The history says who had the letter written."""
    case = do(case_of(), HOW, giver=PIET).case
    written = [event for event in case.events if isinstance(event, Written)]
    assert [(event.by, event.purpose, event.to) for event in written] == [(PIET, Purpose.DECISION, JAN)]


@pytest.mark.parametrize("right", [Right.ACCESS, Right.PORTABILITY])
def test_access_needs_how_the_data_arrive(right: Right) -> None:
    """Without text no access or portability is granted, and the giver reads that attachments do not go along."""
    refuses(case_of(rights=(right,)), "ingewilligd", "Bijlagen bij uw mail stuurt het programma nooit door")


@pytest.mark.parametrize("right", [Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION])
def test_recipients_come_first(right: Right) -> None:
    """Erasure, rectification and restriction are granted only after the recipients were recorded."""
    case = case_of(rights=(right,))
    refuses(case, "ingewilligd", r"ontvangers .* ingelicht \(AVG art. 19\)")
    told = do(case, "ontvangers ingelicht").case
    assert told.recipients == "told"
    assert do(told, "ingewilligd").case.decisions[right].outcome == "granted"


def test_a_part_granted_reminds_of_the_recipients() -> None:
    """A partial erasure is not blocked, but its giver is reminded of article 19."""
    assert "AVG art. 19" in do(case_of(rights=(Right.ERASURE,)), "deels: de factuur blijft").said


@pytest.mark.parametrize(("text", "outcome"), [("deels: reden", "partly"), ("geweigerd inzage: reden", "refused")])
def test_partly_and_refused_wait_for_send(text: str, outcome: str) -> None:
    """A decision with reasons never leaves by itself, and names supervisor and court."""
    found = do(case_of(), text)
    assert found.held and found.held.release is None and found.held.stage is Stage.HELD
    assert found.case.decisions[Right.ACCESS].outcome == outcome
    assert found.case.decisions[Right.ACCESS].why == "reden"
    assert "Autoriteit Persoonsgegevens" in found.held.text and "rechter" in found.held.text
    assert "`verstuur`" in found.said


@pytest.mark.parametrize("text", ["geweigerd: nee hoor", "deels: nee hoor"])
@pytest.mark.parametrize(
    "case",
    [
        case_of(rights=(Right.WITHDRAW_CONSENT,)),
        case_of(rights=(Right.OBJECTION,), flags=(Flag.DIRECT_MARKETING,)),
        case_of(rights=(Right.ACCESS, Right.WITHDRAW_CONSENT)),
    ],
)
def test_withdrawal_and_marketing_cannot_be_refused(case: Case, text: str) -> None:
    """A withdrawal of consent and an objection to marketing are never refused."""
    refuses(case, text, "kan niet worden geweigerd")


def test_other_rights_beside_a_withdrawal_can_be_refused() -> None:
    """Named apart, the right beside a withdrawal can be refused."""
    case = case_of(rights=(Right.ACCESS, Right.WITHDRAW_CONSENT))
    assert do(case, "geweigerd inzage: wij kennen u niet").case.undecided == (Right.WITHDRAW_CONSENT,)


def test_an_objection_that_is_not_about_marketing_can_be_refused() -> None:
    """An objection from somebody's particular situation is weighed."""
    assert do(case_of(rights=(Right.OBJECTION,)), "geweigerd: reden").case.decisions[Right.OBJECTION]


def test_rights_are_decided_one_by_one() -> None:
    """The first decision leaves the case open and says what is left; the second settles it."""
    case = case_of(rights=(Right.ACCESS, Right.OBJECTION))
    first = do(case, HOW)
    assert first.case.settled is None and "Nog te besluiten: bezwaar" in first.said
    second = do(first.case, "geweigerd bezwaar: reden")
    assert second.case.settled == "decided"
    assert [letter.number for letter in second.case.pending] == [1, 2]


def test_without_a_right_all_undecided_are_meant() -> None:
    """One command grants everything that is open, in one letter."""
    case = do(case_of(rights=(Right.ACCESS, Right.PORTABILITY)), "ingewilligd: U krijgt alles per post.").case
    assert set(case.decisions) == {Right.ACCESS, Right.PORTABILITY} and len(case.letters) == 1


@pytest.mark.parametrize(
    ("case", "text", "why"),
    [
        (case_of(), "geweigerd wissen: reden", "hoort niet bij deze zaak.*`soort verzoek inzage en verwijdering`"),
        (case_of(unsure_rights=(Right.ERASURE,)), "geweigerd wissen: reden", "niet zeker of verwijdering"),
        (case_of(certain=False), HOW, "Nog niemand zei wat deze zaak is"),
        (case_of(kind=Kind.COMPLAINT, rights=()), HOW, "geen verzoek maar: klacht.*afgehandeld"),
        (case_of(kind=Kind.OTHER, rights=()), HOW, "geen verzoek maar: overig.*geen privacy"),
        (case_of(rights=(Right.OBJECTION,)), "ingewilligd inzage: per post", "hoort niet bij deze zaak"),
        (do(case_of(), HOW).case, HOW, "al besloten"),
        (do(case_of(), HOW).case, "geweigerd inzage: toch niet", "Wacht die brief nog, geef dan eerst `stop`"),
        (do(case_of(), HOW).case, "ingewilligd", "Over alle rechten is al besloten"),
        (delivered(do(case_of(), HOW).case), HOW, "al besloten"),
    ],
)
def test_decisions_that_are_refused(case: Case, text: str, why: str) -> None:
    """A decision on what is not asked, not sure, or decided already is asked back."""
    refuses(case, text, why)


def test_a_decision_that_left_can_be_replaced_by_another() -> None:
    """Who was refused for lack of a name can be granted the right later."""
    case = delivered(do(case_of(), "geweigerd: wij kennen u niet").case)
    assert do(case, HOW).case.decisions[Right.ACCESS].outcome == "granted"


def test_unsure_rights_keep_the_case_open() -> None:
    """A decision on the sure rights says that a person must still look at the unsure ones."""
    outcome = do(case_of(unsure_rights=(Right.ERASURE,)), HOW)
    assert outcome.case.settled is None
    assert "`soort verzoek inzage en verwijdering`" in outcome.said and "`soort verzoek inzage`" in outcome.said


def test_decision_that_closes_a_complaint_carries_the_referral() -> None:
    """The granting letter of what was a complaint too says where to complain next."""
    assert "Autoriteit" in str(do(case_of(also=(Kind.COMPLAINT,)), HOW).held)
    assert "Autoriteit" not in str(do(case_of(), HOW).held)


@pytest.mark.parametrize(("word", "ground"), [("ingewikkeld", "complexity"), ("aantal", "number")])
def test_extension_moves_the_date(word: str, ground: str) -> None:
    """An extension is told with its reason, and moves the date to three months after receipt."""
    outcome = do(case_of(), f"verleng {word}: veel systemen")
    assert outcome.case.extension and outcome.case.extension.ground == ground
    assert agenda.due(outcome.case, context().rules) == date(2026, 7, 2)
    assert outcome.held and outcome.held.release and "veel systemen" in outcome.held.text
    assert "2 juli 2026" in outcome.said


@pytest.mark.parametrize(
    ("case", "now", "why"),
    [
        (do(case_of(), "verleng aantal: veel").case, NOW, "al een keer verlengd, op 7 april 2026"),
        (case_of(), datetime(2026, 5, 5, 10, 0, tzinfo=UTC), "Verlengen kon tot en met 4 mei 2026"),
        (case_of(rights=(Right.WITHDRAW_CONSENT,)), NOW, "Dit moet direct"),
        (do(case_of(), HOW).case, NOW, "Over alle rechten is al besloten"),
        (case_of(kind=Kind.QUESTION, rights=()), NOW, "geen verzoek"),
        (case_of(certain=False), NOW, "Nog niemand zei"),
    ],
)
def test_extension_refused(case: Case, now: datetime, why: str) -> None:
    """Twice, too late, for what is due at once or no request: no extension."""
    refuses(case, "verleng ingewikkeld: veel systemen", why, now=now)


def test_extension_on_the_last_day_leaves_that_day() -> None:
    """Late on the last day of the first period the letter is held shorter, so that it leaves in time."""
    now = datetime(2026, 5, 4, 21, 35, tzinfo=UTC)  # 23:35 in Amsterdam
    held = do(case_of(), "verleng aantal: veel", now=now).held
    assert held and held.release == datetime(2026, 5, 4, 21, 45, tzinfo=UTC)
    later = datetime(2026, 5, 4, 21, 55, tzinfo=UTC)
    held = do(case_of(), "verleng aantal: veel", now=later).held
    assert held and held.release == later


def test_after_the_last_day_a_letter_is_still_held() -> None:
    """Once it is too late, there is again the usual time to stop a letter."""
    now = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    held = do(case_of(), HOW, now=now).held
    assert held and held.release == now + timedelta(minutes=30)


@pytest.mark.parametrize("kind", [Kind.COMPLAINT, Kind.QUESTION])
def test_close_answers_and_concludes(kind: Kind) -> None:
    """A complaint or question is closed with its answer; a complaint's letter carries the referral."""
    outcome = do(case_of(kind=kind, rights=()), "afgehandeld: de foto is vervangen")
    assert outcome.case.settled == "answered" and outcome.held and outcome.held.release
    assert outcome.held.purpose is Purpose.CLOSING and "de foto is vervangen" in outcome.held.text
    assert ("Autoriteit" in outcome.held.text) == (kind is Kind.COMPLAINT)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (case_of(), "Op een verzoek past een besluit.*ingewilligd.*deels.*geweigerd"),
        (case_of(kind=Kind.OTHER, rights=()), "geen klacht of vraag"),
        (case_of(kind=Kind.COMPLAINT, rights=(), certain=False), "Nog niemand zei"),
        (do(case_of(kind=Kind.QUESTION, rights=()), "afgehandeld: klaar").case, "al afgerond"),
    ],
)
def test_close_refused(case: Case, why: str) -> None:
    """A request is not closed with an answer, nor what is not sure or closed already."""
    refuses(case, "afgehandeld: uitkomst", why)


def test_answer_keeps_the_case_open() -> None:
    """A message is held and changes nothing else."""
    outcome = do(case_of(), "antwoord: wij zoeken het uit")
    assert outcome.held and outcome.held.purpose is Purpose.ANSWER and outcome.case.settled is None


@pytest.mark.parametrize("about", ["naam", "toelichting", "machtiging"])
def test_ask_waits_for_the_data_subject(about: str) -> None:
    """A question is held, and the case then waits for its answer."""
    outcome = do(case_of(name=None), f"vraag {about}: graag voor vrijdag")
    assert outcome.case.state is State.WAITING and outcome.held and outcome.held.purpose is Purpose.ASK


@pytest.mark.parametrize(
    ("case", "text", "why"),
    [
        (case_of(), "vraag naam", "De naam is al bekend"),
        (case_of(name=None, rights=(Right.WITHDRAW_CONSENT,)), "vraag naam", "hoeft niet te zeggen"),
        (
            case_of(name=None, rights=(Right.OBJECTION,), flags=(Flag.DIRECT_MARKETING,)),
            "vraag machtiging",
            "hoeft niet te zeggen",
        ),
        (do(case_of(name=None), "vraag naam").case, "vraag naam", "staat al klaar"),
    ],
)
def test_ask_refused(case: Case, text: str, why: str) -> None:
    """What is known, what the law lets nobody ask, and what is being asked is not asked."""
    refuses(case, text, why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("antwoord: zie [WKM-2026-0001.4.abcdefghij]", "stuk van een mail van het programma"),
        ("antwoord: zie mailto:info@wkm.example", "stuk van een mail van het programma"),
        ("antwoord: net als bij WKM-2026-0077", r"noemt een andere zaak \(WKM-2026-0077\)"),
        ("antwoord: " + "lang " * 2500, "langer dan"),
    ],
)
def test_texts_that_may_not_leave(text: str, why: str) -> None:
    """Links of a staff mail, other cases' numbers and whole books never stand in a letter."""
    refuses(case_of(), text, why)


def test_own_case_number_may_be_named() -> None:
    """The data subject knows the number of their own case."""
    assert do(case_of(), "antwoord: uw nummer is WKM-2026-0001").held


@pytest.mark.parametrize("address", ["", "jan", "jän@mail.example", "info@wkm.example", PIET])
def test_no_letter_without_an_address_outside(address: str) -> None:
    """No letter to nobody, to ourselves or to staff."""
    refuses(case_of(address=address), "antwoord: wij zoeken het uit", "kan het programma geen brief sturen")


def test_forward_writes_two_letters() -> None:
    """The controller gets the request, the data subject hears to whom it went, and then the case can close."""
    outcome = do(case_of(), "doorgestuurd Garage X <info@x.example>")
    letters = {letter.audience: letter for letter in outcome.case.pending}
    assert letters[Audience.CONTROLLER].to == "info@x.example" and letters[Audience.SUBJECT].to == JAN
    assert "Garage X" in letters[Audience.SUBJECT].text
    assert outcome.held == letters[Audience.CONTROLLER] and outcome.case.settled == "forwarded"


def test_the_letters_of_a_forwarding_go_together() -> None:
    """One `stop` stops both, one `verstuur` sends both."""
    case = do(case_of(), "doorgestuurd Garage X <info@x.example>").case
    stopped = do(case, "stop").case
    assert {letter.stage for letter in stopped.letters} == {Stage.STOPPED} and stopped.settled is None
    assert {letter.stage for letter in do(case, "verstuur").case.letters} == {Stage.QUEUED}


def test_a_dealer_who_sent_it_is_the_controller() -> None:
    """The dealer who passed a customer's request on is written to at the address it wrote from."""
    case = do(case_of(flags=(Flag.CUSTOMER_OF_DEALER,)), "doorgestuurd Garage X").case
    assert [(letter.to, letter.audience) for letter in case.pending] == [(JAN, Audience.CONTROLLER)]
    assert case.settled == "forwarded"


def test_a_forwarding_that_did_not_arrive_can_be_given_anew() -> None:
    """When the controller's address was wrong, stopping that letter opens the case for another address."""
    case = delivered(do(case_of(), "doorgestuurd Garage X <fout@x.example>").case)
    failed = put(case, replace(case.letters[0], stage=Stage.FAILED, error="no such user"))
    stopped = do(failed, "stop").case
    assert stopped.settled is None
    assert do(stopped, "doorgestuurd Garage X <goed@x.example>").case.settled == "forwarded"


def test_a_dealers_complaint_is_closed_with_the_referral() -> None:
    """A complaint that a dealer passed on is not closed by the letter to the controller alone."""
    case = do(case_of(flags=(Flag.CUSTOMER_OF_DEALER,), also=(Kind.COMPLAINT,)), "doorgestuurd Garage X").case
    assert [letter.audience for letter in case.pending] == [Audience.CONTROLLER, Audience.SUBJECT]
    assert "Autoriteit" in case.pending[1].text


@pytest.mark.parametrize("text", ["Garage X", "Garage X <info@wkm.example>", f"Garage X <{JAN}>"])
def test_forward_needs_an_address(text: str) -> None:
    """Without the controller's own address nothing is forwarded."""
    refuses(case_of(), f"doorgestuurd {text}", "mailadres van de verantwoordelijke")


@pytest.mark.parametrize(("text", "how"), [("verzoek ingetrokken", "withdrawn"), ("geen privacy", "not_privacy")])
def test_ends_with_a_letter_once_confirmed(text: str, how: str) -> None:
    """Who was told of the case is told that it ends; who never was, is not."""
    told = do(confirmed(case_of()), text)
    assert told.held and told.held.purpose is Purpose.CLOSING and told.case.settled == how
    silent = do(case_of(), text)
    assert silent.held is None and silent.case.settled == how and "zonder brief" in silent.said


@pytest.mark.parametrize("text", ["verzoek ingetrokken", "geen privacy"])
def test_a_complaint_never_ends_silently(text: str) -> None:
    """What was ever a complaint ends with the referral, confirmed or not, whatever it was relabelled to."""
    case = do(case_of(kind=Kind.COMPLAINT, rights=(), answerable=False, doubts=("in_junk",)), "soort overig").case
    held = do(case, text).held
    assert held and "Autoriteit" in held.text


def test_settled_elsewhere_closes_without_a_letter() -> None:
    """A case that was answered from the mailbox itself, or of which a person says how, closes silently."""
    case = case_of()
    refuses(case, "geregeld", "Er ontbreekt tekst")
    assert do(case, "geregeld: gebeld, alles gegeven").case.settled == "answered"
    seen = record(case, Noted(what="answered_elsewhere", at=NOW, by="info@wkm.example"))
    assert do(seen, "geregeld").case.settled == "answered"


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (case_of(kind=Kind.COMPLAINT, rights=()), "Dit was ook een klacht.*afgehandeld"),
        (case_of(also=(Kind.COMPLAINT,)), "Dit was ook een klacht.*ingewilligd"),
        (case_of(certain=False), "Nog niemand zei"),
        (case_of(rights=(Right.ERASURE,)), "ontvangers"),
        (do(case_of(), "antwoord: hallo").case, "wacht nog een brief"),
    ],
)
def test_settled_refused(case: Case, why: str) -> None:
    """No complaint, no unsure case and nothing with a held letter is settled silently."""
    refuses(case, "geregeld: gebeld", why)


def test_restriction_ends_when_the_person_was_told() -> None:
    """The restriction stays on the agenda until its lifting letter has left, also in a closed case."""
    case = do(case_of(rights=(Right.RESTRICTION,)), "ontvangers geen").case
    refuses(case, "hef op: alles klopt weer", "geen beperking")
    case = record(delivered(do(case, "ingewilligd").case), Closed(at=NOW, by=BOT, how="decided"))
    outcome = do(case, "hef op: alles klopt weer")
    assert outcome.held and outcome.held.purpose is Purpose.LIFTING and outcome.case.restricted
    refuses(outcome.case, "hef op: alles klopt weer", "al gemaakt")
    assert do(outcome.case, "stop").case.restricted
    changed = do(outcome.case, "wijzig: alles is nagekeken").held
    assert changed and changed.purpose is Purpose.LIFTING and "alles is nagekeken" in changed.text
    assert not delivered(outcome.case).restricted


def test_the_supervisor_gets_no_letter() -> None:
    """A case of the supervisor is answered by a person, and settled without a letter even as a complaint."""
    case = case_of(address="jz@autoriteitpersoonsgegevens.nl", kind=Kind.COMPLAINT, rights=())
    refuses(case, "antwoord: wij zoeken het uit", "toezichthouder schrijft het programma nooit")
    assert do(case, "geregeld: brief gestuurd").case.settled == "answered"


# Whatever is ordered, in whatever order


COMMANDS = [
    HOW, "ingewilligd: U krijgt alles per post.", "geweigerd inzage: reden", "geweigerd: reden", "deels: reden",
    "ontvangers geen", "verleng aantal: veel", "afgehandeld: klaar", "antwoord: hallo", "vraag toelichting",
    "doorgestuurd Garage X <i@x.example>", "verzoek ingetrokken", "geen privacy", "geregeld: gebeld", "bevestig",
    "soort klacht", "soort vraag", "soort overig", "soort verzoek inzage", "soort verzoek inzage en wissen",
    "stop", "verstuur", "wijzig: anders", "stop 1", "wijzig 1: anders", "verstuur 2", "heropen",
    "adres els@mail.example",
]  # fmt: skip
ENDING = (Purpose.DECISION, Purpose.CLOSING, Purpose.FORWARDING)
CASES = [
    case_of(rights=(Right.ACCESS, Right.ERASURE), also=(Kind.COMPLAINT,)),
    case_of(unsure_rights=(Right.ERASURE,), also=(Kind.COMPLAINT,)),
    case_of(kind=Kind.COMPLAINT, rights=()),
    case_of(certain=False, answerable=False, kind=Kind.QUESTION, rights=()),
    case_of(rights=(Right.WITHDRAW_CONSENT, Right.ACCESS)),
]


@settings_of(max_examples=150, deadline=None)
@given(st.sampled_from(CASES), st.lists(st.sampled_from(COMMANDS), max_size=7))
def test_no_order_of_commands_breaks_a_promise(case: Case, texts: list[str]) -> None:
    """Every letter goes to the case's own person or to the controller, no stopped letter has decided anything,
    what is stored gives the case back, and no complaint can close without a letter that carries the referral."""
    for text in texts:
        known = {letter.number for letter in case.letters}
        with suppress(Refused):
            case = do(case, text).case
        for letter in case.letters:
            allowed = {case.address} if letter.audience is Audience.SUBJECT else {"i@x.example"}
            assert letter.number in known or letter.to in allowed
    assert replay(case.ref, case.secret, case.events, case.letters) == case
    live = {letter.number for letter in case.letters if letter.stage is not Stage.STOPPED}
    assert all(decision.letter in live for decision in case.decisions.values())
    assert case.concluded is None or case.concluded.letter in (None, *live)
    if case.settled and case.ever_complaint:
        ending = [letter for letter in case.letters if letter.number in live and letter.purpose in ENDING]
        assert any("Autoriteit Persoonsgegevens" in letter.text for letter in ending)
