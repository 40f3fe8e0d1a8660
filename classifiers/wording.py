"""A second opinion from wording alone: hashed word and letter n-grams under a linear model.

It knows nothing of meaning, but it reads every word of a message and is not led astray by what the encoder has
seen elsewhere. Its scores are weighed with the network's in `decide`.
"""

import itertools
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.encoder import Array, sigmoid, softmax

ROWS = 2**17
MAX_CHARS, MAX_WORD, MAX_CLAUSES = 6_000, 40, 60
EPOCHS, RATE = 12, 0.3
DECAY, DECAY_EXCLUSIVE = 2e-4, 1e-3
"""How strongly weights are drawn to nothing: those of single labels, and of outputs that exclude each other. The
more, the better the opinion goes with the network's."""
RARE = 2.0
"""How much more a message that carries a label counts than one that does not, when that label is learnt."""
_WORD = re.compile(r"\w\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]")

Features = tuple[NDArray[np.int64], Array]
"""Rows of the weights and the value at each; words and letters have length 1 each."""


def features(text: str) -> Features:
    """The n-grams of a text: one and two words, and two to five letters within a word."""
    lower = text[:MAX_CHARS].lower()
    words = _WORD.findall(lower)
    spoken = [*words, *(f"{first} {second}" for first, second in itertools.pairwise(words))]
    letters = [row for token in _TOKEN.findall(lower) for row in _letters(token[:MAX_WORD])]
    said, spelt = _counted([_row(f"w{gram}") for gram in spoken]), _counted(letters)
    return np.concatenate([said[0], spelt[0]]), np.concatenate([said[1], spelt[1]])


@lru_cache(maxsize=20_000)
def _letters(token: str) -> tuple[int, ...]:
    """The rows of a token's letter n-grams; most tokens of a mail have been met before."""
    padded = f" {token} "
    return tuple(
        _row("c" + padded[start : start + length])
        for length in (2, 3, 4, 5)
        for start in range(len(padded) - length + 1)
    )


def _row(gram: str) -> int:
    return zlib.crc32(gram.encode(errors="replace")) % ROWS


def _counted(numbers: Sequence[int]) -> Features:
    rows, counts = np.unique(np.array(numbers, np.int64), return_counts=True)
    return rows, (1 + np.log(counts)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Linear:
    """One trained linear model."""

    rarity: Array
    """(ROWS,): inverse document frequency."""
    weights: NDArray[Any]
    """(ROWS, outputs)."""
    scales: Array
    """(outputs,): what one unit of an output's weights is worth."""
    offsets: Array
    """(outputs,)."""

    def scores(self, found: Features) -> Array:
        """The logits of every output."""
        rows, values = _weighed(found, self.rarity)
        result: Array = (values @ self.weights[rows].astype(np.float32)) * self.scales + self.offsets
        return result


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a message say, as a whole and clause by clause."""

    whole: Linear
    """Outputs: the kinds, then the labels of messages."""
    clause: Linear
    """Outputs: the labels of clauses."""

    def opinion(self, clauses: Sequence[str]) -> tuple[Array, Array]:
        """The logits for the whole message, and for each label those of the clause that speaks most for it."""
        each = [self.clause.scores(features(text)) for text in clauses[:MAX_CLAUSES]]
        best: Array = np.max(each, 0)
        return self.whole.scores(features("\n".join(clauses))), best


def _weighed(found: Features, rarity: Array) -> Features:
    rows, values = found
    values = values * rarity[rows]
    length = float(np.sqrt((values * values).sum()))
    return rows, (values / max(length, 1e-6)).astype(np.float32)


def learn(examples: Sequence[Features], wanted: Array, exclusive: int, seed: int) -> Linear:
    """Weights by AdaGrad, the same each time. Of the outputs the first `exclusive` exclude each other."""
    seen = np.zeros(ROWS, np.float32)
    for rows, _ in examples:
        seen[rows] += 1
    rarity = np.where(seen >= 2, np.log((1 + len(examples)) / (1 + seen)) + 1, 0).astype(np.float32)
    inputs = [_weighed(found, rarity) for found in examples]
    outputs = wanted.shape[1]
    weights, offsets = np.zeros((ROWS, outputs), np.float32), np.zeros(outputs, np.float32)
    past, past_offsets = np.full((ROWS, outputs), 1e-2, np.float32), np.ones(outputs, np.float32)
    weight = np.where((wanted > 0) & (np.arange(outputs) >= exclusive), RARE, 1).astype(np.float32)
    decay = np.where(np.arange(outputs) < exclusive, DECAY_EXCLUSIVE, DECAY).astype(np.float32)
    random = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for place in random.permutation(len(inputs)):
            rows, values = inputs[place]
            logits = values @ weights[rows] + offsets
            error = (_chances(logits, exclusive) - wanted[place]) * weight[place]
            slope = values[:, None] * error + decay * weights[rows]
            past[rows] += slope * slope
            weights[rows] -= RATE * slope / np.sqrt(past[rows])
            past_offsets += error * error
            offsets -= RATE * error / np.sqrt(past_offsets)
    return Linear(rarity, weights, np.ones(outputs, np.float32), offsets)


def _chances(logits: Array, exclusive: int) -> Array:
    single = sigmoid(logits[exclusive:])
    return np.concatenate([softmax(logits[:exclusive]), single]) if exclusive else single


def save(trained: Wording, folder: Path) -> None:
    """Writes the weights in 8 bits with one scale an output."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, model in (("whole", trained.whole), ("clause", trained.clause)):
        scales = np.maximum(np.abs(model.weights).max(0), 1e-6) / 127
        arrays[f"{name}.weights"] = np.round(model.weights / scales).astype(np.int8)
        arrays[f"{name}.scales"] = (model.scales * scales).astype(np.float32)
        arrays[f"{name}.rarity"] = model.rarity.astype(np.float16)
        arrays[f"{name}.offsets"] = model.offsets.astype(np.float32)
    np.savez_compressed(folder / "wording.npz", allow_pickle=False, **arrays)


def load(folder: Path) -> Wording:
    """Reads what `save` wrote."""
    with np.load(folder / "wording.npz", allow_pickle=False) as stored:
        return Wording(_linear(stored, "whole"), _linear(stored, "clause"))


def _linear(stored: Any, name: str) -> Linear:
    weights, scales, offsets = (stored[f"{name}.{part}"] for part in ("weights", "scales", "offsets"))
    return Linear(stored[f"{name}.rarity"].astype(np.float32), weights, scales, offsets)
