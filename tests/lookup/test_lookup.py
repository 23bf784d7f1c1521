# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look-up finds, whoever serves the zones and however they are linked."""
import pytest

from product import Product

FORWARDER = "203.0.113.53"
CNAME_MAX = 8

ALIASES = [
    "a CNAME b", "b CNAME bounce.nsd.com.",                 # to another operator
    "gone CNAME x.doesnotexist.com.",
    "nothing CNAME bounce.healthy.com.",
    "self CNAME self", "ring CNAME ring.ringalias.com.",
    "old DNAME new.nsd.com.",
    "dead CNAME www.dead.com.",
    "_spf.deep NS ns.bindhost.net.",                        # a zone below an underscore
    *(f"c{number} CNAME c{number + 1}" for number in range(CNAME_MAX + 1)),
    f"c{CNAME_MAX + 1} A 192.0.2.99",
]


@pytest.fixture(scope="module")
def linked(world):
    world.zone("linked.com", "goodhost", ALIASES)
    world.alias("ns.halfblind.com", "ns1.deadhost.net")
    world.zone("halfblind.com", "goodhost", ["bounce TXT seen"],
               servers=("ns.halfblind.com", "ns1.goodhost.net"))
    world.zone("ringalias.com", "nsdhost", ["ring CNAME ring.linked.com."])
    world.publish("nsd.com", world.zones["nsd.com"].records + ["x.new A 192.0.2.98"])
    return world


@pytest.fixture
def look(linked, tmp_path):
    product = Product(linked, str(tmp_path))

    def run(name, rdtype, *words):
        done = product.run("resolve", name, rdtype, "--json", "--config", product.config, *words)
        assert done.err == b""
        assert done.json["exit_code"] == done.exit_code
        return done.json
    return run


def values(seen):
    return [record["value"] for record in seen["records"] if record["type"] == seen["type"]]


def links(seen):
    return [record["name"] for record in seen["records"] if record["type"] != seen["type"]]


def asked(seen):
    """The steps that were about the question itself."""
    return [step for step in seen["path"] if not step["referral"]]


def servers(seen):
    return [step["server"] for step in asked(seen)]


SPF = '"v=spf1 include:spf.mailer.example ~all"'


@pytest.mark.parametrize("forward", [(), ("--dns.forward", FORWARDER)], ids=["walk", "forward"])
@pytest.mark.parametrize("name, rdtype, code, rcode, security, found, passed", [
    ("bounce.healthy.com", "TXT", 0, "NOERROR", "insecure", [SPF], []),
    ("BOUNCE.signed.com", "TXT", 0, "NOERROR", "secure", [SPF], []),
    ("a.linked.com", "TXT", 0, "NOERROR", "insecure", [SPF], ["a.linked.com", "b.linked.com"]),
    ("a.linked.com", "CNAME", 0, "NOERROR", "insecure", ["b.linked.com."], []),
    ("x.old.linked.com", "A", 0, "NOERROR", "insecure", ["192.0.2.98"], None),
    ("gone.linked.com", "A", 1, "NXDOMAIN", "insecure", [], ["gone.linked.com"]),
    ("nothing.linked.com", "A", 1, "NOERROR", "insecure", [], ["nothing.linked.com"]),
    ("nope.signed.com", "A", 1, "NXDOMAIN", "secure", [], []),
    ("bounce.signed.com", "A", 1, "NOERROR", "secure", [], []),
    ("doesnotexist.com", "A", 1, "NXDOMAIN", "secure", [], []),
    ("bounce.v6only.com", "TXT", 0, "NOERROR", "insecure", [SPF], []),
    ("bounce.lame.com", "TXT", 0, "NOERROR", "insecure", [SPF], []),
    ("c1.linked.com", "A", 0, "NOERROR", "insecure", ["192.0.2.99"],
     [f"c{number}.linked.com" for number in range(1, CNAME_MAX + 1)]),
])
def test_what_is_there_is_found(look, forward, name, rdtype, code, rcode, security, found, passed):
    seen = look(name, rdtype, *forward)
    assert (seen["exit_code"], seen["rcode"], seen["security"]) == (code, rcode, security)
    assert values(seen) == found
    if passed is not None:
        assert links(seen) == passed


@pytest.mark.parametrize("name", ["dead.com", "dead.linked.com"])
def test_silence_is_never_absence(look, name):
    seen = look(name, "A")
    assert (seen["exit_code"], seen["outcome"], seen["rcode"]) == (4, "timeout", None)
    assert seen["negative"] is None


def test_an_error_is_never_absence(look):
    seen = look("servfail.com", "A")
    assert (seen["exit_code"], seen["rcode"], seen["negative"]) == (4, "SERVFAIL", None)
    assert servers(seen) == ["ns1.failhost.net", "ns2.failhost.net"]


def test_a_bogus_answer_is_shown_and_not_believed(look):
    seen = look("bounce.bogus.com", "TXT")
    assert (seen["exit_code"], seen["security"], values(seen)) == (4, "bogus", [SPF])
    assert "validation failure" in seen["why"]


@pytest.mark.parametrize("name, lead", [("self.linked.com", 1), ("ring.linked.com", 2),
                                        ("c0.linked.com", CNAME_MAX)])
def test_a_loop_and_too_long_a_chain_end(look, name, lead):
    seen = look(name, "A")
    assert seen["exit_code"] == 4 and seen["too_many_aliases"]
    assert len(seen["records"]) == lead


def test_who_does_not_serve_the_zone_is_passed_over(look):
    seen = look("bounce.lame.com", "TXT")
    *others, last = asked(seen)
    assert last["rcode"] == "NOERROR"
    assert all(step["rcode"] == "REFUSED" for step in others)


def test_a_negative_answer_says_how_long_it_is_remembered(look):
    seen = look("nope.healthy.com", "A", "--now", "2026-11-21T05:00:00Z")
    assert seen["negative"]["soa"]["owner"] == "healthy.com"
    assert seen["negative"]["remembered_s"] == 60
    assert seen["negative"]["until"] == "2026-11-21T05:01:00Z"


def test_a_ds_is_asked_of_the_parent(look):
    seen = look("signed.com", "DS")
    assert (seen["exit_code"], seen["security"]) == (0, "secure")
    assert servers(seen)[-1].endswith("gtld.net")


def test_an_answer_that_is_too_long_comes_over_tcp(look):
    seen = look("_dmarc.tcp.com", "TXT")
    assert seen["exit_code"] == 0 and len(values(seen)[0]) > 1000
    assert asked(seen)[-1]["tcp"] is True


def test_the_path_leads_from_the_root_over_every_zone(look, linked):
    seen = look("a.linked.com", "TXT")
    cuts = [(step["zone"], step["to"]) for step in seen["path"] if step["referral"]]
    assert cuts == [(".", "com"), ("com", "linked.com"), ("com", "nsd.com")]
    for step in seen["path"][:2]:
        host = linked.hosts[step["server"]]
        assert step["address"] in host.addresses
        assert host.server == ("root" if step["zone"] == "." else "registry")
    assert seen["path"][-1]["zone"] == "nsd.com"


def test_a_zone_below_an_underscore_is_found_by_its_referral(look, linked):
    linked.servers["bindhost"].put_zone(
        "_spf.deep.linked.com",
        "$ORIGIN _spf.deep.linked.com.\n$TTL 300\n"
        "@ SOA ns.bindhost.net. h.linked.com. 1 3600 900 604800 60\n"
        '@ NS ns.bindhost.net.\nx TXT "deep"\n', 1, False)
    seen = look("x._spf.deep.linked.com", "TXT")
    assert values(seen) == ['"deep"']
    assert servers(seen)[-1] == "ns.bindhost.net"


def test_one_look_costs_few_packets(look, linked):
    mark = linked.mark()
    look("bounce.healthy.com", "TXT", "--dns.trust_anchor", "")
    assert len(linked.questions(mark)) <= 8     # the servers' own names are looked up too


def test_dead_servers_hold_up_nobody(look, linked):
    """One of two is dead: the other's answer is waited for, not the dead one's silence."""
    seen = look("bounce.halfdead.com", "TXT")
    assert (seen["exit_code"], values(seen)) == (0, [SPF])


def test_a_server_without_glue_is_found_when_the_one_with_glue_is_dead(look):
    """The registry gives the address of the dead server only."""
    seen = look("bounce.halfblind.com", "TXT")
    assert (seen["exit_code"], values(seen)) == (0, ['"seen"'])
