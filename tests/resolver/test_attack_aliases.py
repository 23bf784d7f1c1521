# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases, SPF includes and the budget as ways to a verdict: none may be the word of one
server of several.

acme.test has two name servers, of which the second is a stranger's; evil.test is his.
"""
import json
import os
import subprocess

import dns.flags
import dns.rcode
import dns.rrset
import pytest

from hostile import BINARY, PATIENCE_S, silent, usual

EMPTY = "@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\nns2 A 198.51.100.2\n"
EVIL = "198.51.100.66"
OTHER = "198.51.100.77"
OWNED = [{"purpose": "ownership", "type": "TXT", "name": "_proof.acme.test",
          "value": "token=0123456789abcdef"}]
PROOF = '_proof TXT "token=0123456789abcdef"\n'


def delegate(net):
    net.serve("192.0.2.11", "test.",
              "acme NS ns1.acme\nacme NS ns2.acme\nns1.acme A 198.51.100.1\n"
              f"ns2.acme A 198.51.100.2\nevil NS ns.evil\nns.evil A {EVIL}\n"
              f"web NS ns.web\nns.web A {OTHER}\n")
    net.serve(EVIL, "evil.test.", "@ NS ns\nns A " + EVIL + "\n" + PROOF)
    net.serve(OTHER, "web.test.", "@ NS ns\nns A " + OTHER + "\n"
              '@ TXT "hello"\nwww A 203.0.113.9\nright TXT "token=0123456789abcdef"\n')


def check(net, records, domain="acme.test", **keys):
    path = os.path.join(net.folder, "expect.json")
    with open(path, "w") as file:
        json.dump({"domain": domain, "records": records}, file)
    done = subprocess.run([BINARY, "check", domain, "--expect", path, "--json", "--config",
                           net.config(**keys)], capture_output=True, timeout=PATIENCE_S)
    assert done.returncode in (0, 1, 4), done.stderr
    return json.loads(done.stdout)


def judged(report):
    return report["verdict"], [record["state"] for record in report["records"]]


def serve(net, first, second, twist=usual):
    delegate(net)
    net.serve("198.51.100.1", "acme.test.", EMPTY + first)
    net.serve("198.51.100.2", "acme.test.", EMPTY + second, twist)


def test_an_alias_is_followed_where_all_give_it(net):
    alias = "_proof CNAME right.web.test.\n"
    serve(net, alias, alias)
    assert judged(check(net, OWNED)) == ("ok", ["ok"])


@pytest.mark.parametrize("honest, liar", [("1", "2"), ("2", "1")])
@pytest.mark.parametrize("target", ["www.web.test.", "web.test.", "none.web.test."])
def test_one_servers_alias_is_not_that_of_the_others(net, honest, liar, target):
    delegate(net)
    net.serve(f"198.51.100.{honest}", "acme.test.", EMPTY + f"_proof CNAME {target}\n")
    net.serve(f"198.51.100.{liar}", "acme.test.", EMPTY + "_proof CNAME _proof.evil.test.\n")
    verdict, states = judged(check(net, OWNED))
    assert verdict != "ok" and states != ["ok"]


def test_a_server_that_denies_the_target_of_an_alias_does_not_speak_for_it(net):
    alias = "_proof CNAME right.web.test.\n"

    def denies(server, query, answer, transport):
        if answer.answer and answer.answer[0].rdtype == dns.rdatatype.CNAME:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return [answer.to_wire()]
    serve(net, alias, alias, denies)
    assert judged(check(net, OWNED)) == ("ok", ["ok"])


# What one server alone is asked at first

SPF = [{"purpose": "spf", "type": "TXT", "name": "acme.test",
        "value": "v=spf1 ip4:203.0.113.7 ~all"}]
COVERS = '_spf TXT "v=spf1 ip4:203.0.113.0/24 ~all"\n'
KEY = 'TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="\n'
ALIAS = [{"purpose": "dkim", "type": "CNAME", "name": "k1._domainkey.acme.test",
          "value": "right.web.test"}]


@pytest.mark.parametrize("spf", ["include:_spf.acme.test ~all", "redirect=_spf.acme.test"])
@pytest.mark.parametrize("other", ["", '_spf TXT "v=spf1 ip4:192.0.2.1 ~all"\n'])
@pytest.mark.parametrize("is_first", [True, False])
def test_an_include_is_right_where_all_servers_have_it(net, spf, other, is_first):
    apex = f'@ TXT "v=spf1 {spf}"\n'
    zones = [apex + COVERS, apex + other]
    serve(net, *(zones if is_first else reversed(zones)))
    verdict, states = judged(check(net, SPF))
    assert verdict != "ok" and states != ["ok"]


def test_an_include_that_all_servers_have_is_right(net):
    zone = '@ TXT "v=spf1 include:_spf.acme.test ~all"\n' + COVERS
    serve(net, zone, zone)
    assert judged(check(net, SPF)) == ("ok", ["ok"])


@pytest.mark.parametrize("is_first", [True, False])
def test_a_key_in_the_place_of_an_alias_is_no_good_at_one_server(net, is_first):
    zones = ["k1._domainkey " + KEY, "k1._domainkey A 203.0.113.9\n"]
    serve(net, *(zones if is_first else reversed(zones)))
    net.serve(OTHER, "right.web.test.", "@ " + KEY)
    verdict, states = judged(check(net, ALIAS))
    assert verdict != "ok" and states != ["ok"]


def test_an_alias_inside_the_zone_is_followed_at_each_server(net):
    alias = "_proof CNAME t.acme.test.\n"
    serve(net, alias + PROOF.replace("_proof", "t"), alias + 't TXT "no"\n')
    verdict, states = judged(check(net, OWNED))
    assert verdict != "ok" and states != ["ok"]


def test_servers_that_do_not_follow_their_own_alias_are_asked_where_it_leads(net):
    zone = "_proof CNAME t.acme.test.\n" + PROOF.replace("_proof", "t")
    serve(net, zone, zone)
    assert judged(check(net, OWNED)) == ("ok", ["ok"])


def has_wildcard(target):
    """A twist: every name below acme.test is an alias."""
    def twist(server, query, answer, transport):
        name = query.question[0].name
        if len(name.labels) > 3 and not name.labels[0].lower().startswith(b"ns"):
            answer.flags |= dns.flags.AA
            answer.set_rcode(dns.rcode.NOERROR)
            answer.authority = []
            answer.answer = [dns.rrset.from_text(name, 300, "IN", "CNAME", target)]
        return [answer.to_wire()]
    return twist


def denies_others(server, query, answer, transport):
    """Only the name that is wanted; nothing beside it."""
    name = query.question[0].name
    if name.labels[0].lower() == b"_proof":
        return has_wildcard("_proof.evil.test.")(server, query, answer, transport)
    return [answer.to_wire()]


@pytest.mark.parametrize("liar", ["1", "2"])
def test_one_server_cannot_deny_the_wildcard_of_the_others(net, liar):
    delegate(net)
    for number in "12":
        net.serve(f"198.51.100.{number}", "acme.test.", EMPTY, denies_others
                  if number == liar else has_wildcard("_proof.evil.test."))
    verdict, states = judged(check(net, OWNED))
    assert verdict != "ok" and states != ["ok"]
