# SPDX-License-Identifier: GPL-3.0-or-later
"""Help for every command, in both languages, and the manual pages made from it."""
import re
import subprocess
import unicodedata

import pytest

from product import BINARY

COLUMNS = 80


def run(*words):
    done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def width(line):
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


COMMANDS = re.findall(r"^  ([a-z]+) ", run("help"), re.M)
TOPICS = ["exit-codes", "environment", "expect"]


def test_the_overview_lists_the_commands_of_the_issue():
    assert {"check", "judge", "explain", "resolve", "spf", "dmarc", "lint", "suffix", "trace",
            "propagation", "provider", "records", "serve", "completions"} <= set(COMMANDS)


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("topic", [(), *((topic,) for topic in [*COMMANDS, *TOPICS])], ids=str)
def test_help_fits_on_a_terminal(lang, topic):
    for line in run("help", *topic, "--lang", lang).splitlines():
        assert width(line) <= COLUMNS, line


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_form_of_an_expectation_in_help_is_taken(tmp_path, lang):
    form = tmp_path / "shop.json"
    form.write_text(re.search(r"^  {$.*?^  }$", run("help", "expect", "--lang", lang),
                              re.M | re.S)[0])
    table = run("records", "shop.example", "--expect", str(form), "--as", "zone",
                "--dns.forward", "127.0.0.1")
    assert len(re.findall(r"\bIN\b", table)) == 4


@pytest.mark.parametrize("command", COMMANDS)
def test_help_tells_every_option_of_the_usage(command):
    text = run("help", command, "--lang", "en")
    usage, _, details = text.partition("\n\n")
    own = set(re.findall(r"--[a-z][a-z-]+", usage)) - {"--lang", "--config", "--section"}
    assert own <= set(re.findall(r"--[a-z][a-z-]+", details))


@pytest.mark.parametrize("words", [("help", "man"), ("config", "man")], ids=" ".join)
def test_a_manual_page_has_no_fault(words):
    done = subprocess.run(["/usr/bin/mandoc", "-Tlint", "-Wwarning"], input=run(*words),
                          capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_manual_page_lists_every_code():
    codes = run("explain", "--list", "--lang", "en").splitlines()
    page = run("help", "man")
    assert len(codes) > 70
    for line in codes:
        code, title = line.split("  ", 1)
        assert f".It {code}\n{title}\n" in page
