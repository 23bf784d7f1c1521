#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""data/resolvers/resolvers.json as the C table of lookup_public_at: resolvers.py IN OUT."""
import ipaddress
import json
import re
import sys

LANGUAGES = {"en": "1u << LANG_EN", "ja": "1u << LANG_JA"}


def quote(text):
    if not re.fullmatch(r"[ -~]+", text) or '"' in text or "\\" in text:
        raise SystemExit(f"resolvers.json: not plain text: {text!r}")
    return f'"{text}"'


def write_row(row):
    addresses = [str(ipaddress.ip_address(one)) for one in row["ipv4"] + row["ipv6"]]
    if len(addresses) > 4:
        raise SystemExit(f"resolvers.json: more than 4 addresses: {row['id']}")
    languages = " | ".join(LANGUAGES[one] for one in row["defaults"]) or "0"
    return (f"\t{{ .id = {quote(row['id'])}, .operator = {quote(row['operator'])},\n"
            f"\t  .region = {quote(row['region'])}, .address_count = {len(addresses)},\n"
            f"\t  .addresses = {{ {', '.join(map(quote, addresses)) or '0'} }},\n"
            f"\t  .languages = {languages} }},\n")


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        rows = json.load(file)["resolvers"]
    if len({row["id"] for row in rows}) != len(rows):
        raise SystemExit("resolvers.json: an id occurs twice")
    with open(target, "w", encoding="utf-8") as file:
        file.write("/* Made from data/resolvers/resolvers.json. */\n"
                   '#include "lookup/lookup.h"\n\n'
                   "static const struct lookup_public table[] = {\n"
                   + "".join(map(write_row, rows)) + "};\n\n"
                   "const struct lookup_public *lookup_public_at(size_t index)\n{\n"
                   "\treturn index < ARRAY_LEN(table) ? &table[index] : NULL;\n}\n")


main()
