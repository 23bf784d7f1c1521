#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What dns_message_parse reads is what dnspython reads, message by message."""
import collections
import os
import random
import subprocess

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

MESSAGES = 10000  # of each kind
SEED = 20261122
MALFORMED = 'malformed'
HEADER_LEN = 12
FLAGS = [dns.flags.AA, dns.flags.RA, dns.flags.AD, dns.flags.TC]
TYPES = 'A AAAA NS CNAME DNAME MX TXT SOA DS DNSKEY PTR SRV TYPE65280'.split()


class Maker:
    """Makes messages of names that share suffixes, so that there is much to compress."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []  # of the message being made

    def label(self):
        if self.random.random() < 0.1:
            return self.random.randbytes(self.random.randint(1, 63))
        return self.random.choice(b'www mail _dmarc S1 _domainkey a xn--p1ai *'.split())

    def name(self):
        name = self.random.choice(self.names)
        if self.random.random() < 0.5:
            try:
                name = dns.name.Name((self.label(), *name.labels))
            except dns.name.NameTooLong:
                return name
            self.names.append(name)
        return name

    def number(self, bits):
        return self.random.getrandbits(bits).to_bytes(bits // 8, 'big')

    def strings(self):
        parts = [self.random.randbytes(self.random.choice([0, 1, 20, 255]))
                 for _ in range(self.random.randint(1, 3))]
        return b''.join(bytes([len(p)]) + p for p in parts)

    def rdata_wire(self, rdtype):
        name, number = (lambda: self.name().to_wire()), self.number
        return {
            'A': lambda: number(32),
            'AAAA': lambda: number(128),
            'MX': lambda: number(16) + name(),
            'TXT': self.strings,
            'SOA': lambda: name() + name() + number(160),
            'DS': lambda: number(16) + b'\x08\x02' + number(256),
            'DNSKEY': lambda: number(16) + b'\x03\x08' + number(1024),
            'SRV': lambda: number(48) + name(),
            'TYPE65280': lambda: self.random.randbytes(self.random.randint(0, 40)),
        }.get(rdtype, name)()

    def rrset(self):
        rdtype = self.random.choice(TYPES)
        wire = self.rdata_wire(rdtype)
        number = dns.rdatatype.from_text(rdtype)
        rdata = dns.rdata.from_wire(dns.rdataclass.IN, number, wire, 0, len(wire))
        ttl = self.random.choice([0, 1, 300, 2**31 - 1])
        return dns.rrset.from_rdata(self.name(), ttl, rdata)

    def options(self):
        cookie = self.random.randbytes(self.random.choice([8, 16, 40]))
        return [dns.edns.GenericOption(10, cookie), dns.edns.GenericOption(65001, b'any')]

    def message(self):
        """The wire form of one answer."""
        self.names = [dns.name.root, dns.name.from_text('Example.com')]
        query = dns.message.make_query(self.name(), self.random.choice(['TXT', 'MX', 'A']))
        m = dns.message.make_response(query)
        m.id = self.random.getrandbits(16)
        for flag in FLAGS:
            m.flags |= self.random.choice([0, flag])
        if self.random.random() < 0.5:
            m.use_edns(0, 0, 1232, options=self.options())
        m.set_rcode(self.random.choice([0, 2, 3, 5, 16, 23] if m.edns == 0 else [0, 2, 3, 5]))
        for section in (m.answer, m.authority, m.additional):
            for _ in range(self.random.choice([0, 0, 1, 2, 4])):
                section.append(self.rrset())
        return m.to_wire(max_size=65535)

    def broken(self):
        """The same with some octets changed, taken away, added, or made a pointer."""
        wire = bytearray(self.message())
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randrange(4, len(wire))
            how = self.random.randrange(5)
            if how == 0:
                wire[at] = self.random.getrandbits(8)
            elif how == 1:
                wire[at] ^= 1 << self.random.randrange(8)
            elif how == 2:
                del wire[max(at, HEADER_LEN):]
            elif how == 3:
                wire[at:at] = self.random.randbytes(self.random.randint(1, 4))
            else:
                wire[at:at + 2] = bytes([0xc0, self.random.randrange(HEADER_LEN, 256)])
        return bytes(wire)


def ours(wires):
    """The lines of the driver, one a message."""
    driver = os.path.join(os.path.dirname(os.environ['UNPEND_BINARY']),
                          'tests', 'dns', 'print_messages')
    got = subprocess.run([driver], input='\n'.join(w.hex() for w in wires), text=True,
                         capture_output=True, check=True)
    return got.stdout.splitlines()


def record_line(section, rrset):
    # RFC 2181 section 8
    ttl = rrset.ttl if rrset.ttl < 2**31 else 0
    rdata = rrset[0].to_wire()
    return f'|{section} {rrset.name.to_wire().hex()} {int(rrset.rdtype)} {ttl} {rdata.hex()}'


def line_of(m):
    """A message of dnspython as the driver would print it."""
    bits = [dns.flags.QR, dns.flags.AA, dns.flags.TC, dns.flags.RA, dns.flags.AD]
    flags = ''.join('1' if m.flags & bit else '0' for bit in bits)
    line = f'{m.id} {int(m.opcode())} {int(m.rcode())} {flags} {int(m.edns >= 0)}'
    for question in m.question:
        line += f'|question {question.name.to_wire().hex()} {int(question.rdtype)}'
    for name in ('answer', 'authority', 'additional'):
        for rrset in getattr(m, name):
            if rrset.rdclass == dns.rdataclass.IN:
                line += record_line(name, rrset)
    return line


def has_opinion(m):
    """Whether dnspython knows where the names are in every record of the message."""
    known = {dns.rdatatype.from_text(t) for t in TYPES}
    return all(r.rdtype in known for s in (m.answer, m.authority, m.additional) for r in s)


def theirs(wire):
    """The line for the message, MALFORMED, or None: cannot say."""
    try:
        m = dns.message.from_wire(wire, one_rr_per_rrset=True, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return MALFORMED
    # Ours refuses a question of another class, and more than one.
    if len(m.question) > 1 or any(q.rdclass != dns.rdataclass.IN for q in m.question):
        return MALFORMED
    return line_of(m) if has_opinion(m) else None


def is_truncated(wire):
    return bool(wire[2] & 0x02)


def is_cut_string(rdata):
    at = 0
    while at < len(rdata):
        at += 1 + rdata[at]
    return at > len(rdata)


# What they look into and dns_message_parse leaves to whoever reads the rdata.
OPAQUE = {
    dns.rdatatype.TXT: is_cut_string,
    dns.rdatatype.DS: lambda rdata: len(rdata) != 36,
    dns.rdatatype.DNSKEY: lambda rdata: len(rdata) < 4,
}


def is_lenient(wire, line):
    """Ours reads on purpose what they refuse: a message with TC as far as it goes, records
    of other classes, rdata of types without names.
    """
    known = {int(dns.rdatatype.from_text(t)) for t in TYPES}
    header, *parts = line.split('|')
    records = [part.split(' ') for part in parts if not part.startswith('question')]
    said = sum(int.from_bytes(wire[at:at + 2], 'big') for at in (6, 8, 10))
    has_left_out = said > len(records) + header.endswith(' 1')
    return is_truncated(wire) or has_left_out or any(
        int(r[2]) not in known or OPAQUE.get(int(r[2]), lambda _: False)(bytes.fromhex(r[4]))
        for r in records)


def test_whole_messages_are_read_alike():
    maker = Maker(SEED)
    wires = [maker.message() for _ in range(MESSAGES)]
    for wire, line in zip(wires, ours(wires), strict=True):
        expected = theirs(wire)
        assert expected not in (MALFORMED, None), wire.hex()
        assert line == expected, wire.hex()


def test_broken_messages_are_refused_or_read_alike():
    maker = Maker(SEED)
    wires = [maker.broken() for _ in range(MESSAGES)]
    count = collections.Counter()
    for wire, line in zip(wires, ours(wires), strict=True):
        expected = theirs(wire)
        if expected is None:
            count['no opinion'] += 1
        elif expected == MALFORMED != line:
            count['lenient'] += 1
            assert is_lenient(wire, line), wire.hex()
        else:
            count['refused' if line == MALFORMED else 'read'] += 1
            assert line == expected, wire.hex()
    # Most of the cases say something.
    assert count['read'] > MESSAGES / 10 and count['refused'] > MESSAGES / 10, count
