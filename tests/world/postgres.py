#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL cluster of our own: a folder in /tmp, a socket in it, no TCP, gone at the end.

    with Postgres() as cluster:
        url = cluster.fresh()                   # a new, empty database
        cluster.kill(); cluster.start()

    postgres.py run COMMAND ...     run a command with the cluster's URL in UNPEND_TEST_POSTGRES

PostgreSQL refuses to run as root, so root hands it to `nobody`. It does not wait for disks unless
`durable` is asked for: what a test kills is unpend; the machine stays on.
"""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse

SETTINGS = {"listen_addresses": "''", "max_connections": "200", "shared_buffers": "32MB",
            "unix_socket_permissions": "0777", "logging_collector": "off",
            "log_min_messages": "warning", "deadlock_timeout": "200ms"}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def program(name):
    """Debian keeps the server's programs outside the PATH, by version."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else shutil.which(name) or name


class Postgres:
    def __init__(self, durable=False):
        self.durable = durable
        self.folder = None
        self.process = None
        self.databases = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.remove()

    def _ids(self):
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def _run(self, words):
        done = subprocess.run(words, cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, **self._ids())
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}:\n{done.stdout}")
        return done.stdout

    def _make(self):
        self.folder = tempfile.mkdtemp(prefix="unpend-postgres-")
        ids = self._ids()
        if ids:
            os.chown(self.folder, ids["user"], ids["group"])
        self._run([program("initdb"), "--pgdata", f"{self.folder}/data", "--username", "unpend",
                   "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync",
                   "--wal-segsize", "1"])
        settings = SETTINGS | ({} if self.durable else CARELESS)
        with open(f"{self.folder}/data/postgresql.auto.conf", "a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
            file.write(f"unix_socket_directories = '{self.folder}'\n")

    def start(self):
        """Makes the cluster at the first time; returns when it takes connections."""
        if self.folder is None:
            self._make()
        self._run([program("pg_ctl"), "start", "--pgdata", f"{self.folder}/data", "--wait",
                   "--silent", "--log", f"{self.folder}/log"])

    def pid(self):
        with open(f"{self.folder}/data/postmaster.pid") as file:
            return int(file.readline())

    def stop(self):
        """Orderly, connections are cut."""
        self._run([program("pg_ctl"), "stop", "--pgdata", f"{self.folder}/data", "--wait",
                   "--silent", "--mode", "fast"])

    def kill(self):
        """As if the power went off; start() recovers."""
        self._run([program("pg_ctl"), "stop", "--pgdata", f"{self.folder}/data", "--wait",
                   "--silent", "--mode", "immediate"])

    def remove(self):
        if self.folder is None:
            return
        if os.path.exists(f"{self.folder}/data/postmaster.pid"):
            try:
                self.kill()
            except RuntimeError:
                os.kill(self.pid(), signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = None

    def url(self, database="postgres"):
        host = urllib.parse.quote(self.folder, safe="")
        return f"postgresql:///{database}?host={host}&user=unpend"

    def sql(self, text, database="postgres"):
        """What psql prints of it, unaligned."""
        return self._run([program("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
                          "--set", "ON_ERROR_STOP=1", "--host", self.folder, "--username",
                          "unpend", "--dbname", database, "--command", text]).strip()

    def fresh(self):
        """The URL of a new database."""
        self.databases += 1
        name = f"store_{self.databases}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)


def main(words):
    if len(words) < 2 or words[0] != "run":
        sys.exit(__doc__)
    with Postgres() as cluster:
        environment = os.environ | {"UNPEND_TEST_POSTGRES": cluster.url()}
        return subprocess.run(words[1:], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
