"""The sender's name is found as it is written, and nothing is taken for a name that is none."""

import time

import pytest

from classifiers import lexicon
from classifiers.clauses import parts
from classifiers.names import on_behalf, sender
from classifiers.network import FOLDER

LEXICON = lexicon.load(FOLDER)


def found(body: str, display: str = "", address: str = "") -> str | None:
    """The sender's name in a mail."""
    taken = parts(body)
    return sender(LEXICON, taken.current, taken.signature, display, address)


@pytest.mark.parametrize(
    ("body", "display", "name"),
    [
        ("Graag alles wissen.\n\nMet vriendelijke groet,\nJ. van der Berg", "", "J. van der Berg"),
        ("Mijn naam is Fatima El Idrissi en ik wil weten wat u bewaart.", "", "Fatima El Idrissi"),
        ("Please delete it.\n\nKind regards,\nSiobhán O'Neill", "", "Siobhán O'Neill"),
        ("Bitte löschen.\n\nMit freundlichen Grüßen\nDr. Karl-Heinz von Amsberg", "", "Karl-Heinz von Amsberg"),
        ("uitschrijven", "Nguyễn Thị Hoa", "Nguyễn Thị Hoa"),
        ("uitschrijven", "Berg, Jan van den", "Jan van den Berg"),
        ("Haal me eraf.\n\nCees van 't Hof\nZwolle", "", "Cees van 't Hof"),
        ("weg ermee aub\n\ngr bas", "Bas Verhulst", "bas"),
        ("Weg ermee.\n\nBas", "Bas Verhulst", "Bas"),
        ("Ik ben Johannes Smeenk.\n\nGroeten, Johannes", "", "Johannes Smeenk"),
        ("Verwijder het.\n\nHoogachtend,\nmr. E.M. Schuurhuis, notaris", "", "E.M. Schuurhuis"),
        ("Klopt niet.\n\nGerard Nieuwkamp\nNieuwkamp Auto's", "G. Nieuwkamp", "Gerard Nieuwkamp"),
        ("take it down pls\n\nkaylee thornburg", "Kaylee Thornburg", "Kaylee Thornburg"),
        ("Best I have.\n\nKind regards,\nVerity Smallbone MRICS", "", "Verity Smallbone"),
        ("Bezoeker: Marloes\n\nMarloes: hoi\nAssistent: Hallo!\nMarloes: wis mij", "Websitechat", "Marloes"),
        ("Alles weg graag.\n\nRegards,\nMary\n\nSent from my iPhone", "Mary Boyle", "Mary"),
    ],
)
def test_the_name_is_found(body: str, display: str, name: str) -> None:
    """Signed, stated or displayed, with particles, initials, hyphens and accents, without titles."""
    assert found(body, display) == name


@pytest.mark.parametrize(
    ("body", "display"),
    [
        ("Graag de factuur.\n\nMet vriendelijke groet,\nAdministratie", "Autobedrijf De Boer B.V."),
        ("Beste Jan de Vries, graag de factuur.", "Klantenservice"),
        ("Met vriendelijke groet,\n[naam]", ""),
        ("uitschrijven graag", "petrolhead_nl"),
        ("uitschrijven graag", "info@iets.example"),
        ("", ""),
        ("Dank voor uw bericht.", "Mailer-Daemon"),
        ("Webinar!", "PrivacyWijzer"),
        ("Three pages were changed.", "Weekly Wiki Digest"),
        ("Uw jaarnota staat klaar.", "Energie Noordlicht Zakelijk"),
        ("Mehr im Browser.\n\nAbmelden | Impressum", "Autohandel heute"),
    ],
)
def test_what_is_no_name_is_not_taken_for_one(body: str, display: str) -> None:
    """Companies, roles, nicknames, placeholders and the addressee are no sender's name."""
    assert found(body, display) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Namens mijn moeder, Ria Hulst-van Gorkum, verzoek ik u haar te wissen.", "Ria Hulst-van Gorkum"),
        ("I am writing on behalf of my client, Mr Samir Nasser.", "Samir Nasser"),
        ("Im Namen meiner Mandantin Frau Eva Müller fordere ich Auskunft.", "Eva Müller"),
    ],
)
def test_on_whose_behalf(text: str, name: str) -> None:
    """The data subject for whom somebody writes is named."""
    assert on_behalf(text) == name


def test_hostile_text_takes_no_time() -> None:
    """Long runs of capitals and particles are read within a second."""
    started = time.perf_counter()
    for text in ("Van " * 5_000, "A" * 20_000, "mijn naam is " * 1_500, "Van der " * 2_500):
        sender(LEXICON, text, text[:20_000], text, text)
        on_behalf(text)
    assert time.perf_counter() - started < 3
