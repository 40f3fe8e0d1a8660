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
    r"copy(?:\s+to)?)\s*[:.]?\s.{0,60}(?:autoriteit\s*persoonsgegevens|aufsichtsbehörde)",
    re.IGNORECASE | re.MULTILINE,
)
_SUPERVISOR_DOMAIN = "autoriteitpersoonsgegevens.nl"
_SAID = {
    Flag.DECEASED: re.compile(
        r"\b(?:overleden|overleed|wijlen|nabestaanden?|erfgena\w+|passed away|deceased|"
        r"late (?:husband|wife|father|mother)|"
        r"verstorben\w*|verstarb|the estate of)\b",
        re.IGNORECASE,
    ),
    Flag.MINOR: re.compile(
        r"\b(?:mijn|onze|m'n|my|our|meine?[nrms]?|unsere?[nrms]?) (?:\w+ )?(?:zoon|zoontje|dochter|dochtertje|"
        r"kind|kleinkind|kleinzoon|"
        r"kleindochter|leerling|son|daughter|child|pupil|sohn|tochter|kind)\b.{0,60}?\(?\b(?:[1-9]|1[0-7]|een|twee|drie|vier|vijf|"
        r"zes|zeven|"
        r"acht|negen|tien|elf|twaalf|dertien|veertien|vijftien|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen)\b"
        r"|\bminderjarig\w*|\bunderage\b|\bminderjährig\w*"
        r"|\bik ben (?:pas )?1[0-7]\b|\bi(?:'m| am) (?:only )?1[0-7]\b",
        re.IGNORECASE,
    ),
    Flag.CUSTOMER_OF_DEALER: re.compile(
        r"\b(?:klant|klante|koper|koopster) (?:van|bij) ons\b"
        r"|\b(?:onze|een van onze|van een|one of our|a) (?:klanten?|klante|kopers?|customers?|buyers?)\b"
        r"|\bunser\w* kund\w+|\bour (?:customer|client|buyer)|\bdoorgestuurd (?:van|namens) (?:een|onze) klant",
        re.IGNORECASE,
    ),
}
"""What says so in so many words; it counts where the network thinks it possible."""
_LEAST = {Flag.ATTACHMENT: 0.4}
_SURE, _POSSIBLE = 0.5, 0.1
_FOLLOWS_UP = 40
_READ = 6_000


def found(
    message: Message, text: str, chances: Mapping[str, float], kind: Kind, rights: tuple[Right, ...]
) -> tuple[Flag, ...]:
    """The flags of `message`, of which `text` is the current part."""
    flags = {flag for flag in Flag if chances.get(flag, 0.0) >= _LEAST.get(flag, _SURE)}
    if kind is not Kind.COMPLAINT and not {Right.WITHDRAW_CONSENT, Right.OBJECTION} & set(rights):
        flags.discard(Flag.DIRECT_MARKETING)
    flags |= {
        flag
        for flag, pattern in _SAID.items()
        if chances.get(flag, 0.0) >= _POSSIBLE and pattern.search(text[:_READ])
    }
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
