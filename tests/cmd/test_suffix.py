# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend suffix` against the public suffix list's own cases.

They lie outside the repository: UNPEND_SHARED names the folder, ../shared beside the
checkout without it.
"""
import json
import os
import subprocess

import pytest

from product import BINARY, REPOSITORY

SHARED = os.environ.get("UNPEND_SHARED", os.path.join(REPOSITORY, "..", "shared"))
CASES = os.path.join(SHARED, "data", "psl", "tests.txt")
COUNT = 78             # with the one that asks for nothing at all
RUN_TIMEOUT_S = 30


def suffix(*words):
    return subprocess.run([BINARY, "suffix", *words], capture_output=True, text=True,
                          timeout=RUN_TIMEOUT_S, env=dict(os.environ, LC_ALL="C.UTF-8"))


def read_cases():
    """Pairs of a domain and its registrable domain; "null" is none."""
    if not os.path.exists(CASES):
        pytest.fail(f"{CASES} is not there; UNPEND_SHARED names the folder that has it")
    with open(CASES, encoding="utf-8") as lines:
        pairs = [line.split() for line in lines if line.strip() and not line.startswith("//")]
    assert all(len(pair) == 2 for pair in pairs)
    return [[None if word == "null" else word for word in pair] for pair in pairs]


def registrable(domain):
    """In the form that was asked in, Unicode or A-labels; None where there is none."""
    done = suffix("--json", domain or "")
    if done.returncode == 2:
        assert "is not a domain" in done.stderr, done
        return None
    document = json.loads(done.stdout)
    assert done.returncode == (0 if document["registrable"] else 1), done
    is_ascii = (domain or "").isascii()
    return document["registrable" if is_ascii else "registrable_unicode"]


def test_the_lists_own_cases_hold():
    cases = read_cases()
    assert len(cases) == COUNT
    wrong = [(domain, wanted, got) for domain, wanted in cases
             if (got := registrable(domain)) != wanted]
    assert not wrong


@pytest.mark.parametrize("domain, wanted", [
    ("news.shop.co.jp", "organisation   shop.co.jp\npublic suffix  co.jp\n"),
    ("www.食狮.中国", "organisation   xn--85x722f.xn--fiqs8s (食狮.中国)\n"
                   "public suffix  xn--fiqs8s (中国)\n"),
])
def test_people_see_both_forms(domain, wanted):
    assert suffix(domain).stdout == wanted


def test_the_time_is_that_which_is_given():
    now = "2026-11-21T05:12:09Z"
    assert json.loads(suffix("co.jp", "--json", "--now", now).stdout)["checked_at"] == now


@pytest.mark.parametrize("domain", [
    "a..b", "a b.example", "", "-a.example", "a" * 300, "x@y.example"])
def test_what_is_no_domain_is_refused_in_one_line(domain):
    done = suffix(domain)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
