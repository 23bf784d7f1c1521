# SPDX-License-Identifier: GPL-3.0-or-later
"""The two readings of a message, each as a line of text."""
import os
import subprocess

import dns.exception
import dns.flags
import dns.message
import dns.rdataclass
import dns.rdatatype

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get('UNPEND_BINARY', os.path.join(ROOT, 'build', 'unpend'))
DRIVER = os.path.join(os.path.dirname(os.path.abspath(BINARY)), 'tests', 'differential',
                      'print_messages')
MALFORMED = 'malformed'
BITS = (dns.flags.QR, dns.flags.AA, dns.flags.TC, dns.flags.RA, dns.flags.AD)
COOKIE, EDE = 10, 15
COOKIE_LENGTHS = (8, *range(16, 41))     # RFC 7873 section 4


def ours(wires):
    """The lines of the driver, one a message."""
    got = subprocess.run([DRIVER], input='\n'.join(w.hex() for w in wires), text=True,
                         capture_output=True, check=True)
    return got.stdout.splitlines()


def record_text(section, rrset):
    # RFC 2181 section 8
    ttl = rrset.ttl if rrset.ttl < 2**31 else 0
    rdata = rrset[0].to_wire()
    return f'|{section} {rrset.name.to_wire().hex()} {int(rrset.rdtype)} {ttl} {rdata.hex()}'


def option_text(m):
    """The first cookie that is one, and the first extended error."""
    options = [(int(o.otype), o.to_wire()) for o in m.options]
    cookie = next((data for code, data in options
                   if code == COOKIE and len(data) in COOKIE_LENGTHS), b'')
    text = f'|cookie {cookie.hex()}' if cookie else ''
    error = next((data for code, data in options if code == EDE and len(data) >= 2), b'')
    return text + (f'|error {error.hex()}' if error else '')


def line_of(m):
    """A message of dnspython as the driver would print it."""
    flags = ''.join('1' if m.flags & bit else '0' for bit in BITS)
    line = f'{m.id} {int(m.opcode())} {int(m.rcode())} {flags} {int(m.edns >= 0)}'
    for question in m.question:
        line += f'|question {question.name.to_wire().hex()} {int(question.rdtype)}'
    for name in ('answer', 'authority', 'additional'):
        for rrset in getattr(m, name):
            if rrset.rdclass == dns.rdataclass.IN:
                line += record_text(name, rrset)
    return line + option_text(m)


def theirs(wire):
    """dnspython's reading."""
    try:
        return line_of(dns.message.from_wire(wire, one_rr_per_rrset=True, ignore_trailing=True))
    except (dns.exception.DNSException, ValueError, NotImplementedError):
        return MALFORMED
