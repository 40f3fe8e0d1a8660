"""One pass over the mailbox and everything that is owed; and the loop that repeats it."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import actions, agenda, commands, notices, orders, requests, retention
from bot.config import Settings
from bot.errors import BotError, Refused, ServerError, Unreadable
from bot.ledger import Ledger, Progress
from bot.model import Place, Raw
from bot.pipeline import MAX_SIZE, Handled, Pipeline
from bot.ports import Clock, Folder, Mailbox, Sender
from bot.register import Register
from bot.sweep import Outbox, Sweep

log = logging.getLogger(__name__)

SWEEP_SECONDS = 20
REQUEST_SECONDS = 0.5


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

    async def once(self) -> None:
        """Handle everything that waits, take every step that is owed, send what is due."""
        self.outbox.recover(self.clock())
        mailbox = await asyncio.to_thread(self.mailbox)
        try:
            await self.read(mailbox)
        finally:
            await asyncio.to_thread(mailbox.close)
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
                folder = await asyncio.to_thread(mailbox.open, name)
                await self._read_folder(name, folder, handle, name == imap.sent)

    async def _read_folder(self, name: str, folder: Folder, handle: Callable[[Raw], None], sent: bool) -> None:
        progress = self.ledger.progress(name) or await self._first(folder, sent)
        if progress.uidvalidity != folder.uidvalidity:
            log.warning("the mailbox was renumbered: reading what came since %s again", progress.since.date())
            progress = Progress(folder.uidvalidity, 0, progress.since)
        self.ledger.advance(name, progress)
        for uid in await asyncio.to_thread(folder.after, progress.uid):
            raw = await asyncio.to_thread(folder.fetch, uid, MAX_SIZE)
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
            before = await asyncio.to_thread(folder.since, start)
            return Progress(folder.uidvalidity, before, datetime.combine(start, time(), zone))
        last = await asyncio.to_thread(folder.next_uid) - 1
        return Progress(folder.uidvalidity, last, self.clock().replace(microsecond=0) - timedelta(seconds=1))

    def _handle(self, raw: Raw) -> None:
        """One mail; whatever goes wrong with it, it is held and the others go on."""
        now = self.clock()
        try:
            handled = self.pipeline.handle(raw, now)
        except Unreadable as error:
            self._hold(raw, str(error))
        except Exception as error:
            log.exception("mail %s could not be handled", _where(raw.place), exc_info=_bare(error))
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
        with contextlib.suppress(Unreadable):
            ref = self.pipeline.sent(raw, self.clock())
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

        An empty digest is sent on the first working day of the week only, as a sign of life.
        """
        now = self.clock()
        today, staff = self.pipeline.today(now), self.settings.staff
        current = agenda.rules(self.settings, self.register.away(today))
        local = now.astimezone(self.settings.organisation.timezone)
        contents = self.digest_now(now)
        timely = current.days.working(today) and local.time() >= staff.digest_at
        if not force and not (timely and (not contents.empty or current.days.first_of_week(today))):
            return 0
        count = 0
        for to in staff.handlers:
            if force or self.register.digest_sent(to) != today.isoformat():
                _, _, raw, _ = notices.digest(
                    self.pipeline.composer, to, now, contents, self.register.open_cases()
                )
                await self.sender.send(raw.encode("ascii"), self.settings.bounce_address, to)
                self.register.set_digest_sent(to, today)
                count += 1
        return count

    def digest_now(self, now: datetime) -> agenda.Digest:
        """The digest as it would be sent now."""
        current = agenda.rules(self.settings, self.register.away(self.pipeline.today(now)))
        return agenda.digest(self.register.open_cases(), [held.id for held in self.ledger.held()], now, current)

    async def run(self, stop: asyncio.Event) -> None:
        """The service: watch, work and listen for requests until `stop`; LoginError only at the start."""
        self.outbox.recover(self.clock())
        mailbox = await asyncio.to_thread(self.mailbox)
        scheduler = AsyncIOScheduler(timezone=self.settings.organisation.timezone)
        for job, seconds in ((self._work_or_wait, SWEEP_SECONDS), (self._requests, REQUEST_SECONDS)):
            scheduler.add_job(job, "interval", seconds=seconds, coalesce=True, max_instances=1)
        scheduler.start()
        watcher = asyncio.create_task(self._watch(mailbox, stop))
        try:
            await watcher
        finally:
            scheduler.shutdown(wait=False)
            async with self._lock:
                log.info("stopped")

    async def _watch(self, mailbox: Mailbox | None, stop: asyncio.Event) -> None:
        """Read and wait, for ever; after a failure connect again, later and later."""
        failures = 0
        while not stop.is_set():
            try:
                if mailbox is None:
                    mailbox = await asyncio.to_thread(self.mailbox)
                await self.read(mailbox)
                failures = 0
                await self._work_or_wait()
                await self._wait(mailbox, stop)
            except ServerError as error:
                log.warning("%s", error)
                if mailbox is not None:
                    await asyncio.to_thread(mailbox.close)
                mailbox, failures = None, failures + 1
                pause = min(2.0**failures, 300) * random.uniform(0.5, 1)  # noqa: S311
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
        if mailbox is not None:
            await asyncio.to_thread(mailbox.close)

    async def _wait(self, mailbox: Mailbox, stop: asyncio.Event) -> None:
        """Until there may be new mail, or `stop`."""
        imap = self.settings.imap
        waiting = asyncio.create_task(asyncio.to_thread(mailbox.wait, imap.folder, imap.poll_seconds))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            mailbox.stop()
        await waiting

    async def _work_or_wait(self) -> None:
        """Work, and leave what the way out does not take for later."""
        try:
            await self.work()
        except ServerError as error:
            log.warning("%s", error)

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
                    return requests.Answer(True, self._let_go(**request.arguments))
                case "purge":
                    return requests.Answer(
                        True, "\n".join(retention.purge(self.register, self.settings, self.clock()))
                    )
                case _:
                    return requests.Answer(False, f"{request.verb} is not known to the running bot: restart it")
        except BotError as error:
            return requests.Answer(False, str(error))

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

    def _let_go(self, id: str) -> str:
        held = self.ledger.find(id)
        if held is None:
            raise Refused(f"no mail is held as {id}: see wkm-bot held")
        self.ledger.let_go(held)
        return f"{id} is no longer held; the mail in the mailbox is as it was."


def _where(place: Place) -> str:
    return f"{place.folder}/{place.uidvalidity}/{place.uid}"


def _bare(error: Exception) -> Exception:
    """The error without its message, which may quote mail; its traceback names code only."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)
