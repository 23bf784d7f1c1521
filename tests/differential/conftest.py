# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages are captured from the servers of the private internet, in a namespace."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

from world.fixtures import pytest_configure, world  # noqa: E402, F401
