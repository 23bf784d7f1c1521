# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole observations of the sample domains, between real servers."""
import json
import subprocess

import pytest

from hostile import DRIVER, answers
from world import samples


@pytest.fixture(params=[(), ("--pool", "1")], ids=["here", "locked-in"])
def observe(request, world, tmp_path):
    """In this process, and in a probe process in its sandbox."""
    def run(domain, records=None, times=1, **dns):
        config = world.config(str(tmp_path / "unpend.conf"), dns=dns)
        expect = records or samples.expectation(domain)
        done = subprocess.run([DRIVER, *request.param, config, domain, str(times),
                               json.dumps(expect)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])
    return run


def securities(seen):
    return {v["security"] for v in seen["validations"]}


def outcomes(seen):
    return {a["outcome"] for a in seen["answers"]}


@pytest.mark.parametrize("domain, security", [
    ("signed.com", "secure"), ("healthy.com", "insecure"), ("bogus.com", "bogus"),
    ("servfail.com", "unchecked"), ("doesnotexist.com", "secure"), ("empty.jp", "insecure")])
def test_the_validator_tells(observe, domain, security):
    assert securities(observe(domain)) == {security}


def test_a_bogus_verdict_says_why(observe):
    assert all(v["why"] for v in observe("bogus.com")["validations"])


def test_without_trust_anchor_nothing_is_validated(observe):
    assert observe("signed.com", trust_anchor="")["validations"] == []


def test_every_server_of_both_families_is_asked(observe):
    seen = observe("healthy.com")
    authorities = [v for v in seen["views"] if v.get("zone") == "healthy.com"]
    assert [v["address"] for v in authorities] == \
        ["198.51.100.1", "2001:db8:2::1", "198.51.100.2", "2001:db8:2::2"]
    name = "_dmarc.healthy.com"
    # and the public resolvers; nobody of the zone where the keys are
    of_keys = [v for v in seen["views"] if v.get("zone") == "mailer.example"]
    assert len(answers(seen, name, "TXT")) == len(seen["views"]) - len(of_keys)
    # A packet that a busy machine repeats may leave none for the last of the resolvers.
    of_zone = {place for place, v in enumerate(seen["views"]) if v in authorities}
    assert {a["outcome"] for a in seen["answers"] if a["view"] in of_zone} == {"answered"}


def test_public_resolvers_are_asked_only_when_all_is_right(observe):
    def resolvers(domain, times=1):
        views = observe(domain, times=times)["views"]
        return [v["address"] for v in views if v["kind"] == "resolver"]

    all_of_them = ["203.0.113.53", "203.0.113.54", "203.0.113.55"]
    assert resolvers("healthy.com", times=2) == all_of_them
    # As long as the keys of the root and of com are not known, there is no room for the third.
    assert resolvers("healthy.com") == all_of_them[:2]
    assert resolvers("missing.com") == resolvers("lagging.com") == []


def test_ipv6_only_servers_are_asked_over_ipv6(observe):
    assert outcomes(observe("v6only.com")) == {"answered"}
    without = observe("v6only.com", ipv6="false")
    assert {a["outcome"] for a in without["answers"] if a["name"].endswith("v6only.com")} == \
        {"unreachable"}


def test_a_forwarder_is_asked_instead_of_the_authorities(world, observe):
    mark = world.mark()
    seen = observe("signed.com", forward="203.0.113.53")
    assert [v["kind"] for v in seen["views"]] == ["forward"]
    assert (seen["walk"], seen["zone"]) == ("skipped", "signed.com")
    assert seen["delegations"] == []
    assert securities(seen) == {"secure"}
    assert outcomes(seen) == {"answered"}
    assert {q.address for q in world.questions(mark)} <= {"203.0.113.53"}


def test_the_packets_counted_are_the_packets_sent(world, observe):
    mark = world.mark()
    seen = observe("healthy.com", trust_anchor="")
    assert seen["queries"] == len(world.questions(mark)) <= 60


def test_the_validators_packets_are_counted_too(world, observe):
    mark = world.mark()
    seen = observe("signed.com")
    assert seen["queries"] == len(world.questions(mark)) <= 60


def test_both_views_of_the_delegation_are_kept(observe):
    seen = observe("signed.com")
    assert [(d["zone"], d["signed"]) for d in seen["delegations"]] == \
        [("com", True), ("signed.com", True)]
    servers = ["ns1.goodhost.net", "ns2.goodhost.net"]
    assert seen["delegations"][-1]["parent_ns"] == servers
    assert seen["delegations"][-1]["child_ns"] == servers


def test_a_repeated_check_costs_one_round_trip_and_one_for_the_resolvers(observe):
    seen = observe("healthy.com", times=2)
    assert seen["round_trips"] == 2
    assert observe("missing.com", times=2)["round_trips"] == 2       # phase two
    assert observe("healthy.com", times=2, resolvers="")["round_trips"] == 1
