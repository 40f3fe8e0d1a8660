"""The trained part: pieces of a message in, the scores of every label for it and each of its clauses out."""

import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from classifiers import encoder
from classifiers.encoder import WIDTH, Array, Embedding
from classifiers.labels import Flag, Kind, Right
from classifiers.vocabulary import PAD, Vocabulary

FOLDER = Path(__file__).parent / "model"
ABOUT = "model.json"

KINDS = tuple(Kind)
CLAUSE_LABELS: tuple[str, ...] = (*Right, Kind.COMPLAINT, Kind.QUESTION, Flag.BREACH)
"""What a clause can be marked with."""
FLAGS = tuple(flag for flag in Flag if flag is not Flag.SUPERVISOR)
MAIL_LABELS: tuple[str, ...] = (*Right, Kind.COMPLAINT, Kind.QUESTION, *(f"flag:{flag}" for flag in FLAGS))
"""What a whole message can carry beside its kind, each with a probability of its own."""
SHARED = len(Right) + 2
"""How many labels clauses and messages have in common, in the same order: rights, complaint, question."""
HIDDEN = 256
CLIP, SHARE = np.float32(8), np.float32(0.3)
"""Bounds of the clauses' logits, and their weight, where the whole message is judged by them."""
_NEVER = np.float32(-1e4)

HEADS = {
    "clause": (len(CLAUSE_LABELS), WIDTH),
    "mail": (HIDDEN, 2 * WIDTH + len(CLAUSE_LABELS)),
    "kind": (len(KINDS), HIDDEN),
    "labels": (len(MAIL_LABELS), HIDDEN),
}
"""The matrices above the encoder, (out, in)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages as padded arrays."""

    numbers: NDArray[np.int64]
    """(mails, tokens)."""
    valid: Array
    """(mails, tokens), 1 where a token stands."""
    pools: Array
    """(mails, clauses, tokens): each row averages the tokens of a clause."""
    clauses: NDArray[np.bool_]
    """(mails, clauses), true where a clause stands."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Logits of one message."""

    kinds: Array
    labels: Array
    clauses: Array
    """(clauses, CLAUSE_LABELS)."""
    wording: Array
    """What the wording alone says: KINDS, then MAIL_LABELS."""
    spoken: Array
    """CLAUSE_LABELS, each by the clause whose wording speaks most for it."""


def batch(pieces: Sequence[tuple[NDArray[np.int64], list[tuple[int, int]]]]) -> Batch:
    """Pads messages, each given as piece numbers and the spans of its clauses."""
    tokens = max(len(numbers) for numbers, _ in pieces)
    most = max(len(spans) for _, spans in pieces)
    numbers = np.full((len(pieces), tokens), PAD, np.int64)
    valid = np.zeros((len(pieces), tokens), np.float32)
    pools = np.zeros((len(pieces), most, tokens), np.float32)
    clauses = np.zeros((len(pieces), most), np.bool_)
    for place, (own, spans) in enumerate(pieces):
        numbers[place, : len(own)] = own
        valid[place, : len(own)] = 1
        clauses[place, : len(spans)] = True
        for row, (start, end) in enumerate(spans):
            pools[place, row, start:end] = 1 / (end - start)
    return Batch(numbers, valid, pools, clauses)


@dataclass(frozen=True, slots=True)
class Network:
    """Embedding, encoder and heads."""

    embedding: Embedding
    encode: Callable[[Array], Array]
    """(1, tokens, WIDTH) to the same: all layers of the encoder."""
    heads: dict[str, Array]
    """Weights by name, biases by name + "b"."""

    def scores(
        self, numbers: NDArray[np.int64], spans: list[tuple[int, int]], wording: tuple[Array, Array]
    ) -> Scores:
        """The logits of a message, given as piece numbers and spans of clauses, beside those of its wording."""
        given = batch([(numbers, spans)])
        found = top(self.heads, self.encode(self.embedding.forward(given.numbers)), given)
        return Scores(found["kind"][0], found["labels"][0], found["clause"][0], *wording)


def top(
    heads: dict[str, Array], x: Array, given: Batch, drop: tuple[Array | None, Array | None] = (None, None)
) -> dict[str, Any]:
    """The heads over the encoder's output `x`; everything computed on the way is kept."""
    h, inverse = encoder.normalised(x)
    c = given.pools @ h
    cd = c if drop[0] is None else c * drop[0]
    clause = cd @ heads["clause"].T + heads["clauseb"]
    absent = ~given.clauses[..., None]
    mean = np.einsum("bth,bt->bh", h, given.valid) / given.valid.sum(1, keepdims=True)
    masked, masked_logits = np.where(absent, _NEVER, c), np.where(absent, _NEVER, clause)
    logits = masked_logits.max(1)
    z = np.concatenate([mean, masked.max(1), np.clip(logits, -CLIP, CLIP) * SHARE], 1)
    zd = z if drop[1] is None else z * drop[1]
    u = zd @ heads["mail"].T + heads["mailb"]
    g, t = encoder.gelu(u)
    kind = g @ heads["kind"].T + heads["kindb"]
    labels = g @ heads["labels"].T + heads["labelsb"]
    return {
        "h": h, "inverse": inverse, "cd": cd, "clause": clause, "logits": logits, "zd": zd, "u": u,
        "g": g, "t": t, "kind": kind, "labels": labels, "best": masked.argmax(1),
        "best_logit": masked_logits.argmax(1),
    }  # fmt: skip


def attention_bias(given: Batch) -> Array:
    """What keeps attention off the padding."""
    return ((1 - given.valid) * _NEVER)[:, None, None, :].astype(np.float32)


def save(
    embedding: Embedding, graph: bytes, heads: dict[str, Array], vocabulary: tuple[list[str], Array], folder: Path
) -> None:
    """Writes the encoder's graph, and beside it, as arrays, what stands below and above it."""
    arrays: dict[str, NDArray[Any]] = {
        "emb.codes": embedding.codes,
        "emb.scales": embedding.scales,
        "emb.places": embedding.places.astype(np.float16),
        "emb.weight": embedding.weight,
        "emb.bias": embedding.bias,
        "vocabulary": np.frombuffer("\n".join(vocabulary[0]).encode(), np.uint8),
        "vocabulary.scores": vocabulary[1].astype(np.float16),
    }
    arrays |= {f"top.{name}": value.astype(np.float16) for name, value in heads.items()}
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "network.npz", allow_pickle=False, **arrays)
    (folder / "encoder.onnx").write_bytes(graph)


def load(folder: Path = FOLDER) -> tuple[Network, Vocabulary]:
    """Reads what `save` wrote."""
    with np.load(folder / "network.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    embedding = Embedding(
        arrays["emb.codes"],
        arrays["emb.scales"],
        arrays["emb.places"].astype(np.float32),
        arrays["emb.weight"],
        arrays["emb.bias"],
    )
    heads = {
        name.removeprefix("top."): value.astype(np.float32)
        for name, value in arrays.items()
        if name.startswith("top.")
    }
    pieces = arrays["vocabulary"].tobytes().decode().split("\n")
    return Network(embedding, _encoder(folder / "encoder.onnx"), heads), Vocabulary(
        pieces, arrays["vocabulary.scores"].astype(np.float32)
    )


def _encoder(path: Path) -> Callable[[Array], Array]:
    """The layers, run on one core: mails come one at a time, and the machine has other work."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if _overflows():
        options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])

    def encode(x: Array) -> Array:
        result: Array = session.run(None, {"x": x})[0]
        return result

    return encode


def _overflows() -> bool:
    """Whether the processor may add 8-bit products up in 16 bits, not exactly: x86 without VNNI; in doubt, yes.

    The runtime has a way around that; it takes half as long again.
    """
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    try:
        return "vnni" not in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True


def settings(folder: Path = FOLDER) -> dict[str, Any]:
    """Thresholds, figures, versions and corpus hash of the stored model."""
    found: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    return found


def describe(about: dict[str, Any], folder: Path) -> None:
    """Writes what `settings` reads."""
    (folder / ABOUT).write_text(json.dumps(about, indent=1, sort_keys=True) + "\n", encoding="utf-8")
