"""One pass over the mailbox and everything that is owed; and the loop that repeats it."""

import asyncio
import contextlib
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import actions, agenda, commands, deadlines, notices, orders, requests, retention
from bot.config import Settings
from bot.errors import BotError, ConfigError, LoginError, Refused, Rejected, ServerError, Unreadable
from bot.ledger import Ledger, Progress
from bot.model import Place, Raw
from bot.pipeline import MAX_SIZE, Handled, Pipeline
from bot.ports import Clock, Folder, Mailbox, Sender
from bot.register import Register
from bot.sweep import Outbox, Sweep, bare

log = logging.getLogger(__name__)

SWEEP_SECONDS = 20
REQUEST_SECONDS = 0.5
SKEW = timedelta(minutes=10)
"""How far the mail server's clock may be behind ours without a new mail being taken for an old one."""
GRACE = 4
"""Seconds that what is under way gets to end by itself, once for the mailbox and once for the letters."""
DIGEST_AGAIN = timedelta(minutes=5)
"""How long a digest that could not be sent waits."""
T = TypeVar("T")


@dataclass(slots=True)
class Service:
    """Everything wired; one task at a time works on the register."""

    settings: Settings
    register: Register
    ledger: Ledger
    pipeline: Pipeline
    sweep: Sweep
    outbox: Outbox
    sender: Sender
    mailbox: Callable[[], Mailbox]
    """Connects and logs in."""
    clock: Clock
    seen: Callable[[Raw, Handled], None] = lambda raw, handled: None
    """Told of every mail that was decided about; the demo listens."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _digest_after: datetime | None = None

    async def once(self) -> None:
        """Handle everything that waits, take every step that is owed, send what is due.

        What is due is sent even when the mailbox cannot be read.
        """
        self.outbox.recover(self.clock())
        try:
            mailbox = await _apart(self.mailbox)
            try:
                await self.read(mailbox)
            finally:
                await _apart(mailbox.close)
        finally:
            await self.work()

    async def work(self) -> None:
        """Steps owed, letters due, the digest; ServerError when the way out is shut."""
        async with self._lock:
            self._retry_held()
            steps = 1
            while steps:
                steps = self.sweep.settle(self.clock())
            await self.outbox.deliver(self.clock())
            self.sweep.settle(self.clock())
            await self.digest()

    async def read(self, mailbox: Mailbox) -> None:
        """Every folder that we watch, from where we were."""
        imap = self.settings.imap
        for name, handle in ((imap.folder, self._handle), (imap.junk, self._handle), (imap.sent, self._sent)):
            if name:
                folder = await _apart(partial(mailbox.open, name))
                await self._read_folder(name, folder, handle, name == imap.sent)

    async def _read_folder(self, name: str, folder: Folder, handle: Callable[[Raw], None], sent: bool) -> None:
        progress = self.ledger.progress(name) or await self._first(folder, sent)
        if progress.uidvalidity != folder.uidvalidity:
            log.warning("the mailbox was renumbered: reading what came since %s again", progress.since.date())
            progress = Progress(folder.uidvalidity, 0, progress.since)
        self.ledger.advance(name, progress)
        for uid in await _apart(partial(folder.after, progress.uid)):
            if self._stop.is_set():
                return
            raw = await _apart(partial(folder.fetch, uid, MAX_SIZE))
            async with self._lock:
                if raw is not None and raw.received >= progress.since:
                    handle(raw)
                self.ledger.advance(name, Progress(folder.uidvalidity, uid, progress.since))

    async def _first(self, folder: Folder, sent: bool) -> Progress:
        """Where to begin in a folder that was never read (`imap.start`)."""
        start = "now" if sent else self.settings.imap.start
        zone = self.settings.organisation.timezone
        if start == "all":
            return Progress(folder.uidvalidity, 0, datetime.min.replace(year=1971, tzinfo=zone))
        if isinstance(start, date):
            before = await _apart(partial(folder.since, start))
            return Progress(folder.uidvalidity, before, datetime.combine(start, time(), zone))
        last = await _apart(folder.next_uid) - 1
        return Progress(folder.uidvalidity, last, self.clock() - SKEW)

    def _handle(self, raw: Raw) -> None:
        """One mail; whatever goes wrong with it, it is held and the others go on."""
        now = self.clock()
        try:
            handled = self.pipeline.handle(raw, now)
        except Unreadable as error:
            self._hold(raw, str(error))
        except Exception as error:
            log.exception("mail %s could not be handled", _where(raw.place), exc_info=bare(error))
            self._hold(raw, f"an error in the program ({type(error).__name__}): read this mail in the mailbox")
        else:
            log.info(
                "mail %s: %s %s", _where(raw.place), type(handled.decision).__name__.lower(), handled.ref or ""
            )
            self.seen(raw, handled)

    def _hold(self, raw: Raw, reason: str) -> None:
        held = self.ledger.hold(raw, reason, self.clock())
        log.warning("mail %s is held as %s: %s", _where(raw.place), held.id, reason)

    def _sent(self, raw: Raw) -> None:
        """One of our own mails; what cannot be read is passed over, as nobody waits for an answer to it."""
        try:
            ref = self.pipeline.sent(raw, self.clock())
        except Unreadable:
            return
        except Exception as error:
            log.exception("sent mail %s could not be read", _where(raw.place), exc_info=bare(error))
            return
        if ref:
            log.info("case %s was answered from the mailbox itself", ref)

    def _retry_held(self) -> None:
        now = self.clock()
        for held in self.ledger.held():
            if held.retry is not None and held.retry <= now:
                self._handle(self.ledger.content(held))
                again = self.ledger.find(held.id)
                if again and again.attempts == held.attempts:
                    self.ledger.let_go(again)

    async def digest(self, force: bool = False) -> int:
        """Send the digest to each handler when it is time (or now); the number sent.

        Once a day: what is empty then is sent on the first working day of the week only, as a sign of life, and
        what comes later that day waits for the next. ServerError when somebody could not be written to.
        """
        now, handlers = self.clock(), self.settings.staff.handlers
        today = self.pipeline.today(now)
        waiting = [to for to in handlers if force or self.register.digest_sent(to) != today.isoformat()]
        if not waiting or not (force or self._digest_time(now)):
            return 0
        contents = self.digest_now(now)
        silent = contents.empty and not force and not self._days().first_of_week(today)
        count, last = 0, None
        for to in waiting:
            try:
                count += 0 if silent else await self._send_digest(to, now, contents)
                self.register.set_digest_sent(to, today)
            except ServerError as error:
                last = error
        if last:
            self._digest_after = now + DIGEST_AGAIN
            raise last
        return count

    async def _send_digest(self, to: str, now: datetime, contents: agenda.Digest) -> int:
        _, _, raw, _ = notices.digest(self.pipeline.composer, to, now, contents, self.register.open_cases())
        try:
            await self.sender.send(raw.encode("ascii"), self.settings.bounce_address, to)
        except Rejected as error:
            log.warning("a digest was not sent: %s", error)
            return 0
        return 1

    def _digest_time(self, now: datetime) -> bool:
        """Whether it is a working day past `digest_at`; one that was missed is not sent in the evening."""
        staff, local = self.settings.staff, now.astimezone(self.settings.organisation.timezone)
        evening = local.time() >= max(staff.office_hours[1], staff.digest_at) > staff.digest_at
        again = self._digest_after is None or now >= self._digest_after
        return self._days().working(local.date()) and local.time() >= staff.digest_at and not evening and again

    def _days(self) -> deadlines.Calendar:
        return agenda.rules(self.settings).days

    def digest_now(self, now: datetime) -> agenda.Digest:
        """The digest as it would be sent now."""
        current = agenda.rules(self.settings, self.register.away(self.pipeline.today(now)))
        return agenda.digest(self.register.open_cases(), [held.id for held in self.ledger.held()], now, current)

    async def run(self, stop: asyncio.Event) -> None:
        """The service: watch, work and listen for requests until `stop`.

        Ends by itself only when the first login is refused, or has no password: LoginError, ConfigError.
        """
        self._stop = stop
        self.outbox.recover(self.clock())
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = AsyncIOScheduler(timezone=self.settings.organisation.timezone)
        for job, seconds in ((self._work_or_wait, SWEEP_SECONDS), (self._requests, REQUEST_SECONDS)):
            scheduler.add_job(job, "interval", seconds=seconds, coalesce=True, max_instances=1)
        scheduler.add_job(self.nightly, "cron", hour=3, coalesce=True, max_instances=1)
        scheduler.start()
        watcher = asyncio.create_task(self._watch(stop))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({watcher, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({watcher}, timeout=GRACE)
            if watcher.done():
                await watcher
        finally:
            watcher.cancel()
            stopping.cancel()
            scheduler.pause()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lock.acquire(), GRACE)
            scheduler.shutdown(wait=False)
            log.info("stopped")

    async def nightly(self) -> None:
        """Remove what is past its retention."""
        async with self._lock:
            for line in retention.purge(self.register, self.settings, self.clock()):
                log.info("retention: %s", line)

    async def _watch(self, stop: asyncio.Event) -> None:
        """Read and wait, for ever; after a failure connect again, later and later."""
        mailbox: Mailbox | None = None
        begun, failures = False, 0
        while not stop.is_set():
            try:
                if mailbox is None:
                    mailbox = await _apart(self.mailbox)
                begun = True
                await self.read(mailbox)
                failures = 0
                await self._work_or_wait()
                await self._wait(mailbox, stop)
            except Exception as error:
                if not begun and isinstance(error, LoginError | ConfigError):
                    raise
                _log(error)
                if mailbox is not None:
                    await _apart(mailbox.close)
                mailbox, begun, failures = None, True, min(failures + 1, 9)
                pause = min(2.0**failures, 300) * random.uniform(0.5, 1)  # noqa: S311
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
        if mailbox is not None:
            await _apart(mailbox.close)

    async def _wait(self, mailbox: Mailbox, stop: asyncio.Event) -> None:
        """Until there may be new mail, or `stop`."""
        imap = self.settings.imap
        waiting = asyncio.create_task(_apart(partial(mailbox.wait, imap.folder, imap.poll_seconds)))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            mailbox.stop()
        await waiting

    async def _work_or_wait(self) -> None:
        """Work, and leave what does not succeed now for later."""
        try:
            await self.work()
        except Exception as error:
            _log(error)

    async def _requests(self) -> None:
        """What other processes ask of the one that holds the data folder."""
        async with self._lock:
            for request in requests.take(self.register.folder):
                requests.answer(self.register.folder, request, await self.obey(request))

    async def obey(self, request: requests.Request) -> requests.Answer:
        """Carry out one request; a refusal is an answer too."""
        try:
            match request.verb:
                case "act":
                    return requests.Answer(True, self._act_on(**request.arguments))
                case "open":
                    return requests.Answer(True, self.pipeline.open_by_hand(request.arguments, self.clock()))
                case "digest":
                    return requests.Answer(True, str(await self.digest(force=True)))
                case "let_go":
                    return requests.Answer(True, self._let_go(request.arguments["id"]))
                case "purge":
                    return requests.Answer(
                        True, "\n".join(retention.purge(self.register, self.settings, self.clock()))
                    )
                case _:
                    return requests.Answer(False, f"{request.verb} is not known to the running bot: restart it")
        except BotError as error:
            return requests.Answer(False, str(error), isinstance(error, ServerError))
        except Exception as error:
            log.exception("%s could not be done", request.verb, exc_info=bare(error))
            return requests.Answer(False, f"an error in the program ({type(error).__name__}): see its log")

    def _act_on(self, ref: str, text: str, giver: str) -> str:
        now = self.clock()
        case = self.register.get(ref)
        if case is None:
            raise Refused(f"there is no case {ref}: see wkm-bot cases")
        outcome = actions.carry_out(
            case,
            commands.parse(text, "", self.settings.staff.language),
            giver,
            now,
            self.pipeline.context(now),
            None,
        )
        said = self.pipeline.apply(case, outcome, giver, now)
        letters = orders.grouped(outcome.case, outcome.held) if outcome.held else ()
        return "\n\n".join((said, *(f"{each.to}\n{each.subject}\n\n{each.text}" for each in letters)))

    def _let_go(self, name: str) -> str:
        held = self.ledger.find(name)
        if held is None:
            raise Refused(f"no mail is held as {name}: see wkm-bot held")
        self.ledger.let_go(held)
        return f"{name} is no longer held; the mail in the mailbox is as it was."


def _where(place: Place) -> str:
    return f"{place.folder}/{place.uidvalidity}/{place.uid}"


def _log(error: Exception) -> None:
    """Our own sentences as they are; of other errors only the kind, as their text may quote mail."""
    if isinstance(error, BotError):
        log.warning("%s", error)
    else:
        log.exception("an error in the program", exc_info=bare(error))


async def _apart(work: Callable[[], T]) -> T:
    """What blocks, in a thread of its own; one that hangs does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(act: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if future.done() else act())

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            failure = error
            settle(lambda: future.set_exception(failure))
        else:
            settle(lambda: future.set_result(result))

    threading.Thread(target=run, daemon=True).start()
    return await future
