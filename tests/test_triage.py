"""What becomes of a mail, from what is known about it: nobody is answered twice, nothing is lost, nothing told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import proof
from bot.automatic import Circle, silence
from bot.cases import Case, begin, record, write
from bot.config import Staff
from bot.events import BOT, Asked, Closed, Opened, Source
from bot.identify import Doubt, at_domain, doubts, origin_proved
from bot.model import Audience, Letter, Mail, Purpose, Stage
from bot.triage import (
    Absent,
    Bounce,
    Command,
    Decision,
    Facts,
    Ignore,
    Join,
    Open,
    Refuse,
    after_reading,
    before_reading,
    may_answer,
)
from classifiers.clauses import without_quotes
from classifiers.labels import Flag, Kind, Reply, Right, Verdict
from tests.letterbox import written

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
JAN, THIEF, ANNA, PIET = "jan@mail.example", "thief@elders.example", "anna@staff.example", "piet@staff.example"
US, SUPERVISOR = "info@wkm.nl", "post@toezicht.example"
CIRCLE = Circle(frozenset({US}), frozenset({ANNA, PIET}), ("toezicht.example",))
STAFF = Staff(handlers=(ANNA, PIET), escalate_to=ANNA)
REF = "WKM-2026-0042"
FORGED = "Authentication-Results: mx.wkm.nl; dmarc=fail"
VACATION = "Auto-Submitted: auto-replied"

THANKS = Verdict(Kind.OTHER, 0.9, True, "nl", "thanks", reply=Reply.THANKS)
HUMAN = Verdict(Kind.OTHER, 0.9, True, "nl", "a person, please", reply=Reply.HUMAN)
MISUNDERSTOOD = Verdict(Kind.OTHER, 0.9, True, "nl", "not what was meant", reply=Reply.MISUNDERSTOOD)
NOTHING = Verdict(Kind.OTHER, 0.9, True, "nl", "nothing in it is about personal data")
PERHAPS = Verdict(Kind.OTHER, 0.5, False, "nl", "who knows")
COMPLAINT = Verdict(Kind.COMPLAINT, 0.9, True, "nl", "a complaint")
REMINDER = Verdict(Kind.COMPLAINT, 0.9, True, "nl", "a reminder", flags=(Flag.STAGE,))
QUESTION = Verdict(Kind.QUESTION, 0.9, True, "nl", "a question")


def asks(
    *rights: Right, certain: bool = True, unsure: tuple[Right, ...] = (), reply: Reply | None = None
) -> Verdict:
    """A request for these rights."""
    return Verdict(Kind.REQUEST, 0.9, certain, "nl", "a request", rights=rights, unsure_rights=unsure, reply=reply)


def letter(number: int, to: str, audience: Audience) -> Letter:
    """A letter that left."""
    purpose = Purpose.CONFIRMATION if audience is Audience.SUBJECT else Purpose.NOTICE
    ours = proof.message_id("secret", REF, number, "wkm.nl")
    return Letter(number, purpose, audience, to, "Uw privacyverzoek", "", "", ours, NOW, Stage.SENT)


def case(kind: Kind = Kind.REQUEST, rights: tuple[Right, ...] = (Right.ACCESS,), certain: bool = True) -> Case:
    """Jan's case, confirmed as letter 1, with notices to Anna as letter 2 and to Piet as letter 3."""
    begun = begin(
        REF, "secret",
        Opened(at=NOW, by=BOT, received=NOW, kind=kind, certain=certain, confidence=0.9, language="nl",
               address=JAN, name="Jan", rights=rights, source=Source(digest="d"), answerable=True),
    )  # fmt: skip
    for number, to in enumerate((JAN, ANNA, PIET), 1):
        begun = write(begun, letter(number, to, Audience.SUBJECT if to == JAN else Audience.STAFF), NOW)
    return begun


def closed(found: Case) -> Case:
    """The same case, closed."""
    return record(found, Closed(at=NOW + timedelta(days=1), by=ANNA, how="decided"))


def asked(found: Case) -> Case:
    """The same case, after a request for clarification."""
    return record(found, Asked(at=NOW, by=ANNA, about="clarification", letter=1))


def answers(number: int, to: str) -> str:
    """The References of a reply to this letter."""
    return f"References: {proof.reference(proof.token('secret', REF, number, to), 'wkm.nl')} <ons@wkm.nl>"


def facts(mail: Mail, *cases: Case, **more: object) -> Facts:
    """What is gathered about a mail."""
    by_ref = {each.ref: each for each in cases}
    sender = mail.sender.address if mail.sender else ""
    claims = [
        (claim, by_ref[claim.ref]) for claim in proof.claims(mail.references, mail.subject) if claim.ref in by_ref
    ]
    values = (*mail.headers.get("x-wkm-case", ()), *mail.returned)
    own = [claim for value in values if (claim := proof.own_claim(value)) and claim.ref in by_ref]
    found = Facts(
        mail=mail,
        silence=silence(mail, CIRCLE),
        doubts=doubts(mail, CIRCLE.supervisor_domains),
        sender=sender,
        by_staff=sender in CIRCLE.staff,
        origin_proved=sender not in CIRCLE.staff or origin_proved(mail, STAFF),
        by_supervisor=at_domain(sender, CIRCLE.supervisor_domains),
        by_us=sender in CIRCLE.own,
        claimed=tuple(claims),
        returned=tuple(
            (claim, by_ref[claim.ref]) for claim in own
            if any(claim.holds("secret", each.to) for each in by_ref[claim.ref].letters)
        ),
        named=tuple(
            by_ref[ref] for ref in proof.named(f"{mail.subject}\n{without_quotes(mail.text)}") if ref in by_ref
        ),
        earlier=tuple(each for each in cases if each.address == sender and not each.closed),
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


def decide(mail: Mail, verdict: Verdict, *cases: Case, **more: object) -> Decision:
    """What is decided, before or after reading."""
    known = facts(mail, *cases, **more)
    return before_reading(known) or after_reading(known, verdict)


REPLY = written(answers(1, JAN), f"Subject: Re: Uw privacyverzoek [{REF}]")
NAMING = written(f"Subject: Uw kenmerk {REF}")


@pytest.mark.parametrize("mail", [REPLY, NAMING], ids=["in the thread", "by number"])
@pytest.mark.parametrize(
    "verdict",
    [THANKS, NOTHING, REMINDER, COMPLAINT, QUESTION, asks(Right.ACCESS), asks(Right.ACCESS, certain=False),
     Verdict(Kind.OTHER, 0.9, True, "nl", "withdrawn", reply=Reply.WITHDRAWN)],
)  # fmt: skip
def test_a_further_mail_joins_its_case(mail: Mail, verdict: Verdict) -> None:
    """Thanks, reminders, answers and repetitions neither open a case nor are urgent."""
    decision = decide(mail, verdict, case())
    assert isinstance(decision, Join)
    assert (decision.ref, decision.urgent, decision.automatic) == (REF, False, False)


@pytest.mark.parametrize("verdict", [HUMAN, MISUNDERSTOOD, asks(Right.ERASURE, reply=Reply.MISUNDERSTOOD)])
def test_who_wants_a_person_gets_one_today(verdict: Verdict) -> None:
    """“You misunderstood” and “a human, please” are urgent, whatever else the mail holds."""
    decision = decide(REPLY, verdict, case())
    assert isinstance(decision, Join)
    assert decision.urgent


def test_a_new_right_is_a_new_case() -> None:
    """It has its own clock and confirmation, is linked, and does not repeat the right that runs already."""
    decision = decide(REPLY, asks(Right.ACCESS, Right.ERASURE), case())
    assert isinstance(decision, Open)
    assert decision.answer
    assert (decision.certain, decision.related, decision.held_already) == (True, (REF,), (Right.ACCESS,))


def test_a_right_that_is_perhaps_new_is_for_a_person() -> None:
    """The clock runs from that mail, and nobody is confirmed a right twice."""
    decision = decide(REPLY, asks(Right.ACCESS, unsure=(Right.ERASURE,)), case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.certain, decision.related) == (False, False, (REF,))


def test_a_request_in_a_complaint_is_a_new_case() -> None:
    """A complaint's case has no statutory clock for it."""
    decision = decide(REPLY, asks(Right.ACCESS), case(Kind.COMPLAINT, ()))
    assert isinstance(decision, Open)
    assert decision.answer


def test_the_answer_to_our_question_joins() -> None:
    """Who says which right was meant, after we asked, starts no second clock."""
    unsure = asked(case(rights=(), certain=False))
    assert isinstance(decide(REPLY, asks(Right.ERASURE), unsure), Join)


def test_in_doubt_a_person_decides() -> None:
    """An unclear further mail is a case of its own, not answered, unless we had asked something."""
    decision = decide(REPLY, PERHAPS, case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.certain) == (False, False)
    assert isinstance(decide(REPLY, PERHAPS, asked(case())), Join)


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [(asks(Right.ACCESS), True), (asks(Right.ERASURE), True), (COMPLAINT, True), (QUESTION, True),
     (PERHAPS, False), (HUMAN, False), (MISUNDERSTOOD, False), (asks(Right.ACCESS, certain=False), False)],
)  # fmt: skip
def test_what_comes_after_closing_is_a_new_case(verdict: Verdict, answer: bool) -> None:
    """Linked to the closed one, with a clock of its own; nobody would look at the closed one again."""
    decision = decide(REPLY, verdict, closed(case()))
    assert isinstance(decision, Open)
    assert (decision.answer, decision.related, decision.held_already) == (answer, (REF,), ())


@pytest.mark.parametrize("verdict", [THANKS, NOTHING])
def test_thanks_after_closing_open_nothing(verdict: Verdict) -> None:
    """A last word belongs to the closed case."""
    assert isinstance(decide(REPLY, verdict, closed(case())), Join)


@pytest.mark.parametrize("verdict", [asks(Right.ERASURE), asks(Right.ACCESS), THANKS, HUMAN, NOTHING, COMPLAINT])
@pytest.mark.parametrize(
    "mail",
    [
        written(answers(1, JAN), f"Subject: Re: Uw privacyverzoek [{REF}]", sender=THIEF),
        written(f"Subject: {REF}", sender=THIEF),
        written(FORGED, f"Subject: {REF}"),
        written(answers(2, ANNA), sender=THIEF),
    ],
    ids=["with the proof of another", "by number", "forged sender", "answer to a forwarded notice"],
)
def test_a_stranger_never_joins_and_learns_nothing(mail: Mail, verdict: Verdict) -> None:
    """Another address, or a forged one: shown to a person beside the case that it may belong to, not answered."""
    decision = decide(mail, verdict, case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.certain, decision.related) == (False, False, (REF,))


def test_a_broken_signature_does_not_break_a_proof() -> None:
    """Forwarding breaks DMARC; the unguessable id still proves the thread."""
    mail = written(FORGED, answers(1, JAN))
    assert isinstance(decide(mail, THANKS, case()), Join)


def test_the_same_mail_again_does_nothing() -> None:
    """Same Message-ID, same content."""
    decision = decide(REPLY, asks(Right.ERASURE), case(), known_as=REF)
    assert isinstance(decision, Ignore)


def test_a_reused_message_id_is_shown() -> None:
    """Other content under the same Message-ID is new mail, and a person sees the doubt."""
    decision = decide(written("Message-ID: <a@b.example>"), asks(Right.ACCESS), id_reused=REF)
    assert isinstance(decision, Open)
    assert decision.answer
    assert Doubt.MESSAGE_ID in decision.doubts


@pytest.mark.parametrize("verdict", [NOTHING, asks(Right.ACCESS)])
def test_our_own_mail_coming_back_does_nothing(verdict: Verdict) -> None:
    """Our header on the mail itself, with a proof that we gave."""
    token = proof.token("secret", REF, 1, JAN)
    assert isinstance(decide(written(f"X-WKM-Case: {token}", sender=US), verdict, case()), Ignore)


def test_a_forged_header_of_ours_hides_nothing() -> None:
    """Our header without a proof that we gave: read like any other mail, but not answered."""
    decision = decide(written(f"X-WKM-Case: {REF}.1.{'a' * 20}"), asks(Right.ACCESS), case())
    assert isinstance(decision, Open)
    assert not decision.answer


def test_a_bounce_finds_its_letter() -> None:
    """A delivery report that holds our header fails the letter that it was on."""
    text = f"user unknown\n\nX-WKM-Case: {proof.token('secret', REF, 1, JAN)}"
    mail = written("Subject: Undelivered mail", text=text, sender="MAILER-DAEMON@mx.example")
    assert decide(mail, NOTHING, case()) == Bounce(REF, 1)


def test_a_report_without_our_header_is_shown() -> None:
    """A bounce that only names the case: a person learns that a letter may not have arrived."""
    mail = written(f"Subject: Undelivered: {REF}", text="user unknown", sender="MAILER-DAEMON@mx.example")
    decision = decide(mail, NOTHING, case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.related) == (False, (REF,))


def test_a_vacation_answer_of_the_data_subject_joins_quietly() -> None:
    """Its quoted text and our proof in it start nothing."""
    mail = written(VACATION, answers(1, JAN), text="Ik ben er niet.\n\n> U vraagt om inzage in uw gegevens.")
    decision = decide(mail, NOTHING, case())
    assert isinstance(decision, Join)
    assert (decision.urgent, decision.automatic) == (False, True)


def test_what_a_program_sends_for_the_data_subject_is_read() -> None:
    """A new right in mail that looks automatic gets its clock, but no automatic answer."""
    decision = decide(written("Feedback-ID: 1:2", answers(1, JAN)), asks(Right.ERASURE), case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.certain) == (False, True)


def test_a_strangers_vacation_answer_that_names_a_case_is_left_alone() -> None:
    """It wants nothing and tells nothing."""
    mail = written(VACATION, f"Subject: Re: {REF}", sender=THIEF)
    assert isinstance(decide(mail, NOTHING, case()), Ignore)


def test_staff_command_by_answering_their_own_notice() -> None:
    """From the address that the notice was sent to."""
    assert decide(written(answers(2, ANNA), sender=ANNA), NOTHING, case()) == Command(REF, 2)


def test_staff_command_by_a_ready_made_link() -> None:
    """The link carries the proof in its subject."""
    tag = proof.tag(proof.token("secret", REF, 2, ANNA))
    assert decide(written(f"Subject: ingewilligd {tag}", sender=ANNA), NOTHING, case()) == Command(REF, 2)


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (written(answers(3, PIET), sender=ANNA), "somebody else"),
        (written(answers(2, ANNA), FORGED, sender=ANNA), "does not prove"),
        (written(f"Subject: {REF}", text="geweigerd", sender=ANNA), "does not answer a mail of the program"),
        (written(answers(1, JAN), sender=ANNA), "does not answer a mail of the program"),
    ],
    ids=["another's notice", "forged", "by number only", "the data subject's letter"],
)
def test_staff_without_proof_command_nothing(mail: Mail, why: str) -> None:
    """A command counts only from whom the notice was sent to, as far as the origin must be proved."""
    decision = decide(mail, NOTHING, case())
    assert isinstance(decision, Refuse)
    assert why in decision.reason


def test_who_left_commands_no_more() -> None:
    """The proof still holds, but the address is no longer a colleague's."""
    decision = decide(written(answers(2, ANNA), sender=ANNA), NOTHING, case(), by_staff=False)
    assert isinstance(decision, Refuse)
    assert "no longer" in decision.reason


def test_a_colleague_who_is_away_is_noticed() -> None:
    """The automatic answer to a notice is no command."""
    mail = written(VACATION, answers(2, ANNA), text="ingewilligd", sender=ANNA)
    assert decide(mail, NOTHING, case()) == Absent(ANNA, REF)


def test_a_read_receipt_of_a_colleague_is_no_absence() -> None:
    """Who has read a notice is there."""
    mail = written(
        "Content-Type: multipart/report; report-type=disposition-notification", answers(2, ANNA), sender=ANNA
    )
    assert isinstance(decide(mail, NOTHING, case()), Ignore)


def test_a_colleague_is_a_data_subject_in_their_own_case() -> None:
    """Staff have rights too."""
    own = replace(case(), address=ANNA)
    own = replace(own, letters=(letter(1, ANNA, Audience.SUBJECT),))
    assert isinstance(decide(written(answers(1, ANNA), sender=ANNA), THANKS, own), Join)


def test_what_a_colleague_sends_in_is_logged() -> None:
    """A request passed on by staff opens a case that is not answered by itself."""
    decision = decide(written(sender=ANNA), asks(Right.ACCESS))
    assert isinstance(decision, Open)
    assert not decision.answer
    assert Doubt.STAFF in decision.doubts


def test_our_own_letter_in_a_case_is_left_alone() -> None:
    """A colleague answered from the mailbox itself, with a copy to it."""
    assert isinstance(decide(written(f"Subject: Re: {REF}", sender=US), asks(Right.ACCESS), case()), Ignore)


def test_a_form_on_our_website_opens_a_case() -> None:
    """It writes from our own address, and names no case."""
    decision = decide(written(sender=US), asks(Right.ACCESS))
    assert isinstance(decision, Open)
    assert not decision.answer


@pytest.mark.parametrize("verdict", [NOTHING, THANKS, asks(Right.ACCESS), PERHAPS])
def test_the_supervisor_is_always_a_case(verdict: Verdict) -> None:
    """Whatever it says, urgent by its flag, never answered, beside the case that it names."""
    decision = decide(written(f"Subject: {REF}", sender=SUPERVISOR), verdict, case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.related) == (False, (REF,))
    assert Flag.SUPERVISOR in decision.flags


def test_the_supervisor_in_copy_raises_urgency() -> None:
    """The sender is answered, the flag is set."""
    decision = decide(written(f"Cc: {SUPERVISOR}"), COMPLAINT)
    assert isinstance(decision, Open)
    assert decision.answer
    assert Flag.SUPERVISOR in decision.flags


@pytest.mark.parametrize("verdict", [asks(Right.ACCESS), COMPLAINT, QUESTION])
def test_a_sure_new_mail_is_answered(verdict: Verdict) -> None:
    """A person, a clear wish, no doubt."""
    decision = decide(written(), verdict)
    assert isinstance(decision, Open)
    assert (decision.answer, decision.certain, decision.related) == (True, True, ())


@pytest.mark.parametrize(
    ("mail", "verdict", "junk"),
    [
        (written(), PERHAPS, False),
        (written(), asks(Right.ACCESS, certain=False), False),
        (written("Reply-To: x@y.example", FORGED), asks(Right.ACCESS), False),
        (written(sender="a@b.example, c@d.example"), asks(Right.ACCESS), False),
        (written(sender="jan@lokaal"), asks(Right.ACCESS), False),
        (written("List-Id: <a.b>"), asks(Right.ACCESS), False),
        (written(sender="noreply@form.example"), asks(Right.ACCESS), False),
        (written(), asks(Right.ACCESS), True),
    ],
    ids=["unclear", "unsure", "forged", "two senders", "local address", "list", "no-reply", "junk folder"],
)
def test_what_is_not_answered_is_still_a_case(mail: Mail, verdict: Verdict, junk: bool) -> None:
    """No automatic answer never means no case."""
    known = facts(mail)
    if junk:
        known = replace(known, doubts=(*known.doubts, Doubt.JUNK))
    decision = after_reading(known, verdict)
    assert isinstance(decision, Open)
    assert not decision.answer


@pytest.mark.parametrize(
    ("mail", "verdict"),
    [
        (written(), NOTHING),
        (written("List-Id: <a.b>"), NOTHING),
        (written("Content-Type: multipart/report"), PERHAPS),
    ],
    ids=["nothing", "newsletter", "a report, unclear"],
)
def test_what_is_not_ours_is_left_alone(mail: Mail, verdict: Verdict) -> None:
    """Everything else stays exactly as it is."""
    assert isinstance(decide(mail, verdict), Ignore)


def test_unclear_junk_is_left_alone() -> None:
    """In the junk folder only a clear privacy wish counts."""
    assert isinstance(after_reading(facts(written(), doubts=(Doubt.JUNK,)), PERHAPS), Ignore)


def test_a_reminder_outside_its_thread_is_for_a_person() -> None:
    """From the address of an open case, speaking of an earlier request: no second confirmation by itself."""
    decision = decide(written(), REMINDER, case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.related) == (False, (REF,))
    assert Doubt.REMINDER in decision.doubts


def test_a_new_wish_outside_any_thread_is_a_new_case() -> None:
    """Shown beside the open case of the same address."""
    decision = decide(written(), asks(Right.ERASURE), case())
    assert isinstance(decision, Open)
    assert (decision.answer, decision.related) == (True, (REF,))


@pytest.mark.parametrize(
    ("mail", "verdict", "expected"),
    [
        (written(), asks(Right.ACCESS), True),
        (written(), NOTHING, False),
        (written(), asks(Right.ACCESS, certain=False), False),
        (written(VACATION), asks(Right.ACCESS), False),
        (written(FORGED), asks(Right.ACCESS), False),
    ],
)
def test_what_classify_says_is_what_would_happen(mail: Mail, verdict: Verdict, expected: bool) -> None:
    """`reply` is true exactly where a confirmation would leave."""
    known = facts(mail)
    assert may_answer(known.silence, known.doubts, verdict) is expected
    decision = after_reading(known, verdict)
    assert (isinstance(decision, Open) and decision.answer) is expected
