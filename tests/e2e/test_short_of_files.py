# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that may open too few files says so; no signal ends it."""
import resource
import subprocess

import pytest

from product import BINARY, RUN_TIMEOUT_S
from world import samples

EXIT_UNDETERMINED = 4
# Below it the system cannot load the program, above it a check can begin.
TOO_FEW = range(4, 13)
NO_LOOP = "unpend: no event loop to be had: the process may open too few files (ulimit -n)\n"


@pytest.fixture
def limited(unpend):
    """Exit code and standard error of a run that may open so many files."""
    def run(files, *words):
        done = subprocess.run(
            [BINARY, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=RUN_TIMEOUT_S,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)))
        return done.returncode, done.stderr
    return run


COMMANDS = [["check", "healthy.com", "--no-rdap"],
            ["check", "healthy.com", "--watch", "--until", "1s"],
            ["resolve", "healthy.com", "A"], ["trace", "healthy.com"], ["provider", "healthy.com"]]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_too_few_files_are_told_and_no_crash(limited, words):
    told = {files: limited(files, *words) for files in TOO_FEW}
    assert {code for code, _ in told.values()} == {EXIT_UNDETERMINED}, told
    assert told[min(TOO_FEW)][1] == NO_LOOP


def test_it_is_told_in_the_language_of_the_line(limited):
    code, err = limited(min(TOO_FEW), "check", "healthy.com", "--lang", "ja")
    assert code == EXIT_UNDETERMINED and "イベントループを作れません" in err


def test_doctor_says_what_it_can(limited):
    for files in TOO_FEW:
        code, err = limited(files, "doctor")
        assert code >= 0, (files, err)
