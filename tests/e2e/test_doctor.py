# SPDX-License-Identifier: GPL-3.0-or-later
"""unpend doctor: what is wrong around a service, and what is not."""
import os
import re
import socket
import subprocess

import pytest

from product import Service
from test_schemas import document, missing_in


def doctor(one, *words):
    done = one.run("doctor", "--config", one.config, "--json", *words)
    return done.exit_code, done.json


def states(report, check):
    return [row["state"] for row in report["checks"] if row["check"] == check]


def texts(report, check):
    return " ".join(row["text"] for row in report["checks"] if row["check"] == check)


@pytest.fixture(scope="module")
def one(world, tmp_path_factory):
    with Service(world, str(tmp_path_factory.mktemp("doctor"))) as service:
        identity = service.add_sender("healthy.com")
        service.await_identity(identity["id"], lambda i: i["last_checked_at"], "a look")
        yield service


def test_what_is_right_is_told_so(one):
    exit_code, report = doctor(one)
    assert exit_code == 0, report
    for check in ("limits", "libraries", "sandbox", "disk", "store", "rows", "secret", "clock",
                  "webhooks", "dns", "anchor", "resolvers", "key zone"):
        assert states(report, check) == ["ok"], (check, report)
    assert report["state"] == "warn"
    assert not missing_in(document("operation.md"), report)


def test_an_open_address_guard_is_shown_loudly(one):
    _, report = doctor(one)
    assert "warn" in states(report, "config")
    assert "198.51.100.0/24" in texts(report, "config")


def test_every_row_that_is_not_ok_says_what_to_do(one, tmp_path):
    _, report = doctor(one, "--store.url", f"sqlite:{tmp_path}/none.db", "--keys.secret_file",
                       f"{tmp_path}/none.key", "--relay.url", "smtp://127.0.0.1:1",
                       "--keys.zone", "nowhere.unpend.example", "--dns.resolvers", "192.0.2.253")
    assert report["state"] == "fail"
    for row in report["checks"]:
        assert (row["next"] is None) == (row["state"] == "ok"), row


@pytest.mark.parametrize("check,says,words", [
    ("store", "no database", ["--store.url", "sqlite:/nonexistent/x.db"]),
    ("secret", "cannot be", ["--keys.secret_file", "/nonexistent/secret.key"]),
    ("relay", "cannot be used", ["--relay.url", "smtp://127.0.0.1:1"]),
    ("key zone", "not delegated", ["--keys.zone", "nowhere.unpend.example"]),
    ("dns", "no root server", ["--dns.allow_addresses", ""]),
    ("anchor", "cannot be read", ["--dns.trust_anchor", "/nonexistent/root.key"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_wrong_fails_with_its_name(one, check, says, words):
    exit_code, report = doctor(one, *words)
    assert exit_code == 1
    assert "fail" in states(report, check) and says in texts(report, check), report


def test_a_doctor_makes_no_database_and_no_key(one, tmp_path):
    doctor(one, "--store.url", f"sqlite:{tmp_path}/new.db", "--keys.secret_file",
           f"{tmp_path}/new.key")
    assert os.listdir(tmp_path) == []


def test_a_key_of_another_database_is_found_out(one, tmp_path):
    key = tmp_path / "other.key"
    with open(os.path.join(one.folder, "secret.key"), "rb") as file:
        content = file.read()
    other = content.replace(content[:1], b"1" if content[:1] != b"1" else b"2", 1)
    key.write_bytes(other)
    key.chmod(0o600)
    exit_code, report = doctor(one, "--keys.secret_file", str(key))
    assert exit_code == 1 and "not the one" in texts(report, "secret"), report


def test_a_relay_that_greets_is_right(one):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        pid = os.fork()
        if pid == 0:
            greet(listener)
            os._exit(0)
        _, report = doctor(one, "--relay.url", f"smtp://127.0.0.1:{port}")
        os.waitpid(pid, 0)
    assert states(report, "relay") == ["ok"], report


def greet(listener):
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb", buffering=0) as stream:
        stream.write(b"220 relay.example ESMTP\r\n")
        for line in stream:
            stream.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


def test_a_resolver_that_is_silent_is_named(one):
    exit_code, report = doctor(one, "--dns.resolvers", "192.0.2.253",
                               "--dns.query_timeout_ms", "200")
    assert exit_code == 0 and "192.0.2.253" in texts(report, "resolvers")


def test_people_read_it_in_their_language(one):
    done = one.run("doctor", "--config", one.config)
    assert re.search(r"^ok    store$", done.text, re.M) and "warn" in done.text
    japanese = one.run("doctor", "--config", one.config, "--lang", "ja").text
    assert "データベースは読み書きでき" in japanese and "The database" not in japanese


def test_it_takes_no_words(one):
    assert one.run("doctor", "now").exit_code == 2


def test_a_perspective_that_cannot_be_reached_is_named(one, tmp_path):
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "pem"),
         "-subj", "/CN=service.example", "-days", "2"], capture_output=True)
    assert made.returncode == 0, made.stderr
    exit_code, report = doctor(
        one, "--perspectives.ask", "tokyo=127.0.0.1:1", "--perspectives.ca",
        str(tmp_path / "pem"), "--perspectives.certificate", str(tmp_path / "pem"),
        "--perspectives.key", str(tmp_path / "key"), "--perspectives.timeout_ms", "2000")
    assert exit_code == 1 and states(report, "perspectives") == ["fail"], report
    assert "'tokyo' is silent" in texts(report, "perspectives")


def test_perspectives_without_a_certificate_are_told_so(one):
    exit_code, report = doctor(one, "--perspectives.ask", "tokyo=127.0.0.1:1")
    assert exit_code == 1 and states(report, "perspectives") == ["fail"], report
