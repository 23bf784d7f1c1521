#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run test programs of the store, a few at once, on a PostgreSQL of their own."""
import concurrent.futures
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from world.postgres import Postgres  # noqa: E402

AT_ONCE = 3


def run(path, url):
    environment = os.environ | {"UNPEND_TEST_POSTGRES": url}
    return subprocess.run([path], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


with Postgres() as cluster, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
    results = list(pool.map(lambda path: run(path, cluster.url()), sys.argv[1:]))
for result in results:
    print(result.stdout)
failed = [result.args[0] for result in results if result.returncode != 0]
sys.exit("failed on PostgreSQL: " + ", ".join(failed) if failed else 0)
