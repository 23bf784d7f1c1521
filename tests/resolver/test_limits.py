# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check may cost, whoever asks for it and whatever the zones say: the validator's
questions are among those counted, bystanders get ten packets, refused addresses none.
"""
import json
import os
import random
import struct
import subprocess
import time

import dns.dnssec
import dns.flags
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hostile import BINARY, PATIENCE_S, answers, silent, txt
from test_asking import Process, RECORD, delegate, observe_acme, outcomes, refusing, serve_acme

# Of no key that there is: the validator asks for what it needs, and finds nothing secure.
ANCHOR = ". 3600 IN DS 20326 8 2 " + "E0" * 32
RESOLVERS = ["203.0.113.53", "203.0.113.54", "203.0.113.55"]
OUTSIDE = "20.0.0.1"

REFUSED_4 = ["0.0.0.0", "0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254",
             "169.254.169.254", "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.2.66",
             "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.254", "198.51.100.66",
             "203.0.113.66", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"]
REFUSED_6 = ["::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:20.0.0.1", "64:ff9b::a00:1",
             "64:ff9b::1400:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:1400:1::1",
             "2001:1ff::1", "2001:db8::66", "2002:a00:1::1", "2002:7f00:1::1", "3fff::1", "5f00::1",
             "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"]
ALLOWED = ("192.0.2.1/32 192.0.2.11/32 192.0.2.12/32 198.51.100.1/32 198.51.100.2/32 "
           "198.51.100.9/32")


def packets(net):
    return sum(len(server.asked) for server in net.servers.values())


def refused_at_once(count):
    """An address of each family a name server."""
    return [(REFUSED_4[i:i + count], REFUSED_6[i:i + count])
            for i in range(0, len(REFUSED_6), count)]


def hosts(zone, fours, sixes):
    """Name servers with these addresses: their NS records, and their addresses."""
    names = [f"n{i:02}.{zone}" for i in range(max(len(fours), len(sixes)))]
    kinds = [("A", fours), ("AAAA", sixes)]
    return names, "".join(f"{name} {kind} {address}\n" for kind, addresses in kinds
                          for name, address in zip(names, addresses))


@pytest.mark.parametrize("fours, sixes", refused_at_once(11))      # 13 are considered
def test_refused_addresses_in_glue_get_nothing(net, fours, sixes):
    names, addresses = hosts("acme", fours, sixes)
    delegate(net, "".join(f"acme NS {name}\n" for name in names) + addresses)
    seen = observe_acme(net, ipv6="true", allow_addresses=ALLOWED)
    assert set(outcomes(seen)) == {"forbidden"}
    assert seen["queries"] == packets(net) == 2         # root, test


@pytest.mark.parametrize("fours, sixes", refused_at_once(4))       # 10 packets to the host
def test_refused_addresses_of_names_elsewhere_get_nothing(net, fours, sixes):
    names, addresses = hosts("host", fours, sixes)
    delegate(net, "".join(f"acme NS {name}.other.\n" for name in names))
    net.serve("192.0.2.12", "other.", "host NS ns.host\nns.host A 198.51.100.9\n")
    host = net.serve("198.51.100.9", "host.other.", "@ NS ns\nns A 198.51.100.9\n"
                     + addresses.replace(".host", ""))
    seen = observe_acme(net, ipv6="true", allow_addresses=ALLOWED)
    assert set(outcomes(seen)) == {"forbidden"}
    assert seen["queries"] == packets(net)
    assert len(host.asked) <= 10


@pytest.mark.parametrize("fours, sixes", refused_at_once(11))
def test_refused_addresses_behind_aliases_get_nothing(net, fours, sixes):
    names, addresses = hosts("evil", fours, sixes)
    serve_acme(net, zone="@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\nns2 A 198.51.100.2\n"
                         "v CNAME x.evil.other.\n")
    net.serve("192.0.2.12", "other.", "".join(f"evil NS {name}\n" for name in names) + addresses)
    seen = observe_acme(net, ipv6="true", allow_addresses=ALLOWED)
    assert {a["outcome"] for a in answers(seen, "x.evil.other", "TXT")} == {"forbidden"}
    assert seen["queries"] == packets(net)


@pytest.mark.parametrize("address", REFUSED_4[:1] + REFUSED_4[2:])
def test_a_name_server_that_only_the_zone_names_is_held_to_the_same(net, address):
    delegate(net, "acme NS ns1.acme\nns1.acme A 198.51.100.1\n")
    net.serve("198.51.100.1", "acme.test.", "@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\n"
              f'ns2 A {address}\nv TXT "right"\n')
    seen = observe_acme(net, allow_addresses=ALLOWED)
    assert outcomes(seen) == ["answered", "forbidden"]
    assert seen["queries"] == packets(net)


def anchored(net, anchor=ANCHOR):
    path = os.path.join(net.folder, "anchor")
    with open(path, "w") as file:
        file.write(anchor + "\n")
    return path


@pytest.mark.parametrize("twist", [None, silent, refusing])
def test_a_validator_sends_a_victim_no_packet_more(net, twist):
    """NXNSAttack (arXiv 2005.09107): name servers that are names in the victim's zone."""
    delegate(net, "".join(f"acme NS n{i}.victim.other.\n" for i in range(13)))
    net.serve("192.0.2.12", "other.", "victim NS ns.victim\nns.victim A 198.51.100.9\n")
    keys = {"twist": twist} if twist else {}
    victim = net.serve("198.51.100.9", "victim.other.", "@ NS ns\nns A 198.51.100.9\n", **keys)
    seen = observe_acme(net, trust_anchor=anchored(net))
    assert len(victim.asked) <= 10
    assert packets(net) <= seen["queries"] <= 60


def test_a_check_with_a_validator_sends_sixty_packets_at_most(net):
    serve_acme(net)
    records = [txt(f"v{i}.acme.test", "x") for i in range(30)]
    seen = net.observe("acme.test", 1, records, trust_anchor=anchored(net))
    assert packets(net) <= seen["queries"] <= 60


def test_thirty_looks_at_a_dead_server_do_not_hammer_it(net):
    """Ten packets at once, then five a second: however many domains lead there."""
    count = 30
    delegate(net, "".join(f"d{i} NS ns.dead\n" for i in range(count))
             + "dead NS ns.dead\nns.dead A 198.51.100.1\n")
    dead = net.serve("198.51.100.1", "dead.test.", "", silent)
    net.config(query_timeout_ms="300")
    process = Process()
    process.send({"config": {f"dns.{k}": v for k, v in net.keys.items()}})
    for i in range(count):
        process.send({"job": i, "expect": {"domain": f"d{i}.test",
                                           "records": [txt(f"v.d{i}.test", "x")]}})
    for _ in range(count):
        seen = process.receive()["observation"]
        assert {a["outcome"] for a in seen["answers"]} <= {"timeout", "limit"}
    assert process.end() == 0
    # A look lasts a second or two; without the rule it is several hundred.
    assert 10 <= len(dead.asked) <= 60


# Keys that cost


def rsa_key(exponent, random, tag=None):
    """Of 4096 bits, and nobody's; with this tag if one is given (RFC 4034 appendix B)."""
    head = struct.pack("!HBBBH", 256, 3, 8, 0, len(exponent)) + exponent
    modulus = b"\xc5" + random.randbytes(510) + b"\x01"
    if tag is not None:
        at = 2 + len(head) % 2
        blank = modulus[:at] + b"\0\0" + modulus[at + 2:]
        missing = tag - dns.dnssec.key_id(as_rdata("DNSKEY", head + blank)) & 0xffff
        modulus = modulus[:at] + struct.pack("!H", missing) + modulus[at + 2:]
    return as_rdata("DNSKEY", head + modulus)


def as_rdata(rdtype, wire):
    return dns.rdata.from_wire("IN", rdtype, wire, 0, len(wire))


def trap(zone, keys, count):
    """KeyTrap (CVE-2023-50387): each set has so many signatures that each of the keys might
    have made. The keys are signed as they should be; gives the twist, and the anchor."""
    private = ec.generate_private_key(ec.SECP256R1())
    own = dns.dnssec.make_dnskey(private.public_key(), 13, flags=257)
    dnskeys = dns.rrset.from_rdata_list(zone, 300, [own, *keys])
    signed = [dnskeys, dns.rrset.from_rdata_list(zone, 300, [
        dns.dnssec.sign(dnskeys, private, zone, own, lifetime=86400)])]
    now = int(time.time())

    def signatures(rrset):
        return dns.rrset.from_rdata_list(rrset.name, 300, [as_rdata("RRSIG", struct.pack(
            "!HBBIIIH", rrset.rdtype, 8, len(rrset.name) - 1, 300, now + 86400, now - 3600,
            dns.dnssec.key_id(keys[0])) + zone.to_wire() + b"\x01" + os.urandom(511))
            for _ in range(count)])

    def twist(server, query, answer, transport):
        if query.question[0].rdtype == dns.rdatatype.DNSKEY:
            answer.answer, answer.authority = signed, []
        else:
            for section in (answer.answer, answer.authority):
                section.extend([signatures(rrset) for rrset in section])
        if transport == "udp":
            answer.answer, answer.authority, answer.additional = [], [], []
            answer.flags |= dns.flags.TC
        return [answer.to_wire(max_size=65535)]
    return twist, f"{zone} IN DS {dns.dnssec.make_ds(zone, own, 'SHA256')}"


@pytest.mark.parametrize("exponent, is_tried", [
    (b"\x01\x00\x01", True), (b"\x7f" + bytes(498) + b"\x01", False)])
def test_keys_that_take_seconds_to_try_are_not_tried(net, exponent, is_tried):
    some = random.Random(1)
    first = rsa_key(exponent, some)
    keys = [first] + [rsa_key(exponent, some, dns.dnssec.key_id(first)) for _ in range(7)]
    twist, anchor = trap(dns.name.from_text("acme.other."), keys, 8)
    net.serve("192.0.2.12", "other.", "acme NS ns1.acme\nns1.acme A 198.51.100.1\n")
    net.serve("198.51.100.1", "acme.other.", "@ NS ns1\nns1 A 198.51.100.1\n"
              'v TXT "right"\n', twist)
    path = anchored(net, anchor)
    seen = net.observe("acme.other", 1, [txt("v.acme.other", "right")], trust_anchor=path)
    verdict, = seen["validations"]
    assert verdict["security"] == ("bogus" if is_tried else "unchecked")
    assert ("RRSIG" in verdict.get("why", "")) == is_tried, verdict


# A check at a terminal


def check(net, *records, **keys):
    path = os.path.join(net.folder, "expect.json")
    seen = os.path.join(net.folder, "seen.json")
    with open(path, "w") as file:
        json.dump({"domain": "acme.test", "records": list(records)}, file)
    subprocess.run([BINARY, "check", "acme.test", "--expect", path, "--json", "--save", seen,
                    "--config", net.config(resolvers=" ".join(RESOLVERS), **keys)],
                   capture_output=True, timeout=PATIENCE_S)
    with open(seen) as file:
        saved = json.load(file)
    return saved.get("observation", saved)


def serve_resolvers(net):
    for address in RESOLVERS:
        net.serve(address, "acme.test.", 'v TXT "right"\n')


def test_a_check_asks_the_public_resolvers_in_the_last_round_trip(net):
    serve_acme(net)
    serve_resolvers(net)
    seen = check(net, RECORD)
    assert seen["round_trips"] == 3
    assert [v["address"] for v in seen["views"] if v["kind"] == "resolver"] == RESOLVERS
    assert outcomes(seen) == ["answered"] * 5


def test_a_service_asks_them_when_all_is_right(net):
    serve_acme(net)
    serve_resolvers(net)
    seen = observe_acme(net, resolvers=" ".join(RESOLVERS))
    assert seen["round_trips"] == 4
    assert [v["address"] for v in seen["views"] if v["kind"] == "resolver"] == RESOLVERS


def test_what_they_said_is_not_shown_where_something_is_wrong(net):
    serve_acme(net)
    serve_resolvers(net)
    seen = check(net, txt("v.acme.test", "another value"))
    assert [v for v in seen["views"] if v["kind"] == "resolver"] == []
    assert outcomes(seen) == ["answered"] * 2


def test_dead_public_resolvers_do_not_delay_what_is_wrong(net):
    serve_acme(net)
    for address in RESOLVERS:
        net.serve(address, "acme.test.", "", silent)
    wrong = check(net, txt("v.acme.test", "another value"), query_timeout_ms="3000")
    assert wrong["elapsed_ms"] < 3000
