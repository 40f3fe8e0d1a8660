"""Words that the corpus knows as given names, and words that it knows as anything but a name."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.corpus import Example

_LETTERS = re.compile(r"[^\W\d_]+")
_OFTEN, _LEAST = 3, 4
"""An ordinary word stands in that many mails, in small letters, and has at least that many letters."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What can tell a person's name from a firm's or a program's."""

    given: frozenset[str]
    ordinary: frozenset[str]

    def personal(self, name: str) -> bool:
        """Whether `name` begins with a given name or an initial, or at least has no ordinary word in it."""
        words = _LETTERS.findall(folded(name))
        if not words or len(words[0]) == 1 or "." in name[:3] or words[0] in self.given:
            return True
        return not any(word in self.ordinary for word in words)


def folded(text: str) -> str:
    """`text` in small letters without accents."""
    return "".join(char for char in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(char))


def learn(examples: Sequence[Example]) -> Lexicon:
    """The lexicon of these mails."""
    names = [_LETTERS.findall(folded(name)) for one in examples for name in (one.name, one.behalf) if name]
    held = {word for words in names for word in words}
    spoken = Counter(
        word
        for one in examples
        for word in {folded(word) for word in _LETTERS.findall(one.message.body) if word.islower()}
    )
    ordinary = {word for word, count in spoken.items() if count >= _OFTEN and len(word) >= _LEAST}
    return Lexicon(frozenset(words[0] for words in names if len(words[0]) > 2), frozenset(ordinary - held))


def save(lexicon: Lexicon, folder: Path) -> None:
    """Writes the words in order, so that the same corpus gives the same file."""
    words = {"given": sorted(lexicon.given), "ordinary": sorted(lexicon.ordinary)}
    (folder / "lexicon.json").write_text(json.dumps(words, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def load(folder: Path) -> Lexicon:
    """Reads what `save` wrote."""
    words = json.loads((folder / "lexicon.json").read_text(encoding="utf-8"))
    return Lexicon(frozenset(words["given"]), frozenset(words["ordinary"]))
