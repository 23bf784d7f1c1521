# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry of the corpus: a domain in the words of a zone file, and its label.

    bad("U301", "two-gone.com", "two of three DKIM records are missing",
        zone(dkim_1=None, dkim_2=None))

The label (code and exit code) is what facts/ux.md sections 3.4 and 3.5 have for that
cause, whatever the program says today. In the lines {t1} {t2} {t3} stand for the DKIM
tokens, {keys} for the zone that holds the keys, {domain} and {zone} for the names.
"""
import dataclasses
import shutil

from world import samples, zones

from . import signing

LINES = dict(zip(("dkim_1", "dkim_2", "dkim_3", "mail_from", "spf", "dmarc"), samples.RIGHT))
DKIM = ("dkim_1", "dkim_2", "dkim_3")
TOKENS = ("{t1}", "{t2}", "{t3}")

# A key of one's own, for expectations of TXT.
SELECTOR = "s2026"
OWN_KEY = samples.PUBLIC_KEYS[1]
OWN_KEY_TEXT = f"v=DKIM1; k=rsa; p={OWN_KEY}"

SES_ZONE = "dkim.amazonses.com"
SES_MAIL_HOST = "feedback-smtp.us-east-1.amazonses.com"
SES_LINES = tuple(f"{token}._domainkey CNAME {token}.{SES_ZONE}." for token in TOKENS) + (
    f"mail MX 10 {SES_MAIL_HOST}.", zones.txt("mail", "v=spf1 include:amazonses.com ~all"))

ADVICE, MISCONFIGURED, CORRECT = "advice", "misconfigured", "correct"


@dataclasses.dataclass(frozen=True)
class More:
    """One more zone that an entry needs."""
    domain: str
    records: tuple
    operator: str = "goodhost"
    servers: tuple = ()
    signed: bool = False


@dataclasses.dataclass(frozen=True)
class Entry(samples.Sample):
    """A sample with a label; `kind` is which of the three demands holds for it."""
    kind: str = CORRECT
    expect: str = "all"             # a name in EXPECTATIONS
    more: tuple = ()                # of More
    shared: bool = False            # another entry installs its zone
    delegated_to: tuple = ()        # what the registry says, if not the zone's servers
    options: tuple = ()             # of `unpend check`
    also: tuple = ()                # (operator, records): who else serves the zone, undelegated
    signatures: tuple = ()          # from and to, if not made by the server today
    was: tuple | None = None        # records while the public resolvers are asked first
    registered: dict | None = None  # what the registry's RDAP server says
    typed: str = ""                 # what the person types, if not the domain as it stands


def good(domain, about, records=samples.RIGHT, **more):
    """Everything is right: the exit code is 0 and nothing is to be done."""
    return Entry(domain, about, tuple(records), **more)


def bad(code, domain, about, records=samples.RIGHT, **more):
    """Somebody must fix it."""
    return Entry(domain, about, tuple(records), code=code, exit_code=1, kind=MISCONFIGURED, **more)


def unsure(code, domain, about, records=samples.RIGHT, **more):
    """It cannot be told what is published."""
    return Entry(domain, about, tuple(records), code=code, exit_code=4, kind=MISCONFIGURED, **more)


def waiting(code, domain, about, records=samples.RIGHT, **more):
    """Only time is missing."""
    return Entry(domain, about, tuple(records), code=code, exit_code=3, kind=MISCONFIGURED, **more)


def advice(code, domain, about, records=samples.RIGHT, **more):
    """It works; the first note says what might be better."""
    return Entry(domain, about, tuple(records), code=code, kind=ADVICE, **more)


def zone(*extra, **changes):
    """The right lines with some replaced, by id (`dkim` is all three), or left out (None);
    a tuple puts several in its place; and extra lines."""
    lines = dict(LINES)
    for key, line in changes.items():
        for each in DKIM if key == "dkim" else (key,):
            assert each in lines, each
            lines[each] = line
    kept = []
    for line in lines.values():
        kept += line if isinstance(line, tuple) else [line] if line else []
    return tuple(kept) + extra


def dkim(name="{t}._domainkey", kind="CNAME", value="{t}.{keys}."):
    """The three DKIM lines with another name, type or value; {t} is the line's token."""
    return tuple(f"{name} {kind} {value}".replace("{t}", token) for token in TOKENS)


def own_key(text=OWN_KEY_TEXT, name=f"{SELECTOR}._domainkey"):
    """A TXT line, cut into strings of 255 octets as publishing asks for."""
    return zones.txt(name, text)


def expect_all(domain):
    return samples.expectation(domain)


def keep(*purposes):
    def expect(domain):
        document = samples.expectation(domain)
        return {"domain": domain, "records": [record for record in document["records"]
                                              if record["purpose"] in purposes]}
    return expect


def expect_own_key(domain, text=OWN_KEY_TEXT):
    return {"domain": domain, "records": [
        {"purpose": "dkim", "type": "TXT", "name": f"{SELECTOR}._domainkey.{domain}",
         "value": text, "required": True}]}


def expect_weak_key(domain):
    from .keys import rsa_key
    return expect_own_key(domain, f"v=DKIM1; k=rsa; p={rsa_key(512)}")


def aws_document(domain, **dkim_attributes):
    return {"IdentityType": "DOMAIN", "VerifiedForSendingStatus": False,
            "VerificationStatus": "PENDING",
            "DkimAttributes": {"SigningEnabled": True, "Status": "PENDING", **dkim_attributes},
            "MailFromAttributes": {"MailFromDomain": f"mail.{domain}",
                                   "MailFromDomainStatus": "PENDING",
                                   "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
            "Policies": {}, "Tags": [], "FeedbackForwardingStatus": True}


def expect_aws(domain):
    return aws_document(domain, Tokens=list(samples.TOKENS), SigningAttributesOrigin="AWS_SES",
                        SigningHostedZone=SES_ZONE)


def expect_aws_own_key(domain):
    document = aws_document(domain, Tokens=[SELECTOR], SigningAttributesOrigin="EXTERNAL")
    del document["MailFromAttributes"]
    return document


def with_required(domain, required, **values):
    """The usual expectation with other values by purpose; what is not named is not required."""
    document = samples.expectation(domain)
    for record in document["records"]:
        record["required"] = record["purpose"] in required
        record["value"] = values.get(record["purpose"], record["value"])
    return document


def keys_in(key_zone):
    """The three aliases alone, into another zone."""
    return lambda domain: {"domain": domain, "records":
                           samples.expectation(domain, keys=key_zone)["records"][:3]}


def expect_more(**members):
    return lambda domain: {**samples.expectation(domain), **members}


def expect_token(domain):
    document = samples.expectation(domain)
    document["records"].append({"purpose": "ownership", "type": "TXT", "name": f"_claim.{domain}",
                                "value": "unpend-claim=5b3c9a", "required": True})
    return document


EXPECTATIONS = {
    "verified": expect_more(registered_at=1554199200),     # in 2019
    "previously_nsd": expect_more(previous_name_servers=["ns1.nsdhost.com", "ns2.nsdhost.com"]),
    "held": expect_more(held_elsewhere=True),
    "token": expect_token,
    "keys_chained": keys_in("chain.mailer.example"),
    "keys_chained2": keys_in("chain2.mailer.example"),
    "keys_gone": keys_in("gone.mailer.example"),
    "keys_vanished": keys_in("dkim.vanished.example"),
    "keys_empty": keys_in("empty.mailer.example"),
    "keys_addressed": keys_in("addressed.mailer.example"),
    "keys_weak": keys_in("weak.mailer.example"),
    "keys_revoked": keys_in("revoked.mailer.example"),
    "all": expect_all,
    "dkim": keep("dkim"),
    "mail_from": keep("mail_from", "spf"),
    "spf": keep("spf"),
    "dmarc": keep("dmarc"),
    "dmarc_absent": keep("dkim", "mail_from", "spf"),
    "unsigned": keep("mail_from", "spf", "dmarc"),
    "own_key": expect_own_key,
    "weak_key": expect_weak_key,
    "aws": expect_aws,
    "aws_own_key": expect_aws_own_key,
    "dmarc_none": lambda domain: with_required(
        domain, ("dkim", "mail_from", "spf", "dmarc"), dmarc="v=DMARC1; p=none"),
    "dmarc_quarantine": lambda domain: with_required(
        domain, ("dkim", "mail_from", "spf", "dmarc"), dmarc="v=DMARC1; p=quarantine"),
    "dmarc_optional": lambda domain: with_required(domain, ("dkim", "mail_from", "spf")),
    "nothing": lambda domain: None,
}


def expectation(entry):
    """What `unpend check --expect` is given, or None."""
    return EXPECTATIONS[entry.expect](entry.domain)


def fill(entry, lines):
    values = {"domain": entry.domain, "zone": entry.zone or entry.domain}
    return tuple(samples.replace(line, values) for line in lines)


def install(world, entry):
    """Put the entry's zones into a world that has not been entered yet."""
    for extra in entry.more:
        world.zone(extra.domain, extra.operator, samples.fill(fill(entry, extra.records)),
                   servers=extra.servers or None, signed=extra.signed)
    if entry.shared:
        return
    records = entry.records if entry.was is None else entry.was
    filled = dataclasses.replace(
        entry, records=fill(entry, records),
        older={key: fill(entry, lines) for key, lines in entry.older.items()})
    samples.install_one(world, filled)
    if entry.signatures:
        sign(world, entry)
    for operator, lines in entry.also:
        put_undelegated(world, entry, operator, samples.fill(fill(entry, lines)))
    if entry.delegated_to and entry.exists:
        world.delegate(entry.zone or entry.domain, list(entry.delegated_to), entry.ds)


def put_undelegated(world, entry, operator, records):
    """The zone at an operator that neither the registry nor the zone itself names."""
    hosts = world.operator_hosts(operator)
    text = zones.write_zone(entry.domain, hosts, zones.FIRST_SERIAL, records)
    for key in dict.fromkeys(world.hosts[host].server for host in hosts):
        world.servers[key].put_zone(entry.domain, text, zones.FIRST_SERIAL)


def final_records(entry):
    """What is published in the end, where the zone held something else at first."""
    return samples.fill(fill(entry, entry.records))


def sign(world, entry):
    """One server of the operator signs beforehand, the others have the same file."""
    hosts = world.operator_hosts(entry.operator)
    files = [world.servers[key].zone_file(entry.domain)
             for key in dict.fromkeys(world.hosts[host].server for host in hosts)]
    ds = signing.sign(entry.domain, files[0], *entry.signatures)
    for path in files[1:]:
        shutil.copy(files[0], path)
    world.delegate(entry.domain, list(hosts), ds)
