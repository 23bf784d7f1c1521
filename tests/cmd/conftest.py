# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands run in a namespace of their own."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "e2e"), HERE]

from world.fixtures import pytest_configure, world  # noqa: E402, F401
