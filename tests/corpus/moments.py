# SPDX-License-Identifier: GPL-3.0-or-later
"""U9xx, and what a registry, a service or time itself has to say.

`was` is what the zone holds while the public resolvers are asked first; `registered` is
the registry's RDAP answer; `options` point to the resolver that lies (tests/corpus/liar).
"""
from world import zones
from world.samples import DMARC, OFFICE

from .entry import (OWN_KEY_TEXT, advice, bad, dkim, own_key, unsure, waiting, zone)
from .keys import rsa_key
from .liar import LIAR

OLD_TARGETS = zone(dkim=None) + dkim(value="{t}.dkim.former.example.")


def registered(*statuses, since="2019-04-02T10:00:00Z", until="2031-04-02T10:00:00Z"):
    """RFC 9083, as registries answer."""
    return {"objectClassName": "domain", "status": list(statuses) or ["active"],
            "rdapConformance": ["rdap_level_0"],
            "events": [{"eventAction": "registration", "eventDate": since},
                       {"eventAction": "expiration", "eventDate": until}]}


REGISTERED = (
    bad("U102", "no-servers.com", "it is registered and has no name servers", exists=False,
        registered=registered()),
    bad("U102", "no-servers.jp", "the same in an unsigned registry, never in use", exists=False,
        registered=registered("inactive")),
    bad("U102", "news.no-servers.net", "a subdomain of a domain without name servers",
        exists=False, registered=registered("client transfer prohibited")),
    bad("U108", "on-hold.com", "the registrar holds it", exists=False,
        registered=registered("client hold")),
    bad("U108", "server-hold.jp", "the registry holds it", exists=False,
        registered=registered("server hold", "inactive")),
    bad("U108", "expired.net", "it expired and waits to be renewed or deleted", exists=False,
        registered=registered("redemption period", until="2026-09-01T00:00:00Z")),
    bad("U108", "held-late.org", "it is on hold and the registrar's servers refuse",
        servers=("ns.lamehost.net",), registered=registered("client hold")),
    bad("U954", "changed-hands.com", "it was registered anew after it had been verified",
        registered=registered(since="2026-05-01T00:00:00Z"), expect="verified"),
    bad("U954", "changed-hands.jp", "the same, and the former owner's records were left",
        registered=registered(since="2025-05-01T00:00:00Z"), expect="verified",
        operator="nsdhost"),
    bad("U954", "changed-hands.net", "the same, and a record is missing", zone(dkim_1=None),
        registered=registered(since="2026-11-01T00:00:00Z"), expect="verified"),
    bad("U105", "left-behind.com", "the records were left at the operator before the move",
        OFFICE, expect="previously_nsd", also=(("nsdhost", zone()),)),
)

OWNED = (
    bad("U951", "held.com", "another customer of the service holds it", expect="held"),
    bad("U951", "held.jp", "the same, and the records are missing", OFFICE, expect="held"),
    bad("U951", "held.net", "the same, signed", expect="held", signed=True),
    bad("U952", "no-token.com", "the token of ownership is missing", expect="token"),
    bad("U952", "other-token.jp", "another token is there",
        zone(zones.txt("_claim", "unpend-claim=other")), expect="token"),
    bad("U952", "token-at-apex.net", "the token is there in part",
        zone(zones.txt("_claim", "unpend-claim=")), expect="token"),
)

REMEMBERED = (
    waiting("U901", "just-added.com", "resolvers remember that nothing was there", was=()),
    waiting("U901", "just-added.jp", "resolvers remember that one record was missing",
            was=zone(dkim_2=None), operator="nsdhost"),
    waiting("U901", "just-added.net", "resolvers remember that there was no DMARC record",
            was=zone(dmarc=None)),
    waiting("U901", "just-added.org", "resolvers remember that nothing was there, signed",
            was=(), operator="bindhost"),
    waiting("U902", "just-changed.com", "resolvers remember earlier targets", was=OLD_TARGETS),
    waiting("U902", "just-changed.jp", "resolvers remember an earlier mail host",
            was=zone(mail_from="bounce MX 10 former.example."), operator="nsdhost"),
    waiting("U902", "just-changed.net", "resolvers remember an earlier DMARC record",
            was=zone(dmarc=zones.txt("_dmarc", "v=DMARC1; p=none"))),
    waiting("U902", "just-rotated.org", "resolvers remember an earlier key", (own_key(),),
            was=(own_key(f"v=DKIM1; k=rsa; p={rsa_key(2048)}"),), expect="own_key"),
)

RESOLVERS = (
    *(advice("U903", f"one-fails{at}.com", "one of the public resolvers answers with an error",
             options=("--dns.resolvers", f"203.0.113.53, {LIAR}"), operator=operator)
      for at, operator in enumerate(("goodhost", "nsdhost", "bindhost"), 1)),
    *(unsure("U908", domain, "the resolver that is asked makes up answers", records,
             options=("--dns.forward", LIAR))
      for domain, records in (("made-up.com", ()), ("made-up.jp", zone(dkim_1=None)),
                              ("made-up.net", OFFICE))),
)

SLOW = (
    advice("U906", "half-dead.com", "one of two servers does not answer",
           servers=("ns1.goodhost.net", "ns1.deadhost.net")),
    advice("U906", "half-dead.jp", "one of three servers does not answer",
           servers=("ns1.nsdhost.com", "ns2.nsdhost.com", "ns2.deadhost.net")),
    advice("U906", "half-dead.org", "one of two servers does not answer, signed",
           servers=("ns1.goodhost.net", "ns2.deadhost.net"), signed=True),
    *(unsure("U907", domain, f"{about} is too long for UDP and nobody listens on TCP",
             records, operator="udphost", **more)
      for domain, about, records, more in (
          ("udp-dmarc.com", "the DMARC record", zone(dmarc=zones.txt(
              "_dmarc", DMARC + "; rua=" + ",".join(f"mailto:report{at}@udp-dmarc.com"
                                                    for at in range(30)))), {}),
          ("udp-key.jp", "the key", (own_key(OWN_KEY_TEXT + "; n=" + "x" * 300),),
           {"expect": "own_key"}),
          ("udp-spf.net", "the SPF record", zone(spf=zones.txt(
              "bounce", "v=spf1 include:spf.mailer.example " + " ".join(
                  f"ip4:192.0.2.{at}" for at in range(60)) + " ~all")), {}))),
)

ENTRIES = (*REGISTERED, *OWNED, *REMEMBERED, *RESOLVERS, *SLOW)
