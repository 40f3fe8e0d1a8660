"""The parts of a mail's body: what is said now, and what is quoted, signed or boilerplate.

Everything here works line by line, in time linear in the size of the body, which is cut at `MAX_CHARS`.
"""

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARS = 20_000
MAX_LINE = 4_000
_SIGNATURE_LINES = 14

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_RUN = re.compile(r"([^\w\s])\1{40,}")
"""A sign over and over: spaCy's tokenizer takes them off one by one, in time that grows with the square."""

_WROTE = re.compile(
    r"^[\s*_]*(?:op|on|am|le|den|il|el)\b.{4,200}\b"
    r"(?:schreef|schreven|geschreven|wrote|schrieb|geschrieben|écrit|ha scritto|escribió)\b.{0,120}:\s*$"
    r"|^.{2,120}\b(?:schreef op|wrote on|schrieb am|wrote at)\b.{4,80}:\s*$"
    r"|^\d{4}-\d\d-\d\d \d\d?:\d\d .{3,160}<[^<>\s]{3,100}@[^<>\s]{3,100}>:\s*$",
    re.IGNORECASE,
)
_WROTE_START = re.compile(r"^[\s*_]*(?:op|on|am|le)\b.{0,60}\d", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"^[\s>]*[-_=*]{2,}\s*(?:oorspronkelijk|origineel|original|ursprüngliche|doorgestuurd|forwarded|"
    r"weitergeleitete|"
    r"message d'origine|message transféré)\b.{0,60}$"
    r"|^[\s>]*(?:begin doorgestuurd bericht|begin forwarded message|anfang der weitergeleiteten "
    r"(?:nachricht|e-mail))\b.{0,20}$",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"doorgestuurd|forwarded|weitergeleitet|transféré", re.IGNORECASE)
_HEADER = re.compile(
    r"^[\s>*_]*(van|from|von|de|verzonden|verstuurd|sent|gesendet|envoyé|datum|date|aan|to|an|à|cc|"
    r"onderwerp|subject|betreff|objet)"
    r"\s?\*?\s?:\*?\s?(?=\S|$)",
    re.IGNORECASE,
)
_FROM_WORDS = frozenset({"van", "from", "von", "de"})
_QUOTED = re.compile(r"^\s*[>|]")

_CLOSED = re.compile(
    r"^\s*(?:(?:met|mit|with)\s+(?:\w+\s+){0,3}(?:groet|groeten|gruß|grüßen|gruss|grüssen|regards|"
    r"hoogachting|wishes)"
    r"|(?:mvrgr|m\.?\s?v\.?\s?g\.?|m\.?f\.?g\.?|hgr|gr|grt|grtz|grts|rgds|br|lg|vg|mfg|groet|groeten|"
    r"groetjes|grtn)\b"
    r"|(?:vriendelijke|hartelijke|beste|lieve|warme|zonnige|sportieve)\s+groet(?:en|jes)?"
    r"|(?:kind|kindest|best|warm|warmest|many|with)?\s*(?:regards|greetings)"
    r"|(?:all\s+the\s+)?best\s+wishes|all\s+the\s+best|best\s*,|cheers"
    r"|(?:yours\s+)?(?:very\s+)?(?:sincerely|truly|faithfully|respectfully)(?:\s+yours)?|yours\s*,"
    r"|hoogachtend|met\s+hoogachting|hochachtungsvoll"
    r"|(?:viele|liebe|beste|schöne|freundliche|herzliche|mit\s+\w+)?\s*gr(?:ü|u|ue)(?:ß|ss)e?\b"
    r"|cordialement|bien\s+à\s+vous)"
    r"[\s,.!;:-]*(?P<rest>.{0,60})$",
    re.IGNORECASE,
)
_DASHES = re.compile(r"^\s*(?:--|__|—|–)\s*$")
_RULE = re.compile(r"^\s*[-_=*~]{6,}\s*$")
_PHONE_FOOTER = re.compile(
    r"^\s*(?:verstuurd|verzonden|sent|gesendet|von meinem|envoyé|get outlook|outlook voor|outlook for|"
    r"download outlook|"
    r"vanaf mijn|from my)\b.{0,80}$",
    re.IGNORECASE,
)
_PHONE_WORDS = re.compile(
    r"iphone|ipad|android|samsung|galaxy|outlook|mobile?|mobiel|telefoon|phone|handy|smartphone|mail|huawei", re.I
)
_POSTSCRIPT = re.compile(
    r"^\s*(?:p\.?\s?s\.?|n\.?\s?b\.?|nagekomen|pps|p\.p\.s\.)(?:\s*[:.,;–-]|\s)", re.IGNORECASE
)
_DISCLAIMER_START = re.compile(
    r"^\W*(?:disclaimer|proclaimer|vertrouwelijkheid|confidential(?:ity)?(?:\s+notice)?|caution|let "
    r"op\W+deze e-?mail|"
    r"legal notice|haftungsausschluss|external (?:e-?mail|sender)|denk aan het milieu|please consider "
    r"the environment|"
    r"think before you print|dit is een automatisch|op al onze|op (?:deze|onze) .{0,40}algemene voorwaarden)",
    re.IGNORECASE,
)
_DISCLAIMER_WHAT = re.compile(
    r"\b(?:e-?mails?|(?:e-?mail)?bericht(?:en)?|berichtgeving|message|nachricht|mailtje|"
    r"correspondentie|transmission|bijlagen?|attachments?|mail)\b",
    re.I,
)
_DISCLAIMER_SAYS = re.compile(
    r"uitsluitend (?:bestemd|bedoeld|voor)|alleen (?:bestemd|bedoeld) voor|geadresseerde|bestemd voor "
    r"de|vertrouwelijke? (?:informatie|van aard|en)|kan vertrouwelijk"
    r"|intended (?:solely|only|for|recipient)|addressee|confidential|privileged|vertrauliche|bestimmt|"
    r"adressat|empfänger bestimmt"
    r"|ten onrechte (?:heeft )?ontv|abusievelijk|per abuis (?:heeft )?ontv|in error|irrtümlich|"
    r"aansprakelijk|virus|openbaarmaking|rechten worden ontleend",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A body taken apart. Every part is text with normalised spaces, lines kept."""

    current: str
    signature: str = ""
    quoted: str = ""
    """Quoted or forwarded text, quote marks and headers taken off."""
    forwarded: bool = False
    """The quoted text is marked as forwarded, or nothing stands above it."""
    history: str = ""
    """The header lines of what is quoted."""


def clean(text: str, limit: int = MAX_CHARS) -> str:
    """`text` cut at `limit` characters, without control and invisible characters, spaces made single and endless
    runs of one sign short."""
    text = unicodedata.normalize("NFC", text[: 2 * limit])
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return _RUN.sub(lambda run: run[1] * 40, _SPACES.sub(" ", text))[:limit]


def current(body: str) -> str:
    """What the mail itself says: no quoted history, signature or disclaimer."""
    return parts(body).current


def without_quotes(body: str) -> str:
    """What the mail itself says, with its signature, without quoted history and disclaimer."""
    found = parts(body)
    return "\n".join(filter(None, (found.current, found.signature)))


def parts(body: str) -> Parts:
    """`body` taken apart."""
    lines = [line[:MAX_LINE].rstrip() for line in clean(body).split("\n")]
    own, quoted, history, forwarded = _split_quotes(lines)
    said, signed = _split_signature(_without_disclaimers(own))
    said_text = _join(said)
    return Parts(
        current=said_text,
        signature=_join(signed),
        quoted=_join(_without_disclaimers(quoted)),
        forwarded=bool(quoted) and (forwarded or not said_text),
        history="\n".join(history),
    )


def _join(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _split_quotes(lines: list[str]) -> tuple[list[str], list[str], list[str], bool]:
    """Own lines, quoted lines, header lines of the quotation, whether it is marked as forwarded."""
    own: list[str] = []
    quoted: list[str] = []
    history: list[str] = []
    forwarded = False
    index = 0
    while index < len(lines):
        length = _quote_header(lines, index)
        if length:
            head = lines[index : index + length]
            forwarded = forwarded or any(_FORWARD.search(line) for line in head if _SEPARATOR.match(line))
            history += head
            for line in lines[index + length :]:
                (history if _HEADER.match(line) or _SEPARATOR.match(line) else quoted).append(line.lstrip("> |"))
            break
        if _QUOTED.match(lines[index]):
            quoted.append(lines[index].lstrip("> |"))
        else:
            own.append(lines[index])
        index += 1
    return own, quoted, history, forwarded


def _quote_header(lines: list[str], index: int) -> int:
    """How many lines from `index` on introduce quoted text; 0 when none does."""
    line = lines[index]
    if _SEPARATOR.match(line):
        return 1
    if _WROTE.match(line):
        return 1
    if _WROTE_START.match(line) and len(line) < 200:
        for extra in (1, 2):
            joined = " ".join(lines[index : index + extra + 1])
            if len(joined) < 400 and _WROTE.match(joined):
                return extra + 1
    match = _HEADER.match(line)
    if match and match[1].lower() in _FROM_WORDS:
        following = [_HEADER.match(other) for other in lines[index + 1 : index + 7]]
        kinds = {found[1].lower() for found in following if found}
        if len(kinds) >= 2:
            return 1 + max(place for place, found in enumerate(following, 1) if found)
    return 0


def _without_disclaimers(lines: list[str]) -> list[str]:
    """`lines` without the paragraphs that a mail server or office adds to every mail."""
    kept: list[str] = []
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip() and not _RULE.match(line):
            paragraph.append(line)
            continue
        if paragraph and not _is_disclaimer(" ".join(paragraph)):
            kept += paragraph
        paragraph = []
        kept.append(line)
    return kept


def _is_disclaimer(paragraph: str) -> bool:
    head = paragraph[:1500]
    if _DISCLAIMER_START.match(head):
        return True
    return (
        len(_DISCLAIMER_SAYS.findall(head)) >= 1
        and bool(_DISCLAIMER_WHAT.search(head[:200]))
        and _impersonal(head)
    )


def _impersonal(text: str) -> bool:
    return not re.search(r"\b(?:ik|mij|mijn|I|my|me|ich|mir|mein\w*)\b", text)


def _split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines said and lines signed. A postscript below the signature is said."""
    start = _signature_start(lines)
    said, signed = lines[:start], lines[start:]
    back = next((place for place, line in enumerate(signed) if _POSTSCRIPT.match(line)), None)
    if back is not None:
        end = next((place for place in range(back, len(signed)) if not signed[place].strip()), len(signed))
        said = [*said, "", *signed[back:end]]
        signed = signed[:back] + signed[end:]
    return said, signed


def _signature_start(lines: list[str]) -> int:
    seen_text = False
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        closes = _closes(line) or bool(_DASHES.match(line)) or _phone_footer(line)
        if closes and (seen_text or index > 0):
            if not _goes_on(lines[index + 1 :]):
                return index
        elif closes and not any(other.strip() for other in lines[index + 1 :]):
            return index
        seen_text = True
    return len(lines)


def _phone_footer(line: str) -> bool:
    return bool(_PHONE_FOOTER.match(line) and _PHONE_WORDS.search(line))


def _closes(line: str) -> bool:
    match = _CLOSED.match(line)
    if not match:
        return False
    return len(match["rest"].split()) <= 6 and not re.search(r"[.?!]\s+\w", match["rest"])


def _goes_on(lines: list[str]) -> bool:
    """Whether running text follows: then a closing formula was no closing."""
    following = [line for line in lines if line.strip()][:_SIGNATURE_LINES]
    said = [line for line in following if len(line.split()) >= 12 and not _POSTSCRIPT.match(line)]
    return len(said) >= 2
