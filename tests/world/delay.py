# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of the world whose answers take their time.

dnsdist stands at the server's addresses and delays what the server itself, moved to
addresses of its own, answers over UDP. The kernel's netem would be simpler; it is not
everywhere.
"""
import itertools
import os

from . import asking, namespace
from .servers import Server

hidden_numbers = itertools.count(1)


class Delayed(Server):
    """Wraps a server class: Delayed(..., kind=Knot, delay_ms=20)."""

    def __init__(self, name, addresses, folder, kind, delay_ms, **options):
        super().__init__(name, addresses, folder)
        self.delay_ms = delay_ms
        self.hidden = [f"127.0.20.{next(hidden_numbers)}" for _ in self.addresses]
        self.inner = kind(name, self.hidden, os.path.join(folder, "inner"), **options)

    def __getattr__(self, name):
        """What is not told to the front is told to the server."""
        return getattr(self.inner, name)

    def start(self):
        self.inner.start()
        self.inner.ready()
        lines = ['setACL({"0.0.0.0/0", "::/0"})', 'setSecurityPollSuffix("")']
        for at, (address, hidden) in enumerate(zip(self.addresses, self.hidden)):
            place = f"[{address}]:53" if ":" in address else f"{address}:53"
            lines += [f'{"setLocal" if at == 0 else "addLocal"}("{place}")',
                      f'newServer({{address="{hidden}:53", pool="{at}", healthCheckMode="up"}})',
                      f"net{at} = newNMG()", f'net{at}:addMask("{address}")',
                      f"addAction(NetmaskGroupRule(net{at}, false), DelayAction({self.delay_ms}))",
                      f'addAction(NetmaskGroupRule(net{at}, false), PoolAction("{at}"))']
        self.write("dnsdist.conf", "\n".join(lines) + "\n")
        self.spawn(namespace.find_program("dnsdist"), "--supervised", "--disable-syslog",
                   "-C", self.path("dnsdist.conf"))

    def ready(self):
        for address in self.addresses:
            asking.await_truth(lambda: asking.ask(address, "ready.example", "SOA"),
                               f"{address} to answer after {self.delay_ms} ms")

    def stop(self):
        super().stop()
        self.inner.stop()
