# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command prints arrives whole, or the exit code and standard error say that it did not."""
import fcntl
import os
import subprocess

import pytest

from product import BINARY, RUN_TIMEOUT_S
from world import samples

PAGE = 4096
EXIT_UNDETERMINED = 4
FULL = "unpend: cannot write: no space left on device\n"


def environment():
    return dict(os.environ, LC_ALL="C.UTF-8")


def run_into(fd, *words):
    """Exit code and standard error of a run that prints to fd."""
    done = subprocess.run([BINARY, *words], stdin=subprocess.DEVNULL, stdout=fd,
                          stderr=subprocess.PIPE, timeout=RUN_TIMEOUT_S, env=environment())
    return done.returncode, done.stderr.decode()


@pytest.fixture
def full():
    fd = os.open("/dev/full", os.O_WRONLY)
    yield fd
    os.close(fd)


@pytest.fixture
def unread():
    """A pipe whose reader went away."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def check_words(unpend, domain, *words):
    expect = unpend.write("expect.json", samples.expectation(domain))
    return ["check", domain, "--config", unpend.config, "--expect", expect, *words]


@pytest.mark.parametrize("style", [(), ("--json",), ("--watch",), ("--watch", "--ndjson")])
@pytest.mark.parametrize("domain", ["healthy.com"])
def test_a_report_that_is_lost_is_no_success(unpend, full, unread, domain, style):
    words = check_words(unpend, domain, *style)
    assert run_into(full, *words) == (EXIT_UNDETERMINED, FULL)
    assert run_into(unread, *words) == (0, "")


def test_the_verdict_outlives_a_reader_that_went_away(unpend, unread):
    assert run_into(unread, *check_words(unpend, "doubled.com")) == (1, "")


@pytest.mark.parametrize("words", [["version"], ["help"], ["help", "check"], ["config", "man"],
                                   ["suffix", "example.com"], ["explain", "U201"],
                                   ["completions", "bash"]], ids=" ".join)
def test_every_command_tells_what_it_could_not_print(full, unread, words):
    assert run_into(full, *words) == (EXIT_UNDETERMINED, FULL)
    assert run_into(unread, *words) == (0, "")


def test_what_went_wrong_is_told_in_the_language_of_the_line(full):
    code, err = run_into(full, "version", "--lang", "ja")
    assert code == EXIT_UNDETERMINED and "空き容量がありません" in err and "cannot" not in err


def test_events_that_are_lost_are_told(service, full, unread):
    for domain in ("healthy.com", "doubled.com"):
        service.add_sender(domain)
    words = ("events", "list", "--config", service.config)
    code, err = run_into(full, *words)
    assert (code, err) == (EXIT_UNDETERMINED, FULL)     # once, not for each event
    assert run_into(unread, *words) == (0, "")


def test_a_full_pipe_that_does_not_block_is_waited_for():
    whole = subprocess.run([BINARY, "config", "man"], capture_output=True, timeout=RUN_TIMEOUT_S,
                           env=environment()).stdout
    assert len(whole) > 2 * PAGE
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PAGE)
    os.write(writing, b"." * PAGE)
    run = subprocess.Popen([BINARY, "config", "man"], stdout=writing, stderr=subprocess.PIPE,
                           env=environment())
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"." * PAGE + whole
    assert run.communicate(timeout=RUN_TIMEOUT_S) == (None, b"")
    assert run.returncode == 0
