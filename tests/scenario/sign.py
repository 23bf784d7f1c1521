#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the signed zones of zones/: a root, com and acme.com that hold, and variants of acme.com
that do not.

    tests/scenario/sign.py

Virtual time stands still in November 2026, so what was signed once holds for ever: the zones are
kept as text, the keys are thrown away.
"""
import base64
import datetime
import hashlib
import os
import struct

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdatatype
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "zones")
TTL = 300
ALGORITHM = 13      # ECDSA P-256, SHA-256
BEGIN = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2026, 12, 31, tzinfo=datetime.timezone.utc)


def seconds(moment):
    return int(moment.timestamp())


class Key:
    """A key that signs all of a zone."""

    def __init__(self, zone):
        self.zone = dns.name.from_text(zone)
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        self.public = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        self.wire = struct.pack("!HBB", 257, 3, ALGORITHM) + self.public

    def dnskey(self):
        return dns.rdata.from_wire("IN", "DNSKEY", self.wire, 0, len(self.wire))

    def tag(self):
        return dns.dnssec.key_id(self.dnskey())

    def ds(self, algorithm=ALGORITHM, digest_type=2):
        digest = hashlib.sha256(self.zone.canonicalize().to_wire() + self.wire).digest()
        return struct.pack("!HBB", self.tag(), algorithm, digest_type) + digest

    def sign(self, owner, rdtype, rdatas, begin=BEGIN, end=END, labels=None, signer=None):
        """RRSIG rdata (RFC 4034 section 3.1.8.1); labels: of the wildcard it was made for."""
        owner = owner.canonicalize()
        count = len(owner) - 1 - (owner.labels[0] == b"*") if labels is None else labels
        head = struct.pack("!HBBIIIH", rdtype, ALGORITHM, count, TTL, seconds(end),
                           seconds(begin), self.tag())
        head += (signer or self.zone).canonicalize().to_wire()
        signed = owner
        if count < len(owner) - 1 - (owner.labels[0] == b"*"):
            signed = dns.name.Name((b"*",) + owner.labels[-count - 1:])
        data = head + b"".join(
            signed.to_wire() + struct.pack("!HHIH", rdtype, 1, TTL, len(wire)) + wire
            for wire in sorted(rdatas))
        der = self.private.sign(data, ec.ECDSA(hashes.SHA256()))
        return head + raw_signature(der)


def raw_signature(der):
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def records(origin, text):
    """Owner and type to the wire forms of their rdata."""
    found = {}
    for line in filter(None, text.splitlines()):
        owner, rdtype, rest = line.split(None, 2)
        name = dns.name.from_text(owner, dns.name.from_text(origin)) if owner != "@" \
            else dns.name.from_text(origin)
        rdata = dns.rdata.from_text("IN", rdtype, rest, dns.name.from_text(origin),
                                    relativize=False)
        found.setdefault((name, dns.rdatatype.from_text(rdtype)), []).append(rdata.to_wire())
    return found


def bitmap(types):
    windows = {}
    for rdtype in types:
        windows.setdefault(rdtype >> 8, bytearray(32))
        windows[rdtype >> 8][(rdtype & 255) // 8] |= 0x80 >> (rdtype & 7)
    out = b""
    for window, bits in sorted(windows.items()):
        bits = bytes(bits).rstrip(b"\0")
        out += bytes([window, len(bits)]) + bits
    return out


def types_at(sets, name, more):
    return {rdtype for owner, rdtype in sets if owner == name} | set(more)


def add_nsec(sets):
    names = sorted({owner for owner, _ in sets}, key=lambda n: n.canonicalize().labels[::-1])
    for at, name in enumerate(names):
        following = names[(at + 1) % len(names)]
        more = {dns.rdatatype.NSEC, dns.rdatatype.RRSIG}
        sets[(name, dns.rdatatype.NSEC)] = [
            following.canonicalize().to_wire() + bitmap(types_at(sets, name, more))]


def add_nsec3(sets, origin, iterations, flags=0):
    apex = dns.name.from_text(origin)
    sets[(apex, dns.rdatatype.NSEC3PARAM)] = [struct.pack("!BBHB", 1, 0, iterations, 0)]
    names = {owner for owner, _ in sets}
    for name in list(names):
        while name != apex:
            name = name.parent()
            names.add(name)
    hashed = sorted((dns.dnssec.nsec3_hash(name.canonicalize(), None, iterations, 1), name)
                    for name in names)
    for at, (label, name) in enumerate(hashed):
        following = base64.b32decode(to_b32(hashed[(at + 1) % len(hashed)][0]))
        types = types_at(sets, name, ())
        types |= {dns.rdatatype.RRSIG} if types else set()
        owner = dns.name.from_text(label, apex)
        sets[(owner, dns.rdatatype.NSEC3)] = [
            struct.pack("!BBHB", 1, flags, iterations, 0) + bytes([len(following)]) + following
            + bitmap(types)]


def to_b32(base32hex):
    return base32hex.translate(str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUV",
                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))


def record(owner, rdtype, wire):
    return f"{owner.to_text()} {TTL} {dns.rdatatype.to_text(rdtype)} \\# {len(wire)} {wire.hex()}\n"


def make(origin, text, key, cuts=(), nsec3=None, more_keys=(), junk=0, opt_out=0, denial=None,
         **how):
    """The zone's lines; cuts: names delegated away, whose NS and glue nobody signs; junk: so
    many signatures of each set that do not hold; denial: how NSEC records are signed, if not as
    all the others.
    """
    sets = records(origin, text)
    apex = dns.name.from_text(origin)
    cuts = [dns.name.from_text(cut) for cut in cuts]
    sets[(apex, dns.rdatatype.DNSKEY)] = [key.wire, *more_keys]
    glue = {name: sets.pop(name) for name in list(sets)
            if any(name[0].is_subdomain(cut) and name[0] != cut for cut in cuts)}
    if nsec3 is None:
        add_nsec(sets)
    else:
        add_nsec3(sets, origin, nsec3, opt_out)
    out = ""
    for (owner, rdtype), rdatas in sets.items():
        out += "".join(record(owner, rdtype, wire) for wire in rdatas)
        if not (owner in cuts and rdtype == dns.rdatatype.NS):
            is_denial = rdtype in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
            good = key.sign(owner, rdtype, rdatas, **(denial if is_denial and denial else how))
            for number in range(junk):
                bad = hashlib.sha512(good + bytes([number])).digest()
                out += record(owner, dns.rdatatype.RRSIG, good[:-64] + bad)
            out += record(owner, dns.rdatatype.RRSIG, good)
    for (owner, rdtype), rdatas in glue.items():
        out += "".join(record(owner, rdtype, wire) for wire in rdatas)
    return out


def put(name, text):
    with open(os.path.join(FOLDER, name), "w", encoding="ascii") as file:
        file.write(text)


SOA = "@ SOA ns1.invalid. host.invalid. 1 7200 900 1209600 60\n"
ROOT = SOA + """
@ NS a.root-servers.net.
@ NS b.root-servers.net.
a.root-servers.net. A 192.0.2.1
b.root-servers.net. A 192.0.2.2
com. NS ns1.com.
com. NS ns2.com.
net. NS ns1.net.
net. NS ns2.net.
"""
COM = SOA + """
@ NS ns1
@ NS ns2
ns1 A 192.0.2.11
ns2 A 192.0.2.12
acme NS ns1.acme
acme NS ns2.acme
partner NS ns1.partner
partner NS ns2.partner
"""
PARTNER = SOA + """
@ NS ns1
@ NS ns2
ns1 A 198.51.100.70
ns2 A 198.51.100.71
s1 TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""
ACME = SOA + """
@ NS ns1
@ NS ns2
ns1 A 198.51.100.1
ns2 A 198.51.100.2
aaa._domainkey CNAME aaa.dkim.mailer.net.
bbb._domainkey CNAME bbb.dkim.mailer.net.
ccc._domainkey CNAME ccc.dkim.mailer.net.
bounce MX 10 feedback.mailer.net.
bounce TXT "v=spf1 include:spf.mailer.net -all"
_dmarc TXT "v=DMARC1; p=reject"
"""
MANY = ACME + "".join(f"k{i}._domainkey CNAME k{i}.dkim.mailer.net.\n" for i in range(12))
BY_PARTNER = ACME + "s1._domainkey CNAME s1.partner.com.\n"
WITHOUT_KEYS = "\n".join(text for text in ACME.splitlines() if "_domainkey" not in text) + "\n"
WILDCARD = WITHOUT_KEYS + "*._domainkey CNAME aaa.dkim.mailer.net.\n"


def with_tag(tag, number):
    """A DNSKEY with a given tag, which nobody has the private half of (KeyTrap)."""
    body = bytearray(struct.pack("!HBB", 256, 3, ALGORITHM)
                     + hashlib.sha512(str(number).encode()).digest())
    body[-2:] = b"\0\0"
    for low in range(65536):
        body[-2:] = struct.pack("!H", low)
        if dns.dnssec.key_id(dns.rdata.from_wire("IN", "DNSKEY", bytes(body), 0, len(body))) == tag:
            return bytes(body)
    return None


def colliding(key, count):
    found = []
    number = 0
    while len(found) < count:
        wire = with_tag(key.tag(), number)
        number += 1
        if wire:
            found.append(wire)
    return found


def main():
    os.makedirs(FOLDER, exist_ok=True)
    root, com, acme, stranger = Key("."), Key("com."), Key("acme.com."), Key("acme.com.")
    partner = Key("partner.com.")
    expired = {"begin": BEGIN - datetime.timedelta(60), "end": BEGIN}

    def com_zone(*ds):
        lines = "".join(f"acme DS \\# {len(d)} {d.hex()}\n" for d in ds)
        lines += f"partner DS \\# {len(partner.ds())} {partner.ds().hex()}\n"
        return make("com.", COM + lines, com, cuts=["acme.com.", "partner.com."])

    ds = com.ds()
    put("root", make(".", ROOT + f"com. DS \\# {len(ds)} {ds.hex()}\n", root,
                     cuts=["com.", "net."]))
    put("../worlds/anchor", "anchor . DS " + " ".join([str(root.tag()), str(ALGORITHM), "2",
                                              root.ds()[4:].hex()]) + "\n")
    put("com", com_zone(acme.ds()))
    put("com-without-ds", com_zone())
    put("com-with-another-ds", com_zone(stranger.ds()))
    put("com-with-unknown-algorithm", com_zone(acme.ds(algorithm=250)))
    put("com-with-unknown-digest", com_zone(acme.ds(digest_type=99)))
    put("com-with-both-ds", com_zone(stranger.ds(), acme.ds()))
    put("acme", make("acme.com.", ACME, acme))
    put("acme-expired", make("acme.com.", ACME, acme, **expired))
    put("acme-future", make("acme.com.", ACME, acme, begin=END - datetime.timedelta(1)))
    put("acme-by-another-signer", make("acme.com.", ACME, acme, signer=dns.name.from_text("com.")))
    put("acme-by-a-stranger", make("acme.com.", ACME, stranger))
    put("acme-without-keys", make("acme.com.", WITHOUT_KEYS, acme))
    put("acme-nsec3", make("acme.com.", WITHOUT_KEYS, acme, nsec3=0))
    put("acme-nsec3-2500", make("acme.com.", WITHOUT_KEYS, acme, nsec3=2500))
    put("acme-nsec3-opt-out", make("acme.com.", WITHOUT_KEYS, acme, nsec3=0, opt_out=1))
    put("acme-denial-expired", make("acme.com.", WITHOUT_KEYS, acme, denial=expired))
    put("acme-nsec3-denial-expired", make("acme.com.", WITHOUT_KEYS, acme, nsec3=0,
                                          denial=expired))
    put("acme-many", make("acme.com.", MANY, acme))
    put("acme-by-partner", make("acme.com.", BY_PARTNER, acme))
    put("partner", make("partner.com.", PARTNER, partner))
    put("acme-wildcard", make("acme.com.", WILDCARD, acme))
    keys = colliding(acme, 60)
    put("acme-60-keys", make("acme.com.", ACME, acme, more_keys=keys))
    put("acme-60-signatures", make("acme.com.", ACME, acme, junk=60))
    put("acme-keytrap", make("acme.com.", ACME, acme, more_keys=keys, junk=60))


if __name__ == "__main__":
    main()
