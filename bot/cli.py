"""The command `wkm-bot`."""

import asyncio
import io
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot import agenda, app, arguments, config, deadlines, identify, notices, requests, retention, show, trial
from bot import log as logs
from bot.cases import Case, State
from bot.config import Settings
from bot.errors import BotError, ConfigError, Locked, Refused, ServerError
from bot.ledger import Ledger
from bot.pipeline import CONSOLE
from classifiers.labels import Flag, Kind, Right

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The privacy mail bot: reads a general mailbox and keeps the promises of the privacy statement.\n\n"
    "Examples:\n\n  wkm-bot check\n\n  wkm-bot run --once\n\n  wkm-bot cases --open",
)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
out = Console(highlight=False, markup=False, soft_wrap=False)


class Paths:
    """Where the configuration is; set by the global option."""

    config: Path | None = None


@cli.callback()
def main_options(
    path: Annotated[
        Path | None,
        typer.Option("--config", help="The configuration file (default: $WKM_BOT_CONFIG, else ./config.toml)."),
    ] = None,
) -> None:
    """Options that hold for every command."""
    Paths.config = path


def settings() -> Settings:
    """The configuration; ConfigError when there is none."""
    return config.load(Paths.config or Path(os.environ.get("WKM_BOT_CONFIG", "config.toml")))


def settings_or_defaults() -> Settings:
    """The configuration, or plain defaults for commands that work without one."""
    named = Paths.config is not None or "WKM_BOT_CONFIG" in os.environ
    if named or Path("config.toml").exists():
        return settings()
    return config.DEFAULTS


@cli.command(epilog="Examples:  wkm-bot run   |   wkm-bot run --once")
def run(
    once: Annotated[bool, typer.Option("--once", help="One pass over everything that waits, then exit.")] = False,
) -> None:
    """Watch the mailbox, confirm, remind, send; stops cleanly on SIGTERM."""
    chosen = settings()
    logs.start()
    with app.held(chosen):
        service = app.service(chosen)
        asyncio.run(service.once() if once else _until_stopped(service))


async def _until_stopped(service: Any) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    await service.run(stop)


@cli.command(epilog="Example:  wkm-bot check")
def check() -> None:
    """Try the whole configuration against the real servers, sending nothing."""
    from bot import checking

    problems = []
    for what, verdict, advice in checking.everything(settings()):
        out.print(show.clean(f"{verdict:8} {what}{': ' + advice if advice else ''}"), soft_wrap=True)
        problems += [what] if verdict != "ok" else []
    if problems:
        raise typer.Exit(3 if any(what.startswith(("imap", "smtp")) for what in problems) else 1)


@cli.command(epilog="Example:  wkm-bot demo --serve")
def demo(
    serve: Annotated[bool, typer.Option("--serve", help="Keep the servers up and say how to connect.")] = False,
) -> None:
    """Run the bot over a sample mailbox on an embedded mail server, and show what happened."""
    from bot import demo as demonstration

    demonstration.main(serve)


@cli.command(epilog="Examples:  wkm-bot classify mail.eml   |   wkm-bot classify --json - < mail.eml")
def classify(
    files: Annotated[list[str], typer.Argument(help="RFC 5322 files, or - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """What each message would be taken for, and why; changes nothing."""
    chosen = settings_or_defaults()
    failed = False
    for name in files:
        found = trial.line(name, chosen)
        failed |= "error" in found
        if as_json:
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            for each in trial.told(found):
                _tell(each)
    if failed:
        raise typer.Exit(1)


@cli.command(epilog="Examples:  wkm-bot cases --open   |   wkm-bot cases --json")
def cases(
    as_json: AsJson = False,
    open_: Annotated[bool, typer.Option("--open", help="Only cases that are not closed.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only cases past their date.")] = False,
    unsure: Annotated[bool, typer.Option("--unsure", help="Only cases whose kind a person must decide.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Only closed cases.")] = False,
) -> None:
    """The register."""
    if open_ + overdue + unsure + closed > 1:
        raise ConfigError("choose one of --open, --overdue, --unsure and --closed")
    chosen = settings()
    rules = agenda.rules(chosen)
    today = datetime.now(chosen.organisation.timezone).date()
    wanted: Callable[[Case], bool] = lambda case: (  # noqa: E731
        (not open_ or case.state is not State.CLOSED)
        and (not overdue or (not case.closed and agenda.due(case, rules) < today))
        and (not unsure or case.state is State.UNSURE)
        and (not closed or case.state is State.CLOSED)
    )
    found = filter(wanted, _all_cases(chosen, with_closed=not (open_ or overdue or unsure)))
    if as_json:
        for case in found:
            sys.stdout.write(json.dumps(show.case_json(case, rules), ensure_ascii=False) + "\n")
    else:
        out.print(show.case_table(found, rules))


def _all_cases(chosen: Settings, with_closed: bool) -> Iterator[Case]:
    register = app.register_of(chosen)
    yield from register.open_cases()
    if with_closed:
        yield from register.closed_cases()


@cli.command(epilog="Example:  wkm-bot case WKM-2026-0042")
def case(ref: str, as_json: AsJson = False) -> None:
    """One case, its whole history, and how its dates were computed."""
    chosen = settings()
    found = app.register_of(chosen).get(ref.upper())
    if found is None:
        raise Refused(f"there is no case {show.clean(ref)}: see wkm-bot cases")
    rules = agenda.rules(chosen)
    if as_json:
        sys.stdout.write(json.dumps(show.history_json(found, rules), ensure_ascii=False) + "\n")
    else:
        out.print(show.clean(show.history(found, rules)))


@cli.command(epilog="Examples:  wkm-bot held   |   wkm-bot held --done 1a2b3c4d5e")
def held(
    as_json: AsJson = False,
    done: Annotated[str | None, typer.Option("--done", help="The id of a mail that a person dealt with.")] = None,
) -> None:
    """Mail that could not be handled, and why."""
    chosen = settings()
    if done:
        _tell(_change(chosen, "let_go", {"id": done}))
        return
    found = Ledger(chosen.storage.path).held()
    zone = chosen.organisation.timezone
    if as_json:
        for each in found:
            sys.stdout.write(json.dumps(show.held_json(each, zone), ensure_ascii=False) + "\n")
    else:
        out.print(show.held_table(found, zone) if found else "nothing is held")


@cli.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Examples:  wkm-bot act WKM-2026-0042 notitie gebeld   |   wkm-bot act WKM-2026-0042 status",
)
def act(
    ref: str,
    command: Annotated[list[str], typer.Argument(help="A command as staff write it in a mail.")],
    giver: Annotated[str, typer.Option("--as", help="The staff address that gives the command.")] = "",
) -> None:
    """Give a command about a case, as staff do by mail."""
    chosen = settings()
    by = giver.strip().lower() or CONSOLE
    if giver and by not in chosen.staff.everyone:
        raise ConfigError("--as must name one of staff.handlers or staff.escalate_to")
    _tell(_change(chosen, "act", {"ref": ref.upper(), "text": " ".join(command), "giver": by}))


@cli.command(
    name="open",
    epilog="Example:  wkm-bot open --received 2026-11-20 --address an@thuis.example --name 'An Smit' "
    "--kind rights_request --rights access,erasure letter.txt",
)
def open_case(
    received: Annotated[str, typer.Option(help="Day or instant of receipt, ISO 8601.")],
    address: Annotated[str, typer.Option(help="The data subject's mail address.")],
    name: Annotated[str, typer.Option(help="The data subject's name.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    rights: Annotated[str, typer.Option(help="For a request: rights, with commas.")] = "",
    flags: Annotated[str, typer.Option(help="Circumstances, with commas.")] = "",
    language: Annotated[str, typer.Option(help="nl or en, for the letters.")] = "nl",
    channel: Annotated[str, typer.Option(help="phone, letter, chat or colleague.")] = "phone",
    confirm: Annotated[bool, typer.Option(help="Send the confirmation.")] = True,
    file: Annotated[Path | None, typer.Argument(help="The text of it, UTF-8.")] = None,
) -> None:
    """Open a case for what came by phone, letter, chat or a colleague."""
    chosen = settings()
    given = {
        "received": arguments.past(arguments.instant(received, chosen)).isoformat(),
        "address": config.email(address),
        "name": identify.writable_name(name) or arguments.bad("--name", "must be a person's name"),
        "kind": arguments.kind_of(kind, rights),
        "rights": [arguments.word(Right, each, "--rights") for each in arguments.split(rights)],
        "flags": [arguments.word(Flag, each, "--flags") for each in arguments.split(flags)],
        "language": arguments.language(language),
        "channel": arguments.channel(channel),
        "confirm": confirm,
        "text": arguments.text_of(file) if file else "",
    }
    _tell(_change(chosen, "open", given))


@cli.command(epilog="Examples:  wkm-bot digest   |   wkm-bot digest --send")
def digest(send: Annotated[bool, typer.Option("--send", help="Send it to the handlers now.")] = False) -> None:
    """The staff digest as it would be now."""
    chosen = settings()
    if send:
        out.print(f"sent to {_change(chosen, 'digest', {})} handlers")
        return
    service = app.service(chosen, sender=_Nowhere())
    now = service.clock()
    _, text, _, _ = notices.digest(
        service.pipeline.composer, chosen.staff.handlers[0], now, service.digest_now(now)
    )
    out.print(show.clean(text))


class _Nowhere:
    """A way out for commands that send nothing."""

    async def send(self, raw: bytes, envelope_from: str, to: str) -> None:
        raise ServerError("this command sends nothing")


@cli.command(epilog="Example:  wkm-bot deadline 2026-04-14")
def deadline(received: str, as_json: AsJson = False) -> None:
    """The statutory dates for a day or instant of receipt, explained."""
    chosen = settings_or_defaults()
    day = arguments.instant(received, chosen).date()
    found = deadlines.compute(day, deadlines.Calendar(chosen.calendar.extra_holidays))
    if as_json:
        sys.stdout.write(json.dumps(show.deadline_json(found), ensure_ascii=False) + "\n")
    else:
        out.print("\n".join(found.steps))


@cli.command(epilog="Example:  wkm-bot purge --dry-run")
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove what is past its retention."""
    chosen = settings()
    if dry_run:
        now = datetime.now(chosen.organisation.timezone)
        lines = retention.purge(app.register_of(chosen), chosen, now, dry_run=True)
        out.print("\n".join(lines) or "nothing is past its retention")
    else:
        out.print(_change(chosen, "purge", {}) or "nothing was past its retention")


@cli.command(epilog="Example:  wkm-bot train")
def train(
    with_corrections: Annotated[
        bool, typer.Option("--with-corrections", help="Also learn from what staff corrected.")
    ] = False,
) -> None:
    """Rebuild the classifier from its corpus."""
    from classifiers import train as training
    from classifiers.corpus import CorpusError
    from classifiers.pretrained import Missing

    corrections = settings().storage.path / "corrections" if with_corrections else None
    try:
        training.train(training.CORPUS, training.MODEL, corrections)
    except (CorpusError, Missing) as error:
        raise ConfigError(str(error)) from None


@cli.command(epilog="Examples:  wkm-bot evaluate   |   wkm-bot evaluate --split dev --json")
def evaluate(
    split: Annotated[str, typer.Option(help="test, or dev: the mails that the thresholds come from.")] = "test",
    as_json: AsJson = False,
) -> None:
    """Measure the classifier on the held-out part of its corpus."""
    from classifiers import evaluate as evaluation

    if split not in ("dev", "test"):
        arguments.bad("--split", "must be test or dev")
    raise typer.Exit(evaluation.evaluate(split, as_json))


def _change(chosen: Settings, verb: str, given: dict[str, Any]) -> str:
    """Do it here when nobody holds the data folder, else have the running bot do it."""
    done, end = None, time.monotonic() + 60
    while done is None:
        try:
            with app.held(chosen):
                service = app.service(chosen)
                done = asyncio.run(_here(service, requests.Request("here", verb, given)))
        except Locked:
            if time.monotonic() > end:
                raise
            done = requests.ask(chosen.storage.path, verb, given)
    if not done.done:
        raise ServerError(done.said) if done.unreachable else Refused(done.said)
    return done.said


async def _here(service: Any, request: requests.Request) -> requests.Answer:
    answer: requests.Answer = await service.obey(request)
    return answer


def _tell(sentence: str) -> None:
    out.print(show.clean(sentence))


_EXIT = ((ServerError, 3), (Locked, 4), (ConfigError, 2), (BotError, 1))


def main(arguments: list[str] | None = None) -> None:
    """The entry point (by default of the process's arguments): every failure is one sentence and an exit code."""
    logging.captureWarnings(True)
    _prepare_output()
    try:
        cli(arguments, prog_name="wkm-bot")
    except BotError as error:
        sys.stderr.write(f"wkm-bot: {show.clean(str(error))}\n")
        sys.exit(next(code for kind, code in _EXIT if isinstance(error, kind)))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"wkm-bot: {show.clean(f'{about}{error.strerror or type(error).__name__}')}\n")
        sys.exit(1)


def _prepare_output() -> None:
    """Somewhere to write even where a stream is closed; what an encoding does not know is shown by its number."""
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    for each in (sys.stdout, sys.stderr):
        if isinstance(each, io.TextIOWrapper):
            each.reconfigure(errors="backslashreplace")
