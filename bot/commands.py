"""The commands that staff write, read from the first line of a reply: exactly, or not at all.

A first line is `VERB ARGUMENTS` and, where the command takes words of the giver's own, a text. The text begins

- after a colon: `geweigerd inzage: wij konden niet vaststellen wie u bent`,
- on the lines below the command, up to signature or quoted mail,
- or on the same line as a sentence of its own: at least three words, the first with a capital, no question mark.

So `afgehandeld Wij hebben de foto verwijderd.` is a message, and `afgehandeld door Piet?` is asked back. Case,
accents, a leading slash, `Re:`, quotes around the line and one full stop behind it do not matter; nothing else is
forgiven.
Words for the file only (`notitie`, `identiteit akkoord`) follow on the same line as they come.
"""

import difflib
import re
from dataclasses import dataclass

from bot import readers
from bot.errors import Refused
from bot.grammar import Command, Line, Verb
from bot.readers import Reader
from bot.refusals import refusal
from bot.vocabulary import fold
from classifiers.clauses import clean, current

__all__ = ["FORMS", "Command", "Form", "Verb", "manual", "parse", "usage"]


@dataclass(frozen=True, slots=True)
class Form:
    """How one command is written, and what it does."""

    verb: Verb
    words: tuple[str, ...]
    """Folded, the Dutch first."""
    read: Reader
    nl: tuple[str, str]
    """For staff: how it is written (` / ` between the choices), and what it does."""
    en: tuple[str, str]

    def shown(self, language: str) -> tuple[str, str]:
        """How it is written, to be put between backticks, and what it does."""
        written, does = self.nl if language == "nl" else self.en
        return written.replace(" / ", "` of `" if language == "nl" else "` or `"), does


def _words(*words: str) -> dict[str, str]:
    """Each of `word|word=value` as an entry."""
    pairs = (word.partition("=") for word in words)
    return {name: value for names, _, value in pairs for name in names.split("|")}


_GROUNDS = _words("ingewikkeld|complex|complexity=complexity", "aantal|number=number")
_TOLD = _words("ingelicht|told|informed=told", "geen|none=none", "onmogelijk|impossible=impossible")
_ABOUT = _words("naam|name=name", "toelichting|clarification=clarification", "machtiging|mandate=mandate")

FORMS = (
    Form(
        Verb.GRANTED, ("ingewilligd", "granted"), readers.decision,
        ("ingewilligd inzage: toelichting", "inwilligen, alle open rechten of alleen de genoemde"),
        ("granted access: explanation", "grant all open rights, or only those named"),
    ),
    Form(
        Verb.PARTLY, ("deels", "partly"), readers.decision,
        ("deels inzage: reden", "deels inwilligen, met de reden"),
        ("partly access: reason", "grant in part, with the reason"),
    ),
    Form(
        Verb.REFUSED, ("geweigerd", "refused"), readers.decision,
        ("geweigerd inzage: reden", "weigeren, met de reden"),
        ("refused access: reason", "refuse, with the reason"),
    ),
    Form(
        Verb.RECIPIENTS, ("ontvangers", "recipients"), readers.option(_TOLD, needed=frozenset({"impossible"})),
        ("ontvangers ingelicht / ontvangers geen / ontvangers onmogelijk: reden", "of ontvangers zijn ingelicht"),
        ("recipients told / recipients none / recipients impossible: reason", "whether recipients were told"),
    ),
    Form(
        Verb.EXTEND, ("verleng", "extend"), readers.option(_GROUNDS, needed=frozenset({"complexity", "number"})),
        ("verleng ingewikkeld: reden / verleng aantal: reden", "de termijn verlengen met twee maanden"),
        ("extend complex: reason / extend number: reason", "extend the period by two months"),
    ),
    Form(
        Verb.CLOSE, ("afgehandeld", "close"), readers.with_text,
        ("afgehandeld: uitkomst", "een klacht of vraag beantwoorden en sluiten"),
        ("close: outcome", "answer a complaint or question and close it"),
    ),
    Form(
        Verb.FORWARDED, ("doorgestuurd", "forwarded"), readers.controller,
        ("doorgestuurd Garage X <info@garage.example>", "doorsturen aan wie verantwoordelijk is"),
        ("forwarded Garage X <info@garage.example>", "pass on to the controller"),
    ),
    Form(
        Verb.ANSWER, ("antwoord", "answer"), readers.with_text,
        ("antwoord: tekst", "een bericht sturen; de zaak blijft open"),
        ("answer: text", "send a message; the case stays open"),
    ),
    Form(
        Verb.ASK, ("vraag", "ask"), readers.option(_ABOUT),
        ("vraag naam / vraag toelichting: tekst / vraag machtiging", "de betrokkene iets vragen"),
        ("ask name / ask clarification: text / ask mandate", "ask the data subject something"),
    ),
    Form(
        Verb.NAME, ("naam", "name"), readers.name,
        ("naam Jan van der Berg", "de naam van de betrokkene vastleggen"),
        ("name Jan van der Berg", "record the data subject's name"),
    ),
    Form(
        Verb.ADDRESS, ("adres", "address"), readers.address,
        ("adres naam@voorbeeld.example", "het mailadres van de betrokkene vastleggen"),
        ("address name@domain.example", "record the data subject's mail address"),
    ),
    Form(
        Verb.IDENTITY, ("identiteit akkoord", "identity ok"), readers.remark,
        ("identiteit akkoord: hoe", "vastleggen dat en hoe de identiteit is vastgesteld"),
        ("identity ok: how", "record that and how the identity was checked"),
    ),
    Form(
        Verb.KIND, ("soort", "kind"), readers.kind,
        ("soort verzoek inzage / soort klacht / soort vraag / soort overig", "zeggen wat de zaak is"),
        ("kind request access / kind complaint / kind question / kind other", "say what the case is"),
    ),
    Form(
        Verb.CONFIRM, ("bevestig", "confirm"), readers.alone,
        ("bevestig", "zeggen dat het klopt, en de ontvangst bevestigen"),
        ("confirm", "say that it is right, and confirm receipt"),
    ),
    Form(
        Verb.BELONGS, ("hoort bij", "belongs to"), readers.reference,
        ("hoort bij WKM-2026-0001", "deze zaak gaat op in die andere"),
        ("belongs to WKM-2026-0001", "this case becomes part of that other one"),
    ),
    Form(
        Verb.MERGE, ("samenvoegen", "merge"), readers.reference,
        ("samenvoegen WKM-2026-0001", "twee zaken samen, waarvan de oudste doorloopt"),
        ("merge WKM-2026-0001", "two cases become one, and the oldest goes on"),
    ),
    Form(
        Verb.REOPEN, ("heropen", "reopen"), readers.nothing,
        ("heropen", "een gesloten zaak weer openen"),
        ("reopen", "open a closed case again"),
    ),
    Form(
        Verb.ASSIGN, ("wijs toe", "assign"), readers.address,
        ("wijs toe naam@voorbeeld.example", "de behandelaar kiezen"),
        ("assign name@domain.example", "choose the handler"),
    ),
    Form(
        Verb.AWAY, ("afwezig", "away"), readers.day,
        ("afwezig tot 3 april", "u bent er niet, tot en met die dag"),
        ("away until 3 April", "you are away, up to and including that day"),
    ),
    Form(
        Verb.CONFIDENTIAL, ("vertrouwelijk", "confidential"), readers.nothing,
        ("vertrouwelijk", "de zaak vertrouwelijk maken"),
        ("confidential", "make the case confidential"),
    ),
    Form(
        Verb.NOTE, ("notitie", "note"), readers.remark,
        ("notitie tekst", "een notitie in het dossier"),
        ("note text", "a note in the file"),
    ),
    Form(
        Verb.RECEIVED, ("ontvangen", "received"), readers.day,
        ("ontvangen 2026-04-03", "de dag van ontvangst verbeteren; de datums worden opnieuw berekend"),
        ("received 2026-04-03", "correct the day of receipt; the dates are computed anew"),
    ),
    Form(
        Verb.WITHDRAWN, ("verzoek ingetrokken", "request withdrawn"), readers.with_note,
        ("verzoek ingetrokken", "sluiten, want de betrokkene ziet ervan af"),
        ("request withdrawn", "close, because the data subject withdrew it"),
    ),
    Form(
        Verb.NOT_PRIVACY, ("geen privacy", "not privacy"), readers.with_note,
        ("geen privacy", "sluiten, want dit gaat niet over persoonsgegevens"),
        ("not privacy", "close, because this is not about personal data"),
    ),
    Form(
        Verb.STOP, ("stop",), readers.numbered,
        ("stop", "de wachtende brief tegenhouden"),
        ("stop", "stop the letter that is being held"),
    ),
    Form(
        Verb.CHANGE, ("wijzig", "change"), readers.changed,
        ("wijzig: nieuwe tekst", "de wachtende brief een andere tekst geven"),
        ("change: new text", "give the held letter another text"),
    ),
    Form(
        Verb.SEND, ("verstuur", "send"), readers.numbered,
        ("verstuur", "de wachtende brief nu versturen"),
        ("send", "send the held letter now"),
    ),
    Form(
        Verb.LIFT, ("hef op", "lift"), readers.with_text,
        ("hef op: reden", "een beperking opheffen; de betrokkene hoort het eerst"),
        ("lift: reason", "lift a restriction; the data subject is told first"),
    ),
    Form(
        Verb.SETTLED, ("geregeld", "settled"), readers.remark_if_any,
        ("geregeld: hoe", "sluiten zonder brief, want de betrokkene kreeg al antwoord buiten het programma om"),
        ("settled: how", "close without a letter, because the data subject was answered outside the program"),
    ),
    Form(
        Verb.STATUS, ("status",), readers.nothing,
        ("status", "hoe de zaak ervoor staat"),
        ("status", "how the case stands"),
    ),
    Form(
        Verb.HELP, ("help",), readers.nothing,
        ("help", "deze lijst"),
        ("help", "this list"),
    ),
)  # fmt: skip
"""Every command, in the order of the manual."""

_BY_WORDS = {words: form for form in FORMS for words in form.words}
_REPLY = re.compile(r"^(?:(?:re|aw|antw|fw|fwd)\s*:\s*)+", re.IGNORECASE)
_WRAPPED = re.compile(r"[\"'“”„‘’`*_]+(.+?)[\"'“”„‘’`*_]+\.?")
_TAG = re.compile(r"\[[^\]]*\]")
_FROM_SUBJECT = frozenset({Verb.STATUS, Verb.HELP, Verb.STOP})
_RULE = re.compile(r"(?:\n[-_=*~ ]*)+$")
"""The line that Outlook draws above a quoted mail."""
_STAND_IN = "Command"


def parse(text: str, subject: str = "", language: str = "nl") -> Command:
    """The command on the first line of a staff reply; Refused, with what would be right, when it is none.

    `text` may end with a signature and the quoted mail. `subject` counts only when there is no text, and then only
    for commands by which nothing can leave.
    """
    lines = [line.strip() for line in clean(text).split("\n")]
    own = [line for line in lines if not line.startswith((">", "|"))]
    first = next((index for index, line in enumerate(own) if line), None)
    if first is None:
        return _from_subject(subject, language)
    # The command gives way to a stand-in, so that a name right below it is seen as a signature.
    below = current("\n".join((_STAND_IN, "", *own[first + 1 :])))
    return _read(own[first], _RULE.sub("", below.removeprefix(_STAND_IN)).strip(), language)


def usage(verb: Verb, language: str) -> str:
    """How a command is written, for a sentence to staff."""
    return next(form for form in FORMS if form.verb is verb).shown(language)[0]


def manual(language: str) -> str:
    """Every command, one a line."""
    return "\n".join("- `{}`: {}".format(*form.shown(language)) for form in FORMS)


def _from_subject(subject: str, language: str) -> Command:
    line = " ".join(_TAG.sub(" ", clean(subject)).split())
    form, _ = _form(_bare(line))
    if form is None or form.verb not in _FROM_SUBJECT:
        raise refusal("empty", language)
    return _read(line, "", language)


def _read(first: str, below: str, language: str) -> Command:
    bare = _bare(first)
    form, end = _form(bare)
    if form is None:
        raise _unknown(bare, language)
    return form.read(Line(form.verb, form.shown(language)[0], bare[end:].lstrip(), below, language))


def _bare(first: str) -> str:
    """The first line without what mail programs and careful people put around a command."""
    line = _REPLY.sub("", first.strip())
    wrapped = _WRAPPED.fullmatch(line)
    return (wrapped[1] if wrapped else line).strip().removeprefix("/").lstrip()


def _form(line: str) -> tuple[Form | None, int]:
    """The form whose words begin the line, and where they end."""
    folded = fold(line)
    for words, form in _BY_WORDS.items():
        if match := re.match(r"\s+".join(words.split()) + r"(?=$|[\s:.])", folded):
            return form, match.end()
    return None, 0


def _unknown(line: str, language: str) -> Refused:
    """What to say to a first line that is no command: how the nearest one is written, if any is near."""
    words = [word.strip(".,:;!?") for word in fold(line).split()[:2]]
    near = next((found[0] for start in (" ".join(words), *words[:1])
                 if (found := difflib.get_close_matches(start, _BY_WORDS, 1, 0.75))), None)  # fmt: skip
    shown = line if len(line) <= 60 else f"{line[:59]}…"
    if near is None:
        return refusal("unknown", language, line=shown)
    return refusal("near", language, line=shown, usage=_BY_WORDS[near].shown(language)[0])
