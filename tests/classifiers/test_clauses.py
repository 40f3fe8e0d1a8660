"""What a mail says now is told apart from what it quotes, signs and disclaims."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.clauses import MAX_CHARS, current, parts, without_quotes

SAID = "Haal mij uit uw bestand.\nIk ben verhuisd naar Zwolle."

QUOTES = [
    "Op 3 mei 2026 om 10:12 schreef WKM <info@wkm.nl>:\n> Uw verzoek is ontvangen.",
    "On Mon, 4 May 2026 at 09:00, WKM <info@wkm.nl>\nwrote:\n> We received it.",
    "Am 4. Mai 2026 um 09:00 schrieb WKM:\n> Wir haben es erhalten.",
    "Van: WKM <info@wkm.nl>\nVerzonden: maandag 4 mei 2026 09:00\nAan: Piet\nOnderwerp: Uw verzoek\n\n"
    "Uw verzoek is ontvangen.",
    "-----Oorspronkelijk bericht-----\nVan: WKM\nUw verzoek is ontvangen.",
    "> Uw verzoek is ontvangen.",
    "---------- Forwarded message ---------\nFrom: WKM\nSubject: x\n\nUw verzoek is ontvangen.",
]
DISCLAIMERS = [
    "Dit e-mailbericht is uitsluitend bestemd voor de geadresseerde. Gebruik door anderen is niet toegestaan.",
    "This message and any attachments are confidential and intended solely for the addressee. "
    "Delete it if received in error.",
    "Diese E-Mail enthält vertrauliche Informationen und ist nur für den Adressaten bestimmt.",
    "DISCLAIMER: aan deze mail kunnen geen rechten worden ontleend.",
]
SIGNATURES = [
    "Met vriendelijke groet,\n\nJ. van der Berg\nDorpsstraat 1",
    "Mvg Piet",
    "Kind regards,\nAnn Smith",
    "--\nJan Jansen\ntel 0612345678",
    "Mit freundlichen Grüßen\nKarl Weber",
    "Verstuurd vanaf mijn iPhone",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_quoted_text_is_no_part_of_what_is_said(quote: str) -> None:
    """Quoted history in any common form is not current, with and without signature."""
    body = f"{SAID}\n\n{quote}"
    assert current(body) == SAID
    assert "ontvangen" not in without_quotes(body)


@pytest.mark.parametrize("disclaimer", DISCLAIMERS)
def test_a_disclaimer_is_no_part_of_what_is_said(disclaimer: str) -> None:
    """What an office adds to every mail is left out."""
    assert current(f"{SAID}\n\n{disclaimer}") == SAID


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_kept_apart(signature: str) -> None:
    """The signature is not current, but there where names and commands are looked for."""
    body = f"{SAID}\n\n{signature}"
    assert current(body) == SAID
    assert signature.split("\n")[-1] in without_quotes(body)


def test_a_postscript_counts() -> None:
    """What stands under the signature as a postscript is said."""
    assert "nieuwsbrief" in current(f"{SAID}\n\nGroeten,\nPiet\n\nPS. En stop de nieuwsbrief.")


def test_a_mail_that_is_only_forwarded_says_so() -> None:
    """A forwarded text with nothing above it is kept, without its header lines."""
    found = parts("---------- Forwarded message ---------\nVan: Piet\nOnderwerp: foto\n\nHaal die foto weg.")
    assert found.forwarded
    assert found.quoted == "Haal die foto weg."


def test_answers_between_quoted_lines_count() -> None:
    """Text between quoted lines is the sender's own."""
    assert (
        current("> Om welke foto gaat het?\nDe blauwe Golf.\n> En uw naam?\nPiet de Wit")
        == "De blauwe Golf.\nPiet de Wit"
    )


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=3_000))
def test_any_text_is_taken_apart(body: str) -> None:
    """No text raises, and nothing is longer than the limit."""
    assert len(current(body)) <= MAX_CHARS
    assert len(without_quotes(body)) <= 2 * MAX_CHARS


@pytest.mark.parametrize(
    "body",
    [
        "a" * 3_000_000,
        " " * 3_000_000,
        "\n" * 3_000_000,
        "> " * 1_000_000,
        "Op " * 1_000_000,
        "van: x\n" * 400_000,
        "On a wrote" * 300_000,
        "\x00\u202e" * 1_000_000,
    ],
)
def test_a_huge_mail_takes_no_time(body: str) -> None:
    """Millions of characters of any kind are read within two seconds."""
    started = time.perf_counter()
    current(body)
    assert time.perf_counter() - started < 2
