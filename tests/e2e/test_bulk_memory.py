# SPDX-License-Identifier: GPL-3.0-or-later
"""What unpend bulk needs of memory, whatever the length of its input."""
import json
import subprocess

from product import BINARY
from test_bulk import children_of, line_of


def peak_memory_kb(run):
    """What the run and its processes take together, at most."""
    peak = 0
    while run.poll() is None:
        now = 0
        for pid in [run.pid, *children_of(run.pid)]:
            try:
                with open(f"/proc/{pid}/smaps_rollup") as file:
                    now += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
            except OSError:
                pass
        peak = max(peak, now)
    return peak


def test_memory_does_not_grow_with_the_input(unpend, tmp_path):
    peaks = []
    for count in (10_000, 100_000):
        text = "".join(line_of("healthy.com") if number % 50 == 0 else f"nobody{number}@a.com\n"
                       for number in range(count))
        file = unpend.write("in.ndjson", text)
        with open(tmp_path / "out.ndjson", "wb") as out:
            run = subprocess.Popen([BINARY, "bulk", "--config", unpend.config, "--expect", file,
                                    "--probes", "2", "--ordered"], stdout=out)
            peaks.append(peak_memory_kb(run))
        with open(tmp_path / "out.ndjson") as lines:
            told = [json.loads(line) for line in lines]
        assert [line["line"] for line in told] == list(range(1, count + 1))
        assert all(("error" in line) == (line["line"] % 50 != 1) for line in told)
    assert peaks[1] < 48 * 1024 and peaks[1] < peaks[0] + 6 * 1024
