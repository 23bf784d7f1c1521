# SPDX-License-Identifier: GPL-3.0-or-later
"""Set-ups that look right and are not: none may pass for verified.

Each attack is a zone at two name servers of acme.test, one of them or both lying about
what stands at the DKIM names; `unpend check` judges what it sees.
"""
import json
import os
import subprocess

import dns.flags
import dns.rcode
import dns.rrset
import pytest

from hostile import BINARY, PATIENCE_S, silent, usual

TOKENS = tuple(letter * 32 for letter in "abc")
KEYS = "dkim.mailer.test"
EMPTY = "@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\nns2 A 198.51.100.2\n"
RIGHT = EMPTY + "".join(f"{token}._domainkey CNAME {token}.{KEYS}.\n" for token in TOKENS)
EVIL = "198.51.100.66"
STRANGERS = ("198.51.100.31", "198.51.100.32")


def delegate(net, count=2):
    numbers = range(1, count + 1)
    net.serve("192.0.2.11", "test.", "".join(
        f"acme NS ns{n}.acme\nns{n}.acme A 198.51.100.{n}\n" for n in numbers)
        + "mailer NS ns.mailer\nns.mailer A 198.51.100.90\n")
    # RFC 8463 appendix A.2: the keys behind the aliases
    net.serve("198.51.100.90", "mailer.test.", "@ NS ns\nns A 198.51.100.90\n" + "".join(
        f'{token}.dkim TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="\n'
        for token in TOKENS))


def check(net, domain="acme.test"):
    """The verdict, and the states of the three records."""
    path = os.path.join(net.folder, "expect.json")
    with open(path, "w") as file:
        json.dump({"domain": domain, "records": [
            {"purpose": "dkim", "type": "CNAME", "name": f"{token}._domainkey.{domain}",
             "value": f"{token}.{KEYS}"} for token in TOKENS]}, file)
    done = subprocess.run([BINARY, "check", domain, "--expect", path, "--json", "--config",
                           net.config()], capture_output=True, timeout=PATIENCE_S)
    assert done.returncode in (0, 1, 4), done.stderr
    report = json.loads(done.stdout)
    return report["verdict"], {record["state"] for record in report["records"]}


def about_dkim(lie):
    """A twist that lies about DKIM names only: lie(token, name, answer) changes the answer."""
    def twist(server, query, answer, transport):
        name = query.question[0].name
        if b"_domainkey" in [label.lower() for label in name.labels]:
            lie(name.labels[0].decode().lower(), name.to_text(), answer)
        return [answer.to_wire()]
    return twist


def say(answer, *rrsets, authority=(), rcode=dns.rcode.NOERROR):
    answer.set_rcode(rcode)
    answer.answer, answer.authority = list(rrsets), list(authority)


def cname(owner, *targets, rdclass="IN"):
    return dns.rrset.from_text(owner, 300, rdclass, "CNAME", *targets)


@about_dkim
def without_authority(token, name, answer):
    answer.flags &= ~dns.flags.AA


@about_dkim
def servfail(token, name, answer):
    say(answer, rcode=dns.rcode.SERVFAIL)


@about_dkim
def refused(token, name, answer):
    say(answer, rcode=dns.rcode.REFUSED)


@about_dkim
def at_another_name(token, name, answer):
    say(answer, cname("other._domainkey.acme.test.", f"{token}.{KEYS}."))


@about_dkim
def below_the_name(token, name, answer):
    say(answer, cname("x." + name, f"{token}.{KEYS}."))


@about_dkim
def at_the_end_of_a_chain(token, name, answer):
    say(answer, cname(name, "z.acme.test."), cname("z.acme.test.", f"{token}.{KEYS}."))


@about_dkim
def beside_a_wrong_one(token, name, answer):
    say(answer, cname(name, f"{token}.{KEYS}.", "evil.test."))


@about_dkim
def of_class_chaos(token, name, answer):
    say(answer, cname(name, f"{token}.{KEYS}.", rdclass="CH"))


@about_dkim
def with_dots_inside_a_label(token, name, answer):
    say(answer, cname(name, token + "\\." + KEYS.replace(".", "\\.") + "."))


@about_dkim
def in_the_authority_section(token, name, answer):
    say(answer, authority=[cname(name, f"{token}.{KEYS}.")])


@about_dkim
def made_up_from_a_dname(token, name, answer):
    if name.lower() == f"{token}._domainkey.acme.test.":
        say(answer, dns.rrset.from_text("_domainkey.acme.test.", 300, "IN", "DNAME", KEYS + "."),
            cname(name, f"{token}.{KEYS}."))


def with_tc_over_udp_only(server, query, answer, transport):
    if transport == "udp":
        at_the_name(server, query, answer, transport)
        answer.flags |= dns.flags.TC
    return [answer.to_wire()]


@about_dkim
def at_the_name(token, name, answer):
    say(answer, cname(name, f"{token}.{KEYS}."))


@about_dkim
def referral(token, name, answer):
    answer.flags &= ~dns.flags.AA
    say(answer, authority=[dns.rrset.from_text("_domainkey.acme.test.", 300, "IN", "NS",
                                               "evil._domainkey.acme.test.")])
    answer.additional = [dns.rrset.from_text("evil._domainkey.acme.test.", 300, "IN", "A", EVIL)]


def serve(net, first, second):
    """Each is a zone and a twist."""
    delegate(net)
    net.serve("198.51.100.1", "acme.test.", *first)
    net.serve("198.51.100.2", "acme.test.", *second)


def test_the_honest_set_up_is_right(net):
    serve(net, (RIGHT, usual), (EMPTY, at_the_name))
    assert check(net) == ("ok", {"ok"})


@pytest.mark.parametrize("lie", [
    at_another_name, below_the_name, at_the_end_of_a_chain, beside_a_wrong_one, of_class_chaos,
    with_dots_inside_a_label, in_the_authority_section, with_tc_over_udp_only,
    made_up_from_a_dname])
def test_an_answer_that_only_looks_right_verifies_nothing(net, lie):
    serve(net, (EMPTY, lie), (EMPTY, lie))
    verdict, states = check(net)
    assert verdict == "action_required" and states <= {"missing", "wrong"}


@pytest.mark.parametrize("lie", [without_authority, servfail, refused])
def test_a_server_that_fails_at_the_records_alone_leaves_it_open(net, lie):
    serve(net, (RIGHT, usual), (EMPTY, lie))
    assert check(net) == ("undetermined", {"unknown"})


def test_a_referral_into_the_void_beside_a_right_server_leaves_it_open(net):
    serve(net, (RIGHT, usual), (EMPTY, referral))
    assert check(net) == ("undetermined", {"unknown"})


def test_one_server_cannot_send_us_past_the_other(net):
    serve(net, (EMPTY, usual), (EMPTY, referral))
    net.serve(EVIL, "_domainkey.acme.test.",
              "@ NS evil\n" + RIGHT.replace("._domainkey", "").replace(EMPTY, ""))
    verdict, states = check(net)
    assert verdict == "action_required" and "ok" not in states


def test_servers_that_only_the_zone_names_do_not_outweigh_silent_ones(net):
    delegate(net, 3)
    text = RIGHT.replace("@ NS ns2\n", "".join(
        f"@ NS e{n}\ne{n} A {address}\n" for n, address in enumerate(STRANGERS)))
    for address in ("198.51.100.1", *STRANGERS):
        net.serve(address, "acme.test.", text)
    for address in ("198.51.100.2", "198.51.100.3"):
        net.serve(address, "acme.test.", EMPTY, silent)
    assert check(net) == ("undetermined", {"unknown"})


def test_a_name_server_inside_is_not_asked(net):
    net.serve("192.0.2.11", "test.", "acme NS ns1.acme\nns1.acme A 127.0.0.1\n")
    inside = net.serve("127.0.0.1", "acme.test.", RIGHT)
    assert check(net) == ("undetermined", {"unknown"})
    assert inside.asked == []


# Below a registry: a zone delegated by the domain's own servers

BELOW = RIGHT.replace(EMPTY, "")
DELEGATED = EMPTY + f"sub NS ns.sub\nns.sub A {EVIL}\n"


def to_a_zone_of_its_own(authoritative, names=("ns.sub.acme.test.",), address=EVIL):
    """A twist that says sub.acme.test is a zone elsewhere."""
    def twist(server, query, answer, transport):
        if b"sub" in [label.lower() for label in query.question[0].name.labels]:
            say(answer)
            ns = dns.rrset.from_text("sub.acme.test.", 300, "IN", "NS", *names)
            (answer.answer if authoritative else answer.authority).append(ns)
            answer.flags |= dns.flags.AA
            answer.flags ^= 0 if authoritative else dns.flags.AA
            answer.additional = [dns.rrset.from_text(name, 300, "IN", "A", address)
                                 for name in names]
        return [answer.to_wire()]
    return twist


@pytest.mark.parametrize("authoritative", [False, True])
@pytest.mark.parametrize("zone", [EMPTY, DELEGATED.replace(EVIL, "198.51.100.7")])
def test_one_server_of_two_cannot_give_a_subdomain_away(net, zone, authoritative):
    serve(net, (zone, usual), (zone, to_a_zone_of_its_own(authoritative)))
    net.serve(EVIL, "sub.acme.test.", "@ NS ns\n" + BELOW)
    net.serve("198.51.100.7", "sub.acme.test.", "@ NS ns\n")
    for _ in range(3):      # whom the walk asks first is chance
        verdict, states = check(net, "sub.acme.test")
        assert verdict != "ok" and "ok" not in states


def test_a_delegated_subdomain_is_right_where_all_agree(net):
    serve(net, (DELEGATED, usual), (DELEGATED, usual))
    net.serve(EVIL, "sub.acme.test.", "@ NS ns\n" + BELOW)
    assert check(net, "sub.acme.test") == ("ok", {"ok"})


def test_a_server_that_holds_parent_and_child_agrees_with_one_that_refers(net):
    zone = EMPTY + "sub NS ns1.acme.test.\n"
    serve(net, (zone, usual), (zone, usual))
    net.serve("198.51.100.1", "sub.acme.test.", "@ NS ns1.acme.test.\n" + BELOW)
    assert check(net, "sub.acme.test") == ("ok", {"ok"})
