# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is where in the corpus: the plan of tests/world and more operators.

Those that bear the names of real DNS operators are Knot DNS, as `goodhost` is; only the
names matter.
"""
from world import plan, servers
from world.plan import *     # noqa: F401, F403
from world.plan import Host, Operator

from .liar import UdpOnly
from .split import Split

THIRTEEN = tuple(f"ns{number}.thirteen.net" for number in range(1, 14))

# Operators whose names say something to a person. Operator: name servers.
NAMED = {
    "cloudflare": ("gina.ns.cloudflare.com", "hugh.ns.cloudflare.com"),
    "route53": ("ns-512.awsdns-00.net", "ns-1024.awsdns-00.org", "ns-1536.awsdns-00.co.uk"),
    "godaddy": ("ns01.domaincontrol.com", "ns02.domaincontrol.com"),
    "namecheap": ("dns1.registrar-servers.com", "dns2.registrar-servers.com"),
    "muumuu": ("dns01.muumuu-domain.com", "dns02.muumuu-domain.com"),
    "onamae": ("01.dnsv.jp", "02.dnsv.jp"),
    "sakura": ("ns1.dns.ne.jp", "ns2.dns.ne.jp"),
    "xserver": ("ns1.xserver.jp", "ns2.xserver.jp"),
    "networksolutions": ("ns91.worldnic.com", "ns92.worldnic.com"),
    "sedo": ("ns1.sedoparking.com", "ns2.sedoparking.com"),
    "parkingcrew": ("ns1.parkingcrew.net", "ns2.parkingcrew.net"),
    "bodis": ("ns1.bodis.com", "ns2.bodis.com"),
}
SERVED_BY = ("198.51.100.101", "198.51.100.102", "198.51.100.103")
SERVED_BY_6 = ("2001:db8:2::101", "2001:db8:2::102", "2001:db8:2::103")

SERVERS = {
    **plan.SERVERS,
    "named": (servers.Knot, {}),
    "thirteen": (servers.Knot, {}),
    "splithost": (Split, {}),
    "vainhost": (servers.Nsd, {}),
    "udphost": (UdpOnly, {}),
    "nsec3host": (servers.Knot, {"nsec3": True}),
}

HOSTS = {
    **plan.HOSTS,
    **{name: Host("named", SERVED_BY[at], SERVED_BY_6[at])
       for names in NAMED.values() for at, name in enumerate(names)},
    **{name: Host("thirteen", f"198.51.100.{110 + at}") for at, name in enumerate(THIRTEEN)},
    "ns1.splithost.net": Host("splithost", "198.51.100.131"),
    "ns2.splithost.net": Host("splithost", "198.51.100.132"),
    "ns1.vainhost.net": Host("vainhost", "198.51.100.135"),
    "ns1.udphost.net": Host("udphost", "198.51.100.136"),
    "ns2.udphost.net": Host("udphost", "198.51.100.137"),
    "ns1.nsec3host.net": Host("nsec3host", "198.51.100.138"),
    "ns2.nsec3host.net": Host("nsec3host", "198.51.100.139"),
}

OPERATORS = {
    **plan.OPERATORS,
    **{name: Operator(hosts, f"bears the names of {name}") for name, hosts in NAMED.items()},
    "thirteen": Operator(THIRTEEN, "thirteen servers"),
    "splithost": Operator(("ns1.splithost.net", "ns2.splithost.net"),
                          "serves other data beside a CNAME"),
    "nsec3host": Operator(("ns1.nsec3host.net", "ns2.nsec3host.net"), "signs with NSEC3"),
    "udphost": Operator(("ns1.udphost.net", "ns2.udphost.net"), "never talks TCP"),
}

REGISTRIES = {**plan.REGISTRIES, "org": True, "uk": False}


def zone_of(host):
    """The zone that a host's name is put into."""
    labels = host.split(".")
    return ".".join(labels[-3:] if labels[-2:] in (["co", "uk"], ["ne", "jp"]) else labels[-2:])


HOST_ZONES = {
    **plan.HOST_ZONES,
    **{zone_of(name): plan.OPERATORS["goodhost"].hosts
       for names in (*NAMED.values(), THIRTEEN) for name in names},
    "splithost.net": plan.OPERATORS["goodhost"].hosts,
    "vainhost.net": plan.OPERATORS["goodhost"].hosts,
    "nsec3host.net": plan.OPERATORS["goodhost"].hosts,
    "udphost.net": plan.OPERATORS["goodhost"].hosts,
}
