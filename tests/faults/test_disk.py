# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk is full for a while: nothing is lost, and it goes on when there is room."""
import os

import pytest

from besieged import besieged
from product import call
from world import namespace
from world.asking import await_truth

DISK_BYTES = 32 * 1024 * 1024       # the store, and its log of 16 MB
PIECE = b"\0" * 4096


@pytest.fixture
def disk(tmp_path):
    """A folder that holds little."""
    folder = tmp_path / "disk"
    folder.mkdir()
    namespace.mount_tmpfs(str(folder), DISK_BYTES)
    yield str(folder)
    namespace.unmount(str(folder))


def fill(folder):
    """Until not one byte more is taken."""
    with open(os.path.join(folder, "ballast"), "ab", buffering=0) as ballast:
        for piece in (PIECE, PIECE[:1]):
            try:
                while ballast.write(piece):
                    pass
            except OSError:
                continue


def test_a_full_disk_is_answered_and_nothing_is_lost(disk):
    with besieged(disk, "sqlite", seed="disk") as siege:
        load, node = siege.load, siege.cluster.nodes[0]
        for _ in range(2):
            load.tickets.release(60)
            assert siege.progress.await_count(siege.progress.count + 60, 30)
            fill(disk)
            load.tickets.release(200)
            await_truth(lambda: sum(load.ledger.refused.get(status, 0) for status in (503, 507)),
                        "the service to say that the disk is full")
            await_truth(lambda: call(node.url + "/readyz")[0] == 503,
                        "nobody to be sent here any more")
            assert call(node.url + "/livez")[0] == 200
            alive = load.ledger.find_alive()[0]
            assert node.api(f"/identities/{alive.id}")[0] == 200
            load.ledger.refused.clear()
            os.unlink(os.path.join(disk, "ballast"))
            await_truth(lambda: call(node.url + "/readyz")[0] == 200, "room to be noticed")
            assert siege.progress.await_count(siege.progress.count + 60, 30)
        assert siege.settle(events=False) == []
        assert node.process.poll() is None and len(siege.cluster.restarts_s) == 1
