"""Mail to staff: what it shows, what it hides, and links that are commands."""

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bot import letters, links, notices, proof
from bot.agenda import Digest, Line
from bot.cases import Case, begin, put, record, write
from bot.commands import parse
from bot.compose import Composer
from bot.events import (
    BOT,
    SUBJECT,
    Asked,
    Assigned,
    Closed,
    Concluded,
    Decided,
    Joined,
    LetterMoved,
    Noted,
    Recipients,
    Source,
)
from bot.grammar import Verb
from bot.identify import Doubt
from bot.model import Audience, Letter, Stage
from classifiers.labels import Evidence, Flag, Kind, Reply, Right
from tests.desk import ANNA, JAN, PIET, TEMPLATES, case_of, opened, settings

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
DUTCH = Composer(settings(), TEMPLATES)
ENGLISH = Composer(settings(language="en"), TEMPLATES)
COMPOSERS = {"nl": DUTCH, "en": ENGLISH}
QUOTE = "Mijn BSN is 111222333. Ik ben ernstig ziek. Wis alles."


def case(**changes: object) -> Case:
    """A request received on 22 November 2026, with the sentence that shows it."""
    evidence = (Evidence("access", "Graag een kopie van mijn gegevens."), Evidence("erasure", QUOTE))
    return case_of(**({"at": NOW, "received": NOW, "evidence": evidence} | changes))


def notice(of: Case, *earlier: str, composer: Composer = DUTCH, to: str = ANNA) -> Letter:
    """The notice of a new case."""
    return notices.new_case(composer, of, to, NOW, earlier)


def html(raw: str) -> str:
    """The HTML of a message."""
    body = email.message_from_string(raw, policy=email.policy.default).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def mailtos(raw: str) -> list[tuple[str, str, str]]:
    """The ready-made answers in a message: address, subject and body."""
    found = []
    for href in re.findall(r'href="(mailto:[^"]*)"', html(raw)):
        url = urlsplit(href.replace("&amp;", "&"))
        query = parse_qs(url.query, keep_blank_values=True)
        found.append((unquote(url.path), query["subject"][0], query["body"][0]))
    return found


def commands(raw: str) -> list[str]:
    """The first lines of the ready-made answers."""
    return [body.split("\r\n")[0].strip() for _, _, body in mailtos(raw)]


def test_notice_shows_what_was_understood() -> None:
    """Kind, rights, certainty, who, when, until when, the sentences that show it, and earlier cases."""
    text = notice(case(rights=(Right.ACCESS, Right.ERASURE), also=(Kind.COMPLAINT,)), "WKM-2026-0007").text
    for said in (
        "verzoek (inzage en verwijdering), ook klacht. Zekerheid: 97%", "Jan Jansen, jan@mail.example",
        "zondag 22 november 2026 om 14.00 uur, per mail", "Uiterlijk: dinsdag 22 december 2026",
        "Inzage: “Graag een kopie van mijn gegevens.”", "WKM-2026-0007",
    ):  # fmt: skip
        assert said in text


def test_numbers_and_health_are_hidden() -> None:
    """No BSN and no sentence on health in a notice or in a further message, in text, HTML or bytes."""
    joined = joined_mail(QUOTE)
    for letter in (notice(case()), notices.joined(DUTCH, case(), ANNA, NOW, joined)):
        for shown in (letter.text, html(letter.raw), letter.raw):
            assert "111222333" not in shown and "ernstig" not in shown
        assert "Wis alles." in letter.text


def joined_mail(text: str, **changes: object) -> Joined:
    """A further mail of the data subject."""
    values: dict[str, object] = {
        "at": NOW, "by": SUBJECT, "received": NOW, "kind": Kind.OTHER, "reply": None,
        "source": Source(digest="e", message_id="<b@mail.example>", text=text),
    }  # fmt: skip
    return Joined(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [*Flag, *Doubt])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_warning_has_words(code: Flag | Doubt, language: str) -> None:
    """Each flag and each doubt is a sentence in a notice, and never its code."""
    given = {"flags": (code,)} if isinstance(code, Flag) else {"doubts": (code,)}
    if code is Flag.DIRECT_MARKETING:
        return
    plain = notice(case(), composer=COMPOSERS[language]).text
    warned = notice(case(**given), composer=COMPOSERS[language]).text
    new = set(warned.split("\n")) - set(plain.split("\n"))
    assert any(line.startswith("- ") and line.endswith(".") and len(line) > 25 for line in new)
    assert code.value not in warned or code.value in ("breach", "minor", "supervisor", "deceased", "attachment")


def test_recipients_are_tick_lines_for_access_and_erasure() -> None:
    """The five kinds of recipients are ticked off for access and erasure, and for nothing else."""
    for right in Right:
        ticks = notice(case(rights=(right,))).text.count("☐")
        assert ticks == (5 if right in (Right.ACCESS, Right.ERASURE) else 0)


FREEZE = "Gebruik de gegevens nu niet"


def test_disputed_data_are_frozen() -> None:
    """Disputed accuracy and an objection say to freeze use now; an objection to marketing is simply done."""
    for right in (Right.RECTIFICATION, Right.RESTRICTION, Right.OBJECTION):
        assert FREEZE in notice(case(rights=(right,))).text
    assert FREEZE not in notice(case(rights=(Right.OBJECTION,), flags=(Flag.DIRECT_MARKETING,))).text
    assert FREEZE not in notice(case()).text


def test_leak_comes_first_with_its_72_hours() -> None:
    """A reported leak is the first thing said, with the article and the last moment to report."""
    letter = notice(case(kind=Kind.COMPLAINT, rights=(), flags=(Flag.BREACH,)))
    assert letter.text.startswith("Mogelijk datalek: 72 uur, art. 33.")
    assert "woensdag 25 november 2026 om 14.00 uur" in letter.text
    assert "datalek" not in letter.subject


def test_unsure_case_asks_a_person() -> None:
    """An unsure case says that nothing was answered and that the clock runs, with a link for each kind."""
    letter = notice(case(certain=False, answerable=False, related=("WKM-2026-0007",)))
    assert "Er is niets beantwoord" in letter.text and "loopt al" in letter.text
    expected = {"soort verzoek inzage", "soort klacht", "soort vraag", "geen privacy", "hoort bij WKM-2026-0007"}
    assert expected <= set(commands(letter.raw))


def test_shadow_mode_shows_the_letter_that_would_have_gone() -> None:
    """The exact confirmation stands in the notice, with its recipient and subject."""
    of = case()
    letter = letters.confirmation(DUTCH, of, NOW, Stage.SHADOW)
    text = notice(write(of, letter, NOW, "confirmation")).text
    assert "proefstand" in text and letter.to in text and letter.subject in text
    shown = "\n".join(line[2:] for line in text.split("\n") if line.startswith(">"))
    assert shown.strip() == letter.text.strip()


def test_confirmation_that_left_is_not_repeated() -> None:
    """In live mode the notice only says that a confirmation left, or that none did."""
    of = case()
    letter = letters.confirmation(DUTCH, of, NOW, Stage.SENT)
    assert "Een ontvangstbevestiging, aan jan@mail.example." in notice(write(of, letter, NOW)).text
    assert "Niets." in notice(of).text


def test_confidential_case_shows_no_words_to_others() -> None:
    """Names and quotes of a confidential case are for its handler."""
    of = record(
        case(),
        Assigned(at=NOW, by=BOT, handler=ANNA),
        Noted(what="confidential", at=NOW, by=ANNA),
    )
    assert "Graag een kopie" in notice(of, to=ANNA).text
    other = notice(of, to=PIET).text
    assert "Graag een kopie" not in other and "Jan Jansen" not in other and "vertrouwelijk" in other
    assert "Wis alles" not in notices.joined(DUTCH, of, PIET, NOW, joined_mail(QUOTE)).text


def held_case() -> tuple[Case, Letter]:
    """A case with a decision that waits."""
    of = case()
    letter = letters.decision(DUTCH, of, {Right.ACCESS: "refused"}, "Omdat het zo is.", NOW, Stage.HELD)
    decided = Decided(at=NOW, by=ANNA, right=Right.ACCESS, outcome="refused", letter=letter.number)
    return record(write(of, letter, NOW), decided), letter


def failed_case() -> Case:
    """A case with a letter that came back."""
    of, letter = held_case()
    of = put(of, replace(letter, stage=Stage.FAILED, error="550 5.1.1 user unknown"))
    return record(of, LetterMoved(what="failed", at=NOW, by=BOT, letter=letter.number))


def closed_case() -> Case:
    """A closed case with a restriction in force."""
    of = case(rights=(Right.RESTRICTION,))
    decided = Decided(at=NOW, by=ANNA, right=Right.RESTRICTION, outcome="granted", letter=1)
    return record(of, decided, Closed(at=NOW, by=BOT, how="decided"))


STATES: dict[str, Callable[[], Case]] = {
    "request": lambda: case(rights=tuple(Right)),
    "marketing": lambda: case(rights=(Right.OBJECTION,), flags=(Flag.DIRECT_MARKETING,)),
    "told": lambda: record(case(rights=(Right.ERASURE,)), Recipients(at=NOW, by=ANNA, outcome="told")),
    "unsure rights": lambda: case(unsure_rights=(Right.ERASURE, Right.AUTOMATED_DECISION)),
    "unsure": lambda: case(certain=False, related=("WKM-2026-0007",)),
    "unsure rights only": lambda: case(rights=(), unsure_rights=(Right.PORTABILITY,)),
    "complaint": lambda: case(kind=Kind.COMPLAINT, rights=()),
    "question": lambda: case(kind=Kind.QUESTION, rights=(), name=None),
    "no privacy mail": lambda: case(kind=Kind.OTHER, rights=()),
    "doubtful": lambda: case(doubts=(Doubt.REPLY_TO,), flags=(Flag.REPRESENTATIVE,), name=None),
    "dealer": lambda: case(flags=(Flag.CUSTOMER_OF_DEALER,)),
    "held": lambda: held_case()[0],
    "failed": failed_case,
    "closed": closed_case,
    "settled": lambda: record(case(), Concluded(at=NOW, by=ANNA, how="answered")),
    "withdrawn": lambda: record(case(), joined_mail("Laat maar.", reply=Reply.WITHDRAWN)),
    "elsewhere": lambda: record(case(), Noted(what="answered_elsewhere", at=NOW, by="info@wkm.example", why="d")),
}
UNFINISHED = {"doorgestuurd", "forwarded"}
"""Commands for which the giver must still write a name."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_link_is_a_command_of_this_letter(state: str, language: str) -> None:
    """Each link writes to the mailbox, proves this staff letter, and holds a command that is read as one."""
    of = STATES[state]()
    letter = notices.reminder(COMPOSERS[language], of, ANNA, NOW, 3)
    tag = proof.tag(proof.token(of.secret, of.ref, letter.number, ANNA))
    found = mailtos(letter.raw)
    assert found
    for to, subject, body in found:
        assert to == "info@wkm.example" and subject == f"Re: {tag}"
        line = body.rstrip()
        if line in UNFINISHED:
            line += " Garage De Brug <info@garage.example>"
        elif body.endswith("\r\n\r\n"):
            line += "\r\n\r\nOmdat dit zo is."
        assert parse(line).verb in Verb
    assert len({body for _, _, body in found}) == len(found)
    assert proof.claims((), found[0][1])[0].holds(of.secret, ANNA)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_staff_letter_can_be_written(state: str, language: str) -> None:
    """In every state each kind of mail has words, no gaps, a neutral subject, and one proof of its own."""
    for name, letter in every_letter(STATES[state](), COMPOSERS[language]).items():
        assert not re.search(r"None|True|False| [.,?]|\n\n\n|[{}]", letter.text), name
        assert re.fullmatch(r"(?:Zaak|Case) WKM-2026-0001: [a-z ]{3,20}", letter.subject), name
        assert letter.audience is Audience.STAFF and letter.to == ANNA
        assert f"{letter.number}." in letter.message_id
        assert "`help`" in letter.text, name


def every_letter(of: Case, composer: Composer) -> dict[str, Letter]:
    """Every kind of mail about a case."""
    joined = joined_mail("Ik wil een mens spreken.\n\n> oud", urgent=True)
    return {
        "notice": notice(of, composer=composer),
        "joined": notices.joined(composer, of, ANNA, NOW, joined),
        "automatic": notices.joined(composer, of, ANNA, NOW, replace(joined, automatic=True, urgent=False)),
        "reminder": notices.reminder(composer, of, ANNA, NOW, 1),
        "last day": notices.reminder(composer, of, ANNA, NOW, 0),
        **{f"escalation {why}": notices.escalation(composer, of, ANNA, NOW, why) for why in ESCALATIONS},
        **{f"task {what}": notices.task(composer, of, ANNA, NOW, what) for what in TASKS},
        "receipt": notices.receipt(composer, of, ANNA, NOW, "Klaar. Geef `status`."),
    }


ESCALATIONS = ("late", "overdue", "missed", "unsure", "at_once")
TASKS = (
    "urgent", "failed", "refused_command", "answered_elsewhere", "capped", "unanswered", "unsure", "at_once",
)  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_has_words_of_its_own(language: str) -> None:
    """No two reasons for a task or an escalation read the same, and none falls back on the general sentence."""
    for write_one, codes in ((notices.task, TASKS), (notices.escalation, ESCALATIONS)):
        first = {write_one(COMPOSERS[language], case(), ANNA, NOW, code).text.split("\n")[0] for code in codes}
        general = write_one(COMPOSERS[language], case(), ANNA, NOW, "?").text.split("\n")[0]
        assert len(first) == len(codes) and general not in first


def test_quoted_history_of_a_further_mail_is_left_out() -> None:
    """Of a further message staff see what is new."""
    letter = notices.joined(DUTCH, case(), ANNA, NOW, joined_mail("Nieuw.\n\n> Oud en al gelezen."))
    assert "> Nieuw." in letter.text and "Oud en al gelezen" not in letter.text


def test_failed_letter_is_told_with_the_servers_words() -> None:
    """Staff read which letter did not arrive, at whom, and what the server said, with links for that letter."""
    of = failed_case()
    letter = notices.task(DUTCH, of, ANNA, NOW, "failed", of.letter(1))
    assert "het besluit aan jan@mail.example" in letter.text and "550 5.1.1 user unknown" in letter.text
    assert commands(letter.raw)[:2] == ["verstuur 1", "stop 1"]


def test_the_letter_that_failed_is_named_and_not_a_later_one() -> None:
    """With two letters that did not arrive, each task is about its own."""
    of = failed_case()
    later = letters.decision(DUTCH, of, {Right.ACCESS: "partly"}, "Niet alles.", NOW, Stage.FAILED)
    of = put(of, replace(later, error="421 4.3.2 closing"))
    texts = [notices.task(DUTCH, of, ANNA, NOW, "failed", of.letter(number)).text for number in (1, later.number)]
    assert ["550 5.1.1" in text for text in texts] == [True, False]
    assert ["421 4.3.2" in text for text in texts] == [False, True]


def test_receipt_shows_the_exact_held_letter() -> None:
    """Recipient, subject and text of the letter as it will leave, and links to send, change and stop it."""
    of, held = held_case()
    letter = notices.receipt(DUTCH, of, ANNA, NOW, "De brief vertrekt pas als u `verstuur` antwoordt.", held)
    assert f"Aan: {held.to}" in letter.text and f"Onderwerp: {held.subject}" in letter.text
    shown = "\n".join(line[2:] for line in letter.text.split("\n") if line.startswith(">"))
    assert shown.strip() == held.text.strip()
    assert commands(letter.raw) == ["verstuur 1", "wijzig 1", "stop 1"]
    assert "<code>verstuur</code>" in html(letter.raw)


def test_receipt_shows_both_letters_of_a_forwarding() -> None:
    """The letter to the controller and the one to the data subject leave together, so both are shown."""
    of = case()
    first = letters.to_controller(DUTCH, of, "Garage De Brug", "info@garage.example", NOW, Stage.HELD)
    of = write(of, first, NOW)
    second = letters.forwarded(DUTCH, of, "Garage De Brug", NOW, Stage.HELD)
    text = notices.receipt(DUTCH, write(of, second, NOW), ANNA, NOW, "Klaargezet.", first).text
    assert "Aan: info@garage.example" in text and f"Aan: {JAN}" in text


def test_receipt_of_a_refusal_shows_only_words() -> None:
    """What a command said is text: markup in it stays as it was written, code is shown as code."""
    letter = notices.receipt(
        DUTCH, case(), ANNA, NOW, "“<b>x</b> [y](http://z)” is geen opdracht. `help`\n- `a` b"
    )
    page = html(letter.raw)
    assert "&lt;b&gt;x&lt;/b&gt; [y](http://z)" in page and "<code>help</code>" in page
    assert 'href="http' not in page


def lines(count: int, first: int = 1) -> tuple[Line, ...]:
    """So many lines of a digest."""
    return tuple(
        Line(f"WKM-2026-{number:04}", Kind.REQUEST, date(2026, 11, 23), "decide")
        for number in range(first, first + count)
    )


def digest(composer: Composer = DUTCH, *cases: Case, **changes: object) -> tuple[str, str, str, str]:
    """The digest of a busy day."""
    coming = tuple((date(2026, 11, 23) + timedelta(days=n), n + 1) for n in range(4))
    values: dict[str, object] = {
        "today": date(2026, 11, 23), "overdue": lines(2), "soon": lines(14, 3), "held": ("h-1a2b3c",),
        "coming": coming, "open_cases": 17,
    }  # fmt: skip
    return notices.digest(composer, ANNA, NOW, Digest(**(values | changes)), cases)  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "first"), [("nl", "17 dingen vandaag"), ("en", "17 things today")])
def test_digest_begins_with_how_many_things(language: str, first: str) -> None:
    """The first line says how many things need a person; the subject says nothing internal."""
    subject, text, raw, message_id = digest(COMPOSERS[language])
    assert text.split("\n")[0] == first
    assert not re.search(r"\d{4}-\d{4}|17", subject)
    assert message_id in raw and raw.isascii()
    one = {"overdue": lines(1), "soon": (), "held": ()}
    assert digest(**one)[1].startswith("1 ding vandaag\n")  # type: ignore[arg-type]


def test_digest_is_cut_at_ten_lines() -> None:
    """No section has more than ten lines, and what is left out is counted."""
    _, text, _, _ = digest(held=tuple(f"h-{n}" for n in range(13)))
    for section in text.split("## ")[1:]:
        assert section.count("\n- ") <= 11
    assert "- en nog 4" in text and "- en nog 3" in text


def test_digest_bar_reads_as_text() -> None:
    """The coming deadlines are cells of a table, and a line each in the text."""
    _, text, raw, _ = digest()
    assert "| ma 23 nov | █ | 1 |" in text and "| do 26 nov | ████ | 4 |" in text
    assert "<td>do 26 nov</td>" in html(raw) and "<td>████</td>" in html(raw)


def test_digest_links_only_with_a_proof() -> None:
    """A line has a link when its reader got a mail about that case that still commands."""
    of = begin("WKM-2026-0001", "secret", opened(at=NOW))
    known = write(of, notice(of), NOW, "notice")
    closed = record(known, Closed(at=NOW, by=BOT, how="decided"))
    (link,) = mailtos(digest(DUTCH, known)[2])
    assert link[2] == "status" and proof.claims((), link[1])[0].holds(known.secret, ANNA)
    assert not mailtos(digest(DUTCH, of)[2]) and not mailtos(digest(DUTCH, closed)[2])
    assert links.known_token(known, PIET) is None


def test_digest_has_no_names_and_no_words() -> None:
    """A digest holds references, kinds, dates and next steps."""
    assert JAN not in digest(DUTCH, case())[2] and "Jansen" not in digest(DUTCH, case())[2]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_next_step_and_kind_has_words(language: str) -> None:
    """Each code that the agenda gives is put in words."""
    steps = ("redeliver", "lift", "nothing", "label", "send", "close", "label_rights", "recipients", "decide")
    for step in steps:
        line = Line("WKM-2026-0001", Kind.QUESTION, None, step)
        assert re.search(
            r"WKM-2026-0001, (?:vraag|question): \w+", digest(COMPOSERS[language], overdue=(line,))[1]
        )


def test_empty_digest_is_a_sign_of_life() -> None:
    """With nothing to tell, staff read that the program works."""
    empty = Digest(today=date(2026, 11, 23), open_cases=2)
    _, text, _, _ = notices.digest(DUTCH, ANNA, NOW, empty)
    assert text.startswith("0 dingen vandaag\n") and "Het programma werkt." in text and "Open zaken: 2." in text


def test_decree_days_that_run_out_are_told() -> None:
    """Staff read in time that next year's days off are missing."""
    assert "calendar.extra_holidays" in digest(decree_days_end=True)[1]


def test_unanswered_question_is_put_before_a_person() -> None:
    """Silence alone closes nothing: staff decide, and know that a refusal is a letter."""
    asked = Asked(at=NOW, by=ANNA, about="name", letter=1)
    text = notices.task(DUTCH, record(case(), asked), ANNA, NOW, "unanswered").text
    assert "Alleen omdat er geen antwoord komt, mag de zaak niet dicht" in text


def test_pages_fit_a_phone() -> None:
    """One column of at most 600 pixels, letters of 16 or more, nothing loaded from elsewhere."""
    page = html(notice(case(rights=tuple(Right))).raw)
    assert "max-width: 600px" in page and 'name="viewport"' in page and "color-scheme" in page
    assert all(int(size) >= 16 for size in re.findall(r"font-size: (\d+)px", page))
    assert not re.search(r"<img|<link|@import|url\(|<script", page)
