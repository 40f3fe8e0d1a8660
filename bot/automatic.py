"""Whom the program never answers: a table of rules, each with its reason and source; the first that holds counts.

No answer never means no case: what a machine sent may still hold a request, and a person sees it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.identify import at_domain
from bot.model import Mail


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a mail gets no automatic answer."""

    reason: str
    machine: bool
    """A program wrote it: reports, automatic answers, lists, bulk mail, daemons."""
    report: bool = False
    """A delivery report, a read receipt or an abuse report."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Those whom the program never answers, whatever they write."""

    own: frozenset[str]
    staff: frozenset[str]
    supervisor_domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    holds: Callable[[Mail, Circle], bool]
    reason: str
    source: str
    """Where the rule comes from."""
    machine: bool = True
    report: bool = False


def silence(mail: Mail, circle: Circle) -> Silence | None:
    """The first reason not to answer this mail, or None when a person may get an answer."""
    for rule in RULES:
        if rule.holds(mail, circle):
            return Silence(rule.reason, rule.machine, rule.report)
    return None


def _any(*patterns: str, before: str = r"\b", after: str = r"\b") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(patterns)}){after}", re.IGNORECASE | re.MULTILINE)


_DAEMON = _any(
    r"mail(?:er)?[-_. ]?daemon", r"post[-_. ]?master", r"mail(?:er)? delivery (?:sub)?system",
    r"double[- ]?bounce", r"mail (?:delivery|administrator|transfer agent)", r"microsoft exchange",
    r"e?mail (?:system|server)",
)  # fmt: skip
_RETURNED = _any(
    r"undeliver(?:ed|able)", r"(?:not|non|in)[- ]?deliver(?:ed|y|able)?", r"returned (?:mail|to sender|e-?mail)",
    r"delivery (?:status|failure|failed|problem|error|delayed|report|notification|incomplete|has failed)",
    r"failure (?:notice|notification)", r"mail (?:delivery|system)? ?(?:fail(?:ed|ure)?|error|problem)",
    r"message (?:status|delayed|could not)", r"warning: (?:could not|message)", r"permanent (?:error|failure)",
    r"onbestelbaar", r"niet (?:worden )?(?:afgeleverd|bezorgd)", r"mislukte? (?:bezorging|aflevering)",
    r"unzustellbar", r"nicht zugestellt", r"non[- ]remis", r"échec de",
)  # fmt: skip
_REPORT_FIELD = _any(
    r"final-recipient:", r"original-recipient:", r"diagnostic-code:", r"reporting-mta:", r"action: ?failed",
    before=r"^[> \t]{0,8}", after="",
)  # fmt: skip
_REPORT_PHRASE = _any(
    r"the (?:original|following) (?:message|address(?:es)?|recipients?)", r"could not be delivered",
    r"message (?:returned|was undeliverable)", r"undeliverable", r"unable to deliver",
    r"permanent (?:fatal )?errors?",
    r"(?:user|recipient|mailbox) (?:unknown|not found|unavailable)", r"no such user", r"invalid user",
    r"[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}", r"mailbox (?:is )?full", r"quota exceeded",
)  # fmt: skip
_ABUSE = _any(r"complaint about message from [\da-f.:]{3,45}$", before="^", after="")
_READ = _any(
    r"gelezen", r"niet gelezen", r"read", r"not read", r"gelesen", r"lu", r"leesbevestiging", r"read receipt",
    r"lesebestätigung", r"accusé de (?:lecture|réception)", r"delivered", r"bezorgd", r"disposition notification",
    r"return receipt(?: \(\w{1,20}\))?", before="^", after=r"\s?:",
)  # fmt: skip
_SEEN = _any(
    "gelezen", "read", "gelesen", "lu", "displayed", "weergegeven", "angezeigt", "afgeleverd", "delivered",
)  # fmt: skip
_NO_REPLY = _any(
    "noreply", "donotreply", "mailer[-_.]?daemon",
    r"(?<![a-z])(?:no[-_.]reply|do[-_.]not[-_.]reply|dont[-_.]?reply|not[-_.]?reply|no[-_.]?response)",
    r"(?<![a-z])(?:geen[-_.]?antwoord|niet[-_.]?(?:be)?antwoorden|niet[-_.]?reageren)",
    r"(?<![a-z])(?:keine[-_.]?antwort|nicht[-_.]?antworten|ne[-_.]?pas[-_.]?repondre)",
    r"(?<![a-z])(?:bounces?|daemon|post[-_.]?master|listserv|majordomo|cron|auto[-_.]?(?:reply|responder|mailer)"
    r"|notificat(?:ions?|ies?)|newsletters?|nieuwsbrief|alerts?|mailings?)(?![a-z])",
    r"^owner-.", r".-(?:request|owner|bounces?)$",
    before="", after="",
)  # fmt: skip
_OUT_OF_OFFICE = _any(
    r"automatische? (?:antwoord|bericht|reactie|beantwoording)", r"auto(?:matische)?[- ]?antwoord", r"auto(?=:)",
    r"afwezig(?:heid(?:s(?:bericht|melding|assistent)?)?)?", r"buiten kantoor", r"niet (?:op kantoor|aanwezig)",
    r"auto(?:matic|mated)?[- ]?(?:reply|response|responder)", r"vacation (?:reply|message|notice)",
    r"out of (?:the )?office(?: (?:auto)?[- ]?reply| message| notification)?",
    r"(?:away from|not in) (?:the |my )?office", r"automatische (?:rück)?antwort", r"autom\. antwort",
    r"abwesenheit(?:s(?:notiz|meldung|nachricht|assistent))?", r"réponse automatique",
    r"absence (?:du|de) bureau", r"message d[’']absence", r"absent du bureau",
    before=r"^\s*(?:\[[^\]]{1,40}\]\s*)?", after=r"\s*(?:[:\[(|–-]|(?:re|antw|aw)\b|$)",
)  # fmt: skip
"""Only at the beginning of a subject: “Re: Automatisch antwoord” was written by a person."""

_LISTS = (
    "list-id", "list-unsubscribe", "list-post", "list-help", "list-subscribe", "list-owner", "list-archive",
    "mailing-list", "x-mailing-list", "x-mailman-version", "x-listname",
)  # fmt: skip
_ROBOTS = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autogenerated", "x-mail-autoreply",
    "x-autoreply-from", "x-loop", "x-rt-loop-prevention", "x-vacation", "x-fc-machinegenerated", "x-cron-env",
    "x-failed-recipients", "x-ms-exchange-generated-message-source", "x-ms-exchange-message-is-ndr", "x-arf",
)  # fmt: skip
_MASS_MAILERS = (
    "feedback-id", "x-mailgun-", "x-sg-", "x-mc-user", "x-mandrill-", "x-mailchimp-", "x-campaign", "x-mj-",
    "x-csa-complaints", "x-report-abuse", "x-bulkmail", "x-sfmc-", "x-hs-campaign", "x-cm-envelope", "x-sib-",
)  # fmt: skip
"""Beginnings of the names of their header fields."""

_REPORT_TYPES = (
    "multipart/report", "message/delivery-status", "message/disposition-notification", "message/feedback-report",
)  # fmt: skip


def _declared_report(mail: Mail) -> bool:
    kind = "".join(mail.header("content-type").lower().split())
    return kind.startswith(_REPORT_TYPES) or ";report-type=" in kind


def _undeclared_report(mail: Mail) -> bool:
    from_daemon = _null_sender(mail) or bool(_DAEMON.search(_from(mail)))
    return from_daemon and bool(_RETURNED.search(mail.subject) or _tells_failure(mail.text[:20_000]))


def _tells_failure(text: str) -> bool:
    return bool(_REPORT_FIELD.search(text) or _REPORT_PHRASE.search(text))


def _passed_on(mail: Mail) -> bool:
    fields = {found.lower() for found in _REPORT_FIELD.findall(mail.text[:20_000])}
    return bool(_RETURNED.search(mail.subject)) and len(fields) >= 2


def _read_receipt(mail: Mail) -> bool:
    short = len(mail.text) < 1_000 and (not mail.text.strip() or bool(_SEEN.search(mail.text)))
    return short and bool(_READ.match(mail.subject))


def _auto_submitted(mail: Mail) -> bool:
    return any(_word(value) not in ("", "no") for value in mail.headers.get("auto-submitted", ()))


def _precedence(mail: Mail) -> bool:
    values = (*mail.headers.get("precedence", ()), *mail.headers.get("preference", ()))
    return any(_word(value) in ("bulk", "junk", "list", "auto_reply", "auto-reply") for value in values)


def _null_sender(mail: Mail) -> bool:
    return "".join(mail.header("return-path").split()) == "<>"


def _robot_name(mail: Mail) -> bool:
    names = [each.address.rpartition("@")[0] for each in mail.senders] or [_from(mail)]
    by_name = any(_NO_REPLY.search(name) for name in names)
    return by_name or any(_DAEMON.search(each.display) for each in mail.senders)


def _mass_mailer(mail: Mail) -> bool:
    return any(name.startswith(_MASS_MAILERS) for name in mail.headers)


def _suppressed(mail: Mail) -> bool:
    values = mail.headers.get("x-auto-response-suppress", ())
    return bool({token.strip().lower() for value in values for token in value.split(",")} & {"all", "autoreply"})


def _from(mail: Mail) -> str:
    return " ".join((*mail.headers.get("from", ()), *mail.headers.get("sender", ())))


def _word(value: str) -> str:
    return value.split(";")[0].split("(")[0].strip().lower()


def _has(names: tuple[str, ...]) -> Callable[[Mail, Circle], bool]:
    return lambda mail, _: any(any(mail.headers.get(name, ())) for name in names)


def _is(holds: Callable[[Mail], bool]) -> Callable[[Mail, Circle], bool]:
    return lambda mail, _: holds(mail)


def _among(chosen: Callable[[Circle], frozenset[str]]) -> Callable[[Mail, Circle], bool]:
    return lambda mail, circle: any(each.address in chosen(circle) for each in mail.senders)


def _supervisor(mail: Mail, circle: Circle) -> bool:
    return any(at_domain(each.address, circle.supervisor_domains) for each in mail.senders)


RULES = (
    Rule(_is(_declared_report), "a delivery, read or abuse report", "RFC 3464, 8098, 5965", report=True),
    Rule(_is(_undeclared_report), "a delivery report without the standard form", "RFC 5321 §4.5.5", report=True),
    Rule(_is(_read_receipt), "a read receipt without the standard form", "RFC 8098", report=True),
    Rule(_is(lambda mail: bool(_ABUSE.match(mail.subject))), "an abuse report", "RFC 5965", report=True),
    Rule(_has(("x-wkm-case",)), "our own mail came back", "RFC 3834 §2"),
    Rule(_is(_auto_submitted), "marked as sent by a program", "RFC 3834 §2, §5"),
    Rule(_is(_precedence), "marked as bulk or list mail", "RFC 3834 §2"),
    Rule(_has(_LISTS), "mail of a list", "RFC 5230 §4.6"),
    Rule(_has(_ROBOTS), "marked as an automatic answer", "in use"),
    Rule(_is(_null_sender), "no return path", "RFC 3834 §2"),
    Rule(_is(_robot_name), "sent by a no-reply or system address", "RFC 3834 §2"),
    Rule(_is(_mass_mailer), "sent by a mass mailer", "in use"),
    Rule(_is(lambda mail: bool(_OUT_OF_OFFICE.match(mail.subject))), "out of office by its subject", "in use"),
    Rule(_is(_passed_on), "a delivery report that was passed on", "RFC 3464", machine=False),
    Rule(_among(lambda circle: circle.own), "from an address of our own", "RFC 3834 §2", machine=False),
    Rule(_among(lambda circle: circle.staff), "from staff", "the list of staff", machine=False),
    Rule(_supervisor, "from the supervisor", "the supervisor's domains", machine=False),
    Rule(_is(lambda mail: mail.sender is None), "no usable sender, or several", "RFC 5322 §3.6.2", machine=False),
    Rule(_is(_suppressed), "asks for no automatic answer", "MS-OXCMAIL 2.1.3.2.20", machine=False),
)
