# SPDX-License-Identifier: GPL-3.0-or-later
"""Records are judged by what they mean, not by how they are spelt: one zone a case."""
import json

import pytest

from world import samples, zones
from world.samples import DKIM_LINES, DMARC, MAIL_HOST, OTHER_LINES, RIGHT, SPF

MX, SPF_LINE, DMARC_LINE = OTHER_LINES
KEY = samples.PUBLIC_KEYS[0]
OTHER_KEY = samples.PUBLIC_KEYS[1]


def without(line, *instead):
    """Everything right but for this line."""
    return tuple(other for other in RIGHT if other != line) + instead


# Name, what is published, exit code, and the first code (None: whichever).
CASES = [
    ("a TXT in two strings", without(SPF_LINE, f'bounce TXT "{SPF[:9]}" "{SPF[9:]}"'), 0, ""),
    ("upper case target", without(DKIM_LINES[0],
                                  "{t1}._domainkey CNAME {t1}.DKIM.Mailer.EXAMPLE."), 0, ""),
    ("DMARC with other blanks", without(DMARC_LINE, '_dmarc TXT "v=DMARC1;p=reject"'), 0, ""),
    ("DMARC with a final semicolon", without(DMARC_LINE, f'_dmarc TXT "{DMARC};"'), 0, ""),
    ("DMARC with a report address",
     without(DMARC_LINE, f'_dmarc TXT "{DMARC}; rua=mailto:a@b.example"'), 0, ""),
    ("a stranger's TXT beside SPF", RIGHT + ('bounce TXT "site-verification=1"',), 0, ""),
    ("two SPF records", RIGHT + ('bounce TXT "v=spf1 mx -all"',), 1, None),
    ("SPF that lacks the include", without(SPF_LINE, 'bounce TXT "v=spf1 mx ~all"'), 1, None),
    ("SPF with more includes",
     without(SPF_LINE, f'bounce TXT "v=spf1 ip4:192.0.2.1 include:spf.{samples.PLATFORM} ~all"'),
     0, ""),
    # What others took for right because they looked for a part of the text.
    ("an include that only begins as the one wanted",
     without(SPF_LINE, f'bounce TXT "v=spf1 include:spf.{samples.PLATFORM}.shop.com ~all"'),
     1, "U603"),
    ("an include that only ends as the one wanted",
     without(SPF_LINE, f'bounce TXT "v=spf1 include:not-spf.{samples.PLATFORM} ~all"'),
     1, "U603"),
    ("an include that says fail",
     without(SPF_LINE, f'bounce TXT "v=spf1 -include:spf.{samples.PLATFORM} ~all"'), 1, "U603"),
    ("an include behind all",
     without(SPF_LINE, f'bounce TXT "v=spf1 ~all include:spf.{samples.PLATFORM}"'), 1, "U603"),
    ("the include in a text that is no SPF",
     without(SPF_LINE, f'bounce TXT "add v=spf1 include:spf.{samples.PLATFORM} ~all"'),
     1, "U601"),
    ("SPF of another version",
     without(SPF_LINE, f'bounce TXT "v=spf10 include:spf.{samples.PLATFORM} ~all"'), 1, "U601"),
    ("SPF in two records",
     without(SPF_LINE, f'bounce TXT "{SPF[:20]}"', f'bounce TXT "{SPF[20:]}"'), 1, None),
    ("any TXT in place of DMARC", without(DMARC_LINE, '_dmarc TXT "p=reject"'), 1, "U801"),
    ("DMARC in a text that is none",
     without(DMARC_LINE, f'_dmarc TXT "see {DMARC}"'), 1, "U803"),
    ("DMARC in two strings",
     without(DMARC_LINE, f'_dmarc TXT "{DMARC[:4]}" "{DMARC[4:]}"'), 0, ""),
    ("DMARC in two records",
     without(DMARC_LINE, f'_dmarc TXT "{DMARC[:4]}"', f'_dmarc TXT "{DMARC[4:]}"'), 1, None),
    ("another MX", without(MX, "bounce MX 10 mx.other.example."), 1, None),
    ("a second MX", RIGHT + ("bounce MX 20 mx.other.example.",), 1, None),
    ("a wildcard in place of DKIM 1",
     without(DKIM_LINES[0], "*._domainkey CNAME parked.example."), 1, None),
    ("a wildcard that does not reach", RIGHT + ("* A 192.0.2.9",), 0, ""),
    ("an address in place of DKIM 1",
     without(DKIM_LINES[0], "{t1}._domainkey A 192.0.2.9"), 1, None),
    ("something below DKIM 1 only",
     without(DKIM_LINES[0], "below.{t1}._domainkey A 192.0.2.9"), 1, "U301"),
    ("final dot forgotten",
     without(DKIM_LINES[0], "{t1}._domainkey CNAME {t1}.{keys}"), 1, None),
    ("a chain of CNAMEs to the target",
     without(DKIM_LINES[0], "{t1}._domainkey CNAME hop", "hop CNAME {t1}.{keys}."), 1, None),
    ("DMARC missing", without(DMARC_LINE), 1, "U801"),
    ("MAIL FROM missing", without(MX), 1, "U701"),
]


@pytest.mark.parametrize("lines,exit_code,code", [
    pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_a_zone_is_judged_by_what_it_means(unpend, world, request, lines, exit_code, code):
    domain = make_domain(request)
    world.zone(domain, "goodhost", samples.fill(lines))
    done = unpend.check(domain, "--json")
    codes = [f["code"] for f in done.json["findings"] if f["severity"] != "note"]
    assert done.exit_code == exit_code, done.text
    assert code is None or codes[:1] == ([code] if code else []), done.text


def make_domain(request):
    """A domain of its own for each case."""
    return "case-" + "".join(c if c.isalnum() else "-" for c in
                             request.node.callspec.id.lower()) + ".com"


@pytest.mark.parametrize("published,exit_code", [
    pytest.param(f"v=DKIM1; k=rsa; p={KEY}", 0, id="as expected"),
    pytest.param(f"p={KEY}", 0, id="the key alone"),
    pytest.param(f"v=DKIM1;k=rsa;h=sha256;p={KEY[:70]} {KEY[70:]}", 0, id="blanks within the key"),
    pytest.param(f"k=rsa; n=of the shop; p={KEY}; v2=x;", 0, id="tags in another order"),
    pytest.param((f"v=DKIM1; k=rsa; p={KEY[:90]}", KEY[90:]), 1, id="one key in two records"),
    pytest.param(f"v=DKIM1; k=rsa; n=p={KEY}; p={OTHER_KEY}", 1, id="the key in a note"),
    pytest.param(f"v=DKIM1; k=rsa; p={OTHER_KEY}", 1, id="another key"),
    pytest.param(f"v=DKIM1; k=rsa; p={KEY[:200]}", 1, id="a key cut off"),
    pytest.param("v=DKIM1; k=rsa; p=", 1, id="a key revoked"),
    pytest.param(f"v=DKIM1; k=rsa; p={KEY.lower()}", 1, id="a key in lower case"),
])
def test_a_dkim_key_is_compared_as_a_key(unpend, world, request, published, exit_code):
    domain = make_domain(request)
    records = [published] if isinstance(published, str) else published
    world.zone(domain, "goodhost", [zones.txt("sel._domainkey", text) for text in records])
    done = unpend.check(domain, expect={"domain": domain, "records": [
        {"purpose": "dkim", "type": "TXT", "name": f"sel._domainkey.{domain}",
         "value": f"v=DKIM1; k=rsa; p={KEY}", "required": True}]})
    assert done.exit_code == exit_code, done.text


def test_names_delegated_further_down_are_asked_where_they_live(unpend, world):
    domain = "deeper.com"
    world.zone("_domainkey." + domain, "nsdhost", [
        line.replace("._domainkey CNAME", " CNAME") for line in samples.fill(DKIM_LINES)])
    world.undelegate("_domainkey." + domain)
    world.zone(domain, "goodhost", samples.fill(OTHER_LINES) + [
        "_domainkey NS ns1.nsdhost.com.", "_domainkey NS ns2.nsdhost.com."])
    done = unpend.check(domain)
    assert done.exit_code == 0, done.text


def test_a_record_that_caches_deny_is_waited_for(unpend, world):
    domain = "cached.com"
    world.zone(domain, "nsdhost", [])
    for token in samples.TOKENS:
        assert world.resolve(f"{token}._domainkey.{domain}", "CNAME") == []
    world.publish(domain, samples.fill(RIGHT))
    done = unpend.check(domain, "--json")
    report = done.json
    assert (done.exit_code, report["verdict"]) == (3, "waiting"), done.text
    first = report["findings"][0]
    assert first["code"] == "U901" and first["until"] > report["checked_at"]
    assert report["next"]["kind"] == "wait" and report["next"]["check_after"] >= first["until"]
    assert {r["state"] for r in report["records"] if r["purpose"] == "dkim"} == {"waiting"}
    world.flush_resolvers()
    assert unpend.check(domain).exit_code == 0


def test_an_old_value_that_caches_hold_is_waited_for(unpend, world):
    domain = "oldvalue.com"
    world.zone(domain, "nsdhost", samples.fill(without(
        DKIM_LINES[0], "{t1}._domainkey CNAME old.example.")))
    assert world.resolve(f"{samples.TOKENS[0]}._domainkey.{domain}", "CNAME") == ["old.example."]
    world.publish(domain, samples.fill(RIGHT))
    done = unpend.check(domain, "--json")
    assert done.exit_code == 3, done.text
    assert done.json["findings"][0]["code"] == "U902"


def test_both_servers_dead_and_one_lame_are_told_apart(unpend, world):
    for domain, hosts, exit_code, code in (
            ("mixed1.com", ["ns1.deadhost.net", "ns.lamehost.net"], 1, "U103"),
            ("mixed2.com", ["ns1.deadhost.net", "ns1.failhost.net"], 4, None)):
        world.delegate(domain, hosts)
        if "ns1.failhost.net" in hosts:
            world.fail(domain, ["ns1.failhost.net"])
            world.delegate(domain, hosts)
        done = unpend.check(domain, "--json")
        assert done.exit_code == exit_code, done.text
        assert code is None or done.json["findings"][0]["code"] == code, done.text


def test_the_doubled_name_is_found_in_a_subdomain_too(unpend, world):
    domain = "news.shop.jp"
    lines = [f"{token}._domainkey.{domain} CNAME {token}.{samples.KEY_ZONE}."
             for token in samples.TOKENS]
    world.zone("shop.jp", "goodhost", lines)
    expect = {"domain": domain,
              "records": samples.expectation(domain)["records"][:3]}
    done = unpend.check(domain, "--json", expect=expect)
    assert done.exit_code == 1
    assert done.json["findings"][0]["code"] == "U201", json.dumps(done.json["findings"], indent=1)


def test_mail_host_of_the_expectation_is_the_platforms(world):
    assert world.resolve(MAIL_HOST, "A") == ["192.0.2.210"]
