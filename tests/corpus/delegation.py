# SPDX-License-Identifier: GPL-3.0-or-later
"""U1xx: the domain, its delegation, its servers; and what is said when nobody answers."""
from world.samples import OFFICE

from .entry import advice, bad, unsure, zone

GOOD, NSD = ("ns1.goodhost.net", "ns2.goodhost.net"), ("ns1.nsdhost.com", "ns2.nsdhost.com")
OLD_DS = "4711 13 2 8F0D3E0C3F5B1B8A4C8E9B4C5C1D7A2F6E3B9D0A1C2E4F60718293A4B5C6D7E8"

ABSENT = tuple(bad("U101", domain, about, exists=False) for domain, about in (
    ("never-bought.com", "nobody has registered it"),
    ("never-bought.jp", "nobody has registered it, in an unsigned registry"),
    ("news.never-bought.net", "a subdomain of a domain that nobody has registered"),
    ("a.b.c.never-bought.org", "three labels below a domain that nobody has registered"),
    ("nosuch.tldofnobody", "its top level domain does not exist"),
))

LAME = (
    bad("U103", "half-refused.com", "one of two servers refuses",
        servers=("ns1.nsdhost.com", "ns.lamehost.net")),
    bad("U103", "all-refused.jp", "its only server refuses", servers=("ns.lamehost.net",)),
    bad("U103", "third-refused.net", "one of three servers refuses",
        servers=(*GOOD, "ns.lamehost.net")),
    bad("U103", "refused-and-dead.org", "one server refuses and the other is silent",
        servers=("ns1.deadhost.net", "ns.lamehost.net")),
    bad("U103", "news.refused-zone.com", "a subdomain in a zone whose second server refuses",
        zone="refused-zone.com", servers=("ns1.goodhost.net", "ns.lamehost.net")),
    bad("U103", "registry-only.jp", "the registry names a server more, which refuses",
        servers=GOOD, delegated_to=(*GOOD, "ns01.domaincontrol.com")),
    bad("U103", "not-set-up.com", "it was never set up at the operator it is delegated to",
        servers=("ns1.vainhost.net",), delegated_to=GOOD),
)

DISAGREEING = (
    bad("U104", "lags.com", "one server has the zone of yesterday",
        servers=("ns1.nsdhost.com", "ns.laghost.net"), older={"laghost": OFFICE}),
    bad("U104", "lags-one.jp", "one server lacks one DKIM record",
        servers=("ns1.goodhost.net", "ns.laghost.net"), older={"laghost": zone(dkim_2=None)}),
    bad("U104", "lags-dmarc.net", "one server lacks the DMARC record",
        servers=("ns1.goodhost.net", "ns.laghost.net"), older={"laghost": zone(dmarc=None)}),
    bad("U104", "lags-value.org", "one server has an earlier target",
        servers=("ns1.goodhost.net", "ns.laghost.net"),
        older={"laghost": zone(dkim_1="{t1}._domainkey CNAME former.example.")}),
    bad("U104", "nsd-differs.com", "the second of two operators lacks the DKIM records",
        servers=(*GOOD, *NSD), older={"nsdhost-1": zone(dkim=None), "nsdhost-2": zone(dkim=None)}),
)

# The zone names servers that the registry does not, and they have the records.
WRONG_PANEL = (
    bad("U105", "wrong-panel.com", "the records are at the new operator, the delegation is not",
        servers=(*GOOD, *NSD), older={"goodhost": OFFICE}, delegated_to=GOOD),
    bad("U105", "wrong-panel.jp", "the records are at an operator that the zone only names",
        servers=("ns.bindhost.net", *NSD), older={"bindhost": ()},
        delegated_to=("ns.bindhost.net",)),
    bad("U105", "wrong-panel-dkim.net", "the DKIM records alone are at the other operator",
        servers=(*NSD, *GOOD), older={"nsdhost-1": zone(dkim=None), "nsdhost-2": zone(dkim=None)},
        delegated_to=NSD),
)

BOGUS = (
    bad("U106", "old-ds.com", "the registry holds the key of an earlier operator", ds=(OLD_DS,)),
    bad("U106", "old-ds-signed.net", "the zone is signed with another key than the registry's",
        signed=True, ds=(OLD_DS,)),
    bad("U106", "old-ds.org", "the same in another registry", ds=(OLD_DS,), operator="nsdhost"),
    bad("U106", "signatures-over.com", "the signatures have expired", operator="nsdhost",
        signatures=("20260101000000", "20260201000000")),
    bad("U106", "signatures-early.net", "the signatures are not valid yet", operator="nsdhost",
        signatures=("20400101000000", "20400201000000")),
    bad("U106", "news.old-ds-zone.com", "a subdomain in a zone with a wrong key at the registry",
        zone="old-ds-zone.com", ds=(OLD_DS,)),
)

PARKED = (
    bad("U107", "parked.com", "it is parked at Sedo", OFFICE, operator="sedo"),
    bad("U107", "parked.jp", "it is parked at ParkingCrew, a wildcard answers for everything",
        ("* A 192.0.2.99", "@ A 192.0.2.99"), operator="parkingcrew"),
    bad("U107", "parked.net", "it is parked at Bodis", ("@ A 192.0.2.99",), operator="bodis"),
)

DIFFERING = (
    advice("U109", "differing.com", "the zone names a server that the registry does not",
           servers=(*GOOD, "ns1.nsdhost.com"), delegated_to=GOOD),
    advice("U109", "differing.jp", "the registry names a server that the zone does not",
           servers=GOOD, delegated_to=(GOOD[0], "ns1.names.jp")),
    advice("U109", "differing-move.net", "registry and zone name different operators",
           servers=(*GOOD, *NSD), delegated_to=NSD),
)

SILENT = (
    unsure("U904", "silence.com", "none of its servers answers", operator="deadhost"),
    unsure("U904", "silence.jp", "its only server does not answer",
           servers=("ns2.deadhost.net",)),
    unsure("U904", "news.silence-zone.net", "the servers of its zone do not answer",
           zone="silence-zone.net", operator="deadhost"),
    unsure("U905", "failing.com", "its servers answer SERVFAIL", operator="failhost",
           loads=False),
    unsure("U905", "failing.jp", "its only server answers SERVFAIL",
           servers=("ns2.failhost.net",), loads=False),
    unsure("U905", "failing.org", "the same in a signed registry", operator="failhost",
           loads=False),
)

# Public suffixes are nobody's to send from.
SUFFIXES = (
    bad("U953", "co.jp", "a public suffix of a registry"),
    bad("U953", "or.jp", "another", operator="nsdhost"),
    bad("U953", "ac.jp", "a third", operator="bindhost"),
    bad("U953", "tokyo.jp", "a public suffix of a region"),
)

MIXED = (
    bad("U103", "mixed-lame-doubled.com", "one server refuses and the DKIM names are doubled",
        zone("{t1}._domainkey.{domain} CNAME {t1}.{keys}.", dkim_1=None),
        servers=("ns1.goodhost.net", "ns.lamehost.net")),
    bad("U106", "mixed-bogus-missing.com", "DNSSEC is broken and a record is missing",
        zone(dkim_1=None), ds=(OLD_DS,)),
    bad("U201", "mixed-doubled-dmarc.com", "the DKIM names are doubled and there is no DMARC",
        zone(*(f"{t}._domainkey.{{domain}} CNAME {t}.{{keys}}." for t in ("{t1}", "{t2}", "{t3}")),
             dkim=None, dmarc=None)),
    bad("U201", "mixed-doubled-missing.jp", "one DKIM name is doubled, one is missing",
        zone("{t1}._domainkey.{domain} CNAME {t1}.{keys}.", dkim_1=None, dkim_2=None)),
    bad("U301", "mixed-missing-spf.net", "a DKIM record is missing and so is SPF",
        zone(dkim_3=None, spf=None)),
    bad("U302", "mixed-target-mx.org", "a target and the mail host are wrong",
        zone(dkim_1="{t1}._domainkey CNAME former.example.",
             mail_from="bounce MX 10 former.example.")),
    bad("U303", "mixed-dot-dmarc.com", "a final dot is missing and so is DMARC",
        zone(dkim_1="{t1}._domainkey CNAME {t1}.{keys}.{domain}.", dmarc=None)),
    bad("U401", "mixed-proxied-spf.com", "the DKIM records are proxied and SPF is missing",
        zone(*(f"{t}._domainkey A 104.16.0.10" for t in ("{t1}", "{t2}", "{t3}")), dkim=None,
             spf=None), operator="cloudflare"),
    bad("U203", "mixed-underscore-target.jp", "an underscore is lost, another target is wrong",
        zone("{t1}.domainkey CNAME {t1}.{keys}.", dkim_1=None,
             dkim_2="{t2}._domainkey CNAME former.example.")),
    bad("U104", "mixed-lag-and-wrong.net", "one server lags, and the new zone has a wrong target",
        zone(dkim_1="{t1}._domainkey CNAME former.example."),
        servers=("ns1.goodhost.net", "ns.laghost.net"), older={"laghost": OFFICE}),
    bad("U103", "mixed-dead-lame.jp", "one server is dead, one refuses, one is right",
        servers=("ns1.goodhost.net", "ns1.deadhost.net", "ns.lamehost.net")),
    bad("U701", "mixed-mx-dmarc.com", "the MX and the DMARC record are missing",
        zone(mail_from=None, dmarc=None)),
    bad("U301", "mixed-one-dead-missing.org", "one server is dead and a record is missing",
        zone(dkim_2=None), servers=("ns1.goodhost.net", "ns1.deadhost.net")),
    bad("U107", "mixed-parked-lame.com", "it is parked, and one server refuses", OFFICE,
        servers=("ns1.sedoparking.com", "ns.lamehost.net")),
    bad("U602", "mixed-spf-dmarc.net", "two SPF records and two DMARC records",
        zone('bounce TXT "v=spf1 mx ~all"', '_dmarc TXT "v=DMARC1; p=none"')),
)

ENTRIES = (*ABSENT, *LAME, *DISAGREEING, *WRONG_PANEL, *BOGUS, *PARKED, *DIFFERING, *SILENT,
           *SUFFIXES, *MIXED)
