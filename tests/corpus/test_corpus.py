# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus against the program: the right top finding, and never a false verdict."""
import collections
import json
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from corpus import corpus  # noqa: E402
from corpus.entry import ADVICE, CORRECT, MISCONFIGURED  # noqa: E402

BINARY = os.path.abspath(os.environ.get(
    "UNPEND_BINARY", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "unpend")))
AIM = 0.98


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Where the observations are, and what the program says; what is wrong is printed once."""
    folder = str(tmp_path_factory.mktemp("corpus"))
    with corpus.lay_out(folder, sniff=False) as world:
        said = corpus.check_all(BINARY, world.config(), folder)
    print(corpus.confusion(said))
    return folder, said


@pytest.fixture(scope="module")
def outcomes(run):
    return run[1]


def of_kind(outcomes, kind):
    return [outcome for outcome in outcomes if outcome.entry.kind == kind]


def as_text(outcomes):
    return "\n".join(map(str, outcomes))


def test_the_corpus_is_as_large_as_it_should_be():
    kinds = collections.Counter(one.kind for one in corpus.ENTRIES)
    assert kinds[MISCONFIGURED] >= 200
    assert kinds[CORRECT] >= 100
    assert len({one.domain for one in corpus.ENTRIES}) == len(corpus.ENTRIES)
    by_code = collections.Counter(one.code for one in corpus.ENTRIES if one.code)
    assert not [code for code, count in by_code.items() if count < 3]


def test_the_top_finding_of_the_misconfigured_is_right(outcomes):
    broken = of_kind(outcomes, MISCONFIGURED)
    wrong = [outcome for outcome in broken if not outcome.is_right]
    assert len(wrong) <= (1 - AIM) * len(broken), \
        f"{len(wrong)} of {len(broken)} wrong:\n{as_text(wrong)}"


def test_no_misconfigured_domain_is_ok(outcomes):
    wrong = [outcome for outcome in of_kind(outcomes, MISCONFIGURED) if outcome.exit_code == 0]
    assert not wrong, as_text(wrong)


def test_no_correct_domain_needs_action(outcomes):
    wrong = [outcome for outcome in of_kind(outcomes, CORRECT) if outcome.exit_code != 0]
    assert not wrong, as_text(wrong)


def test_no_domain_that_may_only_be_better_needs_action(outcomes):
    wrong = [outcome for outcome in of_kind(outcomes, ADVICE) if not outcome.is_right]
    assert not wrong, as_text(wrong)


def test_nothing_is_found_wrong_with_a_correct_domain(outcomes):
    wrong = [outcome for outcome in of_kind(outcomes, CORRECT) if outcome.top]
    assert not wrong, as_text(wrong)


# Domains that are right from here and, seen from there, lack a record.
@pytest.mark.parametrize("domain", ["goodhost-right.com", "nsdhost-right.com", "ses.com"])
def test_places_that_disagree_are_told(run, tmp_path, domain):
    here = os.path.join(run[0], domain + ".seen.json")
    there = str(tmp_path / "there.json")
    with open(here) as file:
        bundle = json.load(file)
    wanted = bundle["expect"]["records"][0]["name"]
    for answer in bundle["observation"]["answers"]:
        if answer["name"] == wanted and answer["outcome"] == "answered":
            answer.update(rcode="NXDOMAIN", records=[])
    with open(there, "w") as file:
        json.dump(bundle, file)
    done = subprocess.run([BINARY, "judge", here, there, "--json"], capture_output=True, timeout=60)
    codes = [finding["code"] for finding in json.loads(done.stdout)["findings"]]
    assert "U909" in codes, done.stdout.decode()
    assert done.returncode != 0
    alone = subprocess.run([BINARY, "judge", here, here, "--json"], capture_output=True, timeout=60)
    assert alone.returncode == 0, alone.stdout.decode()
