# SPDX-License-Identifier: GPL-3.0-or-later
"""The n-th call of the kernel fails, for every n until there is none: "could not ask" is the
worst that comes of it, never a crash and never "absent".
"""
import errno
import itertools
import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from hostile import BINARY, Net, txt

NTH = os.path.join(os.path.dirname(BINARY), "tests", "nth", "libnth.so")
CALLS_MAX = 40          # of one function in one check; there are fewer
DOMAIN = "acme.test"
EXPECTED = [txt(f"t{n}.{DOMAIN}", "right") for n in range(3)]
FAILURES = {
    "socket": (errno.EMFILE, errno.ENOBUFS),
    "bind": (errno.EADDRINUSE, errno.EACCES),
    "setsockopt": (errno.ENOBUFS,),
    "connect": (errno.ENETUNREACH, errno.EADDRNOTAVAIL),
    "sendmmsg": (errno.ENOBUFS, errno.ENETUNREACH, errno.EPERM, errno.EINTR),
    "recvmmsg": (errno.ENOBUFS, errno.ENETUNREACH, errno.EINTR),
    "epoll": (errno.EINTR,),
}
# A call that is interrupted is made again, for as long as it is.
ONCE_ONLY = (errno.EINTR,)


def truncated_over_udp(server, query, answer, transport):
    """So that TCP is used as well."""
    if transport == "udp" and query.question[0].name.labels[0].lower() == b"t2":
        answer.answer.clear()
        answer.flags |= 0x0200
    return [answer.to_wire()]


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    with Net(str(tmp_path_factory.mktemp("nth"))) as one:
        one.serve("192.0.2.11", "test.", "acme NS ns1.acme\nacme NS ns2.acme\n"
                  "ns1.acme A 198.51.100.1\nns2.acme A 198.51.100.2\n")
        zone = ("@ NS ns1\n@ NS ns2\nns1 A 198.51.100.1\nns2 A 198.51.100.2\n"
                + "".join(f't{n} TXT "right"\n' for n in range(3)))
        for address in ("198.51.100.1", "198.51.100.2"):
            one.serve(address, f"{DOMAIN}.", zone, truncated_over_udp)
        one.path = one.config(query_timeout_ms="300", check_timeout_ms="2000")
        one.expect = os.path.join(one.folder, "expect.json")
        with open(one.expect, "w") as file:
            json.dump({"domain": DOMAIN, "records": EXPECTED}, file)
        yield one


def check(net, order):
    """Whether it came to the failure; the report; the exit status and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        reached = os.path.join(folder, "reached")
        done = subprocess.run(
            [BINARY, "check", DOMAIN, "--expect", net.expect, "--json", "--config", net.path],
            env={**os.environ, "LD_PRELOAD": NTH, "NTH": order, "NTH_REACHED": reached},
            capture_output=True, timeout=60)
        return os.path.exists(reached), done


def is_harmless(done):
    """Everything right, or not known."""
    report = json.loads(done.stdout) if done.stdout else {"verdict": "none", "records": []}
    if done.returncode < 0 or b"Sanitizer" in done.stderr:
        return False
    states = {record["state"] for record in report["records"]}
    if report["verdict"] == "ok":
        return done.returncode == 0 and states == {"ok"}
    # Right at one of the servers, or nothing known of any.
    return done.returncode != 0 and not states & {"missing", "wrong", "absent"}


def run_all(net, function, error, how):
    """For how many n there was an n-th call; those of them that did harm."""
    bad, calls = [], 0

    def one(n):
        reached, done = check(net, f"{function} {error} {n} {how}")
        if reached and not is_harmless(done):
            bad.append((n, done.returncode, done.stdout[:2000], done.stderr[-2000:]))
        return reached
    with ThreadPoolExecutor(4) as pool:
        for first in itertools.count(1, 4):
            reached = list(pool.map(one, range(first, first + 4)))
            calls += sum(reached)
            if not all(reached):
                return calls, bad
            assert first < CALLS_MAX, f"{function} has no last call"


def test_without_failures_everything_is_right(net):
    reached, done = check(net, "none 0 0 once")
    assert not reached and done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "ok"
    assert any(asked.transport == "tcp" for server in net.servers.values()
               for asked in server.asked)


@pytest.mark.parametrize("function,error", [
    pytest.param(function, error, id=f"{function}-{errno.errorcode[error]}")
    for function, errors in FAILURES.items() for error in errors])
def test_the_nth_call_fails(net, function, error):
    calls, bad = run_all(net, function, error, "once")
    assert calls > 0 and not bad, bad


@pytest.mark.parametrize("function,error", [
    pytest.param(function, error, id=f"{function}-{errno.errorcode[error]}")
    for function, errors in FAILURES.items() for error in errors if error not in ONCE_ONLY])
def test_every_call_from_the_nth_on_fails(net, function, error):
    calls, bad = run_all(net, function, error, "on")
    assert calls > 0 and not bad, bad
