# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at random moments under load. `make soak` does the same a thousand times."""
from besieged import besieged

KILLS = 15


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    with besieged(str(tmp_path), "sqlite", seed="suite") as siege:
        siege.run(KILLS)
        assert siege.settle() == []
        assert sum(siege.kills.values()) == KILLS and len(siege.load.ledger.sent) > 0
