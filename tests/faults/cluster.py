# SPDX-License-Identifier: GPL-3.0-or-later
"""One store, and the nodes that serve from it: to be killed, stopped and started again."""
import collections
import os
import signal
import threading
import time

from plan import LOAD_SERVER, LOAD_ZONE
from product import Product, Service, find_free_port


class Node(Service):
    """One `unpend serve`, in a process group of its own."""

    def __init__(self, world, folder, **settings):
        os.makedirs(folder, exist_ok=True)
        self.port = find_free_port()
        settings["http"] = {"listen": f"127.0.0.1:{self.port}", **settings.get("http", {})}
        Product.__init__(self, world, folder, **settings)
        self.url = f"http://127.0.0.1:{self.port}"
        self.process, self.tenant = None, None
        self.log = os.path.join(folder, "serve.log")

    def start(self, *command, **options):
        """Gives the seconds until it was ready."""
        started = time.monotonic()
        super().start(*command, start_new_session=True, **options)
        return time.monotonic() - started

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9 of serve and its probes at once, as the power would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_serve(self):
        """Of serve alone: its probes have to notice."""
        probes = self.find_probes()
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return probes

    def kill_probe(self):
        """One of its probes, if it has any."""
        for pid in self.find_probes()[:1]:
            os.kill(pid, signal.SIGKILL)


class Cluster:
    """Nodes over one store, with one tenant. Use as a context."""

    def __init__(self, world, folder, store=None, nodes=1, **settings):
        self.world, self.folder = world, folder
        self.store = store or f"sqlite:{folder}/unpend.db"
        zone = world.new_key_zone()
        given = {"store": {"url": self.store}, **settings,
                 "http": {"token_rate": 0, "address_rate": 0, **settings.get("http", {})},
                 "dns": {"probes": 1, "trust_anchor": "", **settings.get("dns", {})},
                 "keys": {"secret_file": f"{folder}/secret.key", "pool": 0,
                          **world.key_settings(zone)}}
        self.nodes = [Node(world, f"{folder}/node{number}", **{
            **{section: dict(keys) for section, keys in given.items()},
            "node": {"name": f"node{number}", "heartbeat_s": 1}}) for number in range(nodes)]
        self.up = threading.Event()
        self.tenant, self.postgres = None, None
        self.restarts_s = []
        self.ends = collections.defaultdict(list)       # node's name: when it was killed

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def add_tenant(self):
        """Makes the schema too, where there was none."""
        self.tenant = self.nodes[0].add_tenant("demo")
        for node in self.nodes:
            node.tenant = self.tenant

    def start(self):
        """Those that do not run."""
        if self.tenant is None:
            self.add_tenant()
        for node in self.nodes:
            if not node.is_running():
                self.restarts_s.append(node.start())
        self.up.set()

    def note_end(self, node):
        """Before it is killed; clients need not ask when none is left."""
        self.ends[os.path.basename(node.folder)].append(time.time())
        if not any(one.is_running() for one in self.nodes if one is not node):
            self.up.clear()

    def stop(self):
        self.up.clear()
        for node in self.nodes:
            node.stop()

    def log(self):
        """The last words of everybody, the database too."""
        text = "\n".join(f"--- {node.folder}\n{node.read_log()}" for node in self.nodes)
        if self.postgres:
            with open(f"{self.postgres.folder}/log", errors="replace") as file:
                text += "\n--- PostgreSQL\n" + "".join(file.readlines()[-40:])
        return text


def lay_out(world):
    """The zone that the load's domains are in."""
    world.zone(LOAD_ZONE, LOAD_SERVER, [])
