"""The only place where everything is wired together."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import classifiers
from bot import config, storage
from bot.compose import Composer
from bot.config import Settings
from bot.errors import ConfigError
from bot.inbox import ImapMailbox
from bot.ledger import Ledger
from bot.outbox import SmtpSender
from bot.pipeline import Pipeline
from bot.ports import Classifier, Clock, Mailbox, Sender
from bot.register import Register
from bot.service import Service
from bot.sweep import Outbox, Sweep
from bot.templates import load_templates

TEMPLATES = Path(__file__).parent.parent / "templates"


@cache
def classifier() -> Classifier:
    """The trained classifier, loaded once, when the first mail must be read."""
    return classifiers.load()


def system_clock(settings: Settings) -> Clock:
    """The time of this machine, in the organisation's time zone."""
    return lambda: datetime.now(settings.organisation.timezone)


def service(
    settings: Settings,
    *,
    mailbox: Callable[[], Mailbox] | None = None,
    sender: Sender | None = None,
    clock: Clock | None = None,
    classify: Callable[[], Classifier] = classifier,
) -> Service:
    """The whole program over the data folder of these settings; hold the folder first (`storage.exclusive`)."""
    register = register_of(settings)
    composer = Composer(settings, load_templates(TEMPLATES))
    sender = sender or SmtpSender(
        settings.smtp, config.password(settings.smtp) if settings.smtp.username else None
    )
    return Service(
        settings=settings,
        register=register,
        ledger=Ledger(settings.storage.path),
        pipeline=Pipeline(settings, register, classify, composer),
        sweep=Sweep(settings, register, composer),
        outbox=Outbox(settings, register, sender),
        sender=sender,
        mailbox=mailbox or (lambda: ImapMailbox(settings.imap, config.password(settings.imap))),
        clock=clock or system_clock(settings),
    )


def register_of(settings: Settings) -> Register:
    """The register in the data folder; ConfigError when that folder cannot be used."""
    with _usable(settings.storage.path):
        return Register(settings.storage.path, settings.organisation.reference_prefix)


@contextlib.contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Hold the data folder while something in it is changed; Locked when another process does."""
    with contextlib.ExitStack() as stack:
        with _usable(settings.storage.path):
            stack.enter_context(storage.exclusive(settings.storage.path))
        yield


@contextlib.contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError(f"the data folder {folder} cannot be used ({why}): check storage.path") from None
