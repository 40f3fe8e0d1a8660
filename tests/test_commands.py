"""The grammar of what staff write: exactly a command, or asked back."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import FORMS, Command, Verb, manual, parse
from bot.errors import Refused
from bot.grammar import resolve_day
from bot.vocabulary import RIGHTS, rights_named
from classifiers.labels import Right

ACCESS, ERASURE, CONSENT = Right.ACCESS, Right.ERASURE, Right.WITHDRAW_CONSENT

ACCEPTED: list[tuple[str, Command]] = [
    # Decisions, and how freely they may be written
    ("ingewilligd", Command(Verb.GRANTED)),
    ("granted", Command(Verb.GRANTED)),
    ("INGEWILLIGD", Command(Verb.GRANTED)),
    ("Ingewilligd.", Command(Verb.GRANTED)),
    ("/ingewilligd", Command(Verb.GRANTED)),
    ("/ Ingewilligd", Command(Verb.GRANTED)),
    ("\n\n   ingewilligd  \n", Command(Verb.GRANTED)),
    ("ingewilligd\u00a0inzage", Command(Verb.GRANTED, (ACCESS,))),
    ("\ufeffingewilligd", Command(Verb.GRANTED)),
    ("Re: ingewilligd", Command(Verb.GRANTED)),
    ("Antw: RE: ingewilligd", Command(Verb.GRANTED)),
    ("“ingewilligd”", Command(Verb.GRANTED)),
    ("‘ingewilligd inzage’.", Command(Verb.GRANTED, (ACCESS,))),
    ("`ingewilligd`", Command(Verb.GRANTED)),
    ("*ingewilligd*", Command(Verb.GRANTED)),
    ("ïngewillígd", Command(Verb.GRANTED)),
    ("ingewilligd:", Command(Verb.GRANTED)),
    ("ingewilligd: -", Command(Verb.GRANTED)),
    ("ingewilligd inzage", Command(Verb.GRANTED, (ACCESS,))),
    ("ingewilligd inzage.", Command(Verb.GRANTED, (ACCESS,))),
    ("ingewilligd Inzage, wissen", Command(Verb.GRANTED, (ACCESS, ERASURE))),
    ("ingewilligd inzage en verwijdering", Command(Verb.GRANTED, (ACCESS, ERASURE))),
    ("ingewilligd inzage, wissen en bezwaar", Command(Verb.GRANTED, (ACCESS, ERASURE, Right.OBJECTION))),
    ("ingewilligd inzage, en wissen", Command(Verb.GRANTED, (ACCESS, ERASURE))),
    ("ingewilligd inzage + wissen", Command(Verb.GRANTED, (ACCESS, ERASURE))),
    ("ingewilligd inzage wissen", Command(Verb.GRANTED, (ACCESS, ERASURE))),
    ("granted access and erasure", Command(Verb.GRANTED, (ACCESS, ERASURE))),
    ("granted access, portability", Command(Verb.GRANTED, (ACCESS, Right.PORTABILITY))),
    ("ingewilligd inzage inzage", Command(Verb.GRANTED, (ACCESS,))),
    ("ingewilligd recht op inzage", Command(Verb.GRANTED, (ACCESS,))),
    ("ingewilligd intrekken toestemming", Command(Verb.GRANTED, (CONSENT,))),
    ("ingewilligd toestemming", Command(Verb.GRANTED, (CONSENT,))),
    ("ingewilligd geautomatiseerd besluit", Command(Verb.GRANTED, (Right.AUTOMATED_DECISION,))),
    ("granted right to be forgotten", Command(Verb.GRANTED, (ERASURE,))),
    ("ingewilligd rectificatie", Command(Verb.GRANTED, (Right.RECTIFICATION,))),
    ("ingewilligd beperking van de verwerking", Command(Verb.GRANTED, (Right.RESTRICTION,))),
    ("ingewilligd: U krijgt ze per post.", Command(Verb.GRANTED, text="U krijgt ze per post.")),
    ("ingewilligd inzage: per post", Command(Verb.GRANTED, (ACCESS,), text="per post")),
    ("ingewilligd inzage\nU krijgt ze per post.", Command(Verb.GRANTED, (ACCESS,), text="U krijgt ze per post.")),
    ("ingewilligd inzage:\n\nEen.\n\nTwee.", Command(Verb.GRANTED, (ACCESS,), text="Een.\n\nTwee.")),
    ("ingewilligd inzage U krijgt ze vandaag.", Command(Verb.GRANTED, (ACCESS,), text="U krijgt ze vandaag.")),
    ("ingewilligd\n\nMet vriendelijke groet,\nPiet", Command(Verb.GRANTED)),
    ("ingewilligd\n\n-- \nPiet\nAfdeling privacy", Command(Verb.GRANTED)),
    ("ingewilligd\n\nVerstuurd vanaf mijn iPhone", Command(Verb.GRANTED)),
    ("ingewilligd\nGroet, Piet", Command(Verb.GRANTED)),
    ("ingewilligd\n> eerder stond hier iets", Command(Verb.GRANTED)),
    ("> eerder stond hier iets\n\ningewilligd", Command(Verb.GRANTED)),
    (
        "ingewilligd\n\nOp ma 6 apr 2026 om 09:00 schreef WKM <info@wkm.example>:\n> geweigerd: nee",
        Command(Verb.GRANTED),
    ),
    (
        "deels inzage: een deel gaat over een ander",
        Command(Verb.PARTLY, (ACCESS,), text="een deel gaat over een ander"),
    ),
    ("partly: some of it is about others", Command(Verb.PARTLY, text="some of it is about others")),
    ("deels\nEen deel ontbreekt.", Command(Verb.PARTLY, text="Een deel ontbreekt.")),
    ("geweigerd: reden", Command(Verb.REFUSED, text="reden")),
    ("geweigerd inzage: reden", Command(Verb.REFUSED, (ACCESS,), text="reden")),
    (
        "Geweigerd inzage en wissen\nWij kennen u niet.",
        Command(Verb.REFUSED, (ACCESS, ERASURE), text="Wij kennen u niet."),
    ),
    (
        "geweigerd Wij konden niet vaststellen wie u bent.",
        Command(Verb.REFUSED, text="Wij konden niet vaststellen wie u bent."),
    ),
    ("refused access: we do not know you", Command(Verb.REFUSED, (ACCESS,), text="we do not know you")),
    # Article 19 and the period
    ("ontvangers ingelicht", Command(Verb.RECIPIENTS, argument="told")),
    ("Ontvangers geen.", Command(Verb.RECIPIENTS, argument="none")),
    (
        "ontvangers onmogelijk: adres onbekend",
        Command(Verb.RECIPIENTS, argument="impossible", text="adres onbekend"),
    ),
    ("recipients told", Command(Verb.RECIPIENTS, argument="told")),
    ("recipients none", Command(Verb.RECIPIENTS, argument="none")),
    ("recipients impossible: unknown", Command(Verb.RECIPIENTS, argument="impossible", text="unknown")),
    ("verleng ingewikkeld: reden", Command(Verb.EXTEND, argument="complexity", text="reden")),
    ("verleng aantal: veel verzoeken", Command(Verb.EXTEND, argument="number", text="veel verzoeken")),
    ("verleng ingewikkeld\nVeel systemen.", Command(Verb.EXTEND, argument="complexity", text="Veel systemen.")),
    ("extend complex: many systems", Command(Verb.EXTEND, argument="complexity", text="many systems")),
    ("extend number: nine requests", Command(Verb.EXTEND, argument="number", text="nine requests")),
    # Messages
    ("afgehandeld: de foto is weg", Command(Verb.CLOSE, text="de foto is weg")),
    ("afgehandeld De foto is weg.", Command(Verb.CLOSE, text="De foto is weg.")),
    ("afgehandeld\nDe foto is weg.", Command(Verb.CLOSE, text="De foto is weg.")),
    ("close: the picture is gone", Command(Verb.CLOSE, text="the picture is gone")),
    ("antwoord Wij zoeken het uit.", Command(Verb.ANSWER, text="Wij zoeken het uit.")),
    ("antwoord: kunt u bellen?", Command(Verb.ANSWER, text="kunt u bellen?")),
    ("Antwoord:\nGeachte heer,\n\nWij bellen u.", Command(Verb.ANSWER, text="Geachte heer,\n\nWij bellen u.")),
    ("answer We will call you.", Command(Verb.ANSWER, text="We will call you.")),
    ("doorgestuurd Garage X", Command(Verb.FORWARDED, argument="Garage X")),
    (
        "doorgestuurd Garage X <Info@x.example>",
        Command(Verb.FORWARDED, argument="Garage X", address="info@x.example"),
    ),
    (
        "doorgestuurd Garage X, info@x.example",
        Command(Verb.FORWARDED, argument="Garage X", address="info@x.example"),
    ),
    ("forwarded: garage x <i@x.example>", Command(Verb.FORWARDED, argument="garage x", address="i@x.example")),
    ("vraag naam", Command(Verb.ASK, argument="name")),
    (
        "vraag toelichting Welke foto bedoelt u?",
        Command(Verb.ASK, argument="clarification", text="Welke foto bedoelt u?"),
    ),
    ("vraag machtiging: graag een kopie", Command(Verb.ASK, argument="mandate", text="graag een kopie")),
    ("ask mandate", Command(Verb.ASK, argument="mandate")),
    ("ask clarification: which picture?", Command(Verb.ASK, argument="clarification", text="which picture?")),
    ("hef op: de gegevens zijn verbeterd", Command(Verb.LIFT, text="de gegevens zijn verbeterd")),
    ("lift: corrected", Command(Verb.LIFT, text="corrected")),
    # Who it is
    ("naam Jan Jansen", Command(Verb.NAME, argument="Jan Jansen")),
    ("Naam: Jan van der Berg", Command(Verb.NAME, argument="Jan van der Berg")),
    ("naam de Vries.", Command(Verb.NAME, argument="de Vries")),
    ("name Zoë O'Neill-Smit", Command(Verb.NAME, argument="Zoë O'Neill-Smit")),
    ("adres Jan@Mail.example", Command(Verb.ADDRESS, argument="jan@mail.example")),
    ("adres <jan@mail.example>", Command(Verb.ADDRESS, argument="jan@mail.example")),
    ("adres jan@mail.example<mailto:jan@mail.example>", Command(Verb.ADDRESS, argument="jan@mail.example")),
    ("address jan@mail.example.", Command(Verb.ADDRESS, argument="jan@mail.example")),
    (
        "identiteit akkoord teruggebeld op bekend nummer",
        Command(Verb.IDENTITY, text="teruggebeld op bekend nummer"),
    ),
    ("identity ok: called back", Command(Verb.IDENTITY, text="called back")),
    # What it is
    ("soort klacht", Command(Verb.KIND, argument="complaint")),
    ("soort verzoek", Command(Verb.KIND, argument="rights_request")),
    ("soort verzoek inzage, wissen", Command(Verb.KIND, (ACCESS, ERASURE), "rights_request")),
    ("soort verzoek: inzage en wissen", Command(Verb.KIND, (ACCESS, ERASURE), "rights_request")),
    ("kind rights_request access", Command(Verb.KIND, (ACCESS,), "rights_request")),
    ("kind question", Command(Verb.KIND, argument="question")),
    ("soort overig.", Command(Verb.KIND, argument="other")),
    ("bevestig", Command(Verb.CONFIRM)),
    ("Confirm", Command(Verb.CONFIRM)),
    ("hoort bij WKM-2026-0042", Command(Verb.BELONGS, argument="WKM-2026-0042")),
    ("belongs to wkm-2026-0042.", Command(Verb.BELONGS, argument="WKM-2026-0042")),
    ("samenvoegen WKM-2026-0042", Command(Verb.MERGE, argument="WKM-2026-0042")),
    ("merge WKM-2026-0042", Command(Verb.MERGE, argument="WKM-2026-0042")),
    ("heropen", Command(Verb.REOPEN)),
    ("reopen\nDe betrokkene belde.", Command(Verb.REOPEN, text="De betrokkene belde.")),
    # People, notes, dates
    ("wijs toe piet@staff.example", Command(Verb.ASSIGN, argument="piet@staff.example")),
    ("assign piet@staff.example", Command(Verb.ASSIGN, argument="piet@staff.example")),
    ("afwezig tot 2026-04-03", Command(Verb.AWAY, argument="2026-04-03")),
    ("afwezig tot 3 april", Command(Verb.AWAY, argument="04-03")),
    ("away until 3 April 2026", Command(Verb.AWAY, argument="2026-04-03")),
    ("away 2026-04-03", Command(Verb.AWAY, argument="2026-04-03")),
    ("ontvangen 3-4-2026", Command(Verb.RECEIVED, argument="2026-04-03")),
    ("ontvangen 03/04/2026", Command(Verb.RECEIVED, argument="2026-04-03")),
    ("received 29 february", Command(Verb.RECEIVED, argument="02-29")),
    ("vertrouwelijk", Command(Verb.CONFIDENTIAL)),
    ("confidential", Command(Verb.CONFIDENTIAL)),
    ("notitie gebeld, niemand thuis", Command(Verb.NOTE, text="gebeld, niemand thuis")),
    ("note: is this the same person?", Command(Verb.NOTE, text="is this the same person?")),
    ("verzoek ingetrokken", Command(Verb.WITHDRAWN)),
    ("request withdrawn: by phone", Command(Verb.WITHDRAWN, text="by phone")),
    ("geen privacy", Command(Verb.NOT_PRIVACY)),
    ("not privacy.", Command(Verb.NOT_PRIVACY)),
    ("geregeld", Command(Verb.SETTLED)),
    ("geregeld: gebeld met de klant", Command(Verb.SETTLED, text="gebeld met de klant")),
    # Held letters and questions to the program
    ("stop", Command(Verb.STOP)),
    ("STOP!".rstrip("!"), Command(Verb.STOP)),
    ("stop 7", Command(Verb.STOP, argument="7")),
    ("stop\nDit klopt niet.", Command(Verb.STOP, text="Dit klopt niet.")),
    ("verstuur", Command(Verb.SEND)),
    ("Send.", Command(Verb.SEND)),
    ("verstuur 7", Command(Verb.SEND, argument="7")),
    ("verstuur\n\nGroet,\nPiet", Command(Verb.SEND)),
    ("wijzig: een betere tekst", Command(Verb.CHANGE, text="een betere tekst")),
    ("wijzig Dit is een betere tekst.", Command(Verb.CHANGE, text="Dit is een betere tekst.")),
    ("wijzig 7: een betere tekst", Command(Verb.CHANGE, argument="7", text="een betere tekst")),
    ("change 7\nA better text.", Command(Verb.CHANGE, argument="7", text="A better text.")),
    ("status", Command(Verb.STATUS)),
    ("help", Command(Verb.HELP)),
]

REFUSED = [
    # Sentences about a command
    "ingewilligd lijkt me niet verstandig",
    "Ingewilligd?",
    "ingewilligd!",
    "ingewilligd…",
    "ingewilligd...",
    "ingewilligd, lijkt me",
    "ingewilligd of geweigerd",
    "ingewilligd niet",
    "niet ingewilligd",
    "ingewilligd tenzij hij belt",
    "ingewilligd inzage lijkt me prima",
    "ingewilligd inzage mits bekend",
    "ingewilligd inzage en",
    "ingewilligd inzage of wissen",
    "ingewilligd inzage: kan dat?",
    "ingewilligd bezwaar is gegrond",
    "ingewilligd graag",
    "ingewilligd ja",
    "ik zou zeggen: ingewilligd",
    "Is dit ingewilligd?",
    "ok ingewilligd",
    "ja",
    "Hoi,\n\ningewilligd",
    "Afgehandeld door Piet?",
    "afgehandeld door Piet",
    "Afgehandeld door Piet.",
    "afgehandeld",
    "afgehandeld?",
    "afgehandeld: door Piet?",
    "Afgehandeld Wie heeft dat gedaan?",
    "afgehandeld zoals besproken",
    "Afgehandeld Ja graag",
    "antwoord",
    "antwoord: ...",
    "antwoord\n________________",
    "antwoord volgt nog",
    "antwoord komt morgen",
    "Antwoord de klant even",
    "Antwoord Kunt u bellen?",
    "antwoorden",
    "geweigerd",
    "geweigerd inzage",
    "geweigerd?",
    "geweigerd heb ik nog niet",
    "geweigerd: echt waar?",
    "geweigerd inzage volgens mij",
    "deels",
    "deels wel, deels niet",
    "verleng",
    "verleng ingewikkeld",
    "verleng ingewikkeld?",
    "verleng moeilijk: reden",
    "verleng: reden",
    "verleng ingewikkeld lijkt me",
    "extend it please",
    "close the window please",
    "hef op",
    "hef op als het kan",
    "doorgestuurd",
    "doorgestuurd door Piet?",
    "doorgestuurd aan de garage",
    "doorgestuurd gisteren",
    "doorgestuurd Garage X\nmaar nog niet versturen",
    "doorgestuurd info@x.example",
    "vraag",
    "vraag: wie is dit",
    "vraag naam even na",
    "vraag iets",
    "bevestig dit nog niet",
    "bevestig\nals Piet het ook vindt",
    "bevestig?",
    "soort",
    "soort klacht denk ik",
    "soort klacht inzage",
    "soort verzoek inzage?",
    "soort verzoek inzage\nmaar misschien ook wissen",
    "verzoek ingetrokken?",
    "verzoek ingetrokken of niet",
    "verzoek",
    "geen privacy volgens Piet",
    "geen idee",
    "verstuur nog niet",
    "verstuur?",
    "verstuur morgen",
    "verstuur\nmaar eerst even wachten",
    "versturen",
    "stop met versturen",
    "wijzig",
    "wijzig dit even",
    # Misspelt, abbreviated, or something else
    "ingewiligd",
    "ingewilligt",
    "ingew",
    "ingewilligdinzage",
    "ingewilligd inzag",
    "ingewilligd intage: per post",
    "i",
    "geweigert inzage: reden",
    "afgehandelt: klaar",
    "verstuurt",
    "statuss",
    "grant",
    "granted acces",
    "naam",
    "naam is onbekend",
    "naam van de klant is Piet",
    "naam weet ik niet",
    "naam jan jansen",
    "naam Jan <b>",
    "adres",
    "adres onbekend",
    "adres jan@localhost",
    "adres jan@mail.example piet@mail.example",
    "identiteit",
    "identiteit akkoord",
    "identiteit akkoord?",
    "identiteit niet akkoord",
    "identiteit akkoord gebeld?",
    "hoort bij",
    "hoort bij die van Jansen",
    "hoort bij WKM-2026-0042 denk ik",
    "samenvoegen",
    "heropen?",
    "heropen deze maar",
    "wijs toe",
    "wijs toe Piet",
    "afwezig",
    "afwezig tot morgen",
    "afwezig tot 31 februari",
    "afwezig tot 30-2-2026",
    "ontvangen",
    "ontvangen gisteren",
    "ontvangen 2026-13-01",
    "vertrouwelijk?",
    "notitie",
    "ontvangers",
    "ontvangers ingelicht?",
    "ontvangers onmogelijk",
    "ontvangers misschien",
    "status?",
    "status graag",
    "",
    "   \n\n ",
    "> ingewilligd",
    "Op ma 6 apr 2026 om 09:00 schreef WKM <info@wkm.example>:\n> ingewilligd",
    "Ik ben afwezig tot en met vrijdag.",
]


@pytest.mark.parametrize(("text", "command"), ACCEPTED, ids=[text[:40] for text, _ in ACCEPTED])
def test_accepted(text: str, command: Command) -> None:
    """What is exactly a command is read as that command."""
    assert parse(text) == command


@pytest.mark.parametrize("text", REFUSED, ids=[text[:40] for text in REFUSED])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_refused(text: str, language: str) -> None:
    """What is not exactly a command is asked back in the staff's language, with something that would work."""
    with pytest.raises(Refused) as refused:
        parse(text, "", language)
    assert str(refused.value).startswith("Er is niets gedaan." if language == "nl" else "Nothing was done.")
    assert "`" in str(refused.value)


QUOTED = {
    "gmail": "Op ma 6 apr 2026 om 09:00 schreef WKM <info@wkm.example>:\n\n> Wat wilt u doen?\n> geweigerd inzage",
    "gmail, folded": "Op ma 6 apr 2026 om 09:00 schreef WKM\n<info@wkm.example>:\n\n> Wat wilt u doen?",
    "outlook": "________________________________\nVan: WKM <info@wkm.example>\n"
    "Verzonden: maandag 6 april 2026 09:00\nAan: Anna <anna@staff.example>\nOnderwerp: Zaak WKM-2026-0042\n\n"
    "Wat wilt u doen?\ngeweigerd inzage",
    "apple mail": "Op 6 apr 2026, om 09:00 heeft WKM <info@wkm.example> het volgende geschreven:\n\n> Wat wilt u?",
    "iphone": "Verstuurd vanaf mijn iPhone\n\nOp 6 apr 2026 om 09:00 heeft WKM <info@wkm.example> het volgende "
    "geschreven:\n\n> Wat wilt u doen?",
    "english": "On Mon, 6 Apr 2026 at 09:00, WKM <info@wkm.example> wrote:\n\n> What would you like to do?",
}


@pytest.mark.parametrize("client", QUOTED)
@pytest.mark.parametrize("below", ["", "U krijgt alles\nper post."])
@pytest.mark.parametrize("signed", ["", "Met vriendelijke groet,\n\nAnna de Wit\nPrivacy\n06 12345678\n\n"])
def test_replies_as_mail_programs_write_them(client: str, below: str, signed: str) -> None:
    """Of a reply with signature and quoted mail, only the command and the text below it count."""
    text = f"Ingewilligd inzage\n{below}\n\n{signed}{QUOTED[client]}\n"
    assert parse(text) == Command(Verb.GRANTED, (ACCESS,), text=below)


@pytest.mark.parametrize("text", ["ingewiligd", "Ingewilligt inzage", "geweigert: nee"])
def test_near_miss_names_the_command(text: str) -> None:
    """A misspelt command is never carried out, but its giver reads how it is written."""
    with pytest.raises(Refused, match=r"Bedoelt u dit\? `(ingewilligd|geweigerd) inzage: "):
        parse(text)


@pytest.mark.parametrize("right", sorted(RIGHTS))
def test_every_name_of_a_right(right: str) -> None:
    """Each Dutch and English name of a right is understood, alone and among others."""
    assert parse(f"geweigerd {right}: reden").rights == (RIGHTS[right],)
    assert RIGHTS[right] in parse(f"geweigerd bezwaar, {right.upper()} en toestemming: reden").rights


@pytest.mark.parametrize("language", ["nl", "en"])
def test_rights_as_shown_can_be_written(language: str) -> None:
    """What a sentence calls the rights can be copied into a command."""
    assert parse(f"soort verzoek {rights_named(Right, language)}").rights == tuple(Right)


@pytest.mark.parametrize("form", FORMS, ids=[form.verb for form in FORMS])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_shown_usage_is_a_command(form: object, language: str) -> None:
    """Every form that staff are shown works as it is shown."""
    assert isinstance(form, type(FORMS[0]))
    for shown in re.split("` (?:of|or) `", form.shown(language)[0]):
        assert parse(shown).verb is form.verb
        assert f"`{shown}`" in manual(language)


def test_every_verb_has_a_form() -> None:
    """No verb is without a way to write it, and none has two."""
    assert sorted(form.verb for form in FORMS) == sorted(Verb)


def test_subject_counts_only_without_text_and_never_for_letters() -> None:
    """An empty answer can ask for the status by its subject; a letter never comes of a subject."""
    assert parse("", "Re: status [WKM-2026-0042.3.abc]").verb is Verb.STATUS
    assert parse("help", "status").verb is Verb.HELP
    with pytest.raises(Refused):
        parse("", "ingewilligd")
    with pytest.raises(Refused):
        parse("", "verstuur [WKM-2026-0042.3.abc]")


LETTERS = frozenset(Verb) - {Verb.STATUS, Verb.HELP, Verb.NOTE, Verb.CONFIDENTIAL, Verb.REOPEN, Verb.IDENTITY}
_EXACT = re.compile(
    r"/?\s*(?:"
    + "|".join(words.replace(" ", r"\s+") for form in FORMS if form.verb in LETTERS for words in form.words)
    + r")(?:$|[\s:.])"
)
VOCABULARY = """ingewilligd geweigerd deels afgehandeld antwoord verstuur bevestig inzage wissen en of niet ? ! ,
    door Piet lijkt me is het graag nog even ja nee Ingewilligd granted close the verleng vraag naam :"""
WORDS = st.sampled_from(VOCABULARY.split())


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, min_size=1, max_size=7).map(" ".join)))
def test_no_sentence_becomes_a_letter(line: str) -> None:
    """Whatever the first line: a command that leads to a letter is its exact word, followed by nothing that a
    sentence about it would have."""
    try:
        command = parse(line)
    except Refused:
        return
    if command.verb not in LETTERS:
        return
    first = next(each for each in line.replace("\r", "\n").split("\n") if each.strip())
    bare = re.sub(
        r"^(?:(?:re|aw|antw|fw|fwd)\s*:\s*)+", "", first.strip().strip("\"'“”„‘’`*_"), flags=re.IGNORECASE
    )
    assert _EXACT.match(bare.lower().strip())
    head = bare.partition(":")[0]
    rest = head.split(maxsplit=1)[1:] or [""]
    if command.verb in (Verb.GRANTED, Verb.PARTLY, Verb.REFUSED) and not command.text:
        named = re.sub(r"\b(?:en|and)\b|[,+&.]", " ", rest[0].lower()).split()
        assert " ".join(named) in (" ".join(named) if not named or command.rights else "", *RIGHTS)
    assert "?" not in head or command.verb is Verb.ASK


@given(st.text(alphabet="ingewldasrtv ", min_size=1, max_size=14))
def test_misspelt_is_never_guessed(line: str) -> None:
    """Letters like those of a command are no command until they are exactly it."""
    try:
        command = parse(line)
    except Refused:
        return
    words = [words for form in FORMS if form.verb is command.verb for words in form.words]
    assert any(line.strip().startswith(each.split()[0]) for each in words)


@pytest.mark.parametrize(
    ("argument", "ahead", "found"),
    [
        ("2026-04-03", True, date(2026, 4, 3)),
        ("04-03", True, date(2026, 4, 3)),
        ("04-03", False, date(2025, 4, 3)),
        ("04-02", True, date(2026, 4, 2)),
        ("04-02", False, date(2026, 4, 2)),
        ("01-15", True, date(2027, 1, 15)),
        ("12-30", False, date(2025, 12, 30)),
        ("02-29", True, date(2028, 2, 29)),
        ("02-29", False, date(2024, 2, 29)),
    ],
)
def test_a_day_without_its_year(argument: str, ahead: bool, found: date) -> None:
    """Without a year the nearest such day is meant, ahead for an absence, back for a receipt."""
    assert resolve_day(argument, date(2026, 4, 2), ahead=ahead) == found
