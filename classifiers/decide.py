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
from classifiers.network import CLAUSE_LABELS, FLAGS, KINDS, MAIL_LABELS, SHARED, Scores

COSTS = {
    Kind.REQUEST: {Kind.COMPLAINT: 40.0, Kind.QUESTION: 40.0, Kind.OTHER: 100.0},
    Kind.COMPLAINT: {Kind.REQUEST: 5.0, Kind.QUESTION: 5.0, Kind.OTHER: 60.0},
    Kind.QUESTION: {Kind.REQUEST: 5.0, Kind.COMPLAINT: 5.0, Kind.OTHER: 60.0},
    Kind.OTHER: {Kind.REQUEST: 15.0, Kind.COMPLAINT: 15.0, Kind.QUESTION: 15.0},
}
"""True kind → kind acted on → cost, in units of one look by a person. A privacy mail left lying breaks the law; an
answer to someone who asked nothing is a nuisance and tells a stranger who we are; a wrong letter is put right
by the next."""

_TABLE = np.array([[COSTS[true].get(taken, 0.0) for taken in KINDS] for true in KINDS])
_RIGHTS = tuple(Right)
WORDING = 0.7
"""What the wording weighs beside the network: less than the development split would choose, since authors that
nobody has seen share fewer words with the corpus."""


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
    chances = kind_chances(kind_logits(scores)[None], settings)[0]
    taken = int(chances.argmax())
    rights = label_chances(scores, settings)
    labels = 1 / (1 + np.exp(-scores.labels))
    return Judgement(
        kind=KINDS[taken],
        confidence=float(chances[taken]),
        certain=bool(expected_cost(chances) < settings["look"]),
        kinds={kind: float(chance) for kind, chance in zip(KINDS, chances, strict=True)},
        rights={right: float(rights[place]) for place, right in enumerate(_RIGHTS)},
        also={kind: float(rights[place]) for place, kind in ((8, Kind.COMPLAINT), (9, Kind.QUESTION))},
        flags={flag: float(labels[MAIL_LABELS.index(f"flag:{flag}")]) for flag in FLAGS},
    )


def expected_cost(chances: NDArray[np.floating[Any]]) -> float:
    """What acting on the likeliest kind costs on average."""
    return float(chances @ _TABLE[:, int(chances.argmax())])


def kind_logits(scores: Scores) -> Array:
    """The network's logits of the kinds, and with less weight those of the wording."""
    found: Array = (scores.kinds + WORDING * scores.wording[: len(KINDS)]).astype(np.float32)
    return found


def kind_chances(logits: Array, settings: dict[str, Any]) -> Array:
    """Calibrated probabilities of the kinds."""
    scaled: Array = (logits / settings["temperature"] + np.array(settings["bias"])).astype(np.float32)
    return softmax(scaled)


def label_chances(scores: Scores, settings: dict[str, Any]) -> Array:
    """Calibrated probabilities of the rights, complaint and question: what the network and the wording say of
    the message and of its best clause."""
    *weights, offset = settings["labels"]
    combined = np.array(weights) @ _opinions(scores) + offset
    result: Array = (1 / (1 + np.exp(-np.clip(combined, -30, 30)))).astype(np.float32)
    return result


def _opinions(scores: Scores) -> Array:
    """(4, SHARED): network and wording, message and best clause."""
    best = scores.clauses[:, :SHARED].max(0)
    return np.stack([scores.labels[:SHARED], best, scores.wording[len(KINDS) :], scores.spoken])


def calibrated(examples: Sequence[Example], scores: Sequence[Scores]) -> dict[str, Any]:
    """Temperature, biases and thresholds, fitted on messages that the network has not learnt from."""
    logits = np.stack([kind_logits(own) for own in scores])
    wanted = np.array([KINDS.index(example.kind) for example in examples])
    temperature, bias = _fitted_kinds(logits, wanted)
    settings: dict[str, Any] = {"temperature": temperature, "bias": bias, "look": 1.0}
    settings["labels"] = _fitted_labels(examples, scores)
    chances = np.stack([label_chances(own, settings)[: len(_RIGHTS)] for own in scores])
    settings["sure"] = _best_threshold(examples, chances, wanted == 0)
    settings["possible"] = 0.15
    return settings


def _fitted_kinds(logits: Array, wanted: NDArray[np.int64]) -> tuple[float, list[float]]:
    """Temperature and biases that make the held-out kinds likeliest; gradient descent on both."""
    inverse, bias = 1.0, np.zeros(len(KINDS))
    target = np.eye(len(KINDS))[wanted]
    for _ in range(3_000):
        error = softmax((logits * inverse + bias).astype(np.float32)) - target
        inverse -= 0.05 * float((error * logits).sum(1).mean())
        bias -= 0.05 * (error.mean(0) + 0.01 * bias)
    return 1 / max(inverse, 0.05), [round(float(value - bias.mean()), 4) for value in bias]


def _fitted_labels(examples: Sequence[Example], scores: Sequence[Scores]) -> list[float]:
    opinions = np.concatenate([_opinions(own) for own in scores], 1).T.astype(np.float64)
    wanted = np.concatenate(
        [[label in _held(example) for label in CLAUSE_LABELS[:SHARED]] for example in examples]
    )
    features = np.concatenate([opinions, np.ones((len(opinions), 1))], 1)
    weights = np.array([0.25, 0.25, 0.25, 0.25, 0.0])
    for _ in range(4_000):
        chances = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        weights -= 0.05 * (features.T @ (chances - wanted) / len(wanted) + 1e-4 * weights)
    return [round(float(value), 4) for value in weights]


def _held(example: Example) -> set[str]:
    return {*example.rights, *example.also, example.kind}


def _best_threshold(examples: Sequence[Example], chances: Array, requests: NDArray[np.bool_]) -> float:
    """The threshold with the best micro F1 over the rights of requests."""
    wanted = np.array([[right in example.rights for right in _RIGHTS] for example in examples])[requests]
    own = chances[requests]

    def f1(threshold: float) -> float:
        given = own >= threshold
        return float(2 * (given & wanted).sum() / max(1, given.sum() + wanted.sum()))

    return max((round(float(value), 2) for value in np.arange(0.2, 0.71, 0.02)), key=f1)
