# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking things up runs in a namespace of its own, inside the private internet."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "e2e")]

from world.fixtures import pytest_configure, world  # noqa: E402, F401
