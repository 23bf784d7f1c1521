#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one check can be made to send: measured by the scenarios, written down in a document.

    tests/scenario/amplification.py            print the document
    tests/scenario/amplification.py --write    write it to doc/amplification.md
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

from scenarios import find_all  # noqa: E402

DOCUMENT = os.path.join(os.path.dirname(os.path.dirname(HERE)), "doc", "amplification.md")
LOOKS = re.compile(r"^look (\d+)x ", re.M)
# Per check the goal is 60 packets and 10 to one victim; many checks at once are one row each.
HEAD = """\
# What one check can be made to send

Whoever owns a domain writes its zone, and so decides whom a check of it asks. This page says how
much of that reaches others: for each family of attacks the packets and octets that one check
sends, in all and to the victim. The attacker's trigger is one check, a request of a few hundred
octets to the platform; his own servers have to answer what leads us on. The goals: **never more
than 60 packets out for one check, never more than 10 to any one victim's address.** A victim
with many addresses gets more: one network (/24, /48) 40 at most. For comparison: NXNSAttack got
more than 1,620 packets out of a resolver for one question, CAMP hundreds to thousands.

In `unpend bulk` a glance comes before the full look. Both together send 60 packets at most; but
an address that nobody knows to be a name server may get 15 of them, ten at once and five a
second after (`resolver/peer.h`), since the look does not know whom the glance asked.

The figures are measured, not estimated: each row is a scenario of `tests/scenario/amplification`,
run in virtual time with seeded randomness, and a test holds this page to them
(`tests/scenario/amplification.py --write` writes it anew). Octets are those of DNS in datagrams;
each packet has 28 (IPv4) to 48 (IPv6) more of headers. "To the victim" counts all of the victim's
addresses, "most" the one that gets most; a dash: the attack has no victim but us.

"""
TAIL = """
Nothing that we send is larger than {most_octets} octets, so no victim gets more octets than the
packets say: there is no amplification by size, only the number counts. What limits it is in
`src/resolver/budget.c` (per check), `src/resolver/peer.c` and `src/resolver/trickle.c` (over all
checks of a process: an address that has not answered as a name server gets a trickle, and so does
its network). Per tenant, a service sends at most `service.tenant_packets` a second for looks,
however many domains the tenant has and wherever they point (`src/service/turns.c`).

A question over TCP (after a truncated answer, or a packet that came close) counts as one of these
packets. On the wire it is up to six segments of 40 to 200 octets
(RFC 9293: SYN, ACK, the question, ACK, FIN, ACK), and only with a server that accepts it. Who does
not gets one SYN where a port is closed, and two where nothing comes back, for Linux repeats the
first after a second and a question waits two: a victim is sent at most 20 SYN for one check, and
over all checks the trickle counts its connections as packets
(`tests/resolver/test_tcp_segments.py`).
"""


def find_files():
    return [path for path in find_all() if os.sep + "amplification" + os.sep in path]


def run():
    """What the runner says of these scenarios."""
    done = subprocess.run([os.path.join(HERE, "run"), *find_files()], capture_output=True,
                          text=True, timeout=120)
    return done.stdout


def measure(said):
    """Name, what it is, number of checks, and figures of each scenario, in their order."""
    rows = []
    for path in find_files():
        at = f"\n{said}".find(f"\nok {path}\n")
        assert at >= 0, f"{path} does not hold"
        looks = LOOKS.search(said, at)
        line = said[looks.start():said.index("\n", looks.end())]
        figures = {key: int(n) for key, n in re.findall(r" ([a-z-]+)=(\d+)", line)}
        rows.append((os.path.basename(path), described(path), int(looks[1]), figures))
    return rows


def described(path):
    """What stands before the first full stop or colon of the comment at the file's head."""
    text = ""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                break
            text += " " + line[1:].strip()
    return re.match(r"(?:\([^)]*\)|[^(.:;]|\.(?! ))*", text.strip())[0].strip(" .")


def table(rows):
    lines = ["| scenario | attack | packets | octets | to the victim | octets | most |",
             "|---|---|---:|---:|---:|---:|---:|"]
    for name, what, checks, f in rows:
        victim = [str(f[key]) for key in ("victims", "victim-bytes", "victim-most")] \
            if f["victims"] else ["–"] * 3
        many = f" ({checks} checks at once)" if checks > 1 else ""
        lines.append(f"| `{name}` | {what}{many} | {f['packets']} | {f['bytes-out']} | "
                     + " | ".join(victim) + " |")
    return "\n".join(lines) + "\n"


def write(rows):
    most = max(f["bytes-out"] / f["packets"] for _, _, _, f in rows)
    return HEAD + table(rows) + TAIL.format(most_octets=-(-most // 50) * 50)


def figures_of(document):
    """Scenario to its figures, as the table has them."""
    return {name: [int(n) for n in re.findall(r"\| (\d+)(?= )", rest)]
            for name, rest in re.findall(r"^\| `([^`]+)` (.*)$", document, re.M)}


if __name__ == "__main__":
    text = write(measure(run()))
    if sys.argv[1:] == ["--write"]:
        with open(DOCUMENT, "w", encoding="utf-8") as out:
            out.write(text)
    else:
        print(text, end="")
