# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail host on the loopback: a real Postfix with a configuration of its own.

It takes mail for inbox.example on 127.0.0.1 and keeps it in a Maildir. Postfix needs to
be root, to become others; where we are not, its own smtp-sink takes the mail instead.
"""
import dataclasses
import email
import email.policy
import os
import pwd
import re
import shutil
import smtplib
import subprocess
import tempfile

import dkim

from world import namespace
from world.asking import PATIENCE_S, await_truth

DAEMONS = "/usr/lib/postfix/sbin"
RECIPIENT = "someone@inbox.example"

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.inbox.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
enable_long_queue_ids = yes
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
virtual_mailbox_domains = inbox.example
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_peername_lookup = no
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
anvil unix - - n - 1 anvil
error unix - - n - - error
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
"""


@dataclasses.dataclass(frozen=True)
class Mail:
    """A message as it lies in the inbox."""
    raw: bytes

    @property
    def message(self):
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def queue_id(self):
        """Postfix's long ones sort in the order of arrival."""
        return re.search(rb"\bid ([0-9A-Za-z]+)", self.raw).group(1)

    def is_signed(self, world):
        """Whether dkimpy passes its signature, with the key as the world's DNS has it."""
        def find_key(name, timeout=5):
            values = world.resolve(name.decode().rstrip("."), "TXT")
            return "".join(re.findall(r'"([^"]*)"', values[0])).encode() if values else None
        return dkim.verify(self.raw, dnsfunc=find_key)

    @property
    def signature(self):
        """The tags of its DKIM-Signature."""
        text = re.sub(r"\s+", "", str(email.message_from_bytes(self.raw)["DKIM-Signature"]))
        return dict(tag.split("=", 1) for tag in text.split(";") if tag)


class MailHost:
    """Use as a context; port is where it listens."""

    def __init__(self, port=2525):
        self.port = port
        self.folder = tempfile.mkdtemp(prefix="unpend-mail-")
        self.process = None
        self.is_whole = os.geteuid() == 0 and os.stat("/proc/self").st_uid == 0 and \
            is_outside_user_namespace()

    def __enter__(self):
        try:
            self.start_postfix() if self.is_whole else self.start_sink()
            await_truth(self._greets, "the mail host to greet")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start_postfix(self):
        os.chmod(self.folder, 0o755)
        owner = pwd.getpwnam("postfix")
        for name in ("queue", "data", "inbox"):
            os.mkdir(f"{self.folder}/{name}")
        for name in ("data", "inbox"):
            os.chown(f"{self.folder}/{name}", owner.pw_uid, owner.pw_gid)
        words = {"folder": self.folder, "daemons": DAEMONS, "port": self.port,
                 "uid": owner.pw_uid, "gid": owner.pw_gid}
        for name, text in (("main.cf", MAIN_CF), ("master.cf", MASTER_CF)):
            with open(f"{self.folder}/{name}", "w") as file:
                file.write(text.format(**words))
        self._spawn(namespace.find_program("postfix"), "-c", self.folder, "start-fg")

    def start_sink(self):
        os.mkdir(f"{self.folder}/inbox")
        os.mkdir(f"{self.folder}/inbox/new")
        self._spawn(namespace.find_program("unshare"), "--user", "--map-user=1000",
                    namespace.find_program("smtp-sink"), "-d",
                    f"{self.folder}/inbox/new/%Y%m%d%H%M%S.", f"127.0.0.1:{self.port}", "64")

    def _spawn(self, *command):
        with open(f"{self.folder}/output", "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, start_new_session=True,
                                            preexec_fn=namespace.die_with_parent)

    def _greets(self):
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as client:
                return client.noop()[0] == 250
        except OSError:
            return False

    def stop(self):
        if self.process is not None:
            if self.is_whole:
                subprocess.run([namespace.find_program("postfix"), "-c", self.folder, "abort"],
                               capture_output=True)
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def read_all(self):
        """Everything in the inbox, in the order of arrival."""
        inbox = f"{self.folder}/inbox/new"
        found = []
        for entry in os.scandir(inbox) if os.path.isdir(inbox) else []:
            with open(entry.path, "rb") as file:
                mail = Mail(file.read())
            if mail.raw:
                order = mail.queue_id if self.is_whole else entry.stat().st_mtime_ns
                found.append((order, mail))
        return [mail for _, mail in sorted(found, key=lambda row: row[0])]

    def in_order(self, subjects):
        """As they came; sorted where smtp-sink cannot tell the order."""
        return list(subjects) if self.is_whole else sorted(subjects)

    def await_mails(self, count, patience_s=PATIENCE_S):
        """Wait until at least so many have arrived; gives them all."""
        def enough():
            mails = self.read_all()
            return mails if len(mails) >= count else None
        return await_truth(enough, f"{count} messages to arrive", patience_s)


def is_outside_user_namespace():
    with open("/proc/self/uid_map") as file:
        return file.read().split() == ["0", "0", "4294967295"]
