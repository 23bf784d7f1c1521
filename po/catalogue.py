#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a compiled catalogue of gettext as a C table, in the order of strcmp.

    catalogue.py LANGUAGE INPUT.mo OUTPUT.c
"""
import struct
import sys


def read_texts(data):
    """English to its translation, both as bytes; without the header."""
    magic, _, count, ids, texts = struct.unpack("<5I", data[:20])
    if magic != 0x950412de:
        sys.exit("catalogue.py: this is no catalogue that msgfmt wrote")

    def read(table, index):
        length, at = struct.unpack_from("<2I", data, table + 8 * index)
        return data[at:at + length]
    found = {read(ids, i): read(texts, i) for i in range(count)}
    found.pop(b"", None)
    return found


def quote(text):
    """A C string literal; what is not ASCII as octal, which ends after three digits."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}"
                         for b in text) + '"'


def main(lang, path, output):
    with open(path, "rb") as file:
        texts = read_texts(file.read())
    rows = [f"\t{{ {quote(text)},\n\t  {quote(texts[text])} }}," for text in sorted(texts)]
    with open(output, "w") as file:
        file.write("\n".join([
            "/* Made by po/catalogue.py. */", '#include "base/catalogue.h"', "",
            "static const struct catalogue_text texts[] = {", *rows,
            "\t{ 0, 0 },", "};",
            f"const struct catalogue catalogue_{lang} = {{ texts, {len(rows)} }};", ""]))


main(*sys.argv[1:])
