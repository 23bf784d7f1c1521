# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes identities by the million: the rows that a service of some years would have.

A thousand tenants, one of which has a third of all; nine identities of ten verified and looked
at in the next day, some failed, some pending. Their records are not in any DNS and their keys in
no zone: what is measured with them is the store.
"""
import concurrent.futures
import contextlib
import os
import sqlite3
import subprocess

from world import namespace

TENANTS = 1000
STEP = 250_000
DAY_S = 86400

# {n} numbers of the new rows, {at} now, {none} no bytes, {token:x} a token that begins with x.
ROWS = (
    ("tenant",
     "INSERT INTO tenant (id, name, access_key_id, secret_sealed, created_at, suspended_at, "
     "event_seq, version) SELECT 1000 + i, 'tenant ' || i, 'UNPDBENCH' || i, {none}, {at}, 0, 0, 1 "
     "FROM {n} WHERE i < {tenants} ON CONFLICT DO NOTHING"),
    ("identity",
     "INSERT INTO identity (id, tenant_id, domain, token_1, token_2, token_3, key_zone, "
     "keys_elsewhere, dkim_status, dkim_started_at, dkim_lost_at, dkim_missed_at, dkim_misses, "
     "dkim_failed_at, mail_from_status, mail_from_started_at, mail_from_lost_at, "
     "mail_from_missed_at, mail_from_misses, mail_from_failed_at, ownership_status, "
     "ownership_started_at, ownership_lost_at, ownership_missed_at, ownership_misses, "
     "ownership_failed_at, created_at, last_looked_at, last_success_at, next_look_at, looks, "
     "error, why, full_look_at, glance, unclear, failures, unknowns, watched_until, has_soa, "
     "soa_mname, soa_rname, "
     "soa_serial, name_servers, previous_name_servers, registered_at, mail_from_domain, "
     "mail_from_reject, ownership_token, ses_status, ses_checked_at, checked_at, verdict, "
     "findings, cost, report_hash, version) "
     "SELECT 1000000 + i, 1000 + CASE WHEN i % 3 = 0 THEN 0 ELSE i % {tenants} END, "
     "'d' || i || '.load.com', {token:x}, {token:y}, {token:z}, '{zone}', 0, "
     "CASE WHEN i % 100 < 90 THEN 2 WHEN i % 100 < 94 THEN 3 WHEN i % 100 < 99 THEN 1 ELSE 4 END, "
     "{at} - 172800, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "
     "{at} - 172800 - i % 31536000, {at} - i % 86400, {at} - i % 86400, "
     "CASE WHEN i % 100 BETWEEN 90 AND 92 THEN 0 ELSE {at} + 7200 + i * 7919 % 72000 END, "
     "20, 0, 4, 0, 0, 0, 0, 0, 0, 0, {none}, {none}, 0, "
     "'ns1.goodhost.net ns2.goodhost.net', '', 0, '', 0, '', '', 0, "
     "{at} - i % 86400, 0, '', 8, {none}, 20 FROM {n}"),
    ("token",
     "INSERT INTO token (token, tenant_id, domain, elsewhere) "
     "SELECT CASE c WHEN 1 THEN {token:x} WHEN 2 THEN {token:y} ELSE {token:z} END, "
     "1000 + CASE WHEN i % 3 = 0 THEN 0 ELSE i % {tenants} END, 'd' || i || '.load.com', 0 "
     "FROM {n}, (SELECT 1 AS c UNION ALL SELECT 2 UNION ALL SELECT 3) three"),
    ("sender",
     "INSERT INTO sender (identity_id, address, created_at) "
     "SELECT 1000000 + i, 'news@d' || i || '.load.com', {at} FROM {n}"),
    ("event",
     "INSERT INTO event (uid, tenant_id, seq, identity_id, domain, at_s, kind, aspect, "
     "from_status, to_status, detail) SELECT 'evt_' || {token:e}, "
     "1000 + CASE WHEN i % 3 = 0 THEN 0 ELSE i % {tenants} END, i + 1, 1000000 + i, "
     "'d' || i || '.load.com', {at} - 172800, 'identity.created', '', '', '', '' FROM {n}"),
    ("tenant", "UPDATE tenant SET event_seq = {last} + 1 WHERE id >= 1000"),
)

SQLITE = {"n": "(WITH RECURSIVE r(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM r "
               "WHERE i < {last}) SELECT i FROM r) n",
          "none": "x''",
          "token": "replace(replace(replace(replace(printf('{}%031d', i), '0', 'a'), '1', 'b'), "
                   "'8', 'c'), '9', 'd')"}
POSTGRES = {"n": "generate_series(CAST({first} AS BIGINT), CAST({last} AS BIGINT)) n(i)",
            "none": "CAST('' AS BYTEA)",
            "token": "translate('{}' || lpad(CAST(i AS TEXT), 31, '0'), '0189', 'abcd')"}
NUMBERED = ("tenant", "identity", "event")


class Tokens(str):
    """A format word that takes the token's first letter."""

    def __format__(self, letter):
        return self.replace("{}", letter)


def texts(engine, first, count, at, zone):
    """The statements that add identities `first` to `first + count - 1`."""
    last = first + count - 1
    words = {"n": engine["n"].format(first=first, last=last), "last": last, "at": at, "zone": zone,
             "none": engine["none"], "token": Tokens(engine["token"]), "tenants": TENANTS}
    return [text.format(**words) for _, text in ROWS]


def fill(store, first, count, at, zone="dkim.unpend.example"):
    """Adds them to the store; whoever serves from it must be down."""
    if store.startswith("sqlite:"):
        fill_sqlite(store.removeprefix("sqlite:"), first, count, at, zone)
    else:
        fill_postgres(store, first, count, at, zone)


def fill_sqlite(path, first, count, at, zone):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -1000000")
        db.execute("PRAGMA wal_autocheckpoint = 100000")
        for begin in range(first, first + count, STEP):
            for text in texts(SQLITE, begin, min(STEP, first + count - begin), at, zone):
                db.execute(text)
            db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("ANALYZE")
        db.commit()


def psql(url, *statements):
    """What the last one gives, as text."""
    words = [word for text in statements for word in ("-c", text)]
    done = subprocess.run([namespace.find_program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1",
                           *words, url], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def fill_postgres(url, first, count, at, zone):
    """Two sessions; what refers to what is known to be there, so nobody looks it up."""
    made = texts(POSTGRES, first, count, at, zone)
    begin = ("SET synchronous_commit = off", "SET session_replication_role = replica")
    apart = [name for name, _ in ROWS].index("token")
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        tokens = beside.submit(psql, url, *begin, made.pop(apart))
        psql(url, *begin, *made)
        tokens.result()
    psql(url, *(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "
                f"(SELECT coalesce(max(id), 1) FROM {name}))" for name in NUMBERED))
    psql(url, "VACUUM ANALYZE")
    # Else what is measured next waits for the disk to take what was just filled in.
    psql(url, "CHECKPOINT")
    os.sync()


def make_due(store, count, start, step, total, glance=False):
    """`count` identities, far apart in a store of `total`, become due `step` at each second
    from `start` on: for a whole look, or for a glance. total must not be a multiple of 7919."""
    pick = f"1000000 + CAST(k.i AS BIGINT) * 7919 % {total}"
    engine = SQLITE if store.startswith("sqlite:") else POSTGRES
    numbers = engine["n"].format(first=0, last=count - 1).removesuffix("n(i)").removesuffix(" n")
    times = f"glance = 1, full_look_at = {start} + {6 * DAY_S}" if glance else \
        "glance = 0, full_look_at = 0"
    run(store, f"UPDATE identity SET next_look_at = {start} + d.k / {step}, {times} "
               f"FROM (SELECT i AS k, {pick.replace('k.i', 'i')} AS id FROM {numbers} "
               f"{'AS n(i)' if engine is POSTGRES else 'AS n'}) d WHERE identity.id = d.id")


def run(store, text):
    if store.startswith("sqlite:"):
        with contextlib.closing(sqlite3.connect(store.removeprefix("sqlite:"))) as db:
            db.execute(text)
            db.commit()
    else:
        psql(store, text)
