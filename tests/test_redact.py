"""Masking what staff need not read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import bsn

from bot.redact import MAX_QUOTE, mask


@pytest.mark.parametrize(
    "text",
    [
        "111222333", "111.222.333", "1112 22 333", "111-222-333", "nummer:111222333.", "(111222333)", "010464554",
        "mijn bsn is 123456789", "Burgerservicenummer 12345678",
    ],
)  # fmt: skip
def test_bsn_is_hidden(text: str) -> None:
    """A number that can be a BSN is hidden however it is written, and any such number beside the word."""
    assert "[nummer verborgen]" in mask(text)
    assert not any(sum(c.isdigit() for c in word) > 3 for word in mask(text).split())


@pytest.mark.parametrize(
    "text", ["NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", "nl91 abna 0417 1643 00", "BE68 5390 0754 7034"]
)
def test_account_number_is_hidden(text: str) -> None:
    """An IBAN is hidden, with or without spaces."""
    assert mask(f"Rekening {text} graag.") == "Rekening [rekeningnummer verborgen] graag."


@pytest.mark.parametrize(
    "text",
    [
        "0612345678", "06-12345678", "06 12 34 56 78", "+31612345678", "+31 (0)6 1234 5678", "0031 20 123 4567",
        "(020) 123 45 67", "020/1234567", "0800-1234", "0900 1234567",
    ],
)  # fmt: skip
def test_phone_number_is_hidden(text: str) -> None:
    """A phone number is hidden however it is written."""
    assert mask(f"Bel {text} even.") == "Bel [telefoonnummer verborgen] even."


@pytest.mark.parametrize(
    "text",
    [
        "Op 22-11-2026 en 3 april 2026.", "Zaak WKM-2026-0042.", "Kenteken 12-AB-34.", "Postcode 2509 AJ.",
        "Een beperking van de verwerking.", "Ik wil bezwaar maken.", "order 4711", "1234 5678 9012",
    ],
)  # fmt: skip
def test_other_words_and_numbers_stay(text: str) -> None:
    """Dates, case numbers, plates and the names of rights are left alone."""
    assert mask(text) == text


@pytest.mark.parametrize(
    "sentence",
    ["Ik ben ziek", "Ik lag in het ziekenhuis", "mijn psycholoog zegt dit", "I have cancer", "my doctor knows",
     "Ze is zwanger", "vanwege mijn HIV", "door een handicap", "for health reasons"],
)  # fmt: skip
def test_sentence_on_health_is_hidden(sentence: str) -> None:
    """A sentence on health is hidden whole, and its neighbours are not."""
    masked = mask(f"Wis mijn gegevens. {sentence}! Met dank.")
    assert masked == "Wis mijn gegevens. [zin over gezondheid verborgen] Met dank."


def test_english_staff_read_english() -> None:
    """What is hidden is named in the staff's language."""
    assert mask("BSN 111222333. I am ill.", "en") == "BSN [number hidden]. [sentence on health hidden]"


@given(st.text(alphabet="0123456789 .-+()NLAB", max_size=4000))
def test_masking_is_capped_and_quick(text: str) -> None:
    """Whatever comes in, little comes out."""
    assert len(mask(text)) <= MAX_QUOTE + 1


@given(st.integers(min_value=1_000_000, max_value=99_999_999))
def test_every_valid_bsn_is_hidden(first: int) -> None:
    """No number that passes the check is shown, with or without a leading zero."""
    check = bsn.checksum(f"{first:08}0")
    if check < 10:
        assert str(first) not in mask(f"Dit is {first:08}{check}, van mij.")
        assert str(first) not in mask(f"Dit is {first}{check}, van mij.")


@pytest.mark.parametrize("piece", ["0", "1 ", "+31 1", "NL12AAAA", "(0", "0-", "ziek", ".", "1.1-1 "])
def test_masking_takes_no_longer_for_hostile_text(piece: str) -> None:
    """A megabyte of anything is masked within a tenth of a second."""
    begin = time.perf_counter()
    mask(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - begin < 0.1
