# SPDX-License-Identifier: GPL-3.0-or-later
"""A small share of `make soak`: a hundred thousand checks, a thousand of them full looks."""
import os
import subprocess

import pytest

from sim import Sim
from soak import Soak, growth, is_flat, spoil

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("UNPEND_BINARY", os.path.join(ROOT, "build", "unpend")))
BUILD = os.path.dirname(BINARY)
ZONES, CHECKS, EACH = 2_000, 100_000, 100
# So short a run ends before all queues have been full once, and on a busy machine they fill late:
# they are kept short. What each check of its second half would leave behind shows all the same:
# malloc hands out 32 octets at least.
IN_FLIGHT = 64
LEAK_KB = 32 * CHECKS // 2 // 1024


@pytest.fixture(scope="module")
def soaked(tmp_path_factory):
    subprocess.run(["ninja", "-C", BUILD, "bench/authsim", "bench/input"], check=True,
                   stdout=subprocess.DEVNULL)
    with Sim(BUILD, str(tmp_path_factory.mktemp("soak"))) as sim:
        with open(sim.input("identities", 0, ZONES), "rb") as file:
            text, lines, wrong = spoil(file.read(), EACH)
        assert (lines, wrong) == (ZONES, ZONES // EACH)
        return Soak([BINARY, "bulk", "--config", sim.config(), "--probes", "1",
                     "--max-in-flight", str(IN_FLIGHT)], text, CHECKS).run()


def test_every_check_has_its_verdict(soaked):
    assert soaked.checks == CHECKS
    assert (soaked.broken, soaked.unsure) == (CHECKS // EACH, 0)
    assert soaked.exit_code == 1


def test_nothing_grows(soaked):
    assert set(soaked.samples) == {"parent", "probe 1"}
    for name, samples in soaked.samples.items():
        assert is_flat(samples, CHECKS, LEAK_KB), (name, growth(samples, CHECKS))
