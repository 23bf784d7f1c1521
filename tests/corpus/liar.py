# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbound that does what it should not: a resolver that makes up answers, an authority
without TCP.
"""
from world.servers import Unbound, ZoneServer

LIAR = "203.0.113.66"
REFUSED = ("one-fails1.com", "one-fails2.com", "one-fails3.com")

LIES = """
server:
    local-zone: "invalid." redirect
    local-data: "invalid. 60 A 192.0.2.66"
""" + "".join(f'    local-zone: "{domain}." always_refuse\n' for domain in REFUSED)


class Liar(Unbound):
    """A public resolver that invents an address for what does not exist."""

    def write(self, name, text):
        return super().write(name, text + LIES)


UDP_ONLY = """\
server:
    {interfaces}
    port: 53
    username: ""
    chroot: ""
    directory: {folder}
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-daemonize: no
    num-threads: 1
    do-tcp: no
    max-udp-size: 512
    module-config: "iterator"
    access-control: 0.0.0.0/0 allow
    access-control: ::/0 allow
"""


class UdpOnly(ZoneServer):
    """Unbound with zones of its own that never talks TCP. Zones must be put before start()."""

    kind = "unbound, UDP only"

    def start(self):
        interfaces = "\n    ".join(f"interface: {address}" for address in self.addresses)
        text = UDP_ONLY.format(interfaces=interfaces, folder=self.folder)
        for domain in self.serials:
            text += (f"auth-zone:\n    name: {domain}\n    zonefile: {self.zone_file(domain)}\n"
                     "    for-upstream: no\n    for-downstream: yes\n    fallback-enabled: no\n")
        self.write("unbound.conf", text)
        self.spawn(self.program("unbound"), "-d", "-c", self.path("unbound.conf"))
