#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run test programs of the store, one after the other, on a PostgreSQL of their own."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from world.postgres import Postgres  # noqa: E402

with Postgres() as cluster:
    environment = os.environ | {"UNPEND_TEST_POSTGRES": cluster.url()}
    failed = [path for path in sys.argv[1:]
              if subprocess.run([path], env=environment).returncode != 0]
sys.exit("failed on PostgreSQL: " + ", ".join(failed) if failed else 0)
