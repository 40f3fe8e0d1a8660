"""Carry out a command of staff: one entry for every verb."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, cast

from bot import agenda, casework, decisions, held
from bot.cases import PASSED_ON, Case
from bot.commands import manual
from bot.events import Assigned, Concluded, Corrected, Identified, Noted, Recipients
from bot.grammar import Command, Verb, resolve_day
from bot.orders import (
    Context,
    Order,
    Outcome,
    from_supervisor,
    require_nothing_held,
    require_open,
    require_sure,
    require_unchanged,
    writable,
)
from bot.status import status
from bot.vocabulary import rights_named
from classifiers.labels import Kind

__all__ = ["Context", "Outcome", "carry_out"]


def carry_out(
    case: Case, command: Command, giver: str, now: datetime, context: Context, answered: int | None
) -> Outcome:
    """The case after a command of `giver`, and what to tell them. Refused, with what would be right, otherwise.

    `answered` is the number of the staff letter that the command answers; None when it came from the command line,
    where nothing can have changed since.
    """
    return _ACTIONS[command.verb](Order(case, command, giver, now, context, answered))


def _recipients(order: Order) -> Outcome:
    """GDPR art. 19."""
    require_open(order)
    outcome = cast(Literal["told", "none", "impossible"], order.command.argument)
    recipients = Recipients(at=order.now, by=order.giver, why=order.command.text, outcome=outcome)
    return order.recorded(order.say("recipients_recorded", outcome=order.say(outcome)), recipients)


def _name(order: Order) -> Outcome:
    require_open(order)
    name = order.command.argument
    return order.recorded(order.say("named", name=name), Identified(at=order.now, by=order.giver, name=name))


def _address(order: Order) -> Outcome:
    require_open(order)
    require_nothing_held(order)
    address = order.command.argument
    if not writable(address, order) or address in order.context.settings.staff.everyone:
        raise order.refused("address", address=address, usage=order.usage(Verb.ADDRESS))
    identified = Identified(at=order.now, by=order.giver, why=order.command.text, address=address)
    return order.recorded(order.say("addressed", address=address), identified)


def _identity(order: Order) -> Outcome:
    require_open(order)
    identified = Identified(at=order.now, by=order.giver, why=order.command.text, identity=True)
    return order.recorded(order.say("identified"), identified)


def _assign(order: Order) -> Outcome:
    require_open(order)
    address, present = order.command.argument, order.context.rules.handlers
    if address not in present:
        raise order.refused("not_handler", address=address, handlers=", ".join(present))
    assigned = Assigned(at=order.now, by=order.giver, why=order.command.text, handler=address)
    return order.recorded(order.say("assigned", address=address), assigned)


def _away(order: Order) -> Outcome:
    if order.giver not in order.context.settings.staff.everyone:
        raise order.refused("away_who")
    until = resolve_day(order.command.argument, order.today, ahead=True)
    if until < order.today:
        raise order.refused("away_past", day=order.day(until), usage=order.usage(Verb.AWAY))
    return Outcome(order.case, order.say("away", day=order.day(until)), away=(order.giver, until))


def _confidential(order: Order) -> Outcome:
    noted = Noted(what="confidential", at=order.now, by=order.giver, why=order.command.text)
    return order.recorded(order.say("confidential"), noted)


def _note(order: Order) -> Outcome:
    noted = Noted(what="noted", at=order.now, by=order.giver, why=order.command.text)
    return order.recorded(order.say("noted"), noted)


def _received(order: Order) -> Outcome:
    require_open(order)
    day = resolve_day(order.command.argument, order.today, ahead=False)
    if day > order.today:
        raise order.refused("received_future", day=order.day(day))
    corrected = Corrected(at=order.now, by=order.giver, why=order.command.text, received=day)
    outcome = order.recorded("", corrected)
    last = agenda.last_day(outcome.case, order.context.rules)
    return Outcome(outcome.case, order.say("received", day=order.day(day), due=order.day(last)))


def _settled(order: Order) -> Outcome:
    """The data subject was answered outside the program: close, but never what was a complaint."""
    require_open(order)
    require_sure(order)
    require_unchanged(order)
    require_nothing_held(order)
    case, why = order.case, order.command.text
    if case.ever_complaint and not from_supervisor(order):
        verb = Verb.GRANTED if case.kind is Kind.REQUEST else Verb.CLOSE
        raise order.refused("settled_complaint", usage=order.usage(verb))
    elsewhere = any(isinstance(event, Noted) and event.what == "answered_elsewhere" for event in case.events)
    if not why and not elsewhere:
        raise order.refused("no_text", usage=order.usage(Verb.SETTLED))
    owed = [right for right in case.undecided if right in PASSED_ON]
    if owed and not case.recipients:
        named = rights_named(owed, order.language)
        raise order.refused("recipients_first", rights=named, usage=order.usage(Verb.RECIPIENTS))
    at, by = order.now, order.giver
    events = (Noted(what="settled", at=at, by=by, why=why), Concluded(at=at, by=by, why=why, how="answered"))
    return order.recorded(order.say("settled"), *events)


def _status(order: Order) -> Outcome:
    return Outcome(order.case, status(order))


def _help(order: Order) -> Outcome:
    return Outcome(order.case, manual(order.language))


_ACTIONS: dict[Verb, Callable[[Order], Outcome]] = {
    Verb.GRANTED: decisions.decide,
    Verb.PARTLY: decisions.decide,
    Verb.REFUSED: decisions.decide,
    Verb.RECIPIENTS: _recipients,
    Verb.EXTEND: decisions.extend,
    Verb.CLOSE: decisions.close,
    Verb.FORWARDED: decisions.forward,
    Verb.ANSWER: decisions.answer,
    Verb.ASK: decisions.ask,
    Verb.NAME: _name,
    Verb.ADDRESS: _address,
    Verb.IDENTITY: _identity,
    Verb.KIND: casework.label,
    Verb.CONFIRM: casework.confirm,
    Verb.BELONGS: casework.belongs,
    Verb.MERGE: casework.merge,
    Verb.REOPEN: casework.reopen,
    Verb.ASSIGN: _assign,
    Verb.AWAY: _away,
    Verb.CONFIDENTIAL: _confidential,
    Verb.NOTE: _note,
    Verb.RECEIVED: _received,
    Verb.WITHDRAWN: decisions.withdraw,
    Verb.NOT_PRIVACY: decisions.not_privacy,
    Verb.STOP: held.stop,
    Verb.CHANGE: held.change,
    Verb.SEND: held.send,
    Verb.STATUS: _status,
    Verb.HELP: _help,
    Verb.LIFT: decisions.lift,
    Verb.SETTLED: _settled,
}
