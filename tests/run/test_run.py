#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/run, as `make run` starts it, in a folder of its own: what a newcomer sees."""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import urllib.error
import urllib.request

import pytest

from world import namespace
from world.asking import await_truth

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.path.abspath(os.environ.get("UNPEND_BINARY", os.path.join(ROOT, "build", "unpend")))
ADDRESS = "127.0.0.1:8025"


@pytest.fixture
def checkout(tmp_path):
    """What tools/run needs of a checkout."""
    for folder in ("tools", "build"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tools" / "run").symlink_to(os.path.join(ROOT, "tools", "run"))
    (tmp_path / "build" / "unpend").symlink_to(BINARY)
    return tmp_path


class Run:
    """tools/run in the checkout, until the end of the context."""

    def __init__(self, checkout):
        self.checkout, self.log = checkout, checkout / "run.log"

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(self.checkout / "tools" / "run")], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, preexec_fn=namespace.die_with_parent)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()

    def read(self):
        return self.log.read_text()

    def await_ready(self):
        await_truth(self.is_up, "tools/run to serve")

    def is_up(self):
        assert self.process.poll() is None, self.read()
        try:
            with urllib.request.urlopen(f"http://{ADDRESS}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False


def ask_me(token):
    request = urllib.request.Request(f"http://{ADDRESS}/api/v1/me",
                                     headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_the_first_start_prints_the_address_and_credentials_that_work(checkout):
    with Run(checkout) as run:
        run.await_ready()
        seen = run.read()
        assert f"http://{ADDRESS}/" in seen
        token = re.search(r"^ +token +(\S+)$", seen, re.M)[1]
        assert ask_me(token)["tenant"] == "default"
        assert re.search(r"^ +access key id +\S+$", seen, re.M)
        assert re.search(r"^ +secret access key +\S+$", seen, re.M)


def test_what_is_still_to_be_set_is_said_and_stands_in_the_file(checkout):
    with Run(checkout) as run:
        run.await_ready()
        seen = run.read()
    for option in ("keys.zone", "keys.zone_file", "relay.url"):
        assert re.search(rf": set {option}\W*$", seen, re.M), seen
    text = (checkout / "var" / "unpend.conf").read_text()
    for option in ("zone", "zone_file", "name_servers", "reload", "until_verified", "url"):
        assert re.search(rf"^#{option} = ", text, re.M), option
    commented = re.sub(r"^#(\w+ = )", r"\1", text, flags=re.M)
    (checkout / "all.conf").write_text(commented)
    checked = subprocess.run([BINARY, "config", "check", "--config", checkout / "all.conf"],
                             capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_the_environment_can_name_the_configuration(tmp_path):
    (tmp_path / "own.conf").write_text("[log]\nlevel = debug\n")

    def show(*words):
        return subprocess.run([BINARY, "config", "show", *words], capture_output=True, text=True,
                              env=dict(os.environ, UNPEND_CONFIG=str(tmp_path / "own.conf")))
    assert re.search(r"^.*log.level.*debug", show().stdout, re.M)
    (tmp_path / "other.conf").write_text("[log]\nlevel = error\n")
    assert re.search(r"^.*log.level.*error",
                     show("--config", str(tmp_path / "other.conf")).stdout, re.M)


def test_a_later_start_keeps_the_tenant_and_prints_no_secret(checkout):
    with Run(checkout) as first:
        first.await_ready()
        token = re.search(r"^ +token +(\S+)$", first.read(), re.M)[1]
    with Run(checkout) as second:
        second.await_ready()
        assert f"http://{ADDRESS}/" in second.read()
        assert "token" not in second.read()
        assert ask_me(token)["tenant"] == "default"


def test_what_it_leaves_is_for_its_owner_only_and_holds_no_token(checkout):
    with Run(checkout) as run:
        run.await_ready()
        token = re.search(r"^ +token +(\S+)$", run.read(), re.M)[1].encode()
    for path in [checkout / "var", *(checkout / "var").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert path.is_dir() or token not in path.read_bytes(), path


def run_to_the_end(checkout):
    return subprocess.run([str(checkout / "tools" / "run")], capture_output=True, text=True,
                          timeout=30)


def test_a_taken_port_is_said_in_plain_words_before_anything_is_made(checkout):
    with socket.create_server(("127.0.0.1", 8025)):
        done = run_to_the_end(checkout)
    assert done.returncode == 1
    assert done.stderr == (f"run: another program listens on {ADDRESS}; stop it, or change "
                           "'listen' in var/unpend.conf\n")
    assert not (checkout / "var" / "unpend.db").exists()


def test_a_changed_configuration_is_kept(checkout):
    (checkout / "var").mkdir()
    own = "[http]\nlisten = nowhere\n"
    (checkout / "var" / "unpend.conf").write_text(own)
    done = run_to_the_end(checkout)
    assert done.returncode == 1
    assert done.stderr == "run: var/unpend.conf has no 'listen = ADDRESS:PORT' in [http]\n"
    assert (checkout / "var" / "unpend.conf").read_text() == own


def test_without_a_build_it_says_what_to_do(checkout):
    (checkout / "build" / "unpend").unlink()
    done = run_to_the_end(checkout)
    assert done.returncode == 1
    assert done.stderr == "run: build/unpend is not built; say 'make run'\n"
