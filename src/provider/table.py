#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write data/providers and data/proxies as tables of C (src/provider/rows.h).

    table.py PROVIDERS PROXIES OUTPUT.c

What these files may say is checked here, so that a wrong line ends the build.
"""
import ipaddress
import re
import sys

STANDINGS = {"sourced": "FACT_SOURCED", "unconfirmed": "FACT_UNCONFIRMED"}
TRAPS_MAX = 4
# Facts that are a choice: key to the words it may have and their C names.
CHOICES = {
    "name_box": {"relative": "NAME_BOX_RELATIVE", "relative-dot": "NAME_BOX_RELATIVE_DOT",
                 "strip": "NAME_BOX_STRIP", "whole": "NAME_BOX_WHOLE", "none": "NAME_BOX_NONE"},
    "apex": {"@": "APEX_AT", "blank": "APEX_BLANK"},
    "underscore": {"allowed": "false", "refused": "true"},
    "txt_quotes": {"wanted": "TXT_QUOTES_WANTED", "added": "TXT_QUOTES_ADDED",
                   "removed": "TXT_QUOTES_REMOVED", "refused": "TXT_QUOTES_REFUSED"},
    "target_dot": {"needed": "needs", "refused": "refuses"},
    "takeover": {"yes": "true", "no": "false"},
    "flattens": {"yes": "true", "no": "false"},
    "domain_connect": {"yes": "true", "no": "false"},
}
MEMBERS = {"underscore": "underscore_refused", "takeover": "takeover_prone",
           "flattens": "flattens", "name_box": "name_box", "apex": "apex",
           "txt_quotes": "txt_quotes", "domain_connect": "has_domain_connect"}
NUMBERS = {"txt_max": 65535, "publish_s": 7 * 86400}
TEXTS = {"name": "name_en", "name_ja": "name_ja", "shared": "shared", "rents": "rents",
         "where": "where_en", "where_ja": "where_ja", "switch": "switch_en",
         "switch_ja": "switch_ja", "soa": "soa_contact", "source": "source",
         "date": "verified_on", "label_name": "label_name", "label_value": "label_value",
         "label_target": "label_target", "label_host": "label_host",
         "label_type": "label_type", "label_priority": "label_priority"}
FLAGS = {"parking": "is_parking", "by_ticket": "by_ticket"}
# '#' takes every digit, so a digit behind it would never match.
PATTERN = re.compile(r"(\*\.)?([a-z0-9*?-]|#(?![0-9#?]))+(\.([a-z0-9*?-]|#(?![0-9#?]))+)+")


class BadLine(Exception):
    pass


def read_sections(path):
    """[(section, [(line number, key, value)])] in the order of the file."""
    sections = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("["):
                sections.append((line.strip("[]"), []))
                continue
            key, equals, value = (part.strip() for part in line.partition("="))
            if not equals or not sections or " ;" in value:
                raise BadLine(f"{path}:{number}: not 'key = value' in a section")
            sections[-1][1].append((number, key, value))
    return sections


def text(value):
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{ "{escaped}", {len(value.encode())} }}'


def fact(value):
    word, bar, standing = (part.strip() for part in value.rpartition("|"))
    if not bar or standing not in STANDINGS:
        raise BadLine("a fact ends in '| sourced' or '| unconfirmed'")
    return word, STANDINGS[standing]


def trap(value):
    parts = [part.strip() for part in value.split(" | ")]
    if len(parts) != 3 or parts[0] not in STANDINGS:
        raise BadLine("a trap is: standing | English | Japanese")
    return f"{{ {text(parts[1])}, {text(parts[2])}, {STANDINGS[parts[0]]} }}"


class Row:
    def __init__(self, name):
        self.name = name
        self.members = {"id": text(name)}
        self.traps = []
        self.patterns = []

    def put(self, member, value):
        if member in self.members:
            raise BadLine(f"'{member}' stands twice")
        self.members[member] = value

    def choose(self, key, value):
        word, standing = fact(value)
        if word not in CHOICES[key]:
            raise BadLine(f"'{key}' cannot be '{word}'")
        self.put(f"{key}_fact", standing)
        if key == "target_dot":
            self.put(f"target_{CHOICES[key][word]}_dot", "true")
        else:
            self.put(MEMBERS[key], CHOICES[key][word])

    def set_number(self, key, value):
        word, standing = fact(value)
        if not 0 < int(word) <= NUMBERS[key]:
            raise BadLine(f"'{key}' is out of range")
        self.put(key, word)
        self.put(f"{key.removesuffix('_s')}_fact", standing)

    def add_patterns(self, key, value):
        shared = "true" if key == "servers_shared" else "false"
        words, standing = fact(value)
        for word in words.split():
            if not PATTERN.fullmatch(word) or len(word) > 100:
                raise BadLine(f"'{word}' is no pattern")
            self.patterns.append((word, standing, shared))

    def set(self, key, value):
        if key in CHOICES:
            self.choose(key, value)
        elif key in NUMBERS:
            self.set_number(key, value)
        elif key in TEXTS:
            self.put(TEXTS[key], text(value))
        elif key in FLAGS and value == "yes":
            self.put(FLAGS[key], "true")
        elif key == "labels" and value in STANDINGS:
            self.put("labels_fact", STANDINGS[value])
        elif key in ("servers", "servers_shared"):
            self.add_patterns(key, value)
        elif key == "trap" and len(self.traps) < TRAPS_MAX:
            self.traps.append(trap(value))
        else:
            raise BadLine(f"'{key}' is not known, or cannot be '{value}'")

    def check(self, names):
        for needed in ("name_en", "source", "verified_on"):
            if needed not in self.members:
                raise BadLine(f"[{self.name}] lacks '{needed}'")
        has_labels = any(member.startswith("label_") for member in self.members)
        if has_labels != ("labels_fact" in self.members):
            raise BadLine(f"[{self.name}] has labels without 'labels', or the reverse")
        if any(shared == "true" for *_, shared in self.patterns) != ("shared" in self.members):
            raise BadLine(f"[{self.name}] has 'shared' without 'servers_shared', or the reverse")
        if "rents" in self.members and self.members["rents"] not in map(text, names):
            raise BadLine(f"[{self.name}] rents from nobody here")

    def write(self):
        self.members["trap_count"] = str(len(self.traps))
        if self.traps:
            self.members["traps"] = "{ " + ", ".join(self.traps) + " }"
        body = "".join(f"\t  .{member} = {value},\n" for member, value in self.members.items())
        return "\t{\n" + body + "\t},\n"


def read_rows(path):
    rows = []
    for name, lines in read_sections(path):
        row = Row(name)
        for number, key, value in lines:
            try:
                row.set(key, value)
            except (BadLine, ValueError) as bad:
                raise BadLine(f"{path}:{number}: {bad}") from bad
        rows.append(row)
    names = [row.name for row in rows]
    if len(set(names)) != len(names):
        raise BadLine(f"{path}: a section stands twice")
    for row in rows:
        row.check(names)
    return rows


def write_providers(rows):
    lines = ["const struct provider provider_rows[] = {\n"]
    lines += [row.write() for row in rows]
    lines += ["};\n", "const size_t provider_row_count = ARRAY_LEN(provider_rows);\n\n",
              "const struct server_pattern server_patterns[] = {\n"]
    for index, row in enumerate(rows):
        lines += [f"\t{{ {text(word)}, {index}, {standing}, {shared} }},\n"
                  for word, standing, shared in row.patterns]
    lines += ["};\n", "const size_t server_pattern_count = ARRAY_LEN(server_patterns);\n\n"]
    return "".join(lines)


def write_proxies(path):
    lines = ["const struct proxy_range proxy_ranges[] = {\n"]
    for _, entries in read_sections(path):
        name = next(value for _, key, value in entries if key == "name")
        for number, key, value in entries:
            if key != "ranges":
                continue
            words, standing = fact(value)
            for word in words.split():
                network = ipaddress.ip_network(word)
                octets = ", ".join(str(octet) for octet in network.network_address.packed)
                lines.append(f"\t{{ {text(name)}, {network.version}, {network.prefixlen}, "
                             f"{{ {octets} }}, {standing} }},\n")
    return "".join(lines + ["};\n",
                            "const size_t proxy_range_count = ARRAY_LEN(proxy_ranges);\n"])


def main(providers, proxies, output):
    try:
        body = write_providers(read_rows(providers)) + write_proxies(proxies)
    except (BadLine, ValueError) as bad:
        sys.exit(f"table.py: {bad}")
    with open(output, "w", encoding="utf-8") as file:
        file.write('/* Made by src/provider/table.py. */\n#include "provider/rows.h"\n\n' + body)


main(*sys.argv[1:])
