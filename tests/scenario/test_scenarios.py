# SPDX-License-Identifier: GPL-3.0-or-later
"""Every scenario holds: verdict, findings, and what it may cost."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

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
    return said, done.stderr


@pytest.fixture(scope="session")
def said():
    """Each share of the files in a process, and a network, of its own."""
    assert os.path.exists(RUNNER), f"{RUNNER} is not built"
    files = find_all()
    shares = [files[at::SHARES] for at in range(SHARES)]
    found, errors = {}, ""
    with ThreadPoolExecutor(SHARES) as pool:
        for part, stderr in pool.map(run_share, shares):
            found.update(part)
            errors += stderr
    return found, errors


@pytest.mark.parametrize("case", find_cases())
def test_scenario(said, case):
    found, errors = said
    assert case in found, f"was not run\n{errors[-4000:]}"
    assert found[case][0].startswith("ok "), "\n".join(found[case]) + f"\n{errors[-4000:]}"


@pytest.mark.parametrize("path", find_all())
def test_a_scenario_says_what_it_is(path):
    with open(path) as file:
        first = file.readline()
    assert first.startswith("# ") and len(first) > 20
