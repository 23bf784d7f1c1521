# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes whatever is verified due for a glance again and again: at any moment some are under way."""
import sqlite3
import subprocess
import threading
import time

import claims

PAUSE_S = 0.3
DUE = "UPDATE identity SET next_look_at = {now} WHERE glance = 1 AND next_look_at > {now}"


class Haste(threading.Thread):
    """Use as a context. `offset_s` is by how much the service's clock is wrong."""

    def __init__(self, store):
        super().__init__(daemon=True)
        self.store, self.offset_s = store, 0
        self.count = 0      # made due: each again only when it had been planned again
        self.stopping = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        self.join()

    def run(self):
        while not self.stopping.wait(PAUSE_S):
            try:
                self.count += claims.write(self.store,
                                           DUE.format(now=int(time.time()) + self.offset_s))
            except (sqlite3.OperationalError, subprocess.CalledProcessError):
                continue        # the disk is full, or the database is away
