# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheap look at a zone, between real servers."""
import json
import subprocess

import pytest

from hostile import DRIVER


@pytest.fixture
def peek(world, tmp_path):
    def run(domain, times=1, pool=(), **dns):
        config = world.config(str(tmp_path / "unpend.conf"), dns=dns)
        done = subprocess.run([DRIVER, *pool, "--peek", config, domain, str(times)],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]
    return run


@pytest.fixture
def serial_of(world):
    return lambda domain: world.zones[domain].serial


def test_soa_and_name_servers_are_seen(world, peek, serial_of):
    world.zone("peeked.com", "goodhost", ["www A 192.0.2.99"])
    [seen] = peek("peeked.com")
    assert (seen["seen"], seen["zone"]) == (True, "peeked.com")
    assert seen["serial"] == serial_of("peeked.com")
    assert seen["name_servers"] == ["ns1.goodhost.net", "ns2.goodhost.net"]


def test_with_the_way_known_it_is_two_packets_to_one_server(world, peek):
    world.zone("cheap.com", "goodhost")
    mark = world.mark()
    _, second, third = peek("cheap.com", times=3)
    assert second["queries"] == third["queries"] == 2
    asked = {question.address for question in world.questions(mark)
             if question.name.rstrip(".").lower() == "cheap.com"}
    assert len(asked & {"198.51.100.1", "198.51.100.2", "2001:db8:2::1", "2001:db8:2::2"}) >= 1


def test_a_name_inside_a_zone_shows_the_zone(world, peek, serial_of):
    world.zone("whole.com", "goodhost")
    [seen] = peek("mail.shop.whole.com")
    assert (seen["seen"], seen["zone"], seen["domain"]) == \
        (True, "whole.com", "mail.shop.whole.com")
    assert seen["serial"] == serial_of("whole.com")


def test_a_change_is_another_serial(world, peek):
    world.zone("moving.com", "goodhost")
    [before] = peek("moving.com")
    world.add("moving.com", ["k._domainkey CNAME k.mailer.example."])
    [after] = peek("moving.com")
    assert after["serial"] == before["serial"] + 1


def test_the_next_server_is_asked_where_one_does_not_serve_the_zone(world, peek, serial_of):
    world.zone("halflame.com", "goodhost")
    # The first in order refuses: it serves no such zone.
    world.delegate("halflame.com", ["ns1.nsdhost.net", "ns2.goodhost.net"])
    [seen] = peek("halflame.com")
    assert seen["seen"] and seen["serial"] == serial_of("halflame.com")


@pytest.mark.parametrize("domain", ["doesnotexist.com", "servfail.com"])
def test_what_cannot_be_asked_is_not_seen(peek, domain):
    [seen] = peek(domain)
    assert not seen["seen"] and "name_servers" not in seen


def test_behind_a_forwarder_nothing_is_seen(peek):
    [seen] = peek("healthy.com", forward="203.0.113.53")
    assert (seen["seen"], seen["queries"]) == (False, 0)


def test_a_probe_process_sees_the_same(world, peek):
    world.zone("pooled.com", "goodhost")
    [here] = peek("pooled.com")
    [there] = peek("pooled.com", pool=["--pool", "2"])
    for seen in (here, there):
        seen.pop("at")
    assert here == there
