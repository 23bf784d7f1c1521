# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend dmarc` over real name servers: the tree walk, alignment, policies, failures."""
import json
import os
import subprocess

import pytest

from product import BINARY
from world import zones

RUN_TIMEOUT_S = 60
POLICIES = {
    "own-record.com": [zones.txt("_dmarc", "v=DMARC1; p=reject; sp=quarantine; np=reject"),
                       "www A 192.0.2.1", zones.txt("_dmarc.sub", "v=DMARC1; p=none; aspf=s"),
                       "sub A 192.0.2.1"],
    "island.net": [zones.txt("_dmarc.news", "v=DMARC1; p=reject; psd=n"),
                   zones.txt("_dmarc", "v=DMARC1; p=none; t=y")],
    "two-records.com": [zones.txt("_dmarc", "v=DMARC1; p=reject"),
                        zones.txt("_dmarc", "v=DMARC1; p=none")],
    "unrecorded.com": ["www A 192.0.2.1"],
}


@pytest.fixture(scope="module")
def config(world, tmp_path_factory):
    for zone, records in POLICIES.items():
        world.zone(zone, "goodhost", records)
    return world.config(str(tmp_path_factory.mktemp("dmarc") / "unpend.conf"))


def dmarc(config, *words):
    return subprocess.run([BINARY, "dmarc", "--config", config, *words], capture_output=True,
                          text=True, timeout=RUN_TIMEOUT_S,
                          env=dict(os.environ, LC_ALL="C.UTF-8"))


@pytest.mark.parametrize("words, result, code, found_at, policy, organisation", [
    ("--from own-record.com --dkim own-record.com", "pass", 0, "own-record.com", "reject",
     "own-record.com"),
    ("--from www.own-record.com --spf bounce.own-record.com", "pass", 0, "own-record.com",
     "quarantine", "own-record.com"),
    ("--from nothere.own-record.com", "fail", 1, "own-record.com", "reject", "own-record.com"),
    ("--from sub.own-record.com --spf own-record.com", "fail", 1, "sub.own-record.com", "none",
     "own-record.com"),
    ("--from sub.own-record.com --dkim other.example --dkim own-record.com", "pass", 0,
     "sub.own-record.com", "none", "own-record.com"),
    ("--from news.island.net --dkim island.net", "fail", 1, "news.island.net", "reject",
     "news.island.net"),
    ("--from two-records.com --dkim two-records.com", "none", 1, None, None, "two-records.com"),
    ("--from www.unrecorded.com --dkim unrecorded.com", "none", 1, None, None,
     "www.unrecorded.com"),
    ("--from servfail.com --dkim servfail.com", "temperror", 4, None, None, None),
])
def test_the_verdict_is_the_standards(config, words, result, code, found_at, policy, organisation):
    done = dmarc(config, *words.split(), "--json")
    document = json.loads(done.stdout)
    record = document["record"] or {"found_at": None, "policy": None}
    assert (document["result"], done.returncode) == (result, code), done
    assert (record["found_at"], record["policy"]) == (found_at, policy)
    assert document["organisation"] == organisation
    assert dmarc(config, *words.split()).stdout.split()[0] == result


def test_each_identifier_is_told(config):
    done = dmarc(config, "--from", "own-record.com", "--spf", "bounce.own-record.com", "--dkim",
                 "amazonses.com", "--dkim", "mail.own-record.com", "--json")
    document = json.loads(done.stdout)
    assert [one["aligned"] for one in document["dkim"]] == [False, True]
    assert document["spf"] == {"domain": "bounce.own-record.com", "aligned": True}


def test_the_time_is_what_was_said(config):
    done = dmarc(config, "--from", "own-record.com", "--now", "2026-11-21T05:12:09Z", "--json")
    assert json.loads(done.stdout)["checked_at"] == "2026-11-21T05:12:09Z"


@pytest.mark.parametrize("words", ["", "own-record.com", "--from .", "--from a..b",
                                   "--from a.example --now yesterday"])
def test_a_wrong_line_is_a_usage_error(config, words):
    done = dmarc(config, *words.split())
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("words, why", [
    ("--from own-record.com", "nothing passed"),
    ("--from sub.own-record.com --spf own-record.com", "no domain for which"),
])
def test_a_fail_says_why(config, words, why):
    run = dmarc(config, *words.split())
    assert run.stdout.startswith("fail\n") and f"why           {why}" in run.stdout, run.stdout
