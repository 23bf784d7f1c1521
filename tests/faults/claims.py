# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold of a store after anything: read with SQL of our own, not the product's."""
import contextlib
import sqlite3
import subprocess

from world import namespace

# What it says, and a query that counts where it is not so.
CLAIMS = (
    ("an identity's tokens are tombstoned from the start",
     "SELECT count(*) FROM identity i WHERE (SELECT count(*) FROM token t WHERE t.token IN "
     "(i.token_1, i.token_2, i.token_3) AND t.tenant_id = i.tenant_id "
     "AND t.domain = i.domain) <> 3"),
    ("a selector has a key or waits for one, never both, never neither",
     "SELECT count(*) FROM identity i WHERE keys_elsewhere = 0 AND "
     "(SELECT count(*) FROM key k WHERE k.identity_id = i.id AND k.revoked_at = 0) + "
     "(SELECT count(*) FROM key_wanted w WHERE w.identity_id = i.id) <> 3"),
    ("a key belongs to an identity that is there, to the pool, or is revoked",
     "SELECT count(*) FROM key k WHERE k.identity_id <> 0 AND k.revoked_at = 0 AND NOT EXISTS "
     "(SELECT 1 FROM identity i WHERE i.id = k.identity_id)"),
    ("a revoked key has no private half",
     "SELECT count(*) FROM key k WHERE k.revoked_at <> 0 AND length(k.private_sealed) > 0"),
    ("an identity began with an event",
     "SELECT count(*) FROM identity i WHERE NOT EXISTS (SELECT 1 FROM event e "
     "WHERE e.identity_id = i.id AND e.kind = 'identity.created')"),
    ("an identity that is gone left an event, one that is there did not",
     "SELECT count(*) FROM (SELECT DISTINCT identity_id FROM event WHERE identity_id <> 0) e "
     "WHERE EXISTS (SELECT 1 FROM identity i WHERE i.id = e.identity_id) = "
     "EXISTS (SELECT 1 FROM event d WHERE d.identity_id = e.identity_id "
     "AND d.kind = 'identity.deleted')"),
    ("a status is what its last event says",
     "SELECT count(*) FROM identity i JOIN event e ON e.id = (SELECT max(c.id) FROM event c "
     "WHERE c.identity_id = i.id AND c.aspect = 'dkim' AND c.to_status <> '') "
     "WHERE e.to_status <> CASE i.dkim_status WHEN 0 THEN 'NOT_STARTED' WHEN 1 THEN 'PENDING' "
     "WHEN 2 THEN 'SUCCESS' WHEN 3 THEN 'FAILED' ELSE 'TEMPORARY_FAILURE' END"),
    ("who is verified was said to be",
     "SELECT count(*) FROM identity i WHERE i.dkim_status = 2 AND NOT EXISTS (SELECT 1 "
     "FROM event e WHERE e.identity_id = i.id AND e.aspect = 'dkim' AND e.to_status = 'SUCCESS')"),
    ("who may send holds nothing back",
     "SELECT count(*) FROM message m JOIN identity i ON i.id = m.identity_id "
     "WHERE m.state = 0 AND i.dkim_status IN (2, 4)"),
    ("what is held or queued belongs to an identity",
     "SELECT count(*) FROM message m WHERE m.state IN (0, 1) AND NOT EXISTS "
     "(SELECT 1 FROM identity i WHERE i.id = m.identity_id)"),
    ("a message that waits has its content",
     "SELECT count(*) FROM message m WHERE m.state IN (0, 1) AND length(m.content) = 0"),
    ("a tenant's events are numbered without a gap",
     "SELECT count(*) FROM tenant t WHERE t.event_seq <> "
     "(SELECT count(*) FROM event e WHERE e.tenant_id = t.id) OR t.event_seq <> "
     "(SELECT coalesce(max(e.seq), 0) FROM event e WHERE e.tenant_id = t.id)"),
    ("what was looked at has its report",
     "SELECT count(*) FROM identity i WHERE (i.checked_at > 0) <> "
     "EXISTS (SELECT 1 FROM report r WHERE r.identity_id = i.id)"),
    ("what is glanced at is verified, and nothing of it was missed",
     "SELECT count(*) FROM identity i WHERE glance = 1 AND (dkim_status <> 2 OR dkim_misses > 0 "
     "OR mail_from_status NOT IN (0, 2) OR ownership_status NOT IN (0, 2))"),
    ("nobody is found right later than he was looked at",
     "SELECT count(*) FROM identity i WHERE last_success_at > last_looked_at"),
    ("an event is for each webhook that was there one delivery",
     "SELECT count(*) FROM event e JOIN webhook w ON w.tenant_id = e.tenant_id "
     "AND w.kinds = '' AND w.disabled_at = 0 AND e.at_s > w.created_at WHERE NOT EXISTS "
     "(SELECT 1 FROM delivery d WHERE d.webhook_id = w.id AND d.event_id = e.id)"),
)


def read_sqlite(path, query):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def ask_postgres(url, query):
    return subprocess.run([namespace.find_program("psql"), "-XAt", "-F", "\t", "-v",
                           "ON_ERROR_STOP=1", "-c", query, url],
                          capture_output=True, text=True, timeout=60)


def read_postgres(url, query):
    done = ask_postgres(url, query)
    assert done.returncode == 0, done.stderr
    return [tuple(int(word) if word.lstrip("-").isdigit() else word
                  for word in line.split("\t")) for line in done.stdout.splitlines()]


def read(store, query):
    """The rows that a query of the store gives."""
    if store.startswith("sqlite:"):
        return read_sqlite(store.removeprefix("sqlite:"), query)
    return read_postgres(store, query)


def write(store, query):
    """An UPDATE past the product; how many rows. Or sqlite3.OperationalError, or
    subprocess.CalledProcessError."""
    if not store.startswith("sqlite:"):
        done = ask_postgres(store, query)
        done.check_returncode()
        return int(done.stdout.removeprefix("UPDATE "))
    with contextlib.closing(sqlite3.connect(store.removeprefix("sqlite:"), timeout=20)) as db:
        count = db.execute(query).rowcount
        db.commit()
        return count


def find_broken(cluster):
    """Which claims do not hold, with how many rows; and what `unpend db verify` finds."""
    broken = [f"not so: {what} ({count} rows)" for what, query in CLAIMS
              for count, in read(cluster.store, query) if count]
    node = cluster.nodes[0]
    done = node.run("db", "verify", "--json", "--config", node.config)
    if done.exit_code != 0:
        broken.append(f"unpend db verify gives {done.exit_code}: {done.text}{done.err.decode()}")
    return broken
