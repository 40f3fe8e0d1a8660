"""What staff need not read to understand a mail: numbers of people, and sentences on health."""

import re

from stdnum import iban
from stdnum.nl import bsn

MAX_QUOTE = 600
"""Characters of a mail that a staff mail shows at most."""
_READ = 2 * MAX_QUOTE
"""Characters of it that are looked at, so that what is hidden leaves room for more."""

_HIDDEN = {
    "nl": {
        "number": "[nummer verborgen]",
        "iban": "[rekeningnummer verborgen]",
        "phone": "[telefoonnummer verborgen]",
        "health": "[zin over gezondheid verborgen]",
    },
    "en": {
        "number": "[number hidden]",
        "iban": "[account number hidden]",
        "phone": "[phone number hidden]",
        "health": "[sentence on health hidden]",
    },
}

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]{4}){2,7}(?:[ .-]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_IBAN_NL = re.compile(r"NL\d{2}[A-Z]{4}\d{10}")
_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}(?:[ .-]?\(0\))?(?:[ .-]{0,2}\d){7,11}(?!\w)")
_NATIONAL = re.compile(r"(?<![\w+])\(?0\d{1,3}\)?(?:[ ./-]{0,3}\d){4,8}(?!\w)")
_NUMBER = re.compile(r"(?<!\w)\d(?:[ .-]?\d){7,8}(?!\w)")
_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[ .-](?:0?[1-9]|1[0-2])[ .-](?:19|20)\d\d")
_BSN_WORD = re.compile(r"\b(?:bsn|burger ?service|sofi|citizen service|social security)", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?")
_DUTCH = (
    "ziek gezondheid medisch medische medicijn medicat arts huisarts bedrijfsarts tandarts kliniek verpleegh "
    "diagnos kanker tumor chemo bestraling hartaanval hartinfarct hartklacht beroerte diabetes suikerziekte "
    "epilep alzheimer dement parkinson autis adhd depress burnout burn-out overspannen psych therap verslaaf "
    "verslav zwanger miskraam abortus bevalling geopereerd operatie gehandicapt handicap invalid rolstoel "
    "arbeidsongeschikt whiplash letsel allerg astma reuma migraine covid wajong suïcid suicid zelfmoord"
)
_ENGLISH = (
    "illness sick health medical medicin physician hospital clinic cancer stroke asthma pregnan miscarriage "
    "surgery disabilit disabled wheelchair injur addict psychi"
)
_WHOLE = "ill doctor wia ggz hiv aids corona"
_HEALTH = re.compile(
    rf"\b(?:{'|'.join(f'{_DUTCH} {_ENGLISH}'.split())}|(?:{'|'.join(_WHOLE.split())})\b)", re.IGNORECASE
)


def mask(text: str, language: str = "nl") -> str:
    """The text, cut at MAX_QUOTE characters, without BSN, IBAN, phone numbers and sentences on health.

    A number that could be a BSN is hidden on doubt: by its check digit or by a word beside it (UAVG art. 46).
    """
    hidden = _HIDDEN[language]
    cut = text[:_READ]
    word = bool(_BSN_WORD.search(cut))
    cut = "".join(_sentence(match[0], hidden["health"]) for match in _SENTENCE.finditer(cut))
    cut = _IBAN.sub(lambda match: _without_iban(match[0], hidden["iban"]), cut)
    cut = _INTERNATIONAL.sub(hidden["phone"], cut)
    cut = _NATIONAL.sub(lambda match: hidden["phone"] if _is_phone(match[0]) else match[0], cut)
    cut = _NUMBER.sub(lambda match: hidden["number"] if _may_be_bsn(match[0], word) else match[0], cut)
    return cut if len(cut) <= MAX_QUOTE and len(text) <= _READ else f"{cut[:MAX_QUOTE].rstrip()}…"


def _sentence(sentence: str, hidden: str) -> str:
    if not _HEALTH.search(sentence):
        return sentence
    before = sentence[: len(sentence) - len(sentence.lstrip())]
    after = "\n" if sentence.endswith("\n") else ""
    return f"{before}{hidden}{after}"


def _without_iban(found: str, hidden: str) -> str:
    """The account number may have words of the sentence behind it."""
    ends = [len(found), *(match.start() for match in reversed([*re.finditer(r"[ .-]", found)]))]
    end = next((end for end in ends if _is_iban(found[:end])), 0)
    return hidden + found[end:] if end else found


def _is_iban(found: str) -> bool:
    compact = re.sub(r"[ .-]", "", found).upper()
    return bool(_IBAN_NL.fullmatch(compact)) or bool(iban.is_valid(compact, check_country=False))


def _is_phone(found: str) -> bool:
    """Ten digits, or a service number of eight or eleven."""
    digits = re.sub(r"\D", "", found)
    return len(digits) == 10 or (digits[:4] in ("0800", "0900") and len(digits) in (8, 11))


def _may_be_bsn(found: str, word: bool) -> bool:
    if word:
        return True
    return not _DATE.fullmatch(found) and bool(bsn.is_valid(re.sub(r"\D", "", found).zfill(9)))
