# SPDX-License-Identifier: GPL-3.0-or-later
"""How questions are asked, between servers that lie, lag, drop and truncate."""
import json
import os
import signal
import socket
import struct
import subprocess
import threading

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from hostile import (DRIVER, PATIENCE_S, answers, read_exactly, silent, txt, usual,
                     values)

ZONE = "@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\nns2 A 198.51.100.2\nv TXT \"right\"\n"
RECORD = txt("v.acme.test", "right")
EVIL = "203.0.113.66"


def delegate(net, text="acme NS ns1.acme\nacme NS ns2.acme\n"
                       "ns1.acme A 198.51.100.1\nns2.acme A 198.51.100.2\n"):
    return net.serve("192.0.2.11", "test.", text)


def serve_acme(net, twist=usual, zone=ZONE, tcp=True):
    """acme.test with two servers that behave alike."""
    delegate(net)
    return [net.serve(address, "acme.test.", zone, twist, tcp)
            for address in ("198.51.100.1", "198.51.100.2")]


def observe_acme(net, times=1, **keys):
    return net.observe("acme.test", times, [RECORD], **keys)


def outcomes(observation, name="v.acme.test", rdtype="TXT"):
    return [a["outcome"] for a in answers(observation, name, rdtype)]


def forged(answer, value="forged"):
    """The same answer with other contents."""
    lie = dns.message.from_wire(answer.to_wire())
    question = lie.question[0]
    lie.answer = [dns.rrset.from_text(question.name, 300, "IN", "TXT", f'"{value}"')]
    lie.authority = []
    return lie


def refusing(server, query, answer, transport):
    answer.flags &= ~dns.flags.AA
    answer.set_rcode(dns.rcode.REFUSED)
    answer.answer, answer.authority = [], []
    return [answer.to_wire()]


# What a healthy domain costs


def test_a_healthy_domain_costs_three_round_trips_and_then_one(net):
    first, second = serve_acme(net)
    cold = observe_acme(net)
    asked = sum(len(s.asked) for s in net.servers.values())
    assert cold["round_trips"] == 3
    # root, test; TXT, NS, SOA at each; at one a name that nobody has made
    assert cold["queries"] == asked == 2 + 2 * 3 + 1
    warm = observe_acme(net, times=2)
    assert warm["round_trips"] == 1
    assert warm["queries"] == 2 * 3 + 1
    assert values(warm, "v.acme.test", "TXT") == ['"right"']
    assert abs(len(first.asked) - len(second.asked)) <= 3


def test_the_keys_behind_aliases_cost_no_round_trip_more(net):
    delegate(net, "".join(f"{zone} NS ns{n}.{zone}\nns{n}.{zone} A 198.51.100.{base + n}\n"
                          for zone, base in (("acme", 0), ("mailer", 20)) for n in (1, 2)))
    for n in (1, 2):
        net.serve(f"198.51.100.{n}", "acme.test.",
                  f"@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\nns2 A 198.51.100.2\n"
                  "k1._domainkey CNAME k1.dkim.mailer.test.\n")
        net.serve(f"198.51.100.{20 + n}", "mailer.test.",
                  "@ NS ns1\n@ NS ns2\nns1 A 198.51.100.21\nns2 A 198.51.100.22\n"
                  'k1.dkim TXT "v=DKIM1; p="\n')
    record = {"purpose": "dkim", "type": "CNAME", "name": "k1._domainkey.acme.test",
              "value": "k1.dkim.mailer.test"}
    cold, warm = (net.observe("acme.test", n, [record]) for n in (1, 2))
    assert values(cold, "k1.dkim.mailer.test", "TXT") == ['"v=DKIM1; p="']
    # CNAME, NS, SOA at each server; at one TXT beside the alias, a name that nobody has
    # made, and the key
    records = 2 * 3 + 3
    assert (warm["round_trips"], warm["queries"]) == (1, records)
    # the root is asked once for both ways
    assert (cold["round_trips"], cold["queries"]) == (3, 1 + 2 + records)


def test_a_subdomain_of_a_zone_costs_one_round_trip_too(net):
    serve_acme(net, zone=ZONE + 'v.news TXT "right"\n')
    record = txt("v.news.acme.test", "right")
    cold, warm = (net.observe("news.acme.test", n, [record]) for n in (1, 2))
    assert (cold["zone"], cold["round_trips"]) == ("acme.test", 4)
    assert (warm["zone"], warm["round_trips"]) == ("acme.test", 1)


def test_the_same_seen_gives_the_same_bytes(net):
    serve_acme(net)
    one, two = observe_acme(net), observe_acme(net)
    for observation in (one, two):
        for key in ("at", "elapsed_ms"):
            del observation[key]
        for answer in observation["answers"]:
            del answer["rtt_us"]
    assert one == two


def test_name_servers_under_another_tld_are_looked_up(net):
    delegate(net, "acme NS ns.host.other.\n")
    net.serve("192.0.2.12", "other.", "host NS ns.host\nns.host A 198.51.100.9\n")
    net.serve("198.51.100.9", "host.other.", "@ NS ns\nns A 198.51.100.9\n")
    net.serve("198.51.100.9", "acme.test.", '@ NS ns.host.other.\nv TXT "right"\n')
    seen = observe_acme(net)
    assert values(seen, "v.acme.test", "TXT") == ['"right"']
    assert seen["round_trips"] == 5         # root, test, root, other, acme.test


def test_parent_and_child_on_the_same_server_are_told_apart(net):
    delegate(net, "group NS ns.group\nns.group A 198.51.100.1\n")
    net.serve("198.51.100.1", "group.test.",
              "@ NS ns\nns A 198.51.100.1\nacme NS ns.group.test.\n")
    net.serve("198.51.100.1", "acme.group.test.", '@ NS ns.group.test.\nv TXT "right"\n')
    seen = net.observe("acme.group.test", 1, [txt("v.acme.group.test", "right")])
    assert seen["zone"] == "acme.group.test"
    assert [d["zone"] for d in seen["delegations"]] == ["test", "group.test",
                                                        "acme.group.test"]


def test_cuts_on_one_server_are_found_between_labels(net):
    delegate(net, "group NS ns.group\nns.group A 198.51.100.1\n")
    net.serve("198.51.100.1", "group.test.",
              "@ NS ns\nns A 198.51.100.1\nacme NS ns.group.test.\n")
    net.serve("198.51.100.1", "acme.group.test.",
              '@ NS ns.group.test.\nv.news TXT "right"\n')
    seen = net.observe("news.acme.group.test", 1, [txt("v.news.acme.group.test", "right")])
    assert seen["zone"] == "acme.group.test"


def test_a_delegated_domainkey_is_followed(net):
    serve_acme(net, zone=ZONE + "_domainkey NS ns.keys\nns.keys A 198.51.100.7\n")
    net.serve("198.51.100.7", "_domainkey.acme.test.",
              '@ NS ns.keys.acme.test.\nk1 TXT "right"\n')
    name = "k1._domainkey.acme.test"
    seen = net.observe("acme.test", 1, [txt(name, "right")])
    assert values(seen, name, "TXT") == ['"right"']
    assert [a.get("referral", False) for a in answers(seen, name, "TXT")] == \
        [True, True, False]


def test_a_server_that_only_the_child_names_is_asked(net):
    delegate(net, "acme NS ns1.acme\nns1.acme A 198.51.100.1\n")
    net.serve("198.51.100.1", "acme.test.", ZONE)
    other = net.serve("198.51.100.2", "acme.test.", ZONE)
    seen = observe_acme(net)
    assert [(v["server"], v.get("in_parent", False), v.get("in_child", False))
            for v in seen["views"]] == [("ns1.acme.test", True, True),
                                        ("ns2.acme.test", False, True)]
    assert len(other.asked) > 0


def test_an_unregistered_domain_is_denied_by_its_parent(net):
    delegate(net)
    seen = net.observe("deep.nothere.test")
    assert (seen["walk"], seen["stopped_at"]) == ("nxdomain", "nothere.test")
    assert seen["views"] == []


def test_a_missing_name_inside_a_zone_is_no_missing_domain(net):
    serve_acme(net)
    seen = net.observe("news.acme.test", 1, [txt("v.news.acme.test", "right")])
    assert (seen["walk"], seen["zone"]) == ("done", "acme.test")
    assert {a["rcode"] for a in answers(seen, "v.news.acme.test", "TXT")} == {"NXDOMAIN"}


# Lies


def with_other_id(server, query, answer, transport):
    if transport == "tcp":
        return [answer.to_wire()]
    lie = forged(answer)
    lie.id ^= 1
    return [lie.to_wire(), answer.to_wire()]


def with_other_question(server, query, answer, transport):
    if transport == "tcp":
        return [answer.to_wire()]
    lie = forged(answer)
    lie.question[0].name = dns.name.from_text("w.acme.test.")
    return [lie.to_wire(), answer.to_wire()]


def with_garbage(server, query, answer, transport):
    right = answer.to_wire()
    return [right] if transport == "tcp" else [right[:2] + os.urandom(30), right]


@pytest.mark.parametrize("twist", [with_other_id, with_other_question, with_garbage])
def test_a_packet_that_comes_close_is_ignored_and_tcp_used(net, twist):
    serve_acme(net, twist)
    seen = observe_acme(net)
    assert values(seen, "v.acme.test", "TXT") == ['"right"']
    assert all(a["over_tcp"] for a in answers(seen, "v.acme.test", "TXT"))


def test_a_packet_from_elsewhere_changes_nothing(net):
    def twist(server, query, answer, transport):
        return [(EVIL, forged(answer).to_wire()), answer.to_wire()]

    serve_acme(net, twist)
    seen = observe_acme(net)
    assert values(seen, "v.acme.test", "TXT") == ['"right"']
    assert not any(a.get("over_tcp") for a in seen["answers"])


def test_garbage_alone_is_malformed(net):
    serve_acme(net, lambda s, query, a, t: [struct.pack("!H", query.id) + b"\x80\0garbage"])
    assert outcomes(observe_acme(net)) == ["malformed"] * 2


def test_letters_are_mixed_and_ports_and_ids_differ(net):
    first, second = serve_acme(net)
    observe_acme(net, times=20)
    asked = first.asked + second.asked
    names = [a.name for a in asked if a.type == "TXT"]
    assert len(set(names)) > 20
    assert len({a.message.id for a in asked}) > len(asked) * 0.95
    assert len({a.source_port for a in asked}) > 60


def in_lower_case(server, query, answer, transport):
    answer.question[0].name = answer.question[0].name.canonicalize()
    return [answer.to_wire()]


def test_a_server_that_loses_the_letters_is_believed_over_tcp(net):
    servers = serve_acme(net, in_lower_case)
    seen = observe_acme(net, times=2)
    assert values(seen, "v.acme.test", "TXT") == ['"right"']
    # Over TCP it did the same, so from then on UDP will do.
    assert not any(a.get("over_tcp") for a in seen["answers"])
    assert "tcp" in [a.transport for s in servers for a in s.asked]


def test_a_server_that_loses_the_letters_and_has_no_tcp_is_asked_again(net):
    serve_acme(net, in_lower_case, tcp=False)
    assert values(observe_acme(net), "v.acme.test", "TXT") == ['"right"']


def test_glue_out_of_bailiwick_is_ignored(net):
    delegate(net, "acme NS ns.host.other.\n")
    evil = net.serve(EVIL, "acme.test.", 'v TXT "forged"\n')
    glue = dns.rrset.from_text("ns.host.other.", 300, "IN", "A", EVIL)

    def with_glue(server, query, answer, transport):
        answer.additional.append(glue)
        return [answer.to_wire()]

    net.servers["192.0.2.11"].twist = with_glue
    net.serve("192.0.2.12", "other.", "host NS ns.host\nns.host A 198.51.100.9\n")
    net.serve("198.51.100.9", "acme.test.", '@ NS ns.host.other.\nv TXT "right"\n')
    assert values(observe_acme(net), "v.acme.test", "TXT") == ['"right"']
    assert evil.asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_private_addresses_in_glue_are_not_asked(net, address):
    delegate(net, f"acme NS ns1.acme\nacme NS ns2.acme\n"
                  f"ns1.acme A {address}\nns2.acme A 198.51.100.2\n")
    net.serve("198.51.100.2", "acme.test.", ZONE)
    guarded = net.serve("127.0.0.1", "acme.test.", 'v TXT "secret"\n')
    seen = observe_acme(net)
    assert outcomes(seen) == ["forbidden", "answered"]
    assert seen["views"][0]["address"] == address
    assert guarded.asked == []


def test_aliases_into_private_names_are_not_followed(net):
    serve_acme(net, zone=ZONE + "k1 CNAME secret.corp.internal.\nk2 CNAME a.other.\n")
    net.serve("192.0.2.12", "other.", 'a TXT "seen"\n')
    seen = net.observe("acme.test", 1, [txt("k1.acme.test", "x"), txt("k2.acme.test", "x")])
    assert values(seen, "a.other", "TXT") == ['"seen"']
    assert answers(seen, "secret.corp.internal", "TXT") == []
    asked = [a.name.lower() for s in net.servers.values() for a in s.asked]
    assert not any("internal" in name for name in asked)


# Transport


def truncated(server, query, answer, transport):
    if transport == "udp":
        answer.answer, answer.authority = [], []
        answer.flags |= dns.flags.TC
    return [answer.to_wire()]


def test_truncation_leads_to_tcp(net):
    serve_acme(net, truncated)
    seen = observe_acme(net)
    assert values(seen, "v.acme.test", "TXT") == ['"right"']
    assert all(a["over_tcp"] for a in answers(seen, "v.acme.test", "TXT"))
    assert seen["round_trips"] == 4


def test_truncation_without_tcp_is_its_own_outcome(net):
    serve_acme(net, truncated, tcp=False)
    assert outcomes(observe_acme(net)) == ["no_tcp"] * 2


def test_a_tcp_answer_that_drips_is_not_waited_for(net):
    class Dripping(bytes):
        """Sent an octet at a time, with a pause before each."""

    def twist(server, query, answer, transport):
        return [Dripping(w) for w in truncated(server, query, answer, transport)]

    serve_acme(net, twist)
    seen = observe_acme(net, query_timeout_ms="600")
    assert set(outcomes(seen)) == {"no_tcp"}
    assert 600 <= seen["elapsed_ms"] < 1500


def test_a_tcp_connection_that_says_nothing_is_not_waited_for(net):
    def twist(server, query, answer, transport):
        if transport == "tcp":
            server.closing.wait(PATIENCE_S)
        return truncated(server, query, answer, transport)

    serve_acme(net, twist)
    seen = observe_acme(net, query_timeout_ms="600")
    assert set(outcomes(seen)) == {"no_tcp"}
    assert seen["elapsed_ms"] < 1500


def test_a_server_without_edns_is_asked_without(net):
    def twist(server, query, answer, transport):
        if query.edns >= 0:
            answer = dns.message.make_response(query)
            answer.use_edns(False)
            answer.set_rcode(dns.rcode.FORMERR)
            answer.answer, answer.authority = [], []
        return [answer.to_wire()]

    serve_acme(net, twist)
    seen = observe_acme(net)
    assert values(seen, "v.acme.test", "TXT") == ['"right"']


def cookie_of(message):
    return next((bytes(o.data) for o in message.options
                 if o.otype == dns.edns.OptionType.COOKIE), b"")


def with_cookie(query, answer):
    answer.use_edns(0, options=[dns.edns.GenericOption(
        dns.edns.OptionType.COOKIE, cookie_of(query)[:8] + b"serverco")])
    return answer


def test_cookies_are_given_back(net):
    first, _ = serve_acme(net, lambda s, q, answer, t: [with_cookie(q, answer).to_wire()])
    observe_acme(net, times=2)
    cookies = [cookie_of(a.message) for a in first.asked]
    given_back = [c for c in cookies if len(c) > 8]
    assert len(cookies) - len(given_back) <= 4      # those of the first moment
    assert given_back and all(c == cookies[0] + b"serverco" for c in given_back)
    assert {a.transport for a in first.asked} == {"udp"}


def test_cookies_that_are_demanded_are_sent(net):
    def twist(server, query, answer, transport):
        with_cookie(query, answer)
        if len(cookie_of(query)) == 8:
            answer.answer, answer.authority = [], []
            answer.set_rcode(23)
        return [answer.to_wire()]

    serve_acme(net, twist)
    seen = observe_acme(net)
    assert values(seen, "v.acme.test", "TXT") == ['"right"']
    assert not any(a.get("over_tcp") for a in seen["answers"])


def test_an_answer_with_a_foreign_cookie_is_not_believed(net):
    def twist(server, query, answer, transport):
        if transport == "tcp":
            return [answer.to_wire()]
        lie = forged(answer)
        lie.use_edns(0, options=[dns.edns.GenericOption(dns.edns.OptionType.COOKIE,
                                                        b"not-ours" + b"serverco")])
        return [lie.to_wire()]

    serve_acme(net, twist)
    assert values(observe_acme(net), "v.acme.test", "TXT") == ['"right"']


# The dead and the slow


def test_of_many_servers_two_that_answer_are_asked_everything(net):
    numbers = range(1, 12)
    delegate(net, "".join(f"acme NS ns{n}.acme\nns{n}.acme A 198.51.100.{n}\n" for n in numbers))
    zone = "".join(f"@ NS ns{n}\nns{n} A 198.51.100.{n}\n" for n in numbers) + 'v TXT "right"\n'
    for n in numbers:       # whoever two are chosen, one of them hardly ever answers
        net.serve(f"198.51.100.{n}", "acme.test.", zone, usual if n > 9 else silent)
    seen = observe_acme(net)
    assert outcomes(seen).count("answered") == 2
    # each of the others is asked for its serial at least
    asked = {a["view"] for a in answers(seen, "acme.test", "SOA") if a["outcome"] != "limit"}
    assert len(asked) == len(numbers)


def test_a_dead_server_is_given_up_after_one_more_packet(net):
    first, second = serve_acme(net)
    second.twist = silent
    records = [txt(f"v{n}.acme.test", "right") for n in range(6)]
    net.observe("acme.test", 1, records)
    names = {(question.name.lower(), question.type) for question in second.asked}
    assert len(names) >= 6 + 2
    assert len(second.asked) == len(names) + 1


def test_a_dead_server_does_not_delay_beyond_its_own_timeout(net):
    delegate(net)
    net.serve("198.51.100.1", "acme.test.", ZONE)
    dead = net.serve("198.51.100.2", "acme.test.", ZONE, twist=silent)
    seen = observe_acme(net, query_timeout_ms="700")
    assert outcomes(seen) == ["answered", "timeout"]
    assert 700 <= seen["elapsed_ms"] < 1200
    # Three questions, and not three tries of each.
    assert len(dead.asked) <= 3 + 3


def test_a_dead_registry_server_is_not_waited_for(net):
    net.servers["192.0.2.1"].zones.clear()
    net.serve("192.0.2.1", ".", "test. NS a.nic.test.\ntest. NS b.nic.test.\n"
                                "a.nic.test. A 192.0.2.11\nb.nic.test. A 192.0.2.13\n")
    serve_acme(net)
    net.serve("192.0.2.13", "test.", "", twist=silent)
    for _ in range(6):      # whichever of them comes first
        seen = observe_acme(net)
        assert values(seen, "v.acme.test", "TXT") == ['"right"']
        assert seen["elapsed_ms"] < 400


def test_a_lost_packet_costs_little(net):
    seen_once = set()

    def twist(server, query, answer, transport):
        key = (server.address, query.question[0].name.canonicalize(),
               query.question[0].rdtype)
        if key not in seen_once:
            seen_once.add(key)
            return []
        return [answer.to_wire()]

    serve_acme(net, twist)
    seen = observe_acme(net)
    assert outcomes(seen) == ["answered"] * 2
    assert seen["elapsed_ms"] < 900


def test_a_closed_port_is_told_by_the_network(net):
    delegate(net)
    net.serve("198.51.100.1", "acme.test.", ZONE)
    seen = observe_acme(net)
    assert outcomes(seen) == ["answered", "unreachable"]
    assert seen["elapsed_ms"] < 400


# Limits


def test_name_servers_that_lead_nowhere_cost_little(net):
    delegate(net, "".join(f"acme NS n{i}.victim.other.\n" for i in range(40)))
    net.serve("192.0.2.12", "other.", "victim NS ns.victim\nns.victim A 198.51.100.9\n")
    victim = net.serve("198.51.100.9", "victim.other.", "@ NS ns\nns A 198.51.100.9\n")
    seen = observe_acme(net)
    assert seen["queries"] <= 20
    assert len(victim.asked) <= 12
    assert set(outcomes(seen)) == {"no_address", "limit"}


def test_zones_whose_servers_lie_in_each_other_end(net):
    net.serve("192.0.2.11", "test.", "acme NS ns.loop.other.\n")
    net.serve("192.0.2.12", "other.", "loop NS ns.acme.test.\n")
    seen = observe_acme(net)
    assert outcomes(seen) == ["no_address"]
    assert seen["queries"] < 20


def test_a_ring_of_aliases_ends(net):
    serve_acme(net, zone=ZONE + "k CNAME a.other.\n")
    net.serve("192.0.2.12", "other.", "a CNAME b\nb CNAME a\n")
    seen = net.observe("acme.test", 1, [txt("k.acme.test", "x")])
    assert seen["queries"] <= 60


def test_a_long_chain_of_aliases_is_cut(net):
    """Each link leads into a zone of its own."""
    serve_acme(net, zone=ZONE + "k CNAME a.z0.other.\n")
    net.serve("192.0.2.12", "other.", "".join(
        f"z{i} NS ns.z{i}\nns.z{i} A 198.51.100.{20 + i}\n" for i in range(20)))
    for i in range(20):
        net.serve(f"198.51.100.{20 + i}", f"z{i}.other.", f"a CNAME a.z{i + 1}.other.\n")
    seen = net.observe("acme.test", 1, [txt("k.acme.test", "x")])
    followed = [i for i in range(20) if answers(seen, f"a.z{i}.other", "TXT")]
    assert followed == list(range(8))


def test_a_check_never_sends_more_than_sixty_packets(net):
    serve_acme(net)
    records = [txt(f"v{i}.acme.test", "x") for i in range(40)]
    seen = net.observe("acme.test", 1, records)
    assert seen["queries"] <= 60
    assert sum(len(s.asked) for s in net.servers.values()) <= 60
    assert "limit" in {a["outcome"] for a in seen["answers"]}


@pytest.mark.parametrize("twist, outcome", [
    (silent, {"timeout"}), (refusing, {"answered", "limit"})])
def test_who_does_not_answer_as_a_server_of_the_zone_gets_ten_packets(net, twist, outcome):
    serve_acme(net, twist)
    records = [txt(f"v{i}.acme.test", "x") for i in range(40)]
    seen = net.observe("acme.test", 1, records, query_timeout_ms="300")
    assert {a["outcome"] for a in seen["answers"]} == outcome
    for server in ("198.51.100.1", "198.51.100.2"):
        assert 0 < len(net.servers[server].asked) <= 10


def serve_many(net, count):
    """acme.test with so many servers."""
    delegate(net, "".join(f"acme NS n{i:02}.acme\nn{i:02}.acme A 198.51.100.{100 + i}\n"
                          for i in range(count)))
    zone = '@ NS n00\nv TXT "right"\n' + "".join(
        f"@ NS n{i:02}\nn{i:02} A 198.51.100.{100 + i}\n" for i in range(count))
    return [net.serve(f"198.51.100.{100 + i}", "acme.test.", zone) for i in range(count)]


def test_of_many_servers_as_many_are_asked_as_the_budget_allows(net):
    serve_many(net, 13)
    few = [txt(f"v{i}.acme.test", "x") for i in range(5)]
    chosen = set()
    for _ in range(3):
        seen = net.observe("acme.test", 1, few)
        assert len(seen["views"]) == 13
        asked = {a["view"] for a in seen["answers"] if a["outcome"] == "answered"}
        assert 2 <= len(asked) <= 13
        # Where there is room, the others are asked for their serial.
        whole = outcomes(seen, "v0.acme.test").count("answered")
        assert 2 <= whole <= len(asked)
        assert outcomes(seen, "v0.acme.test").count("limit") == 13 - whole
        assert seen["queries"] <= 60
        chosen |= {a["view"] for a in seen["answers"] if a["outcome"] == "answered"
                   and a["name"] == "v0.acme.test"}
    assert len(chosen) > whole     # not always the same ones


# The pool of processes


def read_line(stream, sign):
    for line in stream:
        if line.startswith(sign):
            return int(line[1:])
    raise AssertionError(f"no line with {sign}")


def test_killing_a_process_only_repeats_the_question(net):
    hold = threading.Event()

    def twist(server, query, answer, transport):
        hold.wait(PATIENCE_S)
        return [answer.to_wire()]

    first, _ = serve_acme(net, twist)
    command = net.driver("acme.test", 1, [RECORD], ["--pool", "1"], query_timeout_ms="5000")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as driver:
        pid = read_line(driver.stderr, "+")
        first.await_asked(1)
        os.kill(pid, signal.SIGKILL)
        assert read_line(driver.stderr, "-") == pid
        assert read_line(driver.stderr, "+") != pid
        hold.set()
        out, _ = driver.communicate(timeout=PATIENCE_S)
    assert driver.returncode == 0
    assert '"right\\"' in out


def test_what_kills_process_after_process_is_given_up(net):
    hold = threading.Event()
    first, _ = serve_acme(net, lambda s, q, answer, t: [] if hold.wait(PATIENCE_S) else [])
    command = net.driver("acme.test", 1, [RECORD], ["--pool", "1"], query_timeout_ms="5000")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as driver:
        for _ in range(3):
            pid = read_line(driver.stderr, "+")
            os.kill(pid, signal.SIGKILL)
            assert read_line(driver.stderr, "-") == pid
        out, _ = driver.communicate(timeout=PATIENCE_S)
    hold.set()
    assert driver.returncode == 0
    assert '"walk":"limit"' in out


def test_a_pool_sees_what_one_process_sees(net):
    serve_acme(net)
    command = net.driver("acme.test", 3, [RECORD], ["--pool", "2"])
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 3
    assert done.stdout.count('"round_trips":1,') == 2


class Process:
    """A probe process, spoken to in frames."""

    def __init__(self):
        self.ours, theirs = socket.socketpair()
        self.child = subprocess.Popen(
            [DRIVER, "probe", "--fd", "3"], close_fds=False, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.dup2(theirs.fileno(), 3))
        theirs.close()
        self.ours.settimeout(PATIENCE_S)

    def send(self, message):
        text = json.dumps(message).encode()
        self.ours.sendall(struct.pack("!I", len(text)) + text)

    def receive(self):
        length, = struct.unpack("!I", read_exactly(self.ours, 4))
        return json.loads(read_exactly(self.ours, length))

    def end(self):
        self.ours.shutdown(socket.SHUT_WR)
        code = self.child.wait(PATIENCE_S)
        self.ours.close()
        return code


def serve_numbered(net, count, twist=usual):
    """Domains d0.test, d1.test, ... at one server."""
    delegate(net, "".join(f"d{i} NS ns.host\n" for i in range(count))
             + "host NS ns.host\nns.host A 198.51.100.1\n")
    net.serve("198.51.100.1", "host.test.", "@ NS ns\nns A 198.51.100.1\n", twist)
    for i in range(count):
        net.serve("198.51.100.1", f"d{i}.test.", f'@ NS ns.host.test.\nv TXT "right {i}"\n',
                  twist)
    net.config(check_timeout_ms="20000", query_timeout_ms="5000")


def observe_numbered(process, numbers):
    """All at once; each is right."""
    for i in numbers:
        process.send({"job": i, "expect": {
            "domain": f"d{i}.test", "records": [txt(f"v.d{i}.test", f"right {i}")]}})
    for _ in numbers:
        reply = process.receive()
        i = reply["job"]
        assert values(reply["observation"], f"v.d{i}.test", "TXT") == \
            [f'"right {i}"'], reply["observation"]


def configured(net):
    process = Process()
    process.send({"config": {f"dns.{k}": v for k, v in net.keys.items()}})
    return process


def test_hundreds_of_checks_run_at_once(net):
    serve_numbered(net, 250)
    process = configured(net)
    observe_numbered(process, range(250))
    assert process.end() == 0


def test_what_a_server_of_others_loses_is_asked_again(net):
    """Its buffer is full: the four packets of a check, and two more."""
    lost = []

    def lose(server, query, answer, transport):
        is_unlucky = "d1.test" in str(query.question[0].name).lower()
        if is_unlucky and len(lost) < 6:
            lost.append(query)
            return []
        return [answer.to_wire()]

    serve_numbered(net, 2, lose)
    process = configured(net)
    observe_numbered(process, [0])
    observe_numbered(process, [1])
    assert process.end() == 0 and len(lost) == 6


@pytest.mark.parametrize("frame, code", [
    (b"", 0),
    (struct.pack("!I", 2) + b"[]", 70),
    (struct.pack("!I", 0xffffffff), 70),
    (struct.pack("!I", 2) + b"{}", 2),
    (struct.pack("!I", 34) + b'{"config":{"dns.root_hints":"/x"}}', 2),
    (struct.pack("!I", 34) + b'{"config":{"dns.root_hints":"/x"}', 0),      # not whole
])
def test_a_process_takes_nothing_but_frames(frame, code):
    process = Process()
    process.ours.sendall(frame)
    assert process.end() == code
