# SPDX-License-Identifier: GPL-3.0-or-later
"""resolve, trace, propagation and explain --list: text for people and JSON, real servers."""
import datetime
import re

import dns.flags
import dns.message
import pytest

from world import asking

RESOLVERS = ["203.0.113.53", "203.0.113.54", "203.0.113.55"]
SPF = '"v=spf1 include:spf.mailer.example ~all"'
NEGATIVE_TTL_S, TTL_S = 60, 300
DEFAULTS = ["google", "cloudflare", "quad9-unfiltered", "opendns", "he"]


@pytest.fixture(scope="module")
def extra(world):
    """Zones that the samples lack."""
    world.zone("differ.com", "goodhost", ["@ NS ns.bindhost.net.", "www A 192.0.2.1"])
    world.servers["bindhost"].put_zone(
        "differ.com", "$ORIGIN differ.com.\n$TTL 300\n"
        "@ SOA ns1.goodhost.net. h.differ.com. 10 3600 900 604800 60\n"
        "@ NS ns1.goodhost.net.\n@ NS ns2.goodhost.net.\n@ NS ns.bindhost.net.\n", 10, False)
    world.zone("changing.com", "goodhost", ["@ TXT old", "www TXT same"])
    return world


@pytest.fixture
def run(extra, unpend):
    def ask(command, *words, **options):
        done = unpend.run(command, *words, "--config", unpend.config, **options)
        assert done.err == b""
        return done
    return ask


def assert_fits(text, columns=80):
    """No line is wider, unless a single word is."""
    for line in text.splitlines():
        assert len(line) <= columns or " " not in line.strip(), line


# resolve

def test_resolve_says_first_what_came_out(run):
    done = run("resolve", "bounce.signed.com", "txt", environment={"COLUMNS": "80"})
    first, *rest = done.text.splitlines()
    assert (done.exit_code, first) == (0, "NOERROR secure")
    assert any(line.split(None, 3) == ["bounce.signed.com", "300", "TXT", SPF] for line in rest)
    assert re.search(r"^  signed\.com +ns\d\.goodhost\.net +\S+ +[\d.]+ ms +NOERROR$",
                     done.text, re.M)
    assert_fits(done.text)


@pytest.mark.parametrize("name, rdtype, code, first, said", [
    ("nope.healthy.com", "A", 1, "NXDOMAIN insecure", "no name nope.healthy.com"),
    ("bounce.healthy.com", "A", 1, "NODATA insecure", "no A record"),
    ("bounce.bogus.com", "TXT", 4, "NOERROR bogus", "signatures do not hold"),
    ("dead.com", "A", 4, "timeout unchecked", "no answer in time"),
    ("servfail.com", "A", 4, "SERVFAIL unchecked", "no server gave an answer"),
])
def test_resolve_says_it_in_words(run, name, rdtype, code, first, said):
    done = run("resolve", name, rdtype)
    assert (done.exit_code, done.text.splitlines()[0]) == (code, first)
    assert said in " ".join(done.text.split())


def test_resolve_says_until_when_absence_is_remembered(run):
    for zone, until in (("UTC", "2026-11-22 00:00:30 UTC"), ("Asia/Tokyo", "09:00:30 JST")):
        done = run("resolve", "nope.healthy.com", "A", "--now", "2026-11-21T23:59:30Z",
                   environment={"TZ": zone})
        assert f"1 minute (until {until})" in " ".join(done.text.split())


@pytest.mark.parametrize("words, said", [
    ((), "NAME and a TYPE"), (("healthy.com",), "NAME and a TYPE"),
    (("healthy.com", "ANY"), "'ANY' is not asked for"), (("healthy.com", "AXFR"), "'AXFR'"),
    (("healthy.com", "OPT"), "'OPT'"), (("healthy.com", "\x1b[2J"), r"'\x1b[2J'"),
    (("a..b", "A"), "a..b"), (("healthy.com", "A", "--now", "noon"), "--now wants a time"),
])
def test_what_cannot_be_asked_is_wrong_usage(unpend, words, said):
    done = unpend.run("resolve", *words, "--config", unpend.config)
    assert (done.exit_code, done.out) == (2, b"")
    assert said in done.err.decode()


def test_a_name_in_letters_of_its_language_is_asked_as_it_is_in_the_dns(run):
    seen = run("resolve", "例え.healthy.com", "A", "--json").json
    assert seen["name"] == "xn--r8jz45g.healthy.com"


def test_hostile_text_is_shown_harmlessly(run):
    name = "fwzz5vjr6plkslcjkwfyiwjczcxoiyqa._domainkey.hostile.com"
    for words in ((), ("--json",)):
        out = run("resolve", name, "TXT", *words).out
        assert b"\x1b" not in out and b"\x07" not in out and "\u202e".encode() not in out


def test_resolve_json_keys_have_their_order(run):
    seen = run("resolve", "bounce.healthy.com", "TXT", "--json").json
    assert seen["schema"].endswith("/schemas/resolve/v1")
    assert list(seen) == ["schema", "name", "type", "exit_code", "asked_at", "outcome", "rcode",
                          "too_many_aliases", "security", "why", "records", "negative", "path"]


# trace

@pytest.mark.parametrize("domain, code, said", [
    ("healthy.com", 0, ["in order", "serial 10"]),
    ("signed.com", 0, ["in order", "signatures hold"]),
    ("lame.com", 1, ["1 thing to fix", "ns.lamehost.net is named as a name server", "REFUSED"]),
    ("halfdead.com", 0, ["see the notes", "ns1.deadhost.net (198.51.100.51): no answer in time"]),
    ("lagging.com", 0, ["different versions"]),
    ("dead.com", 4, ["could not tell", "No name server of dead.com answers"]),
    ("servfail.com", 4, ["could not tell", "errors only"]),
    ("bogus.com", 1, ["signatures of bogus.com do not hold"]),
    ("doesnotexist.com", 1, ["doesnotexist.com does not exist: the zone com says so"]),
    ("differ.com", 0, ["differs, see below", "ns.bindhost.net is a name server of differ.com for "
                       "the zone itself, but not for com above"]),
    ("mail.sub.customer.com", 0, ["Name servers of customer.com"]),
])
def test_trace_tells_what_is_wrong_on_the_way(run, domain, code, said):
    done = run("trace", domain, environment={"COLUMNS": "80"})
    text = " ".join(done.text.split())
    for words in said:
        assert words in text
    assert done.exit_code == code
    assert_fits(done.text)
    assert len(done.text.splitlines()) <= 24, "one screen"


def test_trace_json_has_every_address_and_how_it_answers(run):
    seen = run("trace", "lame.com", "--json").json
    assert [zone["zone"] for zone in seen["zones"]] == [".", "com", "lame.com"]
    assert [zone["ds"] for zone in seen["zones"]] == [False, True, False]
    servers = {server["address"]: server for server in seen["zones"][-1]["servers"]}
    assert set(servers) == {"198.51.100.1", "2001:db8:2::1", "198.51.100.31"}
    good, lame = servers["198.51.100.1"], servers["198.51.100.31"]
    assert (good["state"], good["udp"], good["tcp"], good["serial"]) == \
        ("ok", "answered", "answered", 10)
    assert (lame["state"], lame["rcode"], lame["serial"]) == ("lame", "REFUSED", None)
    assert [(one["severity"], one["code"]) for one in seen["problems"]] == [("error", "U103")]
    assert seen["exit_code"] == 1


@pytest.mark.parametrize("domain, codes", [
    ("doesnotexist.com", ["U101"]), ("dead.com", ["U904"]), ("servfail.com", ["U905"]),
    ("bogus.com", ["U106"]), ("lagging.com", ["U104"]), ("halfdead.com", ["U906"]),
    ("differ.com", ["U109"]), ("healthy.com", [])])
def test_trace_names_the_code_that_explains_more(run, unpend, domain, codes):
    seen = run("trace", domain, "--json").json
    assert [problem["code"] for problem in seen["problems"]] == codes
    for code in codes:
        assert unpend.run("explain", code).exit_code == 0


def test_trace_finds_servers_that_only_the_zone_names(run):
    zone = run("trace", "differ.com", "--json").json["zones"][-1]
    assert "ns.bindhost.net" in zone["child_ns"]
    assert "ns.bindhost.net" not in zone["parent_ns"]
    stranger = [s for s in zone["servers"] if s["name"] == "ns.bindhost.net"]
    assert stranger and all((s["in_parent"], s["in_child"], s["state"]) == (False, True, "ok")
                            for s in stranger)


def test_trace_leaves_registries_in_peace(run, extra):
    mark = extra.mark()
    run("trace", "healthy.com", "--dns.trust_anchor", "")
    counts = extra.count(mark)
    assert sum(counts.get(address, 0) for address in ("192.0.2.11", "192.0.2.12")) <= 12


def test_trace_does_not_go_together_with_a_forwarder(unpend):
    done = unpend.run("trace", "healthy.com", "--config", unpend.config, "--dns.forward",
                      RESOLVERS[0])
    assert (done.exit_code, done.out) == (2, b"")
    assert "dns.forward" in done.err.decode()


# propagation

def memories(seen):
    return {view["address"]: view["memory"] for view in seen["resolvers"]}


def test_when_all_agree_that_is_said(run):
    done = run("propagation", "bounce.healthy.com", "TXT", environment={"COLUMNS": "80"})
    assert (done.exit_code, done.text.splitlines()[1]) == (0, "All 3 resolvers agree.")
    assert SPF in done.text
    assert_fits(done.text)


def test_an_old_value_is_told_with_its_end(run, extra):
    extra.flush_resolvers()
    extra.publish("changing.com", ["@ TXT old"])
    asking.await_truth(lambda: extra.resolve("changing.com", "TXT") == ['"old"'], "the old value")
    extra.publish("changing.com", ["@ TXT new"])
    done = run("propagation", "changing.com", "TXT", "--json")
    seen = done.json
    assert (done.exit_code, seen["exit_code"]) == (3, 3)
    assert memories(seen) == dict(zip(RESOLVERS, ("old", "agrees", "agrees")))
    old = seen["resolvers"][0]
    assert [record["value"] for record in old["records"]] == ['"old"']
    assert seconds(old["until"]) - seconds(seen["asked_at"]) == old["ttl"]
    assert TTL_S - 30 < old["ttl"] <= TTL_S
    assert seen["everybody_agrees_from"] == old["until"]
    text = run("propagation", "changing.com", "TXT", environment={"COLUMNS": "80"}).text
    assert "1 of 3 resolvers still remember something else" in text
    assert_fits(text)


def test_absence_that_is_remembered_is_told_with_its_end(run, extra):
    extra.flush_resolvers()
    assert extra.resolve("late.changing.com", "TXT") == []
    extra.add("changing.com", ["late TXT here"])
    done = run("propagation", "late.changing.com", "TXT", "--json")
    assert done.exit_code == 3
    assert memories(done.json) == dict(zip(RESOLVERS, ("negative", "agrees", "agrees")))
    assert 0 < done.json["resolvers"][0]["ttl"] <= NEGATIVE_TTL_S


def test_resolvers_are_not_asked_while_the_servers_disagree(run, extra):
    mark = extra.mark()
    done = run("propagation", "bounce.lagging.com", "TXT", "--dns.trust_anchor", "")
    assert done.exit_code == 4
    assert "do not agree with each other" in done.text
    assert not {q.address for q in extra.questions(mark)} & set(RESOLVERS)


@pytest.mark.parametrize("name, said", [
    ("dead.com", "no resolver was asked"),
    ("bounce.bogus.com", "signatures do not hold"),
])
def test_what_cannot_be_told_is_not_told(run, name, said):
    done = run("propagation", name, "TXT")
    assert done.exit_code == 4
    assert said in " ".join(done.text.split())


def test_a_resolver_that_is_silent_is_no_agreement(run):
    done = run("propagation", "bounce.healthy.com", "TXT", "--json",
               "--dns.resolvers", f"198.51.100.51, {RESOLVERS[0]}")
    assert done.exit_code == 4
    assert list(memories(done.json).values()) == ["unknown", "agrees"]


def test_each_resolver_is_asked_one_polite_question(run, extra):
    mark = extra.mark()
    run("propagation", "bounce.healthy.com", "TXT")
    asked = [q for q in extra.questions(mark) if q.address in RESOLVERS]
    assert sorted(q.address for q in asked) == RESOLVERS
    for question in asked:
        message = dns.message.from_wire(question.wire)
        assert message.flags & dns.flags.RD and not message.flags & dns.flags.CD
        assert message.ednsflags & dns.flags.DO
        assert message.payload == 1232


@pytest.mark.parametrize("lang, wanted", [("en", DEFAULTS), ("ja", [*DEFAULTS, "iij"])])
def test_well_known_resolvers_are_asked_where_none_is_configured(extra, unpend, lang, wanted):
    config = extra.config(unpend.folder + "/default.conf", dns={"resolvers": None})
    done = unpend.run("propagation", "bounce.healthy.com", "TXT", "--json", "--lang", lang,
                      "--config", config)
    assert [view["id"] for view in done.json["resolvers"]] == wanted
    assert all(view["operator"] and view["region"] for view in done.json["resolvers"])
    assert done.exit_code == 4      # none of them can be reached from here


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# explain --list

def test_a_family_of_codes_is_listed_alone(unpend):
    whole = re.findall(r"^(U\d+)", unpend.run("explain", "--list").text, re.M)
    listed = re.findall(r"^(U\d+)", unpend.run("explain", "--list", "--family", "u3").text, re.M)
    assert listed and listed == [code for code in whole if code.startswith("U3")]
    seen = unpend.run("explain", "--list", "--family", "U3", "--json").json
    assert [one["code"] for one in seen] == listed


@pytest.mark.parametrize("words", [("--list", "--family", "X"), ("U301", "--family", "U3"),
                                   ("--list", "--family", "")])
def test_a_family_that_is_none_is_wrong_usage(unpend, words):
    assert unpend.run("explain", *words).exit_code == 2
