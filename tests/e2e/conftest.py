# SPDX-License-Identifier: GPL-3.0-or-later
"""End to end: the shipped program, real servers, real clients, in a namespace."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

from product import Product, Service  # noqa: E402
from world.fixtures import pytest_configure, world  # noqa: E402, F401


@pytest.fixture
def unpend(world, tmp_path):
    """The command line program, configured for the world."""
    return Product(world, str(tmp_path))


@pytest.fixture
def service(world, tmp_path):
    """A running `unpend serve` with an empty store and one tenant."""
    with Service(world, str(tmp_path)) as one:
        yield one
