# SPDX-License-Identifier: GPL-3.0-or-later
"""Every scenario holds: verdict, findings, and what it may cost."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

import amplification
from scenarios import HERE, RUNNER, SHARES, find_all, find_cases

PATIENCE_S = 120


def run_share(files):
    """What the runner says of each scenario in the files."""
    done = subprocess.run([os.path.join(HERE, "run"), *files], capture_output=True, text=True,
                          timeout=PATIENCE_S)
    said = {}
    name = None
    for line in done.stdout.splitlines():
        match = re.match(r"(ok|not ok) ([^ ]*?)(?:: (.*))?$", line)
        if match:
            name = os.path.relpath(match[2], HERE)
            said[name] = [line]
        elif name:
            said[name].append(line)
    return said, done.stdout, done.stderr


@pytest.fixture(scope="session")
def said():
    """Each share of the files in a process, and a network, of its own."""
    assert os.path.exists(RUNNER), f"{RUNNER} is not built"
    files = find_all()
    shares = [files[at::SHARES] for at in range(SHARES)]
    found, text, errors = {}, "", ""
    with ThreadPoolExecutor(SHARES) as pool:
        for part, stdout, stderr in pool.map(run_share, shares):
            found.update(part)
            text += stdout
            errors += stderr
    return found, text, errors


@pytest.mark.parametrize("case", find_cases())
def test_scenario(said, case):
    found, _, errors = said
    assert case in found, f"was not run\n{errors[-4000:]}"
    assert found[case][0].startswith("ok "), "\n".join(found[case]) + f"\n{errors[-4000:]}"


@pytest.mark.parametrize("path", find_all())
def test_a_scenario_says_what_it_is(path):
    with open(path) as file:
        first = file.readline()
    assert first.startswith("# ") and len(first) > 20


def test_what_is_written_of_amplification_is_what_is_measured(said):
    """Packets to the packet or two, octets to a tenth: the page is written anew where more has
    changed."""
    with open(amplification.DOCUMENT, encoding="utf-8") as file:
        written = amplification.figures_of(file.read())
    measured = amplification.figures_of(amplification.write(amplification.measure(said[1])))
    assert written.keys() == measured.keys()
    for name, figures in measured.items():
        assert len(written[name]) == len(figures), name
        for was, now in zip(written[name], figures):
            assert abs(was - now) <= max(2, was // 10), (name, written[name], figures)
