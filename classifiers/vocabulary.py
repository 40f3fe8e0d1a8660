"""Text to the word pieces that the encoder knows: the likeliest cut of each word (unigram model, Viterbi)."""

from collections.abc import Iterable, Sequence

BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3
_SPACE = "\u2581"
_LONGEST_WORD = 48
_CACHED_WORDS = 50_000


class Vocabulary:
    """Pieces with their log probabilities; the place of a piece is its number."""

    def __init__(self, pieces: Sequence[str], scores: Iterable[float]) -> None:
        self._scores = {
            piece: (number, float(score)) for number, (piece, score) in enumerate(zip(pieces, scores, strict=True))
        }
        for special in pieces[:4]:
            self._scores.pop(special)
        self._unknown = min(score for _, score in self._scores.values()) - 10.0
        self._longest = min(24, max(map(len, self._scores)))
        self._words: dict[str, list[int]] = {}

    def numbers(self, text: str) -> list[int]:
        """The pieces of `text`, by number, in order; linear in its length."""
        return [piece for word in text.split() for piece in self._word(_SPACE + word[:_LONGEST_WORD])]

    def _word(self, word: str) -> list[int]:
        known = self._words.get(word)
        if known is None:
            if len(self._words) >= _CACHED_WORDS:
                self._words.clear()
            known = self._words[word] = self._cut(word)
        return known

    def _cut(self, word: str) -> list[int]:
        best = [0.0] + [-1e30] * len(word)
        back = [(UNKNOWN, 0)] * (len(word) + 1)
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + self._longest) + 1):
                piece, score = self._scores.get(
                    word[start:end], (UNKNOWN, self._unknown if end == start + 1 else -1e30)
                )
                if best[start] + score > best[end]:
                    best[end], back[end] = best[start] + score, (piece, start)
        pieces: list[int] = []
        place = len(word)
        while place:
            piece, place = back[place]
            pieces.append(piece)
        return pieces[::-1]
