# SPDX-License-Identifier: GPL-3.0-or-later
"""Name servers that misbehave: a small tree of zones, served by threads of this process.

    net.serve("192.0.2.1", ".", "test. NS a.nic.test. ...", twist=silent)

A server answers as it should; a twist then decides what is sent instead: it is given the
server, the query, the right answer and "udp" or "tcp", and returns the packets to send in
order: bytes, (address, bytes) to send from elsewhere, or, over TCP, anything that is
bytes by inheritance to send an octet at a time.
"""
import contextlib
import dataclasses
import json
import os
import socket
import struct
import subprocess
import threading

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("UNPEND_BINARY",
                                        os.path.join(REPOSITORY, "build", "unpend")))
DRIVER = os.path.join(os.path.dirname(BINARY), "tests", "resolver", "driver")
# UNPEND_LOCKED_IN=1: whatever is observed is seen by a probe process in its sandbox.
LOCKED_IN = ("--pool", "1") if os.environ.get("UNPEND_LOCKED_IN") else ()
ROOT = "192.0.2.1"
PATIENCE_S = 20
DRIP_S = 0.05
SOA = "@ 60 SOA ns.invalid. host.invalid. 1 2 3 4 60\n"


@dataclasses.dataclass
class Asked:
    """One question that a server got."""
    transport: str
    name: str           # as spelt on the wire
    type: str
    message: dns.message.Message
    source_port: int


def right_answer(zones, query):
    """What a correct authoritative server says."""
    question = query.question[0]
    answer = dns.message.make_response(query)
    answer.flags &= ~dns.flags.RD
    held = [z for z in zones if question.name.is_subdomain(z.origin)]
    if not held:
        answer.set_rcode(dns.rcode.REFUSED)
        return answer
    zone = max(held, key=lambda z: len(z.origin))
    cut = find_cut(zone, question.name)
    if cut is not None:
        answer.authority.append(cut)
        add_glue(zone, cut, answer)
        return answer
    answer.flags |= dns.flags.AA
    fill(zone, question, answer)
    return answer


def find_cut(zone, name):
    for depth in range(len(zone.origin) + 1, len(name) + 1):
        above = name.split(depth)[1]
        rrset = zone.get_rrset(above, dns.rdatatype.NS)
        if rrset is not None:
            return rrset
    return None


def add_glue(zone, cut, answer):
    for ns in cut:
        for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            glue = zone.get_rrset(ns.target, rdtype) \
                if ns.target.is_subdomain(zone.origin) else None
            if glue is not None:
                answer.additional.append(glue)


def fill(zone, question, answer):
    node = zone.get_node(question.name)
    below = any(name.is_subdomain(question.name) for name in zone.nodes)
    rrset = zone.get_rrset(question.name, question.rdtype)
    alias = zone.get_rrset(question.name, dns.rdatatype.CNAME)
    if rrset is not None or alias is not None:
        answer.answer.append(rrset if rrset is not None else alias)
        return
    if node is None and not below:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    answer.authority.append(zone.get_rrset(zone.origin, dns.rdatatype.SOA))


def usual(server, query, answer, transport):
    return [answer.to_wire()]


def silent(server, query, answer, transport):
    return []


class Server:
    """Listens on port 53 of one address, UDP and TCP."""

    def __init__(self, address, twist=usual, tcp=True):
        self.address, self.twist = address, twist
        self.zones, self.asked = [], []
        self.changed = threading.Condition()
        self.closing = threading.Event()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.bind((address, 53))
        self.tcp = socket.create_server((address, 53), family=family) if tcp else None
        self.threads = [threading.Thread(target=self.run_udp, daemon=True)]
        if tcp:
            self.threads.append(threading.Thread(target=self.run_tcp, daemon=True))
        for thread in self.threads:
            thread.start()

    def close(self):
        self.closing.set()
        with contextlib.suppress(OSError):
            self.udp.shutdown(socket.SHUT_RDWR)
        if self.tcp is not None:
            with contextlib.suppress(OSError):
                self.tcp.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.udp.close()
        if self.tcp is not None:
            self.tcp.close()

    def replies(self, wire, transport, port):
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return []
        question = query.question[0]
        with self.changed:
            self.asked.append(Asked(transport, question.name.to_text(),
                                    dns.rdatatype.to_text(question.rdtype), query, port))
            self.changed.notify_all()
        return self.twist(self, query, right_answer(self.zones, query), transport)

    def await_asked(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, PATIENCE_S)

    def run_udp(self):
        while True:
            wire, peer = self.udp.recvfrom(65535)
            if not wire:
                return
            for reply in self.replies(wire, "udp", peer[1]):
                self.send_udp(reply, peer)

    def send_udp(self, reply, peer):
        if isinstance(reply, bytes):
            self.udp.sendto(reply, peer)
            return
        source, packet = reply
        with socket.socket(self.udp.family, socket.SOCK_DGRAM) as other:
            other.bind((source, 0))
            other.sendto(packet, peer)

    def send_tcp(self, connection, reply):
        framed = struct.pack("!H", len(reply)) + reply
        if type(reply) is bytes:
            connection.sendall(framed)
            return
        for octet in framed:
            if self.closing.wait(DRIP_S):
                return
            connection.sendall(bytes([octet]))

    def run_tcp(self):
        while True:
            try:
                connection, peer = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self.serve_connection, args=(connection, peer),
                             daemon=True).start()

    def serve_connection(self, connection, peer):
        with connection, contextlib.suppress(OSError, EOFError):
            length, = struct.unpack("!H", read_exactly(connection, 2))
            wire = read_exactly(connection, length)
            for reply in self.replies(wire, "tcp", peer[1]):
                self.send_tcp(connection, reply)


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Net:
    """A root, whatever else is served, and the driver program between them."""

    def __init__(self, folder):
        self.folder, self.servers = folder, {}

    def __enter__(self):
        self.serve(ROOT, ".", "test. NS a.nic.test.\na.nic.test. A 192.0.2.11\n"
                              "other. NS a.nic.other.\na.nic.other. A 192.0.2.12\n")
        return self

    def __exit__(self, *_):
        for server in self.servers.values():
            server.close()

    def serve(self, address, origin, text, twist=usual, tcp=True):
        """Adds a zone to the server at the address, which is made if needed."""
        if address not in self.servers:
            self.servers[address] = Server(address, twist, tcp)
        server = self.servers[address]
        # No NS at the apex is fine for what is only passed through.
        server.zones.append(dns.zone.from_text(
            f"$ORIGIN {origin}\n$TTL 300\n{SOA}{text}", origin=origin, relativize=False,
            check_origin=False))
        return server

    def config(self, **keys):
        keys = {"root_hints": os.path.join(self.folder, "hints"), "trust_anchor": "",
                "resolvers": "", "ipv6": "false", "query_timeout_ms": "1000",
                "allow_addresses": "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24", **keys}
        self.keys = keys
        with open(keys["root_hints"], "w") as file:
            file.write(f". NS root.invalid.\nroot.invalid. A {ROOT}\n")
        path = os.path.join(self.folder, "unpend.conf")
        with open(path, "w") as file:
            file.write("[dns]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))
        return path

    def driver(self, domain, times=1, records=(), options=(), **keys):
        command = [DRIVER, *options, self.config(**keys), domain, str(times)]
        if records:
            command.append(json.dumps({"domain": domain, "records": list(records)}))
        return command

    def observe(self, domain, times=1, records=(), **keys):
        """The last of so many observations."""
        done = subprocess.run(self.driver(domain, times, records, LOCKED_IN, **keys),
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def txt(name, value):
    """An expected record."""
    return {"purpose": "ownership", "type": "TXT", "name": name, "value": value}


def answers(observation, name, rdtype):
    return [a for a in observation["answers"] if (a["name"], a["type"]) == (name, rdtype)]


def values(observation, name, rdtype):
    """Everything that anybody said to this question."""
    return sorted({r["rdata"] for a in answers(observation, name, rdtype)
                   for r in a.get("records", [])})
