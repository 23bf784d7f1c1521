# SPDX-License-Identifier: GPL-3.0-or-later
"""How many questions `unpend bulk` asks, counted by the name servers."""
import json
import subprocess

from contenders import bulk_words
from sim import RECORD_KINDS, questions

ZONES = 1000
COLD_MAX, WARM_MAX = 7.05, 6.01
# What each probe has to learn once: the TLDs, and where sixteen hosters are.
ONCE = 4 + 16
AT_A_TIME = "16"
# Where this machine does not let anybody answer in time, questions are asked again: that can
# only add, so what one of some runs needs is what is needed.
RUNS = 5


def run(sim, times):
    """The reports, and what was asked for them, by kind."""
    path, before = sim.input("identities", 0, ZONES, times), sim.counts()
    done = subprocess.run(bulk_words(sim, path, 1, "--max-in-flight", AT_A_TIME),
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()], sim.counts_since(before)


def least(sim, times, enough):
    """Questions of a run, when so many are enough; else of the best of RUNS."""
    fewest = None
    for _ in range(RUNS):
        reports, asked = run(sim, times)
        assert [report["verdict"] for report in reports] == ["ok"] * times * ZONES
        fewest = min(fewest or questions(asked), questions(asked))
        if fewest <= enough:
            break
    return fewest


def test_a_right_identity_costs_its_questions_and_one_referral(sim):
    enough = COLD_MAX * ZONES + ONCE
    assert least(sim, 1, enough) <= enough


def test_a_known_delegation_costs_nothing(sim):
    once = least(sim, 1, 0)
    enough = once + WARM_MAX * 2 * ZONES
    assert least(sim, 3, enough) <= enough


def test_each_record_is_asked_for(sim):
    _, asked = run(sim, 1)
    dkim, *others = (asked[kind] for kind in RECORD_KINDS)
    assert dkim >= 3 * ZONES and min(others) >= ZONES, asked


def test_a_wrong_record_is_never_right(sim):
    with open(sim.input("identities", 0, ZONES)) as file:
        lines = file.read().splitlines()
    wrong = sim.write("wrong", "".join(
        line.replace("p=none", "p=reject", number % 2) + "\n"
        for number, line in enumerate(lines[:40])))
    done = subprocess.run(bulk_words(sim, wrong, 1, "--ordered"), capture_output=True, timeout=120)
    verdicts = [json.loads(line)["verdict"] for line in done.stdout.splitlines()]
    assert len(verdicts) == 40 and {*verdicts[::2]} == {"ok"} and "ok" not in verdicts[1::2]
