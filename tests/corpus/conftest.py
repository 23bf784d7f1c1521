# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the corpus in a namespace of its own."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from world.fixtures import pytest_configure  # noqa: E402, F401
