# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of the probe run in a namespace of their own, inside the private internet."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "resolver")]

from world.fixtures import pytest_configure, world  # noqa: E402, F401
