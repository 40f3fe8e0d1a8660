"""Letters to people outside: the data subject, and the controller for whom we only process."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from bot import agenda, deadlines
from bot.cases import PASSED_ON, Case
from bot.compose import Composer
from bot.events import Joined, Opened, Source
from bot.identify import writable_name
from bot.model import Audience, Letter, Purpose, Stage
from bot.words import span
from classifiers.labels import Flag, Kind, Right

About = Literal["name", "clarification", "mandate"]
Outcome = Literal["granted", "partly", "refused"]
Ground = Literal["complexity", "number"]

_TO_CLARIFY = (Right.OBJECTION, Right.AUTOMATED_DECISION)
"""The rights that cannot be weighed without knowing which use or which decision is meant."""
_FEW = 2
"""Rights in one request up to which the confirmation asks more than a name."""


def confirmation(composer: Composer, case: Case, now: datetime, stage: Stage) -> Letter:
    """That the message came in, how it was understood, and what happens next."""
    return _write(composer, case, "confirmation", Purpose.CONFIRMATION, now, stage)


def asks_name(case: Case) -> bool:
    """Whether the confirmation asks for a name: only where a request cannot be carried out without one."""
    return bool(_missing(case))


def ask(
    composer: Composer, case: Case, about: About, text: str, now: datetime, stage: Stage,
    release: datetime | None = None,
) -> Letter:  # fmt: skip
    """A question to the data subject, with the handler's own words if there are any; the clock runs on."""
    values = {"about": about, "text": text}
    return _write(composer, case, "ask", Purpose.ASK, now, stage, release, values)


def ask_again(composer: Composer, case: Case, now: datetime, stage: Stage) -> Letter:
    """The one reminder of the question that waits for an answer."""
    zone = composer.settings.organisation.timezone
    values = {
        "about": case.asked.about if case.asked else "name",
        "asked_on": case.asked.at.astimezone(zone).date() if case.asked else deadlines.receipt_day(case, zone),
    }
    return _write(composer, case, "ask_again", Purpose.ASK_AGAIN, now, stage, None, values)


def decision(
    composer: Composer, case: Case, outcomes: Mapping[Right, Outcome], text: str, now: datetime, stage: Stage,
    release: datetime | None = None, closes: bool = False,
) -> Letter:  # fmt: skip
    """The outcome for one or more rights, with reasons and remedies where not everything is granted.

    GDPR art. 12(4): the reasons, the supervisor and the court; UAVG art. 35: a petition within six weeks.
    """
    done = {right for right, outcome in outcomes.items() if outcome != "refused"}
    retention = composer.settings.retention
    language = "nl" if case.language == "nl" else "en"
    values = {
        "outcomes": [(right.value, outcomes[right], case.at_once(right)) for right in Right if right in outcomes],
        "text": text,
        "refused": any(outcome != "granted" for outcome in outcomes.values()),
        "told": case.recipients == "told" and bool(done & PASSED_ON),
        "kept": span(retention.closed_case_days, language) if Right.ERASURE in done else "",
        "kept_texts": span(retention.raw_text_days, language),
        "referral": closes and case.ever_complaint,
    }
    return _write(composer, case, "decision", Purpose.DECISION, now, stage, release, values)


def extension(
    composer: Composer, case: Case, ground: Ground, text: str, now: datetime, stage: Stage,
    release: datetime | None = None,
) -> Letter:  # fmt: skip
    """That the answer takes up to two months more, on which ground and why (GDPR art. 12(3))."""
    dates = deadlines.of_case(case, agenda.rules(composer.settings).days, composer.settings.organisation.timezone)
    values = {"ground": ground, "text": text, "new_due": dates.extended_unshifted}
    return _write(composer, case, "extension", Purpose.EXTENSION, now, stage, release, values)


def answer(
    composer: Composer, case: Case, text: str, now: datetime, stage: Stage, release: datetime | None = None
) -> Letter:
    """A handler's message; the case stays open."""
    return _write(composer, case, "answer", Purpose.ANSWER, now, stage, release, {"text": text})


def closing(
    composer: Composer, case: Case, text: str, now: datetime, stage: Stage, release: datetime | None = None
) -> Letter:
    """The answer that closes a complaint or a question."""
    return _close(composer, case, "closing", now, stage, release, {"text": text})


def withdrawn(
    composer: Composer, case: Case, now: datetime, stage: Stage, release: datetime | None = None
) -> Letter:
    """That the case is closed because the data subject took the request back."""
    return _close(composer, case, "withdrawn", now, stage, release)


def not_privacy(
    composer: Composer, case: Case, now: datetime, stage: Stage, release: datetime | None = None
) -> Letter:
    """That the case is closed because the message is not about personal data."""
    return _close(composer, case, "not_privacy", now, stage, release)


def forwarded(
    composer: Composer, case: Case, controller: str, now: datetime, stage: Stage, release: datetime | None = None
) -> Letter:
    """That somebody else decides about these data, and that the request was passed on to them."""
    values = {"controller": controller, "referral": case.ever_complaint}
    return _write(composer, case, "forwarded", Purpose.FORWARDING, now, stage, release, values)


def to_controller(
    composer: Composer, case: Case, controller: str, address: str, now: datetime, stage: Stage,
    release: datetime | None = None,
) -> Letter:  # fmt: skip
    """The request, passed on to the controller (GDPR art. 28(3)(e)): who asks for what, since when."""
    values = {
        **_facts(composer, case, now),
        "controller": controller,
        "address": case.address,
        "own": address == case.address,
    }
    return composer.letter(
        case, "to_controller", to=address, purpose=Purpose.FORWARDING, audience=Audience.CONTROLLER, now=now,
        stage=stage, release=release, values=values,
    )  # fmt: skip


def lifting(
    composer: Composer, case: Case, text: str, now: datetime, stage: Stage, release: datetime | None = None
) -> Letter:
    """That a restriction is about to be lifted (GDPR art. 18(3))."""
    return _write(composer, case, "lifting", Purpose.LIFTING, now, stage, release, {"text": text})


def _close(
    composer: Composer, case: Case, template: str, now: datetime, stage: Stage, release: datetime | None,
    values: Mapping[str, object] | None = None,
) -> Letter:  # fmt: skip
    closing = {"referral": case.ever_complaint, **(values or {})}
    return _write(composer, case, template, Purpose.CLOSING, now, stage, release, closing)


def _write(
    composer: Composer, case: Case, template: str, purpose: Purpose, now: datetime, stage: Stage,
    release: datetime | None = None, values: Mapping[str, object] | None = None,
) -> Letter:  # fmt: skip
    return composer.letter(
        case, template, to=case.address, purpose=purpose, audience=Audience.SUBJECT, now=now, stage=stage,
        release=release, values={**_facts(composer, case, now), **(values or {})}, reply_to_source=_source(case),
    )  # fmt: skip


def _facts(composer: Composer, case: Case, now: datetime) -> dict[str, object]:
    """What every letter may say about its case."""
    rules = agenda.rules(composer.settings)
    due, today = agenda.due(case, rules), deadlines.local_day(now, rules.zone)
    return {
        "name": writable_name(case.name) or "",
        "kind": case.kind.value,
        "received": deadlines.receipt_day(case, rules.zone),
        "due": due,
        "late": due < today and case.due_is != "at once",
        "rights": [right.value for right in Right if right in case.rights and not case.at_once(right)],
        "stop": _stops(case),
        "unsure": bool(case.unsure_rights),
        "complaint": case.ever_complaint,
        "question": Kind.QUESTION in case.also,
        "breach": Flag.BREACH in case.flags,
        "representative": Flag.REPRESENTATIVE in case.flags or case.on_behalf_of is not None,
        "person": writable_name(case.on_behalf_of) or "",
        "dealer": Flag.CUSTOMER_OF_DEALER in case.flags,
        "need": _missing(case),
        "clarify": _unclear(case),
    }


def _stops(case: Case) -> list[str]:
    """What ends at once: consent in general, consent to advertising, or advertising nobody agreed to."""
    stops = {
        Right.WITHDRAW_CONSENT: "consent_marketing" if case.direct_marketing else "consent",
        Right.OBJECTION: "marketing",
    }
    return [stop for right, stop in stops.items() if right in case.rights and case.at_once(right)]


def _missing(case: Case) -> str:
    """Whose name we need and do not have: the sender's (`name`), the data subject's (`person`), or nobody's."""
    if case.kind is not Kind.REQUEST or case.due_is == "at once":
        return ""
    if case.on_behalf_of or {Flag.REPRESENTATIVE, Flag.CUSTOMER_OF_DEALER} & set(case.flags):
        return "" if case.on_behalf_of else "person"
    return "" if case.name else "name"


def _unclear(case: Case) -> str:
    """The one right about which more must be known; asked only of the data subject, where little is asked."""
    weighed = [right for right in _TO_CLARIFY if right in case.rights and not case.at_once(right)]
    for_another = case.on_behalf_of or {Flag.REPRESENTATIVE, Flag.CUSTOMER_OF_DEALER} & set(case.flags)
    return weighed[0].value if weighed and len(case.rights) <= _FEW and not for_another else ""


def _source(case: Case) -> Source | None:
    """The data subject's last own mail, when it came from the address that we write to."""
    if case.address != case.opened.address:
        return None
    sources = [
        event.source
        for event in case.events
        if isinstance(event, Opened) or (isinstance(event, Joined) and not event.automatic)
    ]
    return next((source for source in reversed(sources) if source.message_id), None)
