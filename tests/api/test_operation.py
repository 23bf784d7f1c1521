# SPDX-License-Identifier: GPL-3.0-or-later
"""Running it as a service: what systemd is told, the units' restrictions, health and
numbers at an address of their own, logs."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from conftest import NoWorld
from product import BINARY, REPOSITORY, Service, call, find_free_port
from world.asking import await_truth

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGING = os.path.join(REPOSITORY, "packaging", "systemd")
UNITS = ["unpend.service", "unpend-probe.service", "unpend.socket"]
EXPOSURE_MOST = 15  # tenths


class Systemd:
    """The socket that NOTIFY_SOCKET names."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.settimeout(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def take(self):
        """One message, as settings."""
        lines = self.socket.recv(4096).decode().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def await_setting(self, key):
        while True:
            settings = self.take()
            if key in settings:
                return settings


def notified(one, address, **environment):
    one.start(env=dict(os.environ, NOTIFY_SOCKET=address, **environment))


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_is_told_of_beginning_and_end(tmp_path, kind):
    address = str(tmp_path / "notify") if kind == "path" else f"@unpend-test-{os.getpid()}"
    one = Service(NoWorld(), str(tmp_path))
    with Systemd(address) as systemd:
        notified(one, address)
        assert systemd.take()["READY"] == "1"
        assert call(one.url + "/startupz")[0] == 200
        one.stop()
        assert systemd.await_setting("STOPPING")["STATUS"]


def test_the_watchdog_is_fed_while_the_loop_turns(tmp_path):
    address = str(tmp_path / "notify")
    one = Service(NoWorld(), str(tmp_path))
    with Systemd(address) as systemd:
        notified(one, address, WATCHDOG_USEC="400000")
        for _ in range(3):
            settings = systemd.await_setting("WATCHDOG")
            assert settings["WATCHDOG"] == "1" and "looks" in settings["STATUS"]
        one.stop()


def test_a_watchdog_that_waits_for_another_process_is_not_fed(tmp_path):
    address = str(tmp_path / "notify")
    one = Service(NoWorld(), str(tmp_path))
    with Systemd(address) as systemd:
        notified(one, address, WATCHDOG_USEC="4000", WATCHDOG_PID="1")
        one.stop()
        told = systemd.take()
        while "STOPPING" not in told:
            assert "WATCHDOG" not in told
            told = systemd.take()


def test_the_children_are_not_told_of_systemd(tmp_path):
    address = str(tmp_path / "notify")
    one = Service(NoWorld(), str(tmp_path))
    with Systemd(address):
        notified(one, address, WATCHDOG_USEC="60000000")
        for pid in await_truth(one.find_probes, "a probe"):
            with open(f"/proc/{pid}/environ", "rb") as file:
                assert not re.search(rb"NOTIFY_SOCKET|WATCHDOG|CREDENTIALS", file.read())
        one.stop()


def test_a_probe_that_its_sandbox_killed_is_told_loudly(service):
    pid, *_ = await_truth(service.find_probes, "a probe")
    os.kill(pid, signal.SIGSYS)
    said, = await_truth(lambda: [line for line in service.read_log().splitlines()
                                 if "its sandbox forbids" in line], "a word of it")
    assert "error" in said and str(pid) in said
    await_truth(lambda: [p for p in service.find_probes() if p != pid], "another probe")


# the units


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """The units as they are installed, but for where the program is."""
    folder = tmp_path_factory.mktemp("units")
    prefix = folder / "usr" / "bin"
    prefix.mkdir(parents=True)
    shutil.copy(BINARY, prefix / "unpend")
    for name in UNITS:
        with open(os.path.join(PACKAGING, name + ".in")) as file:
            (folder / name).write_text(file.read().replace("@bindir@", str(prefix)))
    return folder


def test_systemd_understands_the_units(units):
    done = subprocess.run(["systemd-analyze", "verify", "--man=no",
                           *(str(units / name) for name in UNITS)],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_the_units_expose_little(units, name):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true",
                           f"--threshold={EXPOSURE_MOST}", str(units / name)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def restricted(unit, folder):
    one = Service(NoWorld(), str(folder))
    one.start("unshare", "--mount", sys.executable, os.path.join(HERE, "sandbox.py"),
              str(unit), str(folder), BINARY, "serve", "--config", one.config)
    return one


def without_calls(units, tmp_path, *words):
    """The unit, but it does not allow these system calls."""
    lines = (units / "unpend.service").read_text().splitlines()
    kept = [line for line in lines if not any(word in line for word in words)]
    assert len(kept) < len(lines)
    (tmp_path / "unpend.service").write_text("\n".join(kept) + "\n")
    return tmp_path / "unpend.service"


def test_it_works_under_the_restrictions_of_its_unit(units, tmp_path):
    one = restricted(units / "unpend.service", tmp_path)
    with open(f"/proc/{one.process.pid}/status") as file:
        status = file.read()
    assert re.search(r"^Seccomp:\t2$", status, re.M)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.M)
    assert re.search(r"^CapEff:\t0+$", status, re.M)
    one.tenant = one.add_tenant("locked")
    identity = one.add_sender("locked.example")
    one.await_identity(identity["id"], lambda i: i["last_checked_at"], "a look")
    one.stop()
    assert "denied" not in one.read_log() and "probe ended" not in one.read_log()


def test_without_landlock_it_works_and_says_so_once(units, tmp_path):
    unit = without_calls(units, tmp_path, "landlock_")
    unit.write_text(unit.read_text() + "SystemCallFilter=seccomp\n")
    one = restricted(unit, tmp_path)
    one.tenant = one.add_tenant("walled")
    identity = one.add_sender("walled.example")
    one.await_identity(identity["id"], lambda i: i["last_checked_at"], "a look")
    one.stop()
    assert one.read_log().count("no landlock") == 1
    assert "probe ended" not in one.read_log()


def test_the_credential_of_systemd_is_the_sealing_key(tmp_path):
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    key = folder / "unpend.secret"
    key.write_bytes(os.urandom(32).hex().encode() + b"\n")
    key.chmod(0o400)
    one = Service(NoWorld(), str(tmp_path))
    one.start(env=dict(os.environ, CREDENTIALS_DIRECTORY=str(folder)))
    one.stop()
    assert not os.path.exists(tmp_path / "secret.key")


def test_no_core_file_and_no_debugger_sees_its_memory(service):
    with open(f"/proc/{service.process.pid}/limits") as file:
        assert re.search(r"^Max core file size +0 +0 ", file.read(), re.M)
    assert os.stat(f"/proc/{service.process.pid}/environ").st_uid == 0
    with open(f"/proc/{service.process.pid}/cmdline", "rb") as file:
        assert file.read().rstrip(b"\0").split(b"\0") == [
            BINARY.encode(), b"serve", b"--config", service.config.encode()]


# health and numbers


def read_metrics(url):
    """Name of a family to its samples, each {labels: value}; by the reference parser."""
    status, headers, body = call(url + "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {}
    for family in text_string_to_metric_families(body.decode()):
        assert family.name not in families and family.documentation, family.name
        families[family.name] = family
    return families


WANTED = {
    "unpend_checks": ("counter", {"result"}),
    "unpend_check_duration_seconds": ("histogram", {"le"}),
    "unpend_findings": ("counter", {"code"}),
    "unpend_dns_queries": ("counter", {"transport", "rcode", "role"}),
    "unpend_dns_query_duration_seconds": ("histogram", {"le"}),
    "unpend_scheduler_due_checks": ("gauge", set()),
    "unpend_scheduler_lag_seconds": ("histogram", {"le"}),
    "unpend_identities": ("gauge", {"state"}),
    "unpend_webhook_deliveries": ("counter", {"outcome"}),
    "unpend_queue_messages": ("gauge", {"state"}),
    "unpend_webhook_oldest_pending_timestamp_seconds": ("gauge", set()),
    "unpend_perspectives": ("gauge", set()),
    "unpend_perspectives_up": ("gauge", set()),
    "unpend_db_errors": ("counter", {"op"}),
    "unpend_build_info": ("gauge", {"version"}),
    "unpend_provider_table_version_info": ("gauge", {"version"}),
    "process_cpu_seconds": ("counter", set()),
    "process_resident_memory_bytes": ("gauge", set()),
    "process_virtual_memory_bytes": ("gauge", set()),
    "process_open_fds": ("gauge", set()),
    "process_max_fds": ("gauge", set()),
    "process_start_time_seconds": ("gauge", set()),
}


def test_the_numbers_are_those_of_prometheus(service):
    identity = service.add_sender("counted.example")
    service.await_identity(identity["id"], lambda i: i["last_checked_at"], "a look")
    families = read_metrics(service.url)
    for name, (kind, labels) in WANTED.items():
        assert families[name].type == kind, name
        for sample in families[name].samples:
            assert set(sample.labels) <= labels, sample
    for family in families.values():
        for sample in family.samples:
            assert not set(sample.labels) & {"domain", "tenant", "identity"}, sample
            assert "counted" not in str(sample.labels), sample
            assert sample.value >= 0, sample


def total(family, suffix="_total"):
    return sum(s.value for s in family.samples if s.name.endswith(suffix))


def test_the_numbers_are_counted_not_made_up(service):
    before = read_metrics(service.url)
    identity = service.add_sender("more.example")
    service.await_identity(identity["id"], lambda i: i["last_checked_at"], "a look")

    def are_more():
        now = read_metrics(service.url)
        looks = total(now["unpend_checks"]) - total(before["unpend_checks"])
        return looks >= 1 and now
    now = await_truth(are_more, "a look that counts")
    duration = now["unpend_check_duration_seconds"]
    assert total(duration, "_count") == total(now["unpend_checks"])
    buckets = [s.value for s in duration.samples if s.name.endswith("_bucket")]
    assert buckets == sorted(buckets) and buckets[-1] == total(duration, "_count")
    assert total(now["unpend_dns_queries"]) > total(before["unpend_dns_queries"])
    assert total(now["unpend_findings"]) > total(before["unpend_findings"])
    assert total(now["unpend_scheduler_lag_seconds"], "_count") > 0

    def is_counted():
        states = read_metrics(service.url)["unpend_identities"].samples
        return total(before["unpend_identities"], "s") < sum(s.value for s in states)
    await_truth(is_counted, "an identity that counts")


def test_health_tells_its_conditions(service):
    for path in ("/livez", "/startupz", "/readyz"):
        assert call(service.url + path)[2] == b"ok\n"
    assert call(service.url + "/readyz?verbose")[2] == b"ok   store\nok   loop\nok\n"


def test_health_and_numbers_have_an_address_of_their_own(tmp_path):
    port = find_free_port()
    one = Service(NoWorld(), str(tmp_path), http={"admin_listen": f"127.0.0.1:{port}"})
    apart = f"http://127.0.0.1:{port}"
    one._is_up = lambda: _answers(apart + "/readyz")
    one.start()
    for path in ("/livez", "/readyz", "/startupz", "/metrics"):
        assert call(apart + path)[0] == 200, path
        assert call(one.url + path)[0] == 404, path
    for path in ("/", "/api/v1/me", "/api/v1/openapi.json", "/v2/email/account"):
        assert call(apart + path)[0] == 404, path
    assert call(one.url + "/api/v1/openapi.json")[0] == 200
    one.stop()


def _answers(url):
    try:
        return call(url)[0] == 200
    except OSError:
        return False


# logs


def test_each_line_of_the_log_is_one_object_and_nobody_can_forge_one(tmp_path):
    one = Service(NoWorld(), str(tmp_path), log={"level": "debug", "format": "json"})
    with one:
        forged = '/x%0a{"level":"error","msg":"forged"}\u2028\x1b[31m'
        call(one.url + forged.encode("ascii", "ignore").decode().replace("\x1b", "%1b")
             .replace(" ", "%20"))
        one.api("/identities", "POST", {"sender": 'evil"\n{"msg":"forged"}.example'})
        identity = one.add_sender("logged.example")
        one.await_identity(identity["id"], lambda i: i["last_checked_at"], "a look")
        trace = "0af7651916cd43dd8448eb211c80319c"
        call(one.url + "/livez", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        call(one.url + "/livez", headers={"traceparent": f"00-{'x' * 32}-b7ad6b7169203331-01"})
        secrets = [one.tenant["token"], one.tenant["secret_access_key"]]
        with open(os.path.join(one.folder, "secret.key")) as file:
            secrets.append(file.read().strip())
    with open(one.log) as file:
        text = file.read()
    assert not any(secret in text for secret in secrets)
    lines = [json.loads(line) for line in text.split("\n") if line]
    assert all({"ts", "level", "msg"} <= set(line) for line in lines)
    assert all(line["msg"] != "forged" for line in lines)
    requests = [line for line in lines if line["msg"] == "request"]
    assert requests and all(
        {"http.request.method", "url.path", "http.response.status_code", "client.address",
         "request_id"} <= set(line) for line in requests)
    assert {line["trace_id"] for line in requests} == {"", trace}
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)
