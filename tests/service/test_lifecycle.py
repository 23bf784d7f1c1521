# SPDX-License-Identifier: GPL-3.0-or-later
"""How serve begins and ends, and how tenants are added beside it."""
import os
import pty
import re
import signal
import stat
import subprocess
import time

import pytest

from product import BINARY, Service, call, find_free_port
from world.asking import await_truth

HUMAN = r"""Tenant 'acme' is added\. What follows is shown once; keep it:

    token              unp_live_[a-z2-7]{56}
    access key id      UNPD[A-Z2-7]{16}
    secret access key  [A-Za-z0-9+/]{40}

The token signs in to the console and to the native API; the keys are for Amazon SES clients\.
"""


def add(service, *words):
    return service.run("tenant", "add", *words, "--config", service.config)


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


# tenants


def test_a_tenant_can_be_added_before_serve_ever_ran(stopped, tmp_path):
    before = set(os.listdir(tmp_path))
    done = add(stopped, "early", "--json")
    assert done.exit_code == 0, done.err
    assert list(done.json) == ["tenant", "access_key_id", "secret_access_key", "token"]
    made = set(os.listdir(tmp_path)) - before
    assert len(made) >= 2
    assert all(mode_of(tmp_path / name) == 0o600 for name in made)
    stopped.start()
    stopped.tenant = done.json
    assert stopped.api("/me")[1]["tenant"] == "early"


def test_a_tenant_added_while_serve_runs_may_come_in_at_once(running):
    done = add(running, "late", "--json")
    assert running.api("/me", token=done.json["token"])[1]["tenant"] == "late"


def test_people_are_told_their_credentials_in_words(running):
    done = add(running, "acme")
    assert done.exit_code == 0
    assert re.fullmatch(HUMAN, done.out.decode()), done.out


@pytest.mark.parametrize("words,exit_code,text", [
    (["demo"], 6, "there is a tenant 'demo' already"),
    ([], 2, "'tenant' wants: add NAME"),
    (["two", "words"], 2, "'tenant' wants: add NAME"),
    ([""], 2, "is no name here"),
    (["line\nbreak"], 2, "is no name here"),
])
def test_a_tenant_that_cannot_be_added_is_told_why(running, words, exit_code, text):
    done = add(running, *words)
    assert done.exit_code == exit_code
    assert done.out == b""
    complaint = done.err.decode()
    assert text in complaint and complaint.count("\n") == 1


# beginning


def complaint_of(service, *words):
    done = subprocess.run([BINARY, "serve", "--config", service.config, *words],
                          capture_output=True, text=True, timeout=30)
    assert done.stdout == ""
    return done.returncode, done.stderr.strip().split("\n")[-1]


def test_an_address_that_is_taken_is_said_and_nothing_stays(running, tmp_path):
    code, text = complaint_of(running, "--store.url", f"sqlite:{tmp_path}/other.db")
    assert code == 4
    assert f"cannot listen on '127.0.0.1:{running.port}'" in text


def test_a_second_serve_on_one_store_would_send_everything_twice(running):
    code, text = complaint_of(running, "--http.listen", f"127.0.0.1:{find_free_port()}")
    assert code == 4 and "another 'unpend serve' works on this store" in text
    running.kill()
    running.start()
    assert running.api("/me")[0] == 200


def test_a_folder_that_is_missing_is_said(stopped, tmp_path):
    code, text = complaint_of(stopped, "--store.url", f"sqlite:{tmp_path}/none/unpend.db")
    assert code in (2, 4)
    assert f"{tmp_path}/none/unpend.db" in text
    assert text.rstrip().endswith("; make the folder, or name another file with "
                                  "--store.url sqlite:FILE (or --config FILE)")
    code, text = complaint_of(stopped, "--keys.secret_file", f"{tmp_path}/none/secret.key")
    assert code in (2, 4)
    assert f"{tmp_path}/none/secret.key" in text
    assert text.rstrip().endswith("; make the folder, or name another file with "
                                  "--keys.secret_file (or --config FILE)")


def test_a_sealing_key_that_is_lost_is_not_replaced(stopped, tmp_path):
    """A new one would open nothing of what is there."""
    assert add(stopped, "early").exit_code == 0
    path = tmp_path / "another.key"
    code, text = complaint_of(stopped, "--keys.secret_file", str(path))
    assert code == 2 and f"'{path}' cannot be read" in text
    assert not path.exists()
    path.write_text("ab" * 32 + "\n")
    path.chmod(0o600)
    code, text = complaint_of(stopped, "--keys.secret_file", str(path))
    assert code == 2 and "not the one of this database" in text


def test_keys_that_no_name_server_would_take_are_refused(stopped, tmp_path):
    code, text = complaint_of(stopped, "--keys.zone_file", str(tmp_path / "keys.zone"),
                              "--keys.name_servers", "")
    assert code == 2 and "'keys.name_servers' is not" in text


def test_a_sealing_key_that_others_can_read_is_refused(stopped, tmp_path):
    path = tmp_path / "open.key"
    path.write_text("00" * 32 + "\n")
    path.chmod(0o644)
    code, text = complaint_of(stopped, "--keys.secret_file", str(path))
    assert code in (2, 5) and str(path) in text


def test_words_that_serve_does_not_know_are_refused(stopped):
    code, text = complaint_of(stopped, "now")
    assert code == 2 and "'now'" in text


def test_on_a_terminal_the_address_of_the_console_is_printed(stopped):
    master, slave = pty.openpty()
    process = subprocess.Popen([BINARY, "serve", "--config", stopped.config], stdout=slave,
                               stderr=subprocess.DEVNULL)
    os.close(slave)
    try:
        assert os.read(master, 1000).decode().split() == [
            "The", "console", "is", "at", f"http://127.0.0.1:{stopped.port}/"]
    finally:
        process.terminate()
        assert process.wait(20) == 0
        os.close(master)


# end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_even_while_servers_keep_silent(running, world, number):
    domain = f"quiet{int(number)}.com"
    world.zone(domain, "deadhost", [])
    mark = world.traffic.mark()
    running.add_sender(domain)
    await_truth(lambda: any(q.address == "198.51.100.51" for q in world.traffic.since(mark)),
                "a look under way")
    probes = running.find_probes()
    assert probes
    began = time.monotonic()
    running.process.send_signal(number)
    assert running.process.wait(20) == 0
    assert time.monotonic() - began < 3
    assert not any(os.path.exists(f"/proc/{pid}") for pid in probes)


def test_a_second_service_on_the_same_store_is_refused_until_the_first_is_gone(running):
    done = running.run("serve", "--config", running.config, "--http.listen",
                       f"127.0.0.1:{find_free_port()}")
    assert done.exit_code == 4 and "works on this store" in done.err.decode(), done
    assert running.api("/me")[0] == 200
    running.kill()
    running.start()


def ignores_sigterm(pid):
    with open(f"/proc/{pid}/status") as file:
        ignored = next(line.split()[1] for line in file if line.startswith("SigIgn:"))
    return int(ignored, 16) >> (signal.SIGTERM - 1) & 1


def test_a_signal_to_the_whole_group_starts_no_probe_and_alarms_nobody(running):
    running.stop()
    running.start(start_new_session=True)
    await_truth(lambda: all(map(ignores_sigterm, running.find_probes())), "the probes")
    mark = len(running.read_log())
    os.killpg(running.process.pid, signal.SIGTERM)
    assert running.process.wait(20) == 0
    said = running.read_log()[mark:]
    assert "ended" in said and "probe" not in said, said


def test_what_was_under_way_is_looked_at_after_the_next_start(running, world):
    identity = running.add_sender("again.com")
    running.stop()
    world.zone("again.com", "goodhost", [
        f"{record['name']['fqdn']}. CNAME {record['value']}." for record in identity["records"]
        if record["purpose"] == "dkim"])
    running.start()
    running.await_status(identity["id"], "SUCCESS")


def test_two_starts_in_a_row_keep_one_sealing_key_and_every_tenant(world, tmp_path):
    with Service(world, str(tmp_path)) as one:
        one.stop()
        one.start()
        assert one.api("/me")[0] == 200
        assert one.aws("list-email-identities")[0] == 0
        assert call(one.url + "/livez")[0] == 200
