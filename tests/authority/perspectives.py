# SPDX-License-Identifier: GPL-3.0-or-later
"""Perspectives as processes, each with a DNS of its own, and the certificates between."""
import json
import os
import subprocess
import threading

from hostile import BINARY, PATIENCE_S
from world.namespace import die_with_parent

DRIVER = os.path.join(os.path.dirname(BINARY), "tests", "authority", "authority_driver")
ZONE = '@ NS ns1\n@ NS ns2\nns1 A {0}\nns2 A {1}\nv TXT "{2}"\n'


class Pki:
    """Certificates of an operator's own CA, made by the openssl program."""

    def __init__(self, folder):
        self.folder, self.made = folder, {}
        self.ca = self.make_ca("ca")
        self.other_ca = self.make_ca("other")

    def path(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=60)

    def make_ca(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", self.path(f"{name}.key"), "-out",
                     self.path(f"{name}.pem"), "-subj", f"/CN={name}", "-days", "30")
        return self.path(f"{name}.pem")

    def make(self, name, alternative, ca="ca", days=30, usage=None):
        """Certificate and key; `alternative` as in "DNS:tokyo"."""
        asked = name, alternative, ca, days, usage
        if self.made.get(name) != asked:
            self.write(*asked)
        self.made[name] = asked
        return self.path(f"{name}.pem"), self.path(f"{name}.key")

    def write(self, name, alternative, ca, days, usage):
        key, request, certificate, extensions = (
            self.path(f"{name}.{end}") for end in ("key", "csr", "pem", "ext"))
        with open(extensions, "w") as file:
            file.write(f"subjectAltName={alternative}\n")
            if usage:
                file.write(f"extendedKeyUsage={usage}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        os.chmod(key, 0o600)
        self.openssl("x509", "-req", "-in", request, "-CA", self.path(f"{ca}.pem"), "-CAkey",
                     self.path(f"{ca}.key"), "-out", certificate, "-days", str(days),
                     "-extfile", extensions)


class Process:
    """A program whose lines on standard error are awaited."""

    def __init__(self, command, **how):
        self.errors, self.changed = [], threading.Condition()
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent, **how)
        self.reader = threading.Thread(target=self.read_errors, daemon=True)
        self.reader.start()

    def read_errors(self):
        for line in self.process.stderr:
            with self.changed:
                self.errors.append(line.strip())
                self.changed.notify_all()

    def await_error(self, *words, times=1):
        """Until so many lines had all these words."""
        def found():
            return sum(all(word in line for word in words) for line in self.errors) >= times
        with self.changed:
            assert self.changed.wait_for(found, PATIENCE_S), (words, self.errors)

    def end(self):
        """Gives the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(PATIENCE_S)
        self.reader.join(PATIENCE_S)
        self.process.stderr.close()
        return code


class Perspective(Process):
    """`unpend probe --listen`."""

    def __init__(self, pki, folder, name, port, hints, options=(), certificate=None,
                 wrapper=(), pass_fds=(), **dns):
        self.name, self.port = name, port
        self.address = f"127.0.0.1:{port}"
        certificate, key = certificate or pki.make(name, f"DNS:{name}")
        keys = {"root_hints": hints, "trust_anchor": "", "resolvers": "", "ipv6": "false",
                "probes": "1", "query_timeout_ms": "1000",
                "allow_addresses": "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24", **dns}
        config = os.path.join(folder, f"{name}.conf")
        with open(config, "w") as file:
            file.write("[dns]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))
        super().__init__([*wrapper, BINARY, "probe", "--config", config, "--listen", self.address,
                          "--cert", certificate, "--key", key, "--ca", pki.ca,
                          "--name", name, *options], pass_fds=pass_fds)
        self.await_error("listening")

    def children(self):
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(path) as file:
            return [int(pid) for pid in file.read().split()]


class Authority(Process):
    """The driver: our own end of it."""

    def __init__(self, pki, config, domain, records, ask, certificate=None, **keys):
        certificate, key = certificate or pki.make("service", "DNS:service.example")
        keys = {"ask": ", ".join(f"{name}={at}" for name, at in ask.items()), "ca": pki.ca,
                "certificate": certificate, "key": key, **keys}
        with open(config, "a") as file:
            file.write("[perspectives]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))
        super().__init__([DRIVER, config, domain,
                          json.dumps({"domain": domain, "records": records})],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def begin(self, what):
        self.process.stdin.write(what)
        self.process.stdin.flush()

    def result(self):
        return json.loads(self.process.stdout.readline())

    def look(self, what="L"):
        """What was seen from where, by name; of who was silent, why as text."""
        self.begin(what)
        return {o["name"]: o.get("observation") or o["why"] for o in self.result()}

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        self.reader.join(PATIENCE_S)
        self.process.stderr.close()
        return code


def grow(net, number, value):
    """A DNS of its own, in which v.acme.test says so; gives its root hints."""
    root, nic = f"192.0.2.{number}", f"192.0.2.{number + 1}"
    servers = f"198.51.100.{number}", f"198.51.100.{number + 1}"
    net.serve(root, ".", f"test. NS a.nic.test.\na.nic.test. A {nic}\n")
    net.serve(nic, "test.", "acme NS ns1.acme\nacme NS ns2.acme\n"
                            f"ns1.acme A {servers[0]}\nns2.acme A {servers[1]}\n")
    for address in servers:
        net.serve(address, "acme.test.", ZONE.format(*servers, value))
    hints = os.path.join(net.folder, f"hints-{number}")
    with open(hints, "w") as file:
        file.write(f". NS root.invalid.\nroot.invalid. A {root}\n")
    return hints
