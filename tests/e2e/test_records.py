# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend records` writes what each tool takes: read back by the tool or its parser."""
import csv
import io
import json
import os
import re
import subprocess

import botocore.session
import botocore.validate
import dns.name
import dns.query
import dns.rdatatype
import dns.zone
import pytest
import yaml

from world import namespace, samples, servers
from world.asking import await_truth

HERE = os.path.dirname(os.path.abspath(__file__))
DOMAIN = "published.com"
SUBDOMAIN = f"news.{DOMAIN}"
HOSTILE = "say \"hi\"; c:\\dir; ${x} %{y} 'z' `w` =1 #2"
LONG_KEY = "v=DKIM1; k=rsa; p=" + samples.PUBLIC_KEYS[0]
HEAD = f"""$ORIGIN {DOMAIN}.
$TTL 3600
@ SOA ns1.goodhost.net. hostmaster.goodhost.net. 1 3600 900 604800 300
@ NS ns1.goodhost.net.
"""


def record(purpose, kind, name, value, **more):
    return {"purpose": purpose, "type": kind, "name": name, "value": value, **more}


# Every type, a key longer than a string of TXT, one name twice, the zone itself.
RECORDS = [
    *(record("dkim", "CNAME", f"{token}._domainkey.{SUBDOMAIN}", f"{token}.{samples.KEY_ZONE}")
      for token in samples.TOKENS),
    record("dkim", "TXT", f"s1._domainkey.{SUBDOMAIN}", LONG_KEY),
    record("mail_from", "MX", f"bounce.{SUBDOMAIN}", f"10 {samples.MAIL_HOST}"),
    record("spf", "TXT", f"bounce.{SUBDOMAIN}", samples.SPF),
    record("dmarc", "TXT", f"_dmarc.{DOMAIN}", samples.DMARC),
    record("ownership", "TXT", DOMAIN, HOSTILE),
    record("ownership", "TXT", DOMAIN, "second at the apex"),
]
TRUTH = {(r["name"], r["type"], r["value"].split()[-1] if r["type"] == "MX" else r["value"])
         for r in RECORDS}


@pytest.fixture(scope="module")
def published(world):
    world.zone(DOMAIN, records=())
    return world


@pytest.fixture
def write(unpend, published):
    """write(FORMAT, word...): what the program prints."""
    expect = unpend.write("expect.json", {"domain": SUBDOMAIN, "records": RECORDS})

    def run(form, *words):
        done = unpend.run("records", SUBDOMAIN, "--config", unpend.config, "--expect", expect,
                          "--as", form, *words)
        assert (done.exit_code, done.err) == (0, b""), (done.out, done.err)
        return done.text
    return run


def joined(rdata):
    return b"".join(rdata.strings).decode()


def zone_records(zone):
    """(name, type, value) of a dnspython zone, without what HEAD has."""
    found = set()
    for name, _, rdata in zone.iterate_rdatas():
        kind = dns.rdatatype.to_text(rdata.rdtype)
        owner = name.derelativize(zone.origin).to_text(omit_final_dot=True).lower()
        if kind == "TXT":
            found.add((owner, kind, joined(rdata)))
        elif kind in ("CNAME", "MX"):
            target = rdata.target if kind == "CNAME" else rdata.exchange
            absolute = target.derelativize(zone.origin)
            found.add((owner, kind, absolute.to_text(omit_final_dot=True)))
    return found


def parse_zone(text):
    return zone_records(dns.zone.from_text(HEAD + text, origin=DOMAIN + ".", relativize=False))


def from_quoted(text, escape):
    """The text of "..." "..." strings; `escape` turns the digits of \\DDD into an octet."""
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    assert " ".join(f'"{part}"' for part in strings) == text
    assert all(len(part) <= 255 + part.count("\\") for part in strings)
    return re.sub(r"\\([0-9]{3}|.)", lambda m: escape(m[1]) if len(m[1]) == 3 else m[1],
                  "".join(strings))


def octal(digits):
    return chr(int(digits, 8))


def decimal(digits):
    return chr(int(digits))


# zone files

@pytest.mark.parametrize("checker", [["named-checkzone", DOMAIN], ["nsd-checkzone", DOMAIN]])
def test_zone_is_a_zone_file(write, tmp_path, checker):
    path = tmp_path / "zone"
    path.write_text(HEAD + write("zone"))
    done = subprocess.run([namespace.find_program(checker[0]), *checker[1:], str(path)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zone_holds_what_is_expected(write):
    assert parse_zone(write("zone")) == TRUTH


def test_zone_that_is_served_is_found_right(write, unpend, published):
    lines = [line for line in write("zone").splitlines() if not line.startswith("$")]
    published.publish(DOMAIN, lines)
    try:
        done = unpend.check(SUBDOMAIN, "--json",
                            expect={"domain": SUBDOMAIN, "records": RECORDS[:3] + RECORDS[4:7]})
        assert done.json["verdict"] == "ok", done.text
    finally:
        published.publish(DOMAIN, [])


def test_cloudflare_import_proxies_nothing(write):
    text = write("cloudflare")
    assert parse_zone(text) == TRUTH
    for line in text.splitlines():
        is_alias = "\tCNAME\t" in line
        assert line.endswith("; cf_tags=cf-proxied:false") == is_alias


# tables

def test_csv_is_read_back_and_holds_no_formula(write):
    text = write("csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {(r["name"], r["type"], r["value"]) for r in rows} == TRUTH
    assert {r["priority"] for r in rows if r["type"] == "MX"} == {"10"}
    assert all(cell == "" or cell[0] not in "=+-@\t\r" for r in rows for cell in r.values())
    assert text.count("\r\n") == len(rows) + 1


def test_csv_makes_a_formula_harmless(unpend, published):
    expect = unpend.write("formula.json", {"domain": DOMAIN, "records": [
        record("ownership", "TXT", DOMAIN, "=HYPERLINK(\"http://evil.example\")")]})
    done = unpend.run("records", DOMAIN, "--config", unpend.config, "--expect", expect,
                      "--as", "csv")
    row = next(csv.DictReader(io.StringIO(done.text, newline="")))
    assert row["value"] == "'=HYPERLINK(\"http://evil.example\")"


# tools

def test_route53_takes_the_change_batch(write):
    batch = json.loads(write("route53"))
    service = botocore.session.get_session().get_service_model("route53")
    shape = service.operation_model("ChangeResourceRecordSets").input_shape
    errors = botocore.validate.ParamValidator().validate(
        {"HostedZoneId": "Z1", "ChangeBatch": batch}, shape)
    assert not errors.has_errors(), errors.generate_report()
    found, keys = set(), []
    for change in batch["Changes"]:
        sets = change["ResourceRecordSet"]
        keys.append((sets["Name"], sets["Type"]))
        assert change["Action"] == "CREATE" and sets["Name"].endswith(".")
        for value in (row["Value"] for row in sets["ResourceRecords"]):
            value = from_quoted(value, octal) if sets["Type"] == "TXT" else \
                value.split()[-1].removesuffix(".")
            found.add((sets["Name"].removesuffix("."), sets["Type"], value))
    assert found == TRUTH
    assert len(keys) == len(set(keys))      # a set is named once


def parse_hcl(text):
    """HCL as JSON, by HashiCorp's own parser."""
    folder = os.path.join(HERE, "hcl")      # tools/setup puts the parser there
    script = ('const { parse } = require("@cdktf/hcl2json"); let text = "";'
              'process.stdin.on("data", (part) => { text += part; });'
              'process.stdin.on("end", () => parse("x.tf", text)'
              '.then((json) => console.log(JSON.stringify(json))));')
    done = subprocess.run(["node", "-e", script], cwd=folder, input=text, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def resources(text, kind):
    return [rows[0] for rows in parse_hcl(text)["resource"][kind].values()]


def plain(value):
    """A template's escapes are still there in the parser's JSON."""
    return value.replace("$${", "${").replace("%%{", "%{")


def test_terraform_takes_records_for_route53(write):
    found = set()
    for row in resources(write("terraform-route53"), "aws_route53_record"):
        for value in row["records"]:
            # The provider puts the value between quotes, and ours stand between strings.
            value = from_quoted('"' + plain(value).replace('""', '" "') + '"', decimal) \
                if row["type"] == "TXT" else value.split()[-1].removesuffix(".")
            found.add((row["name"], row["type"], value))
        assert row["ttl"] == 3600 and row["zone_id"] == "${var.route53_zone_id}"
    assert found == TRUTH


def test_terraform_takes_records_for_cloudflare(write):
    found = set()
    for row in resources(write("terraform-cloudflare"), "cloudflare_dns_record"):
        value = plain(row["content"])
        value = from_quoted(value, decimal) if row["type"] == "TXT" else value
        found.add((row["name"], row["type"], value))
        assert row["proxied"] is False
        assert ("priority" in row) == (row["type"] == "MX")
    assert found == TRUTH


def test_dnscontrol_reads_the_javascript(write):
    script = write("dnscontrol")
    frame = """
const TTL = (n) => ({ ttl: n }), rows = [];
const absolute = (name) => name === "@" ? ZONE : name + "." + ZONE;
const target = (t) => { if (!t.endsWith(".")) throw new Error("no final dot"); return t; };
const CNAME = (n, t, ...m) => [n, "CNAME", target(t), m];
const MX = (n, p, t, ...m) => [n, "MX", target(t), m, p];
const TXT = (n, t, ...m) => [n, "TXT", t, m];
function D_EXTEND(zone, ...records) { globalThis.ZONE = zone;
  for (const r of records) if (Array.isArray(r)) rows.push([absolute(r[0]), r[1], r[2], r[3]]); }
"""
    done = subprocess.run(["node", "-e", frame + script + "\nconsole.log(JSON.stringify(rows))"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert all(modifiers == [{"ttl": 3600}] for *_, modifiers in rows)
    assert {(name, kind, value if kind == "TXT" else value.removesuffix("."))
            for name, kind, value, _ in rows} == TRUTH


def natural(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", name)]


def test_octodns_reads_the_yaml(write):
    zone = yaml.safe_load(write("octodns"))
    found = set()
    for name, rows in zone.items():
        for row in rows:
            assert list(row) == sorted(row)     # octoDNS insists on it
            for value in row.get("values", [row.get("value")]):
                if row["type"] == "MX":
                    assert list(value) == sorted(value) and value["preference"] == 10
                    value = value["exchange"]
                if row["type"] == "TXT":
                    assert not re.search(r"(?<!\\);", value)
                    value = value.replace("\\;", ";")
                else:
                    assert value.endswith(".")
                    value = value.removesuffix(".")
                found.add((f"{name}.{DOMAIN}".removeprefix("."), row["type"], value))
    assert found == TRUTH
    assert list(zone) == sorted(zone, key=natural)


class UpdatedBind(servers.Bind):
    """BIND that takes updates from whoever asks."""

    PORT = 5399

    def write_configuration(self):
        self.write("named.conf", f"""options {{
  directory "{self.folder}"; pid-file "{self.path('pid')}";
  session-keyfile "{self.path('session')}"; recursion no; notify no; dnssec-validation no;
  listen-on port {self.PORT} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
}};
controls {{}};
zone "{DOMAIN}" {{ type primary; file "{self.zone_file(DOMAIN)}"; allow-update {{ any; }}; }};
""")

    def transfer(self):
        return dns.zone.from_xfr(dns.query.xfr("127.0.0.1", DOMAIN + ".", port=self.PORT,
                                               timeout=5, relativize=False), relativize=False)


@pytest.fixture
def bind(tmp_path):
    server = UpdatedBind("updated", ["127.0.0.1"], str(tmp_path / "bind"))
    with open(server.zone_file(DOMAIN), "w") as file:
        file.write(HEAD)
    server.start()
    try:
        await_truth(lambda: can_transfer(server), "BIND serves the zone")
        yield server
    finally:
        server.stop()


def can_transfer(server):
    try:
        return server.transfer() is not None
    except (OSError, EOFError, dns.exception.DNSException):
        return False


def nsupdate(script):
    return subprocess.run(["nsupdate"], input=f"server 127.0.0.1 {UpdatedBind.PORT}\n{script}",
                          capture_output=True, text=True, timeout=30)


def test_nsupdate_adds_the_records_and_overwrites_none(write, bind):
    script = write("nsupdate")
    done = nsupdate(script)
    assert done.returncode == 0, done.stderr
    assert zone_records(bind.transfer()) == TRUTH
    again = nsupdate(script)
    assert again.returncode != 0
    assert zone_records(bind.transfer()) == TRUTH


# people

def test_json_is_data(write):
    document = json.loads(write("json"))
    assert document["schema"].endswith("/records/v1")
    assert (document["domain"], document["zone"]) == (SUBDOMAIN, DOMAIN)
    assert {(r["name"]["fqdn"], r["type"], r["value"]) for r in document["records"]} == TRUTH
    assert {r["name"]["relative"] for r in document["records"] if r["purpose"] == "ownership"} \
        == {"@"}


@pytest.mark.parametrize("form", ["cards", "table", "mail"])
def test_people_get_each_value_whole(write, form):
    text = write(form)
    for _, kind, value in TRUTH:
        if value != HOSTILE:        # its backslash is shown doubled
            assert value in text
    assert f"{samples.TOKENS[0]}._domainkey.news" in text


@pytest.mark.parametrize("names,shown", [("relative", "bounce.news"),
                                         ("fqdn", f"bounce.{SUBDOMAIN}"),
                                         ("auto", "bounce.news")])
def test_names_are_shown_as_asked(write, names, shown):
    assert re.search(rf"^{re.escape(shown)} +MX ", write("table", "--names", names), re.M)


def test_an_unknown_format_names_those_that_are(unpend, published):
    done = unpend.run("records", DOMAIN, "--config", unpend.config, "--dkim", "a=b.example",
                      "--as", "bind")
    assert done.exit_code == 2
    assert b"no format 'bind'" in done.err and b"octodns" in done.err


def test_a_key_that_is_not_known_is_not_written_for_a_tool(unpend, published):
    expect = unpend.write("key.json", {"domain": DOMAIN, "records": [
        record("dkim", "TXT", f"s1._domainkey.{DOMAIN}", "")]})
    words = ("records", DOMAIN, "--config", unpend.config, "--expect", expect, "--as")
    assert unpend.run(*words, "zone").exit_code == 2
    assert "public key" in unpend.run(*words, "cards").text


# unpend provider

def test_an_unknown_operator_is_told_plainly(unpend, published):
    done = unpend.run("provider", SUBDOMAIN, "--config", unpend.config)
    assert done.exit_code == 4
    assert "not known" in done.text and "ns1.goodhost.net" in done.text
    document = unpend.run("provider", SUBDOMAIN, "--config", unpend.config, "--json").json
    assert document["provider"] is None
    assert document["zone"] == DOMAIN


def test_a_known_operator_is_told_with_its_standing(unpend, published):
    hosts = ["dns01.muumuu-domain.com", "dns02.muumuu-domain.com"]
    for host, like in zip(hosts, ("ns1.goodhost.net", "ns2.goodhost.net")):
        published.alias(host, like)
    published.zone("muumuu-customer.com", records=(), servers=hosts)
    words = ("provider", "shop.muumuu-customer.com", "--config", unpend.config)
    done = unpend.run(*words)
    assert done.exit_code == 0, done.err
    for part in ("Muumuu Domain", "sourced", "unconfirmed", "k1._domainkey.shop", "サブドメイン"):
        assert part in done.text
    provider = unpend.run(*words, "--json").json["provider"]
    assert (provider["id"], provider["confidence"]) == ("muumuu", "certain")
    assert provider["panel"]["name_box"] == {"value": "relative", "standing": "sourced"}
    assert provider["panel"]["publish_s"] == {"value": 3600, "standing": "sourced"}


def test_a_domain_that_does_not_exist_is_no_provider(unpend, published):
    done = unpend.run("provider", "nobody-has-this.com", "--config", unpend.config)
    assert done.exit_code == 1 and b"no domain" in done.err
