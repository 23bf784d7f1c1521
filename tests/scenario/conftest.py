# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner goes into networks of its own."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]
