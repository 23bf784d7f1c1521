#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files as C arrays with a table of them.

    embed.py NAME OUTPUT.c FOLDER|FILE
    embed.py --console OUTPUT.c SOURCE BUILD DEPFILE

The first form takes what is there. The second builds the console in SOURCE (npm, vite) into
BUILD first, and notes in DEPFILE what it was made of; without node or with `-` for SOURCE a page
takes its place that says so.
"""
import fcntl
import glob
import hashlib
import json
import os
import subprocess
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
         ".ico": "image/x-icon", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
         ".woff2": "font/woff2", ".webmanifest": "application/manifest+json"}
BYTES_A_LINE = 20
NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>unpend</title></head>
<body><h1>unpend</h1><p>This server was built without its console (meson setup -Dconsole=true).
The programs' interfaces are all here.</p></body></html>
"""


def read_files(place):
    """Path inside the folder (or the file's name) to bytes."""
    if os.path.isfile(place):
        with open(place, "rb") as file:
            return {os.path.basename(place): file.read()}
    found = {}
    for folder, _, names in sorted(os.walk(place)):
        for name in sorted(names):
            with open(os.path.join(folder, name), "rb") as file:
                found[os.path.relpath(file.name, place)] = file.read()
    return found


def write_table(name, output, files):
    lines = ["/* Made by src/api/embed.py. */", '#include "api/files.h"', ""]
    rows = []
    for number, (path, data) in enumerate(sorted(files.items())):
        if path.endswith(".json"):
            json.loads(data)
        lines.append(f"static const unsigned char file_{number}[] = {{")
        lines += ["\t" + "".join(f"{byte}," for byte in data[at:at + BYTES_A_LINE])
                  for at in range(0, len(data), BYTES_A_LINE)]
        lines += ["\t0 /* ends no file */", "};"]
        kind = TYPES.get(os.path.splitext(path)[1], "application/octet-stream")
        etag = hashlib.sha256(data).hexdigest()[:32]
        hashed = "true" if path.startswith("assets/") else "false"
        rows.append(f'\t{{ "{path}", "{kind}", "\\"{etag}\\"", file_{number}, {len(data)}, '
                    f"{hashed} }},")
    lines += ["", f"const struct embedded_file {name}[] = {{", *rows,
              "\t{ 0, 0, 0, 0, 0, false },", "};", ""]
    with open(output, "w") as file:
        file.write("\n".join(lines))


def run(words, folder):
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"embed.py: {' '.join(words)} failed:\n{done.stdout}")


def is_older(path, than):
    return not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(than)


def build_console(source, build):
    """node_modules lies beside the sources, so several build directories take turns."""
    mark = os.path.join(source, "node_modules", ".package-lock.json")
    with open(os.path.join(source, "package-lock.json")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_older(mark, lock.name):
            run(["npm", "ci", "--no-audit", "--no-fund"], source)
            os.utime(mark)
        run(["npm", "run", "--silent", "texts"], source)
        run(["node_modules/.bin/tsc", "--noEmit"], source)
        run(["node_modules/.bin/vite", "build", "--logLevel", "warn", "--emptyOutDir",
             "--outDir", os.path.abspath(build)], source)


def list_sources(source):
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name not in ("node_modules", "dist", "test")]
        yield folder
        yield from (os.path.join(folder, name) for name in names)


def embed_console(output, source, build, depfile):
    if source == "-":
        files = {"index.html": NOT_BUILT.encode()}
        sources = []
    else:
        build_console(source, build)
        files = read_files(build)
        sources = sorted(list_sources(source))
        sources += glob.glob(os.path.join(source, "..", "po", "*.po"))
    write_table("api_console_files", output, files)
    with open(depfile, "w") as file:
        file.write(f"{output}: " + " ".join(sources) + "\n")


if sys.argv[1] == "--console":
    embed_console(*sys.argv[2:])
else:
    write_table(sys.argv[1], sys.argv[2], read_files(sys.argv[3]))
