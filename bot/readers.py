"""The parts of a staff command: each reader takes the rest of a line and gives the command, or refuses."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from bot.grammar import QUESTIONS, Command, Line, Verb, text_of
from bot.identify import writable_name
from bot.vocabulary import KINDS, MONTH_NUMBERS, RIGHTS
from classifiers.labels import Kind, Right

Reader = Callable[[Line], Command]

_OPTION = re.compile(r"([a-z]+(?:_[a-z]+)?)(?=$|[\s:.])")
_RIGHT = "(?P<right>" + "|".join(
    r"\s+".join(map(re.escape, name.split())) for name in sorted(RIGHTS, key=len, reverse=True)
) + r")(?=$|[\s:,+.])"  # fmt: skip
_FIRST_RIGHT = re.compile(_RIGHT)
_NEXT_RIGHT = re.compile(r"(?:\s*[,+&]\s*(?:en\s+|and\s+)?|\s+en\s+|\s+and\s+|\s+)" + _RIGHT)
_PLAIN_ADDRESS = r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_ADDRESS = re.compile(rf"<?(?P<plain>{_PLAIN_ADDRESS})>?(?:\s*<mailto:(?P=plain)>)?", re.IGNORECASE)
_CONTROLLER = re.compile(
    rf"(?P<name>[^<>@?:\[\]]{{2,80}}?)(?:[\s,]+<?(?P<address>{_PLAIN_ADDRESS})>?(?:\s*<mailto:(?P=address)>)?)?\.?",
    re.IGNORECASE,
)
_PARTICLES = frozenset({
    "van", "der", "den", "de", "het", "'t", "ter", "ten", "te", "op", "in", "von", "zu", "da", "di", "du", "el",
    "al", "la", "le",
})  # fmt: skip
_REFERENCE = re.compile(r"([a-z][a-z0-9]{1,9}-\d{4}-\d{4,7})\.?")
_DAYS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)\.?"),
    re.compile(r"(?P<d>\d{1,2})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4})\.?"),
    re.compile(r"(?P<d>\d{1,2})\s+(?P<m>[a-z]+)(?:\s+(?P<y>\d{4}))?\.?"),
)


def nothing(line: Line) -> Command:
    """A command that stands alone; what stands below it is kept as the reason."""
    if not line.empty:
        raise line.refused()
    return Command(line.verb, text=line.below)


def alone(line: Line) -> Command:
    """A command with a letter behind it that takes no words: text below it could be a condition."""
    if line.below:
        raise line.refused("text_below")
    return nothing(line)


def with_text(line: Line) -> Command:
    """Words that a data subject will read."""
    return Command(line.verb, text=text_of(line))


def with_note(line: Line) -> Command:
    """An optional explanation."""
    return Command(line.verb, text=text_of(line, needed=False))


def remark(line: Line) -> Command:
    """Words for the file only: they may follow on the same line, as they come."""
    said = "" if line.empty else line.rest.strip().removeprefix(":").strip()
    text = "\n".join(filter(None, (said, line.below)))
    if not text:
        raise line.refused("no_text")
    if said.endswith("?") and line.verb not in QUESTIONS:
        raise line.refused()
    return Command(line.verb, text=text)


def remark_if_any(line: Line) -> Command:
    """The same, but the command can do without."""
    return nothing(line) if line.empty else remark(line)


def decision(line: Line) -> Command:
    """Rights, then a text, which only a grant can do without."""
    rights, end = _rights(line.folded)
    return Command(line.verb, rights, text=text_of(line.after(end), needed=line.verb is not Verb.GRANTED))


def _rights(folded: str) -> tuple[tuple[Right, ...], int]:
    """The rights that a folded text begins with, and where they end."""
    found: list[Right] = []
    end = 0
    while match := (_NEXT_RIGHT if found else _FIRST_RIGHT).match(folded, end):
        found.append(RIGHTS[" ".join(match["right"].split())])
        end = match.end()
    return tuple(dict.fromkeys(found)), end


def option(options: Mapping[str, str], *, needed: frozenset[str] = frozenset()) -> Reader:
    """A reader of one of these words and a text, which the options in `needed` cannot do without."""

    def read(line: Line) -> Command:
        match = _OPTION.match(line.folded)
        chosen = options.get(match[1]) if match else None
        if match is None or chosen is None:
            raise line.refused()
        return Command(line.verb, argument=chosen, text=text_of(line.after(match.end()), needed=chosen in needed))

    return read


def kind(line: Line) -> Command:
    """A kind and the rights that go with it."""
    match = _OPTION.match(line.folded)
    chosen = KINDS.get(match[1]) if match else None
    if match is None or chosen is None:
        raise line.refused()
    rest = line.after(match.end())
    rest = rest.after(1) if rest.rest.startswith(":") else rest
    rights, end = _rights(rest.folded)
    if not rest.after(end).empty or (rights and chosen is not Kind.REQUEST):
        raise line.refused()
    return replace(alone(replace(line, rest="")), rights=rights, argument=chosen)


def address(line: Line) -> Command:
    """One mail address."""
    match = _ADDRESS.fullmatch(line.rest.strip().removeprefix(":").strip().removesuffix("."))
    if not match:
        raise line.refused()
    return Command(line.verb, argument=match["plain"].lower(), text=line.below)


def name(line: Line) -> Command:
    """A person's name: every word begins with a capital or is a particle ("Jan van der Berg")."""
    found = " ".join(line.rest.strip().removeprefix(":").split()).removesuffix(".")
    words = found.split()
    small = [word for word in words if not word[0].isupper()]
    if len(small) == len(words) or not _PARTICLES.issuperset(small) or not writable_name(found):
        raise line.refused()
    return Command(line.verb, argument=found, text=line.below)


def controller(line: Line) -> Command:
    """A controller's name with a capital (or after a colon), and an address behind it where there is one."""
    rest = line.rest.strip()
    match = _CONTROLLER.fullmatch(rest.removeprefix(":").strip())
    found = " ".join(match["name"].split()).strip(" ,") if match else ""
    if match is None or not found or not (rest.startswith(":") or found[0].isupper() or found[0].isdigit()):
        raise line.refused()
    there = (match["address"] or "").lower()
    return replace(alone(replace(line, rest="")), argument=found, address=there)


def reference(line: Line) -> Command:
    """A case number."""
    match = _REFERENCE.fullmatch(line.folded.strip())
    if not match:
        raise line.refused()
    return Command(line.verb, argument=match[1].upper(), text=line.below)


def day(line: Line) -> Command:
    """A day: 2026-04-03, 3-4-2026, 3 april 2026, 3 april; before it, an absence may have "tot" or "until"."""
    folded = line.folded.strip().removeprefix(":").strip()
    if line.verb is Verb.AWAY:
        folded = re.sub(r"^(?:tot|until)\s+", "", folded)
    match = next((found for pattern in _DAYS if (found := pattern.fullmatch(folded))), None)
    month = MONTH_NUMBERS.get(match["m"], match["m"]) if match else ""
    if match is None or not str(month).isdigit():
        raise line.refused()
    try:
        iso = date(int(match["y"] or 2000), int(month), int(match["d"])).isoformat()
    except ValueError:
        raise line.refused() from None
    return Command(line.verb, argument=iso if match["y"] else iso[5:], text=line.below)


def numbered(line: Line) -> Command:
    """Which letter, when it must be said."""
    match = re.fullmatch(r"(\d{0,6})\s*\.?", line.rest.strip())
    if not match:
        raise line.refused()
    return replace((alone if line.verb is Verb.SEND else nothing)(replace(line, rest="")), argument=match[1])


def changed(line: Line) -> Command:
    """Which letter, when it must be said, and its new text."""
    match = re.match(r"(\d{1,6})(?=\s*(?::|$))", line.rest)
    rest = line.after(match.end()) if match else line
    return Command(line.verb, argument=match[1] if match else "", text=text_of(rest))
