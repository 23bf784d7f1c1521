# SPDX-License-Identifier: GPL-3.0-or-later
"""When more is due than may be looked at, tenants take turns."""
import os
import sqlite3
import time

from product import Service, call
from world.asking import await_truth

MANY = 12


def test_one_domain_of_a_tenant_does_not_wait_for_the_many_of_another(world, tmp_path):
    with Service(world, str(tmp_path), service={"looks_per_s": "2"}) as one:
        small = one.add_tenant("small")["token"]
        for n in range(MANY):
            one.add_sender(f"many{n}.com")
        status, _, data = call(f"{one.url}/api/v1/identities", "POST", {"sender": "single.com"},
                               {"Authorization": f"Bearer {small}"})
        assert status == 201, data
        one.stop()
        store = sqlite3.connect(os.path.join(one.folder, "unpend.db"))
        # As after an outage: all are due, the single one of the small tenant as the last.
        now = int(time.time())
        store.execute("UPDATE identity SET created_at = ?1 - 3600, last_looked_at = 0, "
                      "next_look_at = CASE domain WHEN 'single.com' THEN ?1 - 30 "
                      "ELSE ?1 - 60 END", (now,))
        store.commit()

        def looked_at(condition):
            return store.execute("SELECT count(*) FROM identity WHERE last_looked_at > 0 "
                                 f"AND domain {condition}").fetchone()[0]
        one.start()
        await_truth(lambda: looked_at("= 'single.com'"), "the small tenant's look")
        # Oldest first it would have been behind all of them.
        assert looked_at("<> 'single.com'") <= MANY // 2
        store.close()


def test_a_row_that_cannot_be_read_is_in_nobody_elses_way(world, tmp_path):
    with Service(world, str(tmp_path)) as one:
        for domain in ("broken.com", "whole.com"):
            one.add_sender(domain)
        one.stop()
        store = sqlite3.connect(os.path.join(one.folder, "unpend.db"))
        now = int(time.time())
        store.execute("UPDATE identity SET created_at = ?1 - 3600, last_looked_at = 0, "
                      "next_look_at = ?1 - 30", (now,))
        store.execute("UPDATE identity SET next_look_at = ?1 - 60, soa_mname = x'ff' "
                      "WHERE domain = 'broken.com'", (now,))
        store.commit()

        def is_looked_at():
            return store.execute("SELECT last_looked_at FROM identity WHERE domain = "
                                 "'whole.com'").fetchone()[0]
        one.start()
        await_truth(is_looked_at, "the look at the other one")
        assert "cannot be read" in one.read_log()
        store.close()


def test_a_look_over_its_tenants_limit_is_put_off_and_comes_later(world, tmp_path):
    with Service(world, str(tmp_path), service={"tenant_packets": "10"}) as one:
        for n in range(3):
            one.add_sender(f"many{n}.com")
        store = sqlite3.connect(os.path.join(one.folder, "unpend.db"))

        def looked_at():
            return store.execute("SELECT count(*) FROM identity "
                                 "WHERE last_looked_at > 0").fetchone()[0]
        await_truth(lambda: looked_at() == 3, "all looks")
        metrics = call(f"{one.url}/metrics")[2].decode()
        store.close()
    put_off = [line for line in metrics.splitlines()
               if line.startswith("unpend_looks_put_off_total ")]
    assert int(put_off[0].split()[1]) >= 2, put_off
