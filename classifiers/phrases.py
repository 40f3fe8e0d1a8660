"""Fixed phrases that need no learning, as tables for spaCy's Matcher: articles of the law, answers to our mail.

A phrase is words with spaces between: `a|b` either, `verwijder*` beginning with, `x?` optional, `..` up to
three words
of any kind within the clause. Case does not count.
"""

import re
from typing import Any

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from classifiers.labels import Reply, Right

_LAW = "avg|gdpr|dsgvo|ds-gvo|verordening|regulation|uavg|rgpd"
_ARTICLE = "artikel|artikelen|art|article|articles|art."
ARTICLES = {
    "7": Right.WITHDRAW_CONSENT,
    "15": Right.ACCESS,
    "16": Right.RECTIFICATION,
    "17": Right.ERASURE,
    "18": Right.RESTRICTION,
    "20": Right.PORTABILITY,
    "21": Right.OBJECTION,
    "22": Right.AUTOMATED_DECISION,
}
"""Article of the GDPR → right."""

REPLIES: dict[Reply, tuple[str, ...]] = {
    Reply.HUMAN: (
        "mens|medewerker|persoon|iemand .. spreken|bellen|praten|contact",
        "spreken|praten|bellen|contact|antwoord .. mens|medewerker|persoon",
        "echt|echte|levend|levende mens|persoon|medewerker",
        "geen robot|computer|automatisch|automaat",
        "speak|talk|write|respond .. human|person|someone|somebody",
        "real|actual|living person|human",
        "a human being",
        "not a|some bot|robot|machine",
        "mit einem menschen|mitarbeiter",
        "echten menschen|mitarbeiter",
    ),
    Reply.MISUNDERSTOOD: (
        "verkeerd|niet|fout|mis begrepen",
        "begrijpt|begrijpen|snapt|begreep me|mij|mijn .. verkeerd|niet|fout",
        "misverstand",
        "misunderst*",
        "niet .. wat ik bedoel|bedoelde|vroeg|vraag",
        "niet mijn vraag|bedoeling|verzoek",
        "not what i meant|asked|said|wanted",
        "got|understood .. wrong",
        "falsch|miss verstanden",
        "missverst*",
        "nicht was ich meinte|wollte",
    ),
    Reply.WITHDRAWN: (
        "trek .. verzoek|aanvraag|vraag|klacht .. in",
        "verzoek|aanvraag|klacht .. intrekken|ingetrokken|vervalt|vervallen",
        "laat|laten maar .. zitten|zo|rusten",
        "laat maar",
        "hoeft niet meer|langer",
        "withdraw|cancel|retract|drop my|the|this request|complaint|enquiry",
        "never mind",
        "nevermind",
        "forget about .. request|it",
        "no longer need|needed|necessary|want",
        "ziehe .. anfrage|antrag|beschwerde .. zurück",
        "hat sich erledigt",
        "nicht mehr nötig|notwendig",
    ),
    Reply.THANKS: (
        "bedankt|dank|dankjewel|dankuwel|merci|thx|thanks|danke|tnx",
        "thank you",
        "prima|top|fijn|super|great|perfect|perfekt|geregeld|opgelost",
        "alles in|is orde|goed|geregeld",
    ),
}
"""Reply → phrases."""


@Language.factory("phrases")
def _factory(nlp: Language, name: str) -> "Phrases":
    return Phrases(nlp)


class Phrases:
    """The component: sets `doc._.phrases` (key of a phrase → the first clause that has it)."""

    def __init__(self, nlp: Language) -> None:
        self._matcher = Matcher(nlp.vocab)
        for number, right in ARTICLES.items():
            self._matcher.add(
                f"article:{right}", [_compiled(f"{_ARTICLE} .. {number}"), _compiled(f"{number} {_LAW}")]
            )
        self._matcher.add("law", [_compiled(_LAW)])
        for reply, phrases in REPLIES.items():
            self._matcher.add(f"reply:{reply}", [_compiled(phrase) for phrase in phrases])
        if not Doc.has_extension("phrases"):
            Doc.set_extension("phrases", default=None)

    def __call__(self, doc: Doc) -> Doc:
        """Notes for every key that matched the first clause in which it did."""
        found: dict[str, str] = {}
        for sentence in doc.sents:
            keys = {doc.vocab.strings[key] for key, _, _ in self._matcher(sentence)}
            for key in keys:
                found.setdefault(key, sentence.text)
        if "law" not in found:
            found = {key: text for key, text in found.items() if not key.startswith("article:")}
        doc._.phrases = found
        return doc


def _compiled(phrase: str) -> list[dict[str, Any]]:
    return [token for word in phrase.split() for token in _tokens(word)]


def _tokens(word: str) -> list[dict[str, Any]]:
    if word == "..":
        return [{"OP": "{0,3}", "IS_SPACE": False}]
    optional = word.endswith("?")
    options = word.removesuffix("?").split("|")
    if any(option.endswith("*") for option in options):
        starts = "|".join(re.escape(option.rstrip("*")) for option in options)
        pattern: dict[str, Any] = {"LOWER": {"REGEX": f"^(?:{starts})"}}
    else:
        pattern = {"LOWER": {"IN": options}}
    return [{**pattern, "OP": "?"}] if optional else [pattern]
