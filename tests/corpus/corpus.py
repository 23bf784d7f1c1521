# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole corpus: its entries, the world that serves them, and what the program says."""
import collections
import dataclasses
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from world import World, asking, samples, zones

from . import (correct, crowds, delegation, entry, ground, keys, mail, moments, names, registry,
               targets)
from .liar import LIAR, Liar

FAMILIES = {"delegation": delegation, "names": names, "targets": targets, "keys": keys,
            "mail": mail, "moments": moments,
            "crowds": crowds, "correct": correct}
ENTRIES = tuple(one for family in FAMILIES.values() for one in family.ENTRIES)
WORKERS = max(4, len(os.sched_getaffinity(0)))     # most of them wait for dead servers
CHECK_TIMEOUT_S = 60

SES_RECORDS = (
    *(f"{token}.dkim {zones.txt('', 'p=' + key).lstrip()}"
      for token, key in zip(samples.TOKENS, samples.PUBLIC_KEYS)),
    "feedback-smtp.us-east-1 A 192.0.2.211", "feedback-smtp.eu-west-1 A 192.0.2.212",
    zones.txt("@", "v=spf1 ip4:192.0.2.211 -all"))


def platform_keys():
    """What the platform publishes beside its usual keys: weak ones, revoked ones, and so on."""
    lines = []
    for token, key in zip(samples.TOKENS, samples.PUBLIC_KEYS):
        text = zones.txt("", "p=" + key).lstrip()
        lines += [
            f"{token}.addressed {text}", f"{token}.addressed A 192.0.2.220",
            f"{token}.addressed AAAA 2001:db8:9::220",
            f"below.{token}.empty A 192.0.2.221",
            f"{token}.weak TXT \"p={keys.rsa_key(512)}\"",
            f"{token}.revoked TXT \"v=DKIM1; p=\"",
            f"{token}.chain CNAME {token}.dkim",
            f"{token}.chain2 CNAME {token}.chain"]
    return lines


@dataclasses.dataclass
class Outcome:
    """What the program said of an entry."""
    entry: entry.Entry
    exit_code: int
    codes: list             # of all findings, in order
    top: str                # the first that is to be acted on; for advice, the first at all
    text: str

    @property
    def is_right(self):
        return (self.top, self.exit_code) == (self.entry.code, self.entry.exit_code)

    def __str__(self):
        wanted = f"{self.entry.code or 'nothing'}, exit {self.entry.exit_code}"
        said = f"{self.top or 'nothing'}, exit {self.exit_code}"
        return (f"{self.entry.domain}: {self.entry.about}\n    label {wanted}; said {said} "
                f"(all: {' '.join(self.codes) or 'none'})")


class Ground(World):
    """The corpus's world: with a lying resolver and a registry that speaks RDAP."""

    def __init__(self, folder, entries, **options):
        super().__init__(folder, plan=ground, **options)
        self.entries, self.rdap = entries, None
        samples.install(self, ())
        self.add(samples.PLATFORM, platform_keys())
        self.zone("amazonses.com", "goodhost", SES_RECORDS)
        for one in entries:
            entry.install(self, one)

    def start(self):
        super().start()
        self.rdap = registry.Rdap({one.domain: one.registered for one in self.entries
                                   if one.registered})
        liar = self.resolvers["liar"] = Liar(
            "liar", [LIAR], os.path.join(self._servers_folder, "liar"), self.root_hints,
            self.trust_anchor)
        liar.start()
        liar.ready()
        self.live()

    def stop(self):
        super().stop()
        if self.rdap is not None:
            self.rdap.close()

    def live(self):
        """Resolvers hear of what was; then the zones change."""
        changed = [one for one in self.entries if one.was is not None]
        for one in changed:
            for row in (entry.expectation(one) or {})["records"]:
                for address, _ in self.plan.RESOLVERS.values():
                    asking.ask(address, row["name"], row["type"], timeout_s=5, recursion=True)
        for one in changed:
            self.publish(one.zone or one.domain, entry.final_records(one))

    def settings(self):
        return {**super().settings(), "rdap": {"url": self.rdap.url, "bootstrap": ""}}


def lay_out(folder, entries=ENTRIES, **options):
    """A world, not entered yet, with the platform, SES and these entries in it."""
    return Ground(folder, entries, **options)


def top_of(one, findings):
    codes = [f["code"] for f in findings
             if f["severity"] != "note" or one.kind == entry.ADVICE]
    return codes[0] if codes else ""


def check(binary, config, folder, one):
    """Runs the program on one entry."""
    words = [binary, "check", one.typed or one.domain, "--config", config, "--json",
             "--save", os.path.join(folder, one.domain[:100] + ".seen.json"), *one.options]
    expected = entry.expectation(one)
    if expected is not None:
        words += ["--expect", "-"]
    done = subprocess.run(words, input=json.dumps(expected).encode(), capture_output=True,
                          timeout=CHECK_TIMEOUT_S, env=dict(os.environ, LC_ALL="C.UTF-8"))
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return Outcome(one, done.returncode, [], "no report", done.stderr.decode(errors="replace"))
    return Outcome(one, done.returncode, [f["code"] for f in report["findings"]],
                   top_of(one, report["findings"]), done.stdout.decode())


def check_all(binary, config, folder, entries=ENTRIES, workers=WORKERS):
    """First those of which resolvers remember something: in a minute they forget it."""
    order = sorted(range(len(entries)), key=lambda at: entries[at].was is None)
    with ThreadPoolExecutor(workers) as pool:
        begun = {at: pool.submit(check, binary, config, folder, entries[at]) for at in order}
    return [begun[at].result() for at in range(len(entries))]


def confusion(outcomes):
    """The wrong ones, and how many a code has, as text."""
    lines = [str(outcome) for outcome in outcomes if not outcome.is_right]
    return "\n".join(lines)


def count_by_code(outcomes):
    """Code: how many, how many right."""
    counts = collections.OrderedDict()
    for outcome in sorted(outcomes, key=lambda one: (one.entry.kind, one.entry.code)):
        key = outcome.entry.code or "correct"
        total, right = counts.get(key, (0, 0))
        counts[key] = (total + 1, right + outcome.is_right)
    return counts
