# SPDX-License-Identifier: GPL-3.0-or-later
"""`tools/demo` as somebody who tries unpend for the first time would use it."""
import json
import os
import re
import signal
import subprocess
import sys

import pytest

from product import REPOSITORY, call, find_free_port
from world import samples
from world.asking import await_truth

DEMO = os.path.join(REPOSITORY, "tools", "demo")


def hear_ctrl_c():
    """As at a terminal; what a shell starts in the background ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Demo:
    """A demo that runs, and its sub-commands."""

    def __init__(self, folder):
        self.environment = dict(os.environ, UNPEND_DEMO_STATE=str(folder / "demo.json"),
                                PYTHONUNBUFFERED="1")
        self.url = f"http://127.0.0.1:{find_free_port()}"
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, DEMO, "--port", self.url.rpartition(":")[2]],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment,
            start_new_session=True, preexec_fn=hear_ctrl_c)
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError(self.said)

    def run(self, *words):
        return subprocess.run([sys.executable, DEMO, *words], capture_output=True, text=True,
                              env=self.environment, timeout=60)

    def api(self, path):
        token = re.search(r"token +(\S+)", self.said)[1]
        return json.loads(call(f"{self.url}/api/v1{path}",
                               headers={"Authorization": f"Bearer {token}"})[2])

    def find(self, domain):
        return next(one for one in self.api("/identities?limit=100")["identities"]
                    if one["domain"] == domain)

    def await_status(self, domain, status):
        await_truth(lambda: self.find(domain)["status"] == status, f"{domain} {status}")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, rest


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    one = Demo(tmp_path_factory.mktemp("demo"))
    yield one
    if one.process.poll() is None:
        one.end()


def test_it_prints_where_to_go_and_what_is_broken(demo):
    assert demo.url + "/" in demo.said
    for sample in samples.SAMPLES:
        assert sample.domain in demo.said
    assert {one["domain"] for one in demo.api("/identities?limit=100")["identities"]} == \
        set(samples.BY_DOMAIN)
    assert call(demo.url + "/")[0] == 200


def test_what_is_right_turns_verified_by_itself(demo):
    for domain in ("healthy.com", "signed.com", "mail.sub.customer.com", "v6only.com"):
        demo.await_status(domain, "SUCCESS")


def test_check_says_what_is_wrong_and_fix_mends_it(demo):
    done = demo.run("check", "doubled.com")
    assert done.returncode == 1 and "U201" in done.stdout, done.stdout + done.stderr
    assert demo.find("missing.com")["status"] == "PENDING"
    assert demo.run("fix", "missing.com").returncode == 0
    demo.await_status("missing.com", "SUCCESS")


def test_a_domain_is_found_however_it_is_written_and_wherever_it_stands(demo):
    done = demo.run("check", "--json", "Doubled.COM.")
    assert done.returncode == 1, done.stderr
    assert "U201" in {one["code"] for one in json.loads(done.stdout)["findings"]}


def test_break_and_add_say_what_they_did(demo):
    done = demo.run("break", "missing.com")
    assert done.stdout == "broken: missing.com: one of the three DKIM records is missing\n"
    done = demo.run("add", "MyShop.com.")
    assert re.fullmatch(r"published all \d+ records of myshop.com: it turns verified by "
                        r"itself\n", done.stdout), done.stdout + done.stderr
    demo.await_status("myshop.com", "SUCCESS")


def test_what_cannot_be_fixed_or_broken_is_said(demo):
    for verb in ("fix", "break"):
        done = demo.run(verb, "myshop.net")
        assert done.returncode == 1 and "tools/demo add myshop.net" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    done = demo.run("break", "healthy.com")
    assert done.returncode == 1 and "there is nothing to break" in done.stderr


@pytest.mark.parametrize("words, complaint", [
    (["mend", "missing.com"], "demo: there is no 'mend'"),
    (["fix"], "demo: 'fix' wants a word: DOMAIN"),
    (["send"], "demo: 'send' wants a word: ADDRESS"),
    (["mail", "all"], "demo: 'mail' does not know what 'all' is for"),
    (["--port"], "demo: '--port' wants a number, and nothing behind it"),
])
def test_misuse_is_said_in_one_line_above_the_usage(demo, words, complaint):
    done = demo.run(*words)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0] == complaint and "tools/demo check DOMAIN" in done.stderr


def test_a_second_demo_refuses_and_leaves_the_first_alone(demo):
    done = demo.run("--port", str(find_free_port()))
    assert done.returncode == 1
    assert done.stderr == f"demo: a demo runs already at {demo.url}; end it first\n"
    assert demo.run("mail").returncode == 0


def test_a_mail_waits_and_arrives(demo):
    sent = demo.run("send", "news@target.com")
    assert sent.returncode == 0, sent.stderr
    assert sent.stdout.endswith("; it waits until target.com is verified\n")
    assert "0 arrived" in demo.run("mail").stdout
    assert demo.run("fix", "target.com").returncode == 0

    def has_arrived():
        told = demo.run("mail").stdout
        return told if "1 arrived" in told else None
    told = await_truth(has_arrived, "the mail")
    assert re.match(r"From:    news@target\.com\nTo:      someone@inbox\.example\n"
                    r"Subject: Hello\nDate:    .+\n"
                    r"DKIM:    the signature verifies\n\nSent as news@target\.com\.\n", told), told
    assert "DKIM-Signature:" in demo.run("mail", "--raw").stdout
    sent = demo.run("send", "news@target.com")
    assert "target.com is verified" in sent.stdout and "waits" not in sent.stdout


def test_ctrl_c_ends_it_and_leaves_nothing_behind(demo):
    folder = json.load(open(demo.environment["UNPEND_DEMO_STATE"]))["folder"]
    code, rest = demo.end()
    assert code == 0, rest
    assert not os.path.exists(folder)
    assert not os.path.exists(demo.environment["UNPEND_DEMO_STATE"])
    done = demo.run("check", "doubled.com")
    assert done.returncode != 0 and "does not run" in done.stderr
