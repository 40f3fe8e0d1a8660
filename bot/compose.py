"""Outgoing mail: final bytes, the same each time, with the proofs that replies carry back."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from bot import proof
from bot.cases import Case, next_number
from bot.config import Settings
from bot.errors import Refused
from bot.events import Source
from bot.model import Audience, Letter, Purpose, Stage
from bot.render import Renderer, Templates, one_line

MAX_REFERENCES = 12
"""Ids of others that a letter carries on: the thread's first, and its last ones."""

_QUIET = "DR, RN, NRN, OOF, AutoReply"
"""What we ask programs not to answer with; `All` would silence bounces too (MS-OXCMAIL 2.1.3.2.20)."""
_QUIET_STAFF = "DR, RN, NRN"
"""From staff an out-of-office answer is wanted: it passes their cases on."""
_ID = re.compile(r"<[!-;=?-~]{3,250}>")


class Composer:
    """Writes letters from templates; the same arguments always give the same bytes."""

    def __init__(self, settings: Settings, templates: Templates) -> None:
        self.settings = settings
        self._renderer = Renderer(templates)

    def letter(
        self, case: Case, template: str, *, to: str, purpose: Purpose, audience: Audience, now: datetime,
        stage: Stage = Stage.QUEUED, release: datetime | None = None, language: str | None = None,
        values: Mapping[str, object] | None = None, reply_to_source: Source | None = None,
    ) -> Letter:  # fmt: skip
        """The case's next letter, from the template of this name in the reader's language.

        Refused when `to` cannot be written to; ConfigError when the template fails.
        """
        number, domain = next_number(case), self.settings.organisation.domain
        token = proof.token(case.secret, case.ref, number, to)
        message_id = proof.message_id(case.secret, case.ref, number, domain)
        language = language or self._language(case, audience)
        subject, text, html = self._render(audience, template, language, now, {"ref": case.ref, **(values or {})})
        message = self._message(subject, text, html, to, now, message_id)
        thread = _thread(case, to, reply_to_source)
        if thread:
            message["In-Reply-To"] = thread[-1]
        message["References"] = " ".join((*thread, proof.reference(token, domain)))
        message["Auto-Submitted"] = "auto-replied" if audience is Audience.SUBJECT else "auto-generated"
        message["X-Auto-Response-Suppress"] = _QUIET_STAFF if audience is Audience.STAFF else _QUIET
        message["X-WKM-Case"] = token
        return Letter(
            number=number, purpose=purpose, audience=audience, to=to, subject=subject, text=text,
            raw=_ascii(message), message_id=message_id, created=now, stage=stage, release=release,
        )  # fmt: skip

    def mail(
        self, template: str, *, to: str, now: datetime, values: Mapping[str, object], language: str
    ) -> tuple[str, str, str, str]:
        """A staff mail that is not about one case: its subject, plain text, bytes (7-bit) and Message-ID."""
        subject, text, html = self._render(Audience.STAFF, template, language, now, values)
        digest = hashlib.sha256(f"{template} {to} {now.isoformat()}".encode()).hexdigest()[:20]
        message_id = f"<{template}.{digest}@{self.settings.organisation.domain}>"
        message = self._message(subject, text, html, to, now, message_id)
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = _QUIET_STAFF
        return subject, text, _ascii(message), message_id

    def _language(self, case: Case, audience: Audience) -> str:
        if audience is Audience.STAFF:
            return self.settings.staff.language
        return "nl" if case.language == "nl" else "en"

    def _render(
        self, audience: Audience, template: str, language: str, now: datetime, values: Mapping[str, object]
    ) -> tuple[str, str, str]:
        organisation, supervisor = self.settings.organisation, self.settings.supervisor
        common = {
            "language": language,
            "today": now.astimezone(organisation.timezone).date(),
            "organisation": organisation.model_dump(include={"name", "address", "website"}),
            "supervisor": supervisor.model_dump(include={"name", "website", "postal_address", "phone"}),
        }
        folder = f"staff/{language}" if audience is Audience.STAFF else language
        return self._renderer.render(f"{folder}/{template}.md", {**common, **values})

    def _message(
        self, subject: str, text: str, html: str, to: str, now: datetime, message_id: str
    ) -> EmailMessage:
        organisation = self.settings.organisation
        message = EmailMessage(policy=_POLICY)
        message["From"] = Address(one_line(organisation.name), addr_spec=organisation.address)
        message["To"] = _recipient(to)
        message["Subject"] = subject
        message["Date"] = format_datetime(now.astimezone(organisation.timezone))
        message["Message-ID"] = message_id
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}")
        return message


class _Policy(EmailPolicy):
    """Lines for SMTP, 7-bit; lists of ids are folded between the ids, and never encoded however long these are."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in ("references", "in-reply-to"):
            return (f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n").encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def _ascii(message: EmailMessage) -> str:
    return message.as_bytes().decode("ascii")


def _recipient(to: str) -> Address:
    try:
        to.encode("ascii")
        return Address(addr_spec=to)
    except (ValueError, IndexError, AttributeError):
        raise Refused("this address is not one that a letter can be sent to: correct it first") from None


def _thread(case: Case, to: str, source: Source | None) -> tuple[str, ...]:
    """The ids that the letter continues: of the mail that it answers, else of our letters to the same person."""
    ids = (*source.references, source.message_id) if source and source.message_id else ()
    ids = ids or tuple(letter.message_id for letter in case.letters if letter.to == to)
    usable = tuple(dict.fromkeys(each for each in ids if _ID.fullmatch(each)))
    return usable if len(usable) <= MAX_REFERENCES else (usable[0], *usable[1 - MAX_REFERENCES :])
