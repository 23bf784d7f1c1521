# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to an identity while it is glanced at: nothing of that glance is written."""
import contextlib
import time

import pytest

from product import Service, find_tokens
from test_glances import HOUR, asked, make_due, opened, records, rows, write
from world.asking import await_truth

# Writes of glances alone: a whole look is counted.
WATCH = """CREATE TRIGGER glance_written AFTER UPDATE ON identity
WHEN NEW.looks = OLD.looks AND NEW.domain = 'glanced.com' AND
  (NEW.last_looked_at <> OLD.last_looked_at OR NEW.next_look_at <> OLD.next_look_at)
BEGIN INSERT INTO glance_written VALUES (NEW.id, NEW.last_looked_at); END"""


@pytest.fixture
def glanced(world, tmp_path):
    """A service with two tenants, and two verified identities: the first tenant's is tampered
    with, the other's tells when both were glanced at.
    """
    with Service(world, str(tmp_path), dns={"probes": "1"}) as service:
        other = service.add_tenant("other")
        identity = service.add_sender("glanced.com")
        sentinel = service.api("/identities", "POST", {"sender": "sentinel.com"},
                               other["token"])[1]
        for one in (identity, sentinel):
            world.zone(one["domain"], "goodhost", records(one, ("dkim",)))
        await_truth(lambda: all(one["glance"] for one in rows(service)),
                    f"both to be verified\n{service.read_log()}", 30)
        write(service, "CREATE TABLE glance_written (id INTEGER, at_s INTEGER)")
        write(service, WATCH)
        yield service, identity


def sentinel_of(service):
    return rows(service, "domain = 'sentinel.com'")[0]


@contextlib.contextmanager
def glance_under_way(world, service):
    """Its answer comes behind this, and with it the sentinel's."""
    server = world.servers["goodhost"]
    server.pause()
    try:
        mark = world.mark()
        make_due(service)
        before = sentinel_of(service)
        await_truth(lambda: len({question.name for question in asked(world, mark)}) == 6,
                    "two glances under way", 20)
        yield
        # On a slow machine it was unclear before anything else happened.
        write(service, "DELETE FROM glance_written")
    finally:
        server.resume()

    def is_told():
        now = sentinel_of(service)
        return now["last_looked_at"] != before["last_looked_at"] and now["glance"]
    await_truth(is_told, f"the sentinel's glance\n{service.read_log()}", 40)


def glances_written(service):
    with opened(service) as store:
        return [tuple(one) for one in store.execute("SELECT * FROM glance_written")]


def test_of_a_tenant_that_is_removed_nothing_comes_back(glanced, world):
    service, identity = glanced
    with glance_under_way(world, service):
        done = service.run("tenant", "delete", "demo", "--confirm", "demo", "--config",
                           service.config)
        assert done.exit_code == 0, done.err
    assert [one["domain"] for one in rows(service)] == ["sentinel.com"]
    assert glances_written(service) == [] and " error " not in service.read_log().lower()


def test_new_keys_of_the_same_domain_owe_nothing_to_the_old(glanced, world):
    service, identity = glanced
    with glance_under_way(world, service):
        assert service.api(f"/identities/{identity['id']}", "DELETE")[0] == 204
        anew = service.add_sender("glanced.com")
        assert not set(find_tokens(anew)) & set(find_tokens(identity))
    told = service.await_identity(anew["id"], lambda one: one["last_checked_at"], "a look")
    assert told["status"] == "PENDING" and told["last_success_at"] is None
    assert glances_written(service) == []


def test_a_search_that_is_begun_meanwhile_has_a_whole_look(glanced, world):
    service, identity = glanced
    before = rows(service, "domain = 'glanced.com'")[0]
    with glance_under_way(world, service):
        # SES's PutEmailIdentityDkimSigningAttributes does the same.
        assert service.api(f"/identities/{identity['id']}/resubmit", "POST")[0] == 200
        assert rows(service, "domain = 'glanced.com'")[0]["looks"] == 0     # as a new one
    after = await_truth(lambda: [one for one in rows(service, "domain = 'glanced.com'")
                                 if one["looks"] == 1], "a whole look", 40)[0]
    assert after["dkim_status"] == before["dkim_status"]
    assert glances_written(service) == []


def test_what_another_node_found_meanwhile_stands(glanced, world):
    """It saw that the domain was registered anew, by another owner."""
    service, identity = glanced
    now = int(time.time())
    with glance_under_way(world, service):
        write(service, "UPDATE identity SET dkim_status = 4, dkim_lost_at = ?, glance = 0, "
                       "next_look_at = ?, full_look_at = ?, findings = 'U954', verdict = 1, "
                       "looks = looks + 1, version = version + 1 WHERE domain = 'glanced.com'",
              now, now + HOUR, now + HOUR)
        found = rows(service, "domain = 'glanced.com'")
    assert rows(service, "domain = 'glanced.com'") == found
    assert glances_written(service) == []
    assert service.get_identity(identity["id"])["status"] == "TEMPORARY_FAILURE"
