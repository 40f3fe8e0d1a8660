"""Ready-made answers for staff: which commands are usual in which state, each as a mailto link."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bot import proof
from bot.cases import PASSED_ON, Case, State, next_number
from bot.commands import FORMS
from bot.events import Closed, Joined, Noted, Written
from bot.grammar import Verb
from bot.model import Audience, Letter, Stage
from bot.vocabulary import KIND_NAMES, RIGHT_NAMES, rights_named
from classifiers.labels import Flag, Kind, Reply, Right

_WORDS = {
    (form.verb, language): form.words[index] for form in FORMS for index, language in ((0, "nl"), (-1, "en"))
}
_OPTIONS = {
    "told": {"nl": "ingelicht", "en": "told"},
    "none": {"nl": "geen", "en": "none"},
    "complex": {"nl": "ingewikkeld", "en": "complex"},
    "name": {"nl": "naam", "en": "name"},
    "clarification": {"nl": "toelichting", "en": "clarification"},
    "mandate": {"nl": "machtiging", "en": "mandate"},
}
_WHO = {
    "nl": "Wij willen zeker weten dat wij de gegevens van de juiste persoon gebruiken. Wilt u ons schrijven "
    "waarvan wij u kennen? Bijvoorbeeld via welk autobedrijf, of met welk mailadres u ons eerder schreef.",
    "en": "We want to be sure that we use the data of the right person. Would you tell us how we know you? For "
    "instance through which car company, or from which email address you wrote to us before.",
}
"""A question that asks for no more than is needed to tell people apart (GDPR art. 12(6))."""
_DOUBTFUL = frozenset({"authentication_failed", "reply_to_elsewhere"})
MOST_RELATED = 3


@dataclass(frozen=True, slots=True)
class Action:
    """One usual thing to do."""

    key: str
    """What it does, as a code of the staff templates."""
    line: str
    """The command, as it would be typed."""
    about: str = ""
    """The right, case or letter that it concerns, for the label."""
    text: bool = False
    """Whether words of the giver's must follow below it."""
    words: str = ""
    """Words that are ready below it."""


def url(to: str, token: str, action: Action) -> str:
    """The link that opens a mail with this command in it, as an answer to the staff letter of this token."""
    below = f"\r\n{action.words}" if action.words else "\r\n\r\n" if action.text else ""
    subject, body = quote(f"Re: {proof.tag(token)}", safe=""), quote(action.line + below, safe="")
    return f"mailto:{to}?subject={subject}&body={body}"


def next_token(case: Case, to: str) -> str:
    """The token of the staff letter that is being written."""
    return proof.token(case.secret, case.ref, next_number(case), to)


def known_token(case: Case, to: str) -> str | None:
    """The token of the last staff letter that this person got, while it still commands."""
    numbers = [
        event.letter
        for event in case.events
        if isinstance(event, Written) and event.to == to and case.letter(event.letter).audience is Audience.STAFF
    ]
    if not numbers or any(isinstance(event, Closed) for event in case.since(numbers[-1])):
        return None
    return proof.token(case.secret, case.ref, numbers[-1], to)


def usual(case: Case, language: str) -> tuple[Action, ...]:
    """What a person may want to do with the case as it stands."""
    return (*_usual(case, language), Action("status", command(Verb.STATUS, language)))


def held(letter: Letter, language: str) -> tuple[Action, ...]:
    """What can be done with a letter that waits."""
    number = str(letter.number)
    change = (Action("change", command(Verb.CHANGE, language, number), number, text=True),)
    return (
        Action("send", command(Verb.SEND, language, number), number),
        *(change if letter.stage is Stage.HELD else ()),
        Action("stop", command(Verb.STOP, language, number), number),
    )


def command(verb: Verb, language: str, *rest: str) -> str:
    """A command as it is typed."""
    return " ".join((_WORDS[verb, language], *rest))


def _usual(case: Case, language: str) -> Iterator[Action]:
    if case.closed:
        yield from _closed(case, language)
        return
    for letter in case.letters:
        if letter.audience is not Audience.STAFF and letter.stage in (Stage.HELD, Stage.FAILED):
            yield from held(letter, language)
    if case.settled:
        return
    if case.state is State.UNSURE:
        yield from _unsure(case, language)
    elif case.kind is Kind.REQUEST:
        yield from _request(case, language)
    elif case.kind is Kind.OTHER:
        yield Action("not_privacy", command(Verb.NOT_PRIVACY, language))
    else:
        yield Action("close", command(Verb.CLOSE, language), text=True)
    yield from _told(case, language)
    if case.state is not State.UNSURE and case.kind is not Kind.OTHER:
        yield from _write(case, language)


def _closed(case: Case, language: str) -> Iterator[Action]:
    if case.restricted:
        yield Action("lift", command(Verb.LIFT, language), text=True)
    yield Action("reopen", command(Verb.REOPEN, language))


def _unsure(case: Case, language: str) -> Iterator[Action]:
    rights = (*case.rights, *case.unsure_rights) or (Right.ACCESS,)
    names = rights_named(rights, language)
    for kind in (Kind.REQUEST, Kind.COMPLAINT, Kind.QUESTION):
        named = (names,) if kind is Kind.REQUEST else ()
        yield Action(f"kind_{kind}", command(Verb.KIND, language, KIND_NAMES[kind][language], *named), *named)
    yield Action("not_privacy", command(Verb.NOT_PRIVACY, language))
    for ref in case.related[:MOST_RELATED]:
        yield Action("belongs", command(Verb.BELONGS, language, ref), ref)


def _request(case: Case, language: str) -> Iterator[Action]:
    if case.unsure_rights:
        yield from _labels(case, language)
        return
    passed_on = PASSED_ON & set(case.undecided)
    if passed_on and not case.recipients:
        for outcome in ("told", "none"):
            yield Action(f"recipients_{outcome}", command(Verb.RECIPIENTS, language, _OPTIONS[outcome][language]))
    for right in case.undecided:
        name = RIGHT_NAMES[right][language]
        if case.recipients or right not in PASSED_ON:
            delivered = right in (Right.ACCESS, Right.PORTABILITY)
            yield Action("granted", command(Verb.GRANTED, language, name), name, text=delivered)
        if not case.at_once(right):
            yield Action("partly", command(Verb.PARTLY, language, name), name, text=True)
            yield Action("refused", command(Verb.REFUSED, language, name), name, text=True)
    if case.due_is == "statutory" and not case.extension and case.undecided:
        yield Action("extend", command(Verb.EXTEND, language, _OPTIONS["complex"][language]), text=True)
    if Flag.CUSTOMER_OF_DEALER in case.flags:
        yield Action("forwarded", f"{command(Verb.FORWARDED, language)} ")


def _labels(case: Case, language: str) -> Iterator[Action]:
    """Which rights are asked: those that are sure with the others, or without."""
    for rights in ((*case.rights, *case.unsure_rights), case.rights):
        if rights:
            named = rights_named(rights, language)
            yield Action("rights", command(Verb.KIND, language, KIND_NAMES[Kind.REQUEST][language], named), named)


def _told(case: Case, language: str) -> Iterator[Action]:
    """What the case's history suggests."""
    if any(isinstance(event, Joined) and event.reply is Reply.WITHDRAWN for event in case.events):
        yield Action("withdrawn", command(Verb.WITHDRAWN, language))
    if any(isinstance(event, Noted) and event.what == "answered_elsewhere" for event in case.events):
        yield Action("settled", command(Verb.SETTLED, language), text=True)


def _write(case: Case, language: str) -> Iterator[Action]:
    if not case.confirmed:
        yield Action("confirm", command(Verb.CONFIRM, language))
    yield Action("answer", command(Verb.ANSWER, language), text=True)
    if case.due_is == "at once":
        return
    if case.kind is Kind.REQUEST and case.name is None:
        yield _ask("name", language)
    yield _ask("clarification", language)
    if Flag.REPRESENTATIVE in case.flags:
        yield _ask("mandate", language)
    if _DOUBTFUL & set(case.doubts):
        words = _WHO["nl" if case.language == "nl" else "en"]
        line = command(Verb.ASK, language, _OPTIONS["clarification"][language])
        yield Action("ask_who", line, words=words)


def _ask(about: str, language: str) -> Action:
    return Action(f"ask_{about}", command(Verb.ASK, language, _OPTIONS[about][language]), text=True)
