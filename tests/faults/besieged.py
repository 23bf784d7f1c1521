# SPDX-License-Identifier: GPL-3.0-or-later
"""A world, a cluster, its load and its sinks, put together."""
import contextlib

import audit
import plan
from cluster import Cluster, lay_out
from haste import Haste
from load import Load
from siege import Siege
from sinks import Hook, MailSink, Progress
from world import World
from world.postgres import Postgres


@contextlib.contextmanager
def small_world(folder):
    """In a namespace of its own already."""
    world = World(folder, sniff=False, plan=plan)
    lay_out(world)
    with world:
        yield world


@contextlib.contextmanager
def besieged(folder, kind="sqlite", seed="1", **settings):
    """A siege, ready to run: of one node over SQLite, or three over PostgreSQL."""
    progress = Progress()
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(MailSink(progress))
        hook = stack.enter_context(Hook(progress))
        world = stack.enter_context(small_world(folder))
        # Where it is to be killed itself, it has to keep what it said that it keeps.
        postgres = stack.enter_context(Postgres(durable=kind == "durable postgres")) \
            if kind != "sqlite" else None
        cluster = Cluster(world, folder, postgres and postgres.fresh(), 3 if postgres else 1, **{
            "send": {"until_verified": "hold"}, "service": {"lease_s": 10},
            "relay": {"url": f"smtp://127.0.0.1:{sink.port}"},
            "webhook": {"allow_addresses": "127.0.0.0/8", "allow_http": "true", "ports": ""},
            **settings})
        cluster.postgres = postgres
        cluster.add_tenant()
        if postgres:
            audit.install(postgres, cluster.store)
        stack.enter_context(cluster)
        hook.set_up(cluster.nodes[0])
        load = stack.enter_context(Load(cluster, progress, seed))
        haste = stack.enter_context(Haste(cluster.store))
        yield Siege(cluster, load, sink, hook, haste, seed)
