# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks with a kernel that refuses run in a namespace of their own, between servers made here."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "resolver")]

from world.fixtures import pytest_configure  # noqa: E402, F401
