#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of requests that Debian's botocore signs pass; changed anywhere, they do not."""
import datetime
import json
import os
import random
import subprocess
from urllib.parse import quote, urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

BINARY = os.environ.get("UNPEND_BINARY", "build/unpend")
DRIVER = os.path.join(os.path.dirname(os.path.abspath(BINARY)), "tests", "api", "verify_sigv4")
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5)
NOW_S = int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp())
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
LETTERS = "abcXYZ019-_.~ !@#$%^&*()+=/?,;:'\"<>[]{}|\\`äß日本\u00a0"


class Verifier:
    """The program that verifies a request a line."""

    def __init__(self):
        self.process = subprocess.Popen([DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, request, **changes):
        self.process.stdin.write(json.dumps({**request, **changes}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer, "the verifier ended"
        return answer


@pytest.fixture(scope="module")
def verifier():
    one = Verifier()
    yield one
    one.process.stdin.close()
    assert one.process.wait(20) == 0


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    class Fixed(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return NOW
    monkeypatch.setattr(botocore.auth.datetime, "datetime", Fixed)


def sign(method, url, headers, body, region="us-east-1", service="ses"):
    """What goes over the wire after botocore has signed it."""
    request = botocore.awsrequest.AWSRequest(method=method, url=url, headers=headers, data=body)
    credentials = botocore.credentials.Credentials("AKIDEXAMPLE", SECRET)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    parts = urlsplit(url)
    fields = [[name, value] for name, value in request.headers.items()]
    return {"method": method, "path": parts.path, "query": parts.query,
            "headers": [["Host", parts.netloc], *fields], "body": body, "secret": SECRET,
            "region": region, "now_s": NOW_S}


def make_text(chance, most):
    return "".join(chance.choice(LETTERS) for _ in range(chance.randrange(1, most)))


def make_request(chance):
    """Paths, queries, headers and bodies of all kinds, encoded as SDKs encode them."""
    path = "/v2/email/" + "/".join(quote(make_text(chance, 12), safe="-_.~")
                                   for _ in range(chance.randrange(1, 4)))
    names = [(make_text(chance, 6), make_text(chance, 10)) for _ in range(chance.randrange(0, 4))]
    query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in names)
    headers = {f"X-Amz-Note-{number}": " ".join("ab c  d".split(" ")) + str(number)
               for number in range(chance.randrange(0, 3))}
    body = make_text(chance, 200) if chance.random() < 0.5 else ""
    if body:
        headers["Content-Type"] = "application/json"
    url = f"http://{chance.choice(['h:8025', 'email.example.com', '[::1]:8025'])}{path}"
    return sign(chance.choice(["GET", "POST", "PUT", "DELETE"]), url + (query and "?" + query),
                headers, body)


def test_what_botocore_signs_passes(verifier):
    chance = random.Random(4711)
    for _ in range(3000):
        request = make_request(chance)
        assert verifier.ask(request) == "ok", request


def change_text(chance, text):
    """One character other than it was."""
    at = chance.randrange(len(text))
    return text[:at] + ("8" if text[at] == "7" else "7") + text[at + 1:]


def change_request(chance, request):
    """One signed thing other than it was; None where there is nothing to change."""
    changed = json.loads(json.dumps(request))
    what = chance.choice(["method", "path", "query", "body", "header", "secret"])
    if what == "header":
        signed = next(value for name, value in request["headers"] if name == "Authorization")
        names = signed.split("SignedHeaders=")[1].split(",")[0].split(";")
        field = next(field for field in changed["headers"]
                     if field[0].lower() == chance.choice(names) or field[0] == "Host")
        field[1] = change_text(chance, field[1])
    elif not changed[what]:
        return None
    else:
        changed[what] = change_text(chance, changed[what])
    return changed


def test_what_was_changed_does_not_pass(verifier):
    chance = random.Random(4712)
    tried = 0
    while tried < 2000:
        changed = change_request(chance, make_request(chance))
        if changed is None or "/" in changed["path"][-1:]:
            continue
        tried += 1
        assert verifier.ask(changed).split(":")[0] in (
            "InvalidSignatureException", "IncompleteSignatureException"), changed


def test_every_byte_of_the_signature_counts(verifier):
    request = sign("GET", "http://h/v2/email/account", {}, "")
    for field in request["headers"]:
        if field[0] != "Authorization":
            continue
        right = field[1]
        # The key id itself is not signed: it says whose secret it is.
        key_id = range(right.index("AKID"), right.index("/"))
        for at in set(range(len(right))) - set(key_id):
            field[1] = right[:at] + chr(ord(right[at]) ^ 1) + right[at + 1:]
            # Blanks and commas between parameters carry no meaning.
            if right[at] in " ,":
                continue
            assert verifier.ask(request) != "ok", field[1]
        field[1] = right
    assert verifier.ask(request) == "ok"


@pytest.mark.parametrize("offset_s,answer", [
    (0, "ok"), (300, "ok"), (-300, "ok"),
    (301, "InvalidSignatureException: Signature expired: 20260102T030405Z is now earlier than "
          "20260102T030406Z (20260102T030906Z - 5 min.)"),
    (-301, "InvalidSignatureException: Signature not yet current: 20260102T030405Z is still later "
           "than 20260102T030404Z (20260102T025904Z + 5 min.)"),
    (-56 * 365 * 86400, "InvalidSignatureException: Signature not yet current"),
    (74 * 365 * 86400, "InvalidSignatureException: Signature expired")])
def test_the_clock_may_be_off_by_five_minutes(verifier, offset_s, answer):
    request = sign("GET", "http://h/v2/email/account", {}, "")
    assert verifier.ask(request, now_s=NOW_S + offset_s).startswith(answer)


@pytest.mark.parametrize("region,service,answer", [
    ("eu-west-1", "ses", "Credential should be scoped to a valid region, not 'eu-west-1'."),
    ("us-east-1", "email", "Credential should be scoped to correct service: 'ses'.")])
def test_the_scope_must_be_ours(verifier, region, service, answer):
    request = sign("GET", "http://h/v2/email/account", {}, "", region, service)
    assert verifier.ask(request, region="us-east-1") == "InvalidSignatureException: " + answer


def test_a_declared_hash_must_be_the_body_s(verifier):
    body = '{"a": 1}'
    request = sign("POST", "http://h/v2/email/identities",
                   {"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}, body)
    assert verifier.ask(request).startswith("InvalidSignatureException")


def test_without_host_among_the_signed_headers_nothing_passes(verifier):
    request = sign("GET", "http://h/v2/email/account", {}, "")
    for field in request["headers"]:
        if field[0] == "Authorization":
            field[1] = field[1].replace("SignedHeaders=host;", "SignedHeaders=")
    assert verifier.ask(request).startswith("InvalidSignatureException")
