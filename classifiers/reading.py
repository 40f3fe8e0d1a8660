"""A message as the clauses that count: its subject, what it says, and what it forwards."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import spacy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc

import classifiers.sentences  # noqa: F401  (registers the component)
from classifiers.clauses import Parts, clean, parts
from classifiers.labels import Message
from classifiers.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

MAX_CHARS = 12_000
MAX_SUBJECT = 300
MAX_PIECES = 384
"""Of one message; from a longer one the middle is left out."""
MAX_CLAUSE_PIECES = 100

SUBJECT, SAID, FORWARDED = "subject", "said", "forwarded"

_REFERS = re.compile(
    r"hieronder|onderstaand|below|bijgaand|doorgestuurd|doorgezet|doorzetten|forward|fyi|ter info|"
    r"afhandelen|unten|weitergeleitet|"
    r"namens|\bklant|customer|kunde|oppakken|pakken jullie|behandel|handle|take care|can you help|"
    r"this came in|kwam (?:bij ons )?binnen",
    re.IGNORECASE,
)
_FORWARD_SUBJECT = re.compile(r"^\s*(?:fw|fwd|doorst|wg|tr)\.?\s*:|doorgestuurd|forwarded", re.IGNORECASE)
_BULLETS = " \t\n-–—*•·"


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a message and where it stands: `subject`, `said` or `forwarded`."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A message taken apart."""

    parts: Parts
    doc: Doc
    clauses: tuple[Clause, ...]


def blank() -> Language:
    """A pipeline that only cuts text into clauses; it knows no language in particular."""
    if not Doc.has_extension("places"):
        Doc.set_extension("places", default=())
    nlp = spacy.blank("xx")
    nlp.add_pipe("clauses")
    return nlp


def read(nlp: Language, message: Message) -> Reading:
    """The clauses of `message`; never none."""
    found = parts(message.body)
    subject = clean(message.subject, MAX_SUBJECT).replace("\n", " ").strip()
    stretches = [
        (SUBJECT, subject),
        (SAID, found.current),
        (FORWARDED, found.quoted if forwards(message, found) else ""),
    ]
    text, ends = "", []
    for place, stretch in stretches:
        text += stretch[: MAX_CHARS - len(text)] + "\n\n" if stretch else ""
        ends.append((place, len(text)))
    doc = nlp.make_doc(text)
    doc._.places = ends
    doc = nlp(doc)
    return Reading(found, doc, clauses_of(doc))


def clauses_of(doc: Doc) -> tuple[Clause, ...]:
    """The clauses of a document that `read` made; never none."""
    clauses = [Clause(_plain(sentence.text), _place(doc._.places, sentence.start_char)) for sentence in doc.sents]
    kept = tuple(clause for clause in clauses if re.search(r"\w", clause.text))
    return kept or (Clause("-", SAID),)


def forwards(message: Message, found: Parts) -> bool:
    """Whether what is quoted is what the sender wants us to read."""
    if not found.quoted:
        return False
    if not found.current:
        return True
    short = len(found.current) < 600
    if short and (found.forwarded or _FORWARD_SUBJECT.search(message.subject)):
        return True
    return len(found.current) < 300 and bool(_REFERS.search(found.current))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(_BULLETS)


def _place(ends: Sequence[tuple[str, int]], start: int) -> str:
    return next((place for place, end in ends if start < end), SAID)


def pieces(
    clauses: tuple[Clause, ...], vocabulary: Vocabulary
) -> tuple[NDArray[np.int64], list[tuple[int, int]], list[int]]:
    """Word pieces of the clauses, the span of each kept clause in them, and which clauses were kept."""
    cut = [vocabulary.numbers(clause.text)[:MAX_CLAUSE_PIECES] or [UNKNOWN] for clause in clauses]
    numbers, spans, kept = [BEGIN], [], _within([len(own) for own in cut])
    before = clauses[0].place
    for place in kept:
        if clauses[place].place != before:
            numbers.append(END)
            before = clauses[place].place
        spans.append((len(numbers), len(numbers) + len(cut[place])))
        numbers += cut[place]
    return np.array([*numbers, END]), spans, kept


def _within(lengths: list[int]) -> list[int]:
    """The clauses from the front and, for a third of the room, from the back that fit."""
    room = MAX_PIECES - 4
    if sum(lengths) <= room:
        return list(range(len(lengths)))
    front, used = 0, 0
    while front < len(lengths) and used + lengths[front] <= room * 2 // 3:
        used += lengths[front]
        front += 1
    back = len(lengths)
    while back > front and used + lengths[back - 1] <= room:
        back -= 1
        used += lengths[back]
    return [*range(front), *range(back, len(lengths))]
