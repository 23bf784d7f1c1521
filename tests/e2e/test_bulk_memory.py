# SPDX-License-Identifier: GPL-3.0-or-later
"""What unpend bulk needs of memory, whatever the length of its input."""
import concurrent.futures
import json
import subprocess

from product import BINARY
from test_bulk import children_of, line_of

RUNS = 4


def peak_memory_kb(pid):
    """The most that a process has had so far, as the kernel kept it."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def write_all(file, octets):
    file.write(octets)
    file.flush()


def peak_of(unpend, count):
    """Of a run over so many lines, of which one in fifty is a domain and the others are none."""
    text = "".join(line_of("healthy.com") if number % 50 == 0 else f"nobody{number}@a.com\n"
                   for number in range(count))
    with subprocess.Popen([BINARY, "bulk", "--config", unpend.config, "--probes", "2",
                           "--ordered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        with concurrent.futures.ThreadPoolExecutor(1) as beside:
            written = beside.submit(write_all, run.stdin, text.encode())
            told = [json.loads(run.stdout.readline()) for _ in range(count)]
            written.result()
        # It waits for more: all it had to hold it has held.
        peak = sum(map(peak_memory_kb, [run.pid, *children_of(run.pid)]))
    assert [line["line"] for line in told] == list(range(1, count + 1))
    assert all(("error" in line) == (line["line"] % 50 != 1) for line in told)
    assert peak < 48 * 1024
    return peak


def test_memory_does_not_grow_with_the_input(unpend):
    """Answers that wait for one before them take memory, more of it where the machine is busy:
    so that the least of some runs counts.
    """
    small = peak_of(unpend, 10_000)
    large = []
    while len(large) < RUNS and not any(peak < small + 6 * 1024 for peak in large):
        large.append(peak_of(unpend, 100_000))
    assert min(large) < small + 6 * 1024
