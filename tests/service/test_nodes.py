# SPDX-License-Identifier: GPL-3.0-or-later
"""Several `unpend serve` on one PostgreSQL: each look by one node, whatever others do."""
import contextlib
import signal

import pytest

from product import Service, await_truth, find_tokens, is_running
from world.postgres import Postgres

# Every lease that was ever given, and every event: what nodes do to each other shows here.
AUDIT = """
CREATE TABLE given (at BIGSERIAL, kind BIGINT, thing_id BIGINT, node BIGINT, fence BIGINT);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' OR NEW.fence <> OLD.fence THEN
    INSERT INTO given (kind, thing_id, node, fence)
      VALUES (NEW.kind, NEW.thing_id, NEW.node, NEW.fence);
  END IF;
  RETURN NEW; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON lease FOR EACH ROW EXECUTE FUNCTION note();
"""


class Cluster:
    """Nodes of one service, each in a folder of its own, over one database."""

    def __init__(self, world, folder, postgres):
        self.world, self.folder, self.postgres = world, folder, postgres
        self.url = postgres.fresh()
        self.database = self.url.rsplit("/", 1)[-1].split("?")[0]
        self.nodes = []

    def sql(self, text):
        return self.postgres.sql(text, self.database)

    def add(self, **service):
        number = len(self.nodes) + 1
        folder = self.folder / f"node{number}"
        folder.mkdir()
        settings = {"store": {"url": self.url}, "service": service,
                    "node": {"name": f"node{number}", "heartbeat_s": "1"}}
        if self.nodes:
            settings["keys"] = self.nodes[0].settings["keys"]
        node = Service(self.world, str(folder), **settings)
        node.start()
        if self.nodes:
            node.tenant, node.key_zone = self.nodes[0].tenant, self.nodes[0].key_zone
        else:
            node.tenant = node.add_tenant("demo")
            self.sql(AUDIT)
        self.nodes.append(node)
        return node

    def node_id(self, number):
        return self.sql(f"SELECT id FROM node WHERE name = 'node{number}'").strip()

    def publish(self, domain, identity):
        self.world.zone(domain, "goodhost", [
            f"{token}._domainkey CNAME {token}.{self.nodes[0].key_zone}."
            for token in find_tokens(identity)])


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as one:
        yield one


@pytest.fixture
def cluster(world, tmp_path, postgres):
    with contextlib.ExitStack() as ends:
        one = Cluster(world, tmp_path, postgres)
        ends.callback(lambda: [node.stop() for node in one.nodes])
        yield one


def number_of(identity):
    return int(identity["id"].split("_")[1])


def test_nodes_share_the_work_and_write_each_change_once(cluster):
    one, two = cluster.add(), cluster.add()
    identities = {}
    for n in range(5):
        domain = f"shared{n}.com"
        identities[domain] = (one if n % 2 else two).add_sender(domain)
        cluster.publish(domain, identities[domain])
    for identity in identities.values():
        two.await_status(identity["id"], "SUCCESS")
    assert cluster.sql("SELECT count(*) FROM event WHERE to_status = 'SUCCESS'").strip() == "5"
    assert cluster.sql("SELECT count(*) FROM (SELECT 1 FROM event GROUP BY tenant_id "
                       "HAVING max(seq) <> count(*)) gaps").strip() == "0"
    assert cluster.sql("SELECT count(*) - count(DISTINCT (kind, thing_id, fence)) "
                       "FROM given").strip() == "0"


def test_the_keys_are_published_by_another_when_their_node_dies(cluster):
    one, two = cluster.add(), cluster.add()
    role = "SELECT node FROM lease WHERE kind = 3 AND thing_id = 1"
    first = await_truth(lambda: cluster.sql(role).strip(), "a holder of the role")
    dead, alive = (one, two) if first == cluster.node_id(1) else (two, one)
    dead.kill()
    identity = alive.add_sender("orphan.com")
    cluster.publish("orphan.com", identity)
    alive.await_status(identity["id"], "SUCCESS")
    assert cluster.sql(role).strip() not in ("", first)


def test_what_is_verified_is_glanced_at_by_another_when_the_one_that_leads_dies(cluster):
    one, two = cluster.add(), cluster.add()
    identity = one.add_sender("glanced.com")
    cluster.publish("glanced.com", identity)
    one.await_status(identity["id"], "SUCCESS")
    role = "SELECT node FROM lease WHERE kind = 3 AND thing_id = 3"
    due = f"FROM identity WHERE id = {number_of(identity)} AND glance = 1"

    def await_glance():
        cluster.sql(f"UPDATE identity SET last_looked_at = 1, next_look_at = "
                    f"extract(epoch FROM now())::bigint WHERE id = {number_of(identity)}")
        await_truth(lambda: cluster.sql(f"SELECT 1 {due} AND last_looked_at > 1").strip(),
                    "a glance", 60)
    whole = looks(cluster, identity)
    await_glance()
    first = cluster.sql(role).strip()
    dead, alive = (one, two) if first == cluster.node_id(1) else (two, one)
    dead.kill()
    await_glance()
    assert cluster.sql(role).strip() not in ("", first)
    assert looks(cluster, identity) == whole and alive.get_identity(identity["id"])["may_send"]
    # Nobody has a lease on it for that.
    assert not under_way(cluster, identity)


def looks(cluster, identity):
    return int(cluster.sql(f"SELECT looks FROM identity WHERE id = {number_of(identity)}"))


def under_way(cluster, identity):
    return cluster.sql(f"SELECT count(*) FROM lease WHERE kind = 0 "
                       f"AND thing_id = {number_of(identity)}").strip() == "1"


def test_a_graceful_end_finishes_what_is_under_way(cluster, world):
    node = cluster.add(stop_timeout_s="30")
    world.zone("finish.com", "deadhost", [])
    identity = node.add_sender("finish.com")
    await_truth(lambda: under_way(cluster, identity), "a look under way")
    before = looks(cluster, identity)
    node.process.terminate()
    assert node.process.wait(40) == 0
    assert looks(cluster, identity) == before + 1
    assert cluster.sql("SELECT count(*) FROM lease").strip() == "0"
    assert cluster.sql("SELECT count(*) FROM node").strip() == "0"


def test_what_is_not_finished_in_time_is_handed_back(cluster, world):
    node = cluster.add(stop_timeout_s="0")
    world.zone("hand.com", "deadhost", [])
    identity = node.add_sender("hand.com")
    await_truth(lambda: under_way(cluster, identity), "a look under way")
    node.process.terminate()
    assert node.process.wait(20) == 0
    assert cluster.sql("SELECT count(*) FROM lease").strip() == "0"
    assert "handed back" in node.read_log()


def test_a_second_signal_ends_at_once(cluster, world):
    node = cluster.add(stop_timeout_s="60")
    world.zone("twice.com", "deadhost", [])
    identity = node.add_sender("twice.com")
    await_truth(lambda: under_way(cluster, identity), "a look under way")
    probes = node.find_probes()
    node.process.terminate()
    await_truth(lambda: "ending" in node.read_log(), "the first signal")
    node.process.terminate()
    assert node.process.wait(5) == -signal.SIGTERM, node.read_log()
    await_truth(lambda: not any(map(is_running, probes)), "the probes end too")
