"""What may import what."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_imports_point_one_way() -> None:
    """The contracts of pyproject.toml hold: classifiers, pure, edge, shell, and one module a library."""
    # In a process of its own, as it silences the loggers of the one it runs in.
    code = "from importlinter.cli import lint_imports; print('exit', lint_imports(no_cache=True))"
    assert _python(code).splitlines()[-1] == "exit 0"


def test_every_pure_module_is_held_to_being_pure() -> None:
    """The layer of pure modules and the list of modules that may do nothing to the world are the same."""
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = {
            each["type"] + each["name"][:8]: each
            for each in tomllib.load(file)["tool"]["importlinter"]["contracts"]
        }
    pure = next(layer for layer in contracts["layersShell ov"]["layers"] if "deadlines" in layer)
    held = contracts["forbiddenThe pure"]["source_modules"]
    assert sorted(f"bot.{each.strip()}" for each in pure.split(":")) == sorted(held)


def test_starting_up_loads_no_language_model() -> None:
    """Commands that classify nothing do not wait for spaCy."""
    assert _python("import bot.cli, sys; print(sorted({'spacy', 'numpy'} & set(sys.modules)))") == "[]"


def test_importing_does_nothing(tmp_path: Path) -> None:
    """No module writes, prints or reads a configuration when it is imported."""
    code = (
        "import importlib, pkgutil, os, bot, classifiers\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "for package in (bot, classifiers):\n"
        "    for each in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "        each.name.endswith('__main__') or importlib.import_module(each.name)\n"
    )
    assert _python(code) == ""
    assert list(tmp_path.iterdir()) == []
