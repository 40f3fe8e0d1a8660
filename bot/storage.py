"""Small TinyDB files that are replaced whole: a crash leaves the old file or the new one, never half of one."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tinydb import TinyDB
from tinydb.storages import Storage

from bot.errors import Damaged, Locked


class AtomicStorage(Storage):
    """A TinyDB storage that writes beside, flushes to the disk, renames, and flushes the folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, dict[str, Any]] | None:
        """The whole file, or None when there is none; ValueError when it is no JSON."""
        try:
            return cast(dict[str, dict[str, Any]], json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file."""
        replace(self._path, json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())


def replace(path: Path, content: bytes) -> None:
    """Replace or create a file (mode 0600) in one step that survives a crash."""
    beside = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a crash."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, for this user alone."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def read_document(path: Path) -> dict[str, Any] | None:
    """The one document of a file, or None when there is no file; Damaged when it holds something else."""
    try:
        with TinyDB(path, storage=AtomicStorage) as db:
            documents = db.all()
    except (ValueError, TypeError, AttributeError) as error:
        raise Damaged(f"{path} is damaged ({error}): put it back from a backup") from None
    if not documents and path.exists():
        raise Damaged(f"{path} is damaged (there is nothing in it): put it back from a backup")
    return dict(documents[0]) if documents else None


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Replace a file by one that holds this document."""
    AtomicStorage(path).write({"_default": {"1": document}})


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the data folder; Locked when another process does."""
    make_folder(folder)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(f"another run holds {folder}: stop it first, or leave the work to it") from None
        yield
    finally:
        os.close(handle)
