# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking the world's servers, to learn when they are ready."""
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

# For what would be there in a moment on a machine of one's own: keys of RSA are made one after
# the other, and a young identity is looked at when it has its three.
PATIENCE_S = 90.0
PAUSE_S, PAUSE_MAX_S = 0.005, 0.1


class NotReady(Exception):
    """A server of the world did not come to answer as it should."""


def ask(address, name, rdtype, timeout_s=0.05, recursion=False, dnssec=False):
    """One question over UDP, TCP when truncated; None when nothing came back."""
    query = dns.message.make_query(name, rdtype, want_dnssec=dnssec)
    if not recursion:
        query.flags &= ~dns.flags.RD
    try:
        answer, _ = dns.query.udp_with_fallback(query, address, timeout=timeout_s)
        return answer
    except (dns.exception.DNSException, OSError):
        return None


def find_rrset(answer, name, rdtype):
    """The RRset in the answer section, or None."""
    if answer is None:
        return None
    rdtype = dns.rdatatype.from_text(rdtype)
    name = dns.name.from_text(name)
    return next((s for s in answer.answer if s.name == name and s.rdtype == rdtype), None)


def await_truth(condition, what, patience_s=PATIENCE_S):
    """Ask until condition() gives something true, and give that.

    Ever more slowly: who waits for long shall not take the machine from what he waits for.
    """
    pause, pause_s = threading.Event(), PAUSE_S
    deadline = time.monotonic() + patience_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise NotReady(f"gave up after {patience_s:.0f} s: {what}")
        pause.wait(pause_s)
        pause_s = min(1.2 * pause_s, PAUSE_MAX_S)


def await_serial(address, domain, serial):
    """Wait until the server answers for the zone with this serial or a later one."""
    def has_serial():
        rrset = find_rrset(ask(address, domain, "SOA"), domain, "SOA")
        return rrset is not None and rrset[0].serial >= serial
    await_truth(has_serial, f"{address} to serve {domain} with serial {serial}")


def await_dnskey(address, domain):
    """Wait until the zone is signed; give its DNSKEY RRset."""
    return await_truth(lambda: find_rrset(ask(address, domain, "DNSKEY"), domain, "DNSKEY"),
                       f"{address} to serve DNSKEY of {domain}")


def await_rcode(address, domain, rcode):
    """Wait until a question about the domain is answered with this response code."""
    def has_rcode():
        answer = ask(address, domain, "SOA")
        return answer is not None and dns.rcode.to_text(answer.rcode()) == rcode
    await_truth(has_rcode, f"{address} to answer {rcode} for {domain}")
