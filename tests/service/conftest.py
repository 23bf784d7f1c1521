# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend serve` and `unpend tenant` as programs, in a namespace."""
import os
import sys

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "e2e")]

from product import Service  # noqa: E402
from world.fixtures import pytest_configure, world  # noqa: E402, F401


@pytest.fixture
def stopped(world, tmp_path):
    """A service that was never started, with its configuration."""
    one = Service(world, str(tmp_path))
    yield one
    one.stop()


@pytest.fixture
def running(world, tmp_path):
    """A service with one tenant."""
    with Service(world, str(tmp_path)) as one:
        yield one
