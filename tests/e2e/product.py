# SPDX-License-Identifier: GPL-3.0-or-later
"""The product as its users have it: a program with a configuration file."""
import dataclasses
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from world import namespace, samples
from world.asking import PATIENCE_S, await_truth

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("UNPEND_BINARY",
                                        os.path.join(REPOSITORY, "build", "unpend")))
RUN_TIMEOUT_S = 30


@dataclasses.dataclass
class Done:
    """How a run of the program ended."""
    exit_code: int
    out: bytes
    err: bytes
    elapsed_s: float

    @property
    def text(self):
        return self.out.decode()

    @property
    def json(self):
        return json.loads(self.out)


class Product:
    """Runs the program in `folder` with a configuration of its own."""

    def __init__(self, world, folder, **settings):
        self.world, self.folder = world, folder
        settings.setdefault("store", {}).setdefault("url", f"sqlite:{folder}/unpend.db")
        settings.setdefault("keys", {}).setdefault("secret_file", f"{folder}/secret.key")
        self.settings = settings
        self.config = world.config(os.path.join(folder, "unpend.conf"), **settings)

    def run(self, *words, stdin=b"", environment=None):
        started = time.monotonic()
        done = subprocess.run([BINARY, *words], input=stdin, capture_output=True,
                              cwd=self.folder, timeout=RUN_TIMEOUT_S,
                              env=dict(os.environ, LC_ALL="C.UTF-8", **(environment or {})))
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def check(self, domain, *words, expect=None, **run_options):
        """`unpend check` with the samples' expectation, or another; False: without any."""
        if expect is not False:
            words = ("--expect", self.write("expect.json", expect or samples.expectation(domain)),
                     *words)
        return self.run("check", domain, "--config", self.config, *words, **run_options)


def call(url, method="GET", body=None, headers=None):
    """An HTTP call: status, headers, and the body as bytes."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={
        **({"Content-Type": "application/json"} if data else {}), **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=RUN_TIMEOUT_S) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as failure:
        with failure:
            return failure.code, failure.headers, failure.read()


def is_running(pid):
    """Not ended; who has ended stays listed until its parent, or who adopted it, looks."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_tokens(identity):
    """The tokens of the DKIM records that an identity's owner is asked to publish."""
    return [record["value"].split(".")[0] for record in identity["records"]
            if record["purpose"] == "dkim"]


def first_codes(identity):
    """The codes of what must be acted on, notes left out."""
    return [finding["code"] for finding in identity["findings"] if finding["severity"] != "note"]


class Service(Product):
    """`unpend serve` and one tenant. Use as a context."""

    def __init__(self, world, folder, **settings):
        self.port = find_free_port()
        self.key_zone = world.new_key_zone()
        # Keys are made when they are wanted: a dozen ahead for each start takes a second.
        settings["keys"] = {"pool": "0", **world.key_settings(self.key_zone),
                            **settings.get("keys", {})}
        # Tests poll faster than anybody may.
        settings["http"] = {"listen": f"127.0.0.1:{self.port}", "token_rate": "0",
                            "address_rate": "0", **settings.get("http", {})}
        # The end need not wait for looks at servers that keep silent.
        settings.setdefault("service", {}).setdefault("stop_timeout_s", "1")
        super().__init__(world, folder, **settings)
        self.url = f"http://127.0.0.1:{self.port}"
        self.process, self.tenant = None, None
        self.log = os.path.join(folder, "serve.log")

    def __enter__(self):
        self.start()
        try:
            self.tenant = self.add_tenant("demo")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, *command, **options):
        """`command` in place of the plain call; options are Popen's."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command or [BINARY, "serve", "--config", self.config], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.folder, preexec_fn=namespace.die_with_parent,
                **options)
        await_truth(self._is_up, f"{self.url}/readyz; the log says:\n{self.read_log()}")

    def _is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.read_log()}")
        try:
            return call(self.url + "/readyz")[0] == 200
        except (OSError, urllib.error.URLError):
            return False

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"serve did not end at SIGTERM:\n{self.read_log()}") from None
        self.process = None

    def kill(self):
        """kill -9, as the power would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def read_log(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, errors="replace") as file:
            return file.read()[-8000:]

    def find_probes(self):
        """The pids of the probe processes."""
        listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
                                capture_output=True, text=True)
        return [int(line.split()[0]) for line in listed.stdout.splitlines() if " probe" in line]

    def add_tenant(self, name):
        done = self.run("tenant", "add", name, "--json", "--config", self.config)
        assert done.exit_code == 0, done.err.decode()
        return done.json

    # the native API

    def api(self, path, method="GET", body=None, token=None, headers=None):
        """Status and decoded body of a call to /api/v1."""
        status, _, data = call(f"{self.url}/api/v1{path}", method, body, {
            "Authorization": f"Bearer {token or self.tenant['token']}", **(headers or {})})
        return status, json.loads(data) if data else None

    def add_sender(self, sender):
        status, identity = self.api("/identities", "POST", {"sender": sender})
        assert status in (200, 201), identity
        return identity

    def get_identity(self, number):
        status, identity = self.api(f"/identities/{number}")
        assert status == 200, identity
        return identity

    def find_identity(self, domain):
        """By its domain; None if there is none."""
        for identity in self.api("/identities?limit=100")[1]["identities"]:
            if identity["domain"] == domain:
                return self.get_identity(identity["id"])
        return None

    def await_identity(self, number, condition, what, patience_s=PATIENCE_S):
        """Poll until the identity is as wanted; gives it."""
        def looks_right():
            identity = self.get_identity(number)
            return identity if condition(identity) else None
        try:
            return await_truth(looks_right, what, patience_s)
        except Exception as failure:
            last = json.dumps(self.get_identity(number), indent=1)
            raise AssertionError(f"{failure}\n{last}\n{self.read_log()}") from None

    def await_status(self, number, status, patience_s=PATIENCE_S):
        return self.await_identity(number, lambda identity: identity["status"] == status,
                                   f"status {status}", patience_s)

    # the SES API, through Debian's own clients

    def aws(self, *words, key=None, secret=None, region="us-east-1", stdin=None):
        """The unmodified AWS CLI: exit code, what it printed as JSON, and its complaint."""
        environment = dict(
            os.environ, AWS_ACCESS_KEY_ID=key or self.tenant["access_key_id"],
            AWS_SECRET_ACCESS_KEY=secret or self.tenant["secret_access_key"],
            AWS_DEFAULT_REGION=region, AWS_MAX_ATTEMPTS="1", AWS_PAGER="",
            AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null",
            AWS_SHARED_CREDENTIALS_FILE="/dev/null", PATH="/usr/bin:/bin")
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", self.url, "sesv2", *words],
                              capture_output=True, text=True, env=environment, input=stdin,
                              timeout=RUN_TIMEOUT_S)
        printed = json.loads(done.stdout) if done.stdout.strip() else None
        return done.returncode, printed, done.stderr
