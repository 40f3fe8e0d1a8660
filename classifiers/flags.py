"""The circumstances of a message: what the network says, borne out or added to by plain rules."""

import re
from collections.abc import Mapping

from classifiers.labels import Flag, Kind, Message, Right

_PRIVACY = re.compile(
    r"privacy|\bavg\b|\bgdpr\b|dsgvo|datenschutz|persoonsgegevens|persoonlijke gegevens|personal data|"
    r"inzage|verwijder(?:ing|verzoek)|gegevens|vergetelheid|erasure|"
    r"access request|\bdsar\b|\bsar\b|auskunft|löschung|bezwaar|objection|widerspruch|toestemming|"
    r"consent|einwilligung|machtiging|data.?lek|data breach|klacht",
    re.IGNORECASE,
)
_ATTACHED = re.compile(
    r"\b(?:bijlage|bijlages|bijlagen|bijgevoegd|bijgaand|bijgesloten|attached|attachment|enclosed|"
    r"anhang|anlage|beigefügt|anbei)\b|\.(?:pdf|docx?|jpe?g|png|heic)\b",
    re.IGNORECASE,
)
_SUPERVISOR = re.compile(
    r"^\W*(?:in\s+)?(?:aan|cc|c\.c\.|to|an|kopie(?:\s+aan)?|"
    r"copy(?:\s+to)?)\s*[:.]?\s.{0,60}(?:autoriteit\s+persoonsgegevens|aufsichtsbehörde)",
    re.IGNORECASE | re.MULTILINE,
)
_SUPERVISOR_DOMAIN = "autoriteitpersoonsgegevens.nl"
_LEAST = {Flag.ATTACHMENT: 0.4}
_SURE = 0.5
_FOLLOWS_UP = 40


def found(
    message: Message, text: str, chances: Mapping[str, float], kind: Kind, rights: tuple[Right, ...]
) -> tuple[Flag, ...]:
    """The flags of `message`, of which `text` is the current part."""
    flags = {flag for flag in Flag if chances.get(flag, 0.0) >= _LEAST.get(flag, _SURE)}
    if kind is not Kind.REQUEST or not {Right.WITHDRAW_CONSENT, Right.OBJECTION} & set(rights):
        flags.discard(Flag.DIRECT_MARKETING)
    if _supervised(message, text):
        flags.add(Flag.SUPERVISOR)
    if _only_attached(message, text):
        flags.add(Flag.ATTACHMENT)
    if kind is Kind.OTHER:
        flags &= {Flag.SUPERVISOR, Flag.ATTACHMENT}
    return tuple(flag for flag in Flag if flag in flags)


def _supervised(message: Message, text: str) -> bool:
    addresses = (message.address.lower(), *message.recipients)
    return any(
        address.endswith((f"@{_SUPERVISOR_DOMAIN}", f".{_SUPERVISOR_DOMAIN}")) for address in addresses
    ) or bool(_SUPERVISOR.search(text[:2_000]))


def _only_attached(message: Message, text: str) -> bool:
    """Little is said, something is attached, and some word is about privacy."""
    if len(text.split()) > _FOLLOWS_UP:
        return False
    attached = bool(message.attachments) or bool(_ATTACHED.search(text))
    if not attached or (text.strip() and not _ATTACHED.search(text)):
        return False
    return bool(_PRIVACY.search(" ".join((message.subject, text, *message.attachments)).replace("_", " ")))
