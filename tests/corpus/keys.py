# SPDX-License-Identifier: GPL-3.0-or-later
"""U5xx: the text of a DKIM key, published by the customer or behind the alias."""
import base64

from world import zones
from world.samples import PUBLIC_KEYS

from .entry import OWN_KEY, OWN_KEY_TEXT, advice, bad, dkim, own_key

NAME = "s2026._domainkey"
ED25519 = base64.b64encode(bytes(range(32))).decode()


def rsa_key(bits):
    """SubjectPublicKeyInfo of a made-up RSA modulus of so many bits, in base64."""
    modulus = (1 << (bits - 1)) | (1 << (bits // 2)) | 1
    return base64.b64encode(public_key_info(modulus, 65537)).decode()


def der(tag, content):
    length = len(content)
    if length < 128:
        head = bytes([length])
    else:
        octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + head + content


def der_number(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def public_key_info(modulus, exponent):
    rsa = der(0x30, der_number(modulus) + der_number(exponent))
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return der(0x30, algorithm + der(3, b"\0" + rsa))


TEXTS = {
    "U501": (
        ("cut-255.com", "the key ends at 255 octets", OWN_KEY_TEXT[:255]),
        ("cut-128.jp", "the key ends at 128 octets", OWN_KEY_TEXT[:128]),
        ("cut-tail.net", "the last eight characters are missing", OWN_KEY_TEXT[:-8]),
        ("cut-one.org", "the last four characters are missing", OWN_KEY_TEXT[:-4]),
    ),
    "U503": (
        ("quotes.com", "the quotes are part of the text", f'"{OWN_KEY_TEXT}"'),
        ("backslashes.jp", "the semicolons have backslashes",
         OWN_KEY_TEXT.replace(";", "\\;")),
        ("inner-quotes.net", "the quotes of two strings are part of the text",
         OWN_KEY_TEXT[:200] + '" "' + OWN_KEY_TEXT[200:]),
        ("single-quotes.org", "the text stands in single quotes", f"'{OWN_KEY_TEXT}'"),
    ),
    "U504": (
        ("smart-quotes.com", "typographic quotes stand around the text",
         f"\u201c{OWN_KEY_TEXT}\u201d"),
        ("no-break-space.jp", "no-break spaces stand between the tags",
         OWN_KEY_TEXT.replace("; ", ";\u00a0")),
        ("zero-width.net", "a zero width space stands in the key",
         OWN_KEY_TEXT[:100] + "\u200b" + OWN_KEY_TEXT[100:]),
        ("wide-space.jp", "ideographic spaces stand between the tags",
         OWN_KEY_TEXT.replace("; ", ";\u3000")),
    ),
    "U505": (
        ("revoked.com", "the key is revoked", "v=DKIM1; k=rsa; p="),
        ("revoked-short.jp", "the key is revoked, in the shortest way", "p="),
        ("revoked-tags.net", "the key is revoked, with other tags", "v=DKIM1; p=; n=rotated"),
    ),
    "U508": (
        ("other-key.com", "another key is there", f"v=DKIM1; k=rsa; p={PUBLIC_KEYS[0]}"),
        ("other-kind.jp", "an Ed25519 key is there", f"v=DKIM1; k=ed25519; p={ED25519}"),
        ("former-key.net", "another key is there, in the shortest way", f"p={PUBLIC_KEYS[2]}"),
    ),
    "U510": (
        ("damaged.com", "a character of the key is none of base64",
         OWN_KEY_TEXT.replace("AQ8A", "AQ!A")),
        ("url-base64.jp", "the key is written in the base64 of URLs",
         OWN_KEY_TEXT.replace("+", "-").replace("/", "_")),
        ("lost-character.net", "a character within the key was lost",
         OWN_KEY_TEXT[:150] + OWN_KEY_TEXT[151:]),
        ("pem.org", "the key was pasted with its PEM lines",
         f"v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----{OWN_KEY}-----END PUBLIC KEY-----"),
    ),
    "U511": (
        ("wrong-k.com", "an RSA key says that it is Ed25519", f"v=DKIM1; k=ed25519; p={OWN_KEY}"),
        ("wrong-h.jp", "the key allows SHA-1 only", f"v=DKIM1; h=sha1; k=rsa; p={OWN_KEY}"),
        ("wrong-s.net", "the key is not for mail", f"v=DKIM1; s=tlsrpt; k=rsa; p={OWN_KEY}"),
        ("unknown-k.org", "the key type is unknown", f"v=DKIM1; k=dsa; p={OWN_KEY}"),
    ),
}

# Any well-formed key will do: SES does not tell a key of one's own.
WEAK = (
    bad("U506", "weak-512.com", "an RSA key of 512 bits", (own_key(f"p={rsa_key(512)}"),),
        expect="aws_own_key"),
    bad("U506", "weak-768.jp", "an RSA key of 768 bits",
        (own_key(f"v=DKIM1; k=rsa; p={rsa_key(768)}"),), expect="aws_own_key"),
    bad("U506", "weak-1000.net", "an RSA key of 1000 bits",
        (own_key(f"v=DKIM1; p={rsa_key(1000)}"),), expect="aws_own_key"),
    bad("U506", "weak-expected.org", "the expected key has 512 bits and is there",
        (own_key(f"v=DKIM1; k=rsa; p={rsa_key(512)}"),), expect="weak_key"),
)

SPLIT = (
    bad("U502", "two-records.com", "the key was published as two TXT records",
        (zones.txt(NAME, OWN_KEY_TEXT[:250]), zones.txt(NAME, OWN_KEY_TEXT[250:])),
        expect="own_key"),
    bad("U502", "three-records.jp", "the key was published as three TXT records",
        tuple(zones.txt(NAME, OWN_KEY_TEXT[at:at + 150]) for at in range(0, 450, 150)),
        expect="own_key"),
    bad("U502", "tags-apart.net", "the tags and the key are two TXT records",
        (zones.txt(NAME, "v=DKIM1; k=rsa;"), own_key(f"p={OWN_KEY}")), expect="own_key"),
)

SEVERAL = (
    bad("U509", "two-keys.com", "two keys have one selector",
        (own_key(), own_key(f"v=DKIM1; k=rsa; p={PUBLIC_KEYS[0]}")), expect="own_key"),
    bad("U509", "rsa-and-ed25519.jp", "an RSA and an Ed25519 key have one selector",
        (own_key(), own_key(f"v=DKIM1; k=ed25519; p={ED25519}")), expect="own_key"),
    bad("U509", "key-and-revoked.net", "a key and a revocation have one selector",
        (own_key(), own_key("v=DKIM1; p=")), expect="own_key"),
)

TESTING = (
    advice("U507", "testing.com", "the key is marked as a test", (own_key(
        f"v=DKIM1; t=y; k=rsa; p={OWN_KEY}"),), expect="own_key"),
    advice("U507", "testing-both.jp", "the key is marked as a test and strict", (own_key(
        f"v=DKIM1; k=rsa; t=y:s; p={OWN_KEY}"),), expect="own_key"),
    advice("U507", "testing-last.net", "the mark stands behind the key", (own_key(
        f"k=rsa; p={OWN_KEY}; t=s:y"),), expect="own_key"),
    advice("U506", "weak-1024.com", "an RSA key of 1024 bits: still accepted, 2048 are advised",
           (own_key(f"v=DKIM1; k=rsa; p={rsa_key(1024)}"),), expect="aws_own_key"),
)

BEHIND = (
    bad("U506", "behind-weak.com", "the keys behind the aliases have 512 bits",
        dkim(value="{t}.weak.mailer.example."), expect="keys_weak"),
    bad("U505", "behind-revoked.com", "the keys behind the aliases are revoked",
        dkim(value="{t}.revoked.mailer.example."), expect="keys_revoked"),
)

ENTRIES = (
    *(bad(code, domain, about, (own_key(text),), expect="own_key")
      for code, table in TEXTS.items() for domain, about, text in table),
    *WEAK, *SPLIT, *SEVERAL, *TESTING, *BEHIND,
)
