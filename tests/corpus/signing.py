# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones signed by BIND's tools, at times that a server that signs by itself would not use."""
import glob
import os
import subprocess
import tempfile

from world import namespace


def sign(domain, path, start, end):
    """Signs the zone file in place, valid from and to (YYYYMMDDHHMMSS, or +seconds); gives
    the DS lines."""
    with tempfile.TemporaryDirectory() as folder:
        run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", folder, domain)
        run("dnssec-signzone", "-q", "-P", "-S", "-z", "-K", folder, "-d", folder, "-o", domain,
            "-s", start, "-e", end, "-f", path + ".signed", path)
        os.replace(path + ".signed", path)
        key = glob.glob(os.path.join(folder, "K*.key"))[0]
        lines = run("dnssec-dsfromkey", "-2", key).splitlines()
    return [line.split(" DS ")[1] for line in lines]


def run(program, *words):
    done = subprocess.run([namespace.find_program(program), *words], capture_output=True,
                          text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
    return done.stdout
