"""From scores to a decision: calibrated probabilities, and what it costs to be wrong.

A mail is decided with certainty only where the expected cost of acting on the label is below that of a
person's look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.corpus import Example
from classifiers.encoder import Array, softmax
from classifiers.labels import Kind, Right
from classifiers.network import FLAGS, KINDS, MAIL_LABELS, SHARED, Scores

COSTS = {
    Kind.REQUEST: {Kind.COMPLAINT: 10.0, Kind.QUESTION: 10.0, Kind.OTHER: 60.0},
    Kind.COMPLAINT: {Kind.REQUEST: 5.0, Kind.QUESTION: 5.0, Kind.OTHER: 40.0},
    Kind.QUESTION: {Kind.REQUEST: 5.0, Kind.COMPLAINT: 5.0, Kind.OTHER: 40.0},
    Kind.OTHER: {Kind.REQUEST: 20.0, Kind.COMPLAINT: 20.0, Kind.QUESTION: 20.0},
}
"""True kind → kind acted on → cost, in units of one look by a person. A privacy mail left lying breaks the law; an
answer to someone who asked nothing is a nuisance and tells a stranger who we are; a wrong letter is put right
by the next."""

_TABLE = np.array([[COSTS[true].get(taken, 0.0) for taken in KINDS] for true in KINDS])
_RIGHTS = tuple(Right)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the scores of one message come to."""

    kind: Kind
    confidence: float
    certain: bool
    kinds: dict[Kind, float]
    rights: dict[Right, float]
    also: dict[Kind, float]
    flags: dict[str, float]


def judge(scores: Scores, settings: dict[str, Any]) -> Judgement:
    """The decision on one message under calibrated `settings`."""
    chances = kind_chances(scores, settings)
    taken = int(chances.argmax())
    rights = label_chances(scores, settings)
    flags = flag_chances(scores, settings)
    return Judgement(
        kind=KINDS[taken],
        confidence=float(chances[taken]),
        certain=bool(expected_cost(chances) < settings["look"]),
        kinds={kind: float(chance) for kind, chance in zip(KINDS, chances, strict=True)},
        rights={right: float(rights[place]) for place, right in enumerate(_RIGHTS)},
        also={kind: float(rights[place]) for place, kind in ((8, Kind.COMPLAINT), (9, Kind.QUESTION))},
        flags={flag: float(chance) for flag, chance in zip(FLAGS, flags, strict=True)},
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


def label_chances(scores: Scores, settings: dict[str, Any]) -> Array:
    """Calibrated probabilities of the rights, complaint and question: what the network and the wording say of
    the message and of its best clause."""
    return _chances(_opinions(scores).T, settings["labels"])


def flag_chances(scores: Scores, settings: dict[str, Any]) -> Array:
    """Calibrated probabilities of FLAGS."""
    return _chances(_flag_opinions(scores).T, settings["flags"])


def _chances(opinions: Array, weights: Sequence[float]) -> Array:
    combined = opinions @ np.array(weights[:-1]) + weights[-1]
    result: Array = (1 / (1 + np.exp(-np.clip(combined, -30, 30)))).astype(np.float32)
    return result


def _opinions(scores: Scores) -> Array:
    """(4, SHARED): network and wording, message and best clause."""
    best = scores.clauses[:, :SHARED].max(0)
    return np.stack([scores.labels[:SHARED], best, scores.wording[len(KINDS) :][:SHARED], scores.spoken[:SHARED]])


def _flag_opinions(scores: Scores) -> Array:
    """(2, FLAGS): network and wording."""
    return np.stack([scores.labels[SHARED:], scores.wording[len(KINDS) + SHARED :]])


def calibrated(examples: Sequence[Example], scores: Sequence[Scores]) -> dict[str, Any]:
    """Temperature, biases and thresholds, fitted on messages that the network has not learnt from."""
    wanted = np.array([KINDS.index(example.kind) for example in examples])
    weights, bias = _fitted_kinds(np.stack([_kind_opinions(own) for own in scores]), wanted)
    settings: dict[str, Any] = {"kinds": weights, "bias": bias, "look": 1.0}
    privacy = [place for place, example in enumerate(examples) if example.kind is not Kind.OTHER]
    for name, opinions, labels in (
        ("labels", _opinions, MAIL_LABELS[:SHARED]),
        ("flags", _flag_opinions, MAIL_LABELS[SHARED:]),
    ):
        settings[name] = _fitted(
            np.concatenate([opinions(scores[place]) for place in privacy], 1).T,
            np.array([label in _held(examples[place]) for place in privacy for label in labels]),
        )
    chances = np.stack([label_chances(own, settings)[: len(_RIGHTS)] for own in scores])
    settings["sure"] = _best_threshold(examples, chances, wanted == 0)
    settings["possible"] = 0.15
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


def _fitted(opinions: Array, wanted: NDArray[np.bool_]) -> list[float]:
    """How much each opinion weighs, and the offset, by logistic regression."""
    features = np.concatenate([opinions, np.ones((len(opinions), 1))], 1).astype(np.float64)
    weights = np.array([1 / opinions.shape[1]] * opinions.shape[1] + [0.0])
    for _ in range(4_000):
        chances = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        weights -= 0.05 * (features.T @ (chances - wanted) / len(wanted) + 1e-4 * weights)
    return _rounded(weights)


def _held(example: Example) -> set[str]:
    return {*example.rights, *example.also, example.kind, *(f"flag:{flag}" for flag in example.flags)}


def _best_threshold(examples: Sequence[Example], chances: Array, requests: NDArray[np.bool_]) -> float:
    """The threshold with the best micro F1 over the rights of requests."""
    wanted = np.array([[right in example.rights for right in _RIGHTS] for example in examples])[requests]
    own = chances[requests]

    def f1(threshold: float) -> float:
        given = own >= threshold
        return float(2 * (given & wanted).sum() / max(1, given.sum() + wanted.sum()))

    return max((round(float(value), 2) for value in np.arange(0.2, 0.71, 0.02)), key=f1)
