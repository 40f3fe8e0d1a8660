"""One mail's way: gather what a decision rests on, decide, record it in one write."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot import actions, commands, corrections, identify, letters, notices, parse, proof, triage
from bot.agenda import rules
from bot.automatic import Circle, silence
from bot.cases import Case, put, record, write
from bot.compose import Composer
from bot.config import Settings
from bot.errors import Refused, Unreadable
from bot.events import BOT, SUBJECT, Asked, Closed, Joined, LetterMoved, Linked, Noted, Opened, Source
from bot.model import Letter, Mail, Raw, Stage
from bot.ports import Classifier
from bot.register import Register
from classifiers.clauses import without_quotes
from classifiers.labels import Flag, Kind, Message, Right, Verdict

MAX_SIZE = 25 * 1024 * 1024
"""Bytes of a message that are read; what is larger is held for a person."""


MAX_TEXT = 50_000
"""Characters of a mail's text that the register keeps."""
CONSOLE = "console"
"""The actor of what was given at the command line."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one mail, for the log and the demo."""

    decision: triage.Decision
    ref: str | None = None
    verdict: Verdict | None = None
    mail: Mail | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything that handling one mail needs."""

    settings: Settings
    register: Register
    classifier: Callable[[], Classifier]
    """Loaded when the first mail must be read."""
    composer: Composer

    def handle(self, raw: Raw, now: datetime) -> Handled:
        """Decide about one mail and record it. Unreadable when it cannot be parsed: the caller holds it."""
        if len(raw.content) > MAX_SIZE:
            raise Unreadable("the message is larger than 25 MB: read it in the mailbox")
        if not raw.content:
            raise Unreadable("the server gives no content for this message: look at it in the mailbox")
        mail = parse.parse(raw.content, raw.place, raw.received)
        facts = self.gather(mail)
        decision = triage.before_reading(facts)
        if decision is not None:
            return Handled(decision, self._act(facts, decision, now), mail=mail)
        verdict = self.classifier().classify(message(mail))
        decision = triage.after_reading(facts, verdict)
        return Handled(decision, self._record(facts, decision, verdict, now), verdict, mail)

    def sent(self, raw: Raw, now: datetime) -> str | None:
        """Note that a person answered a case from the mailbox itself; the case's reference, if so."""
        mail = parse.parse(raw.content, raw.place, raw.received)
        if mail.header("x-wkm-case"):
            return None
        known = self.register.of_mail(mail.message_id, mail.digest)
        case = None if known else self._answered_elsewhere(mail)
        if case is None:
            return None
        day = mail.received.astimezone(self.settings.organisation.timezone).date().isoformat()
        self.register.save(
            record(
                case,
                Noted(what="answered_elsewhere", at=now, by=self.settings.organisation.address, why=day,
                      trace=(mail.message_id, mail.digest)),
            )
        )  # fmt: skip
        return case.ref

    def _answered_elsewhere(self, mail: Mail) -> Case | None:
        """The case whose data subject this mail of ours writes to, in its thread or naming it."""
        to = {each.address for each in (*mail.to, *mail.cc)}
        ids = set(mail.references)
        for case in self.register.open_cases():
            sources = {event.source.message_id for event in case.events if isinstance(event, Opened | Joined)} | {
                letter.message_id for letter in case.letters
            }
            if case.address in to and (ids & (sources - {""}) or case.ref in proof.named(mail.subject)):
                return case
        return None

    def gather(self, mail: Mail) -> triage.Facts:
        """What the register and the configuration know about this mail."""
        organisation, supervisor = self.settings.organisation, self.settings.supervisor
        sender = mail.sender.address if mail.sender else ""
        by_staff = sender in self.settings.staff.everyone
        known = self.register.of_mail(mail.message_id, mail.digest)
        return triage.Facts(
            mail=mail,
            silence=silence(mail, circle(self.settings)),
            doubts=identify.doubts(
                mail,
                supervisor.domains,
                bool(self.settings.imap.junk) and mail.place.folder == self.settings.imap.junk,
            ),
            sender=sender,
            by_staff=by_staff,
            by_us=sender in organisation.own,
            origin_proved=not by_staff or identify.origin_proved(mail, self.settings.staff),
            by_supervisor=identify.at_domain(sender, supervisor.domains),
            known_as=known,
            id_reused=None if known else self.register.of_message_id(mail.message_id),
            claimed=self._cases(proof.claims(mail.references, mail.subject)),
            returned=self._returned(mail),
            named=self._named(mail),
            earlier=self.register.of_address(sender) if sender and sender not in organisation.own else (),
        )

    def _cases(self, claims: tuple[proof.Claim, ...]) -> tuple[tuple[proof.Claim, Case], ...]:
        found = ((claim, self.register.get(claim.ref)) for claim in claims)
        return tuple((claim, case) for claim, case in found if case is not None)

    def _returned(self, mail: Mail) -> tuple[tuple[proof.Claim, Case], ...]:
        values = (*mail.headers.get("x-wkm-case", ()), *mail.returned)
        claims = tuple(claim for value in values if (claim := proof.own_claim(value)))
        return tuple((claim, case) for claim, case in self._cases(claims) if _ours(claim, case))

    def _named(self, mail: Mail) -> tuple[Case, ...]:
        refs = proof.named(f"{mail.subject}\n{without_quotes(mail.text)}")
        return tuple(case for ref in refs[:5] if (case := self.register.get(ref)) is not None)

    def _act(self, facts: triage.Facts, decision: triage.Decision, now: datetime) -> str | None:
        """Carry out what needs no reading of the text as a data subject's."""
        match decision:
            case triage.Command(ref=ref, letter=number):
                self._command(ref, number, facts, now)
            case triage.Refuse(ref=ref, reason=why):
                trace = (facts.mail.message_id, facts.mail.digest)
                by = facts.sender or "unknown"
                self._save(ref, Noted(what="refused_command", at=now, by=by, why=why, trace=trace))
            case triage.Bounce(ref=ref, letter=number):
                self._bounced(ref, number, now)
            case triage.Absent(handler=handler, ref=ref):
                self._away(handler, ref, facts.mail, now)
            case _:
                return None
        return decision.ref

    def _command(self, ref: str, number: int, facts: triage.Facts, now: datetime) -> None:
        case = self._case(ref)
        giver = facts.sender
        try:
            if _void(case, number):
                raise Refused(VOID[self.settings.staff.language])
            command = commands.parse(facts.mail.text, facts.mail.subject, self.settings.staff.language)
            outcome = actions.carry_out(case, command, giver, now, self.context(now), number)
        except Refused as refused:
            why = str(refused)
            case = record(case, Noted(what="command_not_done", at=now, by=giver, why=why))
            self.register.save(self._receipt(self._heard(case, facts.mail), giver, now, why, None))
            return
        self.apply(case, outcome, giver, now, facts.mail)

    def apply(
        self, before: Case, outcome: actions.Outcome, giver: str, now: datetime, mail: Mail | None = None
    ) -> str:
        """Record what a command did, and tell its giver by mail when it came by mail; what is told."""
        said = outcome.said + self._learn(before, outcome.case)
        if outcome.away:
            self.register.set_away(*outcome.away)
        case = outcome.case
        if mail:
            case = self._receipt(self._heard(case, mail), giver, now, said, outcome.held)
        # The case that goes on for another is written first: a crash in between leaves two, never none.
        for each in sorted((case, *outcome.also), key=lambda each: each.closed is not None):
            self.register.save(each)
        return said

    def _learn(self, before: Case, after: Case) -> str:
        """Keep a correction where that is switched on, and show what was kept to the person who corrected."""
        kind = corrections.corrected(before, after)
        if kind is None or not self.settings.learning.keep_corrections or before.opened.channel != "mail":
            return ""
        kept = corrections.keep(self.register.folder, after, kind)
        return f"\n\n{KEPT[self.settings.staff.language]}\n\n{kept}"

    def context(self, now: datetime) -> actions.Context:
        """What carrying out a command may look at."""
        return actions.Context(
            composer=self.composer,
            settings=self.settings,
            rules=rules(self.settings, self.register.away(self.today(now))),
            others=self.register.get,
        )

    def _heard(self, case: Case, mail: Mail) -> Case:
        """A staff mail leaves its trace, so that its second copy commands nothing."""
        return record(
            case,
            Noted(what="command", at=mail.received, by=mail.sender.address if mail.sender else "",
                  trace=(mail.message_id, mail.digest)),
        )  # fmt: skip

    def _receipt(self, case: Case, giver: str, now: datetime, said: str, held: Letter | None) -> Case:
        letter = notices.receipt(self.composer, case, giver, now, said, held)
        return write(case, letter, now, key=f"held:{held.number}" if held else "")

    def _bounced(self, ref: str, number: int, now: datetime) -> None:
        case = self._case(ref)
        letter = case.letter(number)
        if letter.stage is Stage.FAILED:
            return
        case = put(case, replace(letter, stage=Stage.FAILED, error="returned as undeliverable"))
        self.register.save(record(case, LetterMoved(what="bounced", at=now, by=BOT, letter=number)))

    def _away(self, handler: str, ref: str, mail: Mail, now: datetime) -> None:
        until = rules(self.settings).days.add(self.today(now), 1)
        self.register.set_away(handler, until)
        trace, why = (mail.message_id, mail.digest), f"automatic answer: away until {until}"
        self._save(ref, Noted(what="noted", at=now, by=handler, why=why, trace=trace))

    def _record(
        self, facts: triage.Facts, decision: triage.Decision, verdict: Verdict, now: datetime
    ) -> str | None:
        match decision:
            case triage.Open():
                return self._open(facts, decision, verdict, now)
            case triage.Join():
                return self._join(facts, decision, verdict, now)
            case _:
                return None

    def _open(self, facts: triage.Facts, decision: triage.Open, verdict: Verdict, now: datetime) -> str:
        case = self.register.open(_opened(facts, decision, verdict, now), now)
        if decision.answer:
            case = self.confirm(case, now)
        self.register.save(case)
        for ref in decision.related:
            other = self.register.get(ref)
            if other is not None:
                self.register.save(record(other, Linked(at=now, by=BOT, why=decision.reason, ref=case.ref)))
        return case.ref

    def open_by_hand(self, given: Mapping[str, Any], now: datetime) -> str:
        """A case for what did not come by mail to the mailbox; the sentence that tells it was opened."""
        address = given["address"]
        if given["confirm"] and not self._writable(address):
            raise Refused(f"the program does not write to {address}: open the case without a confirmation")
        rights = tuple(Right(each) for each in given["rights"])
        text = str(given.get("text") or "")
        opened = Opened(
            at=now, by=CONSOLE, why="opened by hand", received=datetime.fromisoformat(given["received"]),
            kind=Kind(given["kind"]), certain=True, confidence=1.0, language=given["language"],
            address=address, name=given["name"], rights=rights, flags=tuple(map(Flag, given["flags"])),
            source=Source(digest=hashlib.sha256(text.encode()).hexdigest(), text=text[:MAX_TEXT]),
            channel=given["channel"], answerable=self._writable(address),
        )  # fmt: skip
        case = self.register.open(opened, now)
        if given["confirm"]:
            case = self.confirm(case, now)
        self.register.save(case)
        return f"{case.ref} is open."

    def _writable(self, address: str) -> bool:
        """Whether a confirmation may go to an address that a person gave."""
        settings = self.settings
        ours = address in settings.organisation.own | settings.staff.everyone
        return address.isascii() and not ours and not identify.at_domain(address, settings.supervisor.domains)

    def confirm(self, case: Case, now: datetime) -> Case:
        """The case with its confirmation queued, kept in shadow, or capped."""
        replies, today = self.settings.replies, self.today(now)
        if not self.register.may_send(case.address, today, replies.per_sender_per_day, replies.per_day):
            return record(case, Noted(what="capped", at=now, by=BOT, why="the day's limit of automatic answers"))
        live = replies.mode == "live"
        letter = letters.confirmation(self.composer, case, now, Stage.QUEUED if live else Stage.SHADOW)
        if live:
            self.register.count(case.address, today)
        case = write(case, letter, now, key="confirmation")
        if letters.asks_name(case):
            case = record(case, Asked(at=now, by=BOT, about="name", letter=letter.number))
        return case

    def today(self, now: datetime) -> date:
        """The calendar day here."""
        return now.astimezone(self.settings.organisation.timezone).date()

    def _join(self, facts: triage.Facts, decision: triage.Join, verdict: Verdict, now: datetime) -> str:
        self._save(
            decision.ref,
            Joined(
                at=now, by=SUBJECT, why=decision.reason, received=facts.mail.received, kind=verdict.kind,
                also=verdict.also, reply=verdict.reply, flags=verdict.flags, name=verdict.name,
                source=source(facts.mail),
                urgent=decision.urgent, doubts=tuple(facts.doubts), automatic=decision.automatic,
            ),
        )  # fmt: skip
        return decision.ref

    def _save(self, ref: str, event: Joined | Noted) -> None:
        self.register.save(record(self._case(ref), event))

    def _case(self, ref: str) -> Case:
        case = self.register.get(ref)
        if case is None:
            raise LookupError(f"there is no case {ref}")
        return case


KEPT = {
    "nl": "Deze tekst is bewaard om van te leren. Kijk of er nog iets in staat dat naar een mens wijst; zo ja, "
    "laat het bestand met dit zaaknummer uit de map corrections verwijderen.",
    "en": "This text was kept to learn from. See whether anything in it still points at a person; if so, have the "
    "file with this case number removed from the folder corrections.",
}
VOID = {
    "nl": "De zaak is na die mail gesloten, dus de links daarin werken niet meer. Antwoord op déze mail, "
    "bijvoorbeeld met heropen als er nog iets moet gebeuren.",
    "en": "The case was closed after that mail, so the links in it no longer work. Answer this mail instead, "
    "for instance with reopen if something is still to be done.",
}


def message(mail: Mail) -> Message:
    """What the classifier may see of a mail."""
    return Message(
        subject=mail.subject,
        body=mail.text,
        display_name=mail.sender.display if mail.sender else "",
        address=mail.sender.address if mail.sender else "",
        recipients=tuple(each.address for each in (*mail.to, *mail.cc)),
        attachments=mail.attachments,
    )


def circle(settings: Settings) -> Circle:
    """Those whom the program never answers."""
    return Circle(settings.organisation.own, settings.staff.everyone, settings.supervisor.domains)


def source(mail: Mail) -> Source:
    """What the history keeps of a mail."""
    return Source(
        digest=mail.digest, message_id=mail.message_id, references=mail.references[-20:], place=mail.place,
        subject=mail.subject[:500], text=mail.text[:MAX_TEXT], attachments=mail.attachments[:50],
    )  # fmt: skip


def _opened(facts: triage.Facts, decision: triage.Open, verdict: Verdict, now: datetime) -> Opened:
    return Opened(
        at=now, by=BOT, why=decision.reason, received=facts.mail.received, kind=verdict.kind,
        certain=decision.certain, confidence=verdict.confidence,
        language=verdict.language, address=facts.sender, name=verdict.name, on_behalf_of=verdict.on_behalf_of,
        also=verdict.also, rights=_without(verdict.rights, decision),
        unsure_rights=_without(verdict.unsure_rights, decision), flags=decision.flags,
        evidence=verdict.evidence, source=source(facts.mail), answerable=decision.answer,
        doubts=tuple(decision.doubts), related=decision.related,
    )  # fmt: skip


def _ours(claim: proof.Claim, case: Case) -> bool:
    return any(each.number == claim.letter and claim.holds(case.secret, each.to) for each in case.letters)


def _void(case: Case, letter: int) -> bool:
    """Whether the proof in a staff letter has ended: the case was closed after it."""
    return any(isinstance(event, Closed) for event in case.since(letter))


def _without(rights: tuple[Right, ...], decision: triage.Open) -> tuple[Right, ...]:
    """The rights that no running case has yet."""
    return tuple(right for right in rights if right not in decision.held_already)
