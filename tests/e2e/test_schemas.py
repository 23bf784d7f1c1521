# SPDX-License-Identifier: GPL-3.0-or-later
"""What --json prints is described: every key, in the document that its schema has."""
import glob
import json
import os
import re

import pytest

from product import REPOSITORY

CASES = [
    ("check", "check.md", ["check", "doubled.com"]),
    ("check", "check.md", ["check", "healthy.com"]),
    ("check", "watch.md", ["check", "healthy.com"]),
    ("observation", "observation.md", None),
    ("lint", "check.md", ["lint", "v=spf1 ipv4:192.0.2.1 -all", "--json"]),
    ("dmarc", "check.md", ["dmarc", "--from", "healthy.com", "--spf", "bounce.healthy.com",
                           "--dkim", "other.com", "--json"]),
    ("suffix", "check.md", ["suffix", "shop.co.jp", "--json"]),
    ("spf", "spf.md", ["spf", "--ip", "192.0.2.1", "--mail-from", "a@bounce.healthy.com",
                       "--json"]),
    ("resolve", "lookup.md", ["resolve", "no-such-name.healthy.com", "TXT", "--json"]),
    ("trace", "lookup.md", ["trace", "healthy.com", "--json"]),
    ("propagation", "lookup.md", ["propagation", "_dmarc.healthy.com", "TXT", "--json"]),
    ("provider", "records.md", ["provider", "healthy.com", "--json"]),
]
NEXT = "next"       # of a report: told in watch.md


def document(name):
    with open(os.path.join(REPOSITORY, "doc", name)) as file:
        return file.read()


def keys_of(value):
    if isinstance(value, dict):
        for key, below in value.items():
            yield key
            yield from keys_of(below)
    elif isinstance(value, list):
        for below in value:
            yield from keys_of(below)


def missing_in(text, value):
    code = " ".join(re.findall(r"`[^`]+`|```.*?```", text, re.S))
    words = set(re.findall(r"[a-z][a-z0-9_]*", code))
    return sorted(set(keys_of(value)) - words - {"schema"})


@pytest.mark.parametrize("schema,name,words", [
    pytest.param(*case, id=f"{case[0]} in {case[1]}") for case in CASES])
def test_every_key_is_described(unpend, tmp_path, schema, name, words):
    if words is None:
        unpend.check("doubled.com", "--save", str(tmp_path / "seen.json"))
        printed = json.loads((tmp_path / "seen.json").read_text())
        printed = printed["observation"]
    elif words[0] == "check":
        printed = unpend.check(words[1], "--json").json
        assert printed["schema"].endswith(f"/{schema}/v1")
        ahead = printed.pop(NEXT)
        printed = ahead if name == "watch.md" else printed
    else:
        printed = json.loads(unpend.run(*words, "--config", unpend.config).out)
        assert printed["schema"].endswith(f"/{schema}/v1")
    assert not missing_in(document(name), printed)


def test_every_schema_has_a_document():
    """Those that the sources name, so that a new one cannot be forgotten."""
    texts = " ".join(document(os.path.basename(path))
                     for path in glob.glob(os.path.join(REPOSITORY, "doc", "*.md")))
    named = set()
    for path in glob.glob(os.path.join(REPOSITORY, "src", "**", "*.[ch]"), recursive=True):
        with open(path) as file:
            named |= set(re.findall(r"/schemas/([a-z-]+/v\d)", file.read()))
    assert named and not [one for one in named if one not in texts]


def test_every_code_is_explained_as_described(unpend):
    assert not missing_in(document("check.md"), unpend.run("explain", "U201", "--json").json)

