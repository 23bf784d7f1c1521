# SPDX-License-Identifier: GPL-3.0-or-later
"""What a question by the volley costs; valgrind does not run what sanitizers watch."""
import json
import re
import subprocess

from hostile import PATIENCE_S
from test_volleys import SERVERS, VOLLEYS, Echo


def instructions(net, times, folder):
    """Of user space, by callgrind."""
    questions = ", ".join(f"{'a' * 31}{n}._domainkey.d0000001.test CNAME {SERVERS[n % 2]}"
                          for n in range(6))
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/{times}", VOLLEYS,
         net.config(), "burst", str(times), questions],
        capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["empty"] == 0
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def test_a_question_costs_few_instructions(net, tmp_path):
    """To be written, sent, received, compared and handed over."""
    servers = [Echo(address) for address in SERVERS]
    few, many = 300, 800
    try:
        # The sockets of the pool are all open by then.
        each = (instructions(net, many, tmp_path) - instructions(net, few, tmp_path)) \
            / (many - few) / 6
    finally:
        for server in servers:
            server.close()
    assert 500 < each <= 1700
