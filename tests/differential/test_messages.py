# SPDX-License-Identifier: GPL-3.0-or-later
"""What dns_message_parse reads is what dnspython reads, but for what README.md says.

A smaller share of what `tests/differential/run` does.
"""
import os

import pytest

import classes
import messages
from compare import compare_many
from reading import ROOT, ours, theirs
from world.samples import SAMPLES

MADE, SEED = 10_000, 20261122
JOBS = len(os.sched_getaffinity(0))


@pytest.fixture(scope="module")
def captured(world):
    return messages.capture(messages.servers_of(world), [s.domain for s in SAMPLES])


def test_what_real_servers_say_is_read_alike(captured):
    assert len(captured) > 500
    for wire, line in zip(captured, ours(captured), strict=True):
        assert line == theirs(wire), wire.hex()


def test_broken_messages_differ_only_where_it_is_explained(captured):
    count, unexplained = compare_many(messages.make(SEED, MADE, captured), JOBS)
    assert not unexplained, unexplained[:5]
    # Most of the cases say something.
    assert count["both read the same"] > MADE / 5 and count["both refuse"] > MADE / 5, count


def test_every_class_is_described():
    with open(os.path.join(ROOT, "tests", "differential", "README.md")) as file:
        text = file.read()
    for one in (*classes.REPAIRS, *classes.REFUSED, classes.cut_with_tc):
        assert f"`{one.__name__}`" in text
