# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend spf` against the suite of RFC 7208, against another implementation, and by hand.

The suite and its small name server lie outside the repository: UNPEND_SHARED names the
folder, ../shared beside the checkout without it.
"""
import importlib
import json
import os
import random
import subprocess
import sys

import pytest

from product import BINARY, REPOSITORY, Product

SHARED = os.environ.get("UNPEND_SHARED", os.path.join(REPOSITORY, "..", "shared"))
SUITE = os.path.join(SHARED, "data", "spf-rfc7208")
CASES = 203
SEED = 7208
RANDOM_ZONES, RANDOM_CLIENTS = 60, 5
RUN_TIMEOUT_S = 60


@pytest.fixture(scope="module")
def runner():
    """The suite's own module."""
    if not os.path.isdir(SUITE):
        pytest.fail(f"{SUITE} is not there; UNPEND_SHARED names the folder that has it")
    sys.path.insert(0, SUITE)
    return importlib.import_module("spf_suite")


@pytest.fixture
def stub(runner):
    one = runner.Stub(timeout_as="SERVFAIL").start()
    yield one
    one.stop()


def spf(stub, *words):
    return subprocess.run([BINARY, "spf", "--dns.forward", "%s@%d" % stub.addr, *words],
                          capture_output=True, text=True, timeout=RUN_TIMEOUT_S,
                          env=dict(os.environ, LC_ALL="C.UTF-8"))


def ask(stub, case):
    return spf(stub, "--ip", case["ip"], "--mail-from", case["mailfrom"], "--helo", case["helo"])


def first_word(done):
    return (done.stdout.split() or ["nothing: " + done.stderr])[0]


def test_the_suite_of_rfc_7208_passes_whole(runner, stub):
    cases = list(runner.load([os.path.join(SUITE, "rfc7208-tests.yml")]))
    wrong = []
    for case in cases:
        stub.zone = runner.Zone(case["zone"], spf_to_txt=True, error_prefix_timeout=True)
        done = ask(stub, case)
        text = case["explanation"]
        if first_word(done) not in case["expect"]:
            wrong.append(f"{case['id']}: {first_word(done)}, not {case['expect']}")
        elif text and text != "DEFAULT" and text not in done.stdout:
            wrong.append(f"{case['id']}: no explanation {text!r}")
    assert len(cases) == CASES
    assert not wrong


# --- another implementation ---

HOSTS = ["a.test.example", "b.test.example", "c.test.example", "d.test.example",
         "gone.test.example"]
NETWORKS = ["192.0.2.0/24", "192.0.2.1", "198.51.100.0/25", "203.0.113.64/26", "0.0.0.0/0"]
CLIENTS = ["192.0.2.1", "192.0.2.77", "198.51.100.9", "203.0.113.100", "2001:db8::1"]


def random_term(rng, names):
    host, name = rng.choice(HOSTS), rng.choice(names)
    sign = rng.choice(["", "", "", "+", "-", "~", "?"])
    return sign + rng.choice([
        "a", "mx", f"a:{host}", f"a:{host}/24", f"mx:{host}", f"mx:{host}/25//64",
        f"ip4:{rng.choice(NETWORKS)}", "ip6:2001:db8::/32", f"exists:{host}",
        "exists:%{i}.x.test.example", f"include:{name}", f"include:{name}", "ptr",
        f"exists:%{{l1r-}}.{host}", "all"])


def random_record(rng, names):
    terms = [random_term(rng, names) for _ in range(rng.randrange(5))]
    if rng.random() < 0.3:
        terms.append(f"redirect={rng.choice(names)}")
    elif rng.random() < 0.8:
        terms.append(rng.choice(["-all", "~all", "?all"]))
    if rng.random() < 0.05:
        terms.append(rng.choice(["ipv4:1.2.3.4", "include:", "a/33", "redirect=x", "=", "a:%{z}"]))
    return " ".join(["v=spf1", *terms])


def random_zone(rng):
    names = [f"s{n}.test.example" for n in range(5)]
    # None leads to itself at once: the other implementation refuses that unread.
    zone = {name: [{"TXT": random_record(rng, [other for other in names if other != name])}]
            for name in names}
    if rng.random() < 0.1:
        zone[names[4]] = []
    for host in HOSTS[:4]:
        zone[host] = [{"A": rng.choice(CLIENTS[:4])}, {"AAAA": "2001:db8::%d" % rng.randrange(3)},
                      {"MX": [10, rng.choice(HOSTS)]}]
    zone["1.2.0.192.in-addr.arpa"] = [{"PTR": rng.choice(HOSTS)}]
    return zone


def test_random_records_come_out_as_with_another_implementation(runner, stub):
    rng = random.Random(SEED)
    seen, wrong = {}, []
    for _ in range(RANDOM_ZONES):
        zone = random_zone(rng)
        stub.zone = runner.Zone(zone)
        for _ in range(RANDOM_CLIENTS):
            case = {"ip": rng.choice(CLIENTS), "mailfrom": "one-two@s0.test.example",
                    "helo": "s1.test.example"}
            theirs, why = runner.ask_pyspf(case, stub.addr)
            if "Void lookup limit" in str(why):
                continue  # it counts queries, RFC 7208 section 4.6.4 counts terms
            ours = first_word(ask(stub, case))
            seen[theirs] = seen.get(theirs, 0) + 1
            if ours != theirs:
                wrong.append((ours, theirs, case["ip"], zone))
    assert not wrong, json.dumps(wrong[0], indent=1)
    # It was no walk-over: all of the usual results came up.
    assert {"pass", "fail", "softfail", "neutral", "permerror"} <= set(seen)


# --- by hand ---

ZONE = {
    "shop.example": [{"TXT": "v=spf1 include:spf.example -all"}],
    "spf.example": [{"TXT": "v=spf1 ip4:192.0.2.0/24 ~all"}],
    "why.example": [{"TXT": "v=spf1 -all exp=text.why.example"}],
    "text.why.example": [{"TXT": "not from %{c}"}],
    "dead.example": ["TIMEOUT"],
}


@pytest.fixture
def zone(runner, stub):
    stub.zone = runner.Zone(ZONE)
    return stub


@pytest.mark.parametrize("words, result, code", [
    (("--ip", "192.0.2.9", "--mail-from", "a@shop.example"), "pass", 0),
    (("--ip", "192.0.2.9", "--mail-from", "<a@shop.example>"), "pass", 0),
    (("--ip", "192.0.2.9", "--mail-from", "", "--helo", "shop.example"), "pass", 0),
    (("--ip", "203.0.113.9", "--mail-from", "a@shop.example"), "fail", 1),
    (("--ip", "203.0.113.9", "--mail-from", "a@none.example"), "none", 1),
    (("--ip", "203.0.113.9", "--mail-from", "a@dead.example"), "temperror", 4),
])
def test_the_first_word_is_the_result_and_the_exit_code_fits(zone, words, result, code):
    done = spf(zone, *words)
    assert (first_word(done), done.returncode) == (result, code)


def test_it_says_which_term_of_which_record_decided(zone):
    done = spf(zone, "--ip", "192.0.2.9", "--mail-from", "a@shop.example")
    text = " ".join(done.stdout.split())
    assert "'include:spf.example' in the record of shop.example matches" in text
    assert "'ip4:192.0.2.0/24' in the record of spf.example" in text
    assert "look-ups: 1 of 10" in text


def test_json_has_the_same_and_the_time_that_was_given(zone):
    done = spf(zone, "--ip", "203.0.113.9", "--mail-from", "a@why.example", "--json",
               "--now", "2026-01-02T03:04:05Z")
    answer = json.loads(done.stdout)
    assert answer["result"] == "fail" and answer["term"] == "-all"
    assert answer["explanation"] == "not from 203.0.113.9"
    assert answer["checked_at"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize("words", [
    (), ("--ip", "192.0.2.1"), ("--mail-from", "a@shop.example"),
    ("--ip", "192.0.2.1.1", "--mail-from", "a@b.example"),
    ("--ip", "192.0.2.1@53", "--mail-from", "a@b.example"),
    ("--ip", "192.0.2.1", "--mail-from", "a@b.example", "--now", "tomorrow"),
])
def test_a_wrong_line_is_answered_in_words(zone, words):
    done = spf(zone, *words)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("unpend: ")


def test_foreign_bytes_are_escaped(runner, stub):
    stub.zone = runner.Zone({"evil.example": [{"TXT": "v=spf1 \x1b[31mred -all"}]})
    done = spf(stub, "--ip", "192.0.2.9", "--mail-from", "a@evil.example")
    assert first_word(done) == "permerror" and "\x1b" not in done.stdout


# --- at the name servers themselves ---

@pytest.mark.parametrize("domain, ip, result", [
    ("bounce.healthy.com", "192.0.2.210", "pass"),
    ("bounce.healthy.com", "192.0.2.211", "softfail"),
    ("bounce.bogus.com", "192.0.2.210", "temperror"),
    ("bounce.doesnotexist.com", "192.0.2.210", "none"),
])
def test_without_a_resolver_the_name_servers_are_asked(world, tmp_path, domain, ip, result):
    product = Product(world, str(tmp_path))
    done = product.run("spf", "--ip", ip, "--mail-from", f"a@{domain}", "--config", product.config)
    assert done.text.split()[0] == result


def test_an_address_that_is_none_is_named_first():
    run = subprocess.run([BINARY, "spf", "--ip", "999"], capture_output=True, text=True,
                         timeout=60)
    assert run.returncode == 2 and "--ip '999' is not an IP address" in run.stderr
