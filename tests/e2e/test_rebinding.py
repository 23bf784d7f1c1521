# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook whose name means one address now and another a moment later."""
import os
import socket
import threading

import dns.message
import dns.rrset
import pytest

from product import BINARY, Service
from receiver import Receiver
from world.asking import await_truth

OUTSIDE, INSIDE = "192.0.2.254", "127.0.0.1"
NAME = "rebind.hooks.com"


class Fickle:
    """A resolver that gives each question for A the next of its answers; the last stays."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.53", 53))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                packet, client = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(packet)
            answer = dns.message.make_response(query)
            question = query.question[0]
            if question.rdtype == dns.rdatatype.A:
                addresses = self.answers[min(self.asked, len(self.answers) - 1)]
                self.asked += 1
                answer.answer.append(dns.rrset.from_text_list(
                    question.name, 0, "IN", "A", addresses))
            self.socket.sendto(answer.to_wire(), client)


@pytest.fixture
def fickle():
    one = Fickle([OUTSIDE], [INSIDE], [INSIDE, OUTSIDE])
    yield one
    one.socket.close()


@pytest.fixture
def serve(world, tmp_path, fickle):
    """A service whose system asks the fickle resolver."""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.53\noptions timeout:2 attempts:1\n")
    service = Service(world, str(tmp_path), webhook={
        "allow_addresses": "192.0.2.0/24", "allow_http": "true", "ports": "",
        "timeout_s": "3"})
    own = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    service.start(*own, "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"',
                  str(resolv), BINARY, "serve", "--config", service.config)
    service.tenant = service.add_tenant("demo")
    yield service
    service.stop()


def ping(serve, hook, count):
    """A delivery, after its first try."""
    assert serve.api(f"/webhooks/{hook['id']}/test", "POST")[0] == 202

    def tried():
        listed = serve.api(f"/webhooks/{hook['id']}/deliveries")[1]["deliveries"]
        return listed[0] if len(listed) == count and listed[0]["tries"] else None
    return await_truth(tried, f"a try; the log says:\n{serve.read_log()}", 20)


def test_each_try_is_checked_where_it_connects(serve, fickle):
    with Receiver(host=OUTSIDE) as outside, Receiver(host=INSIDE, port=outside.port) as inside:
        hook = serve.api("/webhooks", "POST", {
            "url": f"http://{NAME}:{outside.port}/in", "kinds": ["webhook.test"]})[1]
        assert ping(serve, hook, 1)["state"] == "done"
        # What was checked is what was connected to: nobody asked a second time.
        assert (fickle.asked, len(outside.received)) == (1, 1)
        refused = ping(serve, hook, 2)
        assert refused["state"] == "waiting" and refused["last_status"] == 0
        assert "may not be called" in refused["last_reply"]
        assert INSIDE not in refused["last_reply"]
        # It is tried again: the name has both addresses now, and only one is called.
        outside.await_received(2)
        assert inside.received == []
