"""The sender's name: stated, signed or displayed; and the name of whom they write for.

Every candidate is a run of words that can be a person's name. One that the display name or the address bears out
goes before one that they do not; after that comes what is signed, then what is stated, then the display name.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers import naming
from classifiers.lexicon import Lexicon, folded

_LEAD = (
    r"(?:mijn (?:volledige )?naam is|m'n naam is|mijn naam luidt|ik heet|my (?:full )?name is|my "
    r"name's|mein name ist|ich heiße|ich heisse|je m'appelle|(?:volledige |full )?(?:naam|name)\s*:|"
    r"(?:de )?ondergetekende|the undersigned|(?:der|die) unterzeichne\w+|"
    r"(?:ik ben|ich bin|i am|i'm|hier|hierbij|this is|hier spricht|hier schreibt|hier ist|u spreekt "
    r"met|je spreekt met)(?= (?-i:[A-ZÀ-Þ])))"
)
_STATED = re.compile(r"(?i:(?<!\w)" + _LEAD + r")[\s,:]*([^\n;:!?()\"]{2,70})")
_RELATIVE = (
    r"cliënte?|client|cliënten|moeder|vader|ma|pa|mama|papa|dochter|dochtertje|zoon|zoontje|man|vrouw|"
    r"echtgenoot|echtgenote|oma|opa|broer|broertje|zus|zusje|schoonmoeder|schoonvader|schoonzus|"
    r"zwager|tante|oom|"
    r"partner|vriendin|buurman|buurvrouw|nicht|neef|pleegzoon|pleegdochter|kleinzoon|kleindochter|"
    r"klant|huurder|lid|mother|mum|mom|father|dad|daughter|son|wife|husband|late \w+|grandmother|"
    r"grandfather|gran|nan|brother|sister|aunt|uncle|"
    r"customer|neighbour|girlfriend|boyfriend|fiancée?|mutter|vater|tochter|sohn|sohnes|frau|ehefrau|"
    r"ehemann|mann|mannes|mandantin|mandanten|mandant|mandantschaft|kunde|kunden|kundin|schwester|"
    r"bruder|"
    r"overleden \w+|verstorbene[nrs]? \w+"
)
_HONORIFIC = (
    r"(?:(?:de|den) heer|mevrouw|mevr\.|mevr|mw\.|mw|dhr\.|dhr|mr\.|mr|mrs\.|mrs|ms\.|ms|miss|herrn?|"
    r"frau|the late|wijlen|de erven|familie)"
)
_BEHALF = re.compile(
    r"(?i:(?<!\w)(?:namens|in naam van|uit naam van|ten behoeve van|voor rekening van|in opdracht van|"
    r"behartig de belangen van|on behalf of|acting for|act for|we represent|i represent|im namen "
    r"(?:von|meiner? \w+|meines \w+)|im auftrag (?:von|meiner? \w+|meines \w+|der|des)|"
    r"(?:gemachtigde|voogd|bewindvoerder|curator|mentor|vader|moeder|ouder|ouders|zoon|dochter|weduwe|"
    r"weduwnaar|erfgenaam|executeur|mandaat|volmacht|machtiging) van|"
    r"(?:guardian|mother|father|parent|son|daughter|executor|attorney|solicitor) of|"
    r"(?:vertritt|vertrete|vertreten|represents?))"
    r"(?:,? (?:mijn|onze|m'n|mn|my|our|meine[rnms]?|unsere[rnms]?) (?:\w+ )?(?:" + _RELATIVE + r"))?"
    r",?(?: " + _HONORIFIC + r")?,?) ([^\n,;:!?()\"]{2,70})"
    r"|(?i:(?<!\w)(?:(?:mijn|onze|m'n|mn|ons|my|our|meine[rnms]?|unsere[rnms]?) (?:(?:\w+|\d+-?\w*) )?(?:"
    + _RELATIVE
    + r"))"
    r",?(?: " + _HONORIFIC + r")?,?) ([^\n,;:!?()\"]{2,70})"
)
_CALLED = re.compile(
    r"(?i:(?<!\w)(?:(?:onze|een|deze|de|zijn|haar|our|a|the|one of our|unser[er]*|eine[rnm]*|der|die|"
    r"dem)\s+)?(?:\w+\s)?(?:klant|klante|cliënte?|client|verzekerde|koper|koopster|betrokkene|"
    r"gebruiker|gebruikster|lid|vakbondslid|"
    r"werknemer|huurder|customer|buyer|user|consumer|data subject|patient|kunde|kundin|mandant|"
    r"mandantin|nutzer|nutzerin|betroffener?|naam|name)\b(?:\s+(?:heet|is|was|van ons|of ours|named|"
    r"called|namens))?"
    r"[,:(]{0,2}\s+(?:" + _HONORIFIC + r"\s)?)(?=[A-ZÀ-Þ])([^\n,;:!?()\"]{2,70})"
)
_MENTIONED = re.compile(
    r"(?i:(?<!\w)(?:de heer|mevrouw|mevr\.?|mw\.|dhr\.?|meneer|mr\.?|mrs\.?|ms\.?|miss|herrn?|frau|"
    r"van|from|with|voor|for|für)\s)(?=[A-ZÀ-Þ])([^\n,;:!?()\"]{2,70})"
)
_CLOSING = re.compile(
    r"(?i)^\W*(?:(?:alvast |bij voorbaat |hartelijk |vele? )?(?:bedankt|dank|thanks|thx|thank you|"
    r"danke)[^.]{0,30}?[\s,.!]+)?"
    r"(?:(?:met|mit|with)\b[^,\n]{0,40}?\b(?:groet(?:en|jes)?|gr(?:ü|u|ue)(?:ß|ss)e?n?|regards|wishes|"
    r"hoogachting)|(?:vriendelijke |hartelijke |lieve |warme |fijne |sportieve |zonnige |beste "
    r")?(?:groet(?:en|jes)?|groetje|grt|grtz|grtjs|gr)|"
    r"mvg|m\.v\.g|mfg|vg|lg|(?:kind|kindest|best|warm|many)? ?(?:regards|greetings|wishes)|all the "
    r"best|cheers|best|hoogachtend|yours(?: \w+)?|sincerely(?: yours)?|respectfully|liefs|love|x|xx|"
    r"xxx|"
    r"(?:viele|liebe|beste|schöne|freundliche|herzliche)? ?gr(?:ü|u|ue)(?:ß|ss)e?|hochachtungsvoll|"
    r"cordialement|bedankt|dank|thanks|thx|dankjewel|tnx|danke|thank you|ta|alvast bedankt|b\.v\.d|"
    r"bvd)\b[\s,.!:)-]*(?:(?:van|from|von) (?=(?-i:[A-ZÀ-Þ])))?"
)
_INLINE = re.compile(
    r"(?i:(?:^|[\s.,!?])(?:groet(?:en|jes)?|grt|grtz|gr|mvg|m\.v\.g|mfg|lg|vg|regards|cheers|thanks|"
    r"thx|bedankt|bvd|tnx|danke|best|grüße|gruß|dank|liefs|x))[\s,.!:]+([^\n]{2,50})$"
)
_CHAT = re.compile(
    r"^\W{0,2}(?:\d\d?[:.]\d\d(?:[:.]\d\d)?\W{1,3})?(?:(?:bezoeker|visitor|klant|besucher|kunde|customer|gast|"
    r"guest)\s*[:(-]?\s*(?:(?:naam|name)\s*:)?\s*)?([^\n():\[\]]{2,50}?)\)?:(?:\s|$)",
    re.IGNORECASE | re.MULTILINE,
)
"""A speaker of a chat."""
_VISITOR = re.compile(
    r"^\W{0,2}(?:bezoeker|visitor|besucher|naam|name|klant|customer|gast|guest)\s*:\s*(.{2,40})$",
    re.IGNORECASE | re.MULTILINE,
)
"""What a chat says of the visitor above the conversation."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    trust: float


def sender(lexicon: Lexicon, text: str, signature: str = "", display: str = "", address: str = "") -> str | None:
    """The sender's name, None when nothing in sight is a person's name; `text` comes without signature."""
    shown = naming.shown(display)
    known = _known(shown or display, address)
    candidates = [
        one
        for one in (*_signed(text, signature, known), *_stated(text))
        if _borne_out(one.name, known) or lexicon.personal(one.name)
    ]
    if shown and lexicon.personal(shown):
        candidates.append(_Candidate(shown, 1.0))
    best = max(candidates, key=lambda one: one.trust + 2.0 * _borne_out(one.name, known), default=None)
    if not best or (best.trust < 0.5 and not _borne_out(best.name, known)):
        return None
    if shown and best.name in (shown.lower(), shown.upper()):
        return shown
    return _fullest(best.name, candidates)


def on_behalf(text: str, history: str = "", own: str | None = None) -> str | None:
    """The name of the data subject for whom the sender, called `own`, says that they write.

    `history` holds the header lines of forwarded mail: its sender is taken where the text names nobody.
    """
    for pattern in (_BEHALF, _CALLED, _MENTIONED):
        for match in pattern.finditer(text):
            group = match.lastindex or 1
            name = naming.leading(match[group])
            if name and name != own and not _addressed(text, match.start(group)):
                return name
    forwarded = re.search(r"(?im)^[\s>*]*(?:van|from|von)\s?\*?:\*?\s*([^<\n]{2,60})", history)
    name = naming.shown(forwarded[1].strip()) if forwarded else None
    return name if name != own else None


def _addressed(text: str, start: int) -> bool:
    """Whether the name that begins at `start` stands in a salutation."""
    return bool(
        re.search(
            r"(?i)(?:geachte|beste|dear|sehr geehrter?|hallo|hoi|hi|dag)\b[^\n,.]{0,20}$",
            text[max(0, start - 40) : start],
        )
    )


def _fullest(name: str, candidates: list[_Candidate]) -> str:
    """A signed or stated variant of `name` with the first name written out, where there is one."""
    last = name.split()[-1]
    for one in candidates:
        if (
            one.trust > 1.0
            and one.name != name
            and one.name.split()[-1] == last
            and "." in name
            and "." not in one.name
            and one.name[0].isupper()
            and " " in one.name
        ):
            return one.name
        if one.trust > 1.0 and " " not in name and " " in one.name and one.name.split()[0] == name:
            return one.name
    return name


def _known(display: str, address: str) -> frozenset[str]:
    words = re.findall(r"[^\W\d_]{2,}", folded(f"{display} {address.split('@')[0]}"))
    return frozenset(words)


def _borne_out(name: str, known: frozenset[str]) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]{2,}", folded(name)) if word not in naming.PARTICLES]
    joined = "".join(known)
    return any(word in known or (len(word) >= 4 and word in joined) for word in words)


def _signed(text: str, signature: str, known: frozenset[str]) -> Iterator[_Candidate]:
    for place, line in enumerate([line for line in signature.split("\n") if line.strip()][:10]):
        rest = _CLOSING.sub("", line, count=1)
        name = _line_name(rest, known, lower=place <= 1)
        if name:
            yield _Candidate(name, 3.0 - 0.2 * place)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    block = _closing_block(lines)
    for place, line in enumerate(block):
        rest = _CLOSING.sub("", line, count=1)
        name = _line_name(rest, known, lower=True)
        if name:
            yield _Candidate(name, 2.6 - 0.2 * place)
    if lines:
        yield from _inline(lines[-1], known)
    yield from _visitor(text)


def _visitor(text: str) -> Iterator[_Candidate]:
    """Of the speakers of a chat the one with a full name, for staff are named by their first name or role."""
    speakers = [naming.whole(match[1]) for match in itertools.islice(_CHAT.finditer(text[:4000]), 40)]
    full = [name for name in speakers if name and " " in name]
    if len(speakers) >= 2 and full:
        yield _Candidate(max(full, key=full.count), 2.5)
    for match in itertools.islice(_VISITOR.finditer(text[:1000]), 3):
        name = naming.whole(match[1])
        if name and speakers.count(name) >= 2:
            yield _Candidate(name, 2.4)


def _closing_block(lines: list[str]) -> list[str]:
    """The short lines at the very end, at most six; none when all of the text is one line."""
    block: list[str] = []
    for line in reversed(lines[1:]):
        if len(line.split()) > 8 or len(block) == 6 or line.endswith(("?", "!", ":")):
            break
        block.append(line)
    return block[::-1]


def _inline(line: str, known: frozenset[str]) -> Iterator[_Candidate]:
    match = _INLINE.search(line[-90:])
    if match:
        name = _line_name(match[1], known, lower=True)
        if name:
            yield _Candidate(name, 2.2)
    tail = re.split(r"(?<=[.!?)])\s+|\s*[\u2600-\u27bf\U0001f300-\U0001faff]\W*|\s:-?[)D(]\s", line[-80:])
    if len(tail) > 1:
        name = _line_name(tail[-1], known, lower=True)
        if name:
            yield _Candidate(name, 2.0 if not known or _borne_out(name, known) else 0.0)


def _stated(text: str) -> Iterator[_Candidate]:
    for match in _STATED.finditer(text[:6000]):
        name = naming.leading(match[1])
        if name:
            yield _Candidate(name, 2.4 if " " in name else 1.5)


def _line_name(line: str, known: frozenset[str], lower: bool) -> str | None:
    """The name that a line consists of or begins with, before a comma or a bar."""
    for piece in re.split(r"\s*[|/•·,(]\s*|\s+[-–—]+\s*|\s{3,}", line.strip(" \t-–—~*_'\"")[:120]):
        name = naming.whole(piece)
        if name:
            return name
        if (
            lower
            and piece
            and len(piece.split()) <= 3
            and piece == piece.lower()
            and _borne_out(piece, known)
            and naming.plausible(piece)
        ):
            return piece.strip(" .,!")
        if piece.split() and not all(naming.is_title(word) for word in piece.split()):
            return None
    return None
