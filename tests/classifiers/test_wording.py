"""The second opinion from wording."""

from pathlib import Path

import numpy as np
import pytest

from classifiers import wording
from classifiers.network import CLAUSE_LABELS, FOLDER, KINDS, MAIL_LABELS
from classifiers.wording import Wording

TEXTS = ("wis mijn gegevens", "wis de achtergrond", "toon mijn gegevens", "toon de auto") * 5
WANTED = np.array([[1, 0], [0, 0], [0, 1], [0, 0]] * 5, np.float32)


def learnt() -> wording.Linear:
    """A small model of two labels."""
    return wording.learn([wording.features(text) for text in TEXTS], WANTED, 0, seed=3)


def test_the_same_each_time_and_right() -> None:
    """Learning twice gives the same weights, and they tell the texts apart."""
    first, second = learnt(), learnt()
    assert np.array_equal(first.weights, second.weights)
    found = np.stack([first.scores(wording.features(text)) for text in TEXTS])
    assert np.array_equal(found > 0, WANTED > 0)


def test_stored_and_read(tmp_path: Path) -> None:
    """What is stored says the same when read, nearly to the last digit, and holds no pickle."""
    model = learnt()
    wording.save(Wording(model, model), tmp_path)
    again = wording.load(tmp_path).clause
    given = wording.features("wis de gegevens")
    assert again.scores(given) == pytest.approx(model.scores(given), abs=0.05)


@pytest.mark.parametrize("text", ["", "?", "\x00\x01", "a" * 100_000, "é" * 5_000, "1 2 3 " * 20_000, "\ud800"])
def test_any_text_has_an_opinion(text: str) -> None:
    """Empty, endless and broken texts get finite scores of the right shape."""
    whole, best = wording.load(FOLDER).opinion([text] * 3)
    assert whole.shape == (len(KINDS) + len(MAIL_LABELS),)
    assert best.shape == (len(CLAUSE_LABELS),)
    assert np.isfinite(whole).all()
