# SPDX-License-Identifier: GPL-3.0-or-later
"""Records made to fool whoever looks at them: nothing of them reaches a screen, a log, a
table or a page as more than text."""
import csv
import io
import json
import re

import pytest

from browser import Browser
from product import Service, call
from test_console import signed_in
from world import samples, zones

PAYLOADS = {
    "escape": b"\x1b]0;owned\x07\x1b[2J\x1b[31m\x1b[6n\x9b31m",
    "bidi": "\u202eelpmaxe\u202c\u2066x\u2069\u200b\ufeff\u2028\u00ad".encode(),
    "html": b"<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'"
            b"</script></textarea></title>",
    "nul": b"v=DKIM1\x00; p=AAAA\x00\r\nX-Injected: yes\r\n\r\n",
    "format": b"%s%n%s%n%08x{{7*7}}${jndi:ldap://x/}",
    "formula": b"=cmd|' /C calc'!A0,\"x\"",
    "broken": b"\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x80",
    "large": b"\x1b[2J<b>" * 8100,      # with its length octets just below 64 kB
}
# What may stand on a screen: letters, digits, signs; line feeds of our own.
REFUSED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f"
                     "\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff]")


def txt(name, data):
    strings = [data[at:at + 255] for at in range(0, len(data), 255)]
    return f"{name} TXT " + " ".join(f'"{zones.escape(string)}"' for string in strings)


def is_safe(data, allowed=""):
    """UTF-8 without a character that moves, hides, breaks or reorders text."""
    text = data.decode("utf-8")     # raises on what is none
    found = REFUSED.search(text.translate({ord(c): " " for c in allowed}))
    assert found is None, (found, text[max(0, found.start() - 60):found.end() + 20])
    return text


@pytest.fixture(scope="module")
def zone_of(world):
    """A zone a payload: it stands at a DKIM name, as SPF, as DMARC and at the apex."""
    made = {}
    for label, data in PAYLOADS.items():
        domain = f"hostile-{label}.com"
        lines = [txt(f"{samples.TOKENS[0]}._domainkey", data)]
        if label != "large":
            lines += [txt("bounce", b"v=spf1 include:" + data), txt("@", b"v=spf1 " + data),
                      txt("_dmarc", b"v=DMARC1; p=reject; rua=mailto:" + data)]
        world.zone(domain, "nsdhost", lines)
        made[label] = domain
    return made


@pytest.mark.parametrize("label", PAYLOADS)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_check_shows_it_as_text(unpend, zone_of, label, lang):
    done = unpend.check(zone_of[label], "--lang", lang)
    assert done.exit_code == 1, done.text
    assert is_safe(done.err) == ""
    text = is_safe(done.out)
    assert max(map(len, text.splitlines())) < 4096
    assert "X-Injected: yes" not in text.splitlines()


@pytest.mark.parametrize("label", PAYLOADS)
def test_json_keeps_to_ascii(unpend, zone_of, label):
    done = unpend.check(zone_of[label], "--json", "--save", "seen.json")
    done.out.decode("ascii")
    is_safe(done.out)
    assert json.loads(done.out)["verdict"] == "action_required"
    with open(f"{unpend.folder}/seen.json", "rb") as file:
        saved = file.read()
    saved.decode("ascii")
    again = unpend.run("judge", "seen.json", "--config", unpend.config)
    assert is_safe(again.out) and again.exit_code == 1


@pytest.mark.parametrize("label", PAYLOADS)
@pytest.mark.parametrize("command", ["resolve", "propagation"])
def test_a_question_shows_it_as_text(unpend, zone_of, label, command):
    name = f"{samples.TOKENS[0]}._domainkey.{zone_of[label]}"
    for form in ((), ("--json",)):
        done = unpend.run(command, name, "TXT", "--config", unpend.config, *form)
        assert done.exit_code in (0, 3, 4), done.err
        is_safe(done.out)
        is_safe(done.err)


@pytest.mark.parametrize("label", [label for label in PAYLOADS if label != "large"])
def test_evaluators_show_it_as_text(unpend, zone_of, label):
    domain = zone_of[label]
    for words in (("spf", "--ip", "192.0.2.1", "--mail-from", f"a@{domain}", "--helo", "h.example"),
                  ("dmarc", "--from", domain), ("trace", domain), ("provider", domain)):
        for form in ((), ("--json",)):
            done = unpend.run(*words, "--config", unpend.config, *form)
            assert done.exit_code in (0, 1, 3, 4), done.err
            is_safe(done.out)
            is_safe(done.err)


@pytest.mark.parametrize("label", [label for label in PAYLOADS if label != "large"])
def test_a_text_given_to_lint_is_shown_as_text(unpend, label):
    for prefix in (b"v=DKIM1; p=", b"v=spf1 ", b"v=DMARC1; p=", b""):
        for form in ((), ("--json",)):
            done = unpend.run("lint", "-", *form, stdin=prefix + PAYLOADS[label])
            assert done.exit_code in (1, 2), done.out
            is_safe(done.out)
            is_safe(done.err)


@pytest.mark.parametrize("form", ["cards", "table", "zone", "mail", "csv", "json", "octodns",
                                  "terraform-route53", "dnscontrol", "nsupdate"])
def test_what_is_printed_to_be_published_is_text(unpend, form):
    """An expectation is a file from somewhere."""
    expectation = samples.expectation("healthy.com")
    spf = next(record for record in expectation["records"] if record["type"] == "TXT")
    spf["value"] = "v=spf1 include:spf.mailer.example ~all <b>\"=1\"\u202e"
    path = unpend.write("expect.json", expectation)
    done = unpend.run("records", "healthy.com", "--as", form, "--expect", path,
                      "--config", unpend.config)
    text = is_safe(done.out, allowed="\r\t" if form in ("csv", "zone") else "")
    is_safe(done.err)
    if form == "csv" and done.exit_code == 0:
        for row in csv.reader(io.StringIO(text)):
            assert not any(field[:1] in "=+-@" for field in row if field)


def test_a_page_a_log_and_metrics_show_it_as_text(world, tmp_path):
    with Service(world, str(tmp_path)) as service, signed_in(service) as browser:
        for label, data in PAYLOADS.items():
            domain = f"page-{label}.com"
            identity = service.add_sender(f"news@{domain}")
            name = identity["records"][0]["name"]["fqdn"]
            world.zone(domain, "nsdhost", [txt(f"{name}.", data)])
            service.api(f"/identities/{identity['id']}/check", "POST")
            service.await_identity(identity["id"], has_values, f"the text of {domain}")
            look_at(browser, service, domain, identity["id"])
        assert_quiet(service)


def has_values(identity):
    return any(one.get("values") for finding in identity["findings"]
               for one in finding["evidence"])


def look_at(browser, service, domain, number):
    browser.open(f"{service.url}/#/identities/{number}")
    browser.await_text(re.escape(domain) + ".*TXT")
    assert "owned" not in browser.driver.title
    assert browser.driver.find_elements("css selector", "img[src=x], body script") == []
    assert not REFUSED.search(browser.text.replace("\t", " "))


def assert_quiet(service):
    is_safe(service.read_log().encode("utf-8", "surrogateescape"))
    status, _, metrics = call(f"{service.url}/metrics")
    assert status == 200
    is_safe(metrics)
