"""Templates become text and HTML: a value is only ever text in both, never Markdown, HTML or a template."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.errors import ConfigError
from bot.words import day, moment, short, weekday

Templates = Mapping[str, str]
"""Name below the folder (`nl/confirmation.md`) to source."""
SUBJECT = "Subject: "
"""How the first line of every template for a mail begins."""
LAYOUT = "layout.html"
MAX_VALUE = 20_000
"""Characters of one value that are written out."""

_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)
"""Control characters, direction overrides, invisible marks and halves of characters."""
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_CODE = re.compile(r"\\`([^`\n]{1,300}?)\\`")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


class Ready(str):
    """Text that is already fit for where it goes."""

    __slots__ = ()


def clean(text: str) -> str:
    """Text of one or more lines with nothing in it that is not seen."""
    return _UNSAFE.sub("", _BREAK.sub("\n", text[:MAX_VALUE]).replace("\t", " "))


def one_line(text: str) -> str:
    """Cleaned text on one line."""
    return " ".join(clean(text).split())


def spaced(text: str) -> str:
    """Cleaned text with nothing but single spaces between its words, at its ends too."""
    return _SPACES.sub(" ", clean(text))


def escape(line: str) -> str:
    """A line in which Markdown finds nothing to mark (CommonMark 0.31 §2.4)."""
    return _PUNCTUATION.sub(r"\\\1", line)


def _unescape(line: str) -> str:
    return _ESCAPED.sub(r"\1", line)


class Renderer:
    """Writes a template out, for readers of plain text and of HTML."""

    def __init__(self, templates: Templates) -> None:
        self._plain = environment(templates, Plain())
        self._marked = environment(templates, Marked())
        self._layout = ImmutableSandboxedEnvironment(
            loader=DictLoader(templates), undefined=StrictUndefined, autoescape=True
        )
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    def render(self, name: str, values: Mapping[str, object]) -> tuple[str, str, str]:
        """Subject, text part and HTML part of one template; ConfigError when it cannot be written out."""
        try:
            subject, text = _split(self._plain.get_template(name).render(values))
            marked = _split(self._marked.get_template(name).render(values))[1]
            content = Markup(self._markdown.render(marked))  # noqa: S704 (`html` is off, values are escaped)
            html = self._layout.get_template(LAYOUT).render(**values, title=subject, content=content)
        except TemplateError as error:
            raise ConfigError(f"the template {name} cannot be written out: {error}") from None
        return subject, text, html


def _split(rendered: str) -> tuple[str, str]:
    """The subject in the first line, and the body."""
    first, _, rest = rendered.strip().partition("\n")
    body = re.sub(r"\n{3,}", "\n\n", re.sub(r" +\n", "\n", rest)).strip()
    return one_line(first.removeprefix(SUBJECT)), f"{body}\n"


class Plain:
    """How values become plain text."""

    def value(self, value: object) -> str:
        """Anything, on one line."""
        return value if isinstance(value, Ready) else spaced(str(value))

    def block(self, value: str) -> Ready:
        """Paragraphs; to be used at the start of a line."""
        return Ready("\n".join(_lines(value)))

    def quote(self, value: str) -> Ready:
        """Paragraphs, as a quotation; to be used at the start of a line."""
        return Ready("\n".join(f"> {line}".rstrip() for line in self.block(value).split("\n")))

    def strong(self, value: str) -> Ready:
        """One line that stands out."""
        return Ready(one_line(value))

    def code(self, value: str) -> Ready:
        """What is typed as it stands."""
        return Ready("`" + one_line(value).replace("`", "'") + "`")

    def said(self, value: str) -> Ready:
        """Paragraphs of our own in which `...` marks what is typed; to be used at the start of a line."""
        return self.block(value)

    def link(self, label: str, url: str) -> Ready:
        """Something to tap; the label must say enough where it cannot be tapped."""
        return Ready(one_line(label))


class Marked(Plain):
    """How values become Markdown that shows them as they are."""

    def value(self, value: object) -> str:
        """Anything, on one line."""
        return value if isinstance(value, Ready) else escape(spaced(str(value)))

    def block(self, value: str) -> Ready:
        """Paragraphs, their lines kept; to be used at the start of a line."""
        lines = [escape(line) for line in _lines(value)]
        following = [*lines, ""][1:]
        return Ready("\n".join(f"{a}\\" if a and b else a for a, b in zip(lines, following, strict=True)))

    def strong(self, value: str) -> Ready:
        """One line that stands out."""
        return Ready(f"**{escape(one_line(value))}**")

    def said(self, value: str) -> Ready:
        """Paragraphs of our own in which `...` marks what is typed; to be used at the start of a line."""
        return Ready(_CODE.sub(lambda match: self.code(_unescape(match[1])), self.block(value)))

    def link(self, label: str, url: str) -> Ready:
        """Something to tap."""
        return Ready(f"[{escape(one_line(label))}]({escape(one_line(url))})")


def _lines(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in clean(text).strip().split("\n")]
    return [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]


def environment(templates: Templates, write: Plain) -> ImmutableSandboxedEnvironment:
    """Where templates run: nothing in them can reach the program, and no name may be unknown."""
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(templates), undefined=StrictUndefined, finalize=write.value,
        autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.globals = {"link": write.link}
    environment.filters.update(
        block=write.block, quote=write.quote, strong=write.strong, code=write.code, said=write.said,
        day=_spelled(day), weekday=_spelled(weekday), short=_spelled(short), moment=_spelled(moment),
    )  # fmt: skip
    return environment


def _spelled(spell: Callable[[Any, str], str]) -> Callable[[Context, date], str]:
    @pass_context
    def spelled(context: Context, value: date) -> str:
        return spell(value, str(context["language"]))

    return spelled
