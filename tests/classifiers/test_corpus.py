"""The corpus is complete, varied, labelled in order, and belongs to the model."""

import json
from pathlib import Path

import pytest

from classifiers import checks, corpus, network
from classifiers.labels import Flag, Kind, Right


def test_the_corpus_is_what_it_should_be() -> None:
    """Counts, shares, marks and variety keep within what is stated in the checks."""
    assert checks.problems(corpus.read()) == []


def test_no_source_is_on_two_sides() -> None:
    """Every source is in one part only, and each part has sources."""
    sides: dict[str, set[str]] = {}
    for example in corpus.read():
        sides.setdefault(example.split, set()).add(example.source)
    assert set(sides) == {"train", "dev", "test"}
    assert not sides["train"] & sides["dev"] | sides["train"] & sides["test"] | sides["dev"] & sides["test"]


def test_corpus_and_model_belong_together() -> None:
    """The stored model was made from the corpus as it is, and is small; if not: train anew."""
    about = network.settings()
    assert about["corpus"] == corpus.digest()
    assert {"corpus", "corrections", "figures", "seed", "thresholds", "versions"} == set(about)
    assert sum(path.stat().st_size for path in network.FOLDER.iterdir()) <= 25_000_000
    assert {path.suffix for path in network.FOLDER.iterdir()} <= {".npz", ".onnx", ".json"}


def test_near_duplicates_and_repetitions_are_noticed() -> None:
    """The checks fail where mails are copied with small changes."""
    some = corpus.read()[:40]
    assert checks.near_duplicates(some) == []
    assert len(checks.near_duplicates([*some, *some[5:9]])) >= 3
    assert checks.repeated(
        [("a", "b", "c", "d", "e"), ("a", "b", "c", "d", "e"), ("f", "b", "c", "d", "e")]
    ) == pytest.approx(2 / 3)


def test_marks_are_taken_off() -> None:
    """A mark leaves its words in the text and says where they stand."""
    text, marks = corpus.unmarked("Hoi, {erasure+access: wis en toon} alles.")
    assert text == "Hoi, wis en toon alles."
    assert [(text[mark.start : mark.end], mark.labels) for mark in marks] == [
        ("wis en toon", ("erasure", "access"))
    ]


def test_corrections_are_read(tmp_path: Path) -> None:
    """A masked correction is an example to learn from; one that is not masked is refused."""
    stored = {
        "subject": "x",
        "body": "y",
        "kind": "rights_request",
        "rights": ["access"],
        "flags": ["stage"],
        "language": "nl",
        "masked": True,
    }
    (tmp_path / "1.json").write_text(json.dumps(stored))
    (example,) = corpus.read_corrections(tmp_path)
    assert (example.kind, example.rights, example.flags, example.split) == (
        Kind.REQUEST,
        (Right.ACCESS,),
        (Flag.STAGE,),
        "train",
    )
    (tmp_path / "2.json").write_text(json.dumps(stored | {"masked": False}))
    with pytest.raises(corpus.CorpusError):
        corpus.read_corrections(tmp_path)
