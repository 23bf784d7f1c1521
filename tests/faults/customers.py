# SPDX-License-Identifier: GPL-3.0-or-later
"""Identities of a siege's tenant, added and looked at one by one."""
from load import Domain
from plan import LOAD_ZONE
from world.asking import await_truth


def add(siege, name, is_published):
    """A new identity; its records will appear, or not."""
    identity = siege.cluster.nodes[0].add_sender(f"{name}.{LOAD_ZONE}")
    tokens = tuple(record["value"].split(".")[0] for record in identity["records"]
                   if record["purpose"] == "dkim")
    domain = Domain(identity["domain"], identity["id"], tokens)
    if is_published:
        publish(siege, [domain])
    return domain


def publish(siege, domains):
    with siege.load.ledger.lock:
        siege.load.ledger.unpublished += domains


def await_statuses(siege, domains, status):
    """Until all have it; asks for looks meanwhile."""
    node = siege.cluster.nodes[0]

    def have_it():
        return all(node.get_identity(domain.id)["status"] == status for domain in domains)
    for domain in domains:
        node.api(f"/identities/{domain.id}/checks", "POST")
    await_truth(have_it, f"all to be {status}\n{node.read_log()}", 60)


def look_at(node, domains):
    """Another look at each, from now on; gives the identities after it."""
    before = {domain.id: node.get_identity(domain.id)["last_checked_at"] for domain in domains}
    asked = set()

    def were_looked_at():
        for number in set(before) - asked:
            if node.api(f"/identities/{number}/checks", "POST")[0] == 202:
                asked.add(number)
        found = [node.get_identity(number) for number in before]
        return found if all(one["last_checked_at"] != before[one["id"]] for one in found) else None
    return await_truth(were_looked_at, f"another look\n{node.read_log()}", 40)
