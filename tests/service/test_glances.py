# SPDX-License-Identifier: GPL-3.0-or-later
"""What is verified is only glanced at, until a glance is not as it was."""
import contextlib
import os
import signal
import sqlite3
import struct
import time

import pytest

from product import Service, find_tokens
from world.asking import await_truth

HOUR = 3600
DAY = 24 * HOUR


@contextlib.contextmanager
def opened(service):
    with contextlib.closing(sqlite3.connect(os.path.join(service.folder, "unpend.db"),
                                            timeout=20)) as store:
        store.row_factory = sqlite3.Row
        yield store


def rows(service, where="1"):
    with opened(service) as store:
        return [dict(row) for row in store.execute(f"SELECT * FROM identity WHERE {where} "
                                                   "ORDER BY id")]


def row(service):
    return rows(service)[0]


def write(service, text, *values):
    with opened(service) as store:
        store.execute(text, values)
        store.commit()


def records(identity, purposes):
    return [f"{record['name']['fqdn']}. {record['type']} " +
            (f"{record['priority']} {record['value']}." if record["type"] == "MX" else
             f'"{record["value"]}"' if record["type"] == "TXT" else f"{record['value']}.")
            for record in identity["records"] if record["purpose"] in purposes]


@pytest.fixture
def verified(world, tmp_path):
    """A service, and an identity of it that is verified, with its zone."""
    with Service(world, str(tmp_path)) as service:
        identity = service.add_sender("glanced.com")
        world.zone("glanced.com", "goodhost", records(identity, ("dkim",)))
        service.await_status(identity["id"], "SUCCESS")
        yield service, identity


def make_due(service, late_s=0):
    """A minute or more ago it was looked at last."""
    write(service, "UPDATE identity SET next_look_at = ?, last_looked_at = last_looked_at - 60 "
                   "WHERE glance = 1", int(time.time()) - late_s)


def await_glance(service, what="a glance"):
    """Waits until none is due any more."""
    return await_truth(lambda: all(one["next_look_at"] > time.time() for one in rows(service)) and
                       row(service), f"{what}\n{service.read_log()}", 40)


def asked(world, mark):
    """For records; not on the way to them."""
    return [question for question in world.questions(mark)
            if question.type in ("CNAME", "MX", "TXT")]


def story(service, identity):
    """What it tells of itself, without the moments of its last and next look."""
    told = service.get_identity(identity["id"])
    for key in ("last_checked_at", "last_success_at", "next_check_at"):
        told.pop(key)
    return told, service.api(f"/identities/{identity['id']}/events")


def test_a_glance_asks_once_for_each_record_and_changes_only_times(verified, world):
    service, identity = verified
    before, told = row(service), story(service, identity)
    assert before["glance"] == 1 and before["full_look_at"] > time.time() + 5 * DAY
    assert 4 * HOUR < before["next_look_at"] - time.time() < 8 * HOUR
    mark = world.mark()
    make_due(service)
    after = await_glance(service)
    assert {(question.name, question.type) for question in world.questions(mark)} == {
        (f"{token}._domainkey.glanced.com.", "CNAME") for token in find_tokens(identity)}
    times = ("next_look_at", "last_looked_at", "last_success_at")
    assert {key for key in before if before[key] != after[key]} <= set(times)
    assert time.time() - after["last_looked_at"] < 60
    assert after["last_success_at"] == after["last_looked_at"]
    assert story(service, identity) == told


def test_a_record_taken_away_is_noticed_by_the_next_glance(verified, world):
    service, identity = verified
    world.publish("glanced.com", records(identity, ("dkim",))[1:])
    looks = row(service)["looks"]
    make_due(service)
    told = service.await_identity(identity["id"], lambda one: one["next_check_reason"] == "confirm",
                                  "a miss that is to be confirmed")
    assert told["status"] == "SUCCESS" and told["may_send"]
    after = row(service)
    assert after["looks"] == looks + 1 and after["dkim_misses"] == 1 and after["glance"] == 0
    assert after["unclear"] == 1
    # And back: from then on as before.
    world.publish("glanced.com", records(identity, ("dkim",)))
    write(service, "UPDATE identity SET next_look_at = ?, full_look_at = 0", int(time.time()))
    service.await_identity(identity["id"], lambda one: one["next_check_reason"] == "steady",
                           "all to be right")


def test_mail_from_and_ownership_are_glanced_at_too(world, tmp_path):
    with Service(world, str(tmp_path), mail_from={"mx": "bounces.mailer.example"}) as service:
        identity = service.add_sender("whole.com")
        path = f"/identities/{identity['id']}"
        wanted = {"mail_from": {"domain": "bounce.whole.com"}, "ownership": True}
        assert service.api(path, "PATCH", wanted)[0] == 200
        identity = service.get_identity(identity["id"])
        needed = records(identity, ("dkim", "mail_from", "ownership"))
        assert len(needed) == 5
        world.zone("whole.com", "goodhost", needed)
        service.await_identity(identity["id"], lambda one: all(
            status == "SUCCESS" for status in one["aspects"].values()),
            "all to be verified")
        assert row(service)["glance"] == 1
        mark = world.mark()
        make_due(service)
        await_glance(service)
        assert len(asked(world, mark)) == 5
        assert row(service)["unclear"] == 0
        world.publish("whole.com", [one for one in needed if " MX " not in one])
        make_due(service)
        await_truth(lambda: row(service)["mail_from_misses"] == 1, "the MX to be missed", 40)


def test_the_servers_of_a_zone_take_turns(verified, world):
    """They share the records of a glance; each record is asked for at each of them before long."""
    service, identity = verified
    servers = {"198.51.100.1", "198.51.100.2"}
    heard = {f"{token}._domainkey.glanced.com.": set() for token in find_tokens(identity)}
    for _ in range(12):
        mark = world.mark()
        make_due(service)
        await_glance(service)
        questions = asked(world, mark)
        assert {question.name for question in questions} == set(heard)
        assert {question.address for question in questions} == servers
        for question in questions:
            heard[question.name].add(question.address)
        if all(addresses == servers for addresses in heard.values()):
            break
    assert all(addresses == servers for addresses in heard.values()), heard


def test_a_glance_that_waited_for_the_database_says_when_it_saw(verified, world):
    service, _ = verified
    mark, due = world.mark(), int(time.time()) + 1
    write(service, "UPDATE identity SET next_look_at = ?, last_looked_at = 1", due)
    with opened(service) as store:
        store.execute("BEGIN IMMEDIATE")
        await_truth(lambda: len(asked(world, mark)) == 3, "a glance under way", 20)
        seen = time.time()
        await_truth(lambda: "outcomes of glances wait for the database" in service.read_log(),
                    "it to be told that it must wait")
        store.rollback()
    after = await_glance(service)
    assert due <= after["last_looked_at"] <= seen + 1
    assert after["last_success_at"] == after["last_looked_at"]


def is_still_due(service, before):
    """For a glance, or, where that was unclear already, for a whole look; nothing else is other."""
    after = row(service)
    other = {key for key in before if before[key] != after[key]}
    return after["next_look_at"] <= time.time() and other <= {
        "next_look_at", "full_look_at", "glance", "unclear", "version"}


def test_kill_9_under_way_loses_nothing(verified, world):
    service, identity = verified
    server, before = world.servers["goodhost"], story(service, identity)
    server.pause()
    mark = world.mark()
    make_due(service)
    due = row(service)
    await_truth(lambda: world.questions(mark), "a glance under way", 20)
    service.kill()
    assert is_still_due(service, due)
    server.resume()
    service.start()
    after = await_glance(service)
    assert after["last_looked_at"] > due["last_looked_at"]
    assert story(service, identity) == before


def probe_of(domain, count):
    """Which process is asked about it: FNV-1a of the name as it is on the wire."""
    wire = b"".join(bytes([len(label)]) + label for label in domain.encode().split(b".")) + b"\0"
    value = 2166136261
    for octet in wire:
        value = (value ^ octet) * 16777619 & 0xffffffff
    return value % count


def test_a_row_due_before_all_under_way_waits_for_none_of_them(world, tmp_path):
    """As it is when somebody wrote the row as he had read it before a glance wrote it."""
    with Service(world, str(tmp_path), dns={"probes": "2"}) as service:
        domains = {probe_of(one, 2): one for one in ("a.com", "b.com", "c.com", "d.com", "e.com")}
        for domain in domains.values():
            identity = service.add_sender(domain)
            world.zone(domain, "goodhost", records(identity, ("dkim",)))
            service.await_status(identity["id"], "SUCCESS")
        held, missed = domains[0], domains[1]
        probes = sorted(service.find_probes())
        assert len(probes) == 2
        os.kill(probes[0], signal.SIGSTOP)
        due = "UPDATE identity SET next_look_at = ?, last_looked_at = 1 WHERE domain = ?"
        write(service, due, int(time.time()), held)
        # Whatever is due now is taken within a second: then this is under way.
        write(service, due, int(time.time()) + 2, missed)
        await_truth(lambda: rows(service, f"domain = '{missed}'")[0]["last_looked_at"] > 1,
                    "the other process to be asked", 20)
        write(service, due, int(time.time()) - 60, missed)
        await_truth(lambda: rows(service, f"domain = '{missed}'")[0]["last_looked_at"] > 1,
                    "what was due before", 40)
        assert rows(service, f"domain = '{held}'")[0]["last_looked_at"] == 1
        os.kill(probes[0], signal.SIGCONT)


def test_the_end_waits_for_no_glance(verified, world):
    service, _ = verified
    server = world.servers["goodhost"]
    server.pause()
    mark = world.mark()
    make_due(service)
    due = row(service)
    await_truth(lambda: world.questions(mark), "a glance under way", 20)
    service.process.terminate()
    assert service.process.wait(20) == 0
    server.resume()
    assert is_still_due(service, due)


def test_whoever_asks_for_a_look_has_a_whole_one(verified, world):
    service, identity = verified
    make_due_later = "UPDATE identity SET last_looked_at = last_looked_at - 60"
    write(service, make_due_later)
    looks, mark = row(service)["looks"], world.mark()
    assert service.api(f"/identities/{identity['id']}/checks", "POST")[0] == 202
    await_truth(lambda: row(service)["looks"] == looks + 1, "a whole look", 20)
    assert {"NS", "SOA"} <= {question.type for question in world.questions(mark)}


def test_after_a_standstill_glances_are_put_off_once(verified, world):
    service, _ = verified
    service.stop()
    mark = world.mark()
    make_due(service, 2 * HOUR)
    before = row(service)
    service.start()
    after = await_glance(service, "it to be put off")
    assert after["why"] == 14 and after["glance"] == 1
    assert after["last_looked_at"] == before["last_looked_at"]
    assert 2 * HOUR - 60 < after["next_look_at"] - time.time() < 2 * HOUR + 120
    assert world.questions(mark) == []
    # This late it is no more put off.
    make_due(service, 2 * HOUR)
    after = await_glance(service)
    assert after["why"] == 4 and world.questions(mark) != []


def test_without_glances_all_looks_are_whole(world, tmp_path):
    with Service(world, str(tmp_path), service={"glances_per_s": "0"}) as service:
        identity = service.add_sender("never.com")
        world.zone("never.com", "goodhost", records(identity, ("dkim",)))
        service.await_status(identity["id"], "SUCCESS")
        assert row(service)["glance"] == 0
        # It was glanced at before that was set: a whole look is made of it.
        looks = row(service)["looks"]
        write(service, "UPDATE identity SET glance = 1, full_look_at = ?, next_look_at = ?",
              int(time.time()) + 6 * DAY, int(time.time()))
        await_truth(lambda: row(service)["looks"] == looks + 1, "a whole look", 20)


def commits(service):
    """How many transactions the write-ahead log holds, and how many pages."""
    with open(os.path.join(service.folder, "unpend.db-wal"), "rb") as file:
        log = file.read()
    size, salts = struct.unpack(">I", log[8:12])[0], log[16:24]
    frames = [log[at:at + 24] for at in range(32, len(log), 24 + size)]
    frames = [frame for frame in frames if frame[8:16] == salts]
    return sum(frame[4:8] != bytes(4) for frame in frames), len(frames)


def test_many_are_read_and_written_together(verified, world):
    service, identity = verified
    count = 400
    service.stop()
    with opened(service) as store:
        names = [name for name in row(service) if name not in ("id", "domain")]
        store.execute(f"INSERT INTO identity (id, domain, {', '.join(names)}) "
                      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                      f"SELECT id + i, 'd' || i || '.glanced.com', {', '.join(names)} "
                      "FROM identity, n", (count,))
        store.commit()
    world.publish("glanced.com", [
        f"{token}._domainkey{sub} CNAME {token}.{service.key_zone}." for sub in
        ["", *(f".d{number}" for number in range(1, count + 1))]
        for token in find_tokens(identity)])
    service.start()
    mark = world.mark()
    before = commits(service)
    make_due(service)
    await_glance(service)
    transactions, pages = (after - was for after, was in zip(commits(service), before))
    assert [one["unclear"] for one in rows(service)] == [0] * (count + 1)
    questions = asked(world, mark)
    assert len({question.name for question in questions}) == 3 * (count + 1)
    assert len(questions) < 4 * (count + 1)     # where the machine is busy, some are repeated
    # Ours that makes them due, the role, what other threads write in these seconds.
    assert transactions <= 12 and pages < 3 * count
