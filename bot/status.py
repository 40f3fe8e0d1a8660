"""How a case stands, in a few lines for staff."""

from collections.abc import Iterator

from bot import agenda, deadlines
from bot.model import Audience, Letter, Stage
from bot.orders import Order
from bot.vocabulary import KIND_NAMES, RIGHT_NAMES


def status(order: Order) -> str:
    """Kind and state, the dates, each right with its outcome, the letters that wait, and the next step."""
    return "\n".join((*_head(order), *_rights(order), *_letters(order), _next(order)))


def _head(order: Order) -> Iterator[str]:
    case, rules = order.case, order.context.rules
    kind = KIND_NAMES[case.kind][order.language]
    yield order.say("status_head", ref=case.ref, kind=kind, state=order.say(f"state_{case.state}"))
    key = {"statutory": "status_dates", "target": "status_target", "at once": "status_at_once"}[case.due_is]
    yield order.say(
        key,
        received=order.day(deadlines.receipt_day(case, rules.zone)),
        due=order.day(agenda.due(case, rules)),
        last=order.day(agenda.last_day(case, rules)),
    )


def _rights(order: Order) -> Iterator[str]:
    case, language = order.case, order.language
    for right in case.rights:
        decision = case.decisions.get(right)
        outcome = order.say(decision.outcome if decision else "undecided")
        yield order.say("status_right", right=RIGHT_NAMES[right][language], outcome=outcome)
    for right in case.unsure_rights:
        yield order.say("status_maybe", right=RIGHT_NAMES[right][language])


def _letters(order: Order) -> Iterator[str]:
    for letter in order.case.letters:
        if letter.audience is not Audience.STAFF and (line := _letter(order, letter)):
            yield line


def _letter(order: Order, letter: Letter) -> str:
    shown = order.letters((letter,))
    if letter.stage is Stage.FAILED:
        return order.say("status_failed", letter=shown)
    if letter.stage is not Stage.HELD:
        return ""
    if letter.release is None:
        return order.say("status_held", letter=shown)
    return order.say("status_leaves", letter=shown, moment=order.moment(letter.release))


def _next(order: Order) -> str:
    return order.say("status_next", step=order.say(f"next_{agenda.next_step(order.case)}"))
