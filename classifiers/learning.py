"""Backwards through the network: how the weights learn from the corpus. Used by training only."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import encoder
from classifiers.encoder import ATTENTION_HEADS, WIDTH, Array, Embedding, Layer, project, sigmoid
from classifiers.network import CLIP, SHARE, Batch, attention_bias, top

_BLOCK = 128
Gradients = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch should have been taken for."""

    kinds: Array
    """(mails, KINDS): 1 at the kind, softened."""
    labels: Array
    """(mails, MAIL_LABELS), 0 or 1."""
    clauses: Array
    """(mails, clauses, CLAUSE_LABELS), 0 or 1."""
    known: NDArray[np.bool_]
    """(mails, 1, 1), false where the clauses' labels are not known."""


@dataclass(slots=True)
class Pupil:
    """A network that can still learn."""

    embedding: Embedding
    layers: list[Layer]
    heads: dict[str, Array]


Shard = tuple[Array, Batch, Targets]
"""Part of a batch: what its lower layers gave, its messages, and what they should have been taken for."""


def _normalised_back(grad: Array, normal: Array, inverse: Array) -> Array:
    mean = grad.mean(-1, keepdims=True)
    along = np.einsum("...i,...i->...", grad, normal)[..., None] / np.float32(grad.shape[-1])
    result: Array = (grad - mean - normal * along) * inverse
    return result


def _gelu_back(grad: Array, x: Array, t: Array) -> Array:
    """Row by row blocks, which stay in the cache."""
    result = np.empty_like(x)
    rows, inputs, tanhs, out = _flat(grad), _flat(x), _flat(t), _flat(result)
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        own, tanh = inputs[block], tanhs[block]
        slope = own * own
        slope *= np.float32(3 * 0.044715) * encoder.ROOT
        slope += encoder.ROOT
        slope *= own
        slope *= 1 - tanh * tanh
        slope += tanh
        slope += 1
        slope *= np.float32(0.5)
        np.multiply(slope, rows[block], out=out[block])
    return result


def _flat(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])


def layer_back(
    layer: Layer, kept: dict[str, Any], drop: tuple[Array | None, Array | None], grad: Array
) -> tuple[Array, Gradients]:
    """The gradients of a layer's input and weights from that of its output."""
    w, out = layer.weights, {}
    out["oln.w"], out["oln.b"] = _flat(grad * kept["n2"]).sum(0), _flat(grad).sum(0)
    r2 = _normalised_back(grad * w["oln.w"], kept["n2"], kept["i2"])
    d = r2 if drop[1] is None else r2 * drop[1]
    out["fo"], out["fob"] = _flat(d).T @ _flat(kept["g"]), _flat(d).sum(0)
    u = _gelu_back(project(d, w["fo"]), kept["u"], kept["t"])
    out["fi"], out["fib"] = _flat(u).T @ _flat(kept["y"]), _flat(u).sum(0)
    y = r2 + project(u, w["fi"])
    out["aln.w"], out["aln.b"] = _flat(y * kept["n1"]).sum(0), _flat(y).sum(0)
    r1 = _normalised_back(y * w["aln.w"], kept["n1"], kept["i1"])
    o = r1 if drop[0] is None else r1 * drop[0]
    out["ao"], out["aob"] = _flat(o).T @ _flat(kept["c"]), _flat(o).sum(0)
    x, attention = _attention_back(layer, kept, project(o, w["ao"]))
    return r1 + x, out | attention


def _attention_back(layer: Layer, kept: dict[str, Any], grad: Array) -> tuple[Array, Gradients]:
    mails, tokens, _ = grad.shape
    c = grad.reshape(mails, tokens, ATTENTION_HEADS, WIDTH // ATTENTION_HEADS).transpose(0, 2, 1, 3)
    p = kept["p"]
    dp = c @ kept["v"].transpose(0, 1, 3, 2)
    ds = p * (dp - np.einsum("...i,...i->...", dp, p)[..., None]) * np.float32((WIDTH // ATTENTION_HEADS) ** -0.5)
    parts = np.stack([ds @ kept["k"], ds.transpose(0, 1, 3, 2) @ kept["q"], p.transpose(0, 1, 3, 2) @ c])
    flat = np.ascontiguousarray(parts.transpose(1, 3, 0, 2, 4)).reshape(mails, tokens, 3 * WIDTH)
    out = {"qkv": _flat(flat).T @ _flat(kept["x"]), "qkvb": _flat(flat).sum(0)}
    return project(flat, layer.weights["qkv"]), out


def top_back(
    heads: dict[str, Array], kept: dict[str, Any], given: Batch, drop: tuple[Array, Array], wanted: Targets
) -> tuple[Array, Gradients, Array]:
    """The gradient of the encoder's output, those of the heads, and the loss of each mail."""
    mails, out = len(given.numbers), {}
    kinds, labels, clauses = encoder.softmax(kept["kind"]), sigmoid(kept["labels"]), sigmoid(kept["clause"])
    own = given.clauses[..., None] & wanted.known
    losses = _losses(kinds, labels, clauses, wanted, own)
    d_kind = (kinds - wanted.kinds) / np.float32(mails)
    d_labels = (labels - wanted.labels) * np.float32(0.5 / mails)
    d_clause = (clauses - wanted.clauses) * own * np.float32(0.5 / mails)
    for name, grad in (("kind", d_kind), ("labels", d_labels)):
        out[name], out[name + "b"] = grad.T @ kept["g"], grad.sum(0)
    g = (d_kind @ heads["kind"] + d_labels @ heads["labels"]).astype(np.float32, copy=False)
    u = _gelu_back(g, kept["u"], kept["t"])
    out["mail"], out["mailb"] = u.T @ kept["zd"], u.sum(0)
    z = u @ heads["mail"] * drop[1]
    within = np.abs(kept["logits"]) < CLIP
    rows = np.arange(mails)[:, None]
    np.add.at(
        d_clause,
        (rows, kept["best_logit"], np.arange(d_clause.shape[2])[None]),
        z[:, 2 * WIDTH :] * SHARE * within,
    )
    out["clause"], out["clauseb"] = _flat(d_clause).T @ _flat(kept["cd"]), _flat(d_clause).sum(0)
    c = d_clause @ heads["clause"] * drop[0]
    np.add.at(c, (rows, kept["best"], np.arange(WIDTH)[None]), z[:, WIDTH : 2 * WIDTH])
    mean = (z[:, :WIDTH] / given.valid.sum(1, keepdims=True))[:, None, :] * given.valid[..., None]
    h = given.pools.transpose(0, 2, 1) @ c + mean
    return _normalised_back(h, kept["h"], kept["inverse"]), out, losses


def _losses(kinds: Array, labels: Array, clauses: Array, wanted: Targets, own: NDArray[np.bool_]) -> Array:
    def binary(p: Array, y: Array) -> Array:
        result: Array = -np.log(np.where(y > 0, p, 1 - p) + np.float32(1e-7))
        return result

    found: Array = -(wanted.kinds * np.log(kinds + 1e-7)).sum(1)
    found += np.float32(0.5) * binary(labels, wanted.labels).sum(1)
    found += np.float32(0.5) * (binary(clauses, wanted.clauses) * own).sum((1, 2))
    return found


class Learner:
    """Adam over the upper layers and the heads, with a moving average of the weights that is used in the end.

    The shards of a batch are learnt from at the same time, each with chances of its own, so that the outcome does
    not depend on the number of cores.
    """

    def __init__(
        self, pupil: Pupil, tuned: int, rate: float, head_rate: float, steps: int, seed: int, shards: int
    ) -> None:
        self._pupil, self._steps, self._step = pupil, steps, 0
        self._layers = pupil.layers[len(pupil.layers) - tuned :]
        self._chances = [np.random.default_rng([seed, shard]) for shard in range(shards)]
        self._pool = ThreadPoolExecutor(shards)
        self._groups = [(layer.weights, rate) for layer in self._layers] + [(pupil.heads, head_rate)]
        self._first = [
            {name: np.zeros_like(value) for name, value in weights.items()} for weights, _ in self._groups
        ]
        self._second = [
            {name: np.zeros_like(value) for name, value in weights.items()} for weights, _ in self._groups
        ]
        self._average = [{name: value.copy() for name, value in weights.items()} for weights, _ in self._groups]

    def learn(self, shards: Sequence[Shard]) -> Array:
        """One step on the shards of a batch; the loss of each mail before it, in order."""
        found = list(self._pool.map(self._gradients, shards, self._chances))
        sizes = [len(wanted.kinds) for _, _, wanted in shards]
        shares = [np.float32(size / sum(sizes)) for size in sizes]
        groups = list(zip(*(gradients for gradients, _ in found), strict=True))
        sums = list(self._pool.map(lambda group: _summed(group, shares), groups))
        norm = np.sqrt(sum(square for _, squares in sums for square in squares))
        clip = np.float32(min(1.0, 5.0 / (norm + 1e-9)))
        self._step += 1
        list(self._pool.map(lambda place: self._move(place, sums[place][0], clip), range(len(sums))))
        return np.concatenate([losses for _, losses in found])

    def _gradients(self, shard: Shard, chances: np.random.Generator) -> tuple[list[Gradients], Array]:
        x, given, wanted = shard
        bias = attention_bias(given)
        kept, drops = [], []
        for layer in self._layers:
            drops.append((_drop(chances, x.shape, 0.1), _drop(chances, x.shape, 0.1)))
            x, values = layer.forward(x, bias, drops[-1])
            kept.append(values)
        top_drop = (
            _drop(chances, (*given.clauses.shape, WIDTH), 0.1),
            _drop(chances, (len(x), 2 * WIDTH + wanted.clauses.shape[2]), 0.2),
        )
        found = top(self._pupil.heads, x, given, top_drop)
        grad, heads, losses = top_back(self._pupil.heads, found, given, top_drop, wanted)
        gradients = [heads]
        for layer, values, drop in zip(self._layers[::-1], kept[::-1], drops[::-1], strict=True):
            grad, own = layer_back(layer, values, drop, grad)
            gradients.insert(0, own)
        return gradients, losses

    def _move(self, place: int, gradients: Gradients, clip: np.float32) -> None:
        done = self._step / self._steps
        pace = min(1.0, done / 0.1) * max(0.02, 1 - done)
        correction = np.sqrt(1 - 0.999**self._step) / (1 - 0.9**self._step)
        decay = np.float32(min(0.995, self._step / (self._step + 10)))
        weights, rate = self._groups[place]
        for name, grad in gradients.items():
            first, second, value = self._first[place][name], self._second[place][name], weights[name]
            grad *= clip
            first += np.float32(0.1) * (grad - first)
            grad *= grad
            grad -= second
            grad *= np.float32(0.001)
            second += grad
            if value.ndim == 2:
                value *= np.float32(1 - rate * pace * 0.01)
            np.sqrt(second, out=grad)
            grad += np.float32(1e-8)
            value -= np.float32(rate * pace * correction) * first / grad
            average = self._average[place][name]
            average += (1 - decay) * (value - average)

    def finish(self) -> None:
        """Puts the averaged weights into the network; nothing can be learnt after that."""
        self._pool.shutdown()
        for (weights, _), average in zip(self._groups, self._average, strict=True):
            weights.update(average)


def _summed(parts: Sequence[Gradients], shares: Sequence[np.float32]) -> tuple[Gradients, list[float]]:
    """The gradients of a group, weighed by the share of each part, and the square of each one's length."""
    total = {name: shares[0] * value for name, value in parts[0].items()}
    for part, share in zip(parts[1:], shares[1:], strict=True):
        for name, value in part.items():
            total[name] += share * value
    return total, [float((value * value).sum()) for value in total.values()]


def _drop(chances: np.random.Generator, shape: tuple[int, ...], share: float) -> Array:
    kept = chances.random(shape, dtype=np.float32) >= share
    result: Array = kept * (np.float32(1) / np.float32(1 - share))
    return result


def fresh_heads(shapes: dict[str, tuple[int, int]], seed: int) -> dict[str, Array]:
    """Random heads to begin with."""
    random = np.random.default_rng(seed)
    heads: dict[str, Array] = {}
    for name, (rows, columns) in shapes.items():
        heads[name] = (random.uniform(-1, 1, (rows, columns)) * columns**-0.5).astype(np.float32)
        heads[name + "b"] = np.zeros(rows, np.float32)
    return heads
