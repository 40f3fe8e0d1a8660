"""The templates: read once from their folder, and refused at the start when one of them would fail later."""

from pathlib import Path

from jinja2 import TemplateSyntaxError, meta

from bot.errors import ConfigError
from bot.render import LAYOUT, SUBJECT, Plain, Templates, environment

PARTIAL = "_"
"""How the names of files begin that are only parts of others; they have no subject."""

_FOLDERS = ("nl", "en", "staff/nl", "staff/en")


def load_templates(folder: Path) -> Templates:
    """Every template below a folder, checked; ConfigError names the first file that is wrong, and why."""
    files = [folder / LAYOUT, *(path for each in _FOLDERS for path in sorted((folder / each).glob("*.md")))]
    templates = {path.relative_to(folder).as_posix(): _read(path) for path in files}
    for name, source in templates.items():
        _check(name, source, templates)
        _check_twin(name, templates)
    return templates


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"the template {path} cannot be read") from None


def _check(name: str, source: str, templates: Templates) -> None:
    engine = environment(templates, Plain())
    try:
        tree = engine.parse(source)
        engine.compile(source)
    except TemplateSyntaxError as error:
        raise ConfigError(f"the template {name} has an error in line {error.lineno}: {error.message}") from None
    unknown = sorted(meta.find_undeclared_variables(tree) - VALUES)
    if unknown:
        raise ConfigError(f"the template {name} asks for {unknown[0]!r}, which does not exist")
    missing = [each for each in meta.find_referenced_templates(tree) if each not in templates]
    if missing:
        raise ConfigError(f"the template {name} includes {missing[0]!r}, which does not exist")
    if name.endswith(".md") and not Path(name).name.startswith(PARTIAL) and not source.startswith(SUBJECT):
        raise ConfigError(f'the first line of the template {name} must begin with "{SUBJECT.strip()}"')


def _check_twin(name: str, templates: Templates) -> None:
    folder, _, file = name.rpartition("/")
    twin = f"{folder[:-2]}{'en' if folder.endswith('nl') else 'nl'}/{file}"
    if folder and twin not in templates:
        raise ConfigError(f"the template {twin} is missing, while {name} exists")


_NAMES = """
    ref language today organisation supervisor title content
    name kind received due late rights stop unsure complaint question breach representative person dealer
    need clarify about text asked_on outcomes refused told kept kept_texts referral ground new_due controller
    address own undecided certain due_is last_day next handler confidential closed also percent quotes channel
    attachments warnings language_code freeze recipients erasure leak_until earlier confirmation said reply
    urgent automatic days_left why what failed by held actions things sections more bars open_cases
    decree_days_end
"""
VALUES = frozenset(_NAMES.split())
"""Everything that a template may name."""
