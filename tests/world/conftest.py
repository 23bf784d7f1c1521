# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the tests of the world itself in a namespace of their own."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from world.fixtures import pytest_configure, world  # noqa: E402, F401
