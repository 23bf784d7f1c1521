# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's world, running: authsim, and what its clients are told of it (see zones.h)."""
import json
import os
import signal
import subprocess

from world import namespace

RECORDS = 6
RECORD_KINDS = ("dkim", "mail_from_mx", "mail_from_txt", "dmarc")
HOSTER = "198.51.100.1"
RESOLVERS = ("203.0.113.1", "203.0.113.2", "203.0.113.3")
NETWORKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
ROOT_HINTS = ". 3600000 NS a.root.\na.root. 3600000 A 192.0.2.1\n"
TLDS = ("com", "net", "org", "dev")


def domain(zone):
    """As zones_domain_write makes it."""
    return f"d{zone:07}.{TLDS[zone % 4]}"


def is_glued(zone):
    """Its referral brings the addresses of its name servers."""
    return zone % 4 == zone // 4 % 4


class Sim:
    """authsim in this network, as a context. `folder` is for the files of its clients."""

    def __init__(self, build, folder, cores=(), threads=1, delay_ms=0, loss=0, awake=False):
        self.folder, self.programs = folder, os.path.join(build, "bench")
        self.words = [*pinned(cores), os.path.join(self.programs, "authsim"), "--threads",
                      str(threads), "--delay", str(delay_ms), "--loss", str(loss),
                      "--awake", str(int(awake))]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=namespace.die_with_parent)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("authsim does not want to begin")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def counts(self):
        """Questions so far by kind, answers sent and lost."""
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self.process.stdout.readline())

    def counts_since(self, before):
        return {kind: n - before[kind] for kind, n in self.counts().items()}

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def config(self, name="unpend.conf", resolvers=(), **more):
        """What unpend is told of this world."""
        settings = {"dns": {"root_hints": self.write("root.hints", ROOT_HINTS),
                            "trust_anchor": "", "ipv6": "false",
                            "resolvers": ", ".join(resolvers),
                            "allow_addresses": ", ".join(NETWORKS)}}
        for section, keys in more.items():
            settings.setdefault(section, {}).update(keys)
        return self.write(name, "".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
            for section, keys in settings.items()))

    def input_words(self, form, first, count, times=1):
        return [os.path.join(self.programs, "input"), form, str(first), str(count), str(times)]

    def input(self, form, first, count, times=1):
        """The path of what a program reads; written once."""
        path = os.path.join(self.folder, f"{form}-{first}-{count}-{times}")
        if not os.path.exists(path):
            with open(path, "wb") as file:
                subprocess.run(self.input_words(form, first, count, times), stdout=file,
                               check=True)
        return path


def pinned(cores):
    """What runs a program on these cores; on any, if there are none."""
    return ["taskset", "-c", ",".join(map(str, cores))] if cores else []


def questions(counts):
    """All of them, public resolvers' apart."""
    return sum(n for kind, n in counts.items() if kind not in ("sent", "lost", "resolver"))
