# SPDX-License-Identifier: GPL-3.0-or-later
"""What unpend bulk needs of memory, whatever the length of its input."""
import concurrent.futures
import json
import subprocess

from product import BINARY
from test_bulk import children_of, line_of


def peak_memory_kb(pid):
    """The most that a process has had so far, as the kernel kept it."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def write_all(file, octets):
    file.write(octets)
    file.flush()


def test_memory_does_not_grow_with_the_input(unpend):
    peaks = []
    for count in (10_000, 100_000):
        text = "".join(line_of("healthy.com") if number % 50 == 0 else f"nobody{number}@a.com\n"
                       for number in range(count))
        with subprocess.Popen([BINARY, "bulk", "--config", unpend.config, "--probes", "2",
                               "--ordered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
            with concurrent.futures.ThreadPoolExecutor(1) as beside:
                written = beside.submit(write_all, run.stdin, text.encode())
                told = [json.loads(run.stdout.readline()) for _ in range(count)]
                written.result()
            # It waits for more: all it had to hold it has held.
            peaks.append(sum(map(peak_memory_kb, [run.pid, *children_of(run.pid)])))
        assert [line["line"] for line in told] == list(range(1, count + 1))
        assert all(("error" in line) == (line["line"] % 50 != 1) for line in told)
    assert peaks[1] < 48 * 1024 and peaks[1] < peaks[0] + 6 * 1024
