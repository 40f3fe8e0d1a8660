"""Phrases that point at a label, as a readable table, compiled for spaCy's Matcher.

A pattern is words with spaces between: `a|b` either, `verwijder*` beginning with, `x?` optional, `..` up to four words
of any kind within the clause. Case does not count.
"""

import re
from typing import Any

from spacy.matcher import Matcher
from spacy.vocab import Vocab

_DATA = "gegevens|persoonsgegevens|data|info|informatie|information|daten|profiel|profile|account|konto|nummer|telefoonnummer|adres|emailadres|mailadres|naam|cv|dossier|details"

PATTERNS: dict[str, tuple[str, ...]] = {
    "erasure": (
        f"verwijder|verwijderen|verwijderd|wis|wissen|gewist|vernietig|vernietigen|schrap|schrappen .. {_DATA}",
        f"{_DATA} .. verwijder|verwijderen|verwijderd|verwijdert|wissen|gewist|wist|vernietigen|vernietigd|schrappen|schrapt",
        "recht op|om vergetelheid|gegevenswissing|gegevensuitwissing|verwijdering",
        "vergeten te worden",
        "right to erasure|deletion",
        "right to be forgotten",
        "recht auf löschung|vergessenwerden",
        f"delete|erase|remove|wipe|destroy .. {_DATA}",
        f"{_DATA} .. deleted|erased|removed|wiped|destroyed",
        f"lösch*|entfern* .. {_DATA}",
        f"{_DATA} .. lösch*|gelöscht|entfern*",
        "close|delete .. my account",
        "account .. opheffen|sluiten|weg",
        "haal .. weg|eraf|offline",
        "uit|aus .. bestand|systeem|database|system|datenbank .. halen|verwijder*|löschen",
        "foto|foto's|photo|picture|bild .. eraf|offline",
        "alles .. verwijder*|wissen|weg",
        "vergeet mij",
    ),
    "access": (
        "inzage|inzagerecht|inzageverzoek",
        "right of|to access",
        "subject access|data request",
        "sar|dsar",
        "auskunft",
        "auskunftsersuchen",
        f"welke|wat|what|which|welche|was .. {_DATA} .. van|over|about|on|über|zu mij|me|mir|mich",
        f"welke|wat .. {_DATA} .. mij|me|ik .. heeft|hebben|bewaart|bewaren|opgeslagen|verwerkt|verwerken|bekend|staan|vastligt",
        f"what|which .. {_DATA} .. hold|have|store|stored|keep|kept|process",
        f"kopie|copy|kopien? .. {_DATA}",
        f"overzicht|overview|übersicht .. {_DATA}",
        "hoe .. aan mijn adres|emailadres|mailadres|e-mailadres|nummer|telefoonnummer|gegevens",
        "where|how did .. get my",
        "woher .. meine",
        "waar .. vandaan",
        "recht op inzage",
        "staat|staan .. over mij",
        "what .. about me",
        "was .. über mich",
    ),
    "rectification": (
        "rectificatie|rectification|berichtigung",
        f"corrigeer|corrigeren|verbeter|verbeteren|wijzig|wijzigen|aanpassen|correct|update|amend|change|berichtig*|korrigier*|ändern .. {_DATA}|geboortedatum|achternaam|spelling",
        f"{_DATA}|naam .. klopt|kloppen niet|aanpassen|wijzigen|corrigeren|verkeerd|onjuist",
        "name is spelled|misspelled|wrong",
        "naam .. verkeerd|fout",
        "recht op correctie|rectificatie|verbetering",
        "verhuisd",
        "falsch .. name|adresse",
    ),
    "restriction": (
        "beperk* .. verwerking|gebruik",
        "beperking van de? verwerking",
        "restrict|restriction|limit|freeze .. processing|use",
        "einschränkung",
        "bevries|bevriezen|blokkeer|blokkeren|freeze .. gegevens|data|dossier",
        "niet .. weggooien|verwijderen|wissen .. maar|maar",
        "keep .. but|only .. use|process",
    ),
    "portability": (
        "dataportabiliteit|gegevensoverdraagbaarheid|overdraagbaarheid|portability|datenübertragbarkeit",
        f"{_DATA} .. csv|json|xml|excel|machineleesbaar|machine-readable|maschinenlesbar*",
        "machineleesbaar|gestructureerd|structured|machine|strukturierten .. formaat|format",
        f"{_DATA} .. overdragen|overzetten|transfer*|übertragen",
        "als|in|as .. csv|json|xml",
    ),
    "objection": (
        "bezwaar .. verwerking|gebruik|marketing|reclame|profilering|gegevens",
        "maak|maken .. bezwaar .. gegevens|persoonsgegevens|verwerking|gebruik|mailing*|reclame",
        "recht van|op bezwaar|verzet",
        "object .. processing|marketing|use|profiling",
        "right to object",
        "widerspr* .. verarbeitung|nutzung|werbung|daten",
        f"stop|stoppen|ophouden .. gebruik* .. {_DATA}",
        "nooit .. aangemeld|ingeschreven|toestemming|om gevraagd",
        "never signed|subscribed|agreed|asked|consented",
        "ongevraagd*|unsolicited|unaufgefordert .. mail*|reclame|post|nieuwsbrief|werbung|email*",
        "geen toestemming .. gegeven",
        "niet .. getraind|trainen|ai",
        "stop using my",
        "nie .. angemeldet|zugestimmt",
        "geen reclame|telefoontjes|verkooptelefoontjes|aanbiedingen meer",
    ),
    "withdraw_consent": (
        "trek|intrek* .. toestemming",
        "toestemming .. in|intrekken|intrek|terug",
        "withdraw|revoke .. consent|permission",
        "consent .. withdraw*|revoke*",
        "einwilligung .. widerruf*|zurück*",
        "widerruf* .. einwilligung|zustimmung",
        "uitschrijven|uitschrijving|afmelden|afmelding|unsubscribe|abmelden|austragen|opzeggen .. nieuwsbrief|mailing*|newsletter|lijst|list",
        "unsubscribe|uitschrijven|afmelden|abmelden",
        "schrijf|meld mij|me .. uit|af",
        "take|remove me off|from .. list|newsletter|mailing*",
        "geen nieuwsbrief*|mails|e-mails|mailings meer",
        "stop .. nieuwsbrief|newsletter|mailing*|emails|mailtjes|mails|emailing",
        "no more emails|newsletters|mails",
        "keinen newsletter",
        "keine mails|newsletter|werbung mehr",
    ),
    "automated_decision": (
        "geautomatiseerde|automatische|automatisch .. besluit*|beslissing|afwijzing|afgewezen|geweigerd|beoordeling|besloten",
        "automated|automatic|automatically .. decision*|rejected|refused|declined",
        "automatisierte* .. entscheidung*",
        "algoritme|algorithm|algorithmus|robot|computer|software|ai|systeem .. afgewezen|geweigerd|besloten|beslist|rejected|decided|refused|declined|abgelehnt|entschieden",
        "echt|mens|human|persoon|person|mensch|medewerker .. beoordel*|kijken|review|look|prüf*|opnieuw",
        "menselijke tussenkomst|blik|beoordeling",
        "human review|intervention",
    ),
    "complaint": (
        "klacht",
        "complaint|complain",
        "beschwerde",
        "datalek|data-lek|databreach|datenpanne",
        "data breach|leak",
        "gelekt|leaked|geleakt",
        "schending|overtreding .. privacy|avg",
        "schandalig|onacceptabel|belachelijk|unacceptable|outrageous",
        "nog steeds geen|niet .. reactie|antwoord|gehoord|verwijderd",
        "still no|not|haven't .. reply|response|answer|heard",
        "immer noch keine",
        "termijn .. verstreken|verlopen|overschreden",
        "deadline|period|month has .. passed|expired",
        "ingebrekestelling",
        "in gebreke",
        "ondanks .. afmelding|uitschrijving|bezwaar|verzoek",
        "despite .. unsubscrib*|request",
        "zonder .. toestemming",
        "without .. consent|permission",
        "verkeerde|andere|wrong|other persoon|klant|person|customer|ontvanger|recipient",
    ),
    "question": (
        "privacyverklaring|privacybeleid|privacystatement|datenschutzerklärung|privacyreglement",
        "privacy policy|statement|notice|verklaring",
        "bewaartermijn*|bewaarperiode",
        "hoe lang|hoelang .. bewaar*|bewaard|opgeslagen",
        "how long .. keep|store|retain|kept|stored",
        "wie lange .. gespeichert|speichern|aufbewahrt",
        "verwerkersovereenkomst|verwerkersovereenkomsten",
        "verwerker|subverwerker|subverwerkers|processors|processor|subprocessors|sub-processors|auftragsverarbeiter",
        "functionaris gegevensbescherming|voor",
        "fg|dpo|datenschutzbeauftragte*",
        "data protection officer",
        "cookies|cookiebanner|cookie",
        "hoe kan|moet ik .. verwijderen|inzien|opvragen|intrekken|inzage",
        "how can|do|would|could i|one|we .. delete|request|access|withdraw|exercise",
        "wie kann ich .. löschen|auskunft",
        "avg|gdpr|dsgvo|privacy|persoonsgegevens|datenschutz .. ?",
        "waar worden .. opgeslagen|bewaard",
        "where is|are .. stored|hosted",
    ),
}
"""Label → phrases."""

PRIVACY: tuple[str, ...] = (
    "avg|gdpr|dsgvo|privacy*|persoonsgegevens|datenschutz*|databescherming|gegevensbescherming",
    "personal data|information",
    "personenbezogen*",
    "toestemming|consent|einwilligung",
    "autoriteit persoonsgegevens",
    "mijn|my|meine|m'n gegevens|data|daten",
    "datalek|gelekt|leaked",
    "nieuwsbrief|newsletter|mailing|mailinglijst|spam|reclame|werbung",
    "cookies|cookie|tracking|bewaartermijn",
    "uitschrijven|afmelden|unsubscribe|abmelden",
    "verwijder*|wissen|delete|erase|lösch*",
    "inzage|bezwaar",
    "over mij",
    "about me",
    "über mich",
    "artikel|article|art 7|15|16|17|18|20|21|22",
)
"""Words of privacy: where none stands, a mail is hardly ever ours."""

NEGATED: tuple[str, ...] = (
    "hoeft|hoeven .. niet",
    "geen verzoek|klacht|bezwaar",
    "niet .. verwijder*",
    "no need to",
    "don't|do|not .. need|want to",
    "not a|an request|complaint",
    "niet bedoeld",
    "keine beschwerde",
    "brauchen .. nicht",
)
BOILERPLATE: tuple[str, ...] = (
    "behoud .. recht|rechten voor",
    "indien|als|mocht|if|should|falls|sollte .. klacht|complaint|beschwerde|autoriteit|authority|aufsichtsbehörde|ap",
    "reserve .. right",
    "behalte .. vor",
    "klacht indienen bij .. autoriteit|ap",
    "lodge|file .. complaint with",
    "beschwerde bei",
    "u heeft het recht",
    "you have the right",
)


def matcher(vocab: Vocab) -> Matcher:
    """A Matcher of all patterns, keyed by label."""
    built = Matcher(vocab)
    for label, phrases in {**PATTERNS, "privacy": PRIVACY, "negated": NEGATED, "boilerplate": BOILERPLATE}.items():
        built.add(label, [compiled(phrase) for phrase in phrases])
    return built


def compiled(phrase: str) -> list[dict[str, Any]]:
    """The token pattern of one phrase."""
    return [_token(word) for word in phrase.split()]


def _token(word: str) -> dict[str, Any]:
    if word == "..":
        return {"OP": "{0,4}", "IS_PUNCT": False}
    optional = word.endswith("?") and len(word) > 1
    plain, starts = [], []
    for option in word.removesuffix("?" if optional else "").split("|"):
        (starts if option.endswith("*") else plain).append(option.rstrip("*"))
    pattern: dict[str, Any]
    if starts:
        parts = [re.escape(start) + r"\w*" for start in starts] + [re.escape(option) for option in plain]
        pattern = {"LOWER": {"REGEX": f"^(?:{'|'.join(parts)})$"}}
    else:
        pattern = {"LOWER": {"IN": plain}}
    return {**pattern, "OP": "?"} if optional else pattern
