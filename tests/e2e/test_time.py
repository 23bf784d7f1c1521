# SPDX-License-Identifier: GPL-3.0-or-later
"""Time is a number; `check --watch` follows it; a registry says what the DNS cannot."""
import collections
import contextlib
import http.server
import json
import os
import pty
import re
import select
import signal
import subprocess
import threading
import time

import pytest

from product import BINARY
from world import samples
from world.zones import NEGATIVE_TTL_S

PATIENCE_S = 30
FIRST_KEY = f"{samples.TOKENS[0]}._domainkey"
UTC = {"TZ": "UTC"}
RFC_3339 = "%Y-%m-%dT%H:%M:%SZ"


@pytest.fixture
def domain(world, request):
    """A domain of this test's own, with an office's records and nothing else."""
    name = request.node.name.replace("_", "-")[:50].strip("-").lower() + ".com"
    world.zone(name, records=samples.OFFICE)
    yield name
    if name in world.zones:
        world.withdraw(name)


def right_records():
    return samples.fill(samples.RIGHT)


def seconds_between(earlier, later):
    return time.mktime(time.strptime(later, RFC_3339)) - \
        time.mktime(time.strptime(earlier, RFC_3339))


# what resolvers remember


def test_what_a_resolver_remembers_is_waited_for(unpend, world, domain):
    assert world.resolve(f"{FIRST_KEY}.{domain}", "CNAME") == []
    world.add(domain, right_records())
    saved = os.path.join(unpend.folder, "seen.json")
    done = unpend.check(domain, "--json", "--save", saved)
    assert (done.exit_code, done.json["verdict"]) == (3, "waiting"), done.text
    finding = done.json["findings"][0]
    assert (finding["code"], finding["records"]) == ("U901", ["dkim-1"])
    until = [e["until"] for e in finding["evidence"] if "until" in e]
    following = done.json["next"]
    assert following["kind"] == "wait"
    assert following["eta_earliest"] == max(until)
    left = seconds_between(done.json["checked_at"], following["eta_earliest"])
    assert 0 < left <= NEGATIVE_TTL_S
    assert seconds_between(done.json["checked_at"], following["eta_latest"]) == NEGATIVE_TTL_S
    text = unpend.run("judge", saved, environment=UTC).text.replace("\n", " ")
    assert re.search(rf"{re.escape(FIRST_KEY)}\.{re.escape(domain)} is still missing for "
                     r"203\.0\.113\.\d+(, 203\.0\.113\.\d+)* until "
                     r"\d\d:\d\d:\d\d UTC \((\d+ s|1 min) left\)\.", text), text


def test_a_saved_look_says_since_when_all_is_right(unpend, world, domain):
    world.add(domain, right_records())
    saved = os.path.join(unpend.folder, "seen.json")
    assert unpend.check(domain, "--save", saved).exit_code == 0
    later = unpend.check(domain, "--since", saved, "--json").json
    with open(saved) as file:
        at = json.load(file)["observation"]["at"]
    assert later["next"]["right_since"] == time.strftime(RFC_3339, time.gmtime(at))
    text = unpend.check(domain, "--since", saved, environment={"TZ": "Asia/Tokyo"}).text
    assert re.search(r"everything right since \d\d:\d\d:\d\d JST", text), text


def test_after_a_fix_it_is_said_how_long_it_takes(unpend, domain):
    done = unpend.check(domain)
    assert done.exit_code == 1
    assert "for up to 1 min." in done.text.replace("\n", " ")


def test_amazon_ses_is_late_and_nothing_is_to_be_done(unpend, world, domain):
    world.add(domain, right_records())
    expect = dict(samples.expectation(domain),
                  ses={"status": "PENDING", "last_checked_at": 1700000000})
    done = unpend.check(domain, expect=expect, environment=UTC)
    text = done.text.replace("\n", " ")
    assert done.exit_code == 0
    assert "Amazon SES said PENDING when it last looked, at 2023-11-14 22:13:20 UTC." in text
    assert "Your DNS is as it should be. There is nothing to fix" in text


def test_looks_from_two_places_are_compared(unpend, world, domain):
    here, there = (os.path.join(unpend.folder, name) for name in ("here.json", "there.json"))
    assert unpend.check(domain, "--save", here).exit_code == 1
    world.add(domain, right_records())
    assert unpend.check(domain, "--save", there).exit_code == 0
    assert [unpend.run("judge", *files).exit_code
            for files in ((here, here), (there, there))] == [1, 0]
    both = unpend.run("judge", here, there, "--json")
    assert (both.exit_code, both.json["findings"][0]["code"]) == (4, "U909")
    assert len(both.json["findings"][0]["records"]) == 6
    unpend.check("nsd.com", "--save", there)
    assert unpend.run("judge", here, there).exit_code == 2


# watching


class Watch:
    """A running `unpend check --watch`, read line by line."""

    def __init__(self, unpend, domain, *words, expect=None):
        expect = unpend.write("expect.json", expect or samples.expectation(domain))
        self.process = subprocess.Popen(
            [BINARY, "check", domain, "--config", unpend.config, "--expect", expect, "--watch",
             *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            env=dict(os.environ, **UTC))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()     # twice does no harm

    def line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_S)
        assert ready, "no line in time"
        return self.process.stdout.readline().decode().rstrip("\n")

    def await_event(self, **wanted):
        """Events up to the one that has these members."""
        events = []
        while True:
            line = self.line()
            assert line, events
            events.append(json.loads(line))
            if wanted.items() <= events[-1].items():
                return events

    def await_line(self, end):
        lines = []
        while not (lines and lines[-1].endswith(end)):
            lines.append(self.line())
            assert lines[-1], lines
        return lines

    def end(self):
        rest = self.process.stdout.read().decode()
        return self.process.wait(PATIENCE_S), rest


def test_watching_ends_when_everything_is_verified(unpend, world, domain):
    with Watch(unpend, domain, "--ndjson") as watch:
        first = watch.await_event(event="verdict")
        assert first[-1]["to"] == "action_required"
        assert {e["record"]: e["to"] for e in first[:-1]} == samples.all_states("missing")
        assert all(e["from"] is None for e in first)
        world.add(domain, right_records())
        then = watch.await_event(event="end")
        code, rest = watch.end()
    assert (code, rest) == (0, "")
    changed = {e["record"]: (e["from"], e["to"]) for e in then if e["event"] == "state"}
    assert changed == dict.fromkeys(samples.all_states(""), ("missing", "ok"))
    end = then[-1]
    assert (end["reason"], end["exit_code"], end["report"]["verdict"]) == ("verified", 0, "ok")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", e["at"]) for e in first + then)


def test_watching_away_from_a_terminal_writes_a_line_for_each_change(unpend, world, domain):
    with Watch(unpend, domain) as watch:
        lines = watch.await_line(f"{domain} action_required")
        world.add(domain, right_records())
        lines += watch.await_line(f"{domain} action_required -> ok")
        code, rest = watch.end()
    assert code == 0
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)
    assert any(line.endswith(" dkim-1 missing -> ok") for line in lines)
    assert rest.startswith(f"{domain} is verified")


def test_watching_ends_at_its_time_with_the_code_of_the_last_look(unpend, world, domain):
    started = time.monotonic()
    with Watch(unpend, domain, "--until", "2s", "--ndjson") as watch:
        events = watch.await_event(event="end")
        code, _ = watch.end()
    assert (code, events[-1]["reason"], events[-1]["exit_code"]) == (1, "until", 1)
    assert 1 < time.monotonic() - started < 10


def test_watching_looks_again_when_a_cache_forgets_and_not_before(unpend, world, domain):
    assert world.resolve(f"{FIRST_KEY}.{domain}", "CNAME") == []
    world.add(domain, right_records())
    with Watch(unpend, domain, "--ndjson") as watch:
        assert watch.await_event(event="verdict")[-1]["to"] == "waiting"
        mark = world.mark()
        ready, _, _ = select.select([watch.process.stdout], [], [], 7)
        assert not ready and not world.questions(mark)
        watch.process.send_signal(signal.SIGINT)
        end = watch.await_event(event="end")[-1]
        code, _ = watch.end()
    assert (code, end["exit_code"], end["reason"]) == (130, 130, "interrupted")
    assert end["report"]["verdict"] == "waiting"


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_what_is_known(unpend, number, code):
    with Watch(unpend, "missing.com") as watch:
        watch.await_line("missing.com action_required")
        watch.process.send_signal(number)
        ended, rest = watch.end()
    assert ended == code
    assert "U301" in rest


def test_watching_follows_an_old_value_until_it_is_forgotten(unpend, world, domain):
    right = right_records()
    old = [f"{FIRST_KEY} 7 CNAME old.{samples.PLATFORM}."]
    world.add(domain, old + [line for line in right if not line.startswith(FIRST_KEY)])
    assert world.resolve(f"{FIRST_KEY}.{domain}", "CNAME") == [f"old.{samples.PLATFORM}."]
    world.publish(domain, [*samples.OFFICE, *right])
    with Watch(unpend, domain, "--ndjson") as watch:
        first = watch.await_event(event="verdict")
        mark = world.mark()
        assert {e["to"] for e in first if e.get("record") == "dkim-1"} == {"waiting"}
        end = watch.await_event(event="end")[-1]
        code, _ = watch.end()
    assert (code, end["reason"]) == (0, "verified")
    # It slept until then: the zone's servers were asked in one more look, or two.
    asked = collections.Counter(q.address for q in world.questions(mark)
                                if q.name == f"{FIRST_KEY}.{domain}.")
    assert 1 <= max(asked.values()) <= 2
    assert end["report"]["next"]["right_since"] == first[-1]["at"]


def test_watching_ends_when_nobody_reads(unpend):
    with Watch(unpend, "missing.com") as watch:
        watch.line()
        watch.process.stdout.close()
        assert watch.process.wait(PATIENCE_S) == 1


def test_a_terminal_has_a_line_that_is_drawn_again(unpend):
    terminal, side = pty.openpty()
    expect = unpend.write("expect.json", samples.expectation("missing.com"))
    process = subprocess.Popen([BINARY, "check", "missing.com", "--config", unpend.config,
                                "--expect", expect, "--watch"], stdin=side, stdout=side,
                               stderr=side, env=dict(os.environ, TERM="xterm"))
    os.close(side)
    seen = read_terminal(terminal, lambda text: text.count("next look in 0:0") >= 3)
    process.send_signal(signal.SIGINT)
    read_terminal(terminal, lambda text: False)
    os.close(terminal)
    assert process.wait(PATIENCE_S) == 130
    assert "U301: 5/6 records right, next look in 0:0" in seen
    assert seen.count("missing.com is not verified") == 1
    assert seen.count("\r\x1b[K") >= 3


def read_terminal(terminal, is_enough):
    """What is shown until it is enough, or the other side has gone."""
    text, deadline = "", time.monotonic() + PATIENCE_S
    while not is_enough(text) and time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 1)
        try:
            text += os.read(terminal, 65536).decode() if ready else ""
        except OSError:
            break
    return text


@pytest.mark.parametrize("words", [("--until", "5s"), ("--ndjson",), ("--watch", "--json"),
                                   ("--watch", "--until", "yesterday"),
                                   ("--watch", "--until", "2001-01-01T00:00:00Z")])
def test_words_that_do_not_go_together_are_refused(unpend, words):
    done = unpend.check("nsd.com", *words)
    assert (done.exit_code, done.out) == (2, b"")


# the registry


ANSWERS = {
    "held.com": {"status": ["client hold"], "events": [
        {"eventAction": "registration", "eventDate": "2019-04-02T00:00:00Z"},
        {"eventAction": "expiration", "eventDate": "2036-12-01T00:00:00Z"}]},
    "bare.com": {"status": ["inactive"]},
    "nsd.com": {"status": ["active"], "events": [
        {"eventAction": "registration", "eventDate": "2026-11-01T00:00:00Z"}]},
}


@contextlib.contextmanager
def registry(moved=()):
    """An RDAP server; gives its URL and the list of what it was asked. Paths in `moved` send
    the client elsewhere."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path in moved:
                self.send_response(302)
                self.send_header("Location", moved[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            domain = self.path.removeprefix("/rdap/domain/")
            known = domain in ANSWERS
            answer = {"objectClassName": "domain", "ldhName": domain.upper(), **ANSWERS[domain]} \
                if known else {"errorCode": 404}
            body = json.dumps(answer).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/rdap+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/rdap", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("domain, code, words", [
    ("held.com", "U108", ["client hold", "registered on 2019-04-02"]),
    ("bare.com", "U102", ["has no name servers"]),
    ("free.com", "U101", ["not registered"]),
])
def test_the_registry_tells_why_a_domain_is_not_there(unpend, domain, code, words):
    saved = os.path.join(unpend.folder, "seen.json")
    with registry() as (url, asked):
        done = unpend.check(domain, "--rdap.url", url, "--save", saved)
    assert done.exit_code == 1
    assert asked == [f"/rdap/domain/{domain}"]
    text = re.sub(r"\s+", " ", done.text)
    assert all(word in text for word in [code, *words]), done.text
    assert unpend.run("judge", saved).out == done.out


def test_the_registry_is_asked_only_where_its_word_helps(unpend):
    with registry() as (url, asked):
        unpend.check("nsd.com", "--rdap.url", url)
        unpend.check("missing.com", "--rdap.url", url)
        unpend.check("held.com", "--rdap.url", url, "--no-rdap")
        assert asked == []
        report = unpend.check("held.com", "--rdap.url", url, "--json").json
        assert report["registration"]["statuses"] == ["client hold"]


def test_a_registry_sends_on_within_its_own_server_only(unpend):
    moved = {"/rdap/domain/held.com": "/rdap/moved/domain/held.com"}
    with registry() as (inside, inside_asked), registry(moved) as (url, asked):
        moved["/rdap/domain/held.com"] = url + "/domain/bare.com"
        unpend.check("held.com", "--rdap.url", url)
        moved["/rdap/domain/held.com"] = inside + "/domain/held.com"
        done = unpend.check("held.com", "--rdap.url", url, "--json")
    assert asked == ["/rdap/domain/held.com", "/rdap/domain/bare.com", "/rdap/domain/held.com"]
    assert inside_asked == []
    assert done.json["registration"]["outcome"] == "unknown"


def test_a_domain_that_was_registered_anew_is_not_believed(unpend):
    expect = dict(samples.expectation("nsd.com"), registered_at=1500000000)
    with registry() as (url, _):
        done = unpend.check("nsd.com", "--rdap.url", url, "--json", expect=expect)
    assert (done.exit_code, done.json["findings"][0]["code"]) == (1, "U954")
    assert {record["state"] for record in done.json["records"]} == {"ok"}


def test_a_registry_that_is_not_there_holds_nothing_up(unpend):
    for words in (("--rdap.url", "http://127.0.0.1:1/"), ()):
        done = unpend.check("held.com", *words, "--json")
        assert done.json["findings"][0]["code"] == "U101"
        assert done.json["registration"]["outcome"] == "unknown"
        assert done.elapsed_s < 7
