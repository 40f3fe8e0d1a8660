"""What points at a person is taken out of a correction before it is kept."""

import pytest

from classifiers.masking import mask


@pytest.mark.parametrize(
    "secret",
    [
        "jan.jansen@post.example",
        "06-12345678",
        "+31 6 1234 5678",
        "0512-345678",
        "111222333",
        "NL91 ABNA 0417 1643 00",
        "1234 AB",
        "Dorpsstraat 12",
        "RT-55-KL",
        "12-05-1985",
        "https://foto.example/klant/77",
        "WK20260042",
    ],
)
def test_numbers_and_addresses_are_masked(secret: str) -> None:
    """Addresses, phone numbers, BSN, IBAN, postcodes, plates, dates and numbers do not survive."""
    assert secret not in mask(f"Het gaat om {secret}, graag wissen.")


def test_names_are_masked() -> None:
    """Given names go wherever they stand, names in a salutation too; the rest stays."""
    masked = mask("Beste Piet Bakker, wis alles van Fatima El Idrissi. Groet, Fatima", ["Fatima El Idrissi"])
    assert "Fatima" not in masked
    assert "Bakker" not in masked
    assert "wis alles van" in masked
