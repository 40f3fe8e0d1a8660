"""The sender's name: stated, signed or displayed; and the name of whom they write for.

Every candidate is a run of words that can be a person's name. One that the display name or the address bears out
goes before one that they do not; after that comes what is signed, then what is stated, then the display name.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_MAX = 60
_SINGLE = 8
"""Letters of a display name of one word: longer ones are mostly services."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARTICLES = _words(
    """
    van der den de het 't ’t 's ’s ter te ten in op aan bij uit von zu zum zur vom und la le du des del della da
    di dos do das el al ibn bin ben bint abu ould y e af av v.d. v.d v/d vd
    """
)
_TITLES = _words(
    """
    mr drs dr ir ing prof mw mevr mevrouw dhr heer mrs ms miss herr frau bc ba bsc msc llm ll.m ma mba
    rechtsanwalt rechtsanwältin advocaat sir madam fam familie phd ph.d ra rb jonkheer meneer mijnheer dipl.-ing
    mag
    """
)
_NO_NAME = _words(
    """
    livechat chatverslag chat transcript livechat aandacht aanvraag abonnee account accounts
    administratie administration administrator admin advies
    adviesbureau advocaten advocatuur afdeling afzender agency agenda algemeen alert alerts algemene anoniem
    anonymous anonieme antwoord app archief assistent auto autobedrijf autobemiddeling autocentrum autogroep
    autohandel autohaus autohuis automaten automobielbedrijf automobiel automotive autoriteit auto's autos
    autowereld b.v bv balie bank bedankt bedrijf beheer beleid beste bestelling bestuur bezorgdienst bezorgde
    billing boekhouding buchhaltung bureau business buurman buurvrouw car cars center centre centrum cheers
    client collega's commercie compliance consultancy consultant consulting contact controller coöperatie
    crediteuren crediteurenadministratie customer daemon dank danke data datenschutz datenschutzbeauftragte dear
    dealer dealerholding dealers debiteurenadministratie desk development dienst digital directeur directie
    director drukkerij e.v editie eigenaar eindredactie expo export facturatie facturen familiebedrijf farm fax
    finance financiële fleet foto fotograaf fotografie fotostudio foto's fsp functionaris garage gebruiker
    gegevensbescherming gemeente gemeentelijk geachte general gmbh goedemiddag goedemorgen goedenavond greetings
    groep groet groeten groetjes group gruß grüße guten hallo handel handelsonderneming hartelijk hartelijke
    hello helpdesk hi hoi holding hotel hr hrm hulp human iban imaging import inc info informatie inkoop
    insurance international internet invoice iphone ipad android it janitor jullie juridisch juridische kamer
    kantoor kg kind kindest klacht klachten klant klanten klantenservice klantcontact klantrelaties
    kundenservice kunst kvk laatste kans lease leasing legal lid limited list ll.m llc logistics ltd mailbox
    mailer mailer-daemon makelaar makelaardij management manager marketing media mededeling medewerker meldkamer
    message met mfg ministerie mobiel mobile mobility mobiliteit moeder motor motoren motors museum mvg n.v naam
    name namens news newsletter nieuws nieuwsbrief nieuwsbriefsysteem noreply no-reply notariaat notaris
    notificatie notifications nv occasions occasion occasioncentrum officer office online onbekend ondernemer
    ondernemersvereniging onderneming onderhoud ontvangst operations order orders organisatie outlook ouders p&o
    pagina parkeerloket payroll personeel personeelszaken persoonsgegevens platform plein p.o postbus
    postbezorging postmaster praktijk premium privacy procurement product projectleider promo quality receptie
    recruiter recruitment redactie reclame regards registratie relatiebeheer reparatie retail rechtsbijstand
    review s.a sales salon samsung school schade secretariaat secretaris security service servicedesk services
    shop showroom sincerely software solutions stad stichting store studio support system systems systeem team
    tech technical technology tel telefoon telefoonnummer thank thanks thx trading training transport trust
    undersigned universiteit university vakantie van-verkoop veiling verein vereniging verhuur verkoop verkoper
    vertrieb verwaltung verzekeringen verzekering verzonden verstuurd vestiging viele vof v.o.f voorzitter
    vriendelijke warm warme webinar webmaster webshop webwinkel website werkgroep werkplaats werkplaatschef
    wholesale winkel wishes wkm wmk www yours youngtimers zaak zonnestroom incasso kia toyota bmw audi
    volkswagen ford opel renault peugeot tesla volvo mercedes porsche skoda seat citroën fiat nissan mazda
    hyundai suzuki honda dacia jaguar lexus mini ps nb cc re fw fwd ref betreft subject onderwerp datum sent
    gesendet gesprek bezoeker chat visitor customer's reception rev nederland delivery subsystem autoresponder
    aa wheels daughters sons dringend spoed urgent let bijlage bijlagen attachment attachments groetje liefs
    love mevrouw/mijnheer sehr freundliche freundlichen liebe respectfully faithfully truly cordialement
    hoogachtend
    """
)
_SERVICE = re.compile(
    r"(?:dienst|beheer|service|desk|shop|systeem|loket|week|lijst|team|soft|hub|bot|centrum|bedrijf|"
    r"bureau|wijzer|fabriek|platform|portaal|portal|groep|kantoor|verkoop|handel|holding|mobiliteit|"
    r"mobility|motors|motoren|automotive|occasions|verhuur|lease|import|export|wacht|melding|nieuws|"
    r"post|zorg|cars|autos|auto's|media|cloud|daemon|werken|markt|plein|festival|droom|bank|assistent|"
    r"responder|koepel|vereniging|centrale|winkel|veiling|garage|advocaten|reception)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"['’]?[^\W\d_](?:[^\W\d_]|['’`.-](?=[^\W\d_]))*\.?")
_CAMEL = re.compile(r"[^\W\d_][a-zà-ÿ]+[A-Z]")
_CAMEL_NAME = re.compile(r"(?:Mc|Mac|De|Van|La|Le|Di|Del|Da|Fitz|O['’]|D['’]|L['’]|El|Al|Ten|Ter|Vander|Ver)[A-Z]")

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


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    trust: float


def sender(text: str, signature: str = "", display: str = "", address: str = "") -> str | None:
    """The sender's name, None when nothing in sight is a person's name; `text` comes without signature."""
    shown = _shown(display)
    known = _known(shown or display, address)
    candidates = [*_signed(text, signature, known), *_stated(text)]
    if shown:
        candidates.append(_Candidate(shown, 1.0))
    best = max(candidates, key=lambda one: one.trust + 2.0 * _borne_out(one.name, known), default=None)
    if not best or (best.trust < 0.5 and not _borne_out(best.name, known)):
        return None
    return _fullest(best.name, candidates)


def on_behalf(text: str, history: str = "", own: str | None = None) -> str | None:
    """The name of the data subject for whom the sender, called `own`, says that they write.

    `history` holds the header lines of forwarded mail: its sender is taken where the text names nobody.
    """
    for pattern in (_BEHALF, _CALLED, _MENTIONED):
        for match in pattern.finditer(text):
            group = match.lastindex or 1
            name = _leading(match[group])
            if name and name != own and not _addressed(text, match.start(group)):
                return name
    forwarded = re.search(r"(?im)^[\s>*]*(?:van|from|von)\s?\*?:\*?\s*([^<\n]{2,60})", history)
    name = _shown(forwarded[1].strip()) if forwarded else None
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
    words = re.findall(r"[^\W\d_]{2,}", _folded(f"{display} {address.split('@')[0]}"))
    return frozenset(words)


def _folded(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(char))


def _borne_out(name: str, known: frozenset[str]) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]{2,}", _folded(name)) if word not in _PARTICLES]
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
    speakers = [_whole(match[1]) for match in itertools.islice(_CHAT.finditer(text[:4000]), 40)]
    full = [name for name in speakers if name and " " in name]
    if len(speakers) >= 2 and full:
        yield _Candidate(max(full, key=full.count), 2.5)


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
        name = _leading(match[1])
        if name:
            yield _Candidate(name, 2.4 if " " in name else 1.5)


def _line_name(line: str, known: frozenset[str], lower: bool) -> str | None:
    """The name that a line consists of or begins with, before a comma or a bar."""
    for piece in re.split(r"\s*[|/•·,(]\s*|\s+[-–—]+\s*|\s{3,}", line.strip(" \t-–—~*_'\"")[:120]):
        name = _whole(piece)
        if name:
            return name
        if (
            lower
            and piece
            and len(piece.split()) <= 3
            and piece == piece.lower()
            and _borne_out(piece, known)
            and _plausible(piece)
        ):
            return piece.strip(" .,!")
        if piece.split() and not all(_title(word) for word in piece.split()):
            return None
    return None


def _plausible(piece: str) -> bool:
    words = piece.strip(" .,!").split()
    return all(_WORD.fullmatch(word) and word.strip(".") not in _NO_NAME for word in words)


def _title(word: str) -> bool:
    return word.lower().strip(".,") in _TITLES


def _leading(text: str) -> str | None:
    """The name with which `text` begins."""
    taken: list[str] = []
    for raw in text.replace(",", " , ").split()[:9]:
        word = raw.strip('"()[]*_“”„')
        initials = bool(re.fullmatch(r"(?:[^\W\d_]{1,2}\.)+", word))
        ends = not initials and word.endswith(".") and not _title(word)
        word = word if initials else word.rstrip(".")
        word = re.sub(r"['’]s$", "", word)
        if not _part(word) and not (not taken and _title(word)):
            break
        taken.append(word)
        if ends:
            break
    return _name(taken)


def _part(word: str) -> bool:
    if word.lower() in _PARTICLES:
        return True
    if not _WORD.fullmatch(word) or (_CAMEL.search(word) and not _CAMEL_NAME.match(word)):
        return False
    return word.lstrip("'’")[0].isupper() and not _no_name(word)


def _no_name(word: str) -> bool:
    low = word.lower().strip(".")
    return (
        low in _NO_NAME or (len(low) > 5 and bool(_SERVICE.search(low))) or bool(re.search(r"\.[^\W\d_]{3}", low))
    )


def _name(words: list[str]) -> str | None:
    while words and _title(words[0]):
        words = words[1:]
    while words and (words[-1].lower() in _PARTICLES or _title(words[-1])):
        words = words[:-1]
    if not words or (
        words[0].lower() in {"de", "het", "das", "in", "op", "aan", "bij", "uit", "e", "y", "und", "te"}
        and words[0].islower()
    ):
        return None
    if not any(
        len(word.rstrip(".")) > 1 and "." not in word[:2] and word.lower() not in _PARTICLES for word in words
    ):
        return None
    name = " ".join(words)
    return name if len(name) <= _MAX else None


def _whole(text: str) -> str | None:
    """`text` when all of it is a person's name."""
    words = [word.strip(',"“”*_') for word in text.strip(' \t,;:!-*_"').split()]
    words = [
        word if re.search(r"(?:^|\.)[^\W\d_]{1,2}\.$", word) or _title(word) else word.rstrip(".")
        for word in words
    ]
    if not 1 <= len(words) <= 7 or not all(_part(word) or _title(word) for word in words):
        return None
    return _name(words)


def _shown(display: str) -> str | None:
    display = re.sub(r"\s*[(\[][^()\[\]]{0,40}[)\]]\s*", " ", unicodedata.normalize("NFC", display[:120])).strip(
        " \"'"
    )
    display = re.split(r"\s+(?:\||/|-|–|via|namens|van de)\s+|\s*\|\s*", display)[0]
    if "@" in display:
        return None
    match = re.fullmatch(r"([^,]{2,40}), ([^,]{1,40})", display)
    name = _whole(f"{match[2]} {match[1]}" if match and not _title(match[2]) else display)
    return name if name and (" " in name or (name.istitle() and len(name) <= _SINGLE)) else None
