"""Mail to staff: what came in, what is due, what a command did, and the day's digest."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot import agenda, links
from bot.agenda import Digest
from bot.cases import Case
from bot.compose import Composer
from bot.events import Joined, Noted
from bot.grammar import Verb
from bot.links import Action
from bot.model import Audience, Letter, Purpose, Stage
from bot.orders import grouped
from bot.redact import mask
from bot.vocabulary import rights_named
from classifiers.clauses import without_quotes
from classifiers.labels import Flag, Right

MOST_LINES = 10
"""Lines in a section of the digest."""
MOST_QUOTES = 8
LEAK = timedelta(hours=72)
"""From knowing of a leak to having told the supervisor (GDPR art. 33(1))."""
_BAR = 12


def new_case(composer: Composer, case: Case, to: str, now: datetime, earlier: Sequence[str]) -> Letter:
    """A case began: what was understood, how surely, from whom, and what to do."""
    return _write(composer, case, "notice", Purpose.NOTICE, to, now, {
        **_understood(composer, case, to),
        "earlier": [ref for ref in earlier if ref != case.ref],
        "confirmation": _confirmation(case),
    })  # fmt: skip


def joined(composer: Composer, case: Case, to: str, now: datetime, joined: Joined) -> Letter:
    """The data subject wrote again."""
    zone, language = composer.settings.organisation.timezone, composer.settings.staff.language
    return _write(composer, case, "joined", Purpose.NOTICE, to, now, {
        "received": joined.received.astimezone(zone),
        "said": mask(without_quotes(joined.source.text).strip(), language) if _open_to(case, to) else "",
        "reply": joined.reply or "",
        "urgent": joined.urgent,
        "automatic": joined.automatic,
        "attachments": joined.source.attachments,
        "warnings": [*joined.doubts, *joined.flags],
    })  # fmt: skip


def reminder(composer: Composer, case: Case, to: str, now: datetime, days_left: int) -> Letter:
    """The date comes near."""
    return _write(composer, case, "reminder", Purpose.REMINDER, to, now, {"days_left": days_left})


def escalation(composer: Composer, case: Case, to: str, now: datetime, why: str) -> Letter:
    """Somebody above the handler must know; `why` is a code of the agenda."""
    return _write(composer, case, "escalation", Purpose.ESCALATION, to, now, {"why": why})


def task(
    composer: Composer, case: Case, to: str, now: datetime, what: str, failed: Letter | None = None
) -> Letter:
    """A person must do something today; `what` is a code of the agenda, `failed` the letter that was not sent."""
    return _write(composer, case, "task", Purpose.TASK, to, now, {
        "what": what,
        "failed": {"to": failed.to, "purpose": failed.purpose, "error": failed.error[:300]} if failed else {},
        "by": _last_by(case, what),
    })  # fmt: skip


def receipt(
    composer: Composer, case: Case, to: str, now: datetime, said: str, held: Letter | None = None
) -> Letter:
    """The answer to a command: what it did, or why nothing was done, and the exact letters that it wrote."""
    written = grouped(case, held) if held else ()
    values: dict[str, object] = {
        "said": said,
        "held": [{"to": each.to, "subject": each.subject, "text": each.text} for each in written],
    }
    if held and held.stage is Stage.HELD:
        values["actions"] = _linked(composer, case, to, links.held(held, composer.settings.staff.language))
    return _write(composer, case, "receipt", Purpose.RECEIPT, to, now, values)


def digest(
    composer: Composer, to: str, now: datetime, digest: Digest, cases: Iterable[Case] = ()
) -> tuple[str, str, str, str]:
    """The day's overview, or a sign of life when there is nothing in it: subject, text, bytes and Message-ID.

    The lines of those `cases` about which `to` was written to get a link.
    """
    urls = {case.ref: _status(composer, case, to) for case in cases}
    most = max((count for _, count in digest.coming), default=1)
    values = {
        "things": digest.things,
        "sections": [
            {
                "key": key,
                "lines": [
                    {"ref": line.ref, "kind": line.kind, "date": line.date, "next": line.next_step,
                     "url": urls.get(line.ref) or ""}
                    for line in lines[:MOST_LINES]
                ],
                "more": max(0, len(lines) - MOST_LINES),
            }
            for key in ("overdue", "soon", "unsure", "failures", "new", "waiting", "restricted")
            if (lines := getattr(digest, key))
        ],
        "held": digest.held[:MOST_LINES],
        "more": max(0, len(digest.held) - MOST_LINES),
        "bars": [(day, count, "█" * max(1, _BAR * count // max(most, _BAR))) for day, count in digest.coming],
        "open_cases": digest.open_cases,
        "decree_days_end": digest.decree_days_end,
    }  # fmt: skip
    template = "sign_of_life" if digest.empty else "digest"
    return composer.mail(template, to=to, now=now, values=values, language=composer.settings.staff.language)


def _write(
    composer: Composer, case: Case, template: str, purpose: Purpose, to: str, now: datetime,
    values: Mapping[str, object],
) -> Letter:  # fmt: skip
    facts = {**_facts(composer, case, to), "actions": _linked(composer, case, to)}
    return composer.letter(
        case, template, to=to, purpose=purpose, audience=Audience.STAFF, now=now, values={**facts, **values}
    )


def _facts(composer: Composer, case: Case, to: str) -> dict[str, object]:
    """What every staff mail may say about its case."""
    rules, language = agenda.rules(composer.settings), composer.settings.staff.language
    return {
        "kind": case.kind.value,
        "rights": rights_named(case.rights, language),
        "unsure": rights_named(case.unsure_rights, language),
        "undecided": rights_named(case.undecided, language),
        "certain": case.certain,
        "due": agenda.due(case, rules),
        "due_is": case.due_is,
        "last_day": agenda.last_day(case, rules),
        "next": agenda.next_step(case),
        "handler": agenda.handler(case, rules),
        "own": agenda.handler(case, rules) == to,
        "confidential": case.confidential,
        "closed": case.closed is not None,
    }


def _understood(composer: Composer, case: Case, to: str) -> dict[str, object]:
    zone, language = composer.settings.organisation.timezone, composer.settings.staff.language
    shown = _open_to(case, to)
    evidence = case.evidence[:MOST_QUOTES] if shown else ()
    received: datetime | date = case.received_on or case.received.astimezone(zone)
    return {
        "also": [kind.value for kind in case.also],
        "percent": min(99, round(case.confidence * 100)),
        "quotes": [(each.label, mask(each.text, language)) for each in evidence],
        "name": (case.name or "") if shown else "",
        "person": (case.on_behalf_of or "") if shown else "",
        "address": case.address,
        "channel": case.opened.channel,
        "received": received,
        "attachments": case.opened.source.attachments if shown else (),
        "warnings": [*case.flags, *case.doubts],
        "language_code": case.language,
        "freeze": _freeze(case),
        "recipients": bool({Right.ERASURE, Right.ACCESS} & {*case.rights, *case.unsure_rights}),
        "erasure": Right.ERASURE in (*case.rights, *case.unsure_rights),
        "leak_until": (case.received + LEAK).astimezone(zone) if Flag.BREACH in case.flags else None,
    }


def _open_to(case: Case, to: str) -> bool:
    """Whether this person may read names and words of a case; a confidential one is its handler's."""
    return not case.confidential or case.handler == to


def _freeze(case: Case) -> bool:
    """Disputed accuracy and an objection: the data are not used until it is decided (GDPR art. 18(1), 21(1))."""
    waits = {Right.RECTIFICATION, Right.RESTRICTION, Right.OBJECTION}
    return any(right in waits and not case.at_once(right) for right in (*case.rights, *case.unsure_rights))


def _confirmation(case: Case) -> dict[str, str]:
    """What the data subject got, or would have got; empty when nothing was written."""
    letters = [each for each in case.letters if each.purpose is Purpose.CONFIRMATION]
    if not letters:
        return {}
    last = letters[-1]
    return {"stage": last.stage.value, "to": last.to, "subject": last.subject, "text": last.text}


def _last_by(case: Case, what: str) -> str:
    """Who was behind the last event of this kind."""
    found = [event.by for event in case.events if isinstance(event, Noted) and event.what == what]
    return found[-1] if found else ""


def _linked(
    composer: Composer, case: Case, to: str, actions: Sequence[Action] | None = None
) -> list[dict[str, str]]:
    chosen = links.usual(case, composer.settings.staff.language) if actions is None else actions
    token, mailbox = links.next_token(case, to), composer.settings.organisation.address
    return [
        {"key": each.key, "about": each.about, "line": each.line.strip(), "url": links.url(mailbox, token, each)}
        for each in chosen
    ]


def _status(composer: Composer, case: Case, to: str) -> str | None:
    token = links.known_token(case, to)
    status = Action("status", links.command(Verb.STATUS, composer.settings.staff.language))
    return links.url(composer.settings.organisation.address, token, status) if token else None
