# SPDX-License-Identifier: GPL-3.0-or-later
"""A service and three perspectives, of which some see another DNS, or nothing."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[2:2] = [os.path.join(os.path.dirname(HERE), part) for part in ("resolver", "authority")]

from hostile import Net  # noqa: E402
from perspectives import Perspective, Pki  # noqa: E402
from product import Service, call, find_tokens  # noqa: E402
from world.asking import await_truth  # noqa: E402

NAMES = ("tokyo", "osaka", "paris")
SHOPS = ("shop", "news", "mall")
PORT = 8961


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(str(tmp_path_factory.mktemp("pki")))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Root hints of a DNS in which the shops have no records."""
    net = Net(str(tmp_path_factory.mktemp("net")))
    net.serve("192.0.2.201", ".", "com. NS a.nic.com.\na.nic.com. A 192.0.2.202\n")
    net.serve("192.0.2.202", "com.", "".join(
        f"{shop} NS ns1.{shop}\n{shop} NS ns2.{shop}\n"
        f"ns1.{shop} A 198.51.100.201\nns2.{shop} A 198.51.100.202\n" for shop in SHOPS))
    for shop in SHOPS:
        for address in ("198.51.100.201", "198.51.100.202"):
            net.serve(address, f"{shop}.com.", "@ NS ns1\n@ NS ns2\n"
                      "ns1 A 198.51.100.201\nns2 A 198.51.100.202\n")
    hints = os.path.join(net.folder, "hints")
    with open(hints, "w") as file:
        file.write(". NS root.invalid.\nroot.invalid. A 192.0.2.201\n")
    yield hints
    net.__exit__()


class Places:
    """The service, and what it can ask."""

    def __init__(self, world, pki, folder):
        self.world, self.pki, self.folder = world, pki, folder
        self.running = {}
        certificate, key = pki.make("service", "DNS:service.example")
        ask = ", ".join(f"{name}=127.0.0.1:{PORT + i}" for i, name in enumerate(NAMES))
        self.settings = {"ask": ask, "ca": pki.ca, "certificate": certificate, "key": key,
                         "timeout_ms": "4000"}

    def add(self, name, hints=None):
        self.running[name] = Perspective(
            self.pki, self.folder, name, PORT + NAMES.index(name),
            hints or self.world.root_hints, options=["--allow", "service.example"])

    def remove(self, name):
        assert self.running.pop(name).end() == 0


@pytest.fixture
def places(world, pki, tmp_path):
    one = Places(world, pki, str(tmp_path))
    yield one
    for name in list(one.running):
        one.remove(name)


@pytest.fixture
def service(world, places, tmp_path):
    with Service(world, str(tmp_path), dns={"probes": "1"},
                 perspectives=places.settings) as one:
        yield one


def publish(service, shop):
    """What the customer does: three CNAMEs, in the real DNS. Gives the identity's number."""
    domain = f"{shop}.com"
    service.world.zone(domain, "goodhost")
    identity = service.add_sender(domain)
    service.world.add(domain, [f"{token}._domainkey CNAME {token}.{service.key_zone}."
                               for token in find_tokens(identity)])
    return identity["id"]


def dkim(identity):
    return identity["aspects"]["dkim"]


def count_perspectives(service):
    """How many are configured, and connected."""
    numbers = dict(line.split() for line in call(service.url + "/metrics")[2].decode().splitlines()
                   if line.startswith("unpend_perspectives"))
    return int(numbers["unpend_perspectives"]), int(numbers["unpend_perspectives_up"])


def look(service, number):
    """Another look, as soon as it may be; gives the identity after it."""
    before = service.get_identity(number)["last_checked_at"]
    await_truth(lambda: service.api(f"/identities/{number}/checks", "POST")[0] in (200, 202),
                "a look to be allowed", 20)

    def looked():
        identity = service.get_identity(number)
        return identity if identity["last_checked_at"] != before else None
    return await_truth(looked, "the look", 30)


def voices(service, number):
    """What each place found in the last look that is kept, by name."""
    status, answer = service.api(f"/identities/{number}/checks")
    assert status == 200, answer
    [last, *_] = answer["checks"]
    return {one["name"]: one["verdict"] for one in last["perspectives"]}


def await_status(service, number, status):
    def reached():
        identity = service.get_identity(number)
        if dkim(identity) == status:
            return identity
        service.api(f"/identities/{number}/checks", "POST")     # refused where it is too early
        return None
    return await_truth(reached, f"DKIM to be {status}", 60)


def test_one_of_three_may_see_something_else(places, service, elsewhere):
    places.add("tokyo")
    places.add("osaka", elsewhere)
    places.add("paris")
    number = publish(service, "shop")
    await_status(service, number, "SUCCESS")
    assert voices(service, number) == {"here": "ok", "tokyo": "ok", "osaka": "action_required",
                                       "paris": "ok"}


def test_where_two_of_three_see_no_records_nothing_is_verified(places, service, elsewhere):
    places.add("tokyo")
    places.add("osaka", elsewhere)
    places.add("paris", elsewhere)
    number = publish(service, "news")

    def disputed():
        identity = look(service, number)
        assert dkim(identity) == "PENDING"
        return identity if "U909" in {f["code"] for f in identity["findings"]} else None
    identity = await_truth(disputed, "the dispute to be told", 60)
    assert identity["findings"][0]["code"] == "U909"
    assert voices(service, number)["osaka"] == "action_required"
    assert not identity["may_send"]

    # The two see the same as everybody else from now on.
    for name in ("osaka", "paris"):
        places.remove(name)
        places.add(name)
    await_status(service, number, "SUCCESS")


def test_silence_verifies_nothing_and_takes_nothing_away(places, service):
    assert count_perspectives(service) == (3, 0)
    places.add("tokyo")
    await_truth(lambda: count_perspectives(service) == (3, 1), "tokyo to be counted", 20)
    number = publish(service, "mall")

    def unheard():
        identity = look(service, number)
        assert dkim(identity) == "PENDING"
        return identity if "U909" in {f["code"] for f in identity["findings"]} else None
    await_truth(unheard, "the silence to be told", 60)
    assert voices(service, number) == {"here": "ok", "tokyo": "ok", "osaka": "silent",
                                       "paris": "silent"}
    places.add("osaka")
    await_status(service, number, "SUCCESS")
    for name in ("tokyo", "osaka"):
        places.remove(name)
    assert dkim(look(service, number)) == "SUCCESS"
    await_truth(lambda: count_perspectives(service) == (3, 0), "the loss to be counted", 20)
