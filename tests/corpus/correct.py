# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains that are right, in as many shapes as people give them."""
from world import zones
from world.samples import (DKIM_LINES, DMARC, MAIL_HOST, OFFICE, OTHER_LINES,
                           PUBLIC_KEYS, RIGHT, SPF, below)

from .entry import (OWN_KEY, OWN_KEY_TEXT, SELECTOR, SES_LINES, More, dkim, good, own_key,
                    zone)
from .keys import rsa_key
from .mail import INCLUDE, dmarc, spf

# Every operator, signed and unsigned, at the zone's own name and at a subdomain.
OPERATORS = ("goodhost", "nsdhost", "bindhost", "sixhost", "tcphost", "thirteen", "cloudflare",
             "route53", "godaddy", "muumuu", "onamae", "sakura", "xserver", "networksolutions")
SIGNING = ("goodhost", "sixhost", "thirteen", "cloudflare")

AT_OPERATORS = (
    *(good(f"{operator}-right.com", "everything is right", operator=operator)
      for operator in OPERATORS),
    *(good(f"news.{operator}-sub.jp", "everything is right for a subdomain", below("news", RIGHT),
           zone=f"{operator}-sub.jp", operator=operator) for operator in OPERATORS),
    good("presigned.com", "signed beforehand by BIND's tools", operator="nsdhost",
         signatures=("20260101000000", "20500101000000")),
    good("nsec3.com", "signed with NSEC3", operator="nsec3host", signed=True),
    good("nsec3-none.org", "signed with NSEC3, DMARC is not required and absent",
         zone(dmarc=None), operator="nsec3host", signed=True, expect="dmarc_absent"),
    *(good(f"{operator}-signed.{tld}", "everything is right and signed", operator=operator,
           signed=True) for operator in SIGNING for tld in ("com", "org")),
)

SERVERS = (
    good("two-operators.com", "two operators have the same zone",
         servers=("ns1.goodhost.net", "ns2.nsdhost.com")),
    good("one-of-two-dead.com", "one of two servers is dead",
         servers=("ns1.nsdhost.com", "ns1.deadhost.net")),
    good("two-of-four-dead.net", "two of four servers are dead",
         servers=("ns1.goodhost.net", "ns2.goodhost.net", "ns1.deadhost.net", "ns2.deadhost.net")),
    good("own-names.com", "its servers' names are within the domain",
         servers=("ns1.own-names.com", "ns2.own-names.com"),
         records=RIGHT + ("ns1 A 198.51.100.1", "ns2 A 198.51.100.2"),
         aliases={"ns1.own-names.com": "ns1.goodhost.net",
                  "ns2.own-names.com": "ns2.goodhost.net"}),
    good("far-names.org", "its servers' names are under another registry",
         servers=("ns1.names.jp", "ns2.names.jp")),
    good("dead-ds.com", "the zone is unsigned and its DS speaks of an unknown algorithm",
         ds=("4711 250 2 8F0D3E0C3F5B1B8A4C8E9B4C5C1D7A2F6E3B9D0A1C2E4F60718293A4B5C6D7E8",)),
)

# The way from the DKIM name to the key.
WAYS = (
    good("chain-two.com", "the aliases lead to the key by way of aliases in the platform's zone",
         dkim(value="{t}.chain.mailer.example."), expect="keys_chained"),
    good("chain-own.jp", "two further aliases at the platform",
         dkim(value="{t}.chain2.mailer.example."), expect="keys_chained2"),
    good("below-cut.com", "_domainkey is delegated to other servers",
         OTHER_LINES + ("_domainkey NS ns1.nsdhost.com.", "_domainkey NS ns2.nsdhost.com."),
         more=(More("_domainkey.below-cut.com", dkim("{t}"), "nsdhost"),)),
    good("below-cut-same.net", "_domainkey is a zone of its own on the same servers",
         OTHER_LINES + ("_domainkey NS ns1.goodhost.net.", "_domainkey NS ns2.goodhost.net."),
         more=(More("_domainkey.below-cut-same.net", dkim("{t}")),)),
    good("below-cut-bounce.org", "the MAIL FROM name is a zone of its own",
         DKIM_LINES + (zones.txt("_dmarc", DMARC), "bounce NS ns1.nsdhost.com.",
                       "bounce NS ns2.nsdhost.com."),
         more=(More("bounce.below-cut-bounce.org",
                    (f"@ MX 10 {MAIL_HOST}.", zones.txt("@", SPF)), "nsdhost"),)),
    good("dname-aside.com", "a DNAME elsewhere in the zone",
         RIGHT + ("old DNAME former.example.",)),
    good("dname-mail.net", "MAIL FROM lies below a DNAME into a zone of the owner's",
         DKIM_LINES + (zones.txt("_dmarc", DMARC), "bounce CNAME really.moved.dname-mail.net.",
                       "moved DNAME dname-store.org."),
         more=(More("dname-store.org", (f"really MX 10 {MAIL_HOST}.", zones.txt("really", SPF))),)),
    good("bounce-alias.jp", "the MAIL FROM name is an alias of a name with MX and SPF",
         zone("really MX 10 " + MAIL_HOST + ".", zones.txt("really", SPF), mail_from=None,
              spf="bounce CNAME really")),
    good("dmarc-alias.net", "the DMARC name is an alias of another domain's",
         zone(dmarc="_dmarc CNAME _dmarc.policy-store.net."),
         more=(More("policy-store.net", (zones.txt("_dmarc", DMARC),)),)),
    good("key-alias.org", "the name of a key of one's own is an alias",
         (f"{SELECTOR}._domainkey CNAME key.key-store.net.",), expect="own_key",
         more=(More("key-store.net", (own_key(name="key"),)),)),
)

# More in the zone than asked for, none of which matters.
NEIGHBOURS = (
    good("wild-address.com", "a wildcard address", RIGHT + ("* A 192.0.2.201",)),
    good("wild-mail.jp", "a wildcard MX and TXT", RIGHT + (
        "* MX 10 mail", zones.txt("*", "v=spf1 -all"), "mail A 192.0.2.200")),
    good("wild-alias-aside.net", "a wildcard alias", RIGHT + ("* CNAME www", "www A 192.0.2.201")),
    good("office.com", "mail and web of an office", RIGHT + OFFICE + (
        zones.txt("@", "v=spf1 mx -all"), zones.txt("@", "site-verification=4711"))),
    good("doubled-too.com", "the DKIM names are there doubled as well",
         RIGHT + below("doubled-too.com", DKIM_LINES)),
    good("other-selectors.jp", "other platforms' keys", RIGHT + (
        "k1._domainkey CNAME dkim.otherhost.example.", own_key(name="google._domainkey"))),
    good("former-left.org", "a former platform's records were left", RIGHT + (
        "oldtoken._domainkey CNAME oldtoken.dkim.former.example.",
        "old MX 10 feedback.former.example.")),
    good("txt-beside-dmarc.com", "another TXT at _dmarc",
         RIGHT + (zones.txt("_dmarc", "site-verification=4711"),)),
    good("txt-beside-spf.net", "other TXT at the MAIL FROM name", RIGHT + (
        zones.txt("bounce", "site-verification=4711"), zones.txt("bounce", "spf2.0/pra ?all"))),
    good("proxied-web.com", "the website is proxied, the DKIM records are not",
         RIGHT + ("@ A 104.16.0.10", "www A 104.16.0.10"), operator="cloudflare"),
)

SPF_TERMS = (
    ("more-terms.com", "other terms stand around the include",
     f"v=spf1 ip4:192.0.2.0/24 a mx {INCLUDE} include:n1.many.example ~all"),
    ("hard-fail.jp", "-all", f"v=spf1 {INCLUDE} -all"),
    ("neutral.net", "?all", f"v=spf1 {INCLUDE} ?all"),
    ("no-all.org", "no all at the end", f"v=spf1 {INCLUDE}"),
    ("plus-include.com", "the sign is written out", f"v=spf1 +{INCLUDE} ~all"),
    ("upper-case.jp", "in capitals", "V=SPF1 INCLUDE:SPF.MAILER.EXAMPLE ~ALL"),
    ("blanks.net", "several blanks between the terms", f"v=spf1   {INCLUDE}   ~all "),
    ("ipv6-terms.com", "IPv6 networks and prefix lengths",
     f"v=spf1 ip6:2001:db8::/32 a/24//64 {INCLUDE} ~all"),
    ("macros.jp", "macros in another term",
     f"v=spf1 {INCLUDE} exists:%{{i}}._spf.%{{d}} ~all"),
    ("modifiers.org", "unknown modifiers", f"v=spf1 {INCLUDE} note=hello ~all"),
    ("ten-lookups.com", "ten terms ask the DNS, which is allowed",
     f"v=spf1 {INCLUDE} " + " ".join(f"include:n{at}.many.example" for at in range(1, 10))
     + " ~all"),
    ("two-voids.net", "two names do not exist, which is allowed",
     f"v=spf1 {INCLUDE} a:v1.two-voids.net a:v2.two-voids.net ~all"),
)

SPF_SHAPES = (
    *(good(domain, f"SPF: {about}", spf(text)) for domain, about, text in SPF_TERMS),
    good("redirected.com", "SPF redirects to a record with the include",
         spf("v=spf1 redirect=_spf.redirected.com") + (zones.txt("_spf", SPF),)),
    good("included-deeper.jp", "the include stands in an included record of the owner's",
         spf("v=spf1 include:_all.included-deeper.jp ~all") + (zones.txt("_all", SPF),)),
    good("split-spf.net", "the SPF record is cut into strings",
         zone(spf='bounce TXT "v=spf1 include:spf." "mailer.example ~all"')),
)

DMARC_TEXTS = (
    ("dmarc-spaces.com", "blanks around everything", " v = DMARC1 ;  p = reject ; "),
    ("dmarc-tight.jp", "no blanks", "v=DMARC1;p=reject"),
    ("dmarc-end.net", "a semicolon at the end", "v=DMARC1; p=reject;"),
    ("dmarc-tags.org", "more tags, in another order",
     "v=DMARC1; rua=mailto:d@dmarc-tags.org; sp=quarantine; p=reject; adkim=r; aspf=r; fo=1"),
    ("dmarc-case.com", "tags and policy in capitals", "v=DMARC1; P=Reject"),
    ("dmarc-new.jp", "the tags of RFC 9989", "v=DMARC1; p=reject; np=reject; t=n; psd=n"),
    ("dmarc-unknown.net", "an unknown tag", "v=DMARC1; p=reject; zz=top"),
    ("dmarc-strict.com", "strict DKIM alignment, which it has", "v=DMARC1; p=reject; adkim=s"),
)

DMARC_SHAPES = (
    *(good(domain, f"DMARC: {about}", dmarc(text)) for domain, about, text in DMARC_TEXTS),
    good("split-dmarc.net", "the DMARC record is cut into strings",
         zone(dmarc='_dmarc TXT "v=DMARC1; " "p=rej" "ect"')),
    good("rua-agreed.com", "reports go to a domain that has agreed",
         dmarc(DMARC + "; rua=mailto:d@agreed.example"),
         more=(More("agreed.example", (zones.txt("rua-agreed.com._report._dmarc", "v=DMARC1"),)),)),
    good("news.dmarc-above.com", "DMARC stands at the organisational domain only",
         below("news", zone(dmarc=None)) + (zones.txt("_dmarc", DMARC),),
         zone="dmarc-above.com", expect="dmarc_optional"),
    good("a.b.dmarc-above.jp", "the same, two labels below",
         below("a.b", zone(dmarc=None)) + (zones.txt("_dmarc", DMARC),),
         zone="dmarc-above.jp", expect="dmarc_optional"),
    good("stricter.org", "a stricter policy than asked for", dmarc("v=DMARC1; p=reject"),
         expect="dmarc_quarantine"),
)

KEY_TEXTS = (
    ("key-plain.com", "as given", OWN_KEY_TEXT),
    ("key-short.jp", "only p=", f"p={OWN_KEY}"),
    ("key-tight.org", "no blanks", OWN_KEY_TEXT.replace(" ", "")),
    ("key-blanks.com", "blanks everywhere",
     f" v = DKIM1 ; k = rsa ; p = {OWN_KEY[:80]} {OWN_KEY[80:160]}  {OWN_KEY[160:]} "),
    ("key-end.jp", "a semicolon at the end", OWN_KEY_TEXT + ";"),
    ("key-notes.net", "notes, flags and services",
     f"v=DKIM1; t=s; s=email; h=sha256; n=by hand; k=rsa; p={OWN_KEY}"),
    ("key-hashes.org", "two hash algorithms", f"v=DKIM1; h=sha1:sha256; p={OWN_KEY}"),
    ("key-any-service.com", "every service", f"v=DKIM1; s=*; p={OWN_KEY}"),
    ("key-unknown.jp", "an unknown tag", f"v=DKIM1; x=1; p={OWN_KEY}"),
)

KEY_SHAPES = (
    *(good(domain, f"a key of one's own: {about}", (own_key(text),), expect="own_key")
      for domain, about, text in KEY_TEXTS),
    # RFC 6376 section 3.6.1: v= must come first where it is there at all.
    good("key-order.net", "a key of one's own: tags in another order",
         (own_key(f"k=rsa; n=x; p={OWN_KEY}; t=s"),), expect="own_key"),
    good("key-cut.com", "a key of one's own: cut into many strings",
         (f"{SELECTOR}._domainkey TXT " + " ".join(
             f'"{OWN_KEY_TEXT[at:at + 60]}"' for at in range(0, len(OWN_KEY_TEXT), 60)),),
         expect="own_key"),
    good("key-2048.net", "BYODKIM: any well-formed key, 2048 bits",
         (own_key(f"v=DKIM1; p={rsa_key(2048)}"),), expect="aws_own_key"),
    good("key-4096.org", "BYODKIM: any well-formed key, 4096 bits",
         (own_key(f"v=DKIM1; p={rsa_key(4096)}"),), expect="aws_own_key"),
    good("key-other-text.com", "another TXT beside the key",
         (own_key(), zones.txt(f"{SELECTOR}._domainkey", "site-verification=4711")),
         expect="own_key"),
)

LONG = "a" * 63 + "." + "b" * 63 + "." + "c" * 40

NAMES = (
    good(f"{LONG}.long-name.com", "a very long name", below(LONG, DKIM_LINES), expect="dkim",
         zone="long-name.com"),
    good("xn--eckwd4c7c.jp", "an IDN", expect="all"),
    good("xn--bcher-kva.com", "another IDN", operator="nsdhost"),
    good("Capitals.com", "asked for in capitals"),
    good("under_score.com", "an underscore in the domain", DKIM_LINES, expect="dkim"),
    good("1and2.net", "digits first"),
    good("x.org", "one letter"),
    good("typed-dot.com", "typed with a final dot", typed="typed-dot.com."),
    good("typed-wide.jp", "typed in full-width letters", typed="ｔｙｐｅｄ－ｗｉｄｅ。ｊｐ"),
    good("xn--r8jz45g.jp", "an IDN typed as people write it", typed="例え.jp"),
    good("xn--mnchen-3ya.org", "another, in decomposed letters", typed="mu\u0308nchen.org"),
    good("upper-zone.com", "the zone is written in capitals",
         zone(dkim=None) + dkim("{t}._DomainKey", value="{t}.DKIM.Mailer.EXAMPLE.")),
)

SHARED = (
    good("one.many-identities.com", "one of several identities in a zone",
         below("one", RIGHT) + below("two", RIGHT) + RIGHT + below("news.three", RIGHT),
         zone="many-identities.com"),
    *(good(domain, "another identity in that zone", zone="many-identities.com", shared=True)
      for domain in ("two.many-identities.com", "many-identities.com",
                     "news.three.many-identities.com")),
)

AWS = (
    good("ses.com", "an SES identity, as the AWS CLI shows it", SES_LINES, expect="aws"),
    good("ses.jp", "the same on NSD", SES_LINES, expect="aws", operator="nsdhost"),
    good("news.ses-sub.com", "an SES identity of a subdomain", below("news", SES_LINES),
         expect="aws", zone="ses-sub.com"),
    good("ses-own-key.net", "an SES identity with a key of its own", (own_key(),),
         expect="aws_own_key"),
    good("ses-other-key.org", "an SES identity with another key of its own",
         (own_key(f"v=DKIM1; k=rsa; p={PUBLIC_KEYS[2]}"),), expect="aws_own_key"),
    good("ses-preference.com", "another preference of the MX",
         SES_LINES[:3] + ("mail MX 5 feedback-smtp.us-east-1.amazonses.com.", SES_LINES[4]),
         expect="aws"),
)

ENTRIES = (*AT_OPERATORS, *SERVERS, *WAYS, *NEIGHBOURS, *SPF_SHAPES, *DMARC_SHAPES, *KEY_SHAPES,
           *NAMES, *SHARED, *AWS)
