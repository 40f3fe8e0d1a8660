"""The words that staff and the program use with each other: rights, kinds, months, in Dutch and English."""

import unicodedata
from collections.abc import Iterable
from datetime import date

from bot.words import day
from classifiers.labels import Kind, Right


def fold(text: str) -> str:
    """The text in lower case without accents, each character in its own place."""
    return "".join(unicodedata.normalize("NFD", each)[0].lower()[0] for each in text)


RIGHT_NAMES = {
    Right.WITHDRAW_CONSENT: {"nl": "toestemming", "en": "consent"},
    Right.ACCESS: {"nl": "inzage", "en": "access"},
    Right.RECTIFICATION: {"nl": "correctie", "en": "rectification"},
    Right.ERASURE: {"nl": "verwijdering", "en": "erasure"},
    Right.RESTRICTION: {"nl": "beperking", "en": "restriction"},
    Right.PORTABILITY: {"nl": "overdraagbaarheid", "en": "portability"},
    Right.OBJECTION: {"nl": "bezwaar", "en": "objection"},
    Right.AUTOMATED_DECISION: {"nl": "geautomatiseerd besluit", "en": "automated decision"},
}
"""How a right is called in sentences to staff; each of these can be written in a command."""

_RIGHT_WORDS = {
    Right.WITHDRAW_CONSENT: "toestemming, toestemming intrekken, intrekken toestemming, intrekking toestemming, "
    "intrekken van toestemming, intrekking van toestemming, intrekking van de toestemming, consent, "
    "withdraw consent, withdrawal of consent, consent withdrawal, withdraw_consent",
    Right.ACCESS: "inzage, inzagerecht, recht op inzage, access, right of access, subject access",
    Right.RECTIFICATION: "correctie, corrigeren, rectificatie, rectificeren, verbetering, verbeteren, aanvulling, "
    "aanvullen, recht op rectificatie, recht op correctie, rectification, correction, right to rectification",
    Right.ERASURE: "verwijdering, verwijderen, wissen, wissing, gegevenswissing, vergetelheid, "
    "recht op vergetelheid, recht op verwijdering, recht op gegevenswissing, erasure, deletion, delete, erase, "
    "right to erasure, right to be forgotten",
    Right.RESTRICTION: "beperking, beperken, beperking van de verwerking, recht op beperking, "
    "recht op beperking van de verwerking, restriction, restriction of processing, right to restriction",
    Right.PORTABILITY: "overdraagbaarheid, dataportabiliteit, gegevensoverdraagbaarheid, portabiliteit, "
    "overdracht, recht op dataportabiliteit, recht op overdraagbaarheid, portability, data portability, "
    "right to data portability",
    Right.OBJECTION: "bezwaar, recht van bezwaar, verzet, objection, object, right to object",
    Right.AUTOMATED_DECISION: "geautomatiseerd besluit, geautomatiseerde besluiten, "
    "geautomatiseerde besluitvorming, menselijke blik, automated decision, automated decisions, "
    "automated decision-making, automated decision making, automated_decision",
}
RIGHTS = {fold(word.strip()): right for right, words in _RIGHT_WORDS.items() for word in words.split(",")}
"""Every folded name that a right may have in a command."""

KIND_NAMES = {
    Kind.REQUEST: {"nl": "verzoek", "en": "request"},
    Kind.COMPLAINT: {"nl": "klacht", "en": "complaint"},
    Kind.QUESTION: {"nl": "vraag", "en": "question"},
    Kind.OTHER: {"nl": "overig", "en": "other"},
}
KINDS = {
    "verzoek": Kind.REQUEST,
    "request": Kind.REQUEST,
    "rights_request": Kind.REQUEST,
    "klacht": Kind.COMPLAINT,
    "complaint": Kind.COMPLAINT,
    "vraag": Kind.QUESTION,
    "question": Kind.QUESTION,
    "overig": Kind.OTHER,
    "anders": Kind.OTHER,
    "other": Kind.OTHER,
}

MONTH_NUMBERS = {
    fold(day(date(2000, number, 1), language).split()[1]): number
    for number in range(1, 13)
    for language in ("nl", "en")
}


def rights_named(rights: Iterable[Right], language: str) -> str:
    """Several rights in a sentence."""
    return listed([RIGHT_NAMES[right][language] for right in rights], language)


def listed(items: list[str], language: str) -> str:
    """Several things in a sentence: "a, b en c"."""
    joint = " en " if language == "nl" else " and "
    return joint.join(filter(None, (", ".join(items[:-1]), *items[-1:])))
