# SPDX-License-Identifier: GPL-3.0-or-later
"""The soak runs in a namespace of its own, between the name servers of the benchmark."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [TESTS, HERE, os.path.join(os.path.dirname(TESTS), "bench")]

from world.fixtures import pytest_configure  # noqa: E402, F401
