# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages to read in two ways: made, captured from real servers, and broken."""
import random
import socket

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

import structure

HEADER_LEN = 12
FLAGS = [dns.flags.AA, dns.flags.RA, dns.flags.AD, dns.flags.TC]
TYPES = 'A AAAA NS CNAME DNAME MX TXT SOA DS DNSKEY PTR SRV RRSIG NSEC CAA TYPE65280'.split()
ASKED = 'A AAAA NS CNAME MX TXT SOA DS DNSKEY NSEC3PARAM ANY'.split()
LABELS = ('', 'www.', 'bounce.', '_dmarc.', 'no.such.', '*.')
PATIENCE_S, SILENT_MAX = 0.3, 3
BASES = 4000            # messages made, which are then broken in many ways


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
            'RRSIG': lambda: number(144) + name() + number(512),
            'NSEC': lambda: name() + b'\x00\x06\x40\x01\x00\x00\x00\x03',
            'CAA': lambda: b'\x00\x05issue' + self.random.randbytes(9),
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
        return [dns.edns.GenericOption(10, cookie), dns.edns.GenericOption(65001, b'any'),
                dns.edns.GenericOption(15, b'\x00\x16' + b'no keys')]

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


def break_octets(chance, wire):
    """The same with some octets changed, taken away, added, or made a pointer."""
    wire = bytearray(wire)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(4, len(wire))
        how = chance.randrange(5)
        if how == 0:
            wire[at] = chance.getrandbits(8)
        elif how == 1:
            wire[at] ^= 1 << chance.randrange(8)
        elif how == 2:
            del wire[max(at, HEADER_LEN):]
        elif how == 3:
            wire[at:at] = chance.randbytes(chance.randint(1, 4))
        else:
            wire[at:at + 2] = bytes([0xc0, chance.randrange(HEADER_LEN, 256)])
    return bytes(wire)


def make(seed, count, captured=()):
    """So many messages: a tenth whole, the others broken by octets or by structure."""
    maker = Maker(seed)
    bases = list(captured) + [maker.message() for _ in range(min(BASES, count // 2))]
    chance = random.Random(seed)
    for number in range(count):
        base = bases[number] if number < len(bases) else chance.choice(bases)
        kind = chance.random()
        if number < len(bases) and kind < 0.5:
            yield base
        elif kind < 0.6:
            yield break_octets(chance, base)
        else:
            yield structure.break_fields(chance, base)


def ask(server, wire):
    """What a real server says, octet by octet; None when it is silent."""
    with socket.socket(socket.AF_INET6 if ':' in server else socket.AF_INET,
                       socket.SOCK_DGRAM) as link:
        link.settimeout(PATIENCE_S)
        link.sendto(wire, (server, 53))
        try:
            return link.recv(65535)
        except OSError:
            return None


def servers_of(world):
    """One address of each server and public resolver."""
    return [s.addresses[0] for s in (*world.servers.values(), *world.resolvers.values())]


def query_about(number, name):
    """With and without EDNS, DO, a cookie, RD: every mixture comes."""
    query = dns.message.make_query(name, ASKED[number % len(ASKED)],
                                   want_dnssec=number % 2 == 0)
    if number % 4 == 1:
        query.use_edns(0, 0, 1232, options=[dns.edns.GenericOption(10, b'8 octets')])
    if number % 3:
        query.flags &= ~dns.flags.RD
    return query.to_wire()


def capture(servers, domains):
    """Answers of all these servers about all these domains."""
    found = []
    for server in servers:
        silent = 0
        names = [label + domain for domain in domains for label in LABELS]
        for number, name in enumerate(names):
            if silent == SILENT_MAX:
                break
            answer = ask(server, query_about(number, name))
            if answer is None:
                silent += 1
            else:
                found.append(answer)
    return found
