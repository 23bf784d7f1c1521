#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a program as systemd would by a unit: sandbox.py UNIT STATE_FOLDER PROGRAM ARGUMENT...

Where there is no systemd to run it. Of the unit's settings, as far as the kernel is asked
here: SystemCallFilter (groups resolved by systemd-analyze), MemoryDenyWriteExecute,
RestrictAddressFamilies, RestrictNamespaces, NoNewPrivileges, an empty capability set, and
a file system that can be written in STATE_FOLDER and a /tmp of its own alone.
"""
import ctypes
import errno
import os
import subprocess
import sys

ACT_ALLOW, ACT_ERRNO = 0x7fff0000, 0x00050000
CMP_EQ, CMP_MASKED_EQ = 4, 7
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
PROT_WRITE, PROT_EXEC = 2, 4
CLONE_NAMESPACES = 0x7e020080  # CLONE_NEW*
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, CAP_LAST = 38, 24, 40


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64),
                ("b", ctypes.c_uint64)]


def read_unit(path):
    """Setting to its values, in order."""
    settings = {}
    with open(path) as file:
        for line in file.read().replace("\\\n", " ").splitlines():
            if "=" in line and not line.startswith(("#", ";")):
                key, value = line.split("=", 1)
                settings.setdefault(key.strip(), []).append(value.strip())
    return settings


def resolve(word, seen=()):
    """The system calls of a name or @group."""
    if not word.startswith("@"):
        return {word}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", word], check=True,
                            capture_output=True, text=True).stdout.splitlines()[1:]
    calls = set()
    for line in listed:
        entry = line.strip()
        if entry and not entry.startswith("#") and entry not in seen:
            calls |= resolve(entry, (*seen, entry))
    return calls


def allowed_calls(lines):
    allowed = set()
    for line in lines:
        calls = set().union(*(resolve(word) for word in line.lstrip("~").split()))
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def load_filter(unit):
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Compare)]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    refuse = ACT_ERRNO | errno.EPERM
    allowed = allowed_calls(unit["SystemCallFilter"])
    context = seccomp.seccomp_init(refuse)

    def rule(call, *compares, action=ACT_ALLOW):
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        array = (Compare * max(len(compares), 1))(*compares)
        if number >= 0:
            failed = seccomp.seccomp_rule_add_array(context, action, number, len(compares),
                                                    array)
            assert failed == 0, (call, failed)

    special = {"socket", "mmap", "mprotect", "pkey_mprotect", "unshare", "setns", "clone",
               "clone3"}
    for call in sorted(allowed - special):
        rule(call)
    for family in unit["RestrictAddressFamilies"][0].split():
        rule("socket", Compare(0, CMP_EQ, FAMILIES[family], 0))
    # RestrictNamespaces; the flags of clone3 cannot be seen, so libc must do without.
    rule("clone", Compare(0, CMP_MASKED_EQ, CLONE_NAMESPACES, 0))
    rule("clone3", action=ACT_ERRNO | errno.ENOSYS)
    # MemoryDenyWriteExecute: never both, and nothing becomes executable later.
    rule("mmap", Compare(2, CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, 0))
    rule("mmap", Compare(2, CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE))
    rule("mmap", Compare(2, CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC))
    rule("mprotect", Compare(2, CMP_MASKED_EQ, PROT_EXEC, 0))
    assert seccomp.seccomp_load(context) == 0


def lock_files(state):
    def mount(*words):
        subprocess.run(["mount", *words], check=True)
    mount("--make-rprivate", "/")
    mount("--bind", state, state)
    mount("-o", "remount,ro,bind", "/")
    mount("-o", "remount,rw,bind", state)
    mount("-t", "tmpfs", "tmpfs", "/var/tmp")


def main():
    unit_path, state, *program = sys.argv[1:]
    unit = read_unit(unit_path)
    assert unit["ProtectSystem"] == ["strict"] and unit["CapabilityBoundingSet"] == [""]
    libc = ctypes.CDLL(None, use_errno=True)
    lock_files(state)
    for capability in range(CAP_LAST + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.umask(int(unit["UMask"][0], 8))
    load_filter(unit)
    os.execv(program[0], program)


main()
