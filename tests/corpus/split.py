# SPDX-License-Identifier: GPL-3.0-or-later
"""What no name server would load: other data beside a CNAME.

Some panels serve that all the same. Here dnsdist stands before two Knot DNS: one has the
zone without what stands beside a CNAME, the other has it without the CNAME; questions for
a CNAME go to the first, all others about such a name to the second.
"""
import os

from world import namespace
from world.servers import Knot, Server

ADDRESSES = ("127.0.10.1", "127.0.10.2")     # the two behind it


def owner_and_type(line):
    words = line.split()
    return (words[0], words[1]) if len(words) > 2 else ("", "")


class Split(Server):
    """dnsdist with two Knot DNS behind it. Zones must be put before start()."""

    kind = "dnsdist before two Knot DNS"

    def __init__(self, name, addresses, folder):
        super().__init__(name, addresses, folder)
        self.behind = [Knot(f"{name}-{n}", [address], os.path.join(folder, str(n)))
                       for n, address in enumerate(ADDRESSES)]
        self.names = set()

    @property
    def serials(self):
        return self.behind[0].serials

    def put_zone(self, domain, text, serial, signed=False):
        lines = text.splitlines()
        aliased = {owner_and_type(line)[0] for line in lines
                   if owner_and_type(line)[1] == "CNAME"}
        beside = {owner_and_type(line)[0] for line in lines
                  if owner_and_type(line)[1] != "CNAME"} & aliased
        self.names |= {f"{name}.{domain}." for name in beside}
        with_alias = [line for line in lines if owner_and_type(line)[0] not in beside
                      or owner_and_type(line)[1] == "CNAME"]
        without = [line for line in lines if owner_and_type(line)[0] not in beside
                   or owner_and_type(line)[1] != "CNAME"]
        for server, kept in zip(self.behind, (with_alias, without)):
            server.put_zone(domain, "\n".join(kept) + "\n", serial, signed)

    def start(self):
        for server in self.behind:
            server.start()
        for server in self.behind:
            server.ready()
        listen = "\n".join(f'addLocal("{address}:53")' if ":" not in address else
                           f'addLocal("[{address}]:53")' for address in self.addresses)
        names = ", ".join(f'"{name}"' for name in sorted(self.names))
        self.write("dnsdist.conf", f"""\
setLocal("127.0.10.3:53")
{listen}
setACL({{"0.0.0.0/0", "::/0"}})
setSecurityPollSuffix("")
newServer({{address="{ADDRESSES[0]}:53", pool="alias", healthCheckMode="up"}})
newServer({{address="{ADDRESSES[1]}:53", pool="others", healthCheckMode="up"}})
names = newDNSNameSet()
for _, name in ipairs({{{names}}}) do names:add(newDNSName(name)) end
others = NotRule(QTypeRule(DNSQType.CNAME))
addAction(AndRule({{QNameSetRule(names), others}}), PoolAction("others"))
addAction(AllRule(), PoolAction("alias"))
""")
        self.spawn(namespace.find_program("dnsdist"), "--supervised", "--disable-syslog",
                   "-C", self.path("dnsdist.conf"))

    def ready(self):
        for domain, serial in self.serials.items():
            self.await_zone(domain, serial)

    def stop(self):
        super().stop()
        for server in self.behind:
            server.stop()
