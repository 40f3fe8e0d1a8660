"""Takes out of a text what points at a person: names, addresses, numbers; for corrections that are kept."""

import re
from collections.abc import Iterable

_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|january|"
    "february|march|may|june|july|august|october|märz|mai|juni|juli|oktober|dezember"
)

RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("MAIL", re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    ("URL", re.compile(r"(?i)\b(?:https?://|www\.)\S{1,300}")),
    ("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")),
    (
        "PLATE",
        re.compile(
            r"(?i)\b(?=[a-z0-9]*-?[a-z0-9]*-?[a-z0-9]*\d)(?:[a-z]{1,3}|\d{1,3})-(?:[a-z]{1,3}|"
            r"\d{1,3})-(?:[a-z]{1,3}|\d{1,3})\b"
        ),
    ),
    ("POSTCODE", re.compile(r"\b[1-9]\d{3} ?(?!SA|SD|SS)[A-Z]{2}\b")),
    (
        "ADDRESS",
        re.compile(
            r"\b[A-ZÀ-Þ][\w'’.-]{2,40}(?:straat|laan|weg|plein|kade|gracht|singel|dijk|hof|pad|steeg|dreef|"
            r"plantsoen|straße|strasse|street|road|lane|avenue)\b(?: \d{1,5} ?[a-zA-Z]{0,3}\b)?"
        ),
    ),
    ("PHONE", re.compile(r"(?<![\w.])(?:\+|00)?\d{1,4}[ ./-]?\(?\d{1,4}\)?(?:[ ./-]?\d{2,4}){2,4}\b")),
    (
        "DATE",
        re.compile(
            rf"(?i)\b\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19|20)\d{{2}}\b|\b\d{{1,2}}\.? (?:{_MONTHS})(?: (?:19|"
            rf"20)\d{{2}})?\b"
        ),
    ),
    ("NUMBER", re.compile(r"\b\d[\d.,/-]{2,40}\d\b|\b\d{3,}\b|\b(?=[A-Z0-9-]{6,})[A-Z-]*\d[A-Z0-9-]*\b")),
)
"""Placeholder → what it stands for, in the order in which they are put in. A BSN is a NUMBER or a PHONE."""

_GREETED = re.compile(
    r"(?i:\b(?:geachte|beste|dear|hallo|hoi|hi|sehr geehrter?|mevrouw|mevr\.|mw\.|meneer|de heer|"
    r"dhr\.|mr\.?|mrs\.?|ms\.?|herrn?|frau)) ((?:[A-ZÀ-Þ][\w'’.-]*|van|der|den|de|von|la|el|te|ter|"
    r"ten)(?: (?:[A-ZÀ-Þ][\w'’.-]*|van|der|den|de|von|la|el|te|ter|ten)){0,4})"
)


def mask(text: str, names: Iterable[str] = ()) -> str:
    """`text` with placeholders for what points at a person; `names` are masked wherever they stand."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", "[NAME]", text)
        for part in name.split():
            if len(part) > 2 and part[0].isupper():
                text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "[NAME]", text)
    for label, pattern in RULES:
        text = pattern.sub(f"[{label}]", text)
    return _GREETED.sub(lambda match: match[0].replace(match[1], "[NAME]"), text)
