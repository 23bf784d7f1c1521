# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of each code as people get it: both languages, three widths, a dumb terminal."""
import os
import re
import subprocess
import sys
import unicodedata

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from corpus import corpus  # noqa: E402

BINARY = os.path.abspath(os.environ.get(
    "UNPEND_BINARY", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "unpend")))
WIDTHS = (60, 80, 120)
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e"
                         r"\u2066-\u2069\ufeff]")
# One of each code, and a right one.
CHOSEN = list({one.code: one for one in reversed(corpus.ENTRIES)}.values())


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """The folder with what was seen of the chosen ones."""
    folder = str(tmp_path_factory.mktemp("corpus"))
    with corpus.lay_out(folder, CHOSEN, sniff=False) as world:
        corpus.check_all(BINARY, world.config(), folder, CHOSEN)
    return folder


def show(seen, one, lang, columns=80, **environment):
    done = subprocess.run(
        [BINARY, "judge", os.path.join(seen, one.domain[:100] + ".seen.json"), "--lang", lang],
        capture_output=True, timeout=60, env={
            **{key: value for key, value in os.environ.items() if key != "NO_COLOR"},
            "LC_ALL": "C.UTF-8", "UNPEND_FORCE_TTY": str(columns), **environment})
    assert done.stderr == b""
    return done.stdout.decode()


def width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def is_too_long(line, columns):
    """What has to be copied whole may pass the edge: a name, and the values to be typed."""
    if re.match(r" {8}(\S.*\S {2,}\S|v=)", line):
        return False
    return width(line) > columns and width(line.split(" ")[-1]) + 27 < columns \
        and not JAPANESE.search(line.split(" ")[-1])


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("one", CHOSEN, ids=lambda one: one.code or "ok")
def test_a_report_keeps_to_the_page_and_shows_no_control_character(seen, one, lang):
    for columns in WIDTHS:
        text = show(seen, one, lang, columns, TERM="dumb")
        assert not UNPRINTABLE.search(text), text
        assert not [line for line in text.splitlines() if is_too_long(line, columns)], text
        assert lang == "en" or JAPANESE.search(text.splitlines()[0]), text


def test_colour_is_for_terminals_that_have_it(seen):
    one = next(one for one in CHOSEN if one.code == "U201")
    plain = show(seen, one, "en", TERM="dumb")
    assert show(seen, one, "en", TERM="xterm", NO_COLOR="1") == plain
    coloured = show(seen, one, "en", TERM="xterm")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize("one", CHOSEN, ids=lambda one: one.code or "ok")
def test_what_is_wrong_is_said_in_japanese(seen, one):
    """Titles, reasons and help; what is quoted of the DNS stays as it is."""
    lines = show(seen, one, "ja", 120, TERM="dumb").splitlines()
    said = [line for line in lines if re.match(r"\S+\[U\d{3}\]: |  (理由|対処|参考)", line)]
    assert not [line for line in said if " -> " not in line and not JAPANESE.search(line[5:])], \
        "\n".join(said)
