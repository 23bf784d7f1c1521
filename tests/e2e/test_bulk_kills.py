# SPDX-License-Identifier: GPL-3.0-or-later
"""unpend bulk killed again and again, and its processes with it: everything is answered, once."""
import json
import os
import random
import signal
import subprocess
import time

from product import BINARY, RUN_TIMEOUT_S
from test_bulk import children_of, line_of

KILLS = int(os.environ.get("BULK_KILLS", "15"))
SEED = int(os.environ.get("BULK_SEED", str(time.time_ns())))
LIFE_S = 0.8
KILLED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, 130, 143)
RIGHT = ("healthy.com", "nsd.com", "bind.com")


def input_of(chance, count):
    kinds = [lambda: line_of(chance.choice(RIGHT))] * 8 + [
        lambda: "\n", lambda: "not a domain\r\n", lambda: "{\n", lambda: "x" * 70000 + "\n"]
    return [chance.choice(kinds)() for _ in range(count)]


def hurt(chance, pid):
    """What may happen to a run while it lives."""
    try:
        if chance.random() < 0.1:
            os.kill(pid, signal.SIGSTOP)
            os.kill(pid, signal.SIGCONT)
        elif chance.random() < 0.03:
            os.kill(chance.choice(children_of(pid)), signal.SIGKILL)
    except (OSError, IndexError):
        pass        # it has ended, or has no processes yet


def run_for_a_while(chance, words, file, life_s):
    """Its exit code; killed, if it has not ended by then."""
    with open(file) as stdin:
        run = subprocess.Popen(words, stdin=stdin, stderr=subprocess.PIPE)
    until = time.monotonic() + life_s
    while time.monotonic() < until:
        hurt(chance, run.pid)
        try:
            run.wait(timeout=0.01)
            break
        except subprocess.TimeoutExpired:
            continue
    else:
        run.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
    _, err = run.communicate(timeout=30)
    assert err == b""
    return run.returncode


def check_answers(lines, asked, out):
    """None twice, none to what was not asked, and none wrong; gives the numbers."""
    answers = []
    if os.path.exists(out):
        with open(out) as file:
            answers = [json.loads(line) for line in file if line.endswith("\n")]
    numbers = [answer["line"] for answer in answers]
    assert len(set(numbers)) == len(numbers) and set(numbers) <= set(asked)
    for answer in answers:
        if lines[answer["line"] - 1].startswith('{"'):
            # A starved machine may not get to know.
            assert (answer.get("verdict") in ("ok", "undetermined")
                    or "three times" in answer.get("error", "")), answer
    return sorted(numbers)


def test_everything_is_answered_once_whatever_is_killed(unpend, tmp_path):
    print("seed", SEED)
    chance, kills, out = random.Random(SEED), 0, str(tmp_path / "out.ndjson")
    lines = input_of(chance, 1500)
    file = unpend.write("in.ndjson", "".join(lines))
    asked = [number for number, line in enumerate(lines, 1) if line.strip()]
    code = None
    while kills < KILLS or code != 4:
        words = [BINARY, "bulk", "--config", unpend.config, "--resume", out,
                 "--max-in-flight", chance.choice(["1", "20", "1024"]), "--probes",
                 chance.choice("123"), *chance.choice([(), ("--ordered",), ("--expect", file)])]
        life_s = LIFE_S * chance.random() ** 2 if kills < KILLS else RUN_TIMEOUT_S
        code = run_for_a_while(chance, words, file, life_s)
        numbers = check_answers(lines, asked, out)
        if code == 4:
            assert numbers == asked
            os.unlink(out)
        else:
            assert code in KILLED
            kills += 1
