# SPDX-License-Identifier: GPL-3.0-or-later
"""The common causes where asking is dear: thirteen servers, dead ones, IPv6 only, TCP."""
from world import zones
from world.samples import DMARC, SPF

from .entry import TOKENS, bad, dkim, good, zone
from .mail import INCLUDE, MANY

PLACES = (
    ("thirteen", {"operator": "thirteen"}),
    ("six", {"operator": "sixhost"}),
    ("four", {"servers": ("ns1.goodhost.net", "ns2.goodhost.net", "ns1.nsdhost.com",
                          "ns2.nsdhost.com")}),
    ("half-dead", {"servers": ("ns1.goodhost.net", "ns2.goodhost.net", "ns1.deadhost.net",
                               "ns2.deadhost.net")}),
)

CAUSES = (
    ("U201", "doubled", "the DKIM names are doubled", "com",
     zone(*dkim("{t}._domainkey.{domain}"), dkim=None)),
    ("U203", "scoreless", "the underscores are lost", "jp",
     zone(*dkim("{t}.domainkey"), dkim=None)),
    ("U301", "lacking", "one DKIM record is missing", "net", zone(dkim_3=None)),
    ("U303", "dotless", "the zone was appended to a target", "org",
     zone(dkim_1="{t1}._domainkey CNAME {t1}.{keys}.{domain}.")),
    ("U304", "textual", "the targets are TXT", "com", zone(dkim=None) + tuple(
        zones.txt(f"{token}._domainkey", f"{token}.{{keys}}") for token in TOKENS)),
    ("U602", "twice", "there are two SPF records", "jp",
     zone(spf=(zones.txt("bounce", SPF), zones.txt("bounce", "v=spf1 mx -all")))),
    ("U603", "excluding", "the include is missing", "net",
     zone(spf=zones.txt("bounce", "v=spf1 ip4:192.0.2.1 -all"))),
    ("U604", "greedy", "eleven terms ask the DNS", "org",
     zone(spf=zones.txt("bounce", f"v=spf1 {MANY} {INCLUDE} ~all"))),
    ("U801", "lawless", "there is no DMARC record", "com", zone(dmarc=None)),
    ("U803", "mistyped", "the DMARC record has commas", "jp",
     zone(dmarc=zones.txt("_dmarc", DMARC.replace(";", ",")))),
)

ENTRIES = (
    *(bad(code, f"{cause}-{place}.{tld}", f"{about} ({place})", records, **more)
      for code, cause, about, tld, records in CAUSES for place, more in PLACES),
    *(good(f"crowd-{place}.org", f"everything is right ({place})", **more)
      for place, more in PLACES),
    *(good(f"crowd-includes-{place}.org", f"ten terms ask the DNS ({place})",
           zone(spf=zones.txt("bounce", "v=spf1 " + " ".join(MANY.split(" ")[:9])
                              + f" {INCLUDE} ~all")), **more)
      for place, more in PLACES),
    bad("U103", "crowd-lame.com", "the thirteenth server refuses", zone(),
        servers=tuple(f"ns{n}.thirteen.net" for n in range(1, 13)) + ("ns.lamehost.net",)),
    bad("U103", "crowd-lame-dead.jp", "one right, two dead, one refuses", zone(), servers=(
        "ns1.goodhost.net", "ns1.deadhost.net", "ns2.deadhost.net", "ns.lamehost.net")),
    bad("U104", "crowd-lags.net", "one of five servers lags", zone(), servers=(
        "ns1.goodhost.net", "ns2.goodhost.net", "ns1.nsdhost.com", "ns2.nsdhost.com",
        "ns.laghost.net"), older={"laghost": zone(dkim_2=None)}),
)
