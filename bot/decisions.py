"""Commands that write to the data subject. Each refuses, or records what was decided and holds the letter."""

from dataclasses import replace
from typing import Literal, cast

from bot import deadlines, letters
from bot.cases import PASSED_ON, Case, write
from bot.events import Asked, Concluded, Decided, Extended, Noted
from bot.grammar import Verb
from bot.model import Purpose
from bot.orders import (
    Order,
    Outcome,
    held,
    require_letter,
    require_nothing_held,
    require_open,
    require_sure,
    require_unchanged,
    writable,
)
from bot.vocabulary import KIND_NAMES, rights_named
from classifiers.labels import Flag, Kind, Right

_OUTCOMES: dict[Verb, letters.Outcome] = {
    Verb.GRANTED: "granted",
    Verb.PARTLY: "partly",
    Verb.REFUSED: "refused",
}
_DELIVERED = frozenset({Right.ACCESS, Right.PORTABILITY})
"""Granting these means that data must reach the person."""


def decide(order: Order) -> Outcome:
    """Grant, grant in part, or refuse some or all of the rights (GDPR art. 12(3)-(4))."""
    _require_request(order)
    require_letter(order)
    case, text, outcome = order.case, order.command.text, _OUTCOMES[order.command.verb]
    rights = _chosen(order)
    _require_allowed(order, rights, outcome)
    left = tuple(right for right in case.undecided if right not in rights)
    stage, release = order.hold(by_itself=outcome == "granted")
    # The other rights may still be relabelled away, so any decision can turn out to be the one that closes.
    letter = letters.decision(
        order.context.composer, case, dict.fromkeys(rights, outcome), text, order.now, stage, release, closes=True
    )
    decided = [
        Decided(at=order.now, by=order.giver, why=text, right=right, outcome=outcome, letter=letter.number)
        for right in rights
    ]
    return order.wrote(_decided_said(order, rights, left), letter, *decided)


def _require_request(order: Order) -> None:
    require_open(order)
    require_sure(order)
    if order.case.kind is not Kind.REQUEST:
        raise order.refused(
            "not_request",
            kind=KIND_NAMES[order.case.kind][order.language],
            usage=order.usage(Verb.NOT_PRIVACY if order.case.kind is Kind.OTHER else Verb.CLOSE),
            relabel=relabel(order, (Right.ACCESS,)),
        )


def _chosen(order: Order) -> tuple[Right, ...]:
    """The rights that are named, or all that are undecided."""
    case, named = order.case, order.command.rights
    if not named and not case.undecided:
        raise order.refused("all_decided")
    if unsure := [right for right in named if right in case.unsure_rights]:
        raise _unsure(order, tuple(unsure))
    if strange := [right for right in named if right not in case.rights]:
        new = relabel(order, (*case.rights, *strange))
        raise order.refused("not_asked", rights=rights_named(strange, order.language), relabel=new)
    outcome = _OUTCOMES[order.command.verb]
    if again := [right for right in named if _stands(case, right, outcome)]:
        raise order.refused("already_decided", rights=rights_named(again, order.language))
    return named or case.undecided


def _stands(case: Case, right: Right, outcome: str) -> bool:
    """Whether a decision on this right is on its way, or is the same already."""
    decision = case.decisions.get(right)
    if decision is None:
        return False
    waits = any(letter.number == decision.letter for letter in case.pending)
    return waits or (decision.outcome == outcome and not case.reopened)


def _unsure(order: Order, rights: tuple[Right, ...]) -> Exception:
    case = order.case
    return order.refused(
        "unsure_rights",
        rights=rights_named(rights, order.language),
        with_them=relabel(order, (*case.rights, *rights)),
        without=relabel(order, case.rights),
    )


def _require_allowed(order: Order, rights: tuple[Right, ...], outcome: str) -> None:
    case, language = order.case, order.language
    forced = [right for right in rights if case.at_once(right)]
    if forced and outcome != "granted":
        named = rights_named(forced, language)
        raise order.refused("at_once", rights=named, usage=_words(order, Verb.GRANTED, forced))
    if outcome != "granted":
        return
    delivered = [right for right in rights if right in _DELIVERED]
    if delivered and not order.command.text:
        named = rights_named(delivered, language)
        raise order.refused("how_data", rights=named, usage=order.say("how_data_example", rights=named))
    passed_on = [right for right in rights if right in PASSED_ON]
    if passed_on and not case.recipients:
        named = rights_named(passed_on, language)
        raise order.refused("recipients_first", rights=named, usage=order.usage(Verb.RECIPIENTS))


def _words(order: Order, verb: Verb, rights: list[Right]) -> str:
    return f"{order.usage(verb).split()[0]} {rights_named(rights, order.language)}"


def relabel(order: Order, rights: tuple[Right, ...]) -> str:
    """The command that says which rights are asked."""
    words = " ".join(order.usage(Verb.KIND).split()[:2])
    return f"{words} {rights_named(rights, order.language)}".strip()


def _decided_said(order: Order, rights: tuple[Right, ...], left: tuple[Right, ...]) -> str:
    case, language, verb = order.case, order.language, order.command.verb
    said = [order.say("decided", rights=rights_named(rights, language), outcome=order.say(_OUTCOMES[verb]))]
    if verb is Verb.GRANTED and _DELIVERED & set(rights):
        said.append(order.say("attachments"))
    if verb is Verb.PARTLY and PASSED_ON & set(rights) and not case.recipients:
        said.append(order.say("recipients_too", usage=order.usage(Verb.RECIPIENTS)))
    if left:
        said.append(order.say("still_open", rights=rights_named(left, language)))
    if case.unsure_rights:
        said.append(
            order.say(
                "still_unsure",
                rights=rights_named(case.unsure_rights, language),
                with_them=relabel(order, (*case.rights, *case.unsure_rights)),
                without=relabel(order, case.rights),
            )
        )
    return " ".join(said)


def extend(order: Order) -> Outcome:
    """Two months more, once, told within the first period (GDPR art. 12(3))."""
    _require_request(order)
    case, rules = order.case, order.context.rules
    if case.extension:
        raise order.refused("extended_before", day=order.day(case.extension.at.astimezone(rules.zone).date()))
    if not case.undecided and not case.unsure_rights:
        raise order.refused("all_decided")
    if case.due_is == "at once":
        raise order.refused("extend_at_once", usage=order.usage(Verb.GRANTED))
    dates = deadlines.of_case(case, rules.days, rules.zone)
    if order.today > dates.extend_before:
        raise order.refused("extend_too_late", day=order.day(dates.extend_before))
    require_letter(order)
    stage, release = order.hold()
    ground, text = cast(letters.Ground, order.command.argument), order.command.text
    letter = letters.extension(order.context.composer, case, ground, text, order.now, stage, release)
    extended = Extended(at=order.now, by=order.giver, why=text, ground=ground, letter=letter.number)
    return order.wrote(order.say("extended", day=order.day(dates.extended_unshifted)), letter, extended)


def close(order: Order) -> Outcome:
    """A complaint or a question is closed with its answer."""
    require_open(order)
    require_sure(order)
    if order.case.kind is Kind.REQUEST:
        verbs = {verb.value: order.usage(verb) for verb in _OUTCOMES}
        raise order.refused("close_request", **verbs)
    if order.case.kind is Kind.OTHER:
        raise order.refused("close_other", **_ways_out(order))
    require_letter(order)
    text = order.command.text
    stage, release = order.hold()
    letter = letters.closing(order.context.composer, order.case, text, order.now, stage, release)
    concluded = Concluded(at=order.now, by=order.giver, why=text, how="answered", letter=letter.number)
    return order.wrote(order.say("will_close"), letter, concluded)


def _ways_out(order: Order) -> dict[str, str]:
    return {"not_privacy": order.usage(Verb.NOT_PRIVACY), "settled": order.usage(Verb.SETTLED)}


def withdraw(order: Order) -> Outcome:
    """The data subject took it back."""
    return _end(order, "withdrawn")


def not_privacy(order: Order) -> Outcome:
    """It is not about personal data."""
    return _end(order, "not_privacy")


def _end(order: Order, how: Literal["withdrawn", "not_privacy"]) -> Outcome:
    """Close; with a letter when the data subject was told of the case, or ever complained."""
    require_open(order)
    require_unchanged(order)
    require_nothing_held(order)
    case, why = order.case, order.command.text
    if not case.confirmed and not case.ever_complaint:
        ended = Concluded(at=order.now, by=order.giver, why=why, how=how)
        return order.recorded(order.say("closes_silently"), ended)
    require_letter(order)
    stage, release = order.hold()
    compose = letters.withdrawn if how == "withdrawn" else letters.not_privacy
    letter = compose(order.context.composer, case, order.now, stage, release)
    concluded = Concluded(at=order.now, by=order.giver, why=why, how=how, letter=letter.number)
    return order.wrote(order.say("will_close"), letter, concluded)


def forward(order: Order) -> Outcome:
    """We are processor only: the controller gets the request, and the data subject hears so (GDPR art. 28(3)(e)).

    A dealer who sent the request is the controller; without another address it alone is written to, unless a
    complaint must be closed.
    """
    require_open(order)
    require_sure(order)
    require_nothing_held(order)
    require_letter(order)
    case, name, composer = order.case, order.command.argument, order.context.composer
    dealer = Flag.CUSTOMER_OF_DEALER in case.flags
    there = order.command.address or (case.address if dealer else "")
    if not writable(there, order) or (there == case.address and not dealer):
        raise order.refused("controller_address", usage=order.usage(Verb.FORWARDED))
    stage, release = order.hold()
    letter = letters.to_controller(composer, case, name, there, order.now, stage, release)
    if there == case.address and not case.ever_complaint:
        said = order.say("forwarded_dealer", name=name, address=there)
        return order.wrote(said, letter, _forwarded(order, letter.number))
    first = replace(order, case=write(case, letter, order.now, by=order.giver))
    told = letters.forwarded(composer, first.case, name, order.now, stage, release)
    said = order.say("forwarded", name=name, address=there)
    return replace(first.wrote(said, told, _forwarded(order, letter.number)), held=letter)


def _forwarded(order: Order, number: int) -> Concluded:
    return Concluded(at=order.now, by=order.giver, why=order.command.argument, how="forwarded", letter=number)


def answer(order: Order) -> Outcome:
    """A message; the case stays open."""
    require_open(order)
    require_letter(order)
    stage, release = order.hold()
    letter = letters.answer(order.context.composer, order.case, order.command.text, order.now, stage, release)
    return order.wrote(order.say("answered"), letter)


def ask(order: Order) -> Outcome:
    """A question about the name, the wish or the mandate; the clock runs on."""
    require_open(order)
    require_letter(order)
    case, text = order.case, order.command.text
    about = cast(letters.About, order.command.argument)
    if about != "clarification" and case.due_is == "at once":
        raise order.refused("no_identity", usage=order.usage(Verb.GRANTED))
    if about == "name" and case.name:
        raise order.refused("name_known")
    if waiting := [each for each in held(case) if case.asked and case.asked.letter == each.number]:
        raise order.refused("asked_held", number=waiting[0].number)
    stage, release = order.hold()
    letter = letters.ask(order.context.composer, case, about, text, order.now, stage, release)
    asked = Asked(at=order.now, by=order.giver, why=text, about=about, letter=letter.number)
    return order.wrote(order.say("asked"), letter, asked)


def lift(order: Order) -> Outcome:
    """A granted restriction ends; the data subject hears it first (GDPR art. 18(3))."""
    case = order.case
    if not case.restricted:
        raise order.refused("not_restricted")
    if told := [each for each in case.pending if each.purpose is Purpose.LIFTING]:
        raise order.refused("lifting_held", number=told[0].number)
    require_letter(order)
    stage, release = order.hold()
    letter = letters.lifting(order.context.composer, case, order.command.text, order.now, stage, release)
    lifted = Noted(what="lifted", at=order.now, by=order.giver, why=order.command.text)
    return order.wrote(order.say("lifted"), letter, lifted)
