# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on the shipped program: what was acknowledged stays, and it goes on by itself."""
import os
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "e2e")]

from besieged import small_world  # noqa: E402
from world import namespace  # noqa: E402


def pytest_configure(config):
    """Once, before anything else has started a thread."""
    namespace.enter()
    namespace.enter_mounts()


@pytest.fixture(scope="module")
def world():
    with tempfile.TemporaryDirectory(prefix="unpend-faults-") as folder, \
            small_world(folder) as one:
        yield one
