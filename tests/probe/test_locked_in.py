# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe process in its sandbox, as the kernel shows it and between real servers."""
import configparser
import json
import os
import re
import subprocess

import pytest

from hostile import DRIVER
from test_asking import Process
from world import samples

DESCRIPTORS_MAX = 2048


@pytest.fixture
def locked(world, tmp_path):
    """A probe process that has answered once, so it is locked in."""
    parser = configparser.ConfigParser(delimiters="=", interpolation=None)
    parser.read(world.config(str(tmp_path / "unpend.conf")))
    process = Process()
    process.send({"config": {f"dns.{k}": v for k, v in parser["dns"].items()}})
    process.send({"job": 1, "peek": "healthy.com"})
    assert process.receive()["zone"]
    yield process
    assert process.end() == 0


def read(process, name):
    with open(f"/proc/{process.child.pid}/{name}") as file:
        return file.read()


def test_the_kernel_says_that_it_is_locked_in(locked):
    status = dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", read(locked, "status"), re.M))
    assert (status["Seccomp"], status["NoNewPrivs"], status["Threads"]) == ("2", "1", "1")
    assert status["Uid"].split() == status["Gid"].split() == ["65534"] * 4
    assert status["Groups"] == ""
    assert {int(status[s], 16) for s in ("CapEff", "CapPrm", "CapInh", "CapAmb")} == {0}


def test_its_limits_hold(locked):
    limits = {name.strip(): hard for name, hard in
              re.findall(r"^(Max [a-z ]+?)\s{2,}\S+\s+(\S+)", read(locked, "limits"), re.M)}
    for name in ("core file size", "file size", "processes", "locked memory", "msgqueue size"):
        assert limits["Max " + name] == "0", limits
    assert int(limits["Max open files"]) <= DESCRIPTORS_MAX
    assert int(limits["Max data size"]) == 512 << 20


def test_it_holds_sockets_and_no_files(locked):
    """But for the one that libuv keeps, to have a descriptor to give up."""
    folder = f"/proc/{locked.child.pid}/fd"
    held = {int(fd): os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)}
    assert {path for fd, path in held.items() if fd > 2
            and not path.startswith(("socket:", "anon_inode:", "pipe:"))} <= {"/dev/null"}


@pytest.mark.parametrize("domain, security", [
    ("signed.com", "secure"), ("healthy.com", "insecure"), ("doesnotexist.com", "secure")])
def test_it_validates_locked_in(world, tmp_path, domain, security):
    config = world.config(str(tmp_path / "unpend.conf"))
    done = subprocess.run([DRIVER, "--pool", "1", config, domain, "2",
                           json.dumps(samples.expectation(domain))],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    # one process that lived to the end: "+PID" and "-PID"
    assert [line[0] for line in done.stderr.split()] in (["+"], ["+", "-"])
    for line in done.stdout.splitlines():
        assert {v["security"] for v in json.loads(line)["validations"]} == {security}


def test_without_the_option_it_is_not_locked_in(world, tmp_path):
    parser = configparser.ConfigParser(delimiters="=", interpolation=None)
    parser.read(world.config(str(tmp_path / "unpend.conf")))
    process = Process()
    process.send({"config": {**{f"dns.{k}": v for k, v in parser["dns"].items()},
                             "dns.sandbox": "false"}})
    process.send({"job": 1, "peek": "healthy.com"})
    assert process.receive()["zone"]
    assert re.search(r"^Seccomp:\s*0$", read(process, "status"), re.M)
    assert process.end() == 0
