"""What the classifier promises: the same label whatever surrounds a message, nothing certain without reason."""

import random
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import classifiers
from classifiers.labels import Flag, Kind, Message, Reply, Right
from classifiers.pipeline import Classifier

REQUESTS = {
    "Ik wil graag een overzicht van alle persoonsgegevens die u van mij heeft.": Right.ACCESS,
    "Verwijder alstublieft al mijn gegevens uit uw systeem.": Right.ERASURE,
    "Please delete my account and everything in it.": Right.ERASURE,
    "Please delete all the personal data you hold about me.": Right.ERASURE,
    "Could you send me a copy of everything you have stored about me?": Right.ACCESS,
    "Bitte löschen Sie alle meine personenbezogenen Daten.": Right.ERASURE,
    "Ik trek mijn toestemming voor het gebruik van mijn foto in.": Right.WITHDRAW_CONSENT,
}
PLAIN: tuple[tuple[Right | Kind, str], ...] = (
    (Right.ERASURE, "Please delete all the personal data you hold about me."),
    (Right.ERASURE, "Please erase my personal data."),
    (Right.ERASURE, "Verwijder alstublieft alle persoonsgegevens die u van mij heeft."),
    (Right.ERASURE, "Ik wil dat u al mijn gegevens wist."),
    (Right.ERASURE, "Graag al mijn persoonsgegevens uit uw systemen verwijderen en dit bevestigen."),
    (Right.ERASURE, "I would like to exercise my right to be forgotten."),
    (Right.ERASURE, "Wilt u mijn account en alle gegevens die daarbij horen verwijderen?"),
    (Right.ACCESS, "Welke gegevens heeft u van mij?"),
    (Right.ACCESS, "I would like to receive a copy of all personal data you hold about me."),
    (Right.ACCESS, "Under the GDPR I request access to my personal data."),
    (Right.ACCESS, "Ik doe een inzageverzoek op grond van de AVG."),
    (Right.ACCESS, "Graag ontvang ik een overzicht van de persoonsgegevens die u van mij verwerkt."),
    (Right.ACCESS, "Can you tell me what information you have on me and where you got it?"),
    (Right.RECTIFICATION, "My surname is spelled wrong in your records, please correct it to Janssen."),
    (
        Right.RECTIFICATION,
        "Mijn adres klopt niet meer, wilt u dit aanpassen? Ik woon nu op Kerkstraat 5 in Assen.",
    ),
    (Right.RECTIFICATION, "Ik verzoek u mijn gegevens te corrigeren: mijn geboortedatum is onjuist."),
    (Right.RESTRICTION, "Ik verzoek u de verwerking van mijn gegevens te beperken."),
    (Right.RESTRICTION, "Please restrict the processing of my data until my complaint is resolved."),
    (
        Right.PORTABILITY,
        "Graag ontvang ik mijn gegevens in een gangbaar formaat zodat ik ze aan een andere partij kan overdragen.",
    ),
    (Right.PORTABILITY, "Please send my data in a machine-readable format to my new provider."),
    (Right.OBJECTION, "Ik maak bezwaar tegen de verwerking van mijn persoonsgegevens."),
    (Right.OBJECTION, "I object to the use of my data for marketing purposes."),
    (Right.OBJECTION, "Stop using my photos to train your AI."),
    (Right.OBJECTION, "Ik heb me nooit aangemeld voor jullie nieuwsbrief, stop met mailen."),
    (Right.WITHDRAW_CONSENT, "Ik trek mijn toestemming in."),
    (Right.WITHDRAW_CONSENT, "I withdraw my consent for the newsletter."),
    (Right.WITHDRAW_CONSENT, "Uitschrijven graag."),
    (Right.WITHDRAW_CONSENT, "unsubscribe"),
    (Right.AUTOMATED_DECISION, "Ik wil dat een mens naar het besluit van de computer kijkt."),
    (Right.AUTOMATED_DECISION, "My application was rejected automatically, I want a person to review it."),
    (Right.ERASURE, "Bitte löschen Sie alle personenbezogenen Daten, die Sie über mich gespeichert haben."),
    (Right.ACCESS, "Bitte geben Sie mir Auskunft über die zu meiner Person gespeicherten Daten."),
    (Right.OBJECTION, "Hiermit widerspreche ich der Nutzung meiner Daten zu Werbezwecken."),
    (Kind.COMPLAINT, "Ik heb een klacht over hoe jullie met mijn gegevens omgaan."),
    (Kind.COMPLAINT, "You sent my personal details to another customer."),
    (Kind.QUESTION, "Hoe lang bewaren jullie persoonsgegevens?"),
    (Kind.QUESTION, "How can I request deletion of my data?"),
    (Kind.QUESTION, "Wie is jullie functionaris gegevensbescherming?"),
    (Kind.OTHER, "Kunnen jullie de achtergrond van deze foto verwijderen?"),
    (Kind.OTHER, "Can I get access to the portal?"),
    (Kind.OTHER, "Wat kost een abonnement?"),
    (Kind.OTHER, "Ik wil mijn abonnement opzeggen per 1 januari."),
    (Kind.OTHER, "Bijgaand de getekende verwerkersovereenkomst."),
    (Kind.OTHER, "Hello Dear, I have a business proposal of 5 million dollars for you."),
)
"""What thousands would type, and what it is."""
OTHERS = (
    "Kunnen jullie bij de witte Golf de achtergrond verwijderen? De foto's staan in de map van vanmorgen.",
    "Please reset my password for the portal, the link does not arrive.",
    "In de bijlage vindt u factuur 2026-0412. Betaling graag binnen dertig dagen.",
)
AROUND = (
    "{}\n\nMet vriendelijke groet,\n\nAnna de Wit\nKerkstraat 4, Assen\nT 0592-123456",
    "{}\n\nDit e-mailbericht is uitsluitend bestemd voor de geadresseerde. "
    "Verwijder het als u het ten onrechte heeft ontvangen.",
    "{}\n\nOp 3 mei 2026 om 10:12 schreef WKM <info@wkm.nl>:\n> Wilt u dat wij uw gegevens verwijderen?",
    "{}\n\nVan: WKM <info@wkm.nl>\nVerzonden: maandag 4 mei 2026\nAan: Anna\nOnderwerp: x\n\nUw klacht.",
    "{}\n\nVerstuurd vanaf mijn iPhone",
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """The classifier as it is shipped."""
    return classifiers.load()


def _typo(text: str, seed: int) -> str:
    """`text` with two neighbouring letters of one long word swapped."""
    words = text.split()
    chance = random.Random(seed)
    place = chance.choice([number for number, word in enumerate(words) if len(word) > 5])
    word = words[place]
    cut = chance.randrange(1, len(word) - 2)
    words[place] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


@pytest.mark.parametrize("text", [*REQUESTS, *OTHERS])
def test_what_surrounds_a_message_does_not_change_its_label(classifier: Classifier, text: str) -> None:
    """A signature, a disclaimer, quoted history or a phone's footer leaves kind and rights as they were."""
    bare = classifier.classify(Message("", text))
    assert bare.kind is (Kind.REQUEST if text in REQUESTS else Kind.OTHER)
    for around in AROUND:
        dressed = classifier.classify(Message("", around.format(text)))
        assert (dressed.kind, dressed.rights) == (bare.kind, bare.rights), around


@pytest.mark.parametrize("text", list(REQUESTS))
def test_the_right_is_found_and_shown(classifier: Classifier, text: str) -> None:
    """A plain request is recognised with its right, and the clause that says so is the evidence."""
    verdict = classifier.classify(Message("", f"Goedemiddag,\n\n{text}\n\nGroet, Anna de Wit"))
    assert verdict.kind is Kind.REQUEST
    assert verdict.rights == (REQUESTS[text],)
    assert text in [evidence.text for evidence in verdict.evidence]


def test_plain_words_are_understood(classifier: Classifier) -> None:
    """Of what thousands would type, bare or as a letter, nine in ten are right to the last; no wish, question or
    complaint is certainly something else."""
    wrong = []
    for wanted, text in PLAIN:
        for body in (text, f"Beste mensen,\n\n{text}\n\nMet vriendelijke groet,\nAnna Smit"):
            verdict = classifier.classify(Message("", body))
            assert wanted is Kind.OTHER or not (verdict.certain and verdict.kind is Kind.OTHER), text
            if (verdict.rights or (verdict.kind,)) != (wanted,):
                wrong.append(text)
    assert len(wrong) <= 0.1 * 2 * len(PLAIN), wrong


def test_a_typo_does_not_change_the_label(classifier: Classifier) -> None:
    """Of many swapped letters in plain messages nearly none changes the kind."""
    tried = [(text, seed) for text in (*REQUESTS, *OTHERS) for seed in range(5)]
    wrong = [
        (text, seed)
        for text, seed in tried
        if classifier.classify(Message("", _typo(text, seed))).kind
        is not (Kind.REQUEST if text in REQUESTS else Kind.OTHER)
    ]
    assert len(wrong) <= 0.05 * len(tried), wrong


@pytest.mark.parametrize(
    "text",
    [
        "Dank u wel, alles is opgelost.\n\n> Verwijder alstublieft al mijn gegevens uit uw systeem.",
        "Top, bedankt voor de snelle levering van de foto's.\n\n"
        "Disclaimer: wij verwerken persoonsgegevens volgens ons beleid; u heeft recht op inzage en verwijdering.",
    ],
)
def test_quoted_and_boilerplate_clauses_carry_no_label(classifier: Classifier, text: str) -> None:
    """What is quoted or stands in a disclaimer is neither a label nor evidence."""
    verdict = classifier.classify(Message("Re: foto's", text))
    assert (verdict.kind, verdict.rights, verdict.evidence) == (Kind.OTHER, (), ())


def test_a_negated_clause_carries_no_label(classifier: Classifier) -> None:
    """What is expressly not asked is not a right exercised."""
    verdict = classifier.classify(
        Message("", "U hoeft niets te verwijderen. Ik wil alleen weten welke gegevens u van mij heeft.")
    )
    assert verdict.rights == (Right.ACCESS,)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("U heeft mij verkeerd begrepen.", Reply.MISUNDERSTOOD),
        ("Ik wil een mens spreken.", Reply.HUMAN),
        ("Laat maar, ik trek mijn verzoek in.", Reply.WITHDRAWN),
        ("Bedankt, het is in orde!", Reply.THANKS),
        ("You misunderstood me.", Reply.MISUNDERSTOOD),
        ("I want to speak to a human being.", Reply.HUMAN),
    ],
)
def test_answers_to_our_mail_are_read(classifier: Classifier, text: str, reply: Reply) -> None:
    """What a reply asks of us beside its kind is found."""
    assert classifier.classify(Message("Re: Uw verzoek", text)).reply is reply


def test_what_stands_in_an_attachment_is_never_certain(classifier: Classifier) -> None:
    """A wish in an attachment and encrypted mail go to a person; a wholly empty mail is nothing."""
    assert not classifier.classify(Message("", "", attachments=("smime.p7m",))).certain
    attached = classifier.classify(Message("Inzageverzoek", "Zie bijlage.", attachments=("brief.pdf",)))
    assert Flag.ATTACHMENT in attached.flags and not attached.certain
    empty = classifier.classify(Message("", ""))
    assert (empty.kind, empty.certain) == (Kind.OTHER, True)


def test_an_article_of_the_law_is_understood(classifier: Classifier) -> None:
    """A right that is named by its article is sure."""
    verdict = classifier.classify(Message("", "Op grond van artikel 17 AVG verzoek ik u mijn gegevens te wissen."))
    assert Right.ERASURE in verdict.rights


def test_the_supervisor_is_noticed(classifier: Classifier) -> None:
    """The supervisor among the recipients sets its flag, whatever the text says."""
    verdict = classifier.classify(
        Message("x", "Graag de factuur.", recipients=("klacht@autoriteitpersoonsgegevens.nl",))
    )
    assert Flag.SUPERVISOR in verdict.flags


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(max_size=80), body=st.text(max_size=400))
def test_no_text_is_too_odd(classifier: Classifier, subject: str, body: str) -> None:
    """Any characters give a verdict whose confidence is a probability."""
    verdict = classifier.classify(Message(subject, body, display_name=subject))
    assert 0 <= verdict.confidence <= 1


@pytest.mark.parametrize(
    "body", ["a" * 2_000_000, "wis alles " * 200_000, "{" * 100_000, "\n\n\n" * 300_000, "ß€" * 500_000]
)
def test_a_huge_mail_is_read_in_time(classifier: Classifier, body: str) -> None:
    """Millions of characters take no longer than three seconds."""
    started = time.perf_counter()
    classifier.classify(Message(body[:5_000], body, display_name=body[:1_000]))
    assert time.perf_counter() - started < 3


def test_the_labels_alone_cost_nothing() -> None:
    """Importing the labels or the clauses loads neither spaCy nor numpy."""
    code = (
        "import sys, classifiers.labels, classifiers.clauses; "
        "sys.exit(bool({'spacy', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
