# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real shells offer behind `unpend`."""
import os
import pty
import select
import subprocess
import time

import pytest

from product import BINARY

PATIENCE_S = 20

# What is typed (the last word is being completed), and what must be among the offers.
OFFERS = [
    (["ch"], {"check"}),
    (["explain", "U30"], {"U301", "U302"}),
    (["explain", "--fa"], {"--family"}),
    (["explain", "--family", "U9"], {"U9", "U95"}),
    (["check", "--e"], {"--expect"}),
    (["resolve", "example.com", "DNSK"], {"DNSKEY"}),
    (["check", "--dns.fo"], {"--dns.forward"}),
    (["serve", "--log.level", "d"], {"debug"}),
    (["config", "sh"], {"show"}),
    (["help", "exit"], {"exit-codes"}),
    (["records", "example.com", "--as", "route"], {"route53"}),
    (["lint", "--type", "dm"], {"dmarc"}),
    (["completions", "fi"], {"fish"}),
    (["trace", "example.com", "--lang", "j"], {"ja"}),
]
HIDDEN = "--fd"        # of the processes that serve starts


def environment(folder):
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8",
            "TERM": "dumb"}


@pytest.fixture
def folder(tmp_path):
    """A home whose first program is the one under test, and a file to be offered."""
    (tmp_path / "unpend").symlink_to(BINARY)
    (tmp_path / "seen here.json").write_text("{}")
    return tmp_path


def ask_bash(folder, words):
    script = ('eval "$(unpend completions bash)"; COMP_WORDS=(unpend "$@"); COMP_CWORD=$#; '
              '_unpend; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["/bin/bash", "--norc", "-c", script, "bash", *words], cwd=folder,
                          env=environment(folder), capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    return set(done.stdout.split("\n")) - {""}


def ask_fish(folder, words):
    line = " ".join(["unpend", *words])
    done = subprocess.run(["/usr/bin/fish", "--no-config", "-c",
                           f"unpend completions fish | source; complete -C '{line}'"],
                          cwd=folder, env=environment(folder), capture_output=True, text=True,
                          timeout=30)
    assert done.stderr == ""
    return {offer.split("\t")[0] for offer in done.stdout.splitlines()}


class Zsh:
    """An interactive zsh at a pseudo-terminal: its completion works nowhere else."""

    def __init__(self, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve("/usr/bin/zsh", ["zsh", "-f", "-i"], environment(folder))
        self.seen = ""
        self.type("autoload -Uz compinit; compinit -u -D\n"
                  'eval "$(unpend completions zsh)"\n'
                  "unpend() { print -r -- GOT:${(j:,:)@}:END }\n"
                  "setopt menucomplete nobeep; print READY$((1))\n")
        self.await_text("READY1")

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)

    def type(self, text):
        os.write(self.fd, text.encode())

    def await_text(self, text):
        ends = time.monotonic() + PATIENCE_S
        while text not in self.seen:
            left = ends - time.monotonic()
            assert left > 0 and select.select([self.fd], [], [], left)[0], \
                f"no {text!r} in {self.seen!r}"
            self.seen += os.read(self.fd, 65536).decode(errors="replace")
        before, _, self.seen = self.seen.partition(text)
        return before

    def complete(self, words):
        """The arguments that a command gets after Tab: the first offer is taken."""
        self.type(" ".join(["unpend", *words]) + "\t\n")
        self.await_text("GOT:")
        return self.await_text(":END").rstrip().split(",")


@pytest.mark.parametrize("ask", [ask_bash, ask_fish])
@pytest.mark.parametrize("words, wanted", OFFERS, ids=lambda value: " ".join(value))
def test_a_shell_offers_what_fits(folder, ask, words, wanted):
    offers = ask(folder, words)
    assert wanted <= offers
    assert all(offer.lower().startswith(words[-1].lower()) for offer in offers)


def test_zsh_completes_what_fits(folder):
    zsh = Zsh(folder)
    try:
        for words, wanted in OFFERS:
            done = zsh.complete(words)
            assert done[:-1] == words[:-1]
            assert done[-1] in wanted
    finally:
        zsh.close()


@pytest.mark.parametrize("ask", [ask_bash, ask_fish])
def test_files_are_offered_where_a_file_is_wanted(folder, ask):
    for words in (["check", "--expect", "se"], ["judge", "se"], ["check", "--config", "se"]):
        offers = {offer.replace("\\", "").strip("'") for offer in ask(folder, words)}
        assert "seen here.json" in offers


@pytest.mark.parametrize("ask", [ask_bash, ask_fish])
def test_what_is_not_for_people_is_not_offered(folder, ask):
    offers = ask(folder, ["probe", "--"])
    assert "--listen" in offers and HIDDEN not in offers


def test_an_unknown_shell_is_wrong_usage(folder):
    done = subprocess.run([BINARY, "completions", "tcsh"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "bash, zsh, fish" in done.stderr
