# SPDX-License-Identifier: GPL-3.0-or-later
"""A world, a cluster, its load and its sinks, put together."""
import contextlib

import plan
from cluster import Cluster, lay_out
from load import Load
from siege import Siege
from sinks import MailSink, Progress
from world import World


@contextlib.contextmanager
def small_world(folder):
    """In a namespace of its own already."""
    world = World(folder, sniff=False, plan=plan)
    lay_out(world)
    with world:
        yield world


@contextlib.contextmanager
def besieged(folder, store="sqlite", seed="1", **settings):
    """A siege, ready to run."""
    progress = Progress()
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(MailSink(progress))
        world = stack.enter_context(small_world(folder))
        cluster = stack.enter_context(Cluster(
            world, folder, send={"until_verified": "hold"},
            relay={"url": f"smtp://127.0.0.1:{sink.port}"}, **settings))
        load = stack.enter_context(Load(cluster, progress, seed))
        yield Siege(cluster, load, sink, seed)
