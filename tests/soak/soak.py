# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend bulk` for long: what it holds at the end is what it held after warming up.

The domains are those of the benchmark's world (bench/zones.h), again and again. Of each
hundred some expect another record than there is: they get a full look, and are told so.
"""
import contextlib
import dataclasses
import os
import statistics
import subprocess
import threading
import time

WRITE_SIZE = 1 << 20
PAUSE_S = 0.25
WARM = 0.3               # of the checks: until then caches fill and sockets are opened
GROWTH_MAX = 0.01
# What a probe's sockets and buffers move by at any moment, whatever the load.
SLACK_KB, SLACK_FILES = 192, 6
RIGHT, WRONG = b"dkim.amazonses.com", b"dkim.amazonses.org"


@dataclasses.dataclass
class Sample:
    """Of one process at one moment."""
    done: int            # checks until then
    memory_kb: int       # proportional set size
    files: int


@dataclasses.dataclass
class Soaked:
    """What came of it."""
    checks: int
    ok: int
    broken: int
    unsure: int          # could not be told, or read
    seconds: float
    exit_code: int
    samples: dict        # name of a process: its samples


def spoil(text, each):
    """The lines, every so many of them with records that nobody has; how many those are."""
    lines = text.splitlines(keepends=True)
    wrong = range(each // 2, len(lines), each)
    for number in wrong:
        lines[number] = lines[number].replace(RIGHT, WRONG)
    return b"".join(lines), len(lines), len(wrong)


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def look_at(pid, done):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        memory = sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return Sample(done, memory, len(os.listdir(f"/proc/{pid}/fd")))


class Soak:
    """One run of the program over `checks` lines."""

    def __init__(self, words, text, checks):
        self.words, self.text, self.left = words, text, checks
        self.done, self.ok, self.broken, self.samples = 0, 0, 0, {}

    def feed(self, pipe):
        with contextlib.suppress(BrokenPipeError), pipe:
            count = self.text.count(b"\n")
            while self.left > 0:
                part = self.text
                if self.left < count:
                    part = b"".join(self.text.splitlines(keepends=True)[:self.left])
                pipe.write(part)
                self.left -= min(count, self.left)

    def read(self, pipe):
        rest = b""
        while True:
            part = pipe.read1(WRITE_SIZE)
            if not part:
                return
            lines, _, rest = (rest + part).rpartition(b"\n")
            self.done += lines.count(b"\n") + bool(lines)
            self.ok += lines.count(b'"verdict":"ok","look":')
            self.broken += lines.count(b'"verdict":"action_required","look":')

    def sample(self, process):
        probes = sorted(children_of(process.pid))
        for name, pid in [("parent", process.pid),
                          *((f"probe {n}", p) for n, p in enumerate(probes, 1))]:
            with contextlib.suppress(OSError):      # it has just ended
                self.samples.setdefault(name, []).append(look_at(pid, self.done))

    def run(self):
        began = time.monotonic()
        with subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            threads = [threading.Thread(target=self.feed, args=(process.stdin,)),
                       threading.Thread(target=self.read, args=(process.stdout,))]
            for thread in threads:
                thread.start()
            while threads[1].is_alive():
                self.sample(process)
                threads[1].join(PAUSE_S)
            threads[0].join()
            exit_code = process.wait()
        return Soaked(self.done, self.ok, self.broken, self.done - self.ok - self.broken,
                      time.monotonic() - began, exit_code, self.samples)


def growth(samples, checks):
    """Medians of memory and files just after warming up, and at the end."""
    first = [s for s in samples if WARM * checks <= s.done < (WARM + 0.2) * checks]
    last = [s for s in samples if s.done >= 0.8 * checks]
    return [(statistics.median(getattr(s, what) for s in first),
             statistics.median(getattr(s, what) for s in last))
            for what in ("memory_kb", "files")]


def course(samples, checks, parts=20):
    """Medians of memory, part by part."""
    held = [[s.memory_kb for s in samples if s.done * parts // checks == part]
            for part in range(parts)]
    return [statistics.median(some) for some in held if some]


def is_flat(samples, checks, slack_kb=SLACK_KB):
    memory, files = growth(samples, checks)
    return (memory[1] - memory[0] <= max(GROWTH_MAX * memory[0], slack_kb)
            and files[1] - files[0] <= max(GROWTH_MAX * files[0], SLACK_FILES))
