#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which language a command speaks, and that it speaks all of it."""
import json
import os
import re
import subprocess
import unicodedata

import pytest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.path.abspath(os.environ.get("UNPEND_BINARY", os.path.join(ROOT, "build", "unpend")))
JAPANESE = re.compile("[぀-ヿ一-鿿]")
PLACES = ("UNPEND_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")


def unpend(*words, **environment):
    """Standard output, error and exit status, with nothing of our own environment's language."""
    clean = {name: value for name, value in os.environ.items()
             if name not in PLACES and not name.startswith("UNPEND_")}
    return subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL, env={**clean, **environment})


def is_japanese(*words, **environment):
    return bool(JAPANESE.search(unpend(*words, **environment).stdout))


def find_commands():
    """The commands that help lists."""
    return re.findall(r"^  ([a-z]+) +\S", unpend("help").stdout, re.M)


def find_codes():
    listed = json.loads(unpend("explain", "--list", "--json").stdout)
    return [one["code"] for one in listed]


@pytest.mark.parametrize("words, environment, japanese", [
    ([], {}, False),
    (["--lang", "ja"], {}, True),
    (["--lang=ja"], {}, True),
    (["--lang", "ja-JP"], {}, True),
    ([], {"UNPEND_LANG": "ja"}, True),
    ([], {"LANG": "ja_JP.UTF-8"}, True),
    ([], {"LC_MESSAGES": "ja_JP.eucJP"}, True),
    ([], {"LC_ALL": "ja_JP"}, True),
    ([], {"LANG": "C.UTF-8"}, False),
    ([], {"LANG": "fr_FR.UTF-8"}, False),
    ([], {"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, False),
    ([], {"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, True),
    ([], {"LC_MESSAGES": "en_US.UTF-8", "LANG": "ja_JP.UTF-8"}, False),
    ([], {"UNPEND_LANG": "en", "LC_ALL": "ja_JP.UTF-8"}, False),
    (["--lang", "en"], {"UNPEND_LANG": "ja"}, False),
    (["--lang", "en", "--lang", "ja"], {}, True),
])
def test_the_language_is_chosen(words, environment, japanese):
    assert is_japanese("explain", "U301", *words, **environment) == japanese


def test_it_may_stand_in_front_of_the_command():
    assert is_japanese("--lang", "ja", "explain", "U301")
    assert is_japanese("--lang", "ja")


def test_a_language_that_we_do_not_have_is_refused():
    done = unpend("explain", "U301", "--lang", "tlh")
    assert done.returncode == 2
    assert done.stderr == "unpend: no language 'tlh': there are en and ja\n"


@pytest.mark.parametrize("words", [
    ["chekc"], ["check"], ["check", "--lnag"], ["check", "a.example", "--expect"], ["judge"],
    ["explain"], ["explain", "U999"], ["help", "nothing"], ["config"], ["tenant"],
    ["serve", "now"], ["check", "two..dots"], ["check", "a b"], ["judge", "/nowhere"],
    ["check", "a.example", "--dns.forwrd", "192.0.2.1"], ["trace"], ["resolve"], ["lint"],
    ["propagation"], ["records", "a.example"], ["provider"], ["spf"], ["dmarc"], ["suffix"],
])
def test_what_was_typed_wrong_is_said_in_japanese(words):
    done = unpend(*words, UNPEND_LANG="ja")
    assert done.returncode == 2 and done.stdout == ""
    assert JAPANESE.search(done.stderr), done.stderr
    assert done.stderr.startswith("unpend: ") and done.stderr.count("\n") == 1


def test_help_is_whole_in_japanese_and_fits_80_columns():
    assert len(find_commands()) > 15
    for topic in [*find_commands(), "exit-codes", "environment", "expect"]:
        text = unpend("help", topic, "--lang", "ja").stdout
        english = unpend("help", topic).stdout
        assert text != english and JAPANESE.search(text), topic
        for line in text.splitlines():
            if JAPANESE.search(line):
                width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
                assert width <= 80, (topic, line)


def test_each_code_is_explained_in_both_languages():
    codes = find_codes()
    assert len(codes) > 60
    for code in codes:
        english = json.loads(unpend("explain", code, "--json").stdout)
        japanese = json.loads(unpend("explain", code, "--json", "--lang", "ja").stdout)
        assert set(english) == set(japanese)
        for key in ("title", "remedy", "meaning", "why", "how_we_know", "fix"):
            assert not JAPANESE.search(english[key]), (code, key)
            assert JAPANESE.search(japanese[key]), (code, key)


def test_the_list_of_codes_is_in_the_language():
    lines = unpend("explain", "--list", "--lang", "ja").stdout.splitlines()
    titles = [line for line in lines if re.match("U[0-9]{3} ", line)]
    assert len(titles) == len(find_codes())
    assert all(JAPANESE.search(title) for title in titles)


def test_manual_pages_stay_english():
    assert not is_japanese("help", "man", "--lang", "ja")
