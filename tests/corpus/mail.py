# SPDX-License-Identifier: GPL-3.0-or-later
"""U6xx, U7xx, U8xx: SPF, the MX of MAIL FROM, DMARC."""
from world import zones
from world.samples import DMARC, MAIL_HOST, SPF, below

from .entry import More, advice, bad, zone

INCLUDE = "include:spf.mailer.example"


def spf(*texts):
    """The right zone with these SPF records in place of the right one."""
    return zone(spf=tuple(zones.txt("bounce", text) for text in texts))


def dmarc(*texts):
    return zone(dmarc=tuple(zones.txt("_dmarc", text) for text in texts))


MANY = " ".join(f"include:n{at}.many.example" for at in range(1, 11))
DEEP = More("deep.example", tuple(
    zones.txt(f"d{at}", f"v=spf1 include:d{at + 1}.deep.example ~all") for at in range(1, 12))
    + (zones.txt("d12", "v=spf1 ~all"),))
MANY_ZONE = More("many.example", tuple(
    zones.txt(f"n{at}", f"v=spf1 ip4:192.0.2.{at} ~all") for at in range(1, 13)))

SPF_ROWS = {
    "U601": (
        ("no-spf.com", "there is no SPF record", zone(spf=None), {}),
        ("other-text.jp", "another TXT is there and no SPF record",
         spf("site-verification=4711"), {}),
        ("spf-misspelt.net", "the version is misspelt, so it is no SPF record",
         spf(SPF.replace("v=spf1", "v=spf 1")), {}),
        ("spf2.org", "the record says spf2.0, which is another thing",
         spf(f"spf2.0/pra {INCLUDE} ~all"), {}),
    ),
    "U602": (
        ("two-spf.com", "two SPF records", spf("v=spf1 mx ~all", SPF), {}),
        ("same-spf.jp", "the same SPF record in two spellings",
         spf(SPF, SPF.replace("~all", "-all")), {}),
        ("three-spf.net", "three SPF records",
         spf("v=spf1 mx ~all", SPF, "v=spf1 -all"), {}),
        ("two-spf-foreign.org", "two SPF records, none of them right",
         spf("v=spf1 mx ~all", "v=spf1 a -all"), {}),
    ),
    "U603": (
        ("no-include.com", "the include is missing", spf("v=spf1 mx ~all"), {}),
        ("other-include.jp", "another platform is included",
         spf("v=spf1 include:spf.otherhost.example ~all"),
         {"more": (More("otherhost.example", (zones.txt("spf", "v=spf1 ip4:192.0.2.9 -all"),)),)}),
        ("behind-all.net", "the include stands behind all, where nobody reads it",
         spf(f"v=spf1 -all {INCLUDE}"), {}),
        ("include-parent.org", "the include lacks a label",
         spf("v=spf1 include:mailer.example ~all"), {}),
        ("include-suffix.com", "the include only begins like the right one",
         spf("v=spf1 include:spf.mailer.example.org ~all"), {}),
        ("include-equals.jp", "the include has = in place of a colon",
         spf("v=spf1 include=spf.mailer.example ~all"), {}),
        ("include-failed.com", "the include has the wrong sign",
         spf(f"v=spf1 -{INCLUDE} ~all"), {}),
    ),
    "U604": (
        ("eleven.com", "eleven terms ask the DNS, the right one last",
         spf(f"v=spf1 {MANY} {INCLUDE} ~all"), {"more": (MANY_ZONE,)}),
        ("eleven-a.jp", "ten a: and an include", spf(
            "v=spf1 " + " ".join(f"a:h{at}.{{domain}}" for at in range(10)) + f" {INCLUDE} ~all"
        ) + tuple(f"h{at} A 192.0.2.{at}" for at in range(10)), {}),
        ("nested.net", "eleven includes, each in the one before",
         spf(f"v=spf1 include:d1.deep.example {INCLUDE} ~all"), {"more": (DEEP,)}),
        ("circle.org", "an include that includes itself",
         spf(f"v=spf1 include:me.{{domain}} {INCLUDE} ~all")
         + (zones.txt("me", "v=spf1 include:me.{domain} ~all"),), {}),
    ),
    "U605": (
        ("three-voids.com", "three names that do not exist", spf(
            f"v=spf1 a:v1.{{domain}} a:v2.{{domain}} a:v3.{{domain}} {INCLUDE} ~all"), {}),
        ("voids-mx.jp", "three mx of names without any", spf(
            f"v=spf1 mx:v1.{{domain}} mx:v2.{{domain}} mx:v3.{{domain}} {INCLUDE} ~all"), {}),
        ("voids-exists.net", "three exists of names that do not", spf(
            f"v=spf1 exists:v1.{{domain}} a:v2.{{domain}} exists:v3.{{domain}} {INCLUDE} ~all"),
         {}),
    ),
    "U606": (
        ("bad-ip.com", "an address that is none", spf(f"v=spf1 ip4:300.1.1.1 {INCLUDE} ~all"), {}),
        ("bad-term.jp", "a mechanism that does not exist",
         spf(f"v=spf1 {INCLUDE} inculde:other.example ~all"), {}),
        ("bad-colon.net", "a blank behind the colon of the include",
         spf("v=spf1 include: spf.mailer.example ~all"), {}),
        ("bad-include.org", "an include of nothing",
         spf(f"v=spf1 {INCLUDE} include ~all"), {}),
        ("bad-prefix.com", "a prefix length that is none",
         spf(f"v=spf1 ip4:192.0.2.0/33 {INCLUDE} ~all"), {}),
        ("two-redirects.jp", "redirect stands there twice",
         spf(f"v=spf1 {INCLUDE} redirect=a.example redirect=b.example"), {}),
    ),
    "U608": (
        ("dangling.com", "another include leads to a domain that does not exist",
         spf(f"v=spf1 include:spf.vanished-shop.com {INCLUDE} ~all"), {}),
        ("dangling-text.jp", "another include leads to a name without an SPF record",
         spf(f"v=spf1 include:www.{{domain}} {INCLUDE} ~all") + ("www A 192.0.2.201",), {}),
        ("dangling-deep.net", "the include of an include is gone",
         spf(f"v=spf1 include:more.{{domain}} {INCLUDE} ~all")
         + (zones.txt("more", "v=spf1 include:gone.{domain} ~all"),), {}),
        ("dangling-two.org", "two other includes lead nowhere",
         spf(f"v=spf1 include:a.{{domain}} include:b.{{domain}} {INCLUDE} ~all"), {}),
    ),
}

MX_ROWS = {
    "U701": (
        ("no-mx.com", "MAIL FROM has no MX", zone(mail_from=None), {}),
        ("a-for-mx.jp", "MAIL FROM has an address and no MX",
         zone(mail_from="bounce A 192.0.2.210"), {}),
        ("no-mx-only.net", "MAIL FROM has nothing but its SPF record", zone(mail_from=None),
         {"expect": "mail_from"}),
    ),
    "U702": (
        ("other-mx.com", "the MX of MAIL FROM leads to the office",
         zone("mail A 192.0.2.200", mail_from="bounce MX 10 mail"), {}),
        ("near-mx.jp", "a label of the mail host is missing",
         zone(mail_from="bounce MX 10 mailer.example."), {}),
        ("region-mx.net", "the mail host is that of another SES region",
         ("{t1}._domainkey CNAME {t1}.dkim.amazonses.com.",
          "{t2}._domainkey CNAME {t2}.dkim.amazonses.com.",
          "{t3}._domainkey CNAME {t3}.dkim.amazonses.com.",
          "mail MX 10 feedback-smtp.eu-west-1.amazonses.com.",
          zones.txt("mail", "v=spf1 include:amazonses.com ~all")), {"expect": "aws"}),
    ),
    "U703": (
        ("second-mx.com", "a second MX stands at MAIL FROM",
         zone("bounce MX 20 mail", "mail A 192.0.2.200"), {}),
        ("second-mx-first.jp", "a second MX comes first",
         zone("bounce MX 5 mail", "mail A 192.0.2.200"), {"operator": "nsdhost"}),
        ("three-mx.net", "three MX stand at MAIL FROM",
         zone("bounce MX 20 mail", "bounce MX 30 mail", "mail A 192.0.2.200"), {}),
    ),
    "U704": (
        ("alias-mx.com", "the MX leads to an alias of the mail host",
         zone(f"mx CNAME {MAIL_HOST}.", mail_from="bounce MX 10 mx"), {}),
        ("alias-mx-far.jp", "the MX leads to an alias in another zone",
         zone(mail_from="bounce MX 10 mx.aliases.example."),
         {"more": (More("aliases.example", (f"mx CNAME {MAIL_HOST}.",)),)}),
        ("alias-mx-www.net", "the MX leads to an alias of the website",
         zone("mx CNAME www", "www A 192.0.2.201", mail_from="bounce MX 10 mx"), {}),
    ),
    "U705": (
        ("null-mx.com", "a null MX says that MAIL FROM takes no mail",
         zone(mail_from="bounce MX 0 ."), {}),
        ("null-mx-ten.jp", "the same with another preference",
         zone(mail_from="bounce MX 10 ."), {}),
        ("null-mx-beside.net", "a null MX stands beside the right one",
         zone("bounce MX 0 ."), {}),
    ),
}

DMARC_ROWS = {
    "U801": (
        ("no-dmarc.com", "there is no DMARC record", zone(dmarc=None), {}),
        ("dmarc-other-text.jp", "another TXT stands at _dmarc", dmarc("site-verification=1"), {}),
        ("dmarc-spf.net", "an SPF record stands at _dmarc", dmarc("v=spf1 -all"), {}),
        ("news.no-dmarc-sub.com", "neither the subdomain nor the domain has one",
         below("news", zone(dmarc=None)), {"zone": "no-dmarc-sub.com"}),
    ),
    "U802": (
        ("two-dmarc.com", "two DMARC records", dmarc(DMARC, "v=DMARC1; p=none"), {}),
        ("same-dmarc.jp", "the same record twice, once with an address",
         dmarc(DMARC, DMARC + "; rua=mailto:dmarc@same-dmarc.jp"), {}),
        ("three-dmarc.net", "three DMARC records",
         dmarc(DMARC, "v=DMARC1; p=none", "v=DMARC1; p=quarantine"), {}),
    ),
    "U803": (
        ("dmarc-no-semicolon.com", "the semicolon is missing", dmarc("v=DMARC1 p=reject"), {}),
        ("dmarc-order.jp", "the version does not come first", dmarc("p=reject; v=DMARC1"), {}),
        ("dmarc-policy.net", "the policy is misspelt", dmarc("v=DMARC1; p=rejcet"), {}),
        ("dmarc-version.org", "the version is in small letters", dmarc("v=dmarc1; p=reject"), {}),
        ("dmarc-colon.com", "a colon in place of =", dmarc("v=DMARC1; p:reject"), {}),
        ("dmarc-commas.jp", "commas in place of semicolons", dmarc("v=DMARC1, p=reject"), {}),
    ),
    "U804": (
        ("strict-spf.com", "SPF must align strictly, MAIL FROM is a subdomain, no DKIM",
         dmarc("v=DMARC1; p=reject; aspf=s"), {"expect": "unsigned"}),
        ("strict-both.jp", "both must align strictly, MAIL FROM is a subdomain, no DKIM",
         dmarc("v=DMARC1; p=reject; adkim=s; aspf=s"), {"expect": "unsigned"}),
        ("strict-quarantine.net", "SPF must align strictly, the policy is quarantine, no DKIM",
         dmarc("v=DMARC1; aspf=s; p=reject; sp=quarantine"), {"expect": "unsigned"}),
    ),
}

ADVICES = (
    # The platform's mail passes before the eleventh is reached; other senders' does not.
    advice("U604", "eleven-first.com", "eleven terms ask the DNS, the right one first",
           spf(f"v=spf1 {INCLUDE} {MANY} ~all")),
    advice("U607", "plus-all.com", "the SPF record lets everybody pass",
           spf(f"v=spf1 {INCLUDE} +all")),
    advice("U607", "bare-all.jp", "the SPF record ends with all, which means +all",
           spf(f"v=spf1 {INCLUDE} all")),
    advice("U607", "plus-all-first.net", "the SPF record includes a record that lets all pass",
           spf(f"v=spf1 {INCLUDE} ip4:0.0.0.0/0 +all")),
    advice("U805", "rua-foreign.com", "reports go to a domain that has not agreed",
           dmarc(DMARC + "; rua=mailto:x@reports.nobody-agreed.com")),
    advice("U805", "rua-two.jp", "one of two report addresses has not agreed",
           dmarc(DMARC + "; rua=mailto:x@rua-two.jp,mailto:y@collector.example")),
    advice("U805", "rua-exists.net", "the report domain exists and has not agreed",
           dmarc(DMARC + "; rua=mailto:x@otherhost.example")),
    advice("U806", "pct.com", "the tag pct is gone since RFC 9989", dmarc(DMARC + "; pct=100")),
    advice("U806", "rf.jp", "the tag rf is gone since RFC 9989", dmarc(DMARC + "; rf=afrf")),
    advice("U806", "ri.net", "the tag ri is gone since RFC 9989", dmarc(DMARC + "; ri=86400")),
    advice("U807", "none.com", "the policy is none, as asked for", dmarc("v=DMARC1; p=none"),
           expect="dmarc_none"),
    advice("U807", "none-rua.jp", "the policy is none, with a report address",
           dmarc("v=DMARC1; p=none; rua=mailto:d@none-rua.jp"), expect="dmarc_none"),
    advice("U807", "none-sp.net", "the policy is none, for subdomains too",
           dmarc("v=DMARC1; p=none; sp=none"), expect="dmarc_none"),
    advice("U801", "dmarc-optional.com", "there is no DMARC record and none is required",
           zone(dmarc=None), expect="dmarc_optional"),
)

ENTRIES = tuple(bad(code, domain, about, records, **more)
                for table in (SPF_ROWS, MX_ROWS, DMARC_ROWS)
                for code, rows in table.items()
                for domain, about, records, more in rows) + ADVICES
