"""How people's mail programs write: new mails, and answers that quote as each program does."""

import itertools
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

_numbers = itertools.count(1)


def mail(sender: str, subject: str, text: str, now: datetime, to: str = "info@wkm.example") -> EmailMessage:
    """A new mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Date"] = sender, to, subject, now
    message["Message-ID"] = f"<{next(_numbers)}@mail.example>"
    message.set_content(text)
    return message


def read(content: bytes) -> EmailMessage:
    """What arrived."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(content: bytes) -> str:
    """The plain text of what arrived."""
    body = read(content).get_body(("plain",))
    assert body
    return str(body.get_content())


def answer(content: bytes, sender: str, text: str, now: datetime, client: str = "gmail") -> EmailMessage:
    """An answer to a mail of ours, from the program of the person who got it."""
    original = read(content)
    message = mail(sender, f"Re: {original['Subject']}", "", now)
    message["In-Reply-To"] = str(original["Message-ID"])
    message["References"] = f"{original['References']} {original['Message-ID']}"
    quoted = text_of(content)
    if client == "outlook":
        _outlook(message, text, quoted)
    elif client == "apple":
        block = "".join(f"> {line}\n" for line in quoted.splitlines())
        said = "> Op 3 dec 2026, om 10:12 heeft WKM <info@wkm.example> het volgende geschreven:\n> \n"
        message.set_content(f"{text}\n\n{said}{block}")
    else:
        block = "".join(f"> {line}\n" for line in quoted.splitlines())
        message.set_content(f"{text}\n\nOp do 3 dec 2026 om 10:12 schreef WKM <info@wkm.example>:\n\n{block}")
    return message


def _outlook(message: EmailMessage, text: str, quoted: str) -> None:
    head = "Van: WKM <info@wkm.example>\nVerzonden: donderdag 3 december 2026 10:12\nAan: Anna\nOnderwerp: zaak\n"
    message.set_content(f"{text}\n\nMet vriendelijke groet,\n\nAnna de Wit\n\n{head}\n{quoted}")
    lines = "".join(f"<p>{line}</p>" for line in text.splitlines())
    message.add_alternative(
        f"<html><body>{lines}<p>Anna de Wit</p><hr><div>{head}</div></body></html>", subtype="html"
    )
