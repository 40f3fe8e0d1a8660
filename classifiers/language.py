"""The language of a message, also of three words."""

import re
from functools import cache
from typing import Any

DEFAULT = "nl"
_SAMPLE = 3_000
_LEAST = 10
"""Letters below which no guess is better than the default."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOT_PROSE = re.compile(r"\S*(?:@|https?://|www\.)\S*|\S*\d\S*")

_WORDS = {
    "nl": """
        bel na lukt jij jullie staan de het een en van ik je jij u uw mijn mij me niet is dat die dit op
        te zijn voor met er aan hebben heb
        heeft jullie wij we ook maar om als bij graag wil kunt kan wat waar nog naar geen over uit door worden
        wordt was al dan zo hoe deze ons onze moet dus ben bent gegevens alle toch verwijderen verwijder
        alstublieft aub svp bedankt groet groeten groetjes hallo goedemiddag goedemorgen beste geachte hoi dank
        jou jouw haar hem hun doen doet staat staan krijg gekregen weten stuur sturen stoppen uitschrijven
        afmelden klacht vraag bijlage vriendelijke meer even want zie nu weg mail
    """,
    "en": """
        the a an and of i you your my me not is that this these those to are for with there on have has had we us
        our also but if at by please want can could what where still from no about out be been was were it its in
        as so how do does did would will just get any all they he she him her their hi hello dear thanks thank
        regards kind sincerely delete remove data stop unsubscribe which who when why don't i'm i've it's
    """,
    "de": """
        abmelden austragen widerruf löschung kündigung der die das ein eine einen einem einer und von ich
        du sie ihr ihre ihren ihnen ihrer mein meine meinen
        meiner meinem mir mich nicht ist dass dies zu sind für mit auf haben habe hat wir uns unser auch aber
        wenn bei bitte möchte kann können was wo noch nach kein keine über aus durch werden wird war als so wie
        den dem des im am zum zur daten löschen sehr geehrte damen herren hallo grüße grüßen gruß danke
        freundlichen mit guten tag moin oder nur schon mehr
    """,
    "fr": """
        le la les un une des et de du je vous votre vos mon ma mes ne pas est que ce cette qui pour avec sur avez
        ai nous notre aussi mais si par bonjour merci dans être été données supprimer cordialement au aux plus il
        elle en
    """,
    "es": """
        el los las una y de que yo usted su sus mi mis no es por para con hola gracias datos favor quiero saludos
        del al en lo se
    """,
    "it": """
        il lo gli una e di che io suo mio miei non è per con ciao grazie dati vorrei saluti del alla sono della
    """,
    "pl": """
        i w na z do nie jest że się proszę moje moich dane dziękuję pozdrawiam mam o jak
    """,
    "tr": """
        ve bir bu için ile lütfen merhaba bilgilerimi benim teşekkürler
    """,
}
"""The commonest words of what is written here."""
_LEXICON = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_WRITTEN = "nl en de fr es it pt pl tr ro da sv no fi cs hu el ru uk bg ar fa zh ja"
"""What py3langid may find: nothing that is mistaken for Dutch and that nobody here writes."""
_MAIN = ("nl", "en", "de")


def detect(text: str, hint: str = "") -> str:
    """ISO 639-1 code of `text`; `hint` (a subject, a signature) is read where `text` does not suffice."""
    for sample in (text, f"{text} {hint}"):
        words = _words(sample)
        ranking = sorted(((_share(words, name), name) for name in _LEXICON), reverse=True)
        (best, name), (second, _) = ranking[0], ranking[1]
        if best >= (0.15 if name in _MAIN else 0.3) and best - second >= 0.08:
            return name
    return _identified(" ".join(words)) if len(" ".join(words)) >= _LEAST else DEFAULT


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_NOT_PROSE.sub(" ", text[:_SAMPLE]))]


def _share(words: list[str], language: str) -> float:
    return sum(word in _LEXICON[language] for word in words) / (len(words) or 1)


def _restricted(identifier: Any) -> Any:
    identifier.set_languages(_WRITTEN.split())
    return identifier


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return _restricted(LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True))


def _identified(text: str) -> str:
    """py3langid's guess; for short text only among the languages that are written here."""
    ranking = _identifier().rank(text)
    likely = [(name, share) for name, share in ranking if name in _MAIN]
    if len(text) < 40 or ranking[0][1] < 0.9:
        return str(likely[0][0])
    return str(ranking[0][0])
