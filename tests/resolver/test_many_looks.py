# SPDX-License-Identifier: GPL-3.0-or-later
"""unpend bulk over domains that take long, or much: how many are looked at in full at once,
and what that takes.
"""
import concurrent.futures
import contextlib
import json
import socket
import subprocess
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from hostile import BINARY
from world import namespace

PROBES = 2
DEAD, PROMPT = 300, 32
FAT, FAT_OCTETS = 128, 60_000
LONG, LONG_OCTETS, LONG_ANSWERED = 1500, 4000, 60
MEMORY_MAX_KB = 48 << 10
FAT_SERVERS = ("198.51.100.1", "198.51.100.2")


def line_of(domain, labels, octets=1):
    return json.dumps({"domain": domain, "records": [
        {"purpose": "ownership", "type": "TXT", "name": f"{label}.{domain}",
         "value": "x" * octets} for label in labels]}) + "\n"


def peak_memory_kb(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def all_of(run):
    with open(f"/proc/{run.pid}/task/{run.pid}/children") as file:
        return [run.pid, *map(int, file.read().split())]


@contextlib.contextmanager
def running(net, lines, *words, **keys):
    """A run that is given the lines and waits for more."""
    def write():
        with contextlib.suppress(BrokenPipeError):
            run.stdin.write("".join(lines))
            run.stdin.flush()

    with subprocess.Popen([BINARY, "bulk", "--config", net.config(**keys), "--probes",
                           str(PROBES), *words],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        with concurrent.futures.ThreadPoolExecutor(1) as beside:
            beside.submit(write)
            try:
                yield run
            finally:
                run.kill()      # whoever writes hears of it


def memory_kb(run):
    """The most that all its processes together had."""
    return sum(map(peak_memory_kb, all_of(run)))


def bulk(net, lines, seen, **keys):
    """The answers, and the most memory; seen() is called with each answer."""
    told = []
    with running(net, lines, "--thorough", **keys) as run:
        for _ in lines:
            told.append(json.loads(run.stdout.readline()))
            seen(told[-1])
        # It waits for more: all it had to hold it has held.
        memory = memory_kb(run)
    assert sorted(answer["line"] for answer in told) == list(range(1, len(lines) + 1))
    return told, memory


def refer(servers_of, answer):
    """The answer of a registry where each domain has these servers: [(name, address), ...]."""
    name = answer.question[0].name.split(3)[1]
    answer.answer, answer.authority = [], []
    answer.set_rcode(dns.rcode.NOERROR)
    answer.flags &= ~dns.flags.AA
    servers = servers_of(name)
    answer.authority.append(dns.rrset.from_text(name, 300, "IN", "NS",
                                                *(server for server, _ in servers)))
    for server, address in servers:
        answer.additional.append(dns.rrset.from_text(
            server, 300, "IN", "AAAA" if ":" in address else "A", address))
    return [answer.to_wire()]


class Sink:
    """Takes every packet to port 53 of addresses that nobody has, and says nothing."""

    def __init__(self):
        self.domains = set()
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind(("::", 53))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with contextlib.suppress(OSError):
            while packet := self.socket.recv(4096):
                query = dns.message.from_wire(packet)
                self.domains.add(query.question[0].name.split(3)[1].to_text().lower())

    def close(self):
        with contextlib.suppress(OSError):      # it is not connected, but no longer read
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()


@pytest.fixture
def sink():
    namespace.run_ip(["route replace local 2001:db8::/32 dev lo"])
    one = Sink()
    yield one
    one.close()


SILENT = {"ipv6": "true", "query_timeout_ms": "2000",
          "allow_addresses": "192.0.2.0/24 2001:db8::/32"}


@pytest.fixture
def silent(net, sink):
    """Domains d1, d2, ... whose two name servers, of their own each, say nothing."""
    def registry(server, query, answer, transport):
        return refer(lambda domain: [
            (f"ns{n}.{domain}", f"2001:db8:{int(domain.labels[0][1:]):x}::{n}")
            for n in (1, 2)], answer)
    net.serve("192.0.2.1", ".", "test NS ns.test\nns.test A 192.0.2.11\n")
    net.serve("192.0.2.11", "test.", "", registry)
    return sink


def test_the_silent_wait_beside_each_other(net, silent):
    def seen(answer):
        at_once.append(len(silent.domains) - len(at_once))

    at_once = []
    told, memory = bulk(net, [line_of(f"d{n}.test", "abcdef") for n in range(1, DEAD + 1)], seen,
                        **SILENT)
    assert {answer["verdict"] for answer in told} == {"undetermined"}
    assert 3 * PROMPT * PROBES // 2 < max(at_once) <= 256 * PROBES
    assert memory < MEMORY_MAX_KB


def test_long_lines_wait_outside(net, silent):
    """Seventy megabytes of them, which the silent do not let through for minutes."""
    lines = (line_of(f"d{n}.test", "abcdefghijkl", LONG_OCTETS) for n in range(1, LONG + 1))
    with running(net, lines, **SILENT) as run:
        told = [json.loads(run.stdout.readline()) for _ in range(LONG_ANSWERED)]
        assert memory_kb(run) < MEMORY_MAX_KB
    assert {answer["verdict"] for answer in told} == {"undetermined"}


def test_fewer_are_looked_at_that_need_much(net):
    def registry(server, query, answer, transport):
        return refer(lambda domain: [(f"ns{n}.{domain}", address)
                                     for n, address in enumerate(FAT_SERVERS)], answer)

    def fat(server, query, answer, transport):
        name = query.question[0].name
        if name.labels[0].lower() == b"b":
            return []
        answer.set_rcode(dns.rcode.NOERROR)
        answer.flags |= dns.flags.AA
        if len(name.labels[0]) == 1 and transport == "udp":
            answer.flags |= dns.flags.TC
        elif len(name.labels[0]) == 1:
            record, = dns.rrset.from_text(name, 60, "IN", "TXT", '"' + "x" * 255 + '"')
            wide = record.replace(strings=record.strings * (FAT_OCTETS // 256))
            answer.answer = [dns.rrset.from_rdata(name, 60, wide)]
        return [answer.to_wire(max_size=65535)]

    net.serve("192.0.2.1", ".", "test NS ns.test\nns.test A 192.0.2.11\n")
    net.serve("192.0.2.11", "test.", "", registry)
    for address in FAT_SERVERS:
        net.serve(address, "invalid.", "", fat)
    told, memory = bulk(net, [line_of(f"d{n}.test", "abcd") for n in range(FAT)],
                        lambda answer: None)
    assert {answer["verdict"] for answer in told} <= {"action_required", "undetermined"}
    assert memory < MEMORY_MAX_KB
