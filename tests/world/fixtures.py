# SPDX-License-Identifier: GPL-3.0-or-later
"""What every conftest.py over a world needs: pytest enters a namespace, a world is shared.

A conftest.py takes over pytest_configure and the fixture `world`, which lives as long as
a test file and has all samples in it.
"""
import tempfile

import pytest

from . import World, namespace, samples


def pytest_configure(config):
    """Once, before anything else has started a thread."""
    namespace.enter()


@pytest.fixture(scope="module")
def world():
    with tempfile.TemporaryDirectory(prefix="unpend-test-") as folder:
        one = World(folder)
        samples.install(one)
        with one:
            yield one
