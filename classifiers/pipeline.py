"""The spaCy pipeline: clauses, patterns, and the verdict over them."""

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from classifiers import language, names, patterns
from classifiers.clauses import Parts, parts
from classifiers.labels import Evidence, Flag, Kind, Message, Reply, Right, Verdict

_MAX_TOKENS = 3_000


class Classifier:
    """Reads messages; made by `classifiers.load()`."""

    def __init__(self) -> None:
        self._nlp: Language = spacy.blank("xx")
        self._nlp.add_pipe("sentencizer")
        self._matcher = patterns.matcher(self._nlp.vocab)

    def classify(self, message: Message) -> Verdict:
        """What `message` is taken for; never raises on hostile text."""
        found = parts(message.body)
        text = _read(message, found)
        doc = self._nlp(text[:12_000])
        hits = self._hits(doc)
        verdict_language = language.detect(found.current or text, message.subject)
        rights = tuple(right for right in Right if hits.get(right))
        privacy = bool(hits.get("privacy"))
        complaint, question = bool(hits.get("complaint")), bool(hits.get("question"))
        if rights and privacy:
            kind, confidence = Kind.REQUEST, 0.75
        elif complaint and privacy:
            kind, confidence = Kind.COMPLAINT, 0.7
        elif question and privacy:
            kind, confidence = Kind.QUESTION, 0.7
        else:
            kind, confidence = Kind.OTHER, 0.6 if privacy or rights else 0.9
        flags = _flags(message, text, kind)
        certain = (kind is Kind.OTHER and not privacy and not rights) or (
            kind is Kind.REQUEST and privacy and len(rights) <= 2
        )
        certain = certain and Flag.ATTACHMENT not in flags
        also = tuple(
            other
            for other, seen in ((Kind.COMPLAINT, complaint), (Kind.QUESTION, question))
            if seen and kind is Kind.REQUEST and other is not kind
        )
        label_keys = [right.value for right in rights] if kind is Kind.REQUEST else [kind.value]
        evidence = tuple(Evidence(key, hits[key][0]) for key in label_keys if hits.get(key))
        return Verdict(
            kind=kind,
            confidence=confidence,
            certain=certain,
            language=verdict_language,
            reason=_reason(kind, evidence),
            also=also,
            rights=rights if kind is Kind.REQUEST else (),
            flags=flags,
            evidence=evidence,
            name=names.sender(found.current, found.signature, message.display_name, message.address),
            on_behalf_of=names.on_behalf(text),
            reply=_reply(found.current),
        )

    def _hits(self, doc: Doc) -> dict[str, list[str]]:
        hits: dict[str, list[str]] = {}
        for sentence in doc.sents:
            labels: dict[str, Span] = {}
            for match_id, start, end in self._matcher(sentence):
                labels.setdefault(doc.vocab.strings[match_id], sentence[start:end])
            if "negated" in labels or "boilerplate" in labels:
                labels = {key: span for key, span in labels.items() if key == "privacy"}
            for key in labels:
                hits.setdefault(key, []).append(sentence.text.strip())
        return hits


def _read(message: Message, found: Parts) -> str:
    body = found.current
    if found.quoted and (found.forwarded or len(body) < 250):
        body = f"{body}\n\n{found.quoted}"
    return f"{message.subject[:300]}.\n{body}"


def _reason(kind: Kind, evidence: tuple[Evidence, ...]) -> str:
    if not evidence:
        return "nothing in it is about personal data"
    return f"taken for {kind.value} because of “{evidence[0].text[:200]}”"


def _flags(message: Message, text: str, kind: Kind) -> tuple[Flag, ...]:
    low = text.lower()
    found = set()
    if any(
        "autoriteitpersoonsgegevens.nl" in address for address in (*message.recipients, message.address.lower())
    ):
        found.add(Flag.SUPERVISOR)
    if any(
        word in low
        for word in (
            "nieuwsbrief",
            "newsletter",
            "reclame",
            "marketing",
            "mailing",
            "werbung",
            "aanbieding",
            "unsubscribe",
            "uitschrij",
            "afmeld",
        )
    ):
        if kind is Kind.REQUEST:
            found.add(Flag.DIRECT_MARKETING)
    if any(word in low for word in ("datalek", "gelekt", "leaked", "data breach", "datenpanne")):
        found.add(Flag.BREACH)
    if message.attachments and any(word in low for word in ("bijlage", "attach", "anhang")) and len(text) < 400:
        found.add(Flag.ATTACHMENT)
    return tuple(flag for flag in Flag if flag in found)


_REPLIES = {
    Reply.HUMAN: (
        "mens spreken",
        "een mens",
        "medewerker spreken",
        "speak to a human",
        "real person",
        "human being",
        "mit einem menschen",
        "persoon spreken",
    ),
    Reply.MISUNDERSTOOD: (
        "verkeerd begrepen",
        "misunderst",
        "niet wat ik bedoel",
        "not what i meant",
        "falsch verstanden",
        "missverstanden",
    ),
    Reply.WITHDRAWN: (
        "trek mijn verzoek in",
        "verzoek intrekken",
        "laat maar",
        "withdraw my request",
        "never mind",
        "ziehe meine anfrage zurück",
        "hoeft niet meer",
    ),
    Reply.THANKS: ("bedankt", "dank u", "dank je", "thanks", "thank you", "danke", "vielen dank"),
}


def _reply(text: str) -> Reply | None:
    low = text.lower()[:2_000]
    for reply, phrases in _REPLIES.items():
        if any(phrase in low for phrase in phrases):
            if reply is not Reply.THANKS or len(low.split()) <= 25:
                return reply
    return None
