# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of our own: a namespace whose loopback carries documentation addresses.

enter() moves the calling process into a new network namespace (with a user namespace
around it where the caller is not root) and brings its loopback up. What the process
starts afterwards lives in there too. It must be called before any thread is started.
"""
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
MS_REC_PRIVATE = 0x44000
PR_SET_PDEATHSIG = 1
SEARCH_PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"

libc = ctypes.CDLL(None, use_errno=True)


def find_program(name):
    """The path of a program, /usr/sbin included; the tests need every one of them."""
    path = shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed; tools/setup test installs it")
    return path


def die_with_parent(signal_number=9):
    """For preexec_fn: the child is killed when the thread that started it is gone."""
    libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def unshare(flags):
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")


def enter():
    """Move this process into a network namespace of its own."""
    if os.geteuid() == 0:
        unshare(CLONE_NEWNET)
    else:
        enter_as_user(os.getuid(), os.getgid())
    run_ip(["link set lo up",
            "addr add 192.0.2.254/24 dev lo",
            "addr add 198.51.100.254/24 dev lo",
            "addr add 203.0.113.254/24 dev lo"])


def enter_as_user(uid, gid):
    unshare(CLONE_NEWUSER | CLONE_NEWNET)
    with open("/proc/self/setgroups", "w") as file:
        file.write("deny")
    with open("/proc/self/uid_map", "w") as file:
        file.write(f"0 {uid} 1")
    with open("/proc/self/gid_map", "w") as file:
        file.write(f"0 {gid} 1")


def enter_mounts():
    """Move this process, its own network entered, to mounts of its own as well."""
    unshare(CLONE_NEWNS)
    mount("none", "/", None, MS_REC_PRIVATE, None)


def mount(source, target, kind, flags, options):
    words = [word and word.encode() for word in (source, target, kind)]
    if libc.mount(*words, flags, options and options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {target}: {os.strerror(number)}")


def mount_tmpfs(folder, size):
    """A disk of so many bytes; seen by what is started from now on."""
    mount("tmpfs", folder, "tmpfs", 0, f"size={size}")


def unmount(folder):
    if libc.umount2(folder.encode(), 2) != 0:       # MNT_DETACH
        number = ctypes.get_errno()
        raise OSError(number, f"unmount {folder}: {os.strerror(number)}")


def add_addresses(addresses):
    """Single addresses; whole IPv4 networks are on the loopback already, see enter()."""
    run_ip([f"addr replace {address} dev lo nodad" if ":" in address else
            f"addr replace {address} dev lo" for address in addresses])


def run_ip(commands):
    subprocess.run([find_program("ip"), "-batch", "-"], input="\n".join(commands) + "\n",
                   text=True, check=True, capture_output=True)
