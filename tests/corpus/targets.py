# SPDX-License-Identifier: GPL-3.0-or-later
"""U3xx and U4xx: a DKIM name that leads nowhere, elsewhere, or into a proxy."""
from world import zones
from world.samples import OFFICE, PUBLIC_KEYS, RIGHT, below

from .entry import More, bad, advice, dkim, zone, own_key, TOKENS
from .names import rows

FORMER = "a3fkx6ovvvrpgizq52w6bkmpk7fdf5ug"       # a token that nobody was given


def chain(links, end, label="link"):
    """CNAMEs from the first name on, `links` of them, to `end`."""
    return tuple(f"{label}{at} CNAME {f'{label}{at + 1}' if at < links else end}"
                 for at in range(1, links + 1))


MISSING = (
    ("first-gone.com", "the first DKIM record is missing", zone(dkim_1=None), {}),
    ("two-gone.jp", "two of three DKIM records are missing", zone(dkim_1=None, dkim_3=None),
     {"operator": "nsdhost"}),
    ("no-dkim.net", "no DKIM record was published", zone(dkim=None), {"operator": "bindhost"}),
    ("nothing.org", "nothing was published", OFFICE, {"signed": True}),
    ("news.nothing-here.com", "nothing was published for a subdomain", OFFICE,
     {"zone": "nothing-here.com"}),
    ("own-key-gone.com", "the key of one's own is missing", OFFICE, {"expect": "own_key"}),
    ("empty-zone.jp", "the zone holds nothing but itself", (), {"operator": "sixhost"}),
    ("doubled-and-old.com", "former targets stand at the doubled DKIM names",
     zone(*dkim("{t}._domainkey.{domain}", value="{t}.dkim.otherhost.net."), dkim=None), {}),
    ("wild-and-gone.net", "a wildcard answers at every name but the missing ones",
     zone("* CNAME parked.otherhost.net.", dkim_2=None), {}),
)

DIFFERENT = (
    ("other-platform.com", "the DKIM names lead to another platform",
     zone(dkim=None) + dkim(value="{t}.dkim.otherhost.net."), {}),
    ("shortened.jp", "a label is missing from a target",
     zone(dkim_2="{t2}._domainkey CNAME {t2}.mailer.example."), {}),
    ("typo.com", "a letter of a target is wrong",
     zone(dkim_3="{t3}._domainkey CNAME {t3}.dkim.mailler.example."), {}),
    ("to-website.org", "the DKIM names lead to the website",
     zone("www A 192.0.2.201", dkim=None) + dkim(value="www"), {}),
)

APPENDED = (
    ("no-dot.com", "the zone was appended to the targets",
     zone(dkim=None) + dkim(value="{t}.{keys}.{domain}."), {"operator": "networksolutions"}),
    ("one-no-dot.jp", "the zone was appended to one target",
     zone(dkim_2="{t2}._domainkey CNAME {t2}.{keys}.{domain}."), {"operator": "sakura"}),
    ("news.no-dot.net", "the zone of a subdomain was appended to the targets",
     below("news", zone(dkim=None)) + dkim("{t}._domainkey.news", value="{t}.{keys}.{zone}."),
     {"zone": "no-dot.net"}),
    ("mx-no-dot.com", "the zone was appended to the mail host",
     zone(mail_from="bounce MX 10 feedback.mailer.example.{domain}."), {}),
)

AS_TEXT = (
    ("text.com", "the targets were published as TXT", zone(dkim=None) + tuple(
        zones.txt(f"{token}._domainkey", f"{token}.{{keys}}") for token in TOKENS), {}),
    ("text-dot.jp", "a target was published as TXT with its final dot",
     zone(dkim_1=zones.txt("{t1}._domainkey", "{t1}.{keys}.")), {}),
    ("text-line.net", "the whole line was published as TXT",
     zone(dkim_2=zones.txt("{t2}._domainkey", "{t2}._domainkey.{domain} CNAME {t2}.{keys}")), {}),
    ("text-key.org", "a key was published as TXT where an alias is wanted",
     zone(dkim_3=own_key(name="{t3}._domainkey")), {}),
)

BESIDE = (
    ("beside-text.com", "a TXT stands beside a DKIM alias",
     zone(zones.txt("{t1}._domainkey", "left from a test")), {}),
    ("beside-key.jp", "a key stands beside each DKIM alias",
     RIGHT + tuple(own_key(name=f"{token}._domainkey") for token in TOKENS), {}),
    ("beside-address.net", "an address stands beside a DKIM alias",
     zone("{t2}._domainkey A 192.0.2.201"), {}),
)

LOOPS = (
    ("loop.com", "a DKIM name leads to itself by way of another",
     zone("back CNAME {t1}._domainkey", dkim_1="{t1}._domainkey CNAME back"), {}),
    ("selfloop.jp", "a DKIM name leads to itself",
     zone(dkim_2="{t2}._domainkey CNAME {t2}._domainkey"), {}),
    ("long-chain.net", "a DKIM name leads to its key over twenty aliases",
     zone(*chain(20, "{t1}.{keys}."), dkim_1="{t1}._domainkey CNAME link1"), {}),
    ("loop-away.org", "a DKIM name leads into a loop in another zone",
     zone(dkim_3="{t3}._domainkey CNAME one.rounds.example."),
     {"more": (More("rounds.example", ("one CNAME two", "two CNAME one")),)}),
)

PREVIOUS = (
    ("former-token.com", "a target has the token of an earlier set-up",
     zone(dkim_1="{t1}._domainkey CNAME " + FORMER + ".{keys}."), {}),
    ("former-tokens.jp", "three targets lead into the platform's zone with earlier tokens",
     zone(dkim=None) + tuple(f"{token}._domainkey CNAME {at}{FORMER[1:]}.{{keys}}."
                             for token, at in zip(TOKENS, "bcd")), {}),
    ("former-region.net", "the target lies in the key zone of another SES region",
     tuple(f"{token}._domainkey CNAME {token}.dkim.eu-south-1.amazonses.com." for token in TOKENS)
     + ("mail MX 10 feedback-smtp.us-east-1.amazonses.com.",
        zones.txt("mail", "v=spf1 include:amazonses.com ~all")), {"expect": "aws"}),
    ("former-ses.org", "a target has the token of an earlier SES identity",
     ("{t1}._domainkey CNAME " + FORMER + ".dkim.amazonses.com.",)
     + tuple(f"{token}._domainkey CNAME {token}.dkim.amazonses.com." for token in TOKENS[1:])
     + ("mail MX 10 feedback-smtp.us-east-1.amazonses.com.",
        zones.txt("mail", "v=spf1 include:amazonses.com ~all")), {"expect": "aws"}),
)

GONE = (
    ("target-gone.com", "the targets are as wanted and the platform has no keys there",
     dkim(value="{t}.gone.mailer.example."), {"expect": "keys_gone"}),
    ("target-zone-gone.jp", "the targets' whole domain does not exist any more",
     dkim(value="{t}.dkim.vanished.example."), {"expect": "keys_vanished"}),
    ("target-empty.net", "the targets exist and have no key",
     dkim(value="{t}.empty.mailer.example."), {"expect": "keys_empty"}),
)

TRAILING = (
    ("url.com", "a target was typed as a URL",
     zone(dkim_1="{t1}._domainkey CNAME https\\058\\047\\047{t1}.{keys}."), {}),
    ("url-slash.jp", "a target was typed with a slash behind it",
     zone(dkim_2="{t2}._domainkey CNAME {t2}.{keys}\\047."), {}),
    ("with-type.net", "the type was typed in front of a target",
     zone(dkim_3="{t3}._domainkey CNAME CNAME\\032{t3}.{keys}."), {}),
    ("trailing-space.org", "a blank stands behind a target",
     zone(dkim_1="{t1}._domainkey CNAME {t1}.{keys}\\032."), {}),
    ("comma.com", "a comma stands behind a target",
     zone(dkim_2="{t2}._domainkey CNAME {t2}.{keys}\\,."), {}),
)

CLOUDFLARE_4 = ("A 104.16.0.10", "A 172.67.0.10")
CLOUDFLARE_6 = ("AAAA 2606:4700::6810:a", "AAAA 2606:4700::ac43:a")


def addresses(*values, tokens=TOKENS, sub=""):
    return tuple(f"{token}._domainkey{sub} 300 {value}" for token in tokens for value in values)


PROXIED = (
    ("proxied.com", "the DKIM records are proxied",
     zone(dkim=None) + addresses(*CLOUDFLARE_4, *CLOUDFLARE_6), {"operator": "cloudflare"}),
    ("proxied-4.net", "the DKIM records are proxied, IPv4 only",
     zone(dkim=None) + addresses(*CLOUDFLARE_4), {"operator": "cloudflare"}),
    ("proxied-one.com", "one of three DKIM records is proxied",
     zone(*addresses(*CLOUDFLARE_4, tokens=TOKENS[:1]), dkim_1=None), {"operator": "cloudflare"}),
    ("proxied-6.jp", "the DKIM records are proxied, IPv6 only",
     zone(dkim=None) + addresses(*CLOUDFLARE_6), {"operator": "cloudflare"}),
    ("news.proxied-sub.com", "the DKIM records of a subdomain are proxied",
     below("news", zone(dkim=None)) + addresses(*CLOUDFLARE_4, sub=".news"),
     {"operator": "cloudflare", "zone": "proxied-sub.com"}),
)

FLATTENED = (
    ("flattened.com", "the DKIM names show the addresses of their targets",
     addresses("A 192.0.2.220"), {"expect": "keys_addressed", "operator": "cloudflare"}),
    ("flattened.jp", "the same at an operator of no name",
     addresses("A 192.0.2.220"), {"expect": "keys_addressed"}),
    ("flattened-6.net", "the DKIM names show the addresses of their targets, both kinds",
     addresses("A 192.0.2.220", "AAAA 2001:db8:9::220"), {"expect": "keys_addressed"}),
    ("flattened-one.net", "one DKIM name shows the address of its target",
     dkim(value="{t}.addressed.mailer.example.")[:2]
     + addresses("A 192.0.2.220", tokens=TOKENS[2:]), {"expect": "keys_addressed"}),
    ("flattened-empty.com", "the DKIM names are there and empty, at Cloudflare",
     zone(*dkim("below.{t}._domainkey", "A", "192.0.2.9"), dkim=None),
     {"operator": "cloudflare"}),
)

OTHER_PROXIES = (
    ("fastly.com", "the DKIM names show addresses of Fastly",
     zone(dkim=None) + addresses("A 151.101.1.195", "A 151.101.65.195"), {}),
    ("sucuri.net", "the DKIM names show addresses of Sucuri",
     zone(dkim=None) + addresses("A 192.124.249.10"), {}),
    ("imperva.jp", "the DKIM names show addresses of Imperva",
     zone(dkim=None) + addresses("A 45.60.12.34"), {}),
    ("cloudfront.org", "one DKIM name shows an address of Fastly",
     zone(*addresses("A 151.101.129.195", tokens=TOKENS[:1]), dkim_1=None), {}),
)

KEY_TEXTS = zone(*(own_key("p=" + key, f"{token}._domainkey")
                   for token, key in zip(TOKENS, PUBLIC_KEYS)), dkim=None)

ENTRIES = (
    *rows("U301", MISSING), *rows("U302", DIFFERENT), *rows("U303", APPENDED),
    *rows("U304", AS_TEXT), *(
        bad("U305", *row[:3], operator="splithost", **row[3]) for row in BESIDE),
    *rows("U306", LOOPS), *rows("U307", PREVIOUS), *rows("U308", GONE), *rows("U309", TRAILING),
    *rows("U401", PROXIED), *rows("U402", FLATTENED), *rows("U403", OTHER_PROXIES),
    advice("U402", "key-without-alias.com", "the right key texts without aliases, as flattened",
           KEY_TEXTS),
    advice("U402", "key-without-alias.jp", "the same at Cloudflare", KEY_TEXTS,
           operator="cloudflare"),
)
