# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at random moments under load. `make soak` does the same a thousand times."""
import os
import signal

import pytest

from besieged import besieged
from claims import read
from customers import add, await_statuses, publish
from world.asking import await_truth


@pytest.mark.parametrize("kind,kills", [("sqlite", 8), ("postgres", 4)])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path, kind, kills):
    with besieged(str(tmp_path), kind, seed="suite") as siege:
        verified = [add(siege, f"right{n}", True) for n in range(4)]
        await_statuses(siege, verified, "SUCCESS")
        await_truth(lambda: siege.haste.count, "something to be glanced at")
        siege.run(kills)
        assert siege.settle() == []
        assert sum(siege.kills.values()) == kills and len(siege.load.ledger.sent) > 0
        # More than once each: they were glanced at meanwhile, and it took nothing away.
        assert siege.haste.count > len(verified)
        assert read(siege.cluster.store, "SELECT DISTINCT to_status FROM event "
                                         "WHERE domain LIKE 'right%' AND to_status <> ''") == \
            read(siege.cluster.store, "SELECT 'SUCCESS'")


def find_holder(siege):
    """The node that has a lease on an identity, and that lease's fence."""
    rows = read(siege.cluster.store, "SELECT n.name, l.fence FROM lease l JOIN node n "
                                     "ON n.id = l.node WHERE l.kind = 0")
    return next(((node, fence) for name, fence in rows for node in siege.cluster.nodes
                 if node.folder.endswith(name)), None)


def test_a_node_that_stood_still_past_its_lease_writes_nothing(tmp_path):
    """It is stopped in the middle of a look; another one looks; then it goes on."""
    with besieged(str(tmp_path), "postgres", dns={"check_timeout_ms": 3000}) as siege:
        servers = [server for key, server in siege.cluster.world.servers.items() if key != "keys"]
        domain = add(siege, "stopped", False)
        await_truth(lambda: siege.cluster.nodes[0].get_identity(domain.id)["last_checked_at"],
                    "the first look")
        for server in servers:
            server.pause()
        others = siege.cluster.nodes
        await_truth(lambda: others[0].api(f"/identities/{domain.id}/checks", "POST")[0] == 202,
                    "a check that is not too early")
        stopped, fence = await_truth(lambda: find_holder(siege), "a look under way")
        os.killpg(stopped.process.pid, signal.SIGSTOP)
        others = [node for node in siege.cluster.nodes if node is not stopped]
        publish(siege, [domain])
        for server in servers:
            server.resume()
        await_truth(lambda: others[0].get_identity(domain.id)["status"] == "SUCCESS",
                    "another node to look", 60)
        os.killpg(stopped.process.pid, signal.SIGCONT)
        await_truth(lambda: "took this one for dead" in stopped.read_log(),
                    "the one that stood still to notice")
        audit = siege.audit()
        assert [row for row in audit.rows if row.what == "left" and row.fence == fence and
                row.tx in {look.tx for look in audit.rows if look.what == "looked"}] == []
        assert stopped.get_identity(domain.id)["status"] == "SUCCESS"
        assert siege.settle() == []
