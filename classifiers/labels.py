"""The words that a message can be labelled with, and what a classification returns."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What the sender wants from the controller now. The order is the order of precedence."""

    REQUEST = "rights_request"
    COMPLAINT = "complaint"
    QUESTION = "question"
    OTHER = "other"


class Right(StrEnum):
    """A right of the data subject, with the article of the GDPR that grants it."""

    WITHDRAW_CONSENT = "withdraw_consent"  # 7(3)
    ACCESS = "access"  # 15
    RECTIFICATION = "rectification"  # 16
    ERASURE = "erasure"  # 17
    RESTRICTION = "restriction"  # 18
    PORTABILITY = "portability"  # 20
    OBJECTION = "objection"  # 21
    AUTOMATED_DECISION = "automated_decision"  # 22


class Flag(StrEnum):
    """A circumstance that changes how a case is handled."""

    DIRECT_MARKETING = "direct_marketing"
    BREACH = "breach"
    REPRESENTATIVE = "representative"
    CUSTOMER_OF_DEALER = "customer_of_dealer"
    MINOR = "minor"
    DECEASED = "deceased"
    SUPERVISOR = "supervisor"
    ATTACHMENT = "attachment"
    STAGE = "stage"


class Reply(StrEnum):
    """What a reply inside a running case asks of us, beside its kind."""

    HUMAN = "human"
    MISUNDERSTOOD = "misunderstood"
    WITHDRAWN = "withdrawn"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Message:
    """The text of one mail, decoded: what a classifier may look at."""

    subject: str
    body: str
    """Plain text, with quoted history, signature and disclaimers still in it."""
    display_name: str = ""
    address: str = ""
    recipients: tuple[str, ...] = ()
    """Addresses in To and Cc, lower case."""
    attachments: tuple[str, ...] = ()
    """File names."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A clause of the message and the label that it carries (a kind, a right or a flag)."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message was taken for, and why."""

    kind: Kind
    confidence: float
    """Calibrated probability of `kind`, 0 to 1."""
    certain: bool
    """False: a person decides about the kind, nothing is answered."""
    language: str
    """ISO 639-1 code of the current message."""
    reason: str
    also: tuple[Kind, ...] = ()
    rights: tuple[Right, ...] = ()
    """For a request, the rights that are sure."""
    unsure_rights: tuple[Right, ...] = ()
    """Rights that may be meant too; staff are asked."""
    flags: tuple[Flag, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    name: str | None = None
    """The sender's name as signed, stated or displayed."""
    on_behalf_of: str | None = None
    reply: Reply | None = field(default=None)
    """Set only when the text speaks as an answer to an earlier message of ours."""
