# SPDX-License-Identifier: GPL-3.0-or-later
"""Idempotency-Key: what is done and its answer are one transaction, on both engines."""
import concurrent.futures
import contextlib
import json
import sqlite3

import pytest

from conftest import NoWorld
from product import Service, await_truth, call
from world.postgres import Postgres


class Sqlite:
    """What the tests do to the file of the service."""

    # Whoever writes an answer counts for ever, with the database's only lock.
    STICKY = ("CREATE VIEW endless AS WITH RECURSIVE n(x) AS "
              "(SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS count FROM n;"
              "CREATE TRIGGER sticky BEFORE UPDATE ON idempotency BEGIN "
              "SELECT count FROM endless; END")
    LOOSE = "DROP TRIGGER sticky; DROP VIEW endless"

    def __init__(self, folder):
        self.path = f"{folder}/unpend.db"
        self.settings = {}

    def run(self, script):
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as db:
            db.executescript(script)

    def number(self, query):
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as db:
            return db.execute(query).fetchone()[0]

    def is_stuck(self):
        """Nobody gets the lock within a second."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=1)) as db:
            try:
                db.executescript("BEGIN IMMEDIATE; ROLLBACK")
                return False
            except sqlite3.OperationalError:
                return True

    @contextlib.contextmanager
    def sticky(self):
        self.run(self.STICKY)
        yield
        self.run(self.LOOSE)


class Postgresql:
    # A lock that another connection holds for as long as the test wants.
    STICKY = ("CREATE OR REPLACE FUNCTION stick() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
              "SET LOCAL lock_timeout = 0; PERFORM pg_advisory_xact_lock(4711); RETURN NEW; "
              "END $$; CREATE TRIGGER sticky BEFORE UPDATE ON idempotency FOR EACH ROW "
              "EXECUTE FUNCTION stick()")
    HOLD = "SELECT pg_advisory_lock(4711); SELECT pg_sleep(60)"
    HOLDERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted = {}"

    def __init__(self, cluster):
        self.cluster = cluster
        self.url = cluster.fresh()
        self.database = self.url.rsplit("/", 1)[-1].split("?")[0]
        self.settings = {"store": {"url": self.url}}

    def run(self, script):
        return self.cluster.sql(script, self.database)

    def number(self, query):
        return int(self.run(query))

    def is_stuck(self):
        return self.number(self.HOLDERS.format("false")) == 1

    @contextlib.contextmanager
    def sticky(self):
        self.run(self.STICKY)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            holder = pool.submit(self.hold)
            await_truth(lambda: self.number(self.HOLDERS.format("true")) == 1, "the lock")
            yield
            self.run("SELECT pg_terminate_backend(pid) FROM pg_locks "
                     "WHERE locktype = 'advisory' AND granted")
            holder.result()
        self.run("DROP TRIGGER sticky ON idempotency")

    def hold(self):
        with contextlib.suppress(RuntimeError):
            self.run(self.HOLD)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def kept(request, tmp_path_factory):
    """A service and its database."""
    folder = str(tmp_path_factory.mktemp(request.param))
    with contextlib.ExitStack() as ends:
        if request.param == "sqlite":
            database = Sqlite(folder)
        else:
            database = Postgresql(ends.enter_context(Postgres()))
        service = ends.enter_context(Service(NoWorld(), folder, **database.settings))
        yield service, database


def ask(service, path, body, key):
    """Status, whether it came again, and the decoded body; no answer: None."""
    try:
        status, headers, data = call(f"{service.url}/api/v1{path}", "POST", body, {
            "Authorization": f"Bearer {service.tenant['token']}", "Idempotency-Key": key})
    except OSError:
        return None
    return status, headers["Idempotency-Replayed"] == "true", json.loads(data) if data else None


def deeds(service):
    """What makes something that can be counted: path, body, where it is."""
    identity = service.add_sender("counted.com")["id"]
    return [("/tokens", {"name": "counted"}, "SELECT count(*) FROM api_token"),
            ("/identities", {"sender": "counted.org"}, "SELECT count(*) FROM identity"),
            (f"/identities/{identity}/shares", {}, "SELECT count(*) FROM share"),
            ("/webhooks", {"url": "https://hooks.example.com/"}, "SELECT count(*) FROM webhook")]


def test_a_crash_between_the_deed_and_its_answer_undoes_the_deed(kept):
    service, database = kept
    for path, body, count in deeds(service):
        before = database.number(count)
        with database.sticky():
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                lost = pool.submit(ask, service, path, body, f"crash {path}")
                await_truth(database.is_stuck, "the answer is about to be kept")
                service.kill()
                assert lost.result() is None
        service.start()
        assert database.number("SELECT count(*) FROM idempotency WHERE status = 0") == 0
        assert database.number(count) == before, path
        first = ask(service, path, body, f"crash {path}")
        again = ask(service, path, body, f"crash {path}")
        assert first[:2] == (201, False) and again == (201, True, first[2])
        assert database.number(count) == before + 1, path


def test_an_answer_outlives_a_crash_behind_it(kept):
    service, database = kept
    first = ask(service, "/tokens", {"name": "outlives"}, "outlives")
    service.kill()
    service.start()
    assert ask(service, "/tokens", {"name": "outlives"}, "outlives") == (201, True, first[2])
    assert database.number("SELECT count(*) FROM api_token WHERE name = 'outlives'") == 1


def test_of_many_at_once_one_is_done_and_all_get_its_answer(kept):
    service, database = kept
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(service, "/tokens", {"name": "race"}, "race"),
                                range(40)))
    assert {status for status, _, _ in answers} == {201}
    assert len({body["token"] for _, _, body in answers}) == 1
    assert [again for _, again, _ in answers].count(False) == 1
    assert database.number("SELECT count(*) FROM api_token WHERE name = 'race'") == 1


def test_what_fails_is_undone_and_may_be_tried_again(kept):
    service, database = kept
    before = database.number("SELECT count(*) FROM idempotency")
    refused = ask(service, "/identities", {"sender": "a@gmail.com"}, "again")
    assert refused[0] == 400
    status, again, made = ask(service, "/identities", {"sender": "again.org"}, "again")
    assert (status, again, made["domain"]) == (201, False, "again.org")
    looked = ask(service, f"/identities/{made['id']}/resubmit", None, "resubmit")
    assert looked[:2] == (200, False)
    assert ask(service, f"/identities/{made['id']}/resubmit", None, "resubmit")[:2] == (200, True)
    assert database.number("SELECT count(*) FROM idempotency") == before + 2


def test_what_a_key_was_used_for_is_looked_at(kept):
    """What is done under a key is seen by the loop as any other. A look without any DNS takes up
    to 8 s."""
    service, _ = kept
    made = ask(service, "/identities", {"sender": "soon.org"}, "soon")[2]
    service.await_identity(made["id"], lambda one: one["last_checked_at"], "a look", 25)
