"""Measures the classifier on the held-out part of the corpus."""

import itertools
import json
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import classifiers
from classifiers import corpus
from classifiers.corpus import Example
from classifiers.labels import Flag, Kind, Right, Verdict

WORST = 15
_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001)


@dataclass(frozen=True, slots=True)
class Measured:
    """An example, what it was taken for, and how long that took."""

    example: Example
    verdict: Verdict
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the kind is right."""
        return self.verdict.kind is self.example.kind

    @property
    def answered(self) -> bool:
        """Whether the bot would answer on its own, as far as the text decides that."""
        return self.verdict.certain and self.verdict.kind is not Kind.OTHER


def evaluate(split: str = "test", as_json: bool = False) -> int:
    """Prints the figures of `split` (`train`, `dev`, `test`); 0 when there was something to measure, else 1."""
    examples = [example for example in corpus.read() if example.split == split]
    if not examples:
        print(f"the corpus has no mails for {split}", file=sys.stderr)
        return 1
    started = time.perf_counter()
    classifier = classifiers.load()
    loaded = time.perf_counter() - started
    measured = [_measure(classifier.classify, example) for example in examples]
    found = figures(measured) | {
        "load_seconds": round(loaded, 2),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(found, indent=1) if as_json else _report(split, found, measured))
    return 0


def _measure(classify: Callable[[Any], Verdict], example: Example) -> Measured:
    started = time.perf_counter()
    verdict = classify(example.message)
    return Measured(example, verdict, time.perf_counter() - started)


def lasting(classify: Callable[[Any], Verdict], examples: Sequence[Example]) -> dict[str, Any]:
    """The figures that are the same on every machine."""
    found = figures([_measure(classify, example) for example in examples])
    return {name: value for name, value in found.items() if not name.endswith("_ms")}


def figures(measured: Sequence[Measured]) -> dict[str, Any]:
    """Every figure by name; shares between 0 and 1, times in milliseconds."""
    requests = [one for one in measured if one.example.kind is Kind.REQUEST]
    privacy = [one for one in measured if one.example.kind is not Kind.OTHER]
    other = [one for one in measured if one.example.kind is Kind.OTHER]
    certain = [one for one in measured if one.verdict.certain]
    times = sorted(one.seconds * 1000 for one in measured)
    return {
        "mails": len(measured),
        "kind_right": _share(one.right for one in measured),
        "requests_recognised_or_unsure": _share(
            one.verdict.kind is Kind.REQUEST or not one.verdict.certain for one in requests
        ),
        "privacy_certainly_other": _share(
            one.verdict.certain and one.verdict.kind is Kind.OTHER for one in privacy
        ),
        "other_answered": _share(one.answered for one in other),
        "certain": _share(one.verdict.certain for one in measured),
        "certain_right": _share(one.right for one in certain),
        **_label_figures(measured),
        "name_right": _share(one.verdict.name == one.example.name for one in measured),
        "behalf_right": _share(one.verdict.on_behalf_of == one.example.behalf for one in measured),
        "language_right": _share(one.verdict.language == one.example.language for one in measured),
        "evidence_right": _share(_evident(one) for one in measured if one.right and one.verdict.evidence),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))], 1),
    }


def _label_figures(measured: Sequence[Measured]) -> dict[str, Any]:
    pairs = [(one.example, one.verdict) for one in measured]
    possible = [(set(wanted.rights), {*got.rights, *got.unsure_rights}) for wanted, got in pairs]
    return {
        "rights_f1": _f1([(set(wanted.rights), set(got.rights)) for wanted, got in pairs]),
        "rights_f1_with_unsure": _f1(possible),
        "rights": {
            right: _f1([({right} & {*wanted.rights}, {right} & {*got.rights}) for wanted, got in pairs])
            for right in Right
        },
        "also_f1": _f1([(set(wanted.also), set(got.also)) for wanted, got in pairs]),
        "flags": {
            flag: _f1([({flag} & {*wanted.flags}, {flag} & {*got.flags}) for wanted, got in pairs])
            for flag in Flag
        },
    }


def _share(values: Any) -> float:
    counted = [bool(value) for value in values]
    return round(sum(counted) / len(counted), 4) if counted else 1.0


def _f1(pairs: Sequence[tuple[set[Any], set[Any]]]) -> float:
    both = sum(len(wanted & given) for wanted, given in pairs)
    total = sum(len(wanted) + len(given) for wanted, given in pairs)
    return round(2 * both / total, 4) if total else 1.0


def _evident(one: Measured) -> bool:
    """Whether the first clause given as evidence touches a marked one."""
    body = "".join(f"{one.example.message.subject}{one.example.message.body}".split())
    text = "".join(one.verdict.evidence[0].text.split())
    marked = [
        "".join(source[mark.start : mark.end].split())
        for source, marks in (
            (one.example.message.subject, one.example.subject_marks),
            (one.example.message.body, one.example.body_marks),
        )
        for mark in marks
    ]
    return text in body and any(
        text in own or own in text or text[:40] in own or own[:40] in text for own in marked
    )


def _report(split: str, found: dict[str, Any], measured: Sequence[Measured]) -> str:
    lines = [f"{split}: {found['mails']} mails", ""]
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {label:<20} {figure:.3f}" for label, figure in value.items())]
        else:
            lines.append(f"{name:<32} {value}")
    return "\n".join([*lines, "", *_confusion(measured), "", *_calibration(measured), "", *_worst(measured)])


def _confusion(measured: Sequence[Measured]) -> list[str]:
    counts = Counter((one.example.kind, one.verdict.kind) for one in measured)
    lines = [
        "confusion (rows: what it is; columns: what it was taken for)",
        " " * 16 + "".join(f"{kind:>16}" for kind in Kind),
    ]
    return [*lines, *(f"{kind:<16}" + "".join(f"{counts[kind, taken]:>16}" for taken in Kind) for kind in Kind)]


def _calibration(measured: Sequence[Measured]) -> list[str]:
    lines = ["calibration (confidence: mails, share right)"]
    for low, high in itertools.pairwise(_BINS):
        own = [one for one in measured if low <= one.verdict.confidence < high]
        if own:
            lines.append(
                f"  {low:.2f} to {min(high, 1):.2f}: {len(own):>5}, {_share(one.right for one in own):.3f}"
            )
    return lines


def _worst(measured: Sequence[Measured]) -> list[str]:
    wrong = sorted(
        (one for one in measured if not one.right),
        key=lambda one: (not one.verdict.certain, -one.verdict.confidence),
    )
    lines = ["worst mistakes"]
    for one in wrong[:WORST]:
        sure = "certain" if one.verdict.certain else "unsure"
        what = f"{one.example.kind} taken for {one.verdict.kind} ({one.verdict.confidence:.2f}, {sure})"
        lines.append(f"  {one.example.source}, {one.example.message.subject!r}: {what}")
        lines += [f"    {evidence.label}: {evidence.text[:160]}" for evidence in one.verdict.evidence]
    return lines
