# SPDX-License-Identifier: GPL-3.0-or-later
"""The private internet that tests, demo and benchmarks run in; see world.py."""
from .world import World

__all__ = ["World"]
