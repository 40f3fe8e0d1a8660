"""The spaCy component that cuts a document into clauses: sentences, lines, list items, parts of long ones."""

from spacy.language import Language
from spacy.tokens import Doc, Token

MAX_CLAUSE = 60
"""Words; a longer one is cut at the next comma or semicolon."""

_ENDS = frozenset(".!?…") | {"...", "?!", "!?", "!!", "??", "..", "!!!", "???", "....", "?!?"}
_ABBREVIATIONS = frozenset(
    [
        "dhr",
        "mevr",
        "mw",
        "mr",
        "drs",
        "ir",
        "ing",
        "dr",
        "prof",
        "nr",
        "nrs",
        "art",
        "bijv",
        "bv",
        "blz",
        "ca",
        "enz",
        "etc",
        "evt",
        "excl",
        "incl",
        "jl",
        "lid",
        "max",
        "min",
        "mln",
        "nl",
        "no",
        "p",
        "pag",
        "resp",
        "st",
        "tel",
        "t.a.v",
        "tav",
        "vs",
        "zgn",
        "o.a",
        "m.b.t",
        "i.v.m",
        "d.d",
        "dd",
        "e.g",
        "i.e",
        "inc",
        "ltd",
        "mrs",
        "ms",
        "approx",
        "dept",
        "fig",
        "abs",
        "bzw",
        "ca",
        "evtl",
        "ggf",
        "inkl",
        "str",
        "usw",
        "vgl",
        "z.b",
        "d.h",
        "u.a",
        "gem",
    ]
)
_BULLETS = frozenset("-*•·–—o▪●")


@Language.component("clauses")
def clauses(doc: Doc) -> Doc:
    """Sets the sentence boundaries of `doc`."""
    start, length = True, 0
    for token in doc:
        token.is_sent_start = start
        length = 1 if start else length + 1
        start = token.i + 1 < len(doc) and _ends(doc, token, length)
    return doc


def _ends(doc: Doc, token: Token, length: int) -> bool:
    following = doc[token.i + 1]
    if following.is_space:
        return False
    if token.is_space:
        return _line_ends(doc, token, following)
    if token.text in _ENDS:
        return _sentence_ends(doc, token, following)
    return (length >= MAX_CLAUSE and token.text in {",", ";", ":", ")"}) or length >= 2 * MAX_CLAUSE


def _sentence_ends(doc: Doc, token: Token, following: Token) -> bool:
    if not token.whitespace_:
        return False
    if token.text != ".":
        return following.text[0] not in ",;)"
    before = doc[token.i - 1].lower_ if token.i else ""
    return before not in _ABBREVIATIONS and not (len(before) == 1 and before.isalpha())


def _line_ends(doc: Doc, token: Token, following: Token) -> bool:
    if token.text.count("\n") == 0:
        return bool(token.i) and doc[token.i - 1].text in _ENDS
    if token.text.count("\n") > 1 or following.text[0] in _BULLETS:
        return True
    if token.i and doc[token.i - 1].text in _ENDS | {":", ";", ","}:
        return doc[token.i - 1].text != "," or _line_length(doc, token) < 45
    return _line_length(doc, token) < 50


def _line_length(doc: Doc, token: Token) -> int:
    place = token.i - 1
    while place >= 0 and "\n" not in doc[place].text:
        place -= 1
    return token.idx - (doc[place].idx if place >= 0 else 0)
