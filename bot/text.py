"""Turning what a mail holds into plain text: bytes, folded lines and HTML, each in linear time."""

import codecs
import re
import unicodedata

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree, html

_MAX_DEPTH = 120
"""Levels of HTML that are laid out; libxml2 itself drops everything beyond 256 without a word."""

_ALIASES = {
    "iso-8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
}
"""Charsets read as the larger one that mail programs mean by them, as the WHATWG encoding standard does."""
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef]")
_SPACES = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{4,}")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_DATA_URI = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,80};base64,[A-Za-z0-9+/=\s%]*", re.IGNORECASE)
_TAG = re.compile(r"(<[^<>]*>)")
_TAG_NAME = re.compile(r"</?\s*([a-zA-Z][\w-]*)")
_HIDDEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:0(?:\.0*)?(?:;|!|$)"
    r"|(?:font-size|max-height|max-width):0(?:\.0*)?(?:px|pt|em|rem|%)?(?:;|!|$))"
)
_QUOTE_BEGINS, _QUOTE_ENDS = "\ufdd0", "\ufdd1"
_UNSEEN = frozenset(
    {"head", "script", "style", "title", "template", "noscript", "object", "select", "svg", "math"}
)
_ROWS = {"table": "div", "thead": "div", "tbody": "div", "tfoot": "div", "tr": "div", "caption": "div"}
_CELLS = frozenset({"td", "th"})


def decode(payload: bytes, charset: str | None) -> str:
    """The text of a part: by its declared charset if that works, else as UTF-8, else as Western European.

    What claims to be Western European and is sound UTF-8 is UTF-8: no other text looks like it by chance.
    """
    codec = _codec(charset)
    if codec.startswith(("utf-16", "utf-32")) and b"\0" not in payload:
        codec = "utf-8"
    order = ("utf-8", "cp1252") if codec == "cp1252" else (codec, "utf-8")
    for candidate in order:
        try:
            return payload.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    return _least_damage(payload, codec)


def html_charset(payload: bytes) -> str | None:
    """The charset that an HTML document names for itself."""
    match = _META.search(payload[:4_096])
    return match[1].decode("ascii", "replace") if match else None


def _codec(charset: str | None) -> str:
    name = (charset or "").strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIASES.get(name, name) or "utf-8")
    except (LookupError, ValueError, UnicodeError):
        return "utf-8"
    is_text = getattr(found, "_is_text_encoding", True)
    if not is_text or found.name.replace("-", "_") in _NO_CHARSETS:
        return "utf-8"
    return _ALIASES.get(found.name, found.name)


def _least_damage(payload: bytes, codec: str) -> str:
    """What no charset fits: UTF-8 with some damage, or else something Western European."""
    if codec not in ("utf-8", "cp1252"):
        return payload.decode(codec, "replace")
    text = payload.decode("utf-8", "replace")
    damage = text.count("\ufffd")
    sound = sum(not each.isascii() for each in text) - damage
    return text if sound > damage else payload.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Text with plain line ends, without control characters, bidi overrides and broken surrogates."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))


def one_line(text: str, limit: int = 1_000) -> str:
    """A name or subject: cleaned, on one line, cut at `limit` characters."""
    folded = " ".join(_CONTROL.sub(" ", text[: 4 * limit]).split())
    return unicodedata.normalize("NFC", folded)[:limit]


def unflow(text: str, delete_space: bool) -> str:
    """Paragraphs put together again that format=flowed had broken (RFC 3676 §4.1-4.5)."""
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body.removeprefix(" ")
        flows = body.endswith(" ") and body != "-- "
        if open_depth == depth and body != "-- ":
            lines.append(body)
        else:
            lines.append(("\n" if lines else "") + (">" * depth + " " if depth else "") + body)
        if flows and delete_space:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if flows else -1
    return "".join(lines)


def without_pictures(source: str) -> str:
    """HTML without the pictures that stand in it as data."""
    return _DATA_URI.sub("", source)


def from_html(source: str) -> str:
    """What a reader of this HTML sees, block by block; quoted mail marked with `>` as in plain text."""
    source = _CONTROL.sub("", source.replace("\r", ""))
    tree = _tree(source)
    text = _without_tags(source) if tree is None else _laid_out(tree)
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", _marked("\n".join(lines))).strip()


def _tree(source: str) -> html.HtmlElement | None:
    """The document, or None when it cannot be laid out."""
    parser = html.HTMLParser(
        encoding="utf-8", recover=True, remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    try:
        tree = html.document_fromstring(source.encode(), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return tree if deepest <= _MAX_DEPTH else None


def _laid_out(tree: html.HtmlElement) -> str:
    """The tree as text. Tables become plain blocks first, and no attribute survives: widths are the sender's."""
    for element in [each for each in tree.iter() if each.getparent() is not None and _unseen(each)]:
        if element.getparent() is not None:
            element.drop_tree()
    for element in tree.iter():
        if element.tag == "blockquote" and _is_quotation(element):
            element.text = f"{_QUOTE_BEGINS}{element.text or ''}"
            element.tail = f"{_QUOTE_ENDS}{element.tail or ''}"
        if element.tag in _CELLS:
            element.tag = "span"
            element.tail = f" {element.tail or ''}"
        if element.tag in _ROWS:
            element.tag = _ROWS[element.tag]
        element.attrib.clear()
    return str(Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"])).get_text())


def _unseen(element: html.HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or "hidden" in element.attrib:
        return True
    style = element.get("style")
    return bool(style) and bool(_HIDDEN.search("".join(style[:2_000].lower().split())))


def _is_quotation(element: html.HtmlElement) -> bool:
    """A blockquote is quoted mail, unless it is the plain indentation of a mail editor."""
    cited = element.get("type") == "cite" or "quote" in element.get("class", "")
    return cited or "border:none" not in "".join(element.get("style", "")[:500].lower().split())


def _marked(text: str) -> str:
    """`>` before every line of a quotation, one for each level."""
    if _QUOTE_BEGINS not in text:
        return text
    lines, depth = [], 0
    for line in text.split("\n"):
        begins, ends = line.count(_QUOTE_BEGINS), line.count(_QUOTE_ENDS)
        own_first = line.startswith(_QUOTE_ENDS)
        shown = max(0, depth + begins - (ends if own_first else 0))
        bare = line.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "").strip()
        lines.append(f"{'>' * min(shown, 9)} {bare}" if shown else bare)
        depth = max(0, depth + begins - ends)
    return "\n".join(lines)


def _without_tags(source: str) -> str:
    """The text between the tags, for documents too deep or too broken to lay out."""
    kept: list[str] = []
    skipping = ""
    for piece in _TAG.split(source):
        match = _TAG_NAME.match(piece) if piece.startswith("<") and piece.endswith(">") else None
        name = match[1].lower() if match else ""
        if skipping:
            skipping = "" if name == skipping and piece.startswith("</") else skipping
        elif name in ("script", "style", "title") and not piece.startswith("</"):
            skipping = name
        elif not piece.startswith("<"):
            kept.append(piece)
        elif name in _ROWS or name in ("p", "div", "br", "li", "h1", "h2", "h3", "blockquote"):
            kept.append("\n")
    return str(html.fromstring(f"<pre>{_escaped(''.join(kept))}</pre>").text_content())


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")
