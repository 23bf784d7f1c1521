# SPDX-License-Identifier: GPL-3.0-or-later
"""U2xx: the right record under the wrong name."""
from world import zones
from world.samples import DMARC, MAIL_HOST, OFFICE, RIGHT, SPF, below

from .entry import bad, dkim, own_key, zone



def bounce_at(name):
    return {"mail_from": f"{name} MX 10 {MAIL_HOST}.", "spf": zones.txt(name, SPF)}


DOUBLED = (
    # domain, what, records, more
    ("whole-pasted.com", "the DKIM names were pasted whole",
     zone(*dkim("{t}._domainkey.{domain}"), dkim=None), {"operator": "muumuu"}),
    ("all-doubled.jp", "every name was pasted whole", below("{domain}", RIGHT),
     {"operator": "onamae"}),
    ("bounce-doubled.com", "MX and SPF of MAIL FROM were pasted whole",
     zone(**bounce_at("bounce.{domain}")), {"operator": "godaddy"}),
    ("dmarc-doubled.com", "the DMARC name was pasted whole",
     zone(dmarc=zones.txt("_dmarc.{domain}", DMARC)), {"operator": "namecheap"}),
    ("one-doubled.org", "one of the three DKIM names was pasted whole",
     zone(dkim_2=dkim("{t}._domainkey.{domain}")[1]), {"operator": "nsdhost"}),
    ("news.doubled-shop.jp", "a subdomain's DKIM names were pasted whole",
     zone(*dkim("{t}._domainkey.{domain}"), dkim=None, **bounce_at("bounce.news"),
          dmarc=zones.txt("_dmarc.news", DMARC)),
     {"zone": "doubled-shop.jp", "operator": "sakura"}),
    ("key-doubled.net", "a key of one's own was pasted with its whole name",
     OFFICE + (own_key(name="s2026._domainkey.{domain}"),), {"expect": "own_key"}),
    ("signed-doubled.com", "the names were pasted whole into a signed zone",
     zone(*dkim("{t}._domainkey.{domain}"), dkim=None), {"signed": True}),
)

# Subdomain identities: domain, zone, what, the names of DKIM, bounce and DMARC.
LABELS = (
    ("news.labelless.com", "labelless.com", "the label of the subdomain is missing",
     "{t}._domainkey", "bounce", "_dmarc"),
    ("mail.labelless.jp", "labelless.jp", "the label is missing from the DKIM names only",
     "{t}._domainkey", "bounce.mail", "_dmarc.mail"),
    ("a.b.labelless.net", "labelless.net", "one of two labels is missing",
     "{t}._domainkey.b", "bounce.a.b", "_dmarc.a.b"),
    ("send.labelless.org", "labelless.org", "the label is missing from the MAIL FROM name",
     "{t}._domainkey.send", "bounce", "_dmarc.send"),
)
REPEATED = (
    ("news.repeated.com", "repeated.com", "the label of the subdomain was added twice",
     "{t}._domainkey.news.news", "bounce.news.news", "_dmarc.news.news"),
    ("mail.repeated.jp", "repeated.jp", "the label was added twice to the DKIM names",
     "{t}._domainkey.mail.mail", "bounce.mail", "_dmarc.mail"),
)


def labels(row):
    domain, in_zone, about, keys, bounce, dmarc = row
    return bad("U202", domain, about,
               dkim(keys) + zone(dkim=None, **bounce_at(bounce), dmarc=zones.txt(dmarc, DMARC)),
               zone=in_zone)


UNDERSCORES = (
    ("no-underscore.com", "the underscore of _domainkey was lost",
     zone(*dkim("{t}.domainkey"), dkim=None), {}),
    ("no-underscores.jp", "both underscores were lost",
     zone(*dkim("{t}.domainkey"), dkim=None, dmarc=zones.txt("dmarc", DMARC)),
     {"operator": "sakura"}),
    ("dmarc-no-underscore.net", "the underscore of _dmarc was lost",
     zone(dmarc=zones.txt("dmarc", DMARC)), {}),
    ("key-no-underscore.com", "the underscore was lost in front of a key of one's own",
     (own_key(name="s2026.domainkey"),), {"expect": "own_key"}),
    ("one-no-underscore.org", "the underscore was lost in one of three names",
     zone(dkim_3=dkim("{t}.domainkey")[2]), {"operator": "bindhost"}),
)

ELSEWHERE = (
    ("mx-at-apex.com", "the MX and SPF of MAIL FROM were published at the zone's own name",
     zone(**bounce_at("@")), {}),
    ("spf-at-apex.jp", "the SPF record was published at the zone's own name",
     zone(spf=zones.txt("@", SPF)), {}),
    ("dmarc-at-apex.net", "the DMARC record was published at the zone's own name",
     zone(dmarc=zones.txt("@", DMARC)), {}),
    ("key-at-apex.com", "the key was published at the zone's own name",
     OFFICE + (own_key(name="@"),), {"expect": "own_key"}),
    ("dkim-at-www.com", "the DKIM records were published below www",
     zone(*dkim("{t}._domainkey.www"), dkim=None), {}),
    ("dmarc-at-www.org", "the DMARC record was published below www",
     zone(dmarc=zones.txt("_dmarc.www", DMARC)), {}),
)

WILDCARDS = (
    ("wild-alias.com", "a wildcard alias answers for the missing DKIM names",
     zone("* CNAME www.{domain}.", "www A 192.0.2.201", dkim=None), {}),
    ("wild-keys.jp", "a wildcard below _domainkey leads to an earlier platform",
     zone("*._domainkey CNAME keys.former.example.", dkim=None), {}),
    ("wild-text.com", "a wildcard TXT answers for the missing DMARC record",
     zone(zones.txt("*", "site-verification=4711"), dmarc=None), {"expect": "dmarc"}),
    ("wild-mx.net", "a wildcard MX answers for the missing MAIL FROM",
     zone("* MX 10 mail.{domain}.", "mail A 192.0.2.200", mail_from=None, spf=None),
     {"expect": "mail_from"}),
    # A DNAME answers for every token of every customer, so it proves nothing.
    ("dname.com", "a DNAME of _domainkey into the zone of the keys answers for every name",
     zone("_domainkey DNAME {keys}.", dkim=None), {}),
    ("dname-nsd.net", "the same on NSD", zone("_domainkey DNAME {keys}.", dkim=None),
     {"operator": "nsdhost"}),
    ("wild-key.org", "a wildcard TXT answers for the missing key",
     (zones.txt("*", "v=spf1 -all"),), {"expect": "own_key"}),
)

# UTF-8 of characters that look like others.
FULL_WIDTH_UNDERSCORE, CYRILLIC_A, EN_DASH, CYRILLIC_E = (
    "\\239\\188\\191", "\\208\\176", "\\226\\128\\147", "\\208\\181")

LOOKALIKES = (
    ("wide-underscore.jp", "a full-width underscore was typed in the DKIM names",
     zone(*dkim("{t}." + FULL_WIDTH_UNDERSCORE + "domainkey"), dkim=None), {}),
    ("wide-dmarc.jp", "a full-width underscore was typed in the DMARC name",
     zone(dmarc=zones.txt(FULL_WIDTH_UNDERSCORE + "dmarc", DMARC)), {}),
    ("cyrillic.com", "a Cyrillic letter stands in a target",
     zone(dkim_1="{t1}._domainkey CNAME {t1}.dkim.m" + CYRILLIC_A + "iler.example."), {}),
    ("punycode.com", "a Cyrillic letter stands in the targets, as punycode",
     zone(dkim=None) + dkim(value="{t}.dkim.xn--miler-4ve.example."), {}),
    ("cyrillic-mx.net", "a Cyrillic letter stands in the mail host",
     zone(mail_from=f"bounce MX 10 f{CYRILLIC_E}edback.mailer.example."), {}),
    ("wide-target.jp", "a target was typed in full-width letters",
     zone(dkim_2="{t2}._domainkey CNAME {t2}.\\239\\189\\132\\239\\189\\139\\239\\189\\137"
          "\\239\\189\\141.mailer.example."), {}),
)

SELECTORS = (
    ("swapped.net", "the targets of two selectors were swapped",
     zone(dkim_1="{t1}._domainkey CNAME {t2}.{keys}.", dkim_2="{t2}._domainkey CNAME {t1}.{keys}."),
     {}),
    ("rotated.com", "each selector has the next one's target",
     zone(dkim=None) + ("{t1}._domainkey CNAME {t2}.{keys}.", "{t2}._domainkey CNAME {t3}.{keys}.",
                        "{t3}._domainkey CNAME {t1}.{keys}."), {}),
    ("old-selector.com", "the key stands under the selector `default`",
     (own_key(name="default._domainkey"),), {"expect": "own_key"}),
    ("selector1.net", "the key stands under the selector `selector1`",
     (own_key(name="selector1._domainkey"),), {"expect": "own_key"}),
    ("domain-selector.jp", "the key stands under the selector `mail`",
     (own_key(name="mail._domainkey"),), {"expect": "own_key"}),
    ("no-selector.org", "the key stands at _domainkey, without any selector",
     (own_key(name="_domainkey"),), {"expect": "own_key"}),
)


def rows(code, table):
    return tuple(bad(code, domain, about, records, **more)
                 for domain, about, records, more in table)


ENTRIES = (*rows("U201", DOUBLED), *map(labels, LABELS + REPEATED), *rows("U203", UNDERSCORES),
           *rows("U204", ELSEWHERE), *rows("U205", WILDCARDS), *rows("U206", LOOKALIKES),
           *rows("U207", SELECTORS))
