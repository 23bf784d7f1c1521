# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions by the volley, and the way to their zone, between servers that lie, lag and drop."""
import contextlib
import json
import os
import socket
import subprocess
import threading
import time
from collections import Counter

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from hostile import DRIVER, PATIENCE_S, silent, usual

VOLLEYS = os.path.join(os.path.dirname(DRIVER), "volleys")
ZONE = ("@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\nns2 A 198.51.100.2\n"
        + "".join(f'v{n} TXT "value {n}"\n' for n in range(6)))
SERVERS = ("198.51.100.1", "198.51.100.2")


def run(net, what, items, times=1, **keys):
    """The lines that were printed."""
    done = subprocess.run([VOLLEYS, net.config(**keys), what, str(times), ", ".join(items)],
                          capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask(net, items, times=1, **keys):
    """The answers of the last volley, each a message or None; and its line."""
    line = run(net, "ask", items, times, **keys)[-1]
    return [dns.message.from_wire(bytes.fromhex(a)) if a else None
            for a in line["answers"]], line


def six(servers=SERVERS):
    return [f"v{n}.acme.test TXT {servers[n % len(servers)]}" for n in range(6)]


def serve(net, twist=usual, tcp=True):
    return [net.serve(address, "acme.test.", ZONE, twist, tcp) for address in SERVERS]


def told(message):
    return None if message is None else message.answer[0][0].to_text()


def test_six_questions_take_one_call_out_and_leave_one_port(net):
    servers = serve(net)
    messages, line = ask(net, six())
    assert [told(m) for m in messages] == [f'"value {n}"' for n in range(6)]
    assert (line["queries"], line["send_calls"]) == (6, 1)
    asked = servers[0].asked + servers[1].asked
    assert len({a.source_port for a in asked}) == 1
    assert len({a.message.id for a in asked}) == 6
    assert len({a.name for a in asked}) == 6
    # Letters in random case, and a cookie for each server
    assert any(a.name != a.name.lower() for a in asked)
    cookies = [{o.data for a in s.asked for o in a.message.options} for s in servers]
    assert len(cookies[0]) == len(cookies[1]) == 1 and cookies[0] != cookies[1]


@contextlib.contextmanager
def counted_packets():
    """Of those that cross the loopback to a name server; as long as this holds."""
    packets = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as tap:
        tap.bind(("lo", 0x0800))
        yield packets
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, link = tap.recvfrom(65600, socket.MSG_DONTWAIT)
                if link[2] != socket.PACKET_OUTGOING and packet[22:24] == b"\x00\x35":
                    packets.append(packet)


def test_questions_of_one_length_to_one_server_are_one_message(net):
    servers = serve(net)
    with counted_packets() as packets:
        messages, line = ask(net, six(SERVERS[:1]))
    assert [told(m) for m in messages] == [f'"value {n}"' for n in range(6)]
    assert (line["queries"], len(servers[0].asked), len(packets)) == (6, 6, 1)


def test_where_a_route_takes_no_such_message_each_goes_alone(net, monkeypatch):
    servers = serve(net)
    monkeypatch.setenv("WITHOUT_SEGMENTS", "yes")
    with counted_packets() as packets:
        messages, line = ask(net, six(SERVERS[:1]))
    assert [told(m) for m in messages] == [f'"value {n}"' for n in range(6)]
    assert (line["queries"], len(servers[0].asked), len(packets)) == (6, 6, 6)


def pairs(net, servers, times=1):
    """Volleys of two questions each in one turn: the source ports of each, and the last line."""
    items = [f"v{n % 6}.p{n}.acme.test TXT {address}"
             for n, address in enumerate(address for pair in servers for address in pair)]
    line = run(net, "pairs", items, times)[-1]
    ports = [set() for _ in servers]
    for address in {address for pair in servers for address in pair}:
        for a in net.servers[address].asked:
            ports[int(a.name.split(".")[1][1:]) // 2].add(a.source_port)
    return ports, line


def test_volleys_to_the_same_servers_go_out_from_one_port(net):
    serve(net)
    # Each server ten at once, since nobody knows them yet.
    ports, line = pairs(net, [SERVERS, SERVERS[::-1]] * 5)
    assert len(set.union(*ports)) == 1
    assert (line["queries"], line["send_calls"]) == (20, 1)


def picked(net, servers, count):
    """Ports of the pairs when so many were picked: two that are picked at random may be one."""
    for _ in range(5):
        ports, line = pairs(net, servers)
        if len(set.union(*ports)) == count:
            return [port for some in ports for port in some], line
        for server in net.servers.values():
            server.asked.clear()
    raise AssertionError(f"not {count} ports, but {set.union(*ports)}")


def test_a_port_takes_only_so_many_questions_of_a_turn(net):
    serve(net)
    ports, line = picked(net, [SERVERS] * 25, 3)
    assert sorted(Counter(ports).values()) == [1, 12, 12]
    assert line["queries"] == 50


def test_who_is_not_asked_learns_nobody_elses_port(net):
    """A server that some of them ask besides: its questions share no port with the others'."""
    third = "198.51.100.3"
    for address in (*SERVERS, third):
        net.serve(address, "acme.test.", ZONE)
    pair, with_third, alone = SERVERS, (SERVERS[0], third), (SERVERS[0], SERVERS[0])
    ports, _ = picked(net, [pair, with_third, alone, pair[::-1], with_third[::-1], alone], 3)
    assert ports[:3] == ports[3:]


def test_ports_and_ids_are_spread_over_all_there_are(net):
    servers = serve(net)
    ask(net, six(), times=60)
    asked = servers[0].asked + servers[1].asked
    ports = {a.source_port for a in asked}
    assert len(ports) > 40 and min(ports) < 20000 and max(ports) > 45000
    assert len({a.message.id for a in asked}) > 300


def drop_first(count):
    """Answers nothing to the first questions."""
    def twist(server, query, answer, transport):
        return [] if len(server.asked) <= count else [answer.to_wire()]
    return twist


def test_a_lost_packet_is_sent_again_as_it_was(net):
    server = net.serve(SERVERS[0], "acme.test.", ZONE, drop_first(1))
    messages, line = ask(net, six(SERVERS[:1])[:1])
    assert told(messages[0]) == '"value 0"'
    assert line["queries"] == 2
    first, second = server.asked
    assert first.message.to_wire() == second.message.to_wire()
    assert first.source_port == second.source_port


def test_an_answer_that_comes_twice_is_no_near_miss(net):
    def twist(server, query, answer, transport):
        return [answer.to_wire()] * 2
    serve(net, twist)
    messages, line = ask(net, six(), times=5)
    assert [told(m) for m in messages] == [f'"value {n}"' for n in range(6)]
    assert line["queries"] == 5 * 6


def test_silence_ends_after_the_second_try(net):
    server = net.serve(SERVERS[0], "acme.test.", ZONE, silent)
    messages, line = ask(net, six(SERVERS[:1]))
    assert messages == [None] * 6
    assert line["queries"] == len(server.asked) == 12


def drop_of(name, count):
    """Loses so many of the questions about one name."""
    def twist(server, query, answer, transport):
        about = [a for a in server.asked if a.name.lower().startswith(name)]
        is_lost = answer.question[0].name.to_text().lower().startswith(name)
        return [] if is_lost and len(about) <= count else [answer.to_wire()]
    return twist


@pytest.mark.parametrize("lost, packets", [(1, 7), (2, 8), (3, 8)])
def test_who_answers_others_is_asked_a_third_time(net, lost, packets):
    net.serve(SERVERS[0], "acme.test.", ZONE, drop_of("v3.", lost))
    messages, line = ask(net, six(SERVERS[:1]))
    assert [told(m) for m in messages] == [
        None if n == 3 and lost == 3 else f'"value {n}"' for n in range(6)]
    assert line["queries"] == packets


def test_silence_of_one_server_hides_no_answer_of_another(net):
    net.serve(SERVERS[0], "acme.test.", ZONE)
    net.serve(SERVERS[1], "acme.test.", ZONE, silent)
    messages, _ = ask(net, six())
    assert [told(m) for m in messages] == ['"value 0"', None, '"value 2"', None,
                                           '"value 4"', None]


BYSTANDERS = [f"{network}.{host}" for network in ("198.51.100", "203.0.113", "192.0.2")
              for host in range(2, 7)]
ZONE_AT_ONCE, ZONE_PER_S = 120, 20      # resolver/peer.h


def test_whoever_registered_a_domain_leads_us_to_bystanders_slowly(net):
    """Each of them may be sent ten at once, fifteen of them 150; but one domain led there."""
    servers = [net.serve(address, "test.", "@ NS ns1\nns1 A 198.51.100.1\n", silent)
               for address in BYSTANDERS]
    begun = time.monotonic()
    line = run(net, "burst", [f"v{n}.acme.test TXT {address}"
                              for n, address in enumerate(BYSTANDERS)], 20,
               check_timeout_ms="1000", query_timeout_ms="500")[-1]
    took_s = time.monotonic() - begun
    assert line["empty"] == 20 * len(BYSTANDERS)
    asked = sum(len(server.asked) for server in servers)
    assert 0 < asked <= ZONE_AT_ONCE + ZONE_PER_S * took_s


def test_where_nobody_listens_the_network_says_so(net):
    messages, line = ask(net, six(["198.51.100.77"])[:1])
    assert messages == [None]
    assert line["queries"] == 2


def test_an_address_that_is_refused_is_not_asked(net):
    net.serve("192.0.2.99", "acme.test.", ZONE)
    messages, line = ask(net, ["v0.acme.test TXT 192.0.2.99", "v1.acme.test TXT 10.1.2.3"],
                         allow_addresses="198.51.100.0/24")
    assert messages == [None, None]
    assert line["queries"] == len(net.servers["192.0.2.99"].asked) == 0


def forged(answer):
    lie = dns.message.from_wire(answer.to_wire())
    lie.answer[0] = dns.rrset.from_text(lie.answer[0].name, 60, "IN", "TXT", '"forged"')
    return lie


def with_other_id(query, lie):
    lie.id ^= 1


def with_other_letters(query, lie):
    name = query.question[0].name
    lie.question[0].name = dns.name.Name(label.swapcase() for label in name.labels)


def with_other_name(query, lie):
    lie.question[0].name = dns.name.from_text("w.acme.test.")


def with_other_type(query, lie):
    lie.question[0].rdtype = dns.rdatatype.A


def with_other_cookie(query, lie):
    lie.use_edns(0, options=[dns.edns.GenericOption(10, b"12345678abcdefgh")])


def as_a_question(query, lie):
    lie.flags &= ~dns.flags.QR


@pytest.mark.parametrize("change", [with_other_id, with_other_letters, with_other_name,
                                    with_other_type, with_other_cookie, as_a_question],
                         ids=lambda f: f.__name__)
def test_a_near_miss_ends_belief_in_that_question_only(net, change):
    def twist(server, query, answer, transport):
        lie = forged(answer)
        change(query, lie)
        is_first = query.question[0].name.to_text().lower().startswith("v0.")
        return [lie.to_wire(), answer.to_wire()] if is_first else [answer.to_wire()]
    net.serve(SERVERS[0], "acme.test.", ZONE, twist)
    net.serve(SERVERS[1], "acme.test.", ZONE)
    messages, _ = ask(net, six())
    assert messages[0] is None
    # A wrong id may be meant for any question to that address; for none to another.
    believed = (1, 3, 5) if change is with_other_id else (1, 2, 3, 4, 5)
    assert [told(messages[n]) for n in believed] == [f'"value {n}"' for n in believed]
    assert all(told(m) != '"forged"' for m in messages if m)


def test_a_packet_from_elsewhere_is_not_waited_for_less(net):
    def twist(server, query, answer, transport):
        return [("203.0.113.66", forged(answer).to_wire()), answer.to_wire()]
    serve(net, twist)
    net.serve("203.0.113.66", "other.", "")
    messages, _ = ask(net, six())
    assert [told(m) for m in messages] == [f'"value {n}"' for n in range(6)]


def test_a_truncated_answer_is_of_no_use(net):
    def twist(server, query, answer, transport):
        answer.flags |= dns.flags.TC
        return [answer.to_wire()]
    serve(net, twist)
    messages, line = ask(net, six())
    assert messages == [None] * 6
    assert line["queries"] == 6


def test_a_server_cookie_is_sent_back_and_missed(net):
    cookie = b"serverpart"
    def twist(server, query, answer, transport):
        client = next(o.data for o in query.options if o.otype == 10)[:8]
        if len(server.asked) <= 6:
            answer.use_edns(0, options=[dns.edns.GenericOption(10, client + cookie)])
        return [answer.to_wire()]
    server = net.serve(SERVERS[0], "acme.test.", ZONE, twist)
    first, second = run(net, "ask", six(SERVERS[:1]), times=2)
    assert all(first["answers"])
    # From now on, whoever answers without it is not believed.
    assert not any(second["answers"])
    sent = [next(o.data for o in a.message.options) for a in server.asked[6:12]]
    assert all(data.endswith(cookie) for data in sent)


def test_errors_are_handed_over_as_they_are(net):
    def twist(server, query, answer, transport):
        answer.set_rcode(dns.rcode.REFUSED)
        answer.flags &= ~dns.flags.AA
        answer.answer = []
        return [answer.to_wire()]
    serve(net, twist)
    messages, _ = ask(net, six())
    assert [m.rcode() for m in messages] == [dns.rcode.REFUSED] * 6


# Routes


def delegate(net, text="acme NS ns1.acme\nacme NS ns2.acme\n"
                       "ns1.acme A 198.51.100.1\nns2.acme A 198.51.100.2\n"):
    return net.serve("192.0.2.11", "test.", text)


def routes(net, names, times=1, **keys):
    line = run(net, "route", names, times, **keys)[-1]
    return line["routes"], line


def test_a_way_costs_one_question_a_cut_and_then_none(net):
    delegate(net)
    cold, line = routes(net, ["acme.test"])
    assert cold[0] == {"zone": "acme.test", "addresses": list(SERVERS),
                       "needs_validation": False, "queries": 2}
    assert line["queries"] == 2
    warm, line = routes(net, ["acme.test"], times=3)
    assert warm[0] == {**cold[0], "queries": 0}
    assert line["queries"] == 2


def test_an_unregistered_name_has_no_way(net):
    delegate(net)
    found, _ = routes(net, ["nothere.test"])
    assert (found[0]["zone"], found[0]["addresses"]) == ("", [])


def test_with_a_forwarder_there_is_no_way(net):
    found, line = routes(net, ["acme.test"], forward="192.0.2.1")
    assert (found[0]["zone"], line["queries"]) == ("", 0)


def test_refused_addresses_are_no_way(net):
    delegate(net, "acme NS ns1.acme\nacme NS ns2.acme\nns1.acme A 10.0.0.1\n"
                  "ns2.acme A 198.51.100.2\nevil NS ns.evil\nns.evil A 127.0.0.1\n")
    found, _ = routes(net, ["acme.test", "evil.test"])
    assert found[0]["addresses"] == ["198.51.100.2"]
    assert found[1]["zone"] == ""


def asked_about(server, name):
    return [a for a in server.asked if a.name.lower().rstrip(".") == name]


def test_many_domains_ask_once_for_their_registry(net):
    count = 50
    tld = delegate(net, "".join(f"d{n} NS ns.d{n}\nns.d{n} A 198.51.100.{n + 1}\n"
                                for n in range(count)))
    found, line = routes(net, [f"d{n}.test" for n in range(count)])
    assert [f["zone"] for f in found] == [f"d{n}.test" for n in range(count)]
    assert [f["addresses"] for f in found] == [[f"198.51.100.{n + 1}"] for n in range(count)]
    assert len(net.servers["192.0.2.1"].asked) == 1
    assert len(tld.asked) == count
    assert line["queries"] == count + 1


def test_hosts_under_another_registry_are_looked_up_once(net):
    count = 50
    tld = delegate(net, "".join(f"d{n} NS ns1.host.other.\nd{n} NS ns2.host.other.\n"
                                for n in range(count)))
    other = net.serve("192.0.2.12", "other.", "host NS ns1.host\nhost NS ns2.host\n"
                      "ns1.host A 198.51.100.8\nns2.host A 198.51.100.9\n")
    found, line = routes(net, [f"d{n}.test" for n in range(count)])
    assert [f["addresses"] for f in found] == [["198.51.100.8", "198.51.100.9"]] * count
    # Each domain at its registry; the root for both registries, once for each host at
    # most; the other registry the same.
    assert len(tld.asked) == count
    assert len(net.servers["192.0.2.1"].asked) <= 1 + 2
    assert 1 <= len(other.asked) <= 2
    assert line["queries"] <= count + 5


def test_hosts_whose_zones_lead_to_each_other_end_nowhere(net):
    delegate(net, "a NS ns.b.test.\nb NS ns.a.test.\n"
                  "acme NS ns.a.test.\nacme NS ns.b.test.\n")
    found, line = routes(net, ["acme.test", "a.test", "b.test"])
    assert [f["zone"] for f in found] == [""] * 3
    assert line["queries"] <= 60


def test_a_silent_registry_is_no_way_for_all_who_wait(net):
    tld = net.serve("192.0.2.11", "test.", "", silent)
    found, line = routes(net, [f"d{n}.test" for n in range(4)])
    assert [f["zone"] for f in found] == [""] * 4
    # Two packets for each domain: nobody asks for another.
    assert len(tld.asked) <= 4 * 2


def test_a_silent_root_is_asked_by_one_alone(net):
    net.servers["192.0.2.1"].twist = silent
    found, line = routes(net, [f"d{n}.test" for n in range(20)])
    assert [f["zone"] for f in found] == [""] * 20
    assert line["queries"] <= 2


def test_a_name_inside_a_zone_is_found_and_remembered(net):
    delegate(net)
    for address in SERVERS:
        net.serve(address, "acme.test.", ZONE + 'v.news TXT "right"\n')
    cold, line = routes(net, ["news.acme.test"])
    assert (cold[0]["zone"], line["queries"]) == ("acme.test", 3)
    warm, line = routes(net, ["news.acme.test"], times=2)
    assert (warm[0]["zone"], line["queries"]) == ("acme.test", 3)


def test_a_cut_below_a_registry_is_believed_after_others_were_heard(net):
    delegate(net)
    for address in SERVERS:
        net.serve(address, "acme.test.", ZONE + "shop NS ns.shop\nns.shop A 198.51.100.5\n")
    found, line = routes(net, ["shop.acme.test"])
    assert (found[0]["zone"], found[0]["addresses"]) == ("shop.acme.test", ["198.51.100.5"])
    servers = [net.servers[address] for address in SERVERS]
    assert all(asked_about(server, "shop.acme.test") for server in servers)


def with_ds(server, query, answer, transport):
    """As a signed registry: DS stands with the NS of a referral."""
    for rrset in list(answer.authority):
        if rrset.rdtype == dns.rdatatype.NS:
            answer.authority.append(dns.rrset.from_text(
                rrset.name, 60, "IN", "DS", "12345 13 2 " + "ab" * 32))
    return [answer.to_wire()]


@pytest.mark.parametrize("anchor, needs", [("", False), (
    ". DS 20326 8 2 e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d",
    True)])
def test_a_signed_zone_needs_validation_where_there_is_an_anchor(net, tmp_path, anchor, needs):
    net.serve("192.0.2.11", "test.", "acme NS ns1.acme\nns1.acme A 198.51.100.1\n"
              "plain NS ns1.plain\nns1.plain A 198.51.100.2\n",
              lambda server, query, *rest: (
                  with_ds if "acme" in query.question[0].name.to_text().lower()
                  else usual)(server, query, *rest))
    path = tmp_path / "anchor"
    path.write_text(anchor + "\n")
    found, _ = routes(net, ["acme.test", "plain.test"],
                      trust_anchor=str(path) if anchor else "")
    assert [f["needs_validation"] for f in found] == [needs, False]


def test_an_unusual_referral_goes_the_whole_way(net):
    """The same servers hold parent and child: no referral, an answer."""
    net.serve("192.0.2.11", "test.", "acme NS ns.nic\nns.nic A 192.0.2.11\n")
    net.serve("192.0.2.11", "acme.test.", "@ NS ns.nic.test.\n")
    found, _ = routes(net, ["acme.test"])
    assert (found[0]["zone"], found[0]["addresses"]) == ("acme.test", ["192.0.2.11"])


def test_a_lost_referral_is_asked_for_again(net):
    def twist(server, query, answer, transport):
        return [] if len(server.asked) == 1 else [answer.to_wire()]
    net.serve("192.0.2.11", "test.", "acme NS ns1.acme\nns1.acme A 198.51.100.1\n", twist)
    found, _ = routes(net, ["acme.test"])
    assert (found[0]["zone"], found[0]["queries"]) == ("acme.test", 3)


# What a question costs


class Echo:
    """Answers whatever it is asked with an alias, and with the OPT that it was sent."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            end = query.index(0, 12) + 5
            self.socket.sendto(query[:2] + b"\x84\x00" + query[4:6] + b"\x00\x01" + query[8:end]
                               + b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x01\x2c\x00\x02\xc0\x10"
                               + query[end:], peer)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()
