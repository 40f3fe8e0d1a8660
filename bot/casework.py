"""Commands about what a case is: its kind, its confirmation, and the cases that it belongs to."""

from dataclasses import replace

from bot import agenda, deadlines, letters
from bot.cases import Case, State, record
from bot.decisions import relabel
from bot.events import Asked, Closed, Joined, Linked, Opened, Relabelled, Reopened
from bot.grammar import Verb
from bot.identify import FORBIDS_REPLY
from bot.orders import Order, Outcome, held, require_letter, require_nothing_held, require_open, require_unchanged
from bot.vocabulary import KIND_NAMES, rights_named
from classifiers.labels import Kind, Right


def label(order: Order) -> Outcome:
    """Say what the case is; the confirmation that fits is prepared, unless the program may not answer here."""
    require_open(order)
    require_unchanged(order)
    require_nothing_held(order)
    kind = Kind(order.command.argument)
    rights = _rights(order, kind)
    labelled = _labelled(order, kind, rights)
    said = _labelled_said(order, kind, rights)
    if kind is Kind.OTHER:
        ways = {"not_privacy": order.usage(Verb.NOT_PRIVACY), "settled": order.usage(Verb.SETTLED)}
        return Outcome(labelled, f"{said} {order.say('close_next', **ways)}")
    if labelled.confirmed:
        return Outcome(labelled, f"{said} {order.say('confirmed_before')}")
    if not _may_confirm(order.case):
        return Outcome(labelled, f"{said} {order.say('not_confirmed')}")
    return _confirmed(replace(order, case=labelled), said)


def confirm(order: Order) -> Outcome:
    """Say that the case was understood rightly; its confirmation leaves where a person had to allow it too."""
    require_open(order)
    require_unchanged(order)
    require_nothing_held(order)
    case = order.case
    if case.unsure_rights:
        raise order.refused(
            "unsure_rights",
            rights=rights_named(case.unsure_rights, order.language),
            with_them=relabel(order, (*case.rights, *case.unsure_rights)),
            without=relabel(order, case.rights),
        )
    unclear = case.kind is Kind.OTHER or (case.kind is Kind.REQUEST and not case.rights)
    if unclear:
        usages = {"usage": order.usage(Verb.KIND), "not_privacy": order.usage(Verb.NOT_PRIVACY)}
        raise order.refused("confirm_other", **usages)
    if case.confirmed and case.state is not State.UNSURE:
        raise order.refused("nothing_to_confirm")
    sure = _labelled(order, case.kind, case.rights) if case.state is State.UNSURE else case
    said = _labelled_said(order, case.kind, case.rights)
    if sure.confirmed:
        return Outcome(sure, f"{said} {order.say('confirmed_before')}")
    return _confirmed(replace(order, case=sure), said)


def _rights(order: Order, kind: Kind) -> tuple[Right, ...]:
    """The rights that the case is said to have; those on which somebody decided must be among them."""
    case = order.case
    rights = order.command.rights
    if kind is Kind.REQUEST and not rights:
        if not case.rights or case.unsure_rights:
            known = (*case.rights, *case.unsure_rights)
            raise order.refused("no_rights", relabel=relabel(order, known or (Right.ACCESS,)))
        rights = case.rights
    if dropped := [right for right in case.decisions if right not in rights]:
        raise order.refused("drops_decided", rights=rights_named(dropped, order.language))
    return rights


def _labelled(order: Order, kind: Kind, rights: tuple[Right, ...]) -> Case:
    why = order.command.text
    return record(order.case, Relabelled(at=order.now, by=order.giver, why=why, kind=kind, rights=rights))


def _labelled_said(order: Order, kind: Kind, rights: tuple[Right, ...]) -> str:
    name = KIND_NAMES[kind][order.language]
    if kind is Kind.OTHER:
        return order.say("labelled_other")
    if rights:
        return order.say("labelled_rights", kind=name, rights=rights_named(rights, order.language))
    return order.say("labelled", kind=name)


def _may_confirm(case: Case) -> bool:
    """Whether only the uncertain kind kept the program from confirming by itself."""
    forbidden = any(doubt in FORBIDS_REPLY for doubt in case.doubts) or case.human
    return not forbidden and (case.answerable or not case.opened.certain)


def _confirmed(order: Order, said: str) -> Outcome:
    require_letter(order)
    case = order.case
    stage, release = order.hold()
    letter = replace(letters.confirmation(order.context.composer, case, order.now, stage), release=release)
    outcome = order.wrote(f"{said} {order.say('confirming')}", letter, key="confirmation")
    if not letters.asks_name(case):
        return outcome
    asked = Asked(at=order.now, by=order.giver, about="name", letter=letter.number)
    return replace(outcome, case=record(outcome.case, asked))


def belongs(order: Order) -> Outcome:
    """This case is part of an older one, which goes on for both; no letter is written."""
    other = _other(order)
    if _age(order, other) > _age(order, order.case):
        usage = f"{order.usage(Verb.MERGE).split()[0]} {other.ref}"
        raise order.refused("other_younger", ref=other.ref, usage=usage)
    closed, going = _merged(order, order.case, other)
    return Outcome(closed, _merged_said(order, closed, going), also=(going,))


def merge(order: Order) -> Outcome:
    """Two cases become one: the oldest goes on, so that its period counts."""
    other = _other(order)
    if _age(order, other) <= _age(order, order.case):
        return belongs(order)
    closed, going = _merged(order, other, order.case)
    return Outcome(going, _merged_said(order, closed, going), also=(closed,))


def _merged_said(order: Order, closed: Case, going: Case) -> str:
    return order.say("merged", closed=closed.ref, ref=going.ref)


def _age(order: Order, case: Case) -> tuple[object, str]:
    return deadlines.receipt_day(case, order.context.rules.zone), case.ref


def _other(order: Order) -> Case:
    require_open(order)
    require_unchanged(order)
    ref = order.command.argument
    if ref == order.case.ref:
        raise order.refused("same_case", ref=ref)
    other = order.context.others(ref)
    if other is None:
        raise order.refused("no_such_case", ref=ref)
    if other.closed:
        raise order.refused("other_closed", ref=ref)
    return other


def _merged(order: Order, closing: Case, going: Case) -> tuple[Case, Case]:
    """The case that ends and the one that goes on with its mails. One of another address learns nothing."""
    if closing.decisions or held(closing):
        raise order.refused("merge_decided", ref=closing.ref)
    if going.settled:
        raise order.refused("merge_settled", ref=going.ref)
    if missing := [right for right in closing.rights if closing.certain and right not in going.rights]:
        new = relabel(order, (*going.rights, *missing))
        named = rights_named(missing, order.language)
        raise order.refused("merge_rights", ref=going.ref, rights=named, relabel=new)
    same = closing.address == going.address
    if closing.ever_complaint and not (same or going.ever_complaint):
        raise order.refused("merge_complaint")
    at, by = order.now, order.giver
    closed = record(
        closing,
        Linked(at=at, by=by, why=f"{going.ref} goes on", ref=going.ref, merged=True),
        Closed(at=at, by=by, how="merged"),
    )
    joined = _mails(order, closing) if same else ()
    linked = Linked(at=at, by=by, why=f"{closing.ref} became part of this case", ref=closing.ref, merged=True)
    return closed, record(going, linked, *joined)


def _mails(order: Order, closing: Case) -> tuple[Joined, ...]:
    """The mails of a case that ends, as the case that goes on gets them; what was a complaint stays one."""
    kind = Kind.COMPLAINT if closing.ever_complaint else closing.kind
    name = closing.name
    return tuple(
        Joined(at=order.now, by=order.giver, why=f"from {closing.ref}", received=event.received, kind=kind,
               reply=None, flags=event.flags, name=name, source=event.source)
        for event in closing.events if isinstance(event, Opened | Joined)
    )  # fmt: skip


def reopen(order: Order) -> Outcome:
    """A closed case goes on, with the dates it had."""
    if not order.case.closed:
        raise order.refused("not_closed")
    reopened = record(order.case, Reopened(at=order.now, by=order.giver, why=order.command.text))
    return Outcome(reopened, order.say("reopened", day=order.day(agenda.last_day(reopened, order.context.rules))))
