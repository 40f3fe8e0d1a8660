"""The language of a message is found, however short."""

import pytest

from classifiers.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("uitschrijven graag", "nl"),
        ("verwijder mijn gegevens", "nl"),
        ("delete my data", "en"),
        ("please unsubscribe me", "en"),
        ("bitte abmelden", "de"),
        ("Löschen Sie meine Daten", "de"),
        ("Bonjour, veuillez supprimer mes données de votre fichier.", "fr"),
        ("Graag mijn data deleten, thanks", "nl"),
        ("", "nl"),
        ("12345 !!!", "nl"),
    ],
)
def test_the_language_is_found(text: str, language: str) -> None:
    """Three words suffice; with nothing to go by it is Dutch."""
    assert detect(text) == language
