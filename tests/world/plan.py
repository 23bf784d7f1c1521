# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is where in the world: servers, their host names and addresses, the zones they need.

192.0.2.0/24 holds the root and the registries, 198.51.100.0/24 the DNS operators,
203.0.113.0/24 the public resolvers; each host has the IPv6 address of like number.
"""
import dataclasses

from . import servers

NETWORKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")


@dataclasses.dataclass(frozen=True)
class Host:
    """A server's name and addresses; `server` is its key in SERVERS."""
    server: str
    ipv4: str | None = None
    ipv6: str | None = None

    @property
    def addresses(self):
        return [address for address in (self.ipv4, self.ipv6) if address]


@dataclasses.dataclass(frozen=True)
class Operator:
    """Whose servers a customer's zone is put on."""
    hosts: tuple
    about: str


# What runs: the class and what else it is told.
SERVERS = {
    "root": (servers.Knot, {}),
    "registry": (servers.Knot, {}),
    "goodhost": (servers.Knot, {}),
    "nsdhost-1": (servers.Nsd, {}),
    "nsdhost-2": (servers.Nsd, {}),
    "bindhost": (servers.Bind, {}),
    "lamehost": (servers.Lame, {}),
    "laghost": (servers.Knot, {}),
    "deadhost": (servers.Silent, {}),
    "failhost": (servers.Knot, {}),
    "tcphost": (servers.Nsd, {"udp_payload": 512}),
    "sixhost": (servers.Knot, {}),
    "keys": (servers.Knot, {}),
}

HOSTS = {
    "a.root-servers.net": Host("root", "192.0.2.1", "2001:db8:1::1"),
    "b.root-servers.net": Host("root", "192.0.2.2", "2001:db8:1::2"),
    "a.gtld.net": Host("registry", "192.0.2.11", "2001:db8:1::11"),
    "b.gtld.net": Host("registry", "192.0.2.12", "2001:db8:1::12"),
    "ns1.goodhost.net": Host("goodhost", "198.51.100.1", "2001:db8:2::1"),
    "ns2.goodhost.net": Host("goodhost", "198.51.100.2", "2001:db8:2::2"),
    "ns1.nsdhost.com": Host("nsdhost-1", "198.51.100.11", "2001:db8:2::11"),
    "ns2.nsdhost.com": Host("nsdhost-2", "198.51.100.12", "2001:db8:2::12"),
    "ns.bindhost.net": Host("bindhost", "198.51.100.21", "2001:db8:2::21"),
    "ns.lamehost.net": Host("lamehost", "198.51.100.31"),
    "ns.laghost.net": Host("laghost", "198.51.100.41"),
    "ns1.deadhost.net": Host("deadhost", "198.51.100.51"),
    "ns2.deadhost.net": Host("deadhost", "198.51.100.52"),
    "ns1.failhost.net": Host("failhost", "198.51.100.61"),
    "ns2.failhost.net": Host("failhost", "198.51.100.62"),
    "ns1.tcphost.net": Host("tcphost", "198.51.100.71"),
    "ns2.tcphost.net": Host("tcphost", "198.51.100.72"),
    "ns1.sixhost.net": Host("sixhost", None, "2001:db8:2::81"),
    "ns2.sixhost.net": Host("sixhost", None, "2001:db8:2::82"),
    "ns1.unpend.example": Host("keys", "198.51.100.91", "2001:db8:2::91"),
    "ns2.unpend.example": Host("keys", "198.51.100.92", "2001:db8:2::92"),
}

OPERATORS = {
    "goodhost": Operator(("ns1.goodhost.net", "ns2.goodhost.net"), "Knot DNS, two servers"),
    "nsdhost": Operator(("ns1.nsdhost.com", "ns2.nsdhost.com"), "NSD, two servers"),
    "bindhost": Operator(("ns.bindhost.net",), "BIND 9, one server"),
    "lamehost": Operator(("ns.lamehost.net",), "refuses every question"),
    "laghost": Operator(("ns.laghost.net",), "serves what it is given later than others"),
    "deadhost": Operator(("ns1.deadhost.net", "ns2.deadhost.net"), "never answers"),
    "failhost": Operator(("ns1.failhost.net", "ns2.failhost.net"), "answers SERVFAIL"),
    "tcphost": Operator(("ns1.tcphost.net", "ns2.tcphost.net"), "truncates above 512 bytes"),
    "sixhost": Operator(("ns1.sixhost.net", "ns2.sixhost.net"), "IPv6 only"),
}

ROOT_HOSTS = ("a.root-servers.net", "b.root-servers.net")
REGISTRY_HOSTS = ("a.gtld.net", "b.gtld.net")
KEY_HOSTS = ("ns1.unpend.example", "ns2.unpend.example")

# The registries' zones, and whether they are signed with a DS at the root.
REGISTRIES = {"com": True, "net": True, "jp": False, "example": False}

# The zones in which the hosts themselves have their names: zone and who serves it.
HOST_ZONES = {
    "root-servers.net": ROOT_HOSTS,
    "gtld.net": REGISTRY_HOSTS,
    "goodhost.net": OPERATORS["goodhost"].hosts,
    "nsdhost.com": OPERATORS["nsdhost"].hosts,
    "bindhost.net": OPERATORS["bindhost"].hosts,
    "tcphost.net": OPERATORS["tcphost"].hosts,
    "sixhost.net": OPERATORS["sixhost"].hosts,
    "lamehost.net": OPERATORS["goodhost"].hosts,
    "laghost.net": OPERATORS["goodhost"].hosts,
    "deadhost.net": OPERATORS["goodhost"].hosts,
    "failhost.net": OPERATORS["goodhost"].hosts,
    "unpend.example": KEY_HOSTS,
}

KEY_ZONE = "dkim.unpend.example"

RESOLVERS = {
    "resolver-1": ("203.0.113.53", "2001:db8:3::53"),
    "resolver-2": ("203.0.113.54", "2001:db8:3::54"),
    "resolver-3": ("203.0.113.55", "2001:db8:3::55"),
}
