"""Cases and classifications as the command line shows them: JSON for programs, tables for people."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from rich import box
from rich.table import Table
from rich.text import Text

from bot import agenda, deadlines
from bot.agenda import Rules
from bot.automatic import Silence
from bot.cases import Case
from bot.deadlines import Deadline
from bot.events import Event
from bot.ledger import Held
from bot.model import Mail
from classifiers.labels import Verdict

JSON = dict[str, Any]
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def case_json(case: Case, rules: Rules) -> JSON:
    """A case as `cases --json` has it."""
    extended = deadlines.of_case(case, rules.days, rules.zone).extended_due if case.extension else None
    due = agenda.last_day(case, rules) if case.due_is == "statutory" else agenda.due(case, rules)
    return {
        "ref": case.ref,
        "kind": case.kind,
        "also": list(case.also),
        "rights": list(case.rights),
        "flags": list(case.flags),
        "state": case.state,
        "decisions": {right: _outcome(case, right) for right in case.rights},
        "received": instant(case.received, rules.zone),
        "due": due.isoformat(),
        "due_is": case.due_is,
        "extended": extended and extended.isoformat(),
        "name": case.name,
        "address": case.address,
        "language": case.language,
        "handler": case.handler,
        "closed": case.closed and instant(case.closed, rules.zone),
    }


def history_json(case: Case, rules: Rules) -> JSON:
    """A case as `case REF --json` has it: with its events, letters and dates."""
    events = [_event(event, rules.zone) for event in case.events]
    return {
        **case_json(case, rules),
        "events": events,
        "letters": [
            {
                "number": letter.number, "purpose": letter.purpose, "to": letter.to, "stage": letter.stage,
                "subject": letter.subject, "text": letter.text, "error": letter.error,
                "release": letter.release and instant(letter.release, rules.zone),
            }
            for letter in case.letters
        ],
        "deadline": deadline_json(deadlines.of_case(case, rules.days, rules.zone)),
    }  # fmt: skip


def _event(event: Event, zone: ZoneInfo) -> JSON:
    values: JSON = _EVENT.dump_python(event, mode="json")
    first = {"at": instant(event.at, zone), "what": values.pop("what"), "by": values.pop("by")}
    return {
        **first,
        **{key: value for key, value in values.items() if key != "at" and value not in (None, [], "")},
    }


def deadline_json(found: Deadline) -> JSON:
    """The dates as `deadline --json` has them."""
    values = asdict(found)
    return {key: each.isoformat() if isinstance(each, date) else list(each) for key, each in values.items()}


def verdict_json(file: str, mail: Mail, verdict: Verdict, silence: Silence | None, reply: bool) -> JSON:
    """A message as `classify --json` has it."""
    return {
        "file": file,
        "kind": verdict.kind,
        "also": list(verdict.also),
        "rights": list(verdict.rights),
        "unsure_rights": list(verdict.unsure_rights),
        "flags": list(verdict.flags),
        "language": verdict.language,
        "confidence": round(verdict.confidence, 4),
        "certain": verdict.certain,
        "sender": {
            "address": mail.sender.address if mail.sender else "",
            "name": verdict.name,
            "on_behalf_of": verdict.on_behalf_of,
        },
        "automatic": bool(silence and silence.machine),
        "reply": reply,
        "reason": silence.reason if silence else verdict.reason,
        "evidence": [{"label": each.label, "text": each.text} for each in verdict.evidence],
    }


def held_json(held: Held, zone: ZoneInfo) -> JSON:
    """A held mail as `held --json` has it."""
    return {
        "id": held.id,
        "folder": held.place.folder,
        "uid": held.place.uid,
        "received": instant(held.received, zone),
        "since": instant(held.since, zone),
        "reason": held.reason,
        "attempts": held.attempts,
        "retry": held.retry and instant(held.retry, zone),
    }


def instant(value: datetime, zone: ZoneInfo) -> str:
    """An instant as ISO 8601 with the offset of our time zone, to the second."""
    return value.astimezone(zone).isoformat(timespec="seconds")


def case_table(cases: Iterable[Case], rules: Rules) -> Table:
    """The register as a table."""
    rows = (
        (each["ref"], each["state"], each["kind"], ", ".join(each["rights"]), each["due"], each["due_is"],
         each["name"] or "-", each["handler"] or "-")
        for each in (case_json(case, rules) for case in cases)
    )  # fmt: skip
    return table(("case", "state", "kind", "rights", "due", "is", "name", "handler"), rows)


def held_table(held: Iterable[Held], zone: ZoneInfo) -> Table:
    """Held mail as a table."""
    rows = (
        (each.id, instant(each.received, zone), each.place.folder, str(each.attempts), each.reason)
        for each in held
    )
    return table(("id", "received", "folder", "tries", "why"), rows)


def history(case: Case, rules: Rules) -> str:
    """A case for people: what it is, how its dates were found, and everything that happened."""
    facts = history_json(case, rules)
    lines = [
        f"{case.ref}  {facts['state']}  {facts['kind']}  {', '.join(facts['rights'])}",
        f"from {case.name or '-'} <{case.address}>, handled by {case.handler or 'nobody yet'}",
        f"due {facts['due']} ({facts['due_is']})",
        "",
        *facts["deadline"]["steps"],
        "",
    ]
    for event in facts["events"]:
        rest = {
            key: value
            for key, value in event.items()
            if key not in ("at", "what", "by", "why", "source", "evidence")
        }
        detail = "; ".join(f"{key}: {value}" for key, value in rest.items())
        lines.append(f"{event['at']}  {event['what']}  by {event['by']}  {event.get('why', '')}")
        lines += [f"    {detail}"] if detail else []
    lines += [
        "",
        *(
            f"letter {each['number']}: {each['purpose']} to {each['to']}, {each['stage']}"
            for each in facts["letters"]
        ),
    ]
    return "\n".join(lines)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A plain table; what stands in it is shown as it is, never as markup or control codes."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*(Text(clean(each)) for each in row))
    return made


def clean(text: str) -> str:
    """A text without control characters, which could steer a terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


def _outcome(case: Case, right: Any) -> str | None:
    decided = case.decisions.get(right)
    return decided.outcome if decided else None
