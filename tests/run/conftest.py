# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test here runs in a network namespace of its own file."""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from world.fixtures import pytest_configure  # noqa: E402, F401
