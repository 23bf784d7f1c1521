# SPDX-License-Identifier: GPL-3.0-or-later
"""The private internet is what it says it is, seen without unpend."""
import os
import socket
import subprocess
import sys

import dns.rcode
import pytest

from world import asking, plan, samples

FIRST_DKIM = samples.TOKENS[0] + "._domainkey."
TARGET = f"{samples.TOKENS[0]}.{samples.KEY_ZONE}."
RESOLVABLE = [s.domain for s in samples.SAMPLES if not s.code]


@pytest.mark.parametrize("domain", RESOLVABLE)
def test_what_a_sound_sample_publishes_is_found_by_a_public_resolver(world, domain):
    assert world.resolve(FIRST_DKIM + domain, "CNAME") == [TARGET]


@pytest.mark.parametrize("domain", ["bogus.com", "servfail.com"])
def test_a_validating_resolver_fails_where_it_should(world, domain):
    answer = asking.ask("203.0.113.53", domain, "SOA", timeout_s=10, recursion=True)
    assert answer.rcode() == dns.rcode.SERVFAIL


def test_a_validating_resolver_finds_the_signed_sample_secure(world):
    answer = asking.ask("203.0.113.53", "signed.com", "SOA", timeout_s=10, recursion=True,
                        dnssec=True)
    assert answer.flags & dns.flags.AD


def test_an_unregistered_domain_does_not_exist(world):
    answer = asking.ask("192.0.2.11", "doesnotexist.com", "NS")
    assert answer.rcode() == dns.rcode.NXDOMAIN


def test_the_lame_server_refuses(world):
    answer = asking.ask(plan.HOSTS["ns.lamehost.net"].ipv4, "lame.com", "SOA")
    assert answer.rcode() == dns.rcode.REFUSED


def test_the_lagging_server_has_an_older_copy(world):
    serials = [asking.find_rrset(asking.ask(plan.HOSTS[host].ipv4, "lagging.com", "SOA"),
                                 "lagging.com", "SOA")[0].serial
               for host in ("ns1.goodhost.net", "ns.laghost.net")]
    assert serials[0] == serials[1] + 1


def test_the_dead_server_is_silent_and_not_unreachable(world):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((plan.HOSTS["ns1.deadhost.net"].ipv4, 53))
        client.settimeout(0.2)
        client.send(b"\0" * 12)
        with pytest.raises(socket.timeout):
            client.recv(512)


def test_the_long_answer_is_truncated_over_udp(world):
    question = dns.message.make_query("_dmarc.tcp.com", "TXT")
    answer = dns.query.udp(question, plan.HOSTS["ns1.tcphost.net"].ipv4, timeout=5)
    assert answer.flags & dns.flags.TC


def test_a_change_is_seen_at_every_server_when_the_call_returns(world):
    for operator, domain in (("goodhost", "change.com"), ("nsdhost", "change.net"),
                             ("bindhost", "change.jp")):
        world.zone(domain, operator, ["www A 192.0.2.1"])
        world.publish(domain, ["www A 192.0.2.2"])
        for host in plan.OPERATORS[operator].hosts:
            for address in plan.HOSTS[host].addresses:
                answer = asking.ask(address, "www." + domain, "A", timeout_s=5)
                assert [rr.address for rr in answer.answer[0]] == ["192.0.2.2"], address


def test_a_withdrawn_domain_is_gone(world):
    world.zone("gone.com", "nsdhost", ["www A 192.0.2.1"])
    world.withdraw("gone.com")
    answer = asking.ask("192.0.2.11", "gone.com", "NS")
    assert answer.rcode() == dns.rcode.NXDOMAIN


def test_every_question_is_counted_once_with_its_server_and_transport(world):
    mark = world.mark()
    asking.ask("198.51.100.1", "Healthy.com", "TXT")
    dns.query.tcp(dns.message.make_query("healthy.com", "MX"), "2001:db8:2::2", timeout=5)
    seen = [(q.address, q.transport, q.name, q.raw_name, q.type) for q in world.questions(mark)]
    assert seen == [("198.51.100.1", "udp", "healthy.com.", "Healthy.com.", "TXT"),
                    ("2001:db8:2::2", "tcp", "healthy.com.", "healthy.com.", "MX")]


def test_a_command_runs_in_a_world_of_its_own(tmp_path):
    run = os.path.join(os.path.dirname(__file__), "run")
    script = (f"{run} --tell $UNPEND_WORLD add missing.com 'www A 192.0.2.9' && "
              f"{run} --tell $UNPEND_WORLD resolve www.missing.com A && test -f $UNPEND_CONFIG")
    done = subprocess.run([sys.executable, run, "--world-dir", str(tmp_path), "--", "sh", "-c",
                           script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "192.0.2.9\n"), done.stderr
