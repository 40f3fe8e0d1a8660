"""Whether the corpus is what it should be: enough of everything, labelled in order, and varied."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from classifiers.corpus import Example
from classifiers.labels import Flag, Kind, Right

MAILS, NEAR_MISSES = 4_000, 1_200
OTHER_SHARE = (0.35, 0.6)
LANGUAGE_SHARES = {"nl": (0.55, 0.8), "en": (0.15, 0.35), "de": (0.03, 0.2)}
EACH_RIGHT, EACH_FLAG, SEVERAL_RIGHTS, BEHALF = 100, 25, 200, 100
NEAR_DUPLICATES, REPEATED_SENTENCES, REPEATED_OPENINGS = 0.005, 0.01, 0.02
"""Highest shares: of mails that are nearly another one, of sentences of at least six words and of openings of five
words that stand in more than one mail of a source."""
_ALIKE = 0.6


def problems(examples: Sequence[Example]) -> list[str]:
    """What is wrong, a sentence each; nothing when all is well."""
    return [problem for check in CHECKS for problem in check(examples)]


def _enough(examples: Sequence[Example]) -> list[str]:
    rights = Counter(right for example in examples for right in example.rights)
    flags = Counter(flag for example in examples for flag in example.flags)
    wanted: list[tuple[str, int, int]] = [
        ("mails", len(examples), MAILS),
        ("near misses", sum(example.near for example in examples), NEAR_MISSES),
        ("requests with several rights", sum(len(example.rights) > 1 for example in examples), SEVERAL_RIGHTS),
        ("mails on behalf of someone", sum(bool(example.behalf) for example in examples), BEHALF),
        *((f"requests for {right}", rights[right], EACH_RIGHT) for right in Right),
        *((f"mails with the flag {flag}", flags[flag], EACH_FLAG) for flag in Flag),
    ]
    return [f"{count} {what}, wanted {least}" for what, count, least in wanted if count < least]


def _shares(examples: Sequence[Example]) -> list[str]:
    languages = Counter(example.language for example in examples)
    other = sum(example.kind is Kind.OTHER for example in examples) / len(examples)
    shares = [("other", other, OTHER_SHARE)]
    shares += [
        (language, languages[language] / len(examples), bounds) for language, bounds in LANGUAGE_SHARES.items()
    ]
    return [
        f"the share of {what} is {share:.2f}, not within {low} and {high}"
        for what, share, (low, high) in shares
        if not low <= share <= high
    ]


def _marks(examples: Sequence[Example]) -> list[str]:
    found = []
    for example in examples:
        marks = (*example.subject_marks, *example.body_marks)
        marked = {label for mark in marks for label in mark.labels} - {"breach"}
        carried = {*example.rights, *example.also, *({example.kind} - {Kind.REQUEST, Kind.OTHER})}
        missing = set() if Flag.ATTACHMENT in example.flags else carried - marked
        if missing or marked - carried:
            differing = sorted(missing | (marked - carried))
            found.append(f"{example.source}, {example.message.subject!r}: marks and labels differ in {differing}")
    return found


def words(text: str) -> list[str]:
    """The words of a text, lower case."""
    return re.findall(r"[^\W_]+", text.lower())


def _shingles(example: Example) -> frozenset[tuple[str, ...]]:
    own = words(f"{example.message.subject} {example.message.body}")
    return frozenset(zip(own, own[1:], own[2:], strict=False))


def near_duplicates(examples: Sequence[Example]) -> list[tuple[int, int]]:
    """Pairs of mails that share most of their three-word runs; found through the rarest runs of each."""
    runs = [_shingles(example) for example in examples]
    spread = Counter(run for own in runs for run in own)
    holders: dict[tuple[str, ...], list[int]] = {}
    pairs: set[tuple[int, int]] = set()
    for place, own in enumerate(runs):
        for run in sorted(own, key=lambda one: (spread[one], one))[: len(own) // 2 + 1]:
            for other in holders.get(run, ()):
                if (
                    len(own & runs[other]) >= _ALIKE * min(len(own), len(runs[other]))
                    and min(len(own), len(runs[other])) > 5
                ):
                    pairs.add((other, place))
            if spread[run] > 1:
                holders.setdefault(run, []).append(place)
    return sorted(pairs)


def _varied(examples: Sequence[Example]) -> list[str]:
    found = []
    share = len(near_duplicates(examples)) / len(examples)
    if share > NEAR_DUPLICATES:
        found.append(f"{share:.2%} of the mails are nearly another one")
    for source in sorted({example.source for example in examples}):
        own = [example for example in examples if example.source == source]
        for what, share, most in (
            ("sentences", repeated(_sentences(own)), REPEATED_SENTENCES),
            ("openings", repeated([tuple(words(example.message.body)[:5]) for example in own]), REPEATED_OPENINGS),
        ):
            if share > most:
                found.append(f"{source}: {share:.1%} of the {what} are repeated")
    return found


def _sentences(examples: Sequence[Example]) -> list[tuple[str, ...]]:
    return [
        tuple(own)
        for example in examples
        for sentence in {part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", example.message.body)}
        if len(own := words(sentence)) >= 6
    ]


def repeated(items: Sequence[tuple[str, ...]]) -> float:
    """The share of items of at least five words that stand there more than once."""
    counts = Counter(item for item in items if len(item) >= 5)
    total = sum(counts.values())
    return sum(count for count in counts.values() if count > 1) / total if total else 0.0


CHECKS: tuple[Callable[[Sequence[Example]], list[str]], ...] = (_enough, _shares, _marks, _varied)
