"""What can go wrong, told as what the caller must do.

BotError
├── ConfigError     stop: the configuration or the usage is wrong
├── ServerError     try again later: a server cannot be reached or misbehaves
│   ├── LoginError  stop at the start, later try again: the server refused the login
│   └── Uncertain   decide by what is at stake: it is unknown whether the letter was taken
├── Damaged         stop: a file in the data folder is not what was written there
├── Locked          stop: another process holds the data folder
├── Unreadable      hold the mail: it cannot be parsed
├── Rejected        a person decides: a server refused this one letter for good
└── Refused         tell the giver: a command that cannot be carried out

Each carries one sentence that says what is wrong and what to do; none carries personal data.
"""


class BotError(Exception):
    """The root; its text is one sentence for a person."""


class ConfigError(BotError):
    """The configuration or the usage is wrong."""


class ServerError(BotError):
    """A server cannot be reached or misbehaves; later may be better."""


class LoginError(ServerError):
    """The server refused the login."""


class Uncertain(ServerError):
    """The connection was lost after the letter was handed over, before the server's answer (RFC 1047)."""


class Damaged(BotError, ValueError):
    """A file of the register or the ledger cannot be read back."""


class Locked(BotError):
    """Another process works on the data folder."""


class Unreadable(BotError):
    """A message cannot be parsed within the limits."""


class Rejected(BotError):
    """A server refused this letter and will refuse it again."""


class Refused(BotError):
    """A command that is not carried out; the text says why and what would be."""
