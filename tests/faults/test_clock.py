# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's clock jumps: nothing expires in a crowd, signatures are refused politely."""
import datetime
import glob
import time

import pytest

from besieged import besieged
from product import call
from customers import add, await_statuses, look_at
from world.asking import await_truth

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
COUNT = 2
HOUR, DAY, YEAR = 3600, 86400, 365 * 86400
JUMPS = (0, HOUR, DAY, 0, -HOUR, -DAY, 10 * YEAR)


@pytest.fixture
def clock(tmp_path, monkeypatch):
    """Gives a function that sets by how many seconds the service's clock is wrong."""
    script = tmp_path / "clock"
    script.write_text("+0\n")
    for name, value in (("LD_PRELOAD", glob.glob(LIBRARY)[0]), ("FAKETIME_NO_CACHE", "1"),
                        ("FAKETIME_TIMESTAMP_FILE", str(script)),
                        ("FAKETIME_DONT_FAKE_MONOTONIC", "1")):
        monkeypatch.setenv(name, value)

    def jump(offset_s):
        script.write_text(f"{offset_s:+d}\n")
    return jump


def send(siege, subject):
    """SendEmail, signed with the right time."""
    client = siege.load.clients[0]
    siege.load.ledger.perhaps_sent.add(subject)
    body, headers = client.signed_mail("news@right0.load.com", subject)
    return client.try_call("POST", "/v2/email/outbound-emails", body, headers)


def test_jumps_of_the_clock_take_nothing_away(tmp_path, clock):
    with besieged(str(tmp_path)) as siege:
        node = siege.cluster.nodes[0]
        domains = [add(siege, f"right{n}", True) for n in range(COUNT)]
        pending = [add(siege, f"wrong{n}", False) for n in range(COUNT)]
        await_statuses(siege, domains, "SUCCESS")
        for number, offset_s in enumerate(JUMPS):
            clock(offset_s)
            siege.haste.offset_s = offset_s
            status, body = send(siege, f"jump {number}")
            assert (status == 200) == (offset_s == 0), (offset_s, body)
            assert status == 200 or (status == 403 and b"Signature" in body), body
            after = look_at(node, domains + pending)
            assert [(one["status"], one["verdict"]) for one in after] == \
                COUNT * [("SUCCESS", "ok")] + COUNT * [("PENDING", "action_required")], offset_s
        assert call(node.url + "/readyz")[0] == 200 and node.process.poll() is None
        assert siege.settle() == []


def planned_ahead_s(one):
    """In how many seconds an identity is looked at next."""
    at = datetime.datetime.fromisoformat(one["next_check_at"].replace("Z", "+00:00"))
    return at.timestamp() - time.time()


def test_what_a_clock_far_ahead_planned_comes_back_over_a_day(tmp_path, clock):
    with besieged(str(tmp_path)) as siege:
        siege.haste.stop()
        node = siege.cluster.nodes[0]
        domains = [add(siege, f"right{n}", True) for n in range(COUNT)]
        pending = [add(siege, f"wrong{n}", False) for n in range(COUNT)]
        await_statuses(siege, domains, "SUCCESS")
        clock(10 * DAY)
        assert min(map(planned_ahead_s, look_at(node, domains + pending))) > 9 * DAY
        clock(0)

        def are_back():
            found = [node.get_identity(domain.id) for domain in domains + pending]
            return found if max(map(planned_ahead_s, found)) < 25 * HOUR else None
        ahead = list(map(planned_ahead_s, await_truth(are_back, node.read_log(), 60)))
        assert len(set(ahead[:COUNT])) == COUNT and min(ahead[:COUNT]) > HOUR
        assert max(ahead[COUNT:]) < HOUR        # somebody waits for these
        assert siege.settle() == []
