# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL is gone for a while, under load: 503 with Retry-After, then all goes on."""
from besieged import besieged
from customers import add, await_statuses, publish
from product import call
from world.asking import await_truth


def test_the_database_goes_and_comes_back(tmp_path):
    with besieged(str(tmp_path), "durable postgres", seed="database") as siege:
        load, nodes, postgres = siege.load, siege.cluster.nodes, siege.cluster.postgres
        verified = [add(siege, f"right{n}", True) for n in range(2)]
        waiting = [add(siege, "patient", False)]
        await_statuses(siege, verified, "SUCCESS")
        probes = [sorted(node.find_probes()) for node in nodes]
        load.tickets.release(40)
        assert siege.progress.await_count(siege.progress.count + 40, 30)
        load.tickets.release(200)
        postgres.kill()
        await_truth(lambda: load.ledger.refused.get(503), "the service to say that it must wait")
        for node in nodes:
            status, headers, _ = call(node.url + "/readyz")
            assert status == 503 and int(headers["Retry-After"]) > 0
            assert call(node.url + "/livez")[0] == 200
        publish(siege, waiting)
        postgres.start()
        await_truth(lambda: all(call(node.url + "/readyz")[0] == 200 for node in nodes),
                    "every node to find the database again")
        assert siege.progress.await_count(siege.progress.count + 60, 30)
        glances = siege.haste.count
        await_truth(lambda: siege.haste.count >= glances + 2 * len(verified),
                    "glances to go on", 60)
        assert siege.settle(events=False) == []
        assert [nodes[0].get_identity(domain.id)["status"] for domain in verified] == \
            ["SUCCESS", "SUCCESS"]
        await_statuses(siege, waiting, "SUCCESS")
        assert [sorted(node.find_probes()) for node in nodes] == probes
        assert all(node.is_running() for node in nodes)
        assert len(siege.cluster.restarts_s) == len(nodes)
