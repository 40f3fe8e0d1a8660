"""What to do with a mail: decided here, plainly, from what was gathered; nothing is done here."""

from collections.abc import Sequence

from bot.automatic import Silence
from bot.cases import Case, State
from bot.facts import Absent, Bounce, Command, Decision, Facts, Ignore, Join, Open, Refuse
from bot.identify import FORBIDS_REPLY, Doubt
from bot.proof import Claim
from classifiers.labels import Flag, Kind, Reply, Right, Verdict

__all__ = [
    "Absent",
    "Bounce",
    "Command",
    "Decision",
    "Facts",
    "Ignore",
    "Join",
    "Open",
    "Refuse",
    "after_reading",
    "before_reading",
    "may_answer",
]


def before_reading(facts: Facts) -> Decision | None:
    """What can be decided without knowing what the text wants; the first rule that answers wins."""
    return next((found for rule in _BEFORE if (found := rule(facts)) is not None), None)


def after_reading(facts: Facts, verdict: Verdict) -> Decision:
    """What is done with a mail, now that its text was classified."""
    for rule in _AFTER:
        if (found := rule(facts, verdict)) is not None:
            return found
    return _fresh(facts, verdict)


def _duplicate(facts: Facts) -> Decision | None:
    return Ignore(f"the same mail already belongs to {facts.known_as}") if facts.known_as else None


def _came_back(facts: Facts) -> Decision | None:
    if not facts.returned:
        return None
    claim, case = facts.returned[0]
    if facts.mail.header("x-wkm-case"):
        return Ignore("our own mail came back")
    if facts.silence and facts.silence.report:
        return Bounce(case.ref, claim.letter)
    return None


def _staff(facts: Facts) -> Decision | None:
    """An answer to a mail for staff. One that an outsider answers is read like any other mail."""
    answered = [(claim, case) for claim, case in facts.claimed if _to_staff(claim, case)]
    if not answered:
        return None
    claim, case = answered[0]
    holds = claim.holds(case.secret, facts.sender)
    if not holds and not facts.by_staff:
        return None
    if facts.silence and facts.silence.machine:
        away = holds and facts.by_staff and not facts.silence.report
        return Absent(facts.sender, case.ref) if away else Ignore("automatic answer to a staff mail")
    if not holds:
        return Refuse(case.ref, "it answers a staff mail that was sent to somebody else")
    if not facts.by_staff:
        return Refuse(case.ref, "the sender is no longer among the staff addresses")
    if not facts.origin_proved:
        return Refuse(case.ref, "it does not prove that it comes from the staff address it names")
    return Command(case.ref, claim.letter)


def _unproved_staff(facts: Facts) -> Decision | None:
    """Staff who write about a case otherwise than in answer to us; about their own case they are data subjects."""
    touched = [case for case in _touched(facts) if case.address != facts.sender]
    if not (facts.by_staff and touched) or (facts.silence and facts.silence.machine):
        return None
    return Refuse(touched[0].ref, "it names the case but does not answer a mail of the program")


def _our_own_answer(facts: Facts) -> Decision | None:
    if facts.by_us and _touched(facts) and Doubt.AUTHENTICATION not in facts.doubts:
        return Ignore("our own letter in a case")
    return None


def _touched(facts: Facts) -> tuple[Case, ...]:
    """The cases that the mail claims or names, each once."""
    cases = (*(case for _, case in facts.claimed), *facts.named)
    return tuple({case.ref: case for case in cases}.values())


def _to_staff(claim: Claim, case: Case) -> bool:
    letter = next((each for each in case.letters if each.number == claim.letter), None)
    return letter is not None and letter.audience == "staff" and claim.holds(case.secret, letter.to)


_BEFORE = (_duplicate, _came_back, _staff, _unproved_staff, _our_own_answer)


def _supervisor(facts: Facts, verdict: Verdict) -> Decision | None:
    if not facts.by_supervisor:
        return None
    refs = tuple(case.ref for case in _touched(facts))
    return Open(False, "from the supervisor", False, facts.doubts, refs, _flags(facts, verdict))


def _thread(facts: Facts, verdict: Verdict) -> Decision | None:
    case = _own_case(facts)
    if case is None:
        return None
    if _automatic(facts, verdict):
        reason = facts.silence.reason if facts.silence else ""
        return Join(case.ref, f"automatic mail of the data subject: {reason}", automatic=True)
    if verdict.reply in (Reply.HUMAN, Reply.MISUNDERSTOOD):
        why = "the data subject wants a person to read this today"
        if case.state is State.CLOSED:
            return _opening(facts, verdict, why, (case.ref,), False)
        return Join(case.ref, why, urgent=True)
    beyond = _beyond(case, verdict)
    if beyond is None:
        return Join(case.ref, "belongs to the case by thread or number, and asks nothing new")
    has = () if case.state is State.CLOSED else _rights_of(case)
    new = any(right not in has for right in verdict.rights)
    sure = verdict.certain and (new or verdict.kind is not Kind.REQUEST)
    return _opening(facts, verdict, beyond, (case.ref,), sure, has)


def _own_case(facts: Facts) -> Case | None:
    """The case that the sender proves or names, from the address that the case has.

    The newest of several, and an open one before a closed one. A number proves nothing when the mail is forged.
    """
    if not facts.sender:
        return None
    proved = [case for claim, case in facts.claimed if claim.holds(case.secret, facts.sender)]
    named = () if Doubt.AUTHENTICATION in facts.doubts else facts.named
    for cases in (proved, named):
        ours = [case for case in cases if case.address == facts.sender]
        if ours:
            return max(ours, key=lambda case: (case.state is not State.CLOSED, case.received))
    return None


def _beyond(case: Case, verdict: Verdict) -> str | None:
    """Why a further mail needs a case of its own; None when it does not."""
    closed = case.state is State.CLOSED
    idle = verdict.reply in (Reply.THANKS, Reply.WITHDRAWN) and not verdict.rights
    if idle and (verdict.kind is Kind.OTHER or not closed):
        return None
    if closed:
        asks = verdict.kind is not Kind.OTHER or not verdict.certain
        return "comes after the earlier case was closed" if asks else None
    if case.asked is not None and case.asked.about == "clarification" and not case.rights:
        return None
    if verdict.kind is Kind.REQUEST and not {*verdict.rights, *verdict.unsure_rights} <= {*_rights_of(case)}:
        return "asks for a right that the earlier case does not have"
    if verdict.kind is Kind.REQUEST and case.certain and case.kind is not Kind.REQUEST:
        return "asks for a right in a case that is no request"
    if not verdict.certain and verdict.kind is Kind.OTHER and case.asked is None:
        return "may ask something new; a person decides"
    return None


def _rights_of(case: Case) -> tuple[Right, ...]:
    return (*case.rights, *case.unsure_rights)


def _possibly(facts: Facts, verdict: Verdict) -> Decision | None:
    """Another address that claims or names a case: never joined, never told that the case exists."""
    touched = _touched(facts)
    if not touched:
        return None
    if _automatic(facts, verdict) and not (facts.silence and facts.silence.report):
        return Ignore("automatic mail that names a case and wants nothing")
    elsewhere = any(case.address != facts.sender for case in touched)
    doubts = (*_doubts(facts), *((Doubt.OTHER_ADDRESS,) if elsewhere else ()))
    refs = tuple(case.ref for case in touched)
    why = "names a case that it does not prove to belong to"
    return Open(False, why, False, doubts, refs, _flags(facts, verdict))


def _automatic(facts: Facts, verdict: Verdict) -> bool:
    """A program wrote it and it wants nothing; what wants something is read like any other mail."""
    return bool(facts.silence and facts.silence.machine) and verdict.kind is Kind.OTHER


_AFTER = (_supervisor, _thread, _possibly)


def _fresh(facts: Facts, verdict: Verdict) -> Decision:
    if verdict.kind is Kind.OTHER and (verdict.certain or _harmless(facts)):
        return Ignore(verdict.reason)
    related = tuple(case.ref for case in facts.earlier)
    if Flag.STAGE in verdict.flags and related:
        doubts = (*_doubts(facts), Doubt.REMINDER)
        why = "seems to remind of an open case"
        return Open(False, why, False, doubts, related, _flags(facts, verdict))
    return _opening(facts, verdict, verdict.reason, related, verdict.certain)


def _harmless(facts: Facts) -> bool:
    """Mail in which only a clear privacy wish opens a case: reports of machines, and the junk folder."""
    return Doubt.JUNK in facts.doubts or bool(facts.silence and facts.silence.report)


def _opening(
    facts: Facts,
    verdict: Verdict,
    reason: str,
    related: tuple[str, ...],
    certain: bool,
    held_already: tuple[Right, ...] = (),
) -> Open:
    doubts = _doubts(facts)
    forbids = [doubt for doubt in doubts if doubt in FORBIDS_REPLY]
    if not certain:
        why = f"unsure: {reason}"
    elif facts.silence:
        why = f"not answered: {facts.silence.reason}"
    elif forbids:
        why = f"not answered: {forbids[0].value}"
    else:
        why = reason
    answer = certain and not facts.silence and not forbids
    repeated = tuple(right for right in (*verdict.rights, *verdict.unsure_rights) if right in held_already)
    return Open(answer, why, certain, doubts, related, _flags(facts, verdict), repeated)


def _doubts(facts: Facts) -> tuple[Doubt, ...]:
    """What the mail shows, and what the register and the configuration add."""
    added = {Doubt.MESSAGE_ID: facts.id_reused is not None, Doubt.STAFF: facts.by_staff}
    return (*facts.doubts, *(doubt for doubt, holds in added.items() if holds))


def _flags(facts: Facts, verdict: Verdict) -> tuple[Flag, ...]:
    supervisor = facts.by_supervisor or Doubt.SUPERVISOR_COPY in facts.doubts
    return tuple(dict.fromkeys((*verdict.flags, *((Flag.SUPERVISOR,) if supervisor else ()))))


def may_answer(silence: Silence | None, doubts: Sequence[Doubt], verdict: Verdict) -> bool:
    """What `reply` says of a mail that stands alone: whether a confirmation would really go out."""
    forbidden = bool(silence) or any(doubt in FORBIDS_REPLY for doubt in doubts)
    return verdict.certain and verdict.kind is not Kind.OTHER and not forbidden
