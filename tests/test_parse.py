"""Every mail is read as far as a person could read it, in linear time, or refused with one sentence."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Unreadable
from bot.model import Address, Mail
from bot.parts import MAX_TEXT
from bot.text import decode, from_html, unflow
from tests.letterbox import PLACE, RECEIVED, read, taken, written

TOKEN = "WKM-2026-0042.3.abcdefghijklmnopqrst"
STRANGE = Path(__file__).parents[2] / "shared" / "mails"
SAMPLES = Path(__file__).parents[1] / "bot" / "samples"
HEAD = b"From: Jan <jan@mail.example>\nTo: info@wkm.nl\nSubject: hoi\nMIME-Version: 1.0\n"


def _nested(levels: int) -> bytes:
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level) for level in range(levels)
    )
    return HEAD + opening + b"Content-Type: text/plain\n\nbinnen\n"


def _parts(count: int) -> bytes:
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * count


def test_a_plain_mail_is_read_whole() -> None:
    """Sender, recipients, subject, date, ids and text come out as they went in."""
    mail = written(
        "Subject: Mijn gegevens", "Cc: Piet <PIET@mail.example>", "Reply-To: elders@mail.example",
        "Message-ID: <een@mail.example>", "References: <a@x.example> <b@x.example>", "In-Reply-To: <b@x.example>",
        text="Regel een.\nRegel twee.",
    )  # fmt: skip
    assert mail.sender == Address("Jan Bakker", "jan@mail.example")
    assert [each.address for each in (*mail.to, *mail.cc, *mail.reply_to)] == [
        "info@wkm.nl", "piet@mail.example", "elders@mail.example",
    ]  # fmt: skip
    assert (mail.subject, mail.message_id) == ("Mijn gegevens", "<een@mail.example>")
    assert mail.references == ("<a@x.example>", "<b@x.example>")
    assert mail.date == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert mail.text == "Regel een.\nRegel twee."
    assert (mail.place, mail.received) == (PLACE, RECEIVED)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unknown-charset", "Het café en de coördinator."),
        ("wrong-charset", "Het café en “aanhaling”."),
        ("plain-empty", "De echte tekst staat hier."),
        ("both", "De platte tekst."),
        ("nameless-text-attachment", "Deze tekst heeft geen naam."),
        ("wrong-boundary", "Graag inzage."),
        ("no-headers", "Een tekst zonder kop."),
        ("broken-headers", "Hallo."),
        ("attachments-only", ""),
    ],
)
def test_the_text_a_person_would_read_is_found(name: str, text: str) -> None:
    """Wrong charsets, empty alternatives, broken boundaries and missing headers hide no text."""
    assert read(name).text == text


def test_a_mere_hint_in_the_plain_text_gives_way_to_the_page() -> None:
    """“This message needs HTML” is not what the sender wanted to say."""
    assert read("plain-stub").text.startswith("Ik wil graag weten")


def test_a_page_is_read_as_it_is_seen() -> None:
    """Hidden text, scripts and pictures are left out, words stay whole, rows stay rows, quotes are marked."""
    text = read("html-only").text
    assert text.startswith("Graag wissen: café & zo.")
    assert "Naam Jan\nPlaats Gouda" in text
    assert "> oude regel\n>> nog ouder" in text
    for unseen in ("verborgen", "nul", "alert", "color", "titel", "AAAA"):
        assert unseen not in text


@pytest.mark.parametrize(
    ("name", "display", "subject"),
    [
        ("raw-headers", "Zoë Überbach", "Één vraag"),
        ("latin-headers", "Zoë", "Één vraag"),
        ("encoded-words", "Björk (WKM)", "Één café en kapot"),
    ],
)
def test_names_and_subjects_are_decoded(name: str, display: str, subject: str) -> None:
    """Raw UTF-8, raw Latin-1 and encoded words are read; a bidi override is taken out."""
    mail = read(name)
    assert mail.sender is not None
    assert (mail.sender.display, mail.subject) == (display, subject)


@pytest.mark.parametrize("name", ["several-from", "two-from-fields"])
def test_several_from_addresses_leave_no_sender(name: str) -> None:
    """With two addresses in From nobody is the sender, and both are kept."""
    mail = read(name)
    assert mail.sender is None
    assert [each.address for each in mail.senders] == ["jan@mail.example", "piet@mail.example"]


def test_groups_are_taken_apart() -> None:
    """The members of a group count, its name does not."""
    mail = read("group-from")
    assert mail.sender == Address("Jan", "jan@mail.example")
    assert [each.address for each in mail.to] == ["a@een.example", "b@twee.example", "info@wkm.nl"]


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ('"ceo@bank.example" <thief@mail.example>', "thief@mail.example"),
        ("ceo@bank.example <thief@mail.example>", "thief@mail.example"),
        ("JAN@Mail.Example", "jan@mail.example"),
        ("jan@mail.example (Jan (de) Bakker)", "jan@mail.example"),
        ("MAILER-DAEMON", None),
        ("<>", None),
        ("undisclosed:;", None),
        ("Jan <jan@mail.example", None),
        ("jan bakker@mail.example", None),
    ],
)
def test_only_a_whole_address_is_a_sender(sender: str, address: str | None) -> None:
    """Never the address in a display name, never half an address."""
    found = written(sender=sender).sender
    assert (found.address if found else None) == address


@pytest.mark.parametrize(
    "content",
    [
        b"From: =?utf-8?B?abcde?= <jan@mail.example>\n\ncaf\xc3\xa9",
        b"From: jan@mail.example\nContent-Type: text/plain; charset=a\0b\n\ncaf\xc3\xa9",
        b"From: jan@mail.example\nContent-Type: text/plain; charset*=utf-8''utf-8\n\ncaf\xc3\xa9",
        b"From: jan@mail.example\nContent-Type: text/plain; charset=undefined\n\ncaf\xc3\xa9",
        b"From: jan@mail.example\nContent-Transfer-Encoding: onbekend\n\ncaf\xc3\xa9",
        b"\xef\xbb\xbf\r\n\r\nFrom: jan@mail.example\r\rcaf\xc3\xa9",
    ],
    ids=["broken name", "NUL in charset", "charset in parts", "codec that raises", "encoding", "leading mark"],
)
def test_what_breaks_libraries_is_read(content: bytes) -> None:
    """Where the libraries underneath raise, sender and text still come out."""
    mail = taken(content)
    assert mail.sender is not None
    assert (mail.sender.address, mail.text) == ("jan@mail.example", "café")


def test_attachments_are_named_and_never_read() -> None:
    """Names are decoded and hold no path or direction marks; calendars and signatures are no attachments."""
    mail = read("attachments-only")
    assert mail.attachments == ("verzoek.pdf", "brief txt.exe", "winmail.dat", "unnamed.png")


def test_uuencoded_files_are_cut_out() -> None:
    """A file pasted into the text is named; a line that only looks like one stays."""
    mail = read("uuencoded")
    assert mail.attachments == ("brief.doc",)
    assert "#0V%T" not in mail.text
    assert "begin 644 is geen bestand" in mail.text
    assert "Groet, Jan" in mail.text


def test_an_unended_file_swallows_nothing() -> None:
    """What only begins like a file stays in the text, and so does all that follows."""
    mail = written(text="begin 644 a.doc\n#0V%T\nGraag inzage.\neindelijk\nend of story")
    assert "Graag inzage." in mail.text
    assert mail.attachments == ()


def test_an_enclosed_mail_is_marked_off() -> None:
    """Its text follows a heading with its From and Subject, its attachments and our header are found."""
    mail = read("forwarded")
    own, mark, inside = mail.text.partition("---------- Forwarded message ----------\n")
    assert own.strip() == "Zie hieronder."
    assert mark
    assert inside.startswith("From: Zoë <zoe@elders.example>\nSubject: Verwijder mij\n")
    assert inside.endswith("Verwijder mijn account.")
    assert mail.attachments == ("bijlage.pdf",)
    assert mail.returned == (TOKEN,)


def test_an_enclosed_mail_is_found_in_base64() -> None:
    """A message that a program wrapped once more is opened all the same."""
    assert "Subject: Verpakt\n\nBinnenin." in read("forwarded-in-base64").text


@pytest.mark.parametrize("name", ["bounce", "bounce-pasted"])
def test_our_header_comes_back_with_a_bounce(name: str) -> None:
    """From returned headers and from headers pasted into the text."""
    assert read(name).returned == (TOKEN,)


def test_flowed_text_is_put_together() -> None:
    """Soft line breaks go, quotes keep their mark, the signature's separator its line (RFC 3676)."""
    assert read("flowed").text.split("\n") == [
        "Deze zin loopt door over twee regels.",
        "Deze begint met een spatie.",
        "> Geciteerd en ook doorlopend.",
        "-- ",
        "Jan",
    ]
    assert unflow("Donau \ndampf", True) == "Donaudampf"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@b.example>", "<a@b.example>"),
        ("  <a@b.example> ", "<a@b.example>"),
        ("a@b.example", ""),
        ("<a b@c.example>", ""),
        ("<a@b.example> <c@d.example>", ""),
        (f"<{'a' * 250}@b.example>", ""),
        ("<é@b.example>", ""),
        ("<a@b.example>\nMessage-ID: <c@d.example>", ""),
    ],
)
def test_only_a_sound_message_id_is_kept(value: str, expected: str) -> None:
    """One id in angle brackets without blanks, short enough to be written into References."""
    assert written(f"Message-ID: {value}").message_id == expected


def test_the_last_references_are_kept() -> None:
    """Of 150 ids the last 100, where our own proof stands."""
    ids = " ".join(f"<{number}@x.example>" for number in range(150))
    mail = written(f"References: {ids}", "In-Reply-To: <slot@x.example>")
    assert len(mail.references) == 100
    assert mail.references[-2:] == ("<149@x.example>", "<slot@x.example>")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Tue, 3 Nov 2026 10:00:00 +0100", datetime(2026, 11, 3, 9, 0, tzinfo=UTC)),
        ("3 Nov 2026 10:00", datetime(2026, 11, 3, 10, 0, tzinfo=UTC)),
        ("Tue, 3 Nov 1826 10:00:00 +0100", None),
        ("Tue, 3 Nov 2126 10:00:00 +0100", None),
        ("Tue, 3 Nov 99999 10:00:00 +0100", None),
        ("gisteren", None),
        ("", None),
    ],
)
def test_a_date_is_aware_or_absent(value: str, expected: datetime | None) -> None:
    """Without a zone it is taken for UTC; outside 1970 to 2100 it is none."""
    assert taken(f"From: jan@mail.example\nDate: {value}\n\nx".encode()).date == expected


def test_no_control_character_survives() -> None:
    """NUL, escapes, bidi overrides and half surrogates leave no trace in names, subject, text or headers."""
    bad = "\x00\x1b\u202e\u2066"
    mail = written(
        f"Subject: a{bad}b", f"X-Iets: c{bad}d", text=f"e{bad}f", sender=f'"g{bad}h" <jan@mail.example>'
    )
    assert (mail.subject, mail.header("x-iets"), mail.text) == ("a b", "c d", "ef")
    assert mail.sender is not None
    assert mail.sender.display == "g h"
    assert taken(b"From: a@b.example\nSubject: \xff\xfe\xed\xa0\x80\n\n\xed\xa0\x80").subject.encode()


def test_headers_keep_their_order_and_lines() -> None:
    """Topmost first, unfolded, under their lower-case name."""
    mail = written("Received: van een", "RECEIVED: van\n twee\n\tdrie")
    assert mail.headers["received"] == ("van een", "van twee drie")


def test_the_digest_sees_content_and_not_wrapping() -> None:
    """The same mail in another transfer encoding is the same; another word, subject or attachment is not."""
    head = b"From: a@b.example\nSubject: x\nContent-Type: text/plain\n"
    plain = taken(head + b"\nHallo.\n").digest
    assert taken(b"X-Spam: no\n" + head + b"Content-Transfer-Encoding: base64\n\nSGFsbG8uCg==\n").digest == plain
    assert taken(head + b"\r\nHallo.\r\n").digest == plain
    assert taken(head + b"\nHallo!\n").digest != plain
    assert taken(head.replace(b": x", b": y") + b"\nHallo.\n").digest != plain
    assert read("attachments-only").digest != read("nameless-text-attachment").digest


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (_nested(300), "messages within messages"),
        (_nested(3_000), "messages within messages"),
        (_nested(60), "levels"),
        (HEAD + b"Content-Type: message/rfc822\n\nSubject: s\n" * 300 + b"\nx", "messages within messages"),
        (_parts(10_000), "parts"),
        (HEAD + b"X-A: b\n" * 5_000 + b"\nx", "header fields"),
        (HEAD + (b"X-A: " + b"=?utf-8?q?a?= " * 2_000 + b"\n") * 900 + b"\nx", "header fields"),
        (HEAD + b"Content-Type: text/plain" + b";a=b" * 250_000 + b"\n\nx", "at too great length"),
        (HEAD + b"\n" * 24_000_000, "lines"),
        (HEAD + b"\n" + b">\n" * 2_500_000, "lines"),
    ],
    ids=["300 deep", "3000 deep", "60 deep", "300 enclosed", "10000 parts", "5000 fields", "25 MB of fields",
         "1 MB of parameters", "24 million lines", "5 MB of quote marks"],
)  # fmt: skip
def test_bombs_are_refused_at_once(content: bytes, why: str) -> None:
    """Beyond the limits a mail is refused with a sentence, in a few seconds at most."""
    start = time.monotonic()
    with pytest.raises(Unreadable, match=why):
        taken(content)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    "content",
    [
        _nested(28),
        _parts(190),
        HEAD + b"X-Groot: " + b"a" * 1_000_000 + b"\n\nx",
        HEAD.replace(b"info@wkm.nl", b", ".join(b"a%d@b.example" % each for each in range(60_000))) + b"\nx",
        HEAD.replace(b"Jan", b'"' + b"a,<(" * 250_000 + b'"') + b"\nx",
        HEAD + b"\n" + b"> geciteerd\n" * 400_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"x" + b"</div>" * 100_000 + b"a" * 900_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<p>tekst <b>vet</b></p>" * 220_000,
        HEAD + b'Content-Type: multipart/alternative; boundary="b"\n\n'
        + (b"--b\nContent-Type: text/html\n\n" + b"<p>x" * 30_000 + b"\n") * 150,
        HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 900_000,
        HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" * 500_000,
        HEAD + b"\n" + b"begin 644 a\n" * 300_000 + b"end\n",
    ],
    ids=["28 deep", "190 parts", "1 MB field", "60000 recipients", "1 MB sender", "5 MB quoted", "100000 divs",
         "5 MB of HTML", "150 pages", "flowed", "punycode", "uuencode"],
)  # fmt: skip
def test_large_mails_are_read_in_linear_time(content: bytes) -> None:
    """What is large but within the limits is read in seconds, its text cut at the limit."""
    start = time.monotonic()
    mail = taken(content)
    assert time.monotonic() - start < 15
    assert len(mail.text) <= MAX_TEXT


def test_deep_pages_keep_their_text() -> None:
    """A page too deep to lay out is still read, to its end."""
    page = "<div>" * 5_000 + "diep" + "</div>" * 5_000 + "<script>nee</script><p>a &lt; b</p>"
    assert from_html(page) == "diep\n\na < b"


@pytest.mark.parametrize("style", ["padding-left:900000px", "margin:0 0 99999999em 0", "white-space:pre"])
def test_no_style_makes_text_grow(style: str) -> None:
    """A page cannot ask for a megabyte of blanks."""
    assert len(from_html(f'<div style="{style}">a</div><p style="{style}">b</p>')) < 20


@pytest.mark.parametrize(
    ("payload", "charset", "text"),
    [
        (b"\x93a\x94", "iso-8859-1", "“a”"),
        (b"caf\xc3\xa9", "us-ascii", "café"),
        (b"caf\xc3\xa9", "iso-8859-1", "café"),
        (b"\xb0\xa1 \xff", "euc-kr", "가 \ufffd"),
        (b"\xb0\xa1", "ks_c_5601-1987", "가"),
        (b"hallo", "utf-16", "hallo"),
        (b"hallo", "idna", "hallo"),
        (b"hallo", "zlib", "hallo"),
        (b"hallo", "\x00", "hallo"),
        (b"caf\xe9", None, "café"),
        (
            b"goed \xe2\x82\xac, fout \xff, goed \xe2\x82\xac \xe2\x82\xac",
            "utf-8",
            "goed €, fout \ufffd, goed € €",
        ),
    ],
)
def test_charsets_are_read_as_meant(payload: bytes, charset: str | None, text: str) -> None:
    """As browsers do it, and never with a codec that is no charset."""
    assert decode(payload, charset) == text


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.eml")), ids=lambda path: path.stem)
def test_the_samples_show_what_they_are_for(path: Path) -> None:
    """Each has a sender, a date, a subject and a text, but for the one that is meant to be broken."""
    if "kapot" in path.stem:
        with pytest.raises(Unreadable):
            taken(path.read_bytes())
        return
    mail = taken(path.read_bytes())
    assert all((mail.sender, mail.date, mail.subject, mail.text, mail.message_id))


@given(st.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_parsed_or_refused(content: bytes) -> None:
    """No bytes crash the parser, and what comes out can be stored as UTF-8."""
    try:
        mail = taken(b"From: a@b.example\nContent-Type: " + content)
    except Unreadable:
        return
    repr(mail).encode()
    mail.text.encode()


@given(st.text(alphabet="<>/=\"' \nabdivptrlsyehocqu:;&#x0", max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_page_becomes_text(page: str) -> None:
    """No markup crashes the reader."""
    from_html(page).encode()


@pytest.mark.skipif(not STRANGE.is_dir(), reason="the collection of strange mails is not here")
@pytest.mark.parametrize("path", sorted(STRANGE.glob("*/*")), ids=lambda path: path.name)
def test_strange_mails_are_all_readable(path: Path) -> None:
    """Each of a large collection of real, broken and hostile mails is read."""
    assert isinstance(taken(path.read_bytes()), Mail)
