"""The hand-written gradients are those of the loss, and what is stored gives back what was learnt."""

from pathlib import Path

import numpy as np
import pytest

from classifiers import encoder, export, learning, network
from classifiers.encoder import MATRICES, WIDTH, Embedding, Layer
from classifiers.learning import Learner, Pupil, Targets
from classifiers.network import CLAUSE_LABELS, HEADS, MAIL_LABELS, Batch


def _pupil(layers: int) -> Pupil:
    random = np.random.default_rng(7)
    pieces = 40
    codes = random.integers(0, 256, (pieces, WIDTH // 2), np.uint8)
    embedding = Embedding(
        codes,
        np.full((pieces, WIDTH // 32), 0.02, np.float16),
        np.zeros((16, WIDTH), np.float32),
        np.ones(WIDTH, np.float32),
        np.zeros(WIDTH, np.float32),
    )
    return Pupil(embedding, [_layer(random) for _ in range(layers)], learning.fresh_heads(HEADS, 1))


def _layer(random: np.random.Generator) -> Layer:
    weights = {
        name: (random.standard_normal(shape) * shape[1] ** -0.5).astype(np.float32)
        for name, shape in MATRICES.items()
    }
    weights |= {name + "b": np.zeros(shape[0], np.float32) for name, shape in MATRICES.items()}
    weights |= {
        f"{name}.{part}": np.full(WIDTH, part == "w", np.float32) for name in ("aln", "oln") for part in "wb"
    }
    return Layer(weights)


def _given() -> Batch:
    return network.batch([(np.array([0, 5, 6, 7, 8, 2]), [(1, 3), (3, 5)]), (np.array([0, 9, 10, 2]), [(1, 3)])])


def _wanted(random: np.random.Generator) -> Targets:
    def some(*shape: int) -> encoder.Array:
        return (random.random(shape) > 0.7).astype(np.float32)

    kinds = np.eye(4, dtype=np.float32)[[0, 3]]
    known = np.ones((2, 1, 1), np.bool_)
    return Targets(kinds, some(2, len(MAIL_LABELS)), some(2, 2, len(CLAUSE_LABELS)), known)


def test_the_gradients_are_those_of_the_loss() -> None:
    """Along random directions the loss changes as the gradients of layer and heads say."""
    random = np.random.default_rng(3)
    own, given, wanted = _pupil(1), _given(), _wanted(np.random.default_rng(5))
    x, bias = own.embedding.forward(given.numbers), network.attention_bias(given)
    one = np.ones((), np.float32)

    def loss() -> float:
        top = network.top(own.heads, own.layers[0].forward(x, bias)[0], given)
        return float(learning.top_back(own.heads, top, given, (one, one), wanted)[2].mean())

    z, kept = own.layers[0].forward(x, bias)
    grad, heads, _ = learning.top_back(own.heads, network.top(own.heads, z, given), given, (one, one), wanted)
    _, layer = learning.layer_back(own.layers[0], kept, (None, None), grad)
    for weights, gradients in ((own.heads, heads), (own.layers[0].weights, layer)):
        for name, gradient in gradients.items():
            way = random.standard_normal(gradient.shape).astype(np.float32)
            way *= np.float32(0.02) / np.linalg.norm(way)
            before = weights[name]
            weights[name] = before + way
            above = loss()
            weights[name] = before - way
            below = loss()
            weights[name] = before
            assert above - below == pytest.approx(2 * float((gradient * way).sum()), abs=2e-4, rel=0.05), name


def test_the_same_lessons_give_the_same_weights() -> None:
    """Two pupils that learn the same at the same time as something else end alike, and understand better."""
    given, wanted = _given(), _wanted(np.random.default_rng(5))
    ends, losses = [], []
    for _ in range(2):
        own = _pupil(2)
        learner = Learner(own, 1, 1e-3, 1e-2, 40, seed=4, shards=2)
        x = own.layers[0].forward(own.embedding.forward(given.numbers), network.attention_bias(given))[0]
        losses.append([float(learner.learn([(x, given, wanted)] * 2).mean()) for _ in range(40)])
        learner.finish()
        ends.append(own.layers[1].weights["qkv"])
    assert losses[0] == losses[1]
    assert losses[0][-1] < losses[0][0] / 2
    assert np.array_equal(*ends)


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    """Saved and loaded, the network gives nearly the same scores, from files that hold nothing but numbers."""
    own = _pupil(2)
    pieces = [f"p{number}" for number in range(40)]
    vocabulary = (pieces, np.linspace(-1, -9, 40, dtype=np.float32))
    network.save(own.embedding, export.graph(own.layers), own.heads, vocabulary, tmp_path)
    again, _ = network.load(tmp_path)
    numbers, spans = np.array([0, 5, 6, 7, 8, 2]), [(1, 3), (3, 5)]
    given = network.batch([(numbers, spans)])
    x, bias = own.embedding.forward(given.numbers), network.attention_bias(given)
    for layer in own.layers:
        x, _ = layer.forward(x, bias)
    before = network.top(own.heads, x, given)
    after = again.scores(numbers, spans, (before["kind"], before["labels"]))
    np.testing.assert_allclose(before["kind"][0], after.kinds, atol=0.05)
    np.testing.assert_allclose(before["clause"][0], after.clauses, atol=0.1)
