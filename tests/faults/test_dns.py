# SPDX-License-Identifier: GPL-3.0-or-later
"""Every name server is silent for a while: no status changes, and then all goes on."""
from besieged import besieged
from customers import add, await_statuses, look_at, publish

COUNT = 4


def test_no_status_changes_while_no_name_server_answers(tmp_path):
    timeouts = {"query_timeout_ms": 200, "check_timeout_ms": 1000}
    with besieged(str(tmp_path), dns=timeouts) as siege:
        node, world = siege.cluster.nodes[0], siege.cluster.world
        verified = [add(siege, f"right{n}", True) for n in range(COUNT)]
        pending = [add(siege, f"wrong{n}", False) for n in range(COUNT)]
        await_statuses(siege, verified, "SUCCESS")
        # Not the keys': the service tells it of new ones.
        silenced = [server for key, server in world.servers.items() if key != "keys"]
        for server in silenced:
            server.pause()
        after = look_at(node, verified + pending)
        assert [(one["status"], one["verdict"]) for one in after] == \
            COUNT * [("SUCCESS", "undetermined")] + COUNT * [("PENDING", "undetermined")]
        for server in silenced:
            server.resume()
        publish(siege, pending)
        look_at(node, pending)
        await_statuses(siege, pending, "SUCCESS")
        events = [event for domain in verified
                  for event in node.api(f"/identities/{domain.id}/events")[1]["events"]]
        assert [event["to"] for event in events if event["aspect"] == "dkim"] == COUNT * ["SUCCESS"]
