"""Files that are replaced whole, and a folder that one process holds."""

import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tinydb import TinyDB

from bot import storage
from bot.errors import Locked
from tests.servers import until


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return [path.name for path in folder.iterdir()]


@contextmanager
def other_process(code: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that uses `storage` and `folder`, killed at the end."""
    head = f"from pathlib import Path; from bot import storage; folder = Path({str(folder)!r})\n"
    process = subprocess.Popen([sys.executable, "-c", head + code], cwd=Path(__file__).parent.parent)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_document_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Any letters, nested values and nothing else in the folder."""
    document = {"naam": "Zoë 😀", "rijen": [{"a": None}, {"b": 1.5}]}
    storage.write_document(tmp_path / "a.json", document)
    assert storage.read_document(tmp_path / "a.json") == document
    assert names(tmp_path) == ["a.json"]


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    """Reading does not create it."""
    assert storage.read_document(tmp_path / "a.json") is None
    assert names(tmp_path) == []


def test_a_damaged_file_is_an_error_and_stays(tmp_path: Path) -> None:
    """Half a file is never read as a whole one, nor overwritten by reading."""
    (tmp_path / "a.json").write_text('{"_default": {"1": {"naam"')
    with pytest.raises(ValueError, match="delimiter"):
        storage.read_document(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_text().endswith('"naam"')


def test_tinydb_writes_through_the_same_storage(tmp_path: Path) -> None:
    """What TinyDB stores is what the shortcut reads."""
    with TinyDB(tmp_path / "a.json", storage=storage.AtomicStorage) as db:
        db.insert({"naam": "An"})
    assert storage.read_document(tmp_path / "a.json") == {"naam": "An"}


def test_only_this_user_can_read_the_files(tmp_path: Path) -> None:
    """Personal data are not for other users of the machine, also while being written."""
    storage.make_folder(tmp_path / "data" / "open")
    storage.write_document(tmp_path / "data" / "open" / "a.json", {})
    modes = [stat.S_IMODE(path.stat().st_mode) for path in sorted((tmp_path / "data").rglob("*"))]
    assert (stat.S_IMODE((tmp_path / "data").stat().st_mode), modes) == (0o700, [0o700, 0o600])


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """When the new content cannot be written, the old one is untouched."""
    storage.write_document(tmp_path / "a.json", {"naam": "oud"})
    (tmp_path / ".a.json.new").mkdir()
    with pytest.raises(IsADirectoryError):
        storage.write_document(tmp_path / "a.json", {"naam": "nieuw"})
    assert storage.read_document(tmp_path / "a.json") == {"naam": "oud"}


def test_what_a_crash_left_beside_does_no_harm(tmp_path: Path) -> None:
    """A file that was half written is overwritten by the next write."""
    (tmp_path / ".a.json.new").write_text("x" * 10_000)
    storage.write_document(tmp_path / "a.json", {"naam": "An"})
    assert storage.read_document(tmp_path / "a.json") == {"naam": "An"}
    assert names(tmp_path) == ["a.json"]


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    """Whenever a process is killed, the file is an old or a new one."""
    path = tmp_path / "a.json"
    code = "while True: storage.write_document(folder / 'a.json', {'filler': 'x' * 20_000})"
    for moment in range(4):
        path.unlink(missing_ok=True)
        with other_process(code, tmp_path):
            until(path.exists, "the first write")
            time.sleep(moment / 50)
        assert storage.read_document(path) == {"filler": "x" * 20_000}


def _try_to_hold(folder: Path) -> None:
    with storage.exclusive(folder):
        pass


def test_the_folder_is_held_by_one_process(tmp_path: Path) -> None:
    """A second holder is told at once; afterwards the folder is free again."""
    with storage.exclusive(tmp_path / "data"), pytest.raises(Locked, match="another run holds"):
        _try_to_hold(tmp_path / "data")
    _try_to_hold(tmp_path / "data")


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    """Another process is kept out while the holder lives, and no stale lock is left behind by its death."""
    code = "import time\nwith storage.exclusive(folder): (folder / 'held').touch(); time.sleep(60)"
    with other_process(code, tmp_path):
        until((tmp_path / "held").exists, "the lock")
        with pytest.raises(Locked):
            _try_to_hold(tmp_path)
    _try_to_hold(tmp_path)
