"""What is owed is done, what is queued is sent; each step recorded before and after."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import letters, notices
from bot.agenda import Do, Rules, Step, owed, rules
from bot.cases import Case, put, record, write
from bot.compose import Composer
from bot.config import Settings
from bot.errors import LoginError, Rejected, ServerError, Uncertain
from bot.events import BOT, Assigned, Closed, Joined, LetterMoved
from bot.model import Audience, Letter, Purpose, Stage
from bot.ports import Sender
from bot.register import Register

log = logging.getLogger(__name__)

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long a letter waits after each failed try; the last one holds for all further tries."""
GIVE_UP_AFTER = 27
"""Tries, over about two days, after which a letter that a server does not take is put before a person."""
SHUT_AFTER = 3
"""Failures in a row after which the way out counts as shut; one recipient's server may fail alone."""
HARMLESS_TWICE = frozenset({Purpose.CONFIRMATION, Purpose.ASK, Purpose.ASK_AGAIN})
"""Letters with nothing personal in them: when it is unknown whether one left, it is sent again."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Goes over the cases that have something to do."""

    settings: Settings
    register: Register
    composer: Composer

    def settle(self, now: datetime) -> int:
        """Take every step that is owed now, one write a case; the number of steps.

        A case with which something goes wrong keeps its steps for the next time; the others go on.
        """
        current = rules(
            self.settings, self.register.away(now.astimezone(self.settings.organisation.timezone).date())
        )
        steps = 0
        for case in self.register.open_cases():
            try:
                steps += self._settle(case, now, current)
            except Exception as error:
                log.exception("case %s could not be gone over", case.ref, exc_info=bare(error))
        return steps

    def _settle(self, case: Case, now: datetime, current: Rules) -> int:
        steps = owed(case, now, current)
        for step in steps:
            case = self._take(case, step, now)
        if steps:
            self.register.save(case)
        return len(steps)

    def _take(self, case: Case, step: Step, now: datetime) -> Case:
        match step.do:
            case Do.CLOSE:
                assert case.settled
                return record(case, Closed(at=now, by=BOT, how=case.settled))
            case Do.PASS_ON:
                return record(case, Assigned(at=now, by=BOT, handler=step.to))
            case Do.RELEASE:
                released = replace(case.letter(step.number), stage=Stage.QUEUED, release=None)
                return record(
                    put(case, released), LetterMoved(what="released", at=now, by=BOT, letter=step.number)
                )
            case _:
                return write(case, self._letter(case, step, now), now, step.key)

    def _letter(self, case: Case, step: Step, now: datetime) -> Letter:
        composer, to = self.composer, step.to
        match step.do:
            case Do.NOTICE:
                ours = case.address in self.settings.organisation.own
                earlier = [each.ref for each in self.register.of_address("" if ours else case.address)]
                return notices.new_case(composer, case, to, now, tuple(dict.fromkeys((*case.related, *earlier))))
            case Do.JOINED:
                joined = case.events[step.number]
                assert isinstance(joined, Joined)
                return notices.joined(composer, case, to, now, joined)
            case Do.REMIND:
                return notices.reminder(composer, case, to, now, step.number)
            case Do.ESCALATE:
                return notices.escalation(composer, case, to, now, step.why)
            case Do.ASK_AGAIN:
                live = self.settings.replies.mode == "live"
                return letters.ask_again(composer, case, now, Stage.QUEUED if live else Stage.SHADOW)
            case _:
                failed = case.letter(step.number) if step.why == "failed" else None
                return notices.task(composer, case, to, now, step.why, failed)


@dataclass(frozen=True, slots=True)
class Outbox:
    """The one place that sends."""

    settings: Settings
    register: Register
    sender: Sender

    def recover(self, now: datetime) -> None:
        """Letters found half-way after a crash: the harmless leave again, a person decides about the others."""
        self.register.tidy()
        for case in self.register.open_cases():
            for letter in case.letters:
                if letter.stage is Stage.SENDING:
                    case = self.register.save(_uncertain(case, letter, now))

    async def deliver(self, now: datetime) -> int:
        """Send everything that is queued and due; the number of letters sent. ServerError when some could not."""
        sent, failures, last = 0, 0, None
        for case, letter in self._due(now):
            try:
                sent += await self._send(case.ref, letter, now)
                failures = 0
            except ServerError as error:
                failures, last = failures + 1, error
                if failures == SHUT_AFTER or isinstance(error, LoginError):
                    break
        if last:
            raise last
        return sent

    def _due(self, now: datetime) -> list[tuple[Case, Letter]]:
        return [
            (case, letter)
            for case in self.register.open_cases()
            for letter in case.letters
            if letter.stage is Stage.QUEUED and (letter.retry is None or letter.retry <= now)
        ]

    async def _send(self, ref: str, letter: Letter, now: datetime) -> bool:
        if self.settings.replies.mode == "shadow" and letter.audience is not Audience.STAFF:
            self._keep_in(ref, letter, now)
            return False
        case = self._store(ref, replace(letter, stage=Stage.SENDING, attempts=letter.attempts + 1))
        trying = case.letter(letter.number)
        try:
            await self.sender.send(trying.raw.encode("ascii"), self.settings.bounce_address, trying.to)
        except Uncertain:
            self.register.save(_uncertain(case, trying, now))
        except Rejected as error:
            self.register.save(_failed(case, trying, now, str(error)))
        except LoginError:
            self._store(ref, replace(trying, stage=Stage.QUEUED, attempts=letter.attempts))
            raise
        except ServerError as error:
            self._later(case, trying, now, error)
            raise
        except Exception as error:
            log.exception("letter %s of case %s could not be sent", letter.number, ref, exc_info=bare(error))
            self.register.save(_failed(case, trying, now, UNKNOWN))
        else:
            moved = LetterMoved(what="sent", at=now, by=BOT, letter=letter.number)
            self.register.save(record(put(case, replace(trying, stage=Stage.SENT, retry=None, error="")), moved))
            return True
        return False

    def _keep_in(self, ref: str, letter: Letter, now: datetime) -> None:
        """In shadow mode nothing leaves for anybody outside, also not what was written in live mode."""
        case = self._store(ref, replace(letter, stage=Stage.SHADOW, retry=None, error=""))
        self.register.save(record(case, LetterMoved(what="shadowed", at=now, by=BOT, letter=letter.number)))

    def _later(self, case: Case, letter: Letter, now: datetime, error: ServerError) -> None:
        if letter.attempts >= GIVE_UP_AFTER:
            self.register.save(_failed(case, letter, now, str(error)))
            return
        wait = RETRY_AFTER[min(letter.attempts, len(RETRY_AFTER)) - 1]
        waiting = replace(letter, stage=Stage.QUEUED, retry=now + wait, error=str(error))
        self.register.save(put(case, waiting))

    def _store(self, ref: str, letter: Letter) -> Case:
        case = self.register.get(ref)
        assert case
        return self.register.save(put(case, letter))


UNKNOWN = "it is unknown whether this letter left: look in the sent mail, then send or stop"


def bare(error: Exception) -> Exception:
    """The error without its message, which may quote mail; its traceback names code only."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)


def _uncertain(case: Case, letter: Letter, now: datetime) -> Case:
    """Between the last dot and the server's answer nobody knows (RFC 1047)."""
    if letter.audience is Audience.STAFF or letter.purpose in HARMLESS_TWICE:
        return put(case, replace(letter, stage=Stage.QUEUED))
    return _failed(case, letter, now, UNKNOWN)


def _failed(case: Case, letter: Letter, now: datetime, error: str) -> Case:
    return record(
        put(case, replace(letter, stage=Stage.FAILED, retry=None, error=error)),
        LetterMoved(what="failed", at=now, by=BOT, letter=letter.number, why=error),
    )
