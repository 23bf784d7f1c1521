# SPDX-License-Identifier: GPL-3.0-or-later
"""The private internet: root, registries, operators, customers' zones, public resolvers.

    with World(folder) as w:            # or World(folder, plan=another module like plan)
        w.zone("acme.com", "goodhost", ["www A 192.0.2.99"])
        w.add("acme.com", ["_dmarc TXT \\"v=DMARC1; p=none\\""])
        conf = w.config()

It must run in a network namespace of its own (namespace.enter). Every call returns when
the servers concerned answer accordingly. zone() and its kin may be called before the
world is entered as well; that is faster than afterwards.
"""
import os
import shutil
import tempfile
import threading

import dns.dnssec
import dns.name
import dns.rdatatype

from . import asking, namespace, plan as plan_of_tests, servers, traffic, zones

DEFAULTS = {"http": {"listen": "127.0.0.1:8025"}, "ses": {"region": "us-east-1"}}


class World:
    """See the module."""

    def __init__(self, folder, sniff=True, plan=plan_of_tests):
        self.plan = plan
        self.folder = os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.sniff, self.traffic = sniff, None
        self.lock = threading.RLock()
        self.hosts = dict(self.plan.HOSTS)
        self.zones, self.parents = {}, {}
        self.running = False
        # Local sockets have short paths, so the servers live in a folder of their own.
        self._servers_folder = tempfile.mkdtemp(prefix="unpend-world-")
        self.servers = {key: self._make_server(key, *row)
                        for key, row in self.plan.SERVERS.items()}
        self.resolvers = {}
        self.root_hints = os.path.join(self.folder, "root.hints")
        self.trust_anchor = os.path.join(self.folder, "root.anchor")
        self._lay_out()

    def _make_server(self, key, kind, options):
        addresses = dict.fromkeys(address for host in self.hosts.values() if host.server == key
                                  for address in host.addresses)
        return kind(key, addresses, os.path.join(self._servers_folder, key), **options)

    def _lay_out(self):
        self.parents = {domain: {} for domain in ("", *self.plan.REGISTRIES)}
        for domain in self.plan.REGISTRIES:
            self.parents[""][domain] = zones.Delegation(list(self.plan.REGISTRY_HOSTS))
        for domain, hosts in self.plan.HOST_ZONES.items():
            records = [line for name, host in self.plan.HOSTS.items()
                       if zones.is_within(name, domain) for line in zones.write_address(name, host)]
            if domain == self.plan.KEY_ZONE.partition(".")[2]:
                records += [f"{self.plan.KEY_ZONE}. NS {host}." for host in self.plan.KEY_HOSTS]
            self.zone(domain, records=records, servers=hosts)
        self._put(zones.Zone(self.plan.KEY_ZONE, list(self.plan.KEY_HOSTS), [], serial=1))

    # starting and stopping

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Bottom up: a parent needs its children's keys, the resolvers the root's."""
        namespace.add_addresses(
            [address for server in self.servers.values() for address in server.addresses
             if ":" in address or server.needs_interface_address]
            + [ipv6 for _, ipv6 in self.plan.RESOLVERS.values()])
        if self.sniff:
            self.traffic = traffic.Traffic()
        self._start_servers(key for key in self.servers if key not in ("registry", "root"))
        self.running = True
        self._sign_children()
        for domain in self.plan.REGISTRIES:
            self._put_parent(domain)
        self._start_servers(["registry"])
        self._sign_registries()
        self._put_parent("")
        self._start_servers(["root"])
        self._write_root_files()
        self._start_resolvers()

    def _start_servers(self, keys):
        chosen = [self.servers[key] for key in keys]
        for server in chosen:
            server.start()
        for server in chosen:
            self._await_ready(server)

    @staticmethod
    def _await_ready(server):
        try:
            server.ready()
        except asking.NotReady as failure:
            raise asking.NotReady(f"{failure}\n{server.name}:\n{server.tail()}") from None

    def _start_resolvers(self):
        for key, addresses in self.plan.RESOLVERS.items():
            self.resolvers[key] = servers.Unbound(
                key, addresses, os.path.join(self._servers_folder, key),
                self.root_hints, self.trust_anchor)
        for resolver in self.resolvers.values():
            resolver.start()
        for resolver in self.resolvers.values():
            self._await_ready(resolver)

    def stop(self):
        for server in [*self.resolvers.values(), *self.servers.values()]:
            server.stop()
        if self.traffic is not None:
            self.traffic.close()
            self.traffic = None
        self.running = False
        shutil.rmtree(self._servers_folder, ignore_errors=True)

    # zones and delegations

    def zone(self, domain, operator="goodhost", records=(), servers=None, signed=False,
             older=None, ds=None):
        """Serve a zone and delegate it.

        `servers` are host names where the operator's own will not do; `older` maps a
        server's key to the records of the copy, one serial behind, that it serves instead;
        `ds` replaces what the registry would publish of the zone's keys.
        """
        with self.lock:
            hosts = list(servers or self.plan.OPERATORS[operator].hosts)
            before = self.zones.get(domain)
            zone = zones.Zone(domain, hosts, list(records), signed=signed, older=older or {},
                              serial=before.serial + 1 if before else zones.FIRST_SERIAL)
            self._put(zone)
            if signed and ds is None and self.running:
                ds = self._find_ds(domain, self._servers_of(zone)[0])
            self.delegate(domain, hosts, ds or ())

    def publish(self, domain, records):
        """Replace the records of a zone everywhere, lagging servers included."""
        with self.lock:
            zone = self.zones[domain]
            zone.records, zone.older = list(records), {}
            zone.serial += 1
            self._put(zone)

    replace = publish

    def add(self, domain, records):
        """Publish these records beside those that are there."""
        self.publish(domain, self.zones[domain].records + list(records))

    def withdraw(self, domain, records=None):
        """Take these records out of the zone; or, without any, the zone and its delegation."""
        with self.lock:
            zone = self.zones[domain]
            if records is not None:
                missing = [line for line in records if line not in zone.records]
                assert not missing, f"{domain} has no record {missing}"
                self.publish(domain, [line for line in zone.records if line not in records])
                return
            self.undelegate(domain)
            del self.zones[domain]
            for server in self._servers_of(zone):
                if domain in getattr(server, "serials", {}):
                    server.drop_zone(domain)

    def delegate(self, domain, hosts, ds=()):
        """Have the registry delegate the domain to these hosts, whether they serve it or not."""
        with self.lock:
            parent = self._parent_of(domain)
            self.parents[parent][domain] = zones.Delegation(list(hosts), list(ds))
            if self.servers["registry"].process is not None:
                self._put_parent(parent)
                self._await_delegation(domain, hosts)

    def undelegate(self, domain):
        """Have the registry forget the domain."""
        with self.lock:
            parent = self._parent_of(domain)
            del self.parents[parent][domain]
            if self.servers["registry"].process is not None:
                self._put_parent(parent)
                for address in self.servers["registry"].addresses:
                    asking.await_rcode(address, domain, "NXDOMAIN")

    def fail(self, domain, hosts):
        """Have the zone's servers answer SERVFAIL for it, as if its file did not load."""
        with self.lock:
            for host in hosts:
                self.servers[self.hosts[host].server].put_absent_zone(domain)
            self.delegate(domain, hosts)

    def operator_hosts(self, operator):
        return self.plan.OPERATORS[operator].hosts

    def pause(self, server):
        """Have a server fall silent."""
        self.servers[server].pause()

    def resume(self, server):
        self.servers[server].resume()

    def alias(self, name, host):
        """Give a host a second name."""
        self.hosts[name] = self.hosts[host]

    def _servers_of(self, zone):
        keys = dict.fromkeys(self.hosts[host].server for host in zone.hosts)
        return [self.servers[key] for key in keys]

    def _put(self, zone):
        self.zones[zone.domain] = zone
        for server in self._servers_of(zone):
            lags = server.name in zone.older
            records = zone.older[server.name] if lags else zone.records
            serial = zone.serial - 1 if lags else zone.serial
            server.put_zone(zone.domain, zones.write_zone(zone.domain, zone.hosts, serial, records),
                            serial, zone.signed)

    def _parent_of(self, domain):
        return max((parent for parent in self.parents
                    if parent != domain and zones.is_within(domain, parent)), key=len)

    def _put_parent(self, domain):
        hosts = self.plan.REGISTRY_HOSTS if domain else self.plan.ROOT_HOSTS
        server = self.servers["registry" if domain else "root"]
        serial = server.serials.get(domain, zones.FIRST_SERIAL) + 1
        lines = zones.write_delegations(domain, self.parents[domain], self.hosts)
        if not domain:
            lines += [line for host in hosts
                      for line in zones.write_address(host, self.hosts[host])]
        server.put_zone(domain, zones.write_zone(domain, hosts, serial, lines), serial,
                        signed=self.plan.REGISTRIES.get(domain, True))

    def _await_delegation(self, domain, hosts):
        wanted = {dns.name.from_text(host) for host in hosts}

        def is_delegated(address):
            answer = asking.ask(address, domain, "NS")
            sections = answer.authority + answer.answer if answer else []
            return any({rr.target for rr in rrset} == wanted for rrset in sections
                       if rrset.rdtype == dns.rdatatype.NS)
        for address in self.servers["registry"].addresses:
            asking.await_truth(lambda: is_delegated(address), f"{address} to delegate {domain}")

    # signing

    def _find_ds(self, domain, server):
        keys = asking.await_dnskey(server.addresses[0], domain or ".")
        name = dns.name.from_text(domain or ".")
        return [dns.dnssec.make_ds(name, key, "SHA256").to_text() for key in keys
                if key.flags & 1]

    def _sign_children(self):
        for zone in self.zones.values():
            parent = self._parent_of(zone.domain)
            delegation = self.parents[parent].get(zone.domain)
            if zone.signed and not delegation.ds:
                delegation.ds = self._find_ds(zone.domain, self._servers_of(zone)[0])

    def _sign_registries(self):
        for domain, signed in self.plan.REGISTRIES.items():
            if signed:
                self.parents[""][domain].ds = self._find_ds(domain, self.servers["registry"])

    def _write_root_files(self):
        with open(self.root_hints, "w") as file:
            for name in self.plan.ROOT_HOSTS:
                host = self.hosts[name]
                file.write(f".  3600000  NS  {name.upper()}.\n"
                           f"{name.upper()}.  3600000  A  {host.ipv4}\n"
                           f"{name.upper()}.  3600000  AAAA  {host.ipv6}\n")
        with open(self.trust_anchor, "w") as file:
            for ds in self._find_ds("", self.servers["root"]):
                file.write(f". IN DS {ds}\n")

    # what the tests ask

    def mark(self):
        """A place in the log of questions."""
        return self.traffic.mark()

    def questions(self, mark=0):
        """What was asked since, by others than the public resolvers and the world itself."""
        resolvers = {address for pair in self.plan.RESOLVERS.values() for address in pair}
        return [question for question in self.traffic.since(mark)
                if question.source not in resolvers or question.source == question.address]

    def count(self, mark=0):
        """How many of these questions each server address got."""
        counts = {}
        for question in self.questions(mark):
            counts[question.address] = counts.get(question.address, 0) + 1
        return counts

    def flush_resolvers(self):
        for resolver in self.resolvers.values():
            resolver.flush()

    def resolve(self, name, rdtype):
        """What the first public resolver says: a list of values as text."""
        answer = asking.ask("203.0.113.53", name, rdtype, timeout_s=10, recursion=True)
        rrset = None if answer is None else next(
            (s for s in answer.answer if s.rdtype == dns.rdatatype.from_text(rdtype)), None)
        return [] if rrset is None else [rr.to_text() for rr in rrset]

    # the product's configuration

    def new_key_zone(self):
        """One more zone for keys, so that two products do not write the same file."""
        with self.lock:
            host_zone = self.plan.KEY_ZONE.partition(".")[2]
            number = sum(zones.is_within(domain, host_zone) for domain in self.zones)
            domain = f"dkim{number}.{host_zone}"
            self._put(zones.Zone(domain, list(self.plan.KEY_HOSTS), [], serial=1))
            self.add(host_zone, [f"{domain}. NS {host}." for host in self.plan.KEY_HOSTS])
            return domain

    def key_settings(self, domain=None):
        """How the product publishes keys in this zone; without one, in the plan's."""
        domain = domain or self.plan.KEY_ZONE
        server = self.servers["keys"]
        return {"zone": domain, "zone_file": server.zone_file(domain),
                "name_servers": ", ".join(self.plan.KEY_HOSTS),
                "reload": f"{namespace.find_program('knotc')} -s {server.path('sock')} "
                          f"-b zone-reload {domain}"}

    def settings(self):
        """What the product is told of this world, by section and key."""
        folder = self.folder
        return {
            "dns": {"root_hints": self.root_hints, "trust_anchor": self.trust_anchor,
                    "resolvers": ", ".join(pair[0] for pair in self.plan.RESOLVERS.values()),
                    "allow_addresses": ", ".join(self.plan.NETWORKS)},
            "senders": {"allow": "example, test"},
            "store": {"url": f"sqlite:{folder}/unpend.db"},
            "keys": {**self.key_settings(), "secret_file": f"{folder}/unpend.secret"},
            **{section: dict(keys) for section, keys in DEFAULTS.items()},
        }

    def config(self, path=None, **changes):
        """Write an unpend.conf; changes are section={key: value}, None takes a key out."""
        settings = self.settings()
        for section, keys in changes.items():
            settings.setdefault(section, {}).update(keys)
        path = path or os.path.join(self.folder, "unpend.conf")
        with open(path, "w") as file:
            for section, keys in settings.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{key} = {value}\n" for key, value in keys.items()
                                if value is not None)
        return path
