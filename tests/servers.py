"""Mail servers for tests: a real Dovecot and a real Postfix in a folder of their own, and some that misbehave."""

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from functools import cached_property
from pathlib import Path
from typing import Self

from imapclient import IMAPClient

LOCALHOST = "127.0.0.1"
PASSWORD = "geheim-42"
WAIT = 20
"""Seconds that a server gets to start, to stop or to deliver."""


def missing(server: str) -> str:
    """Why this server ("dovecot" or "postfix") cannot be run here; empty when it can."""
    if not shutil.which(server, path=_path()):
        return f"{server} is not installed"
    if server == "postfix" and os.geteuid() != 0:
        return "postfix can be started by root only"
    return ""


def _path() -> str:
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"))


def _program(name: str) -> str:
    return str(shutil.which(name, path=_path()))


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], what: str, seconds: float = WAIT) -> None:
    """Wait until the condition holds; AssertionError when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} seconds"
        time.sleep(0.02)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOCALHOST, port), 1):
        return True
    return False


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """A new folder with a short path (for sockets in it) that the servers' own users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="wkm-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_certificate(folder: Path) -> Path:
    """`cert.pem` and `key.pem` in the folder, for localhost and 127.0.0.1; the certificate's path."""
    certificate = folder / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", f"subjectAltName=DNS:localhost,IP:{LOCALHOST}"),
            *("-keyout", folder / "key.pem", "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    (folder / "key.pem").chmod(0o600)
    return certificate


class _Server:
    """A program in the foreground that listens on `port`."""

    port: int
    command: list[str]
    log: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, when it does not run yet, and wait until it listens."""
        if self._process is None:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            until(lambda: self._ready(), f"{self.command[0]} did not start, see its log:\n{self._log()}")

    def _ready(self) -> bool:
        assert self._process and self._process.poll() is None, f"{self.command[0]} ended:\n{self._log()}"
        return _listens(self.port)

    def _log(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def stop(self) -> None:
        """Stop, when it runs, and end its connections."""
        if self._process is not None:
            self._end(self._process)
            self._process.wait(WAIT)
            self._process = None
            until(lambda: not _listens(self.port), f"{self.command[0]} did not stop")

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGTERM)


_DOVECOT_2_3 = """
disable_plaintext_auth = no
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:~/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
"""

_DOVECOT_2_4 = """
auth_allow_cleartext = yes
ssl_server_cert_file = {folder}/cert.pem
ssl_server_key_file = {folder}/key.pem
mail_driver = maildir
mail_path = ~/mail
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/home/%{{user}}
  }}
}}
"""

_DOVECOT = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = yes
auth_failure_delay = 0
first_valid_uid = 1
mail_fsync = never
mail_max_userip_connections = 50
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
"""


class Dovecot(_Server):
    """Takes any user with `PASSWORD`; `port` speaks plain and STARTTLS, `tls_port` TLS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "dovecot.log"
        self.port, self.tls_port = free_port(), free_port()
        for name in ("run", "state", "home"):
            (folder / name).mkdir()
        config = folder / "dovecot.conf"
        config.write_text(self._config())
        self.command = [_program("dovecot"), "-F", "-c", str(config)]

    def _config(self) -> str:
        told = subprocess.run([_program("dovecot"), "--version"], capture_output=True, text=True, check=True)
        new = not told.stdout.startswith("2.3")
        head = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" if new else ""
        me = pwd.getpwuid(os.geteuid())
        owner = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
        chroot = ""
        if me.pw_uid != 0:
            chroot = "chroot ="
            head += f"default_internal_user = {me.pw_name}\ndefault_login_user = {me.pw_name}\n"
            head += f"default_internal_group = {grp.getgrgid(me.pw_gid).gr_name}\n"
        os.chown(self.folder / "home", owner.pw_uid, owner.pw_gid)
        return head + (_DOVECOT + (_DOVECOT_2_4 if new else _DOVECOT_2_3)).format(
            folder=self.folder,
            password=PASSWORD,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
            chroot=chroot,
        )


@dataclass(frozen=True)
class Snapshot:
    """A folder as it is: what may never change by our doing."""

    uidvalidity: int
    messages: Mapping[int, tuple[tuple[bytes, ...], int]]
    """UID to flags and MODSEQ (RFC 7162)."""


_numbers = itertools.count(1)


class Account:
    """A new, empty mailbox on a Dovecot."""

    def __init__(self, server: Dovecot) -> None:
        self._server = server
        self.host, self.port, self.tls_port = LOCALHOST, server.port, server.tls_port
        self.user, self.password = f"info{next(_numbers)}@wkm.example", PASSWORD

    @cached_property
    def _client(self) -> IMAPClient:
        return self.connect()

    def connect(self) -> IMAPClient:
        """A connection of its own, as a mail client has, logged in."""
        client = IMAPClient(self.host, self.port, ssl=False)
        client.login(self.user, self.password)
        return client

    def create(self, folder: str) -> None:
        """Make a folder."""
        self._client.create_folder(folder)

    def deliver(
        self,
        content: bytes,
        folder: str = "INBOX",
        internaldate: datetime | None = None,
        flags: tuple[bytes, ...] = (),
    ) -> None:
        """Put a message there, received now or at the instant given."""
        self._client.append(folder, content, flags, internaldate)

    def snapshot(self, folder: str = "INBOX") -> Snapshot:
        """The folder's messages, without changing anything."""
        state = self._client.select_folder(folder, readonly=True)
        found = self._client.fetch(self._client.search("ALL"), ["FLAGS", "MODSEQ"])
        messages = {uid: (tuple(sorted(each[b"FLAGS"])), each[b"MODSEQ"][0]) for uid, each in found.items()}
        self._client.unselect_folder()
        return Snapshot(state[b"UIDVALIDITY"], messages)

    def stop(self) -> None:
        """Stop the server."""
        self.close()
        self._server.stop()

    def start(self) -> None:
        """Start the server again, with everything that was in it."""
        self._server.start()

    def close(self) -> None:
        """Let go of our own connection."""
        if client := self.__dict__.pop("_client", None):
            client.logout()


_MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_protocols = ipv4
myhostname = mx.example
mydestination =
alias_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:box/
virtual_mailbox_base = {folder}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{
  {{ gone@refused.example = 550 5.1.1 gone@refused.example is not here }},
  {{ later@refused.example = 450 4.2.0 later@refused.example is busy }} }}
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
"""

_SUBMISSION = "-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject"

_MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{starttls_port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt {submission}
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {submission}
anvil unix - - n - 1 anvil
bounce unix - - n - 0 bounce
cleanup unix n - n - 0 cleanup
defer unix - - n - 0 bounce
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
proxymap unix - - n - - proxymap
qmgr unix n - n 300 1 qmgr
retry unix - - n - - error
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
virtual unix - n n - - virtual
"""


class Postfix(_Server):
    """Takes mail to anybody and keeps it, but for two recipients under refused.example.

    `port` is plain without login; `starttls_port` and `tls_port` want a login (any user with `PASSWORD`,
    asked of the Dovecot in the same folder).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "postfix.log"
        self.host = LOCALHOST
        self.port, self.starttls_port, self.tls_port = free_port(), free_port(), free_port()
        self.user, self.password = "info@wkm.example", PASSWORD
        owner = pwd.getpwnam("nobody")
        for name, user in (("conf", "root"), ("queue", "root"), ("data", "postfix"), ("box", "nobody")):
            (folder / name).mkdir()
            shutil.chown(folder / name, user)
        main = _MAIN_CF.format(folder=folder, uid=owner.pw_uid, gid=owner.pw_gid)
        (folder / "conf" / "main.cf").write_text(main)
        ports = {"port": self.port, "starttls_port": self.starttls_port, "tls_port": self.tls_port}
        (folder / "conf" / "master.cf").write_text(_MASTER_CF.format(**ports, submission=_SUBMISSION))
        self.command = [_program("postfix"), "-c", str(folder / "conf"), "start-fg"]

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        subprocess.run([*self.command[:-1], "stop"], check=True, capture_output=True)

    def messages(self, expect: int = 0) -> list[tuple[str, list[str], bytes]]:
        """Envelope sender, recipients and content of all that arrived, in order, once nothing is on its way."""
        until(lambda: len(self._files()) >= expect and not self._queued(), f"{expect} messages arrived")
        return [_arrived(path.read_bytes()) for path in self._files()]

    def clear(self) -> None:
        """Forget what arrived."""
        for path in self._files():
            path.unlink()

    def _files(self) -> list[Path]:
        return sorted((self.folder / "box").glob("new/*"), key=lambda path: path.stat().st_mtime_ns)

    def _queued(self) -> bool:
        queues = (self.folder / "queue" / name for name in ("incoming", "active", "deferred"))
        return any(path.is_file() for queue in queues for path in queue.rglob("*"))


def _arrived(content: bytes) -> tuple[str, list[str], bytes]:
    """What Postfix put on top, read and taken off again."""
    top = message_from_bytes(content)
    lines = content.replace(b"\n", b"\r\n").split(b"\r\n")
    received = next(number for number, line in enumerate(lines) if line.startswith(b"Received:"))
    first = next(
        number for number in range(received + 1, len(lines)) if not lines[number].startswith((b"\t", b" "))
    )
    return str(top["Return-Path"]).strip("<>"), [str(top["X-Original-To"])], b"\r\n".join(lines[first:])


class Scripted:
    """A server that follows a script: what it says to each line that it hears, None to hang up."""

    def __init__(self, greeting: bytes, answer: Callable[[bytes], bytes | None]) -> None:
        self.host = LOCALHOST
        self.heard: list[bytes] = []
        script = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    self.wfile.write(greeting)
                    for line in self.rfile:
                        script.heard.append(line.rstrip(b"\r\n"))
                        said = answer(line.rstrip(b"\r\n"))
                        if said is None:
                            return
                        self.wfile.write(said)

        self._server = socketserver.ThreadingTCPServer((LOCALHOST, 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def scripted_smtp(replies: Mapping[str, str | None], offers: str = "") -> Scripted:
    """An SMTP server that takes everything, but for these replies to a verb (MAIL, RCPT, DATA, or `.` for the
    end of the message); None hangs up."""
    usual = {"DATA": "354 go on", ".": "250 2.0.0 taken", "QUIT": "221 bye"}
    usual["EHLO"] = f"250-mx.example\r\n250 {offers}" if offers else "250 mx.example"
    reading = False

    def answer(line: bytes) -> bytes | None:
        nonlocal reading
        if reading and line != b".":
            return b""
        verb = line[:4].decode().upper()
        said = replies[verb] if verb in replies else usual.get(verb, "250 2.0.0 ok")
        reading = verb == "DATA" and (said or "").startswith("354")
        return None if said is None else f"{said}\r\n".encode()

    return Scripted(b"220 mx.example ESMTP\r\n", answer)


def scripted_imap(replies: Mapping[str, str | Callable[[], str] | None], capabilities: str = "IDLE") -> Scripted:
    """An IMAP server with one message, but for these replies to a command (`EXAMINE`, `UID FETCH`, `DONE`, …).

    `TAG` in a reply stands for the tag; None hangs up.
    """
    usual = {
        "CAPABILITY": f"* CAPABILITY IMAP4rev1 {capabilities}\r\nTAG OK done",
        "EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 10] ok\r\nTAG OK [READ-ONLY] done",
        "IDLE": "+ idling",
        "UID SEARCH": "* SEARCH 9\r\nTAG OK done",
        "LOGOUT": "* BYE\r\nTAG OK done",
    }
    idling = b""

    def answer(line: bytes) -> bytes | None:
        nonlocal idling
        tag, _, rest = line.partition(b" ")
        words = rest.decode().upper().split()
        command = " ".join(words[: 2 if words[:1] == ["UID"] else 1]) or "DONE"
        if command == "IDLE":
            idling = tag
        said = {**usual, **replies}.get(command, "TAG OK done")
        text = said() if callable(said) else said
        tag = idling if command == "DONE" else tag
        return None if text is None else f"{text}\r\n".replace("TAG", tag.decode()).encode()

    return Scripted(b"* OK ready\r\n", answer)
