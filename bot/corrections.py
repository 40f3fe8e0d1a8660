"""What staff corrected, kept to learn from where that is switched on; masked, and gone with its case's texts."""

import json
from pathlib import Path

from bot import storage
from bot.cases import Case
from bot.events import Closed, Concluded, Relabelled
from classifiers.labels import Kind
from classifiers.masking import mask


def corrected(before: Case, after: Case) -> Kind | None:
    """The kind that a person gave the case just now, if they did and it differs from what was understood."""
    for event in after.events[len(before.events) :]:
        if isinstance(event, Relabelled) and (event.kind, event.rights) != (before.kind, before.rights):
            return event.kind
        if isinstance(event, Concluded | Closed) and event.how == "not_privacy":
            return Kind.OTHER
    return None


def keep(folder: Path, case: Case, kind: Kind) -> str:
    """Keep the case's first mail with the right label; the masked text, for a person to look at."""
    source, names = case.opened.source, [name for name in (case.name, case.on_behalf_of) if name]
    subject, body = mask(source.subject, names), mask(source.text, names)
    correction = {
        "subject": subject,
        "body": body,
        "kind": kind,
        "rights": list(case.rights) if kind is Kind.REQUEST else [],
        "flags": list(case.flags),
        "language": case.language,
        "masked": True,
    }
    storage.make_folder(folder / "corrections")
    content = json.dumps(correction, ensure_ascii=False, indent=1).encode()
    storage.replace(folder / "corrections" / f"{case.ref}.json", content)
    return f"{subject}\n\n{body}".strip()


def drop(folder: Path, ref: str) -> None:
    """Remove what was kept of a case."""
    (folder / "corrections" / f"{ref}.json").unlink(missing_ok=True)
