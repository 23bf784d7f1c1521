#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files of SQL as C texts: schema_text.py OUTPUT.c FILE.sql ...

version_2.sql becomes `const char schema_version_2[]`. Comments stay here.
"""
import os
import sys

BYTES_A_LINE = 20


def statements(path):
    with open(path) as file:
        lines = [line.rstrip("\n").partition("--")[0].rstrip() for line in file]
    return "".join(line + "\n" for line in lines if line).encode() + b"\0"


lines = ["/* Made by src/store/schema_text.py. */", '#include "store/schema.h"']
for path in sys.argv[2:]:
    name = os.path.splitext(os.path.basename(path))[0]
    data = statements(path)
    lines += ["", f"const char schema_{name}[] = {{"]
    lines += ["\t" + "".join(f"{byte}," for byte in data[at:at + BYTES_A_LINE])
              for at in range(0, len(data), BYTES_A_LINE)]
    lines += ["};"]
with open(sys.argv[1], "w") as file:
    file.write("\n".join(lines) + "\n")
