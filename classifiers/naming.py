"""What can be a person's name: which words, in which order, and how a display name is written."""

import re
import unicodedata

_MAX = 60
"""Characters of a name."""
_SINGLE = 8
"""Letters of a display name of one word: longer ones are mostly services."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES = _words(
    """
    van der den de het 't ’t 's ’s ter te ten in op aan bij uit von zu zum zur vom und la le du des del della da
    di dos do das el al ibn bin ben bint abu ould y e af av v.d. v.d v/d vd
    """
)
_TITLES = _words(
    """
    mr drs dr ir ing prof mw mevr mevrouw dhr heer mrs ms miss herr frau bc ba bsc msc llm ll.m ma mba
    rechtsanwalt rechtsanwältin advocaat sir madam fam familie phd ph.d ra rb jonkheer meneer mijnheer dipl.-ing
    mag esq esquire barrister barr engr frics mrics acii obe mbe cbe ihr ihre euer eure dein deine
    """
)
_NO_NAME = _words(
    """
    livechat chatverslag chat transcript aandacht aanvraag abonnee account accounts
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
    hoogachtend kantoorartikelen xl xxl messe provincie woningstichting sparkasse couriers optics registrar
    registry detailing abmelden afmelden unsubscribe abbestellen vorstand bestuurslid thxx
    """
)
_SERVICE = re.compile(
    r"(?:dienst|beheer|service|desk|shop|systeem|loket|week|lijst|team|soft|hub|bot|centrum|bedrijf|"
    r"bureau|wijzer|fabriek|platform|portaal|portal|(?<!ja)groep|kantoor|verkoop|handel|holding|mobiliteit|"
    r"mobility|motors|motoren|automotive|occasions|verhuur|lease|import|export|wacht|melding|nieuws|"
    r"post|zorg|cars|autos|auto's|media|cloud|daemon|werken|markt|plein|festival|droom|bank|assistent|"
    r"responder|koepel|vereniging|akademie|academie|verein|verband|kanzlei|stichting|centrale|veiling|garage|advocaten|reception)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"['’]?[^\W\d_](?:[^\W\d_]|['’`.-](?=[^\W\d_]))*\.?")
_CAMEL = re.compile(r"[^\W\d_][a-zà-ÿ]+[A-Z]")
_CAMEL_NAME = re.compile(r"(?:Mc|Mac|De|Van|La|Le|Di|Del|Da|Fitz|O['’]|D['’]|L['’]|El|Al|Ten|Ter|Vander|Ver)[A-Z]")


def plausible(piece: str) -> bool:
    """Whether `piece`, in whatever letters, has only words that a name can have."""
    words = piece.strip(" .,!").split()
    return all(_WORD.fullmatch(word) and word.strip(".") not in _NO_NAME for word in words)


def is_title(word: str) -> bool:
    """Whether `word` is a title or form of address, which is no part of a name."""
    return word.lower().strip(".,") in _TITLES


def leading(text: str) -> str | None:
    """The name with which `text` begins."""
    taken: list[str] = []
    for raw in text.replace(",", " , ").split()[:9]:
        word = raw.strip('"()[]*_“”„')
        initials = bool(re.fullmatch(r"(?:[^\W\d_]{1,2}\.)+", word))
        ends = not initials and word.endswith(".") and not is_title(word)
        word = word if initials else word.rstrip(".")
        word = re.sub(r"['’]s$", "", word)
        if not _part(word) and not (not taken and is_title(word)):
            break
        taken.append(word)
        if ends:
            break
    return _name(taken)


def _part(word: str) -> bool:
    if word.lower() in PARTICLES:
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
    while words and is_title(words[0]):
        words = words[1:]
    while words and (words[-1].lower() in PARTICLES or is_title(words[-1])):
        words = words[:-1]
    if not words or (
        words[0].lower() in {"de", "het", "das", "in", "op", "aan", "bij", "uit", "e", "y", "und", "te"}
        and words[0].islower()
    ):
        return None
    if not any(
        len(word.rstrip(".")) > 1 and "." not in word[:2] and word.lower() not in PARTICLES for word in words
    ):
        return None
    name = " ".join(words)
    return name if len(name) <= _MAX else None


def whole(text: str) -> str | None:
    """`text` when all of it is a person's name."""
    words = [word.strip(',"“”*_') for word in text.strip(' \t,;:!-*_"').split()]
    words = [
        word if re.search(r"(?:^|\.)[^\W\d_]{1,2}\.$", word) or is_title(word) else word.rstrip(".")
        for word in words
    ]
    if not 1 <= len(words) <= 7 or not all(_part(word) or is_title(word) for word in words):
        return None
    return _name(words)


def shown(display: str) -> str | None:
    """The person's name that a display name is."""
    display = re.sub(r"\s*[(\[][^()\[\]]{0,40}[)\]]\s*", " ", unicodedata.normalize("NFC", display[:120])).strip(
        " \"'"
    )
    display = re.split(r"\s+(?:\||/|-|–|via|namens|van de)\s+|\s*\|\s*", display)[0]
    if "@" in display:
        return None
    match = re.fullmatch(r"([^,]{2,40}), ([^,]{1,40})", display)
    name = whole(f"{match[2]} {match[1]}" if match and not is_title(match[2]) else display)
    return name if name and (" " in name or (name.istitle() and len(name) <= _SINGLE)) else None
