"""Unguessable ids that tie a message to a case, to one letter, and to the one person it was sent to."""

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass

_REF = r"[A-Z][A-Z0-9]{1,9}-\d{4}-\d{4,7}"
_CLAIM = rf"({_REF})\.(\d{{1,6}})\.([a-z2-7]{{20}})"
_ID = re.compile(rf"<{_CLAIM}@[^>\s]+>")
_HEADER = re.compile(_CLAIM)
_TAG = re.compile(rf"\[{_CLAIM}\]")
_NAMED = re.compile(rf"(?<![A-Za-z0-9-])({_REF})(?![0-9-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a message says about the letter that it answers; true only when `holds`."""

    ref: str
    letter: int
    proof: str

    def holds(self, secret: str, address: str) -> bool:
        """Whether we gave this proof to this address, with this letter."""
        return hmac.compare_digest(self.proof, _proof(secret, self.letter, address))


def message_id(secret: str, ref: str, number: int, domain: str) -> str:
    """The Message-ID of a case's letter: the same each time it is composed."""
    return f"<{ref}.{number}.{_mac(secret, f'message:{number}')[:16]}@{domain}>"


def token(secret: str, ref: str, number: int, address: str) -> str:
    """The proof of one letter to one address (100 bits), as our own header carries it: `REF.N.PROOF`."""
    return f"{ref}.{number}.{_proof(secret, number, address)}"


def reference(token: str, domain: str) -> str:
    """The id that ends References, which a reply carries back."""
    return f"<{token}@{domain}>"


def tag(token: str) -> str:
    """The form for the subjects of ready-made links."""
    return f"[{token}]"


def claims(references: tuple[str, ...], subject: str) -> tuple[Claim, ...]:
    """What References (the last one first) and the subject claim."""
    found = [match for each in reversed(references) if (match := _ID.fullmatch(each))]
    found += [match for match in (_TAG.search(subject),) if match]
    return tuple(dict.fromkeys(_claim(match) for match in found))


def own_claim(value: str) -> Claim | None:
    """What our own header claims."""
    match = _HEADER.fullmatch(value.strip())
    return _claim(match) if match else None


def named(text: str) -> tuple[str, ...]:
    """The case numbers that a text names, upper case, in order."""
    return tuple(dict.fromkeys(match.upper() for match in _NAMED.findall(text[:20_000])))


def _claim(match: re.Match[str]) -> Claim:
    return Claim(match[1], int(match[2]), match[3])


def _proof(secret: str, number: int, address: str) -> str:
    return _mac(secret, f"proof:{number}:{address.lower()}")[:20]


def _mac(secret: str, what: str) -> str:
    return b32encode(hmac.digest(secret.encode(), what.encode(), "sha256")).decode().lower()
