"""The corpus: labelled mails in readable text, one file a source, and how it is split and checked."""

import hashlib
import json
import re
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from classifiers.labels import Flag, Kind, Message, Right

FOLDER = Path(__file__).parent / "corpus"

SPLIT = {
    "w10": "dev",
    "w18": "dev",
    "w39": "dev",
    "w42": "dev",
    "w43": "dev",
    "w11": "test",
    "w12": "test",
    "w17": "test",
    "w38": "test",
}
"""Which sources are held out: those that are not named here are for training."""

_MARK = re.compile(r"\{([a-z_+]+): ([^{}]*)\}")
_FIRST = re.compile(r"(\w+)( near)?(?:: (.*))?")


class CorpusError(ValueError):
    """A source that is not in the corpus format; says which mail and why."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text (subject and body with the marks taken off) and the labels that it carries."""

    start: int
    end: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled mail."""

    source: str
    message: Message
    kind: Kind
    language: str
    near: bool = False
    rights: tuple[Right, ...] = ()
    also: tuple[Kind, ...] = ()
    flags: tuple[Flag, ...] = ()
    name: str | None = None
    behalf: str | None = None
    subject_marks: tuple[Mark, ...] = ()
    body_marks: tuple[Mark, ...] = ()
    whole: bool = False
    """Labelled as a whole only: its clauses say nothing, marked or not."""

    @property
    def split(self) -> str:
        """`train`, `dev` or `test`."""
        return SPLIT.get(self.source.split("-")[0], "train")


def held(example: Example) -> set[str]:
    """Everything that the example is labelled with as a whole; flags with `flag:` before them."""
    return {*example.rights, *example.also, example.kind, *(f"flag:{flag}" for flag in example.flags)}


def read(folder: Path = FOLDER) -> list[Example]:
    """Every mail of every source in `folder`, in a fixed order. Raises CorpusError."""
    return [example for path in sorted(folder.glob("*.txt")) for example in read_source(path)]


def read_source(path: Path) -> list[Example]:
    """The mails of one source. Raises CorpusError."""
    pieces = re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))
    return [_example(path.stem, number, piece) for number, piece in enumerate(pieces[1:], 1)]


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 over names and contents of the sources: a model names the corpus it was made from by it."""
    state = hashlib.sha256()
    for path in sorted(folder.glob("*.txt")):
        state.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()


def _example(source: str, number: int, piece: str) -> Example:
    head, _, body = piece.partition("\n\n")
    first, *lines = head.split("\n")
    match = _FIRST.fullmatch(first.strip())
    if not match:
        raise CorpusError(f"{source}, mail {number}: no kind in {first!r}")
    header = {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
    try:
        display, address = parseaddr(header["from"])
        subject, subject_marks = unmarked(header["subject"])
        text, body_marks = unmarked(body.strip("\n"))
        return Example(
            source=source,
            message=Message(subject=subject, body=text, display_name=display, address=address.lower()),
            kind=Kind(match[1]),
            near=bool(match[2]),
            rights=tuple(Right(value) for value in _listed(match[3] or "")),
            also=tuple(Kind(value) for value in _listed(header.get("also", ""))),
            flags=tuple(Flag(value) for value in _listed(header.get("flags", ""))),
            language=header["lang"],
            name=None if header["name"] == "-" else header["name"],
            behalf=header.get("behalf") or None,
            subject_marks=subject_marks,
            body_marks=body_marks,
        )
    except (KeyError, ValueError) as error:
        raise CorpusError(f"{source}, mail {number}: {error!r}") from error


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def unmarked(text: str) -> tuple[str, tuple[Mark, ...]]:
    """`text` without its marks, and where they stood."""
    plain: list[str] = []
    marks: list[Mark] = []
    length = place = 0
    for match in _MARK.finditer(text):
        before = text[place : match.start()]
        plain += [before, match[2]]
        start = length + len(before)
        length = start + len(match[2])
        marks.append(Mark(start, length, tuple(match[1].split("+"))))
        place = match.end()
    plain.append(text[place:])
    return "".join(plain), tuple(marks)


CORRECTED = "corrections"


def read_corrections(folder: Path) -> list[Example]:
    """Staff's corrections: JSON files with subject, body, kind, rights, flags, language, masked.

    What is not masked is refused. Raises CorpusError.
    """
    return [_correction(path) for path in sorted(folder.glob("*.json"))]


def _correction(path: Path) -> Example:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["masked"] is not True:
            raise CorpusError(f"{path.name} is not masked")
        return Example(
            source=CORRECTED,
            message=Message(subject=found["subject"], body=found["body"]),
            kind=Kind(found["kind"]),
            language=found["language"],
            rights=tuple(Right(value) for value in found["rights"]),
            flags=tuple(Flag(value) for value in found["flags"]),
            whole=True,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"{path.name}: {error!r}") from error
