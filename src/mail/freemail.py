#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""data/freemail/freemail.conf as a C table, in order of domain: freemail.py IN OUT."""
import datetime
import re
import sys

DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
KEYS = {"name", "domains", "source", "date"}


def read_sections(path):
    sections = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("["):
                sections.append({"domains": []})
                continue
            key, equals, value = (part.strip() for part in line.partition("="))
            if not equals or not sections or key not in KEYS or not value.isascii() \
                    or '"' in value or "\\" in value:
                raise SystemExit(f"{path}:{number}: not 'key = value' of a section")
            if key == "domains":
                sections[-1]["domains"] += value.split()
            elif sections[-1].setdefault(key, value) is not value:
                raise SystemExit(f"{path}:{number}: '{key}' twice")
    return sections


def main():
    source, target = sys.argv[1:]
    sections = read_sections(source)
    rows = {}
    for section in sections:
        if set(section) != KEYS or not section["source"].startswith("https://"):
            raise SystemExit(f"{source}: a section lacks name, domains, source or date")
        for domain in section["domains"]:
            if domain in rows or not DOMAIN.fullmatch(domain):
                raise SystemExit(f"{source}: twice, or no domain: {domain}")
            rows[domain] = section["name"]
    newest = max(datetime.date.fromisoformat(one["date"]) for one in sections)
    with open(target, "w", encoding="utf-8") as file:
        file.write("/* Made from data/freemail/freemail.conf. */\n"
                   '#include "mail/freemail.h"\n\n'
                   "const struct freemail freemail_rows[] = {\n")
        for domain, name in sorted(rows.items()):
            file.write(f'\t{{ "{domain}", "{name}" }},\n')
        file.write("};\n"
                   f"const size_t freemail_row_count = {len(rows)};\n"
                   f'const char freemail_version[] = "{newest}";\n')


main()
