# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks share: rows that are printed, cores, memory."""
import contextlib
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("UNPEND_BUILD") or os.path.dirname(
    os.environ.get("UNPEND_BINARY", os.path.join(ROOT, "build", "unpend")))


def say(what, figure, goal=None, is_met=None):
    word = "" if goal is None else f"  goal {goal} {'met' if is_met else 'MISSED'}"
    print(f"{what:58} {figure:>28}{word}", flush=True)


def build(*targets):
    """Those in build/ that are made only when they are asked for."""
    words = ["ninja", "-C", BUILD, *targets]
    if subprocess.run(words, capture_output=True).returncode != 0:
        # It was set up before what they need was installed, perhaps.
        subprocess.run(["ninja", "-C", BUILD, "reconfigure"], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def cores():
    """The numbers of those that we may use."""
    return sorted(os.sched_getaffinity(0))


def memory_mb(process):
    """Proportional set size of it and its children."""
    pids = [process.pid, *map(int, subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split())]
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total / 1024
