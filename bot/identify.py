"""What makes us doubt a sender, and what a name must look like before we write it."""

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum

from bot.config import Staff
from bot.model import Mail


class Doubt(StrEnum):
    """Something staff should know before they act; the values stand in the case's history."""

    AUTHENTICATION = "authentication_failed"
    MIGRATED = "older_than_a_week"
    REPLY_TO = "reply_to_elsewhere"
    SEVERAL_SENDERS = "several_senders"
    MESSAGE_ID = "message_id_seen_before"
    OTHER_ADDRESS = "names_case_from_other_address"
    SUPERVISOR_COPY = "supervisor_in_copy"
    JUNK = "in_junk"
    STAFF = "sent_by_staff"
    ADDRESS = "address_not_answerable"
    REMINDER = "reminder_outside_thread"


FORBIDS_REPLY = frozenset(
    {
        Doubt.AUTHENTICATION,
        Doubt.MIGRATED,
        Doubt.SEVERAL_SENDERS,
        Doubt.OTHER_ADDRESS,
        Doubt.JUNK,
        Doubt.STAFF,
        Doubt.ADDRESS,
        Doubt.REMINDER,
    }
)
"""With one of these a person answers, not the program."""

_MIGRATED_AFTER = timedelta(days=7)
_DMARC = re.compile(r"(?:^|[;\s])dmarc\s*=\s*(\w+)", re.IGNORECASE)
_DMARC_FOR = re.compile(r"\bheader\.from\s*=\s*\"?(?:[^\s;@\"]*@)?([\w.-]+)", re.IGNORECASE)
_REMARK = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}"
)
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .,'’\-]){0,59}")
_WEBSITE = re.compile(r"\.[a-z]{2,}|[^\W\d_]{2,}\.[^\W\d_]{2,}")


def doubts(mail: Mail, supervisor_domains: tuple[str, ...] = (), in_junk: bool = False) -> tuple[Doubt, ...]:
    """Everything about this mail that can be doubted from the mail alone."""
    checks = {
        Doubt.AUTHENTICATION: dmarc(mail) == "fail",
        Doubt.MIGRATED: mail.date is not None and mail.received - mail.date > _MIGRATED_AFTER,
        Doubt.REPLY_TO: _replies_go_elsewhere(mail),
        Doubt.SEVERAL_SENDERS: len(mail.senders) > 1,
        Doubt.SUPERVISOR_COPY: any(at_domain(each.address, supervisor_domains) for each in (*mail.to, *mail.cc)),
        Doubt.JUNK: in_junk,
        Doubt.ADDRESS: mail.sender is None or not _ADDRESS.fullmatch(mail.sender.address),
    }
    return tuple(doubt for doubt, holds in checks.items() if holds)


def dmarc(mail: Mail) -> str | None:
    """The DMARC result of the topmost Authentication-Results that has one, lower case; None when none has.

    Whoever wrote that header: enough to believe a failure, never enough to believe a pass (RFC 8601 §5).
    """
    for value in mail.headers.get("authentication-results", ()):
        if match := _DMARC.search(_bare(value)):
            return match[1].lower()
    return None


def origin_proved(mail: Mail, staff: Staff) -> bool:
    """Whether a mail comes from where its From says, as far as `staff.authentication` asks for proof."""
    match staff.authentication:
        case "authserv":
            return _passed(mail, frozenset(each.lower() for each in staff.trusted_authserv_ids))
        case "microsoft365":
            marks = mail.headers.get("x-ms-exchange-organization-authas", ())
            return len(marks) == 1 and marks[0].strip().lower() == "internal"
        case _:
            return dmarc(mail) != "fail"


def _passed(mail: Mail, trusted: frozenset[str]) -> bool:
    """Whether the topmost Authentication-Results of a trusted server passes DMARC for the domain of From.

    Only that one counts: what stands below may have come with the mail (RFC 8601 §5).
    """
    ours = (each for each in mail.headers.get("authentication-results", ()) if authserv_id(each) in trusted)
    for result in _bare(next(ours, "")).partition("(")[0].split(";")[1:]:
        if (match := _DMARC.search(result)) and match[1].lower() == "pass":
            domains = {found.lower() for found in _DMARC_FOR.findall(result)}
            return mail.sender is not None and domains <= {mail.sender.address.rpartition("@")[2]}
    return False


def authserv_id(value: str) -> str:
    """The server that an Authentication-Results header says it comes from, lower case."""
    words = _bare(value).partition(";")[0].replace("/", " ").split()
    return words[0].lower() if words else ""


def _bare(value: str) -> str:
    """The header's value without comments and quoted strings, in which anything can stand."""
    value = _QUOTED.sub('""', value[:10_000])
    for _ in range(5):
        value = _REMARK.sub(" ", value)
    return value


def at_domain(address: str, domains: tuple[str, ...]) -> bool:
    """Whether an address is at one of these domains or below it."""
    domain = address.rpartition("@")[2].lower()
    return any(domain == each.lower() or domain.endswith(f".{each.lower()}") for each in domains)


def writable_name(name: str | None) -> str | None:
    """The name as a letter may greet it: at most 60 characters, letters and name punctuation, no web address."""
    folded = unicodedata.normalize("NFC", " ".join((name or "").split()))
    return folded if _NAME.fullmatch(folded) and not _WEBSITE.search(folded) else None


def _replies_go_elsewhere(mail: Mail) -> bool:
    return mail.sender is not None and any(each.address != mail.sender.address for each in mail.reply_to)
