"""Letters to people outside: what each must say, and what none may say."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import pytest

from bot import letters
from bot.cases import Case, record
from bot.compose import Composer
from bot.events import SUBJECT, Asked, Joined, Source
from bot.model import Audience, Letter, Purpose, Stage
from classifiers.labels import Flag, Kind, Reply, Right
from tests.desk import JAN, TEMPLATES, case_of, settings

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
COMPOSER = Composer(settings(), TEMPLATES)
LANGUAGES = ("nl", "en")
PERIOD = {
    "nl": "van 22 november 2026 tot en met 22 december 2026",
    "en": "in the period from 22 November 2026 to 22 December 2026",
}
MONTHS = re.compile(r"\bmaand|\bmonth|december|January", re.IGNORECASE)
WORDS = "ons besluit hangt af van de gegevens"
SECRET = "geheimewoorden van de afzender"


def case(**changes: object) -> Case:
    """A case received on 22 November 2026, with words of the sender that no letter may repeat."""
    source = Source(digest="d", message_id="<a@mail.example>", subject=SECRET, text=SECRET, attachments=(SECRET,))
    return case_of(**({"at": NOW, "received": NOW, "source": source} | changes))


def confirmation(**changes: object) -> str:
    """The text of a confirmation, as Jan gets it."""
    return letters.confirmation(COMPOSER, case(**changes), NOW, Stage.QUEUED).text


def complaint(**changes: object) -> Case:
    """A complaint."""
    return case(**({"kind": Kind.COMPLAINT, "rights": ()} | changes))


def before_small_print(text: str) -> str:
    """What a letter says above its small print."""
    main, line, small = text.partition("\n---\n")
    assert line and small.strip()
    return main


RIGHTS = [rights for count in (1, 2, 3) for rights in combinations(Right, count)]
CIRCUMSTANCES: dict[str, dict[str, object]] = {
    "plain": {},
    "complaint too": {"also": (Kind.COMPLAINT,)},
    "question too": {"also": (Kind.QUESTION,)},
    "marketing": {"flags": (Flag.DIRECT_MARKETING,)},
    "unsure": {"unsure_rights": (Right.ACCESS,)},
    "for another": {"flags": (Flag.REPRESENTATIVE,)},
    "dealer": {"flags": (Flag.CUSTOMER_OF_DEALER,)},
    "for Greta": {"flags": (Flag.REPRESENTATIVE,), "on_behalf_of": "Greta Bos"},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["Fatima El Idrissi", None])
@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
def test_confirmation_is_short(language: str, name: str | None, circumstance: str) -> None:
    """At most 150 words before the small print, for every one, two or three rights, in any circumstance."""
    for rights in RIGHTS:
        text = confirmation(rights=rights, language=language, name=name, **CIRCUMSTANCES[circumstance])
        assert len(before_small_print(text).split()) <= 150, rights


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["Fatima El Idrissi", None])
@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.COMPLAINT])
def test_confirmation_of_the_rest_is_short(language: str, name: str | None, kind: Kind) -> None:
    """At most 150 words for a question and a complaint too, and neither asks for a name."""
    text = confirmation(kind=kind, rights=(), language=language, name=name)
    assert len(before_small_print(text).split()) <= 150
    assert not re.search("achternaam|full name", text)


NAMES = {
    Right.ACCESS: ("Inzage", "Access"),
    Right.RECTIFICATION: ("Correctie", "Correction"),
    Right.ERASURE: ("Verwijdering", "Deletion"),
    Right.RESTRICTION: ("Beperking", "Restriction"),
    Right.PORTABILITY: ("Overdracht van gegevens", "Transfer of data"),
    Right.OBJECTION: ("Bezwaar", "Objection"),
    Right.AUTOMATED_DECISION: ("Beoordeling door een mens", "Review by a person"),
}


@pytest.mark.parametrize("right", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_confirmation_says_all_that_it_must(right: Right, language: str) -> None:
    """Each right and its meaning, number, period, automatic, a person decides, begun, how to say it is wrong."""
    text = confirmation(rights=(right,), language=language)
    named = NAMES[right][LANGUAGES.index(language)]
    assert re.search(rf"^- {named}: \w.{{20,}}\.$", text, re.MULTILINE)
    assert "WKM-2026-0001" in text and PERIOD[language] in text
    for said in {
        "nl": ("automatisch geschreven", "Een medewerker beslist", "Wij zijn al begonnen", "verkeerd begrepen"),
        "en": ("written automatically", "A staff member decides", "We have already begun", "misunderstand you"),
    }[language]:
        assert said in text


def test_period_is_the_unshifted_one() -> None:
    """The data subject is told the same-numbered day, also where the law gives a few days more."""
    received = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert "van 25 november 2026 tot en met 25 december 2026" in confirmation(received=received)


def test_receipt_counts_in_our_time_zone() -> None:
    """A mail just before midnight UTC was received on the next day here."""
    assert "van 23 november 2026" in confirmation(received=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("rights", "flags"),
    [
        ((Right.WITHDRAW_CONSENT,), ()),
        ((Right.WITHDRAW_CONSENT,), (Flag.DIRECT_MARKETING,)),
        ((Right.OBJECTION,), (Flag.DIRECT_MARKETING,)),
        ((Right.WITHDRAW_CONSENT, Right.OBJECTION), (Flag.DIRECT_MARKETING,)),
    ],
)
def test_withdrawal_and_marketing_objection_stop_at_once(
    language: str, rights: tuple[Right, ...], flags: tuple[Flag, ...]
) -> None:
    """We stop at once: no month, nothing asked, not even an unknown name."""
    text = confirmation(rights=rights, flags=flags, language=language, name=None)
    assert ("Wij stoppen hier meteen mee." if language == "nl" else "We will stop this at once.") in text
    assert not MONTHS.search(text)
    assert [line for line in text.split("\n") if "?" in line] == [
        line for line in text.split("\n") if line.startswith(("Hebben wij u verkeerd", "Did we misunderstand"))
    ]
    assert not letters.asks_name(case(rights=rights, flags=flags, name=None))


@pytest.mark.parametrize("language", LANGUAGES)
def test_mixed_request_gets_both_parts(language: str) -> None:
    """What stops at once is told apart from what gets an answer within the period."""
    text = confirmation(rights=(Right.OBJECTION, Right.ACCESS), flags=(Flag.DIRECT_MARKETING,), language=language)
    stop = text.index("meteen" if language == "nl" else "at once")
    assert stop < text.index("- Inzage" if language == "nl" else "- Access") < text.index(PERIOD[language])
    assert "- Bezwaar" not in text and "- Objection" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("changes", [{"kind": Kind.COMPLAINT, "rights": ()}, {"also": (Kind.COMPLAINT,)}])
def test_complaint_gets_no_thanks_and_learns_of_the_supervisor(language: str, changes: dict[str, object]) -> None:
    """No cheerful thanks for a complaint, alone or with a request; the supervisor is named with its website."""
    text = confirmation(language=language, **changes)
    assert not re.search("dank|thank|fijn|glad", text, re.IGNORECASE)
    assert "Autoriteit Persoonsgegevens" in text and "https://www.autoriteitpersoonsgegevens.nl/" in text


def test_reported_leak_is_heard() -> None:
    """Somebody who reports a leak reads that we understood that."""
    assert "bij de verkeerde mensen" in confirmation(kind=Kind.COMPLAINT, rights=(), flags=(Flag.BREACH,))


def test_unsure_rights_are_left_to_a_colleague() -> None:
    """The sure rights are confirmed, the others not named; a colleague looks at them."""
    text = confirmation(unsure_rights=(Right.ERASURE,))
    assert "- Inzage" in text and "Verwijdering" not in text
    assert "Misschien vraagt u nog meer. Een medewerker bekijkt dat" in text
    assert "bekijkt wat u precies wilt" in confirmation(rights=(), unsure_rights=(Right.ERASURE,))


def test_representative_is_written_to_about_the_other() -> None:
    """The sender is greeted, the person is spoken about, and only an unknown person is asked for."""
    greta = confirmation(flags=(Flag.REPRESENTATIVE,), on_behalf_of="Greta Bos")
    assert greta.startswith("Beste Jan Jansen,") and "de gegevens van Greta Bos" in greta and "heet?" not in greta
    unknown = confirmation(flags=(Flag.REPRESENTATIVE,))
    assert "gegevens van iemand anders" in unknown and "hoe deze persoon heet?" in unknown
    stopped = confirmation(
        flags=(Flag.REPRESENTATIVE,), rights=(Right.WITHDRAW_CONSENT,), on_behalf_of="Greta Bos"
    )
    assert "een toestemming is ingetrokken" in stopped and "uw toestemming" not in stopped


@pytest.mark.parametrize("language", LANGUAGES)
def test_dealer_reads_that_they_may_decide_themselves(language: str) -> None:
    """Of a dealer's customer we may be only the processor, so nothing is promised about who decides."""
    text = confirmation(flags=(Flag.CUSTOMER_OF_DEALER,), language=language)
    assert (
        "Werken wij in uw opdracht? Dan beslist u." if language == "nl" else "If we work on your instr"
    ) in text
    assert "beslist over uw verzoek" not in text and "decides about your request" not in text


def test_name_is_asked_only_when_unknown() -> None:
    """An unknown name is asked for, with the reason; a known one never, also when it cannot be written."""
    assert "Wilt u ons uw voor- en achternaam mailen? Dan vinden wij de juiste gegevens." in confirmation(
        name=None
    )
    assert "achternaam" not in confirmation() + confirmation(name="J@n 3")
    assert letters.asks_name(case(name=None)) and not letters.asks_name(case())


def test_which_processing_is_asked_only_where_it_must_be_weighed() -> None:
    """An objection and an automated decision are asked about, other rights are not."""
    assert "welk gebruik u niet wilt en waarom" in confirmation(rights=(Right.OBJECTION,))
    assert "om welk besluit het gaat" in confirmation(rights=(Right.AUTOMATED_DECISION,))
    assert "nog niet" not in confirmation(rights=(Right.ACCESS, Right.ERASURE))


@pytest.mark.parametrize(
    "name", [None, "", "http://evil.example", "evil.example", "jan@mail.example", "J4n", "Jan\x00\u202e", "x" * 61]
)
def test_only_a_name_is_greeted(name: str | None) -> None:
    """What does not look like a name gets a neutral greeting."""
    assert confirmation(name=name).startswith("Goedendag,\n")
    assert confirmation(name=name, language="en").startswith("Hello,\n")


def test_late_confirmation_says_sorry() -> None:
    """A confirmation after the period names no period that is over."""
    text = letters.confirmation(COMPOSER, case(), datetime(2027, 1, 9, tzinfo=UTC), Stage.QUEUED).text
    assert "Dat spijt ons" in text and "periode" not in text


@pytest.mark.parametrize(
    ("language", "greeting"), [("nl", "Beste"), ("en", "Dear"), ("de", "Dear"), ("fr", "Dear")]
)
def test_dutch_to_dutch_writers_and_english_to_all_others(language: str, greeting: str) -> None:
    """The reader's language decides, and English is for everybody else."""
    assert confirmation(language=language).startswith(f"{greeting} Jan Jansen,")


def decide(of: Case, outcome: letters.Outcome, closes: bool = True) -> Letter:
    """A decision on all the rights of a case."""
    outcomes = dict.fromkeys(of.rights, outcome)
    return letters.decision(COMPOSER, of, outcomes, WORDS, NOW, Stage.HELD, None, closes)


def every_letter(of: Case) -> dict[str, Letter]:
    """Every letter that a case can bring forth."""
    held, now = Stage.HELD, NOW
    asked = {
        about: record(of, Asked(at=now, by="anna@staff.example", about=about, letter=1))
        for about in ("name", "clarification", "mandate")
    }  # fmt: skip
    return {
        "confirmation": letters.confirmation(COMPOSER, of, now, Stage.QUEUED),
        **{f"ask {about}": letters.ask(COMPOSER, of, about, "", now, held) for about in ABOUT},
        "ask with words": letters.ask(COMPOSER, of, "clarification", WORDS, now, held),
        **{f"again {about}": letters.ask_again(COMPOSER, each, now, held) for about, each in asked.items()},
        "granted": decide(of, "granted"),
        "partly": decide(of, "partly"),
        "refused": decide(of, "refused"),
        "extension": letters.extension(COMPOSER, of, "complexity", WORDS, now, held),
        "extension number": letters.extension(COMPOSER, of, "number", WORDS, now, held),
        "answer": letters.answer(COMPOSER, of, WORDS, now, held),
        "closing": letters.closing(COMPOSER, of, WORDS, now, held),
        "withdrawn": letters.withdrawn(COMPOSER, of, now, held),
        "not privacy": letters.not_privacy(COMPOSER, of, now, held),
        "forwarded": letters.forwarded(COMPOSER, of, "Garage De Brug", now, held),
        "to controller": letters.to_controller(COMPOSER, of, "Garage De Brug", "info@garage.example", now, held),
        "to dealer": letters.to_controller(COMPOSER, of, "Garage De Brug", JAN, now, held),
        "lifting": letters.lifting(COMPOSER, of, WORDS, now, held),
    }


ABOUT: tuple[letters.About, ...] = ("name", "clarification", "mandate")
VARIANTS: dict[str, dict[str, object]] = {
    **CIRCUMSTANCES,
    "all rights": {"rights": tuple(Right)},
    "nameless": {"name": None},
    "question": {"kind": Kind.QUESTION, "rights": ()},
    "complaint": {"kind": Kind.COMPLAINT, "rights": ()},
    "leak": {"kind": Kind.COMPLAINT, "rights": (), "flags": (Flag.BREACH,)},
}
NEVER = re.compile(
    r"\bBSN\b|burgerservice|citizen service|identiteitsbewijs|legitimat|paspoort|passport|rijbewijs"
    r"|driving licen[cs]e|\bID\b|id-?(?:kaart|card)|identity (?:card|document)|kopie van uw (?:id|pas)"
    r"|formulier|\bforms?\b|handtekening|signature|ondertek|\bkosten\b|\bkost\b|betal|tarief|vergoeding|\bfees?\b|\bcharge|\bpay\b|\bcosts?\b|€",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_asks_too_much(name: str) -> None:
    """No template speaks of a copy of an identity document, a BSN, a form, a signature or money."""
    assert not NEVER.search(TEMPLATES[name])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_in_every_circumstance(variant: str, language: str) -> None:
    """Each is in one language, without words of the sender, without gaps, and asks nothing it may not ask."""
    for name, letter in every_letter(case(language=language, **VARIANTS[variant])).items():
        assert SECRET not in letter.raw + letter.text, name
        assert not NEVER.search(letter.text), name
        assert not re.search(r"[{}]|None|True|False| [.,?]|  |\.\.|\n\n\n|\b(\w+) \1\b", letter.text), name
        assert re.search(r"\b(?:wij|ons|we|us)\b", letter.text, re.IGNORECASE), name
        assert not re.search(r"\b(?:je|jij|jouw|jullie)\b", letter.text), name
        other = r"\b(?:the|your|with|and)\b" if language == "nl" else r"\b(?:het|uw|met|een|voor)\b"
        assert not re.search(other, re.sub(rf"{WORDS}|https:\S+", "", letter.text)), name
        assert letter.subject.endswith("[WKM-2026-0001]") and len(letter.subject) < 60, name
        assert letter.audience is not Audience.STAFF


def longest(text: str) -> int:
    """The number of words in the longest sentence."""
    return max(len(sentence.split()) for sentence in re.split(r"(?<=[.!?:])\s+|\n", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    """No sentence has more than 25 words."""
    for name, letter in every_letter(case(language=language)).items():
        assert longest(letter.text) <= 25, name


def test_threads_and_addresses() -> None:
    """A letter continues the data subject's last own mail, unless their address was changed."""
    of = case()
    reply = Joined(
        at=NOW, by=SUBJECT, received=NOW, kind=Kind.OTHER, reply=Reply.THANKS,
        source=Source(digest="e", message_id="<b@mail.example>", references=("<a@mail.example>",)),
    )  # fmt: skip
    away = replace(reply, source=Source(digest="f", message_id="<away@mail.example>"), automatic=True)
    letter = letters.answer(COMPOSER, record(of, reply, away), WORDS, NOW, Stage.HELD)
    assert letter.to == JAN and "In-Reply-To: <b@mail.example>" in letter.raw
    moved = replace(of, address="jan@new.example")
    assert "In-Reply-To" not in letters.answer(COMPOSER, moved, WORDS, NOW, Stage.HELD).raw


@pytest.mark.parametrize("outcome", ["partly", "refused"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_refusal_tells_reasons_supervisor_and_court(outcome: letters.Outcome, language: str) -> None:
    """GDPR art. 12(4) and UAVG art. 35: the reasons, the supervisor and how to reach it, the court, six weeks."""
    text = decide(case(language=language), outcome).text
    assert WORDS in text
    reach = ("Autoriteit Persoonsgegevens", "https://www.autoriteitpersoonsgegevens.nl/", "088-1805 250", "93374")
    court = (
        ("rechtbank", "verzoekschrift", "zes weken") if language == "nl" else ("court", "petition", "six weeks")
    )
    for said in (*reach, *court):
        assert said in text
    assert not re.search("rechtbank|court", decide(case(language=language), "granted").text)


def test_several_decisions_in_one_letter() -> None:
    """Each right has its own line and outcome."""
    outcomes: dict[Right, letters.Outcome] = {Right.ERASURE: "refused", Right.ACCESS: "granted"}
    of = case(rights=(Right.ACCESS, Right.ERASURE))
    text = letters.decision(COMPOSER, of, outcomes, WORDS, NOW, Stage.HELD).text
    assert "- Inzage: wij doen wat u vraagt." in text and "- Verwijdering: wij doen niet wat u vraagt." in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_erasure_says_what_is_kept(language: str) -> None:
    """This file and until when, an address on the stop list, and what tax law demands."""
    text = decide(case(rights=(Right.ERASURE,), language=language), "granted").text
    kept = ("dossier", "90 dagen", "2 jaar", "stoplijst", "belasting", "zeven jaar")
    for said in kept if language == "nl" else ("file", "90 days", "2 years", "stop list", "tax", "seven years"):
        assert said in text
    assert "stoplijst" not in decide(case(rights=(Right.ERASURE,)), "refused").text
    assert "stoplijst" not in decide(case(), "granted").text


def test_recipients_told_are_mentioned() -> None:
    """Who got the data and was told, is told of; only where it was done."""
    of = case(rights=(Right.ERASURE,))
    assert "doorgegeven aan de organisaties" in decide(replace(of, recipients="told"), "granted").text
    assert "doorgegeven aan de organisaties" not in decide(replace(of, recipients="none"), "granted").text


def test_marketing_objection_granted() -> None:
    """Somebody who objected to advertising reads that it has ended."""
    of = case(rights=(Right.OBJECTION,), flags=(Flag.DIRECT_MARKETING,))
    assert "Wij sturen u geen reclame meer." in decide(of, "granted").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_extension_has_ground_reason_and_new_date(language: str) -> None:
    """GDPR art. 12(3): why it takes longer, on which of the two grounds, and the new date."""
    of = case(language=language)
    text = letters.extension(COMPOSER, of, "complexity", WORDS, NOW, Stage.HELD).text
    assert WORDS in text and ("22 februari 2027" if language == "nl" else "22 February 2027") in text
    assert ("ingewikkeld" if language == "nl" else "complex") in text
    number = letters.extension(COMPOSER, of, "number", WORDS, NOW, Stage.HELD).text
    assert ("meer dan één verzoek" if language == "nl" else "more than one request") in number


CLOSING: dict[str, Callable[[Case], Letter]] = {
    "granted": lambda of: decide(of, "granted"),
    "partly": lambda of: decide(of, "partly"),
    "refused": lambda of: decide(of, "refused"),
    "closing": lambda of: letters.closing(COMPOSER, of, WORDS, NOW, Stage.HELD),
    "withdrawn": lambda of: letters.withdrawn(COMPOSER, of, NOW, Stage.HELD),
    "not privacy": lambda of: letters.not_privacy(COMPOSER, of, NOW, Stage.HELD),
    "forwarded": lambda of: letters.forwarded(COMPOSER, of, "Garage De Brug", NOW, Stage.HELD),
}


@pytest.mark.parametrize("closing", CLOSING)
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_closes_a_complaint_carries_the_referral(closing: str, language: str) -> None:
    """What the supervisor is, how to reach it, and that the outcome does not take this right away."""
    text = CLOSING[closing](case(also=(Kind.COMPLAINT,), language=language)).text
    what = "Nederland controleert" if language == "nl" else "Dutch authority that checks"
    stays = "verandert niets aan" if language == "nl" else "does not change"
    for said in (what, stays, "https://www.autoriteitpersoonsgegevens.nl/", "088-1805 250", "Postbus 93374"):
        assert said in text


@pytest.mark.parametrize("closing", sorted(CLOSING.keys() - {"partly", "refused"}))
def test_what_was_never_a_complaint_has_no_referral(closing: str) -> None:
    """The referral stands where it belongs, and so does a decision that leaves the case open."""
    assert "Postbus" not in CLOSING[closing](case()).text
    assert "Postbus" not in decide(case(also=(Kind.COMPLAINT,)), "granted", closes=False).text


def test_questions_go_on_with_the_date() -> None:
    """A question says what is needed, in the handler's words if there are any, and when the answer comes."""
    asked = letters.ask(COMPOSER, case(), "clarification", WORDS, NOW, Stage.HELD)
    assert WORDS in asked.text and "uiterlijk op 22 december 2026" in asked.text
    assert "in uw eigen woorden" in letters.ask(COMPOSER, case(), "clarification", "", NOW, Stage.HELD).text
    late = letters.ask(COMPOSER, case(), "name", "", datetime(2027, 1, 9, tzinfo=UTC), Stage.HELD)
    assert "uiterlijk" not in late.text
    assert asked.purpose is Purpose.ASK


def test_reminder_of_a_question_names_its_day() -> None:
    """The one reminder says when we asked, and that a person decides without an answer."""
    asked = Asked(at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC), by="anna@staff.example", about="name", letter=1)
    text = letters.ask_again(COMPOSER, record(case(), asked), NOW, Stage.QUEUED).text
    assert "Op 24 november 2026 vroegen wij u hoe u heet" in text and "beslist een medewerker" in text


def test_controller_reads_who_asks_for_what() -> None:
    """The controller gets the person, the wish and the day, and not a word more of the mail."""
    of = case(rights=(Right.ACCESS, Right.ERASURE), on_behalf_of="Greta Bos")
    letter = letters.to_controller(COMPOSER, of, "Garage De Brug", "info@garage.example", NOW, Stage.HELD)
    assert letter.to == "info@garage.example" and letter.audience is Audience.CONTROLLER
    for said in ("Jan Jansen, jan@mail.example", "Greta Bos", "inzage, verwijdering", "22 november 2026"):
        assert said in letter.text
    assert "In-Reply-To" not in letter.raw and "auto-generated" in letter.raw
    own = letters.to_controller(COMPOSER, of, "Garage De Brug", JAN, NOW, Stage.HELD).text
    assert "U stuurde ons" in own and JAN not in own


def test_held_letters_keep_their_stage_and_time() -> None:
    """A letter leaves when its release says, and waits for a person without one."""
    letter = letters.answer(COMPOSER, case(), WORDS, NOW, Stage.HELD, NOW)
    assert (letter.stage, letter.release, letter.created) == (Stage.HELD, NOW, NOW)
