"""Machines, lists, ourselves, staff and the supervisor get no automatic answer; a person does."""

from pathlib import Path

import pytest

from bot.automatic import RULES, Circle, silence
from bot.model import Mail
from tests.letterbox import read, taken, written

CIRCLE = Circle(frozenset({"info@wkm.nl"}), frozenset({"anna@staff.example"}), ("toezicht.example",))
STRANGE = Path(__file__).parents[2] / "shared" / "mails"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bounce", "a delivery, read or abuse report"),
        ("read-receipt", "a delivery, read or abuse report"),
        ("abuse-report", "a delivery, read or abuse report"),
        ("bounce-pasted", "a delivery report without the standard form"),
    ],
)
def test_reports_are_known(name: str, reason: str) -> None:
    """Delivery reports, read receipts and abuse reports are reports, with or without the standard form."""
    found = silence(read(name), CIRCLE)
    assert found is not None
    assert (found.reason, found.machine, found.report) == (reason, True, True)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("Auto-Submitted: auto-replied", "marked as sent by a program"),
        ("Auto-Submitted: auto-generated; owner-email=x", "marked as sent by a program"),
        ("AUTO-SUBMITTED: Auto-Notified", "marked as sent by a program"),
        ("Auto-Submitted: no\nAuto-Submitted: auto-replied", "marked as sent by a program"),
        ("Precedence: bulk", "marked as bulk or list mail"),
        ("Precedence: Junk", "marked as bulk or list mail"),
        ("Precedence: list", "marked as bulk or list mail"),
        ("Precedence: auto_reply", "marked as bulk or list mail"),
        ("List-Id: <nieuws.lijst.example>", "mail of a list"),
        ("List-Unsubscribe: <https://lijst.example/uit>", "mail of a list"),
        ("Mailing-List: contact lijst@lijst.example", "mail of a list"),
        ("X-Autoreply: yes", "marked as an automatic answer"),
        ("X-Autorespond: vakantie", "marked as an automatic answer"),
        ("X-Loop: jan@mail.example", "marked as an automatic answer"),
        ("Return-Path: <>", "no return path"),
        ("Return-Path: < >", "no return path"),
        ("Feedback-ID: 1:2:3:nieuws", "sent by a mass mailer"),
        ("X-Mailgun-Sid: abc", "sent by a mass mailer"),
        ("X-WKM-Case: WKM-2026-0042.3.abcdefghijklmnopqrst", "our own mail came back"),
        ("Content-Type: multipart/report; boundary=b", "a delivery, read or abuse report"),
        ("Content-Type: multipart/x; b=c;\n report-type=delivery-status", "a delivery, read or abuse report"),
    ],
)  # fmt: skip
def test_headers_of_machines_are_known(field: str, reason: str) -> None:
    """Whatever standard or habit a program follows, it is no person."""
    found = silence(written(field), CIRCLE)
    assert found is not None
    assert (found.reason, found.machine) == (reason, True)


@pytest.mark.parametrize(
    "address",
    [
        "noreply@firma.example", "no-reply@firma.example", "no.reply@firma.example", "noreply-7@firma.example",
        "facturen.noreply@firma.example", "noreplyfacturen@firma.example", "donotreply@firma.example",
        "do-not-reply@firma.example", "niet-beantwoorden@firma.example", "geenantwoord@firma.example",
        "nicht-antworten@firma.example", "ne-pas-repondre@firma.example", "mailer-daemon@firma.example",
        "MAILER-DAEMON@firma.example", "postmaster@firma.example", "bounce+123=x@firma.example",
        "bounces@firma.example", "notifications@firma.example", "nieuwsbrief@firma.example",
        "owner-lijst@firma.example", "lijst-request@firma.example", "lijst-bounces@firma.example",
    ],
)  # fmt: skip
def test_names_of_machines_are_known(address: str) -> None:
    """Nobody reads mail at a no-reply, daemon, bounce or list address."""
    found = silence(written(sender=address), CIRCLE)
    assert found is not None
    assert (found.reason, found.machine) == ("sent by a no-reply or system address", True)


@pytest.mark.parametrize(
    "address",
    [
        "noreen@mail.example", "norepley.jansen@mail.example", "n.reply@mail.example", "casino.reply@mail.example",
        "bouncer@mail.example", "daemonique@mail.example", "alertje@mail.example", "crone@mail.example",
        "requests@mail.example", "owner@mail.example", "info@mail.example", "postma@mail.example",
    ],
)  # fmt: skip
def test_names_of_people_are_left_alone(address: str) -> None:
    """Noreen and her like are people."""
    assert silence(written(sender=address), CIRCLE) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Automatisch antwoord: Uw privacyverzoek", "Afwezig: Uw privacyverzoek", "Afwezigheidsbericht",
        "Automatic reply: Your request", "Out of Office Re: Your request", "Auto: Your request", "Out of office",
        "Automatische Antwort: Ihre Anfrage", "Abwesenheitsnotiz: Ihre Anfrage",
        "Réponse automatique : votre demande", "[EXTERN] Automatisch antwoord: x",
    ],
)  # fmt: skip
def test_out_of_office_is_known_by_its_subject(subject: str) -> None:
    """In four languages, when no header says so."""
    found = silence(written(f"Subject: {subject}"), CIRCLE)
    assert found is not None
    assert (found.reason, found.machine) == ("out of office by its subject", True)


@pytest.mark.parametrize(
    "field",
    [
        "Subject: Re: Automatisch antwoord: Uw privacyverzoek", "Subject: Automatische incasso stopzetten",
        "Subject: Automatisch antwoord klopt niet", "Subject: Afwezigen op de foto",
        "Subject: Autofoto's verwijderen",
        "Subject: Lezen: mijn verzoek", "Subject: Undelivered goods", "Auto-Submitted: no", "auto-submitted: NO",
        "Auto-Submitted: no (really)", "Precedence: normal", "X-Auto-Response-Suppress: OOF, DR, RN",
        "Return-Path: <jan@mail.example>", "X-Loop:", "Sensitivity: private",
    ],
)  # fmt: skip
def test_people_get_an_answer(field: str) -> None:
    """Nothing that people really write is taken for a machine."""
    assert silence(written(field), CIRCLE) is None


def test_a_person_may_answer_automatic_mail() -> None:
    """“Re: Automatisch antwoord” was written by a person."""
    assert silence(read("person-answers-automatic-mail"), CIRCLE) is None


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (written(sender="info@wkm.nl"), "from an address of our own"),
        (written(sender="Anna <ANNA@staff.example>"), "from staff"),
        (written(sender="post@toezicht.example"), "from the supervisor"),
        (written(sender="post@team.toezicht.example"), "from the supervisor"),
        (written(sender="Jan"), "no usable sender, or several"),
        (written(sender="a@mail.example, b@mail.example"), "no usable sender, or several"),
        (taken(b"Subject: x\n\nHallo."), "no usable sender, or several"),
        (written("X-Auto-Response-Suppress: All"), "asks for no automatic answer"),
        (written("X-Auto-Response-Suppress: DR, AutoReply"), "asks for no automatic answer"),
        (read("bounce-passed-on"), "a delivery report that was passed on"),
    ],
)
def test_some_people_get_no_answer_either(mail: Mail, reason: str) -> None:
    """Ourselves, staff, the supervisor, nobody at all, and who asks for silence: no answer, yet no machine."""
    found = silence(mail, CIRCLE)
    assert found is not None
    assert (found.reason, found.machine, found.report) == (reason, False, False)


def test_the_supervisors_namesake_is_somebody_else() -> None:
    """Only the domain itself and what is below it count."""
    assert silence(written(sender="post@geentoezicht.example"), CIRCLE) is None


def test_a_machine_at_a_staff_address_is_a_machine() -> None:
    """An out-of-office of a colleague must not be taken for the colleague."""
    found = silence(written("Auto-Submitted: auto-replied", sender="anna@staff.example"), CIRCLE)
    assert found is not None
    assert found.machine


def test_every_rule_says_why_and_whence() -> None:
    """The table can be read: each rule has its own reason, and a source."""
    assert all(rule.reason and rule.source for rule in RULES)
    assert len({rule.reason for rule in RULES}) == len(RULES)


@pytest.mark.skipif(not STRANGE.is_dir(), reason="the collection of automatic mails is not here")
@pytest.mark.parametrize("path", sorted((STRANGE / "automatic").glob("*")), ids=lambda path: path.name)
def test_real_automatic_mail_is_never_answered(path: Path) -> None:
    """Each of a large collection of bounces, reports, vacation answers and list mails is met with silence."""
    assert silence(taken(path.read_bytes()), CIRCLE) is not None


@pytest.mark.skipif(not STRANGE.is_dir(), reason="the collection of strange mails is not here")
def test_strange_mail_of_people_is_no_machines() -> None:
    """Of a collection of strange mails only a list digest and a read receipt are machines'."""
    found = {path.name: silence(taken(path.read_bytes()), CIRCLE) for path in (STRANGE / "odd").glob("*")}
    machines = {name for name, reason in found.items() if reason and reason.machine}
    assert machines == {"cpython-msg_02.txt.eml", "zbateson-m4006.txt.eml"}
