# SPDX-License-Identifier: GPL-3.0-or-later
"""A right domain with one character, label or type changed is never ok.

Thousands of mutants are put into what was seen of right domains and judged anew; some
hundreds, those of names among them, are served by real servers.
"""
import copy
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from corpus import corpus, entry, mutants  # noqa: E402
from corpus.entry import good, zone  # noqa: E402

BINARY = os.path.abspath(os.environ.get(
    "UNPEND_BINARY", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "unpend")))
# A sanitizer makes a run ten times as long; it need not see every character.
SLOWER = 4 if "asan" in BINARY else 1
EVERY = 3           # of the mutants, so many go to real servers

# Domain, and how far apart the characters are that are changed.
BASES = (("goodhost-right.com", 1), ("key-plain.com", 3), ("ses.com", 1))
BY_DOMAIN = {one.domain: one for one in corpus.ENTRIES}


def records_of(one):
    """What is expected, once for each purpose."""
    by_purpose = {}
    for record in entry.expectation(one).get("records", ()):
        by_purpose.setdefault(record["purpose"], record)
    return list(by_purpose.values())


def served_mutants():
    """Each a zone of its own: the record changed, and the other ones right."""
    number = 0
    for record in records_of(BY_DOMAIN["goodhost-right.com"]):
        listed = list(mutants.mutants_of(record)) + list(mutants.names_of(
            record, "goodhost-right.com"))
        # A CNAME beside the SPF record of that name is what no server would load.
        servable = [mutant for mutant in listed if (mutant.type, record["type"]) != ("CNAME", "MX")]
        for mutant in servable[::EVERY * SLOWER]:
            number += 1
            yield number, record, mutant


def as_entry(number, record, mutant):
    domain = f"mutant{number}.com"
    line_id = {"dkim": "dkim_1"}.get(record["purpose"], record["purpose"])
    name = mutant.name.replace("goodhost-right.com.", domain + ".")
    line = f"{name} {mutant.type} {mutant.rdata}"
    return good(domain, mutant.what, zone(line, **{line_id: None}))


SERVED = [(as_entry(*row), row[2]) for row in served_mutants()]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("world"))
    bases = [BY_DOMAIN[domain] for domain, _ in BASES]
    with corpus.lay_out(folder, bases + [one for one, _ in SERVED], sniff=False) as one:
        yield one


@pytest.fixture(scope="module")
def seen(world, tmp_path_factory):
    """The observations of the right domains, by domain."""
    folder = str(tmp_path_factory.mktemp("seen"))
    bundles = {}
    for domain, _ in BASES:
        outcome = corpus.check(BINARY, world.config(), folder, BY_DOMAIN[domain])
        assert outcome.exit_code == 0, outcome.text
        with open(os.path.join(folder, domain + ".seen.json")) as file:
            bundles[domain] = json.load(file)
    return bundles


def judge(folder, number, bundle):
    path = os.path.join(folder, f"{number}.json")
    with open(path, "w") as file:
        json.dump(bundle, file)
    done = subprocess.run([BINARY, "judge", path, "--json"], capture_output=True, timeout=60)
    os.unlink(path)
    return done.returncode, done.stdout.decode(errors="replace") + done.stderr.decode()


def judge_all(folder, bundle, record, listed):
    def one(numbered):
        number, mutant = numbered
        changed = copy.deepcopy(bundle)
        mutants.apply(changed, record, mutant)
        return (mutant, *judge(folder, number, changed))
    with ThreadPoolExecutor(corpus.WORKERS) as pool:
        return list(pool.map(one, enumerate(listed)))


def wrong_ones(judged):
    """Mutants that are ok and should not be, and the reverse, as text."""
    return [f"{mutant.type} {mutant.what}: exit {code}, {mutant.rdata}"
            for mutant, code, _ in judged
            if code not in ((0,) if mutant.keeps_meaning else (1, 4))]


@pytest.mark.parametrize("domain,step", BASES, ids=[domain for domain, _ in BASES])
def test_no_mutant_of_what_was_seen_is_ok(seen, tmp_path, domain, step):
    bundle, tried, wrong = seen[domain], 0, []
    required = [row for row in bundle["expect"]["records"] if row["required"]]
    for record in required[-4:]:
        listed = list(mutants.mutants_of(record, step))[::SLOWER]
        tried += len(listed)
        wrong += wrong_ones(judge_all(str(tmp_path), bundle, record, listed))
    print(f"{domain}: {tried} mutants")
    assert tried >= 300 / SLOWER
    assert not wrong, f"{len(wrong)} of {tried}:\n" + "\n".join(wrong[:40])


def test_no_mutant_that_is_served_is_ok(world, tmp_path):
    outcomes = corpus.check_all(BINARY, world.config(), str(tmp_path), [one for one, _ in SERVED])
    wrong = wrong_ones([(mutant, outcome.exit_code, outcome.text)
                        for (_, mutant), outcome in zip(SERVED, outcomes)])
    print(f"{len(outcomes)} mutants on real servers")
    assert len(outcomes) >= 100 / SLOWER
    assert not wrong, f"{len(wrong)} of {len(outcomes)}:\n" + "\n".join(wrong[:40])


# What a server that is silent or in trouble leaves behind.
TROUBLES = {
    "timeout": {"outcome": "timeout"},
    "unreachable": {"outcome": "unreachable"},
    "limit": {"outcome": "limit"},
    "SERVFAIL": {"outcome": "answered", "rcode": "SERVFAIL", "authoritative": False},
}


def choices(bundle):
    """Which answers of the domain's servers are lost: name of the choice, and the choice."""
    views = bundle["observation"]["views"]
    records = {(row["name"].lower(), row["type"]) for row in bundle["expect"]["records"]
               if row["required"]}
    yield "everything", lambda answer: True
    for server in sorted({view["server"] for view in views if view["kind"] == "authority"}):
        yield f"all of {server}", \
            lambda answer, server=server: views[answer["view"]].get("server") == server
    for name, kind in sorted(records):
        yield f"{name} {kind} everywhere", lambda answer, row=(name, kind): \
            (answer["name"].lower(), answer["type"]) == row
    for at in range(len(bundle["observation"]["answers"])):
        yield f"answer {at}", lambda answer, at=at: \
            bundle["observation"]["answers"][at]["name"] == answer["name"] \
            and bundle["observation"]["answers"][at]["view"] == answer["view"] \
            and bundle["observation"]["answers"][at]["type"] == answer["type"]


def lose(bundle, is_lost, trouble):
    changed = copy.deepcopy(bundle)
    views = changed["observation"]["views"]
    for answer in changed["observation"]["answers"]:
        if views[answer["view"]]["kind"] == "authority" and answer["outcome"] == "answered" \
                and is_lost(answer):
            kept = {key: answer[key] for key in ("name", "type", "view")}
            answer.clear()
            answer.update(kept, **trouble)
    return changed


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("domain", [domain for domain, _ in BASES])
def test_what_could_not_be_asked_is_never_absent(seen, tmp_path, domain, trouble):
    """Right or not known, never wrong; and never right where nobody is left to say so."""
    listed = list(choices(seen[domain]))[::SLOWER]

    def one(numbered):
        number, (what, is_lost) = numbered
        code, said = judge(str(tmp_path), number, lose(seen[domain], is_lost, TROUBLES[trouble]))
        return what, code, said
    with ThreadPoolExecutor(corpus.WORKERS) as pool:
        outcomes = list(pool.map(one, enumerate(listed)))

    def allowed(what):
        if what.endswith("everywhere") or what == "everything":
            return (4,)
        # A server that has SERVFAIL for everything does not serve the zone: U103.
        return (0, 1, 4) if what.startswith("all of") and trouble == "SERVFAIL" else (0, 4)
    wrong = [f"{what}: exit {code}" for what, code, _ in outcomes if code not in allowed(what)]
    assert len(outcomes) > 10 / SLOWER
    assert not wrong, f"{len(wrong)} of {len(outcomes)}:\n" + "\n".join(wrong[:40])
