# SPDX-License-Identifier: GPL-3.0-or-later
"""`unpend lint`: what is wrong with one record's text, with its place and the cure."""
import json
import os
import subprocess

import pytest

from product import BINARY

ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
RUN_TIMEOUT_S = 30


def lint(*words, text=None):
    return subprocess.run([BINARY, "lint", *words], input=text, capture_output=True, text=True,
                          timeout=RUN_TIMEOUT_S, env=dict(os.environ, LC_ALL="C.UTF-8"))


@pytest.mark.parametrize("text, kind", [
    ("v=spf1 include:a.example ~all", "spf"),
    ("include:a.example -all", "spf"),
    ("v=DMARC1; p=reject", "dmarc"),
    ("v=dmarc1;p=none", "dmarc"),
    (f"v=DKIM1; k=ed25519; p={ED25519}", "dkim"),
    ("k=rsa; p=MIIB", "dkim"),
    ("10 mail.example.com", "mx"),
    ("feedback-smtp.eu-west-1.amazonses.com", "mx"),
    ("hello", "unknown"),
    ('"v=DMARC1; " "p=reject"', "dmarc"),
])
def test_the_type_is_guessed(text, kind):
    assert json.loads(lint("--json", text).stdout)["type"] == kind


@pytest.mark.parametrize("text, wanted", [
    ("v=DMARC1; p=reject; rua=mailto:d@shop.example", []),
    ("v=DMARC1; p=rejcet", [("error", 13, "reject")]),
    ("v=DMARC1; p=reject; rua=d@shop.example", [("error", 25, "mailto:d@shop.example")]),
    ("v=DMARC1; p=reject; pct=0", [("note", 21, "t=y")]),
    ("v=DMARC1; p=reject; p=none", [("error", 21, None)]),
    ("v=dmarc1; p=reject", [("error", 1, "v=DMARC1;")]),
    ("v=DMARC1 p=reject", [("error", 1, "v=DMARC1;")]),
    ("v=DMARC1; p=reject; adkim=x", [("error", 27, None)]),
    ("v=DMARC1; rua=mailto:d@shop.example", [("note", 36, "; p=none")]),
    ("v=DMARC1; p=reject; fo=1:x; ruf=mailto:d@shop.example", [("error", 24, "1")]),
    ("v=spf1 ip4:192.0.2.0/24 -all", []),
    ("v=spf1 ip4:300.0.2.0 -all", [("error", 8, None)]),
    ("v=spf1 foo include: -all", [("error", 8, None), ("error", 12, None)]),
    ("v=spf1 +all", [("error", 8, "~all")]),
    ("v=spf1 " + " ".join(f"include:{n}.example" for n in "abcdefghijk") + " -all",
     [("error", 188, None)]),
    ("spf1 -all", [("error", 1, "v=spf1 ")]),
    ("v=DKIM1; k=rsa; p=", [("error", 19, None)]),
    (f"v=DKIM1; h=sha1; k=ed25519; p={ED25519}", [("error", 12, None)]),
    (f'v=DKIM1\\; k=ed25519\\; p={ED25519}', [("error", 3, "v=DKIM1;"), ("error", 8, None)]),
    ("10 mail.example.com", []),
    ("mail.example.com", [("error", 1, "10 mail.example.com")]),
    ("10 192.0.2.1", [("error", 4, None)]),
    ("99999 mail.example.com", [("error", 1, "10")]),
    ("10 feedback-smtp.eu-west-1.amazonaws.com",
     [("error", 4, "feedback-smtp.eu-west-1.amazonses.com")]),
    ("0 .", [("note", 3, None)]),
    ("10 mail.example.com extra", [("error", 21, None)]),
    ('"v=DMARC1; " "p=rej" "ect"', []),
    ("v=DMARC1; p=reject\u00a0", [("error", 13, "reject"), ("error", 19, None)]),
])
def test_each_problem_has_its_place_and_cure(text, wanted):
    kind = [] if text != "mail.example.com" else ["--type", "mx"]
    done = lint("--json", *kind, text)
    document = json.loads(done.stdout)
    found = [(one["level"], one["position"], one["instead"]) for one in document["problems"]]
    assert found == wanted
    errors = sum(level == "error" for level, _, _ in wanted)
    assert (done.returncode, document["errors"]) == (1 if errors else 0, errors)


def test_the_text_may_come_by_standard_input():
    done = lint("-", text="v=DMARC1; p=reject\n")
    assert (done.returncode, done.stdout) == (0, "dmarc: no error\n")


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--type", "txt", "a"]])
def test_a_wrong_line_is_a_usage_error(words):
    done = lint(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
