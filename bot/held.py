"""Commands about letters that wait: stop, change, send."""

from dataclasses import replace
from typing import Literal

from bot import decisions
from bot.cases import Case, put, record
from bot.commands import usage
from bot.events import Asked, Concluded, Decided, Extended, LetterMoved, Written
from bot.grammar import Command, Verb
from bot.model import Audience, Letter, Purpose, Stage
from bot.orders import Order, Outcome, grouped, held, require_letter, require_unchanged
from classifiers.labels import Right

_WAITING = (Stage.HELD, Stage.FAILED)


def stop(order: Order) -> Outcome:
    """The letter does not leave, and what it would have told did not happen."""
    letters = grouped(order.case, _target(order))
    return Outcome(_stopped(order, letters), order.say("stopped", letters=order.letters(letters)))


def send(order: Order) -> Outcome:
    """The letter leaves now; one that could not be delivered is tried again."""
    require_unchanged(order)
    letters = grouped(order.case, _target(order))
    shadow = order.context.settings.replies.mode == "shadow"
    stage = Stage.SHADOW if shadow else Stage.QUEUED
    case = order.case
    for letter in letters:
        if letter.audience is Audience.SUBJECT and letter.to != case.address:
            raise order.refused("old_address", number=letter.number)
        released = replace(letter, stage=stage, release=None, retry=None, attempts=0, error="")
        case = _moved(order, put(case, released), letter, "shadowed" if shadow else "released")
    said = order.say("shadow") if shadow else order.say("sent", letters=order.letters(letters))
    return Outcome(case, said)


def change(order: Order) -> Outcome:
    """The letter gets another text: it is stopped, and the command behind it carried out anew."""
    require_letter(order)
    letter = _target(order)
    command = _behind(order.case, letter, order.command.text)
    if command is None or letter.stage is not Stage.HELD:
        raise order.refused("no_change")
    again = replace(order, case=_stopped(order, (letter,)), command=command, answered=None)
    outcome = _WRITES[command.verb](again)
    return replace(outcome, said=f"{order.say('changed_text')} {outcome.said}")


_WRITES = {
    Verb.GRANTED: decisions.decide,
    Verb.PARTLY: decisions.decide,
    Verb.REFUSED: decisions.decide,
    Verb.EXTEND: decisions.extend,
    Verb.CLOSE: decisions.close,
    Verb.ASK: decisions.ask,
    Verb.ANSWER: decisions.answer,
    Verb.LIFT: decisions.lift,
}


def _behind(case: Case, letter: Letter, text: str) -> Command | None:
    """The command that wrote a letter, with a new text; None when that letter holds no words of the giver's."""
    if letter.purpose is Purpose.ANSWER:
        return Command(Verb.ANSWER, text=text)
    if letter.purpose is Purpose.LIFTING:
        return Command(Verb.LIFT, text=text)
    rights: list[Right] = []
    command = None
    for event in case.events:
        match event:
            case Decided(letter=letter.number, right=right, outcome=outcome):
                rights.append(right)
                command = Command(Verb(outcome), tuple(rights), text=text)
            case Extended(letter=letter.number, ground=ground):
                command = Command(Verb.EXTEND, argument=ground, text=text)
            case Asked(letter=letter.number, about=about) if letter.purpose is Purpose.ASK:
                command = Command(Verb.ASK, argument=about, text=text)
            case Concluded(letter=letter.number, how="answered"):
                command = Command(Verb.CLOSE, text=text)
            case _:
                pass
    return command


def _stopped(order: Order, letters: tuple[Letter, ...]) -> Case:
    case = order.case
    for letter in letters:
        case = _moved(order, put(case, replace(letter, stage=Stage.STOPPED, release=None)), letter, "stopped")
    return case


def _moved(order: Order, case: Case, letter: Letter, what: Literal["stopped", "released", "shadowed"]) -> Case:
    return record(case, LetterMoved(what=what, at=order.now, by=order.giver, letter=letter.number))


def _target(order: Order) -> Letter:
    """The letter that is meant: by its number, by the staff mail that is answered, or the only one that waits."""
    number = int(order.command.argument) if order.command.argument else _spoken_of(order)
    if number is not None:
        return _waiting(order, number)
    letters = held(order.case) or _of_stage(order.case, Stage.FAILED)
    if not letters:
        raise order.refused("nothing_held")
    if any(each not in grouped(order.case, letters[0]) for each in letters):
        word = usage(order.command.verb, order.language).split(":")[0]
        raise order.refused("which", letters=order.letters(letters), word=word, number=letters[0].number)
    return letters[0]


def _spoken_of(order: Order) -> int | None:
    """The letter that the answered staff mail is about, as its key in the history says."""
    for event in order.case.events:
        if isinstance(event, Written) and event.letter == order.answered:
            what, _, number = event.key.partition(":")
            return int(number.split(":")[0]) if what in ("held", "failed") else None
    return None


def _waiting(order: Order, number: int) -> Letter:
    outside = [each for each in order.case.letters if each.audience is not Audience.STAFF]
    letter = next((each for each in outside if each.number == number), None)
    if letter is None:
        raise order.refused("no_letter", number=number)
    if letter.stage in _WAITING:
        return letter
    stage = order.say(f"stage_{letter.stage}")
    if others := held(order.case):
        raise order.refused("not_held_others", number=number, stage=stage, letters=order.letters(others))
    raise order.refused("not_held", number=number, stage=stage)


def _of_stage(case: Case, stage: Stage) -> tuple[Letter, ...]:
    return tuple(each for each in case.letters if each.audience is not Audience.STAFF and each.stage is stage)
