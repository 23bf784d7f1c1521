# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend check` says in one shot what is wrong with each sample domain."""
import json
import os
import pty
import re
import select
import subprocess
import time

import pytest

from product import BINARY
from world import plan, samples

ALL = [pytest.param(sample, id=sample.domain) for sample in samples.SAMPLES]
CODES = ["U101", "U103", "U104", "U201", "U301", "U302", "U304", "U904", "U905"]
NO_VALIDATOR = ("--dns.trust_anchor", "")
NO_RESOLVERS = ("--dns.resolvers", "")
# Whatever came from the network has no control character left in it.
UNPRINTABLE = re.compile(r"[^\x20-\x7e\n\u00a0-\u200a\u2010-\u2027\u2030-\u205f\u2190-\u2bff]")


def first_code(report):
    """The code of the first finding that is not a mere note."""
    codes = [f["code"] for f in report["findings"] if f["severity"] != "note"]
    return codes[0] if codes else ""


def states(report):
    return {record["id"]: record["state"] for record in report["records"]}


def expected_states(sample, report):
    """dkim-1 ... mail_from: ids may be numbered where there is one of a kind only."""
    wanted = dict.fromkeys(states(report), "ok")
    for name, state in sample.states.items():
        wanted.update({key: state for key in wanted if key.startswith(name)})
    return wanted


@pytest.mark.parametrize("sample", ALL)
def test_each_sample_gets_its_verdict(unpend, sample):
    done = unpend.check(sample.domain, "--json")
    assert done.err == b""
    report = done.json
    assert first_code(report) == sample.code, done.text
    assert (done.exit_code, report["verdict"], report["exit_code"]) == \
        (sample.exit_code, sample.verdict, sample.exit_code), done.text
    assert states(report) == expected_states(sample, report), done.text
    assert len(report["records"]) == 6


@pytest.mark.parametrize("sample", ALL)
def test_each_sample_is_told_to_people(unpend, sample):
    done = unpend.check(sample.domain)
    assert done.exit_code == sample.exit_code, done.text
    assert done.text.startswith(sample.domain)
    for word in (sample.code, *sample.words):
        assert word in done.text
    assert not UNPRINTABLE.search(done.text), done.out
    assert max(len(line) for line in done.text.splitlines()) <= 120


@pytest.mark.parametrize("sample", ALL)
def test_judge_repeats_the_report_byte_for_byte(unpend, sample):
    saved = os.path.join(unpend.folder, "seen.json")
    for style in ((), ("--json",)):
        checked = unpend.check(sample.domain, "--save", saved, *style)
        judged = unpend.run("judge", saved, *style)
        assert (judged.out, judged.exit_code) == (checked.out, checked.exit_code)


def test_a_fix_names_what_to_type(unpend):
    report = unpend.check("doubled.com", "--json").json
    finding = report["findings"][0]
    assert finding["code"] == "U201"
    assert len(finding["records"]) == 3
    renamed = {(fix["from"], fix["to"]) for fix in finding["fix"] if fix["action"] == "rename"}
    assert len(renamed) == 3
    assert all(to == f"{token}._domainkey" or to == f"{token}._domainkey.doubled.com"
               for (_, to), token in zip(sorted(renamed, key=lambda pair: pair[1]),
                                         sorted(samples.TOKENS)))


def test_only_what_is_missing_is_named(unpend):
    finding = unpend.check("missing.com", "--json").json["findings"][0]
    assert (finding["code"], finding["records"]) == ("U301", ["dkim-2"])


def test_the_lagging_server_is_named(unpend):
    done = unpend.check("lagging.com")
    assert "ns.laghost.net" in done.text


def test_a_domain_that_becomes_right_is_ok_at_the_next_check(unpend, world):
    sample = samples.BY_DOMAIN["txtnotcname.com"]
    before = unpend.check(sample.domain)
    world.publish(sample.domain, samples.right_records(sample))
    after = unpend.check(sample.domain)
    world.publish(sample.domain, samples.fill(sample.records))
    assert (before.exit_code, after.exit_code) == (1, 0), after.text


# what a check costs


def look(unpend, world, domain):
    """The questions of one cold check, and its observation."""
    saved = os.path.join(unpend.folder, "seen.json")
    mark = world.mark()
    done = unpend.check(domain, "--save", saved, *NO_VALIDATOR, *NO_RESOLVERS)
    assert done.exit_code == 0
    with open(saved) as file:
        return [(q.address, q.name, q.type) for q in world.questions(mark)], \
            json.load(file)["observation"]


def test_a_healthy_domain_costs_few_round_trips_and_no_question_twice(unpend, world):
    # Where the machine is so busy that a server is late, a question is rightly sent again:
    # what a check costs is what the cheapest of three does.
    asked, seen = min((look(unpend, world, "nsd.com") for _ in range(3)),
                      key=lambda one: len(one[0]))
    of_domain = [row for row in asked if row[1].endswith("nsd.com.")]
    assert len(of_domain) == len(set(of_domain)), sorted(of_domain)
    # to the records: root, registry, zone; meanwhile to the keys, whose zone has servers
    # with names elsewhere: root, registry, root, registry, zone
    assert seen["round_trips"] == 5
    assert seen["queries"] == len(asked)
    servers = [address for host in plan.OPERATORS["nsdhost"].hosts
               for address in plan.HOSTS[host].addresses]
    at_servers = [row for row in asked if row[0] in servers]
    # three CNAME, MX, two TXT at each address once, NS and SOA of the zone at each server;
    # at one of them TXT beside each CNAME, and a name that nobody has made
    assert len(at_servers) == 6 * len(servers) + 2 * len(plan.OPERATORS["nsdhost"].hosts) + 4
    # the ways to both zones, and the three keys
    assert len(asked) - len(at_servers) == 2 + 4 + 3


def test_public_resolvers_are_asked_only_when_the_authorities_are_right(unpend, world):
    resolvers = {pair[0] for pair in plan.RESOLVERS.values()}
    asked = {}
    for domain in ("nsd.com", "missing.com", "dead.com"):
        mark = world.mark()
        unpend.check(domain, *NO_VALIDATOR)
        asked[domain] = {q.address for q in world.questions(mark)} & resolvers
    assert asked == {"nsd.com": resolvers, "missing.com": set(), "dead.com": set()}


def test_a_truncated_answer_is_asked_again_over_tcp_and_nothing_else_is(unpend, world):
    mark = world.mark()
    assert unpend.check("tcp.com", *NO_VALIDATOR).exit_code == 0
    over_tcp = {(q.name, q.type) for q in world.questions(mark) if q.transport == "tcp"}
    assert over_tcp == {("_dmarc.tcp.com.", "TXT")}


def test_every_server_of_the_zone_is_asked_for_every_record(unpend, world):
    mark = world.mark()
    unpend.check("nsd.com", *NO_VALIDATOR)
    wanted = [(record["name"] + ".", record["type"])
              for record in samples.expectation("nsd.com")["records"]]
    for host in plan.OPERATORS["nsdhost"].hosts:
        asked = {(q.name, q.type) for q in world.questions(mark)
                 if q.address in plan.HOSTS[host].addresses}
        assert asked >= set(wanted), host


def test_ids_ports_and_the_case_of_names_are_unpredictable(unpend, world):
    mark = world.mark()
    unpend.check("nsd.com", *NO_VALIDATOR)
    asked = [q for q in world.questions(mark) if q.transport == "udp"]
    assert len({q.id for q in asked}) > len(asked) * 0.9
    assert len({q.source_port for q in asked}) > len(asked) * 0.5
    assert len({q.raw_name for q in asked if q.name == "_dmarc.nsd.com."}) > 1
    assert any(q.raw_name not in (q.name, q.name.upper()) for q in asked)


def test_silence_is_given_up_in_time_and_partial_results_are_told(unpend):
    done = unpend.check("dead.com")
    assert done.exit_code == 4
    assert done.elapsed_s < 10
    done = unpend.check("halfdead.com")
    assert done.exit_code == 0
    assert done.elapsed_s < 10


def test_the_first_output_on_a_terminal_comes_within_a_tenth_of_a_second(unpend):
    expect = unpend.write("expect.json", samples.expectation("dead.com"))
    command = [BINARY, "check", "dead.com", "--config", unpend.config, "--expect", expect]
    assert min(time_first_output(command) for _ in range(3)) < 0.1


def time_first_output(command):
    terminal, side = pty.openpty()
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=side, stdout=side, stderr=side)
    os.close(side)
    ready, _, _ = select.select([terminal], [], [], 5)
    elapsed = time.monotonic() - started
    process.kill()
    process.wait()
    os.close(terminal)
    assert ready
    return elapsed


# addresses that must not be asked


def test_addresses_that_are_not_allowed_are_not_asked(unpend, world):
    config = world.config(os.path.join(unpend.folder, "guarded.conf"),
                          dns={"allow_addresses": "192.0.2.0/24, 2001:db8:1::/48"})
    expect = unpend.write("expect.json", samples.expectation("nsd.com"))
    mark = world.mark()
    done = unpend.run("check", "nsd.com", "--config", config, "--expect", expect, *NO_VALIDATOR)
    assert done.exit_code == 4, done.text
    assert all(q.address.startswith(("192.0.2.", "2001:db8:1:")) for q in world.questions(mark))


@pytest.mark.parametrize("operator,code", [("deadhost", "U904"), ("nsdhost", "U905")])
def test_where_no_root_server_is_of_use_the_network_is_named(unpend, operator, code):
    hints = unpend.write("useless.hints", "".join(
        f". 3600 NS {host}.\n{host}. 3600 A {plan.HOSTS[host].ipv4}\n"
        for host in plan.OPERATORS[operator].hosts))
    done = unpend.check("healthy.com", "--dns.root_hints", hints, *NO_VALIDATOR)
    assert done.exit_code == 4, done.text
    assert f"unsure[{code}]: this machine cannot ask the DNS directly" in done.text
    assert "--dns.forward" in done.text


# one cache instead of the authorities


def test_forward_asks_that_cache_only_and_says_so(unpend, world):
    mark = world.mark()
    done = unpend.check("healthy.com", "--dns.forward", "203.0.113.53")
    assert done.exit_code == 0, done.text
    assert "cache" in done.text
    assert {q.address for q in world.questions(mark)} == {"203.0.113.53"}


@pytest.mark.parametrize("domain,code", [("missing.com", "U301"), ("target.com", "U207"),
                                         ("doubled.com", "U201"), ("doesnotexist.com", "U101")])
def test_forward_finds_what_is_wrong(unpend, domain, code):
    done = unpend.check(domain, "--json", "--dns.forward", "203.0.113.53@53")
    assert (done.exit_code, first_code(done.json)) == (1, code), done.text


def test_forward_comes_from_file_and_environment_too(unpend, world):
    config = world.config(os.path.join(unpend.folder, "forward.conf"),
                          dns={"forward": "203.0.113.54"})
    expect = unpend.write("expect.json", samples.expectation("healthy.com"))
    mark = world.mark()
    assert unpend.run("check", "healthy.com", "--config", config, "--expect", expect) \
        .exit_code == 0
    assert unpend.check("healthy.com", environment={"UNPEND_DNS_FORWARD": "203.0.113.55"}) \
        .exit_code == 0
    assert {q.address for q in world.questions(mark)} == {"203.0.113.54", "203.0.113.55"}


# what is expected, and from where


def aws_identity(domain, **changes):
    """As `aws sesv2 get-email-identity` of Debian's AWS CLI prints it."""
    return {
        "IdentityType": "DOMAIN", "FeedbackForwardingStatus": True,
        "VerifiedForSendingStatus": False,
        "DkimAttributes": {
            "SigningEnabled": True, "Status": "PENDING", "Tokens": list(samples.TOKENS),
            "SigningAttributesOrigin": "AWS_SES", "NextSigningKeyLength": "RSA_2048_BIT",
            "CurrentSigningKeyLength": "RSA_2048_BIT",
            "LastKeyGenerationTimestamp": "2026-11-20T08:15:43.083000+00:00", **changes},
        "MailFromAttributes": {
            "MailFromDomain": f"bounce.{domain}", "MailFromDomainStatus": "PENDING",
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
        "Policies": {}, "Tags": [],
    }


def publish_for_aws(world, domain, keys):
    """The records of aws_identity() in eu-west-1, and Amazon's side of them."""
    if "amazonses.com" not in world.zones:
        world.zone("amazonses.com", "nsdhost", [
            line for token, key in zip(samples.TOKENS, samples.PUBLIC_KEYS)
            for line in (samples.zones.txt(f"{token}.dkim", "p=" + key),
                         samples.zones.txt(f"{token}.dkim.ap-northeast-3", "p=" + key))]
            + ["feedback-smtp.eu-west-1 A 192.0.2.211",
               "feedback-smtp.ap-northeast-3 A 192.0.2.211", '@ TXT "v=spf1 -all"'])
    region = "ap-northeast-3" if "north" in keys else "eu-west-1"
    world.zone(domain, "goodhost", samples.fill(samples.DKIM_LINES, keys=keys) + [
        f"bounce MX 10 feedback-smtp.{region}.amazonses.com.",
        'bounce TXT "v=spf1 include:amazonses.com ~all"'])


def test_the_json_of_the_aws_cli_is_understood(unpend, world):
    publish_for_aws(world, "onamazon.com", "dkim.amazonses.com")
    done = unpend.check("onamazon.com", "--json", "--ses.region", "eu-west-1",
                        expect=aws_identity("onamazon.com"))
    assert done.exit_code == 0, done.text
    assert {(r["purpose"], r["type"]) for r in done.json["records"]} >= \
        {("dkim", "CNAME"), ("mail_from", "MX")}


def test_a_region_with_a_zone_of_its_own_is_known(unpend, world):
    publish_for_aws(world, "osakaya.jp", "dkim.ap-northeast-3.amazonses.com")
    done = unpend.check("osakaya.jp", "--json", "--ses.region", "ap-northeast-3",
                        expect=aws_identity("osakaya.jp"))
    assert done.exit_code == 0, done.text
    hosted = aws_identity("osakaya.jp", SigningHostedZone="dkim.ap-northeast-3.amazonses.com")
    hosted["MailFromAttributes"] = {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    assert unpend.check("osakaya.jp", expect=hosted).exit_code == 0


def test_what_aws_expects_and_is_wrong_is_found(unpend, world):
    publish_for_aws(world, "wrongzone.com", "dkim.ap-northeast-3.amazonses.com")
    done = unpend.check("wrongzone.com", "--json", "--ses.region", "eu-west-1",
                        expect=aws_identity("wrongzone.com"))
    assert (done.exit_code, first_code(done.json)) == (1, "U307"), done.text


def test_the_expectation_is_read_from_standard_input(unpend):
    done = unpend.run("check", "healthy.com", "--config", unpend.config, "--expect", "-",
                      stdin=json.dumps(samples.expectation("healthy.com")).encode())
    assert done.exit_code == 0, done.text


def test_tokens_are_taken_from_the_command_line(unpend):
    tokens = [word for token in samples.TOKENS for word in ("--dkim", token)]
    for domain, exit_code in (("healthy.com", 0), ("missing.com", 1)):
        done = unpend.check(domain, *tokens, "--keys.zone", samples.KEY_ZONE, "--json",
                            expect=False)
        assert done.exit_code == exit_code, done.text
        assert [r["type"] for r in done.json["records"]] == ["CNAME"] * 3


def test_without_expectation_the_mail_records_are_found(unpend):
    done = unpend.check("healthy.com", "--json", expect=False)
    assert done.exit_code == 0, done.text
    found = {r["purpose"] for r in done.json["records"] if r["state"] == "found"}
    assert "dmarc" in found
    done = unpend.check("doesnotexist.com", "--json", expect=False)
    assert (done.exit_code, first_code(done.json)) == (1, "U101"), done.text


def test_what_is_not_required_does_not_decide(unpend):
    expect = samples.expectation("missing.com")
    for record in expect["records"]:
        record["required"] = record["name"].split(".")[0] != samples.TOKENS[1]
    assert unpend.check("missing.com", expect=expect).exit_code == 0


def test_names_are_compared_by_meaning(unpend):
    expect = samples.expectation("healthy.com")
    for record in expect["records"]:
        record["name"] = record["name"].upper() + "."
        if record["type"] in ("CNAME", "MX"):
            record["value"] = record["value"].upper() + "."
    done = unpend.check("HEALTHY.com.", expect=dict(expect, domain="Healthy.COM"))
    assert done.exit_code == 0, done.text


# how it is called


@pytest.mark.parametrize("words", [
    ("check",), ("check", "healthy.com", "--no-such"), ("check", "healthy.com", "--expect"),
    ("check", "healthy.com", "--expect", "/nonexistent/file"), ("check", "-.com"),
    ("check", "healthy..com"), ("check", "a" * 64 + ".com"), ("check", "healthy.com", "more.com"),
    ("check", "healthy.com", "--dns.rot_hints", "x"), ("judge",), ("judge", "/nonexistent"),
    ("explain",), ("explain", "U000"), ("nosuchcommand",),
], ids=" ".join)
def test_wrong_usage_exits_with_two_and_one_line(unpend, words):
    done = unpend.run(*words)
    assert done.exit_code == 2
    assert done.out == b""
    assert done.err.decode().startswith("unpend")


@pytest.mark.parametrize("words,said", [
    (("healthy.com", "more.com", "--dkim", "c"), "'more.com' is one word too many"),
    (("healthy.com", "--expect", "-"), "'-' is empty: did the command in front of the pipe fail?"),
    (("healthy.com", "--dkim", "a..b"), "DKIM token 'a..b': name 'a..b"),
    (("healthy.com", "--exect", "x"), "nearest is '--expect'"),
    (("healthy.com", "--exect", "x"), "unpend help check"),
], ids=str)
def test_what_is_wrong_with_the_words_is_said(unpend, words, said):
    done = unpend.run("check", *words)
    assert (done.exit_code, done.out) == (2, b"")
    assert said in done.err.decode()


def test_the_nearest_command_is_named(unpend):
    assert "nearest is 'check'" in unpend.run("chekc", "healthy.com").err.decode()


@pytest.mark.parametrize("command", ["check", "judge", "explain", "serve", "tenant"])
def test_help_on_a_command_has_an_example_and_the_exit_codes(unpend, command):
    done = unpend.run("help", command)
    assert done.exit_code == 0
    assert f"usage: unpend {command}" in done.text
    assert "Example" in done.text and "Exit code" in done.text
    assert max(len(line) for line in done.text.splitlines()) <= 100


def test_words_behind_a_token_are_tokens(unpend):
    done = unpend.check("healthy.com", "--dkim", *samples.TOKENS, "--keys.zone",
                        samples.KEY_ZONE, "--json", expect=False)
    assert (done.exit_code, len(done.json["records"])) == (0, 3), done.text


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"domain": "other.com", "records": []}',
                                  '{"domain": "healthy.com", "records": [{"purpose": "dkim"}]}',
                                  '{"domain": "healthy.com", "records": 5}'])
def test_an_expectation_that_is_none_is_wrong_usage(unpend, text):
    done = unpend.check("healthy.com", "--expect", unpend.write("bad.json", text), expect=False)
    assert (done.exit_code, done.out) == (2, b"")


def test_an_unknown_key_is_named_with_file_line_and_neighbour(unpend):
    config = unpend.write("typo.conf", "[dns]\n\nroot_hint = /x\n")
    done = unpend.run("check", "healthy.com", "--config", config)
    assert done.exit_code == 2
    message = done.err.decode()
    assert "typo.conf" in message and "3" in message and "root_hints" in message


def test_what_the_list_names_is_explained(unpend):
    listed = re.findall(r"^(U\d+)", unpend.run("explain", "--list").out.decode(), re.M)
    assert set(CODES) < set(listed)
    for code in listed:
        assert unpend.run("explain", code).out.decode().startswith(code)


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_explained(unpend, code):
    done = unpend.run("explain", code)
    assert (done.exit_code, done.err) == (0, b"")
    assert done.text.startswith(code)
    assert len(done.text) > 300


def test_a_reader_that_goes_away_is_no_trouble(unpend):
    expect = unpend.write("expect.json", samples.expectation("healthy.com"))
    process = subprocess.Popen([BINARY, "check", "healthy.com", "--config", unpend.config,
                                "--expect", expect], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(20) >= 0


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("elsewhere", path)],
                         ids=["fifo", "link"])
def test_what_is_no_file_is_not_replaced_by_an_observation(unpend, tmp_path, make):
    path = str(tmp_path / "seen.json")
    make(path)
    before = os.lstat(path)
    done = unpend.check("healthy.com", "--save", path)
    assert (done.exit_code, done.out) == (2, b"") and b"is not replaced" in done.err
    after = os.lstat(path)
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert not [name for name in os.listdir(tmp_path) if name.startswith("seen.json.")]
