"""From the bytes of a message to a `Mail`, within limits that keep every step linear.

mail-parser judges addresses and dates (bot.headers). Its MailParser class does not get the whole message, because
it copies every attachment, nested ones once for each level.
"""

from datetime import datetime
from email.errors import MessageError
from email.message import Message
from hashlib import sha256

from bot import headers
from bot.errors import Unreadable
from bot.mime import opened
from bot.model import Mail, Place
from bot.parts import contents
from bot.text import one_line

_BROKEN = (RecursionError, MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError)


def parse(content: bytes, place: Place, received: datetime) -> Mail:
    """The mail in these bytes. Unreadable, with one sentence, when it cannot be read within the limits."""
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\xef\xbb\xbf\n \t")
    try:
        return _mail(opened(content), place, received)
    except _BROKEN as error:
        raise Unreadable("the message is too broken to be read: read it in the mailbox") from error


def _mail(message: Message, place: Place, received: datetime) -> Mail:
    known = headers.fields(message)
    shown = {
        name: tuple(one_line(headers.decoded(value), headers.MAX_FIELD) for value in values)
        for name, values in known.items()
    }
    held = contents(message)
    named = ("|".join(shown.get(name, ())) for name in ("from", "date", "subject"))
    return Mail(
        place=place,
        received=received,
        message_id=headers.message_id(known.get("message-id", ())),
        digest=sha256("\n".join((*named, held.digest)).encode()).hexdigest(),
        senders=headers.addresses(known.get("from", ())),
        reply_to=headers.addresses(known.get("reply-to", ())),
        to=headers.addresses(known.get("to", ())),
        cc=headers.addresses(known.get("cc", ())),
        subject=one_line(" ".join(shown.get("subject", ())[:1])),
        date=headers.sent_on(known.get("date", ())),
        text=held.text,
        attachments=held.attachments,
        references=headers.references(known),
        headers=shown,
        returned=held.returned,
    )
