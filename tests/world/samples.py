# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample domains, each broken in a way of its own: for tests and the demo alike.

A sample says what its owner published, in the words of a zone file with {t1} {t2} {t3} for
the DKIM tokens, {keys} for the zone that holds the keys, and {right} for everything that
the platform asked for; and what `unpend check --expect` has to say about it.
"""
import dataclasses

from . import zones

# The platform of the samples, and the keys that it publishes behind the CNAMEs.
PLATFORM = "mailer.example"
KEY_ZONE = "dkim.mailer.example"
TOKENS = ("fwzz5vjr6plkslcjkwfyiwjczcxoiyqa", "k3x2mnd74qoe5tsaurgyvbhp6wl2izjc",
          "o7ceqzpfi4mtxwydlnrsgb5vhkaju23e")
PUBLIC_KEYS = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvAmjL2fBQMybcqg0ZlIIqEH4n6bWtlGbz+Rd"
    "5kkQUicVBfUyFDZWdK/XfqUhoffue4BB/q4JryChEKacfEPChZFZtVwA0e0fp10o8+Bn5mLPSscr4Fke"
    "XJ79M9RBqMNFMnRD/mwYlKWS++/lDQr5mDHAPFJ3NyvG5mccmS01e96sSL4ncO4KCuiWapjykpwE+r7X"
    "R0mEddP0jh6Gxd6CXjAU0qf7WykaKJThl+eYWkSbsfoZRtk4t5NVXvi8rSGY4P3J5dkaBPGlfEpEg04i"
    "hMKx2BA2NHaY7mfbNfmwUi+D2RBJTD1ehT7zjSPylwYFfCgVuDW7Ta5HJzBqaKoYJwIDAQAB",
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAobQZFB6mTIhBb04K1WQ9JiyIaQFuZDvlGM3n"
    "Y1FkN/NahimXpeJ6TfaISLLt3b1hWiyfQ6Vjmcp67BgI9PmM7sQJLs3lu0/yiRdHJWQfSyxXKxLPKq1k"
    "XkgYU/skcII0qs6tWBTWivNEAkj60LCK8VGYxqrUeYluQ+QwpJS1dnCN1EKMhCgWQ9jAuuwR0vwN0JOL"
    "J3iNRUKrgxpcD14QSYRvm0pYAq6/nawVgh7mD85PpD+4Hj82cG75ePYaXaJG/J8KbaB2LAYOP3N4i9uY"
    "kiEmoOiBGYh7AfSDui8a9ifSjA4NDzegxcxd388mJdsecMA0guHINso46vUGAbhb3QIDAQAB",
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1htytbsk+v7g10fxZuJAVaXN+iAu6Ou6EvY1"
    "gsFif5wo7qS/dVuhC7CNIpEhpodf3od1KMfTR6A79DhwWMIJoenClonEyMs20ivKaEQQ1yC9cnYD7CZJ"
    "LICgKd0keUY9+We2TUn1zjtZrHZJNoYqau2v7oVnoRGHjPI7l6eSN2JFIvAq/Ug3bC8TiYbTj39ImsPp"
    "crBnBFhJSr/WAlryw1dufSzn2FkObn/yTY74JSduhdIXezqbEmTCFLsiO550trBW8FXzB+ewdJB2p2+6"
    "IRhpVL4UriEB2Mype1+uDF+KLXS4QFfyc2uXGLkdn5JNOXKEK0I7tOjuAJuqOoTUzwIDAQAB",
)

MAIL_HOST = f"feedback.{PLATFORM}"
SPF = f"v=spf1 include:spf.{PLATFORM} ~all"
DMARC = "v=DMARC1; p=reject"

DKIM_LINES = ("{t1}._domainkey CNAME {t1}.{keys}.",
              "{t2}._domainkey CNAME {t2}.{keys}.",
              "{t3}._domainkey CNAME {t3}.{keys}.")
OTHER_LINES = (f"bounce MX 10 {MAIL_HOST}.",
               zones.txt("bounce", SPF),
               zones.txt("_dmarc", DMARC))
RIGHT = DKIM_LINES + OTHER_LINES
OFFICE = ("@ MX 10 mail", "mail A 192.0.2.200", "www A 192.0.2.201")

DKIM_IDS = ("dkim-1", "dkim-2", "dkim-3")
OTHER_IDS = ("mail_from", "spf", "dmarc")


@dataclasses.dataclass(frozen=True)
class Sample:
    """A domain, its zone, and what is to be found out about it."""
    domain: str
    about: str                  # what is broken, for people
    records: tuple = RIGHT      # what is published
    operator: str = "goodhost"
    servers: tuple = ()         # host names instead of the operator's
    aliases: dict = dataclasses.field(default_factory=dict)     # host names of its own
    signed: bool = False
    ds: tuple = ()              # what the registry says of the keys, if not the truth
    older: dict = dataclasses.field(default_factory=dict)       # server key: records
    zone: str = ""              # the zone that holds it, if not the domain itself
    exists: bool = True         # whether the registry knows it
    loads: bool = True          # whether its servers could load the zone
    # What `unpend check --expect` says.
    code: str = ""              # the first finding that is no note
    exit_code: int = 0
    states: dict = dataclasses.field(default_factory=dict)      # record id: state, else ok
    words: tuple = ()           # found in the text for people

    @property
    def verdict(self):
        return {0: "ok", 1: "action_required", 3: "waiting", 4: "undetermined"}[self.exit_code]


def all_states(state):
    return dict.fromkeys(DKIM_IDS + OTHER_IDS, state)


def dkim_states(state):
    return dict.fromkeys(DKIM_IDS, state)


def below(label, lines):
    """Lines moved to a subdomain."""
    moved = []
    for line in lines:
        name, rest = line.split(" ", 1)
        moved.append(f"{label if name == '@' else name + '.' + label} {rest}")
    return tuple(moved)


SAMPLES = (
    Sample("healthy.com", "nothing: everything is right"),
    Sample("nsd.com", "nothing, on another make of server", operator="nsdhost"),
    Sample("bind.com", "nothing, on the one server that it has", operator="bindhost"),
    Sample("signed.com", "nothing, and DNSSEC is right", signed=True),
    Sample("v6only.com", "nothing; its servers have IPv6 addresses only", operator="sixhost"),
    Sample("tcp.com", "nothing; an answer is so long that it needs TCP", operator="tcphost",
           records=DKIM_LINES + OTHER_LINES[:2]
           + (zones.txt("_dmarc", DMARC + "; rua=" + ",".join(
               f"mailto:dmarc-report-number-{number}@tcp.com" for number in range(30))),)),
    Sample("glueless.com", "nothing; the names of its servers are under two other domains",
           servers=("ns1.names.jp", "ns2.names.jp")),
    Sample("vanity.com", "nothing; its servers have names within the domain itself",
           servers=("ns1.vanity.com", "ns2.vanity.com"),
           records=RIGHT + ("ns1 A 198.51.100.1", "ns1 AAAA 2001:db8:2::1",
                            "ns2 A 198.51.100.2", "ns2 AAAA 2001:db8:2::2"),
           aliases={"ns1.vanity.com": "ns1.goodhost.net", "ns2.vanity.com": "ns2.goodhost.net"}),
    Sample("mail.sub.customer.com", "nothing; a subdomain whose zone is two labels above",
           zone="customer.com", records=below("mail.sub", RIGHT)),
    Sample("halfdead.com", "one of its two servers is dead, the records are right",
           servers=("ns1.goodhost.net", "ns1.deadhost.net")),
    Sample("doubled.com", "the zone name was added twice to the DKIM names",
           records=below("doubled.com", DKIM_LINES) + OTHER_LINES,
           code="U201", exit_code=1, states=dkim_states("missing"),
           words=("doubled.com.doubled.com",)),
    Sample("missing.com", "one of the three DKIM records is missing",
           records=DKIM_LINES[:1] + DKIM_LINES[2:] + OTHER_LINES,
           code="U301", exit_code=1, states={"dkim-2": "missing"}),
    Sample("empty.jp", "nothing was published at all", records=OFFICE,
           code="U301", exit_code=1, states=all_states("missing")),
    Sample("target.com", "one DKIM record points to another place",
           records=("{t1}._domainkey CNAME {t2}.{keys}.",) + DKIM_LINES[1:] + OTHER_LINES,
           code="U207", exit_code=1, states={"dkim-1": "wrong"}),
    Sample("txtnotcname.com", "the targets were published as TXT, not as CNAME",
           records=tuple(f'{{t{n}}}._domainkey TXT "{{t{n}}}.{{keys}}"' for n in (1, 2, 3))
           + OTHER_LINES,
           code="U304", exit_code=1, states=dkim_states("wrong")),
    Sample("hostile.com", "a DKIM name carries text made to fool terminals and pages",
           records=(zones.txt("{t1}._domainkey",
                              "\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>\u202e{t1}"),)
           + DKIM_LINES[1:] + OTHER_LINES,
           code="U304", exit_code=1, states={"dkim-1": "wrong"}),
    Sample("lame.com", "one of its two servers refuses: it was never given the zone",
           servers=("ns1.goodhost.net", "ns.lamehost.net"),
           code="U103", exit_code=1, words=("ns.lamehost.net",)),
    Sample("lagging.com", "one of its two servers still serves the zone of yesterday",
           servers=("ns1.goodhost.net", "ns.laghost.net"), older={"laghost": OFFICE},
           code="U104", exit_code=1, states=all_states("wrong"), words=("ns.laghost.net",)),
    Sample("dead.com", "none of its servers answers", operator="deadhost",
           code="U904", exit_code=4, states=all_states("unknown")),
    Sample("servfail.com", "its servers answer SERVFAIL: the zone did not load there",
           operator="failhost", loads=False,
           code="U905", exit_code=4, states=all_states("unknown")),
    Sample("bogus.com", "DNSSEC is broken: the registry holds the key of an earlier operator",
           ds=("4711 13 2 8F0D3E0C3F5B1B8A4C8E9B4C5C1D7A2F6E3B9D0A1C2E4F60718293A4B5C6D7E8",),
           code="U106", exit_code=1, states=all_states("unknown")),
    Sample("doesnotexist.com", "the domain is not registered", exists=False,
           code="U101", exit_code=1, states=all_states("missing")),
)

BY_DOMAIN = {sample.domain: sample for sample in SAMPLES}


def fill(lines, tokens=TOKENS, keys=KEY_ZONE):
    """The lines with tokens and key zone put in."""
    values = dict(zip(("t1", "t2", "t3"), tokens), keys=keys)
    return [replace(line, values) for line in lines]


def replace(line, values):
    for word, value in values.items():
        line = line.replace("{" + word + "}", value)
    return line


def expectation(domain, tokens=TOKENS, keys=KEY_ZONE):
    """What the platform asked for, in unpend's own form."""
    records = [{"purpose": "dkim", "type": "CNAME", "name": f"{token}._domainkey.{domain}",
                "value": f"{token}.{keys}", "required": True} for token in tokens]
    records += [
        {"purpose": "mail_from", "type": "MX", "name": f"bounce.{domain}", "value": MAIL_HOST,
         "priority": 10, "required": True},
        {"purpose": "spf", "type": "TXT", "name": f"bounce.{domain}", "value": SPF,
         "required": True},
        {"purpose": "dmarc", "type": "TXT", "name": f"_dmarc.{domain}", "value": DMARC,
         "required": True}]
    return {"domain": domain, "records": records}


def install(world, samples=SAMPLES):
    """Put the platform and these samples into a world, best before it is entered."""
    platform = [f"{token}.dkim {zones.txt('', 'p=' + key).lstrip()}"
                for token, key in zip(TOKENS, PUBLIC_KEYS)]
    platform += ["feedback A 192.0.2.210", zones.txt("spf", "v=spf1 ip4:192.0.2.210 -all")]
    world.zone(PLATFORM, "goodhost", platform)
    world.zone("names.jp", "nsdhost", ["ns1 A 198.51.100.1", "ns2 A 198.51.100.2"])
    world.alias("ns1.names.jp", "ns1.goodhost.net")
    world.alias("ns2.names.jp", "ns2.goodhost.net")
    for sample in samples:
        install_one(world, sample)


def install_one(world, sample, tokens=TOKENS, keys=KEY_ZONE):
    """Put one sample into a world, with the tokens that its owner was given."""
    hosts = sample.servers or None
    for name, host in sample.aliases.items():
        world.alias(name, host)
    if not sample.exists:
        return
    if not sample.loads:
        world.fail(sample.domain, hosts or world.operator_hosts(sample.operator))
        return
    world.zone(sample.zone or sample.domain, sample.operator, fill(sample.records, tokens, keys),
               servers=hosts, signed=sample.signed, ds=sample.ds or None,
               older={key: fill(lines, tokens, keys) for key, lines in sample.older.items()})


def right_records(sample, tokens=TOKENS, keys=KEY_ZONE):
    """What the owner should have published."""
    prefix = sample.domain[:-len(sample.zone)].rstrip(".") if sample.zone else ""
    return fill(below(prefix, RIGHT) if prefix else RIGHT, tokens, keys)
