# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of the world: real ones, each with a configuration and a folder of its own.

Every class has start(), ready(), put_zone(), drop_zone(), stop(); zones are text, and
put_zone() returns when the server answers from the new text. pause() makes a server fall
silent (its process is stopped), resume() wakes it.
"""
import os
import signal
import socket
import subprocess

from . import asking, namespace

STOP_PATIENCE_S = 10
APPARMOR_SWITCH = "/sys/module/apparmor/parameters/enabled"


class Server:
    """One process, the addresses it listens on, its folder."""

    kind = None
    needs_interface_address = False     # an IPv4 address that is merely local will not do

    def __init__(self, name, addresses, folder):
        self.name, self.addresses, self.folder = name, list(addresses), folder
        self.process = None
        os.makedirs(folder, exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def spawn(self, *command):
        with open(self.path("output"), "ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=self.folder, start_new_session=True,
                preexec_fn=namespace.die_with_parent)

    def program(self, name):
        """The program to run: a copy where AppArmor would confine it to its own folders."""
        path = namespace.find_program(name)
        try:
            with open(APPARMOR_SWITCH) as file:
                confined = file.read(1) == "Y"
        except OSError:
            confined = False
        if not confined:
            return path
        copy = self.path(name)
        if not os.path.exists(copy):
            with open(path, "rb") as source, open(copy, "wb") as target:
                target.write(source.read())
            os.chmod(copy, 0o755)
        return copy

    def run(self, *command):
        """A control command; its output is for the reader of a failure."""
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise asking.NotReady(f"{' '.join(command)}: {done.stdout}{done.stderr}\n"
                                  f"{self.tail()}")

    def tail(self):
        """The last words of the server's log."""
        text = ""
        for name in ("output", "log"):
            if os.path.exists(self.path(name)):
                with open(self.path(name), errors="replace") as file:
                    text += "".join(file.readlines()[-15:])
        return text

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def is_dead(self):
        """Whether its process has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def await_zone(self, domain, serial):
        for address in self.addresses:
            asking.await_serial(address, domain, serial)


class ZoneServer(Server):
    """A server that is told its zones as text."""

    def __init__(self, name, addresses, folder):
        super().__init__(name, addresses, folder)
        self.serials, self.signed = {}, set()
        os.makedirs(self.path("zones"), exist_ok=True)

    def zone_file(self, domain):
        return self.path("zones", (domain or "root") + ".zone")

    def put_zone(self, domain, text, serial, signed=False):
        """Serve this text for the domain ('' is the root); before start() it is only kept."""
        is_new = domain not in self.serials
        self.serials[domain] = serial
        if signed:
            self.signed.add(domain)
        staging = self.zone_file(domain) + ".new"
        with open(staging, "w") as file:
            file.write(text)
        os.replace(staging, self.zone_file(domain))
        if self.process is None:
            return
        if is_new:
            self.load_configuration()
        else:
            self.load_zone(domain)
        self.await_put(domain)

    def await_put(self, domain):
        if domain in self.signed:
            for address in self.addresses:
                asking.await_dnskey(address, domain or ".")
        else:
            self.await_zone(domain or ".", self.serials[domain])

    def drop_zone(self, domain):
        del self.serials[domain]
        self.signed.discard(domain)
        os.unlink(self.zone_file(domain))
        self.load_configuration()
        asking.await_rcode(self.addresses[0], domain, "REFUSED")

    def ready(self):
        for domain in self.serials:
            self.await_put(domain)
        if not self.serials:
            for address in self.addresses:
                asking.await_rcode(address, "nobody.example.", "REFUSED")


KNOT_CONFIG = """\
server:
    rundir: {folder}
    pidfile: {folder}/pid
    listen: [{listen}]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: {folder}/log
    any: info
database:
    storage: {folder}/db
    journal-db-max-size: 32M
    kasp-db-max-size: 8M
    timer-db-max-size: 2M
control:
    listen: {folder}/sock
policy:
  - id: ecdsa
    algorithm: ecdsap256sha256
    single-type-signing: on
    cds-cdnskey-publish: none
    nsec3: {nsec3}
template:
  - id: default
    storage: {folder}/zones
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
  - id: signed
    storage: {folder}/zones
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: on
    dnssec-policy: ecdsa
zone:
{zones}
"""


class Knot(ZoneServer):
    """Knot DNS. Signs the zones that are to be signed (ECDSA, one key)."""

    kind = "Knot DNS"

    def __init__(self, name, addresses, folder, nsec3=False):
        super().__init__(name, addresses, folder)
        self.nsec3 = nsec3
        self.absent_zones = set()
        os.makedirs(self.path("db"), exist_ok=True)

    def control(self, *words):
        self.run(namespace.find_program("knotc"), "-s", self.path("sock"), "-t", "20",
                 "-b", *words)

    def write_configuration(self):
        rows = [f"  - domain: {domain or '.'}\n    file: {self.zone_file(domain)}\n"
                f"    template: {'signed' if domain in self.signed else 'default'}"
                for domain in self.serials]
        rows += [f"  - domain: {domain}\n    file: {self.path('absent', domain)}"
                 for domain in self.absent_zones]
        listen = ", ".join(f"{address}@53" for address in self.addresses)
        self.write("knot.conf", KNOT_CONFIG.format(
            folder=self.folder, listen=listen, zones="\n".join(rows),
            nsec3="on" if self.nsec3 else "off"))

    def start(self):
        self.write_configuration()
        self.spawn(self.program("knotd"), "-c", self.path("knot.conf"))

    def load_configuration(self):
        self.write_configuration()
        self.control("reload")

    def load_zone(self, domain):
        self.control("zone-reload", domain or ".")

    def put_absent_zone(self, domain):
        """A zone it is told to serve and whose file is missing: SERVFAIL."""
        self.absent_zones.add(domain)
        if self.process is not None:
            self.load_configuration()
            self.ready()

    def ready(self):
        super().ready()
        for domain in self.absent_zones:
            for address in self.addresses:
                asking.await_rcode(address, domain, "SERVFAIL")


class Lame(Knot):
    """Knot DNS that nobody gives a zone to: it refuses every question."""

    kind = "Knot DNS without zones"

    def put_zone(self, domain, text, serial, signed=False):
        """It is delegated to and not told."""


class Nsd(ZoneServer):
    """NSD, controlled over a local socket."""

    kind = "NSD"

    def __init__(self, name, addresses, folder, udp_payload=1232):
        super().__init__(name, addresses, folder)
        self.udp_payload = udp_payload

    def write_configuration(self):
        lines = ["server:", f"  zonesdir: {self.path('zones')}", '  username: ""', '  chroot: ""',
                 '  database: ""', "  server-count: 1", "  port: 53", "  hide-version: yes",
                 f"  ipv4-edns-size: {self.udp_payload}",
                 f"  ipv6-edns-size: {self.udp_payload}",
                 f"  pidfile: {self.path('pid')}", f"  xfrdfile: {self.path('xfrd')}",
                 f"  zonelistfile: {self.path('zonelist')}", f"  xfrdir: {self.folder}"]
        lines += [f"  ip-address: {address}" for address in self.addresses]
        lines += ["remote-control:", "  control-enable: yes",
                  f"  control-interface: {self.path('sock')}"]
        for domain in self.serials:
            lines += ["zone:", f"  name: {domain}", f"  zonefile: {self.zone_file(domain)}"]
        self.write("nsd.conf", "\n".join(lines) + "\n")

    def control(self, *words):
        self.run(namespace.find_program("nsd-control"), "-c", self.path("nsd.conf"), *words)

    def start(self):
        self.write_configuration()
        self.spawn(self.program("nsd"), "-d", "-c", self.path("nsd.conf"))

    def load_configuration(self):
        self.write_configuration()
        self.control("reconfig")

    def load_zone(self, domain):
        self.control("reload", domain)


class Bind(ZoneServer):
    """BIND 9; it reads everything again at SIGHUP."""

    kind = "BIND 9"
    needs_interface_address = True

    def write_configuration(self):
        of_family = {4: [], 6: []}
        for address in self.addresses:
            of_family[6 if ":" in address else 4].append(address + ";")
        lines = ["options {", f'  directory "{self.folder}";', f'  pid-file "{self.path("pid")}";',
                 f'  session-keyfile "{self.path("session")}";', "  recursion no;", "  notify no;",
                 "  dnssec-validation no;",
                 f"  listen-on {{ {' '.join(of_family[4]) or 'none;'} }};",
                 f"  listen-on-v6 {{ {' '.join(of_family[6]) or 'none;'} }};", "};", "controls {};"]
        for domain in self.serials:
            lines.append(f'zone "{domain}" {{ type primary; file "{self.zone_file(domain)}"; }};')
        self.write("named.conf", "\n".join(lines) + "\n")

    def start(self):
        self.write_configuration()
        self.spawn(self.program("named"), "-g", "-n", "1", "-c", self.path("named.conf"))

    def load_configuration(self):
        self.write_configuration()
        self.process.send_signal(signal.SIGHUP)

    def load_zone(self, _domain):
        self.process.send_signal(signal.SIGHUP)


class Silent(Server):
    """UDP sockets that take every question and never answer; nobody listens on TCP."""

    kind = "silence"

    def __init__(self, name, addresses, folder):
        super().__init__(name, addresses, folder)
        self.sockets = []

    def start(self):
        for address in self.addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sink = socket.socket(family, socket.SOCK_DGRAM)
            sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sink.bind((address, 53))
            self.sockets.append(sink)

    def ready(self):
        """It is, from start() on."""

    def put_zone(self, domain, text, serial, signed=False):
        """It would not answer anyway."""

    def drop_zone(self, domain):
        """Nor afterwards."""

    def stop(self):
        for sink in self.sockets:
            sink.close()
        self.sockets = []


UNBOUND_CONFIG = """\
server:
    {interfaces}
    port: 53
    username: ""
    chroot: ""
    directory: {folder}
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-daemonize: no
    num-threads: 1
    access-control: 0.0.0.0/0 allow
    access-control: ::/0 allow
    root-hints: {root_hints}
    trust-anchor-file: {trust_anchor}
    module-config: "validator iterator"
    ede: yes
remote-control:
    control-enable: yes
    control-interface: {folder}/sock
    control-use-cert: no
"""


class Unbound(Server):
    """A validating, caching resolver that starts from the world's root."""

    kind = "unbound"

    def __init__(self, name, addresses, folder, root_hints, trust_anchor):
        super().__init__(name, addresses, folder)
        self.root_hints, self.trust_anchor = root_hints, trust_anchor

    def start(self):
        interfaces = "\n    ".join(f"interface: {address}\n    outgoing-interface: {address}"
                                   for address in self.addresses)
        self.write("unbound.conf", UNBOUND_CONFIG.format(
            folder=self.folder, interfaces=interfaces, root_hints=self.root_hints,
            trust_anchor=self.trust_anchor))
        self.spawn(self.program("unbound"), "-d", "-c", self.path("unbound.conf"))

    def ready(self):
        for address in self.addresses:
            asking.await_truth(
                lambda: asking.find_rrset(
                    asking.ask(address, ".", "NS", timeout_s=0.3, recursion=True), ".", "NS"),
                f"{address} to resolve the root")

    def flush(self):
        """Forget everything."""
        control = namespace.find_program("unbound-control")
        self.run(control, "-c", self.path("unbound.conf"), "flush_zone", ".")
        self.run(control, "-c", self.path("unbound.conf"), "flush_infra", "all")
