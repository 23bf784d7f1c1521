# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of perspectives run in a namespace of their own, with servers made here."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "resolver"), HERE]

from hostile import Net  # noqa: E402
from perspectives import Pki  # noqa: E402
from world.fixtures import pytest_configure  # noqa: E402, F401


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return Pki(str(tmp_path_factory.mktemp("pki")))


@pytest.fixture
def net(tmp_path):
    with Net(str(tmp_path)) as one:
        yield one
