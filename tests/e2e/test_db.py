# SPDX-License-Identifier: GPL-3.0-or-later
"""unpend db: a backup of a running service, back into SQLite and into PostgreSQL."""
import hashlib
import json
import os
import re
import stat
import subprocess

import pytest

from product import BINARY, REPOSITORY
from world.postgres import Postgres


class Store:
    """A configuration whose store is `url`, and the program run with it."""

    def __init__(self, folder, url):
        self.path = os.path.join(folder, "unpend.conf")
        with open(self.path, "w") as file:
            file.write(f"[store]\nurl = {url}\n[keys]\nsecret_file = {folder}/secret.key\n")

    def run(self, *words):
        return subprocess.run([BINARY, *words, "--config", self.path], capture_output=True,
                              text=True, timeout=60)

    def done(self, *words):
        done = self.run(*words)
        assert (done.returncode, done.stderr) == (0, ""), words
        return done.stdout


@pytest.fixture(scope="module")
def cluster():
    with Postgres() as one:
        yield one


@pytest.fixture
def store(tmp_path):
    one = Store(str(tmp_path), f"sqlite:{tmp_path}/unpend.db")
    for name in ("shop", "news"):
        one.done("tenant", "add", name)
    return one


def other(tmp_path, name, url):
    folder = tmp_path / name
    folder.mkdir()
    return Store(str(folder), url)


def rows(one):
    return json.loads(one.done("db", "status", "--json"))["rows"]


def test_a_backup_is_whole_and_nobody_elses(store, tmp_path):
    path = tmp_path / "backup"
    store.done("db", "backup", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(store.done("db", "verify", str(path), "--json"))["rows"] > 2
    again = store.run("db", "backup", str(path))
    assert again.returncode == 6 and str(path) in again.stderr


def test_the_chain_is_as_the_document_has_it(store, tmp_path):
    path = tmp_path / "backup"
    store.done("db", "backup", str(path))
    *lines, end = path.read_text().splitlines()
    chain = bytes(32)
    for line in lines:
        chain = hashlib.sha256(chain + hashlib.sha256(line.encode()).digest()).digest()
    assert json.loads(end) == {"end": {"rows": sum(line.startswith("[") for line in lines),
                                       "chain": chain.hex()}}


def test_it_goes_back_into_either_kind_of_database(store, tmp_path, cluster):
    path = str(tmp_path / "backup")
    store.done("db", "backup", path)
    urls = {"sqlite": f"sqlite:{tmp_path}/again.db", "postgres": cluster.fresh()}
    for name, url in urls.items():
        one = other(tmp_path, name, url)
        one.done("db", "restore", path)
        assert rows(one) == rows(store)
        assert json.loads(one.done("db", "verify", "--json"))["sound"] is True
        full = one.run("db", "restore", path)
        assert full.returncode == 6 and "tenant" in full.stderr


def test_a_store_moves_to_postgres_and_back(store, tmp_path, cluster):
    url = cluster.fresh()
    store.done("db", "migrate", "--to", url)
    there = other(tmp_path, "there", url)
    assert rows(there) == rows(store)
    back = other(tmp_path, "back", f"sqlite:{tmp_path}/back.db")
    there.done("db", "migrate", "--to", f"sqlite:{tmp_path}/back.db")
    assert rows(back) == rows(store)
    assert "shop" in back.done("tenant", "list")


def test_damage_is_found_and_named(store, tmp_path):
    path = tmp_path / "backup"
    store.done("db", "backup", str(path))
    path.write_text(path.read_text().replace("shop", "shot"))
    damaged = store.run("db", "verify", str(path))
    assert damaged.returncode == 2 and "line" in damaged.stderr
    subprocess.run(["sqlite3", str(tmp_path / "unpend.db"),
                    "UPDATE tenant SET event_seq = 7 WHERE name = 'shop'"], check=True)
    unsound = store.run("db", "verify", "--json")
    assert unsound.returncode == 1
    assert json.loads(unsound.stdout)["problems"] == [{"code": "events", "count": 1}]


def test_a_database_that_is_away_is_said_to_be_away(tmp_path):
    one = Store(str(tmp_path), "postgresql:///x?host=/nonexistent&password=sesame")
    away = one.run("db", "status")
    assert away.returncode == 4
    assert "cannot reach the database" in away.stderr and "sesame" not in away.stderr
    assert len(away.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["verify", "--json"], ["status", "--json"], None], ids=str)
def test_what_is_printed_is_described(store, tmp_path, words):
    if words is None:
        store.done("db", "backup", str(tmp_path / "backup"))
        words = ["verify", str(tmp_path / "backup"), "--json"]
    with open(os.path.join(REPOSITORY, "doc", "backup.md")) as file:
        text = file.read().replace("```", "")
    described = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`\n]+`", text))))
    assert set(json.loads(store.done("db", *words))) <= described
