# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks in the engine's benchmark: unpend, the floor, and the peers from Debian."""
import dataclasses
import glob
import json
import os
import re
import subprocess
import tempfile

from rows import BUILD
from sim import HOSTER, RECORDS, RESOLVERS, ROOT_HINTS, domain, pinned, questions
from world import namespace
from world.asking import ask, await_truth

UNPEND = os.environ.get("UNPEND_BINARY", os.path.join(BUILD, "unpend"))
WINDOW = 200                # unanswered questions at one address
RESOLVER = "192.0.2.100"    # where an iterating peer listens
PATIENCE_S = 300


@dataclasses.dataclass
class Figures:
    """What some look-ups have cost."""
    lookups: int
    seconds: float
    cpu_s: float
    memory_kb: int = 0

    @property
    def rate(self):
        return self.lookups / self.seconds

    @property
    def cpu(self):
        """CPU seconds of a million."""
        return 1e6 * self.cpu_s / self.lookups

    def less(self, other):
        """What was done beyond another run."""
        return Figures(self.lookups - other.lookups, self.seconds - other.seconds,
                       self.cpu_s - other.cpu_s, self.memory_kb)


def program(name):
    return os.path.join(BUILD, "bench", name)


def spend(words, cores=(), out=subprocess.DEVNULL, stdin=subprocess.DEVNULL, may_end_with=(0,)):
    """Runs it; gives what it took (see spend.c), as a dictionary."""
    with tempfile.NamedTemporaryFile("r") as said:
        done = subprocess.run([*pinned(cores), program("spend"), said.name, *words],
                              stdout=out, stderr=subprocess.PIPE, stdin=stdin, timeout=PATIENCE_S)
        used = json.loads(said.read())
    if done.returncode not in may_end_with:
        raise RuntimeError(f"{words[:2]}: {done.returncode}\n{done.stderr.decode()[-2000:]}")
    return used


def figures(lookups, used):
    return Figures(lookups, used["seconds"], used["user_s"] + used["system_s"],
                   used["memory_kb"])


# unpend


def bulk_words(sim, path, probes=1, *more, sandbox=True):
    """What callgrind runs cannot be in the sandbox."""
    config = sim.config(dns={"sandbox": "true" if sandbox else "false"})
    return [UNPEND, "bulk", "--config", config, "--expect", path, "--probes", str(probes), *more]


def slow_words(sim, path):
    """For callgrind: so few at a time that no answer comes too late."""
    return bulk_words(sim, path, 1, "--max-in-flight", "16", sandbox=False)


def check_words(sim, zone):
    """One of them by itself, with its public resolvers."""
    return [UNPEND, "check", domain(zone), "--config", sim.config(resolvers=RESOLVERS),
            "--expect", sim.input("identities", zone, 1), "--json"]


def run_bulk(sim, cores, zones, times=1, first=0, probes=1):
    """The identities of so many zones, so many times over. All are right."""
    path, report = sim.input("identities", first, zones, times), f"{sim.folder}/reports"
    with open(report, "wb") as out:
        used = spend(bulk_words(sim, path, probes), cores, out, may_end_with=range(5))
    with open(report, "rb") as lines:
        right = sum(b'"verdict":"ok"' in line for line in lines)
    if right < zones * times:
        print(f"    of {zones * times} identities unpend found {right} right", flush=True)
    return figures(RECORDS * right, used)


# The floor, and peers that ask one server


def run_floor(cores, lookups, window=WINDOW, addresses=1):
    """Says itself what it took."""
    done = subprocess.run([*pinned(cores), program("floor"), str(lookups), str(window),
                           str(addresses)], stdout=subprocess.PIPE, check=True)
    return said_figures(done.stdout)


def said_figures(text):
    said = json.loads(text)
    return Figures(said["lookups"], said["seconds"], said["cpu_s"])


def dnsperf_words(path, server=HOSTER, window=WINDOW, clients=1):
    return ["dnsperf", "-s", server, "-d", path, "-n", "1", "-c", str(clients), "-T", "1", "-q",
            str(window), "-t", "2"]


def adnshost_words():
    return ["adnshost", "-a", "-f", "-Qq", "--config", f"nameserver {HOSTER}"]


def library_words(name, path, window=WINDOW):
    return [program(f"peer_{name}"), path, HOSTER, str(window)]


def run_dnsperf(sim, cores, zones):
    used = spend(dnsperf_words(sim.input("dnsperf", 0, zones)), cores)
    return figures(RECORDS * zones, used)


def run_adnshost(sim, cores, zones):
    """It sends whatever it is given, and is given as much as the others have under way."""
    with open(sim.input("adnshost", 0, zones), "rb") as file:
        lines = file.read().splitlines(keepends=True)
    lines = [first + second for first, second in zip(lines[::2], lines[1::2])]
    with tempfile.NamedTemporaryFile("r") as said:
        with subprocess.Popen([*pinned(cores), program("spend"), said.name, *adnshost_words()],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as child:
            answered = feed(child, lines)
        return figures(answered, json.loads(said.read()))


def feed(child, lines):
    """Keeps WINDOW of the lines unanswered; gives how many were answered well."""
    given = ended = good = 0
    rest = b""
    while ended < len(lines):
        more = lines[given:ended + WINDOW]
        given += len(more)
        if more:
            child.stdin.write(b"".join(more))
        rest += child.stdout.read(1 << 16)
        whole, _, rest = rest.rpartition(b"\n")
        ended += whole.count(b" $ ")
        good += whole.count(b" ok 0 ok ")
    child.stdin.close()
    return good


def run_library(sim, cores, zones, name, window=WINDOW):
    words = library_words(name, sim.input("dnsperf", 0, zones), window)
    done = subprocess.run([*pinned(cores), *words], stdout=subprocess.PIPE, check=True)
    return said_figures(done.stdout)


# Instructions


def instructions(words, stdin=None):
    """Of a program and the processes that it starts, in user space, as callgrind counts them."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--trace-children=yes",
             f"--callgrind-out-file={folder}/%p", *words],
            stdin=stdin or subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            timeout=PATIENCE_S, env=dict(os.environ, LD_PRELOAD=program("exe.so")))
        total = 0
        for path in glob.glob(f"{folder}/*"):
            with open(path) as file:
                found = re.findall(r"^(?:totals|summary): (\d+)", file.read(), re.M)
                total += int(found[-1]) if found else 0
    if total == 0:
        raise RuntimeError(done.stderr.decode()[-2000:])
    return total


def instructions_each(run, few, many):
    """Of a look-up, when as many zones are added as lie between the two."""
    return (run(many) - run(few)) / ((many - few) * RECORDS)


# Peers that iterate


UNBOUND_CONF = """server:
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  num-threads: 1
  interface: {address}
  access-control: 0.0.0.0/0 allow
  do-not-query-localhost: no
  do-ip6: no
  root-hints: "{hints}"
  module-config: "iterator"
  qname-minimisation: {minimise}
  msg-cache-size: 256m
  rrset-cache-size: 512m
  outgoing-range: 8192
  num-queries-per-thread: 4096
  so-rcvbuf: 4m
  so-sndbuf: 4m
remote-control:
  control-enable: no
"""

KRESD_CONF = """net.ipv6 = false
net.listen('{address}', 53)
trust_anchors.remove('.')
modules.load('hints')
hints.root_file('{hints}')
policy.add(policy.all(policy.FLAGS({{{flags}}})))
cache.size = 512 * MB
"""


class Resolver:
    """A resolver with an empty cache on one core; use as a context."""

    def __init__(self, sim, cores, kind, minimise):
        self.sim, self.cores, self.kind = sim, cores, kind
        self.minimise, self.process, self.folder = minimise, None, None

    def _words(self):
        hints = self.sim.write("root.hints", ROOT_HINTS)
        if self.kind == "unbound":
            conf = UNBOUND_CONF.format(folder=self.folder.name, address=RESOLVER, hints=hints,
                                       minimise="yes" if self.minimise else "no")
            words = [namespace.find_program("unbound"), "-d", "-p", "-c"]
        else:
            flags = "" if self.minimise else "'NO_MINIMIZE'"
            conf = KRESD_CONF.format(address=RESOLVER, hints=hints, flags=flags)
            words = [namespace.find_program("kresd"), "-n", "-c"]
        path = os.path.join(self.folder.name, "conf")
        with open(path, "w") as file:
            file.write(conf)
        return [*words, path, *([self.folder.name] if self.kind == "kresd" else [])]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="unpend-bench-")
        self.process = subprocess.Popen(
            [*pinned(self.cores), *self._words()], cwd=self.folder.name, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=namespace.die_with_parent)
        await_truth(lambda: ask(RESOLVER, ".", "NS", recursion=True), f"{self.kind} to answer")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_resolver(sim, cores, kind, zones, minimise):
    """dnsperf through a resolver that knows nothing; also its questions of each domain."""
    with Resolver(sim, cores["client"], kind, minimise) as resolver:
        path, before, used = sim.input("dnsperf", 0, zones), sim.counts(), resolver.cpu_s()
        took = spend(dnsperf_words(path, RESOLVER, WINDOW, 4), cores["server"])
        asked = questions(sim.counts_since(before)) / zones
        return Figures(RECORDS * zones, took["seconds"], resolver.cpu_s() - used), asked
