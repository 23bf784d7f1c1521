# SPDX-License-Identifier: GPL-3.0-or-later
"""A process short of descriptors cannot validate: that is its own trouble and no zone's, so what it
says is that it could not tell.
"""
import json
import resource
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from hostile import BINARY
from world import samples

FILES = range(14, 96, 2)
ENOUGH = 400
AT_ONCE = 4


@pytest.fixture
def look(world, tmp_path):
    """The verdict and the errors found by a check that may open so many files."""
    config = world.config(str(tmp_path / "unpend.conf"))

    def run(domain, files):
        expect = tmp_path / f"{domain}.json"
        expect.write_text(json.dumps(samples.expectation(domain)))
        done = subprocess.run(
            [BINARY, "check", domain, "--config", config, "--expect", str(expect), "--json"],
            capture_output=True, text=True, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)))
        if not done.stdout:
            return "none", set()
        report = json.loads(done.stdout)
        return report["verdict"], {f["code"] for f in report["findings"]
                                   if f["severity"] == "error"}
    return run


@pytest.mark.parametrize("domain", ["healthy.com", "signed.com"])
def test_too_few_descriptors_are_no_fault_of_the_zone(look, domain):
    assert look(domain, ENOUGH) == ("ok", set())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        said = dict(zip(FILES, pool.map(lambda files: look(domain, files), FILES)))
    assert {verdict for verdict, _ in said.values()} > {"ok"}, said
    bad = {files: one for files, one in said.items()
           if one[1] or one[0] not in ("ok", "waiting", "undetermined", "none")}
    assert not bad


def test_what_is_bogus_is_found_all_the_same(look):
    assert look("bogus.com", ENOUGH) == ("action_required", {"U106"})
