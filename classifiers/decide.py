"""From scores to a decision: calibrated probabilities, and what it costs to be wrong.

A mail is decided with certainty only where the expected cost of acting on the label is below that of a
person's look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import corpus
from classifiers.corpus import Example
from classifiers.encoder import Array, sigmoid, softmax
from classifiers.labels import Kind, Right
from classifiers.network import FLAGS, KINDS, MAIL_LABELS, SHARED, Scores

COSTS = {
    Kind.REQUEST: {Kind.COMPLAINT: 10.0, Kind.QUESTION: 10.0, Kind.OTHER: 60.0},
    Kind.COMPLAINT: {Kind.REQUEST: 2.0, Kind.QUESTION: 2.0, Kind.OTHER: 30.0},
    Kind.QUESTION: {Kind.REQUEST: 2.0, Kind.COMPLAINT: 2.0, Kind.OTHER: 30.0},
    Kind.OTHER: {Kind.REQUEST: 10.0, Kind.COMPLAINT: 10.0, Kind.QUESTION: 10.0},
}
"""True kind → kind acted on → cost, in units of one look by a person. A privacy mail left lying breaks the law; an
answer to someone who asked nothing is a nuisance and tells a stranger who we are; a wrong letter is put right
by the next."""

LOOK = 1.0
"""The cost of a person's look."""
_TABLE = np.array([[COSTS[true].get(taken, 0.0) for taken in KINDS] for true in KINDS])
POSSIBLE = 0.15
"""Least chance of a right that may be meant too: staff are asked about it."""
GROUPS = {"rights": slice(0, len(Right)), "also": slice(len(Right), SHARED), "flags": slice(SHARED, None)}
"""Which of MAIL_LABELS are weighed together."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the scores of one message come to."""

    kind: Kind
    confidence: float
    certain: bool
    rights: dict[Right, float]
    also: dict[Kind, float]
    flags: dict[str, float]


def judge(scores: Scores, settings: dict[str, Any]) -> Judgement:
    """The decision on one message under calibrated `settings`."""
    chances = kind_chances(scores, settings)
    taken = int(chances.argmax())
    by_label = {
        label: float(chance)
        for group, own in GROUPS.items()
        for label, chance in zip(MAIL_LABELS[own], label_chances(scores, settings, group), strict=True)
    }
    return Judgement(
        kind=KINDS[taken],
        confidence=float(chances[taken]),
        certain=bool(expected_cost(chances) < LOOK),
        rights={right: by_label[right] for right in Right},
        also={kind: by_label[kind] for kind in (Kind.COMPLAINT, Kind.QUESTION)},
        flags={flag: by_label[f"flag:{flag}"] for flag in FLAGS},
    )


def expected_cost(chances: NDArray[np.floating[Any]]) -> float:
    """What acting on the likeliest kind costs on average."""
    return float(chances @ _TABLE[:, int(chances.argmax())])


def kind_chances(scores: Scores, settings: dict[str, Any]) -> Array:
    """Calibrated probabilities of the kinds: what the network and the wording say, each with its weight."""
    logits = np.array(settings["kinds"]) @ _kind_opinions(scores) + np.array(settings["bias"])
    return softmax(logits.astype(np.float32))


def _kind_opinions(scores: Scores) -> Array:
    """(2, KINDS): network and wording."""
    return np.stack([scores.kinds, scores.wording[: len(KINDS)]])


def label_chances(scores: Scores, settings: dict[str, Any], group: str) -> Array:
    """Calibrated probabilities of the labels of a group: `rights`, `also` or `flags`."""
    weights, offsets = settings[group]
    return sigmoid(_opinions(scores, group) @ np.array(weights) + np.array(offsets))


def _opinions(scores: Scores, group: str) -> Array:
    """(labels, opinions): what network and wording say of the message and, but for flags, of its best clause."""
    own = GROUPS[group]
    said = [scores.labels[own], scores.wording[len(KINDS) :][own]]
    if group != "flags":
        said += [scores.clauses.max(0)[own], scores.spoken[own]]
    return np.stack(said, 1)


def calibrated(examples: Sequence[Example], scores: Sequence[Scores]) -> dict[str, Any]:
    """Weights, biases and thresholds, fitted on messages that the network has not learnt from.

    Rights are judged in requests only, so only requests count for them; `also` and flags in all privacy mail.
    """
    wanted = np.array([KINDS.index(example.kind) for example in examples])
    weights, bias = _fitted_kinds(np.stack([_kind_opinions(own) for own in scores]), wanted)
    settings: dict[str, Any] = {"kinds": weights, "bias": bias}
    for group, own in GROUPS.items():
        pairs = [
            (example, found)
            for example, found in zip(examples, scores, strict=True)
            if example.kind is Kind.REQUEST or (group != "rights" and example.kind is not Kind.OTHER)
        ]
        settings[group] = _fitted(
            np.stack([_opinions(found, group) for _, found in pairs]),
            np.array([[label in corpus.held(example) for label in MAIL_LABELS[own]] for example, _ in pairs]),
        )
    chances = np.stack([label_chances(own, settings, "rights") for own in scores])
    settings["sure"] = _best_threshold(examples, chances, wanted == KINDS.index(Kind.REQUEST))
    return settings


def _fitted_kinds(opinions: Array, wanted: NDArray[np.int64]) -> tuple[list[float], list[float]]:
    """How much each of the (mails, 2, KINDS) opinions weighs, and the biases, that make the held-out kinds
    likeliest; by gradient descent."""
    weights, bias = np.ones(2), np.zeros(len(KINDS))
    target = np.eye(len(KINDS))[wanted]
    for _ in range(4_000):
        error = softmax((weights @ opinions + bias).astype(np.float32)) - target
        weights -= 0.05 * (error[:, None] * opinions).sum(2).mean(0)
        bias -= 0.05 * (error.mean(0) + 0.01 * bias)
    return _rounded(np.maximum(weights, 0.05)), _rounded(bias - bias.mean())


def _rounded(values: NDArray[np.floating[Any]]) -> list[float]:
    return [round(float(value), 4) for value in values]


def _fitted(opinions: Array, wanted: NDArray[np.bool_]) -> tuple[list[float], list[float]]:
    """How much each of the (mails, labels, opinions) weighs, and an offset for each label, by logistic regression;
    the offsets are held together, for some labels are rare."""
    weights, offset, own = np.full(opinions.shape[2], 0.25), 0.0, np.zeros(wanted.shape[1])
    for _ in range(6_000):
        error = sigmoid(opinions @ weights + offset + own) - wanted
        weights -= 0.05 * (np.einsum("mlo,ml->o", opinions, error) / wanted.size + 1e-4 * weights)
        offset -= 0.1 * float(error.mean())
        own -= 0.3 * (error.mean(0) / len(own) + 0.003 * own)
    return _rounded(weights), _rounded(offset + own)


def _best_threshold(examples: Sequence[Example], chances: Array, requests: NDArray[np.bool_]) -> float:
    """The threshold with the best micro F1 over the rights of requests."""
    wanted = np.array([[right in example.rights for right in Right] for example in examples])[requests]
    own = chances[requests]

    def f1(threshold: float) -> float:
        given = own >= threshold
        return float(2 * (given & wanted).sum() / max(1, given.sum() + wanted.sum()))

    return max((round(float(value), 2) for value in np.arange(0.2, 0.71, 0.02)), key=f1)
