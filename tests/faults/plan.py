# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world that starts quickly: one operator, no resolvers; see world/plan.py."""
from world import plan, servers
from world.plan import Host, KEY_HOSTS, KEY_ZONE, NETWORKS, REGISTRY_HOSTS, ROOT_HOSTS  # noqa: F401

SERVERS = {key: (servers.Knot, {}) for key in ("root", "registry", "goodhost", "keys")}
HOSTS = {name: host for name, host in plan.HOSTS.items() if host.server in SERVERS}
OPERATORS = {"goodhost": plan.OPERATORS["goodhost"]}
REGISTRIES = {"com": False, "net": False, "example": False}
HOST_ZONES = {domain: hosts for domain, hosts in plan.HOST_ZONES.items()
              if all(name in HOSTS for name in hosts) and
              (domain.partition(".")[0] in SERVERS or domain in
               ("root-servers.net", "gtld.net", "unpend.example"))}
RESOLVERS = {}

# The zone in which the load's domains are, and who serves it.
LOAD_ZONE = "load.com"
LOAD_SERVER = "goodhost"
