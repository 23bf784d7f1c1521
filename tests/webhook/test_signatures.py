# SPDX-License-Identifier: GPL-3.0-or-later
"""What we sign, checked by programs of others: Python's hmac, openssl's Ed25519."""
import base64
import hashlib
import hmac
import os
import random
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.abspath(
    os.environ.get("UNPEND_BINARY", os.path.join(REPOSITORY, "build", "unpend"))))
SIGN = os.path.join(BUILD, "tests", "webhook", "sign_for_others")
# RFC 8410 section 4: what stands before the 32 octets of an Ed25519 public key.
PUBLIC_DER = bytes.fromhex("302a300506032b6570032100")


def sign(seed, secret, name, at_s, body):
    done = subprocess.run([SIGN, seed.hex(), secret.hex(), name, str(at_s)], input=body,
                          capture_output=True, check=True)
    public, signatures = done.stdout.decode().split("\n")
    return bytes.fromhex(public), dict(one.split(",", 1) for one in signatures.split(" "))


@pytest.mark.parametrize("number", range(8))
def test_both_signatures_hold(tmp_path, number):
    chance = random.Random(number)
    seed, secret = chance.randbytes(32), chance.randbytes(24 + 5 * number)
    body = chance.randbytes(number * 1000)
    name, at_s = f"evt_{number}", 1_700_000_000 + number
    public, signatures = sign(seed, secret, name, at_s, body)
    signed = f"{name}.{at_s}.".encode() + body
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert signatures["v1"] == expected
    (tmp_path / "key.der").write_bytes(PUBLIC_DER + public)
    (tmp_path / "text").write_bytes(signed)
    (tmp_path / "signature").write_bytes(base64.b64decode(signatures["v1a"]))
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey",
              tmp_path / "key.der", "-rawin", "-in", tmp_path / "text", "-sigfile",
              tmp_path / "signature"]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    (tmp_path / "text").write_bytes(signed + b"x")
    assert subprocess.run(verify, capture_output=True, check=False).returncode != 0
