# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the scenarios and their runner are, and the network that they run in."""
import os

from world import namespace

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
BINARY = os.path.abspath(os.environ.get("UNPEND_BINARY",
                                        os.path.join(REPOSITORY, "build", "unpend")))
RUNNER = os.path.join(os.path.dirname(BINARY), "tests", "scenario", "scenario")
NOT_SCENARIOS = ("worlds", "zones", "__pycache__")
SHARES = 4      # processes at once


def find_all():
    """Every file in a folder here but those that scenarios include."""
    return sorted(os.path.join(HERE, folder, name) for folder in os.listdir(HERE)
                  if os.path.isdir(os.path.join(HERE, folder)) and folder not in NOT_SCENARIOS
                  for name in os.listdir(os.path.join(HERE, folder)))


def find_cases():
    """The names of all scenarios: a file, or a file and the first word of a row."""
    cases = []
    for path in find_all():
        name = os.path.relpath(path, HERE)
        with open(path, encoding="utf-8") as file:
            rows = [line.split("\t")[1].strip() for line in file if line.startswith("row\t")]
        cases += [f"{name}:{row}" for row in rows] or [name]
    return cases


def enter():
    """Move this process into a network whose loopback answers for every address that a
    scenario uses; none but four are the machine's own."""
    namespace.enter()
    namespace.run_ip(["route add local 198.18.0.0/15 dev lo",
                      "addr add 2001:db8:ffff::1/128 dev lo nodad",
                      "route add local 2001:db8::/32 dev lo"])
