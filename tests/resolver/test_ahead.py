# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check gets ready while its first answers are on their way."""
import json
import os
import queue
import subprocess
import time

from hostile import BINARY, PATIENCE_S, ROOT, txt

RECORDS = [txt(f"v{n}.acme.test", "right") for n in range(8)]
TEXTS = "".join(f'v{n} TXT "right"\n' for n in range(8))
SERVERS = ("198.51.100.1", "198.51.100.2")
NAMES = "".join(f"@ NS ns{n}\nns{n} A {address}\n" for n, address in enumerate(SERVERS))
TO_THEM = "".join(f"acme NS ns{n}.acme\nns{n}.acme A {address}\n"
                  for n, address in enumerate(SERVERS))


def sockets_of(pid):
    folder, count = f"/proc/{pid}/fd", 0
    for fd in os.listdir(folder):
        try:
            count += os.readlink(f"{folder}/{fd}").startswith("socket:")
        except FileNotFoundError:
            continue
    return count


def test_the_sockets_are_open_before_the_first_answer_is_there(net, tmp_path):
    started, counts = queue.Queue(), []

    def patient(server, query, answer, transport):
        pid = started.get(timeout=PATIENCE_S)
        started.put(pid)
        end = time.monotonic() + PATIENCE_S
        while sockets_of(pid) < len(SERVERS) * len(RECORDS) and time.monotonic() < end:
            pass
        counts.append(sockets_of(pid))
        return [answer.to_wire()]

    net.servers[ROOT].twist = patient
    net.serve("192.0.2.11", "test.", TO_THEM)
    for address in SERVERS:
        net.serve(address, "acme.test.", NAMES + TEXTS)
    expectation = tmp_path / "expect.json"
    expectation.write_text(json.dumps({"domain": "acme.test", "records": RECORDS}))
    with subprocess.Popen([BINARY, "check", "acme.test", "--config",
                           net.config(query_timeout_ms="10000", check_timeout_ms="60000"),
                           "--expect", expectation, "--no-rdap", "--json"],
                          stdout=subprocess.PIPE) as check:
        started.put(check.pid)
        report = json.loads(check.stdout.read())
    assert report["verdict"] == "ok"
    assert min(counts) >= len(SERVERS) * len(RECORDS)
