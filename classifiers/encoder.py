"""A small transformer encoder (the shape of multilingual-e5-small, its lower layers) in numpy.

Batches are padded: (mails, tokens, width). Training runs the layers here; reading mail runs what `export` made of
them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

WIDTH, ATTENTION_HEADS, INNER = 384, 12, 1536
EPSILON = np.float32(1e-12)
_HEAD = WIDTH // ATTENTION_HEADS
ROOT = np.float32(np.sqrt(2 / np.pi))
MATRICES = {"qkv": (3 * WIDTH, WIDTH), "ao": (WIDTH, WIDTH), "fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}
"""The weight matrices of a layer, (out, in): query, key and value, attention out, feed forward in and out. Each
has a bias, named with a "b" behind; "aln" and "oln" normalise after attention and at the end ("w", "b")."""


def normalised(x: Array) -> tuple[Array, Array]:
    """`x` with mean 0 and variance 1 over its last axis, and the inverse deviation."""
    centred = x - x.mean(-1, keepdims=True)
    inverse = 1 / np.sqrt(
        np.einsum("...i,...i->...", centred, centred)[..., None] / np.float32(x.shape[-1]) + EPSILON
    )
    return centred * inverse, inverse.astype(np.float32)


def gelu(x: Array) -> tuple[Array, Array]:
    """The activation (tanh form) and the tanh in it."""
    inner = x * x
    inner *= np.float32(0.044715)
    inner += 1
    inner *= x
    inner *= ROOT
    np.tanh(inner, out=inner)
    result = inner + 1
    result *= x
    result *= np.float32(0.5)
    return result, inner


def softmax(x: Array) -> Array:
    """Over the last axis."""
    raised = np.exp(x - x.max(-1, keepdims=True))
    result: Array = raised / raised.sum(-1, keepdims=True)
    return result


def sigmoid(x: NDArray[np.floating[Any]]) -> Array:
    """Each number by itself."""
    result: Array = (1 / (1 + np.exp(-np.clip(x, -30, 30)))).astype(np.float32, copy=False)
    return result


def project(x: Array, matrix: Array) -> Array:
    """`x @ matrix` as one product over all leading axes."""
    result: Array = (x.reshape(-1, x.shape[-1]) @ matrix).reshape(*x.shape[:-1], matrix.shape[-1])
    return result


@dataclass(slots=True)
class Layer:
    """One layer: attention and feed forward, each with a residual and a normalisation after it."""

    weights: dict[str, Array]

    def forward(
        self, x: Array, bias: Array, drop: tuple[Array | None, Array | None] = (None, None)
    ) -> tuple[Array, dict[str, Any]]:
        """The layer's output, and everything that was computed on the way."""
        w = self.weights
        mails, tokens, _ = x.shape
        q, k, v = (
            (project(x, w["qkv"].T) + w["qkvb"])
            .reshape(mails, tokens, 3, ATTENTION_HEADS, _HEAD)
            .transpose(2, 0, 3, 1, 4)
        )
        p = softmax(q @ k.transpose(0, 1, 3, 2) * np.float32(_HEAD**-0.5) + bias)
        c = (p @ v).transpose(0, 2, 1, 3).reshape(mails, tokens, WIDTH)
        o = project(c, w["ao"].T) + w["aob"]
        n1, i1 = normalised(x + (o if drop[0] is None else o * drop[0]))
        y = n1 * w["aln.w"] + w["aln.b"]
        u = project(y, w["fi"].T) + w["fib"]
        g, t = gelu(u)
        d = project(g, w["fo"].T) + w["fob"]
        n2, i2 = normalised(y + (d if drop[1] is None else d * drop[1]))
        z = n2 * w["oln.w"] + w["oln.b"]
        return z, {
            "x": x,
            "q": q,
            "k": k,
            "v": v,
            "p": p,
            "c": c,
            "n1": n1,
            "i1": i1,
            "y": y,
            "u": u,
            "t": t,
            "g": g,
            "n2": n2,
            "i2": i2,
        }


@dataclass(slots=True)
class Embedding:
    """Word pieces and their places to vectors; the pieces' table stays in 4 bits (blocks of 32 with one scale)."""

    codes: NDArray[np.uint8]
    """(pieces, WIDTH / 2): byte j of a block holds numbers j and j + 16 of it."""
    scales: NDArray[np.float16]
    """(pieces, WIDTH / 32)."""
    places: Array
    weight: Array
    bias: Array

    def forward(self, numbers: NDArray[np.int64]) -> Array:
        """(mails, tokens) piece numbers to (mails, tokens, WIDTH)."""
        x = unpacked(self.codes[numbers], self.scales[numbers]) + self.places[: numbers.shape[-1]]
        return normalised(x)[0] * self.weight + self.bias


def unpacked(codes: NDArray[np.uint8], scales: NDArray[np.float16]) -> Array:
    """4-bit blocks to numbers: (…, n/2) codes and (…, n/32) scales to (…, n)."""
    blocks = codes.reshape(*codes.shape[:-1], -1, 16)
    whole = np.concatenate([blocks & 15, blocks >> 4], -1).astype(np.float32) - 8
    return (whole * scales[..., None].astype(np.float32)).reshape(*codes.shape[:-1], -1)
