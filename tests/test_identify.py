"""What makes a sender doubtful, what proves a colleague, and what may stand behind “Beste”."""

import pytest

from bot.config import Staff
from bot.identify import Doubt, authserv_id, dmarc, doubts, origin_proved, writable_name
from tests.letterbox import read, taken, written

RESULT = "Authentication-Results: "
ANNA = "anna@staff.example"
OPEN = Staff(handlers=(ANNA,), escalate_to=ANNA)
AUTHSERV = Staff(
    handlers=(ANNA,), escalate_to=ANNA, authentication="authserv", trusted_authserv_ids=("mx.wkm.nl", "MX2.wkm.nl")
)
MICROSOFT = Staff(handlers=(ANNA,), escalate_to=ANNA, authentication="microsoft365")


def test_an_ordinary_mail_raises_no_doubt() -> None:
    """From one plain address, recent, answers to itself."""
    assert doubts(written("Reply-To: jan@mail.example", f"{RESULT}mx.wkm.nl; dmarc=pass")) == ()


@pytest.mark.parametrize(
    ("fields", "sender", "doubt"),
    [
        (
            (f"{RESULT}mx.wkm.nl; spf=pass; dmarc=fail (p=none) header.from=mail.example",),
            "",
            Doubt.AUTHENTICATION,
        ),
        ((f"{RESULT}spf=fail; dkim=none;dmarc=FAIL action=none",), "", Doubt.AUTHENTICATION),
        (("Reply-To: thief@elders.example",), "", Doubt.REPLY_TO),
        ((), "a@mail.example, b@mail.example", Doubt.SEVERAL_SENDERS),
        ((), "jan@mail", Doubt.ADDRESS),
        ((), "jän@mail.example", Doubt.ADDRESS),
        ((), '"jan bakker"@mail.example', Doubt.ADDRESS),
        ((), "jan@[192.0.2.1]", Doubt.ADDRESS),
        ((), "Jan", Doubt.ADDRESS),
        (("Cc: info@toezicht.example",), "", Doubt.SUPERVISOR_COPY),
    ],
)
def test_each_doubt_is_raised(fields: tuple[str, ...], sender: str, doubt: Doubt) -> None:
    """Each by what it is about."""
    mail = written(*fields, **({"sender": sender} if sender else {}))
    assert doubt in doubts(mail, ("toezicht.example",))


@pytest.mark.parametrize(
    ("date", "migrated"),
    [
        ("Mon, 26 Oct 2026 10:02:00 +0100", False),
        ("Mon, 26 Oct 2026 10:00:00 +0100", True),
        ("Mon, 23 Nov 2026 10:00:00 +0100", False),
        ("gisteren", False),
    ],
)
def test_mail_older_than_a_week_is_migrated(date: str, migrated: bool) -> None:
    """More than seven days between Date and receipt; a broken date proves nothing."""
    found = doubts(taken(f"From: jan@mail.example\nDate: {date}\n\nx".encode()))
    assert (Doubt.MIGRATED in found) is migrated


def test_the_junk_folder_is_a_doubt() -> None:
    """What was found there is not answered."""
    assert Doubt.JUNK in doubts(written(), in_junk=True)


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ((), None),
        (("mx.wkm.nl; dmarc=pass header.from=x",), "pass"),
        (("mx.wkm.nl; spf=pass", "mx.wkm.nl; dmarc=fail"), "fail"),
        (("mx.wkm.nl; dmarc=pass", "elders.example; dmarc=fail"), "pass"),
        (('mx.wkm.nl; spf=fail reason="; dmarc=pass"; dmarc=fail',), "fail"),
        (("mx.wkm.nl; spf=fail (helo ; dmarc=pass (x)) ; dmarc=fail",), "fail"),
        (("mx.wkm.nl; none",), None),
    ],
)
def test_the_topmost_dmarc_result_counts(values: tuple[str, ...], result: str | None) -> None:
    """What stands in comments and quoted strings is not a result."""
    assert dmarc(written(*(RESULT + value for value in values))) == result


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("MX.wkm.nl; dmarc=pass", "mx.wkm.nl"),
        ("mx.wkm.nl 1; dmarc=pass", "mx.wkm.nl"),
        ("mx.wkm.nl/1; dmarc=pass", "mx.wkm.nl"),
        ("(ja) mx.wkm.nl ; none", "mx.wkm.nl"),
        ("/ ; x", ""),
        ("", ""),
    ],
)
def test_the_server_behind_a_result_is_read(value: str, name: str) -> None:
    """With or without version and comment (RFC 8601 §2.2)."""
    assert authserv_id(value) == name


@pytest.mark.parametrize(
    ("values", "proved"),
    [
        (("mx.wkm.nl; dmarc=pass (p=reject) header.from=staff.example",), True),
        (("mx2.wkm.nl; spf=pass; dmarc=pass",), True),
        (("elders.example; dmarc=fail", "mx.wkm.nl; dmarc=pass header.from=Staff.Example"), True),
        (("mx.wkm.nl; dmarc=pass header.from=elders.example",), False),
        (("mx.wkm.nl; dmarc=none",), False),
        (("mx.wkm.nl; spf=pass", "mx.wkm.nl; dmarc=pass header.from=staff.example"), False),
        (("elders.example; dmarc=pass header.from=staff.example",), False),
        (('mx.wkm.nl; spf=fail smtp.helo="; dmarc=pass"',), False),
        (("mx.wkm.nl; spf=fail (; dmarc=pass header.from=staff.example",), False),
        (("mx.wkm.nl; x-dmarc=pass",), False),
        (("dmarc=pass",), False),
        ((), False),
    ],
)
def test_a_trusted_server_proves_the_origin(values: tuple[str, ...], proved: bool) -> None:
    """Only the topmost result of a trusted server, for the domain of From; nothing that came with the mail."""
    mail = written(*(RESULT + value for value in values), sender=ANNA)
    assert origin_proved(mail, AUTHSERV) is proved


@pytest.mark.parametrize(
    ("fields", "proved"),
    [
        (("X-MS-Exchange-Organization-AuthAs: Internal",), True),
        (("X-MS-Exchange-Organization-AuthAs: Anonymous",), False),
        (("X-MS-Exchange-Organization-AuthAs: Internal", "X-MS-Exchange-Organization-AuthAs: Internal"), False),
        ((), False),
    ],
)
def test_exchange_marks_internal_mail(fields: tuple[str, ...], proved: bool) -> None:
    """Exactly one mark, and it says Internal."""
    assert origin_proved(written(*fields, sender=ANNA), MICROSOFT) is proved


def test_without_authentication_only_a_failure_counts() -> None:
    """By default a colleague need prove nothing, but a known forgery is none."""
    assert origin_proved(written(sender=ANNA), OPEN)
    assert not origin_proved(written(f"{RESULT}mx.wkm.nl; dmarc=fail", sender=ANNA), OPEN)


@pytest.mark.parametrize(
    "name",
    ["Jan Bakker", "J. van der Berg", "Fatima El Idrissi", "O’Connor-Smith", "Jürgen Weiß", "王芳", "A.Jansen"],
)
def test_names_are_written_as_they_are(name: str) -> None:
    """Particles, initials, accents and other scripts."""
    assert writable_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    [None, "", "  ", "R2D2", "jan@mail.example", "www.win.example", "win.example", "x.example", "<b>Jan</b>",
     "Jan; DROP", "Jan\u202eB", "a" * 61, "http://x", "{{ 7 }}", "Jan_Bakker"],
)  # fmt: skip
def test_what_is_no_name_is_not_written(name: str | None) -> None:
    """No web address, digit, markup or control character, and at most 60 characters."""
    assert writable_name(name) is None


def test_a_broken_mail_raises_doubts_and_no_error() -> None:
    """Nothing in a mail makes the questions fail."""
    assert Doubt.ADDRESS in doubts(read("no-headers"))
