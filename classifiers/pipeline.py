"""The spaCy pipeline from text to verdict: clauses, phrases, network."""

from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

import classifiers.phrases  # noqa: F401  (registers the component)
from classifiers import decide, flags, language, lexicon, names, network, wording
from classifiers.decide import Judgement
from classifiers.labels import Evidence, Flag, Kind, Message, Reply, Right, Verdict
from classifiers.network import CLAUSE_LABELS, FOLDER, Scores
from classifiers.reading import SAID, Clause, Reading, blank, clauses_of, pieces, read

_EVIDENCE = 300
_ARTICLE_LEAST = 0.001
_ALONE = 0.25
"""Least chance of a right that stands alone in a request."""
_THANKS_WORDS = 30


@Language.factory("network", default_config={"folder": str(FOLDER)})
def _factory(nlp: Language, name: str, folder: str) -> "Scorer":
    return Scorer(Path(folder))


class Scorer:
    """The component that runs the trained network: sets `doc._.scores`."""

    def __init__(self, folder: Path) -> None:
        self._network, self._vocabulary = network.load(folder)
        self._wording = wording.load(folder)
        if not Doc.has_extension("scores"):
            Doc.set_extension("scores", default=None)

    def __call__(self, doc: Doc) -> Doc:
        """Puts the scores and the clauses that their rows are about into `doc._.scores`."""
        clauses = clauses_of(doc)
        numbers, spans, kept = pieces(clauses, self._vocabulary)
        said = self._wording.opinion([clauses[place].text for place in kept])
        scores = self._network.scores(numbers, spans, said)
        doc._.scores = scores, [clauses[place] for place in kept]
        return doc


class Classifier:
    """Reads messages; made by `classifiers.load()`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._nlp = blank()
        self._nlp.add_pipe("phrases")
        self._nlp.add_pipe("network", config={"folder": str(folder)})
        self._lexicon = lexicon.load(folder)
        self._settings: dict[str, Any] = network.settings(folder)["thresholds"]

    def classify(self, message: Message) -> Verdict:
        """What `message` is taken for. Holds against any text; reads at most the first `reading.MAX_CHARS`."""
        reading = read(self._nlp, message)
        said = reading.parts.current
        tongue = language.detect(said or reading.doc.text, f"{message.subject} {reading.parts.signature}")
        name = names.sender(self._lexicon, said, reading.parts.signature, message.display_name, message.address)
        if not any(char.isalnum() for char in reading.doc.text):
            return _empty(message, tongue, name)
        scores, clauses = reading.doc._.scores
        judged = decide.judge(scores, self._settings)
        sure, unsure = self._rights(judged, reading.doc._.phrases)
        held = flags.found(message, said, judged.flags, judged.kind, sure)
        evidence = _evidence(judged.kind, sure or unsure, scores, clauses, held)
        certain = (
            judged.certain and Flag.ATTACHMENT not in held and (judged.kind is not Kind.REQUEST or bool(sure))
        )
        return Verdict(
            kind=judged.kind,
            confidence=judged.confidence,
            certain=certain,
            language=tongue,
            reason=_reason(judged, certain, held, evidence),
            also=_also(judged),
            rights=sure,
            unsure_rights=unsure,
            flags=held,
            evidence=evidence,
            name=name,
            on_behalf_of=_behalf(reading, held, name),
            reply=_reply(judged, reading),
        )

    def _rights(self, judged: Judgement, phrases: dict[str, str]) -> tuple[tuple[Right, ...], tuple[Right, ...]]:
        """The rights that are sure, and those that may be meant too; a named article makes its right sure."""
        if judged.kind is not Kind.REQUEST:
            return (), ()
        named = {
            right
            for right, chance in judged.rights.items()
            if chance >= _ARTICLE_LEAST and f"article:{right}" in phrases
        }
        sure = {right for right, chance in judged.rights.items() if chance >= self._settings["sure"]} | named
        unsure = {right for right, chance in judged.rights.items() if chance >= decide.POSSIBLE} - sure
        likeliest = max(judged.rights, key=lambda right: judged.rights[right])
        if not sure:
            (sure if judged.rights[likeliest] >= _ALONE else unsure).add(likeliest)
            unsure -= sure
        return tuple(right for right in Right if right in sure), tuple(right for right in Right if right in unsure)


def _empty(message: Message, tongue: str, name: str | None) -> Verdict:
    """No text: nothing is wanted, unless it stands in something attached or encrypted."""
    held = flags.found(message, "", {}, Kind.OTHER, ())
    if message.attachments:
        return Verdict(
            Kind.OTHER,
            0.5,
            False,
            tongue,
            "all of it stands in attachments, which are not opened",
            flags=held,
            name=name,
        )
    return Verdict(Kind.OTHER, 1.0, True, tongue, "there is no text in it", flags=held, name=name)


def _also(judged: Judgement) -> tuple[Kind, ...]:
    if judged.kind is Kind.OTHER:
        return ()
    return tuple(kind for kind, chance in judged.also.items() if chance >= 0.5 and kind is not judged.kind)


def _evidence(
    kind: Kind, rights: tuple[Right, ...], scores: Scores, clauses: list[Clause], held: tuple[Flag, ...]
) -> tuple[Evidence, ...]:
    """For every label the clause that speaks for it most."""
    if kind is Kind.OTHER:
        return ()
    labels = [*(rights if kind is Kind.REQUEST else (kind,)), *([Flag.BREACH] if Flag.BREACH in held else [])]
    best = {label: clauses[int(scores.clauses[:, CLAUSE_LABELS.index(label)].argmax())].text for label in labels}
    return tuple(Evidence(str(label), text[:_EVIDENCE]) for label, text in best.items())


def _reason(judged: Judgement, certain: bool, held: tuple[Flag, ...], evidence: tuple[Evidence, ...]) -> str:
    if Flag.ATTACHMENT in held:
        return "what is wanted seems to stand in an attachment, which is not opened"
    how = "is" if certain else "may be"
    if not evidence:
        return f"it {how} about something else than personal data ({judged.confidence:.0%})"
    return (
        f"it {how} a {judged.kind.replace('_', ' ')} ({judged.confidence:.0%}), for it says “{evidence[0].text}”"
    )


def _behalf(reading: Reading, held: tuple[Flag, ...], name: str | None) -> str | None:
    acting = bool({Flag.REPRESENTATIVE, Flag.CUSTOMER_OF_DEALER} & set(held))
    return names.on_behalf(reading.doc.text, reading.parts.history, name) if acting else None


def _reply(judged: Judgement, reading: Reading) -> Reply | None:
    phrases: dict[str, str] = reading.doc._.phrases
    said = " ".join(clause.text for clause in clauses_of(reading.doc) if clause.place == SAID)
    found = [reply for reply in Reply if phrases.get(f"reply:{reply}") and reply is not Reply.THANKS]
    if found:
        return found[0]
    if judged.kind is Kind.OTHER and f"reply:{Reply.THANKS}" in phrases and len(said.split()) <= _THANKS_WORDS:
        return Reply.THANKS
    return None
