# SPDX-License-Identifier: GPL-3.0-or-later
"""Forged answers are sent in a namespace of their own."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

from world.fixtures import pytest_configure  # noqa: E402, F401
