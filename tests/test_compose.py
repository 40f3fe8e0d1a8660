"""Composing: final bytes that are always the same, and values that are never more than text."""

import email
import email.policy
import re
import shutil
from collections.abc import Callable
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import meta

from bot import letters, proof
from bot.cases import write
from bot.compose import MAX_REFERENCES, Composer
from bot.config import Settings
from bot.errors import ConfigError, Refused
from bot.events import Source
from bot.model import Audience, Letter, Purpose, Stage
from bot.render import Plain, Renderer, environment, one_line
from bot.templates import VALUES, load_templates
from tests.desk import ANNA, JAN, NOW, TEMPLATES, case_of, settings

FOLDER = Path(__file__).parent.parent / "templates"


def composer(config: Settings | None = None) -> Composer:
    """A composer with the templates as they are shipped."""
    return Composer(config or settings(), TEMPLATES)


def answer(text: str = "Dank voor uw geduld.", **changes: object) -> Letter:
    """A letter with a handler's words in it."""
    return letters.answer(composer(), case_of(**changes), text, NOW, Stage.QUEUED)


def parsed(raw: str) -> EmailMessage:
    """The message as a mail program reads it."""
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(raw: str, kind: str) -> str:
    """The text or HTML of a message."""
    body = parsed(raw).get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


class Seen(HTMLParser):
    """The tags of a page, and the words in its body."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(page.partition("<body")[2])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Note the tag."""
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words += data.split()


def test_composing_twice_gives_the_same_bytes() -> None:
    """The same case, words and instant give the same message, byte for byte."""
    assert answer().raw == answer().raw


def test_message_is_seven_bit_with_two_readings() -> None:
    """A letter is ASCII with CRLF lines, and holds the same words as text and as HTML."""
    letter = answer("Één café – ‘goed’.")
    assert letter.raw.isascii()
    assert not re.search(r"[^\r]\n", letter.raw)
    assert max(map(len, letter.raw.split("\r\n"))) <= 200
    assert parsed(letter.raw).get_content_type() == "multipart/alternative"
    assert "Één café – ‘goed’." in part(letter.raw, "plain")
    assert "Één café – ‘goed’." in part(letter.raw, "html")
    assert part(letter.raw, "plain").replace("\r\n", "\n") == letter.text


def test_headers_of_a_letter_to_a_data_subject() -> None:
    """One recipient, our own subject, the thread with our proof at its end, and no wish for silence on bounces."""
    case = case_of()
    letter = letters.answer(composer(), case, "Goed.", NOW, Stage.QUEUED)
    message = parsed(letter.raw)
    token = proof.token(case.secret, case.ref, 1, JAN)
    assert message["To"] == JAN
    assert message["From"] == "WKM Automotive Imaging <info@wkm.example>"
    assert message["Subject"] == letter.subject == f"Uw privacyverzoek [{case.ref}]"
    assert message["Message-ID"] == letter.message_id == proof.message_id(case.secret, case.ref, 1, "wkm.example")
    assert message["In-Reply-To"] == "<a@mail.example>"
    assert message["References"].split() == ["<a@mail.example>", proof.reference(token, "wkm.example")]
    assert message["X-WKM-Case"] == token
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert message["Date"] == "Tue, 07 Apr 2026 12:00:00 +0200"
    assert not message["Cc"] and not message["Bcc"] and not message["Reply-To"]


def test_absence_of_staff_is_not_silenced() -> None:
    """A staff mail does not ask for silence of out-of-office answers, which pass cases on."""
    staff = composer().letter(
        case_of(), "reminder", to=ANNA, purpose=Purpose.REMINDER, audience=Audience.STAFF, now=NOW,
        values=STAFF_VALUES,
    )  # fmt: skip
    suppress = parsed(staff.raw)["X-Auto-Response-Suppress"]
    assert "OOF" not in suppress and "AutoReply" not in suppress
    assert parsed(staff.raw)["Auto-Submitted"] == "auto-generated"


STAFF_VALUES: dict[str, object] = {
    "days_left": 3, "undecided": "", "kind": "question", "rights": "", "closed": False, "due_is": "target",
    "due": NOW.date(), "next": "close", "handler": ANNA, "actions": [],
}  # fmt: skip


def test_letters_to_one_person_stay_in_one_thread() -> None:
    """Without a mail to answer, a letter continues our earlier letters to the same person."""
    case = case_of(source=Source(digest="d"), channel="phone")
    first = letters.confirmation(composer(), case, NOW, Stage.SENT)
    second = letters.answer(composer(), write(case, first, NOW), "Goed.", NOW, Stage.QUEUED)
    assert parsed(second.raw)["In-Reply-To"] == first.message_id


def test_long_threads_are_capped_and_ids_never_encoded() -> None:
    """References keeps the first and the last ids as they are, drops unusable ones, and ends with ours."""
    ids = tuple(f"<{'x' * 150}{number}@mail.example>" for number in range(60))
    odd = ("<a b@c>", "no-brackets", "<é@mail.example>", f"<{'y' * 400}@mail.example>", "<in\r\nBcc: x@y.example>")
    letter = answer(source=Source(digest="d", message_id="<last@mail.example>", references=(*ids, *odd)))
    message = parsed(letter.raw)
    found = re.findall(r"<[^>]*>", letter.raw.partition("References:")[2].partition("Auto-Submitted")[0])
    assert len(found) == MAX_REFERENCES + 1
    assert found[0] == ids[0] and found[-2] == "<last@mail.example>"
    assert found[-1] == proof.reference(message["X-WKM-Case"], "wkm.example")
    assert "=?" not in letter.raw.partition("\r\n\r\n")[0]
    assert message["Bcc"] is None


def test_our_own_name_may_hold_any_letters() -> None:
    """An organisation's name that is not ASCII is encoded in From, and control characters in it are dropped."""
    plain = settings()
    name = "Müller & Zonen,\r\nBcc: x@y.example\u202e"
    config = plain.model_copy(update={"organisation": plain.organisation.model_copy(update={"name": name})})
    letter = letters.answer(composer(config), case_of(), "Goed.", NOW, Stage.QUEUED)
    assert parsed(letter.raw)["From"].addresses[0].display_name == "Müller & Zonen, Bcc: x@y.example"
    assert parsed(letter.raw)["Bcc"] is None


@pytest.mark.parametrize(
    "to", ["", "jan", "jan@", "jän@mail.example", "a@b.example, c@d.example", "a@b\r\nBcc: c@d"]
)
def test_an_address_that_cannot_be_written_to_is_refused(to: str) -> None:
    """A letter goes to exactly one plain address, or is not composed."""
    with pytest.raises(Refused):
        answer(address=to)


HOSTILE = [
    "**vet** _schuin_ `code`",
    "[klik](https://evil.example) <https://evil.example>",
    "<b>x</b><script>alert(1)</script><!-- -->",
    "{{ 7 * 7 }} {% for x in y %} {# z #}",
    "# kop\n## kop\n=====\n-----",
    "1. een\n2) twee\n- drie\n+ vier\n* vijf\n> zes",
    "    code met inspringing\n\tcode met tab",
    "```\nblok\n```\n~~~",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "![beeld](https://evil.example/x.png) &amp; &#60; \\* \\",
    "[a]: https://evil.example\n\n[a]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_people_are_only_text(text: str) -> None:
    """Whatever stands in a value: no Markdown, HTML, link or template comes of it, and no sign of it is lost."""
    letter = answer(text)
    page = Seen(part(letter.raw, "html"))
    assert page.tags <= {"body", "div", "p", "br", "hr"}
    assert " ".join(text.split()) in " ".join(page.words)
    assert " ".join(text.split()) in " ".join(letter.text.split())


@given(st.text(max_size=300))
def test_any_text_survives_in_both_readings(text: str) -> None:
    """Text and HTML show the same words of any value, and the message stays whole."""
    letter = letters.answer(COMPOSER, CASE, text, NOW, Stage.QUEUED)
    words = one_line(text).split()
    page = Seen(part(letter.raw, "html"))
    assert page.tags <= {"body", "div", "p", "br", "hr"}
    assert " ".join(words) in " ".join(page.words)
    assert " ".join(words) in " ".join(letter.text.split())
    assert letter.raw.isascii() and parsed(letter.raw)["To"] == JAN


COMPOSER, CASE = composer(), case_of()


def test_hidden_characters_are_dropped() -> None:
    """Control characters, direction overrides, invisible marks and broken surrogates reach no letter."""
    letter = answer("a\x00b\x1b[31m\u202ec\u200bd\ufeffe\ud800f\u2066g\x85h\u2028i")
    assert "ab[31mcdefg\nh\ni" in letter.text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", letter.text)


def broken(folder: Path, change: Callable[[Path], object]) -> str:
    """What is said about a copy of the templates in which something was changed."""
    shutil.copytree(FOLDER, folder / "templates")
    change(folder / "templates")
    with pytest.raises(ConfigError) as error:
        load_templates(folder / "templates")
    return str(error.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Subject: x\n\n{% if %}", "nl/answer.md has an error in line 3"),
        ("Subject: x\n\n{{ naam }}", "nl/answer.md asks for 'naam'"),
        ("Subject: x\n\n{{ text | groot }}", "nl/answer.md has an error in line 3"),
        ('Subject: x\n\n{% include "nl/weg.md" %}', "nl/answer.md includes 'nl/weg.md'"),
        ("Onderwerp: x\n\n{{ text }}", "the first line of the template nl/answer.md"),
    ],
)
def test_a_wrong_template_is_named_at_the_start(tmp_path: Path, source: str, said: str) -> None:
    """An error in a template stops the program with the file's name, before anything is sent."""
    assert said in broken(tmp_path, lambda folder: (folder / "nl" / "answer.md").write_text(source))


def test_values_are_those_that_the_templates_use() -> None:
    """The list of what a template may name holds nothing that none of them names."""
    engine = environment(TEMPLATES, Plain())
    used = {name for source in TEMPLATES.values() for name in meta.find_undeclared_variables(engine.parse(source))}
    assert used == VALUES


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    """A template that exists in one language exists in the other, and an unreadable one is named."""
    assert "en/answer.md is missing" in broken(
        tmp_path / "a", lambda folder: (folder / "en" / "answer.md").unlink()
    )
    assert "layout.html cannot be read" in broken(tmp_path / "b", lambda folder: (folder / "layout.html").unlink())


@pytest.mark.parametrize(
    "source", ["{{ ref.__class__.__mro__ }}", "{{ organisation.update({}) }}", "{{ text.nothing }}"]
)
def test_templates_cannot_reach_the_program(source: str) -> None:
    """What a template must not do ends in a sentence that names it, never in code that runs."""
    renderer = Renderer({"x.md": f"Subject: x\n\n{source}", "layout.html": "{{ content }}"})
    with pytest.raises(ConfigError, match=r"x\.md cannot be written out"):
        renderer.render("x.md", {"language": "nl", "ref": "r", "organisation": {}, "text": "t"})
