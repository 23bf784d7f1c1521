# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command takes: libraries, system calls, memory, page faults. Counts, never times."""
import glob
import os
import re
import subprocess

import pytest

from product import BINARY, REPOSITORY
from world import samples

PEAK = os.path.join(os.path.dirname(BINARY), "tests", "e2e", "peak")
LOADED = re.compile(r"calling init: \S*/([^/\s]+)$", re.M)
LATE = ("libcrypto", "libcurl", "libmicrohttpd", "libpq", "libseccomp", "libsqlite3", "libssl",
        "libunbound")
ALWAYS_MOST = 5
CALLS_MOST, CALLS_OF_A_CHECK_MOST = 75, 620
FAULTS_MOST, FAULTS_OF_A_CHECK_MOST = 145, 470
KILOBYTES_MOST, KILOBYTES_OF_A_CHECK_MOST, KILOBYTES_WITH_PROOF_MOST = 4096, 8192, 10240


def lists():
    """The words of each list of functions, by the library's name."""
    found = {}
    for path in glob.glob(os.path.join(REPOSITORY, "src", "*", "*.functions")):
        with open(path) as file:
            words = dict(line.rstrip("\n").split(" ", 1) for line in file if " " in line)
        found[os.path.basename(path).removesuffix(".functions")] = words
    return found


@pytest.fixture
def take(unpend):
    """Runs a command; gives the names of libraries, kilobytes at most, system calls, faults."""
    def run(*words):
        path = os.path.join(unpend.folder, "took")
        subprocess.run([PEAK, path, BINARY, *words], capture_output=True, timeout=60)
        with open(path) as file:
            numbers = map(int, file.read().split())
        done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, LD_DEBUG="files"))
        return {name.split(".")[0] for name in LOADED.findall(done.stderr)}, *numbers
    return run


def check_words(unpend, domain):
    return ("check", domain, "--config", unpend.config, "--no-rdap", "--expect",
            unpend.write("expect.json", samples.expectation(domain)))


def test_every_late_library_is_in_a_list(take):
    assert sorted(lists()) == sorted(LATE)


def test_the_version_loads_next_to_nothing(take):
    libraries, kilobytes, calls, faults = take("version")
    assert len(libraries) <= ALWAYS_MOST and not libraries & set(LATE), libraries
    assert kilobytes <= KILOBYTES_MOST
    assert calls <= CALLS_MOST
    assert faults <= FAULTS_MOST


def test_a_check_without_proofs_loads_no_more_and_is_small(unpend, take):
    libraries, kilobytes, calls, faults = take(*check_words(unpend, "healthy.com"),
                                               "--dns.trust_anchor", "")
    assert libraries == take("version")[0]
    assert kilobytes <= KILOBYTES_OF_A_CHECK_MOST
    assert calls <= CALLS_OF_A_CHECK_MOST
    assert faults <= FAULTS_OF_A_CHECK_MOST


def test_a_check_with_proofs_loads_only_the_validator(unpend, take):
    libraries, kilobytes, *_ = take(*check_words(unpend, "signed.com"))
    assert libraries & set(LATE) == {"libunbound"}
    assert kilobytes <= KILOBYTES_WITH_PROOF_MOST


@pytest.mark.parametrize("words", [
    ("help",), ("explain", "U201"), ("lint", "v=spf1 -all"), ("suffix", "shop.co.jp"),
    ("config", "defaults"), ("completions", "bash")], ids=lambda words: words[0])
def test_what_asks_nobody_loads_nothing_late(take, words):
    assert not take(*words)[0] & set(LATE)


def test_tools_of_packagers_see_every_library():
    with open(BINARY, "rb") as file:
        program = file.read()
    for name, words in lists().items():
        assert f'"soname": ["{words["soname"]}"]'.encode() in program, name
    needed = subprocess.run(["readelf", "--dynamic", BINARY], capture_output=True, text=True,
                            check=True).stdout
    assert not [name for name in LATE if f"[{name}." in needed]


@pytest.mark.parametrize("name", LATE)
def test_a_library_that_is_missing_is_named_with_its_package(unpend, tmp_path, name):
    words = lists()[name]
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / words["soname"]).write_text("no library\n")
    broken = {"LD_LIBRARY_PATH": str(tmp_path / "lib")}
    said = unpend.run("doctor", "--json", "--config", unpend.config, environment=broken)
    row, = [row for row in said.json["checks"] if row["check"] == "libraries"]
    assert row["state"] == "fail"
    assert words["soname"] in row["text"] and words["package"] in row["text"]
    served = unpend.run("serve", "--config", unpend.config, environment=broken)
    assert served.exit_code == 4
    assert words["package"] in served.err.decode()
