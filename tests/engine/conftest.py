# SPDX-License-Identifier: GPL-3.0-or-later
"""What an identity costs that is as it should be, in the benchmark's world (bench/zones.h)."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "..", "bench")]

from rows import BUILD  # noqa: E402
from sim import Sim  # noqa: E402
from world.fixtures import pytest_configure  # noqa: E402, F401


@pytest.fixture
def sim(tmp_path):
    """Name servers that answer at once."""
    with Sim(BUILD, str(tmp_path)) as one:
        yield one
