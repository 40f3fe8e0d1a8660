"""`wkm-bot classify`: what a message in a file would be taken for; changes nothing."""

import sys
from datetime import datetime
from pathlib import Path

from bot import app, arguments, automatic, identify, parse, show, triage
from bot.config import Settings
from bot.errors import BotError, Unreadable
from bot.model import Place
from bot.pipeline import MAX_SIZE, circle, message


def line(name: str, chosen: Settings) -> show.JSON:
    """The verdict on the file `name` (`-` for standard input), or what is wrong with it as `error`."""
    try:
        return _classified(name, chosen)
    except Exception as error:
        return {"file": name, "error": _trouble(error)}


def told(found: show.JSON) -> list[str]:
    """The lines in which a person reads a verdict."""
    if "error" in found:
        return [f"{found['file']}: {found['error']}"]
    sure = "certain" if found["certain"] else "unsure: a person decides"
    what = f"{found['kind']} {', '.join(found['rights'])}".rstrip()
    return [
        f"{found['file']}: {what} ({found['confidence']:.2f}, {sure})",
        f"    {found['reason']}; {'would be confirmed' if found['reply'] else 'would not be answered'}",
        *(f"    {each['label']}: {each['text']}" for each in found["evidence"]),
    ]


def _trouble(error: Exception) -> str:
    """What went wrong, in words that quote no mail."""
    match error:
        case OSError():
            return error.strerror or "cannot be read"
        case BotError():
            return str(error)
    return f"an error in the program ({type(error).__name__})"


def _classified(name: str, chosen: Settings) -> show.JSON:
    content = sys.stdin.buffer.read(MAX_SIZE + 1) if name == "-" else arguments.contents(Path(name))
    if len(content) > MAX_SIZE:
        raise Unreadable("the message is larger than 25 MB")
    if not content.strip():
        raise Unreadable("the message is empty")
    now = datetime.now(chosen.organisation.timezone)
    mail = parse.parse(content, Place("", 0, 0), now)
    verdict = app.classifier().classify(message(mail))
    silence = automatic.silence(mail, circle(chosen))
    doubts = [
        each for each in identify.doubts(mail, chosen.supervisor.domains) if each is not identify.Doubt.MIGRATED
    ]
    reply = triage.may_answer(silence, doubts, verdict)
    return show.verdict_json(name, mail, verdict, silence, reply)
