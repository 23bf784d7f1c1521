# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones as text: a customer's zone, and a parent's with the delegations in it."""
import dataclasses

FIRST_SERIAL = 10
TTL_S = 300
NEGATIVE_TTL_S = 60


@dataclasses.dataclass
class Zone:
    """A zone and who serves it. Records are lines `name TYPE value`, names relative."""
    domain: str
    hosts: list
    records: list
    serial: int = FIRST_SERIAL
    signed: bool = False
    older: dict = dataclasses.field(default_factory=dict)    # server key: records


@dataclasses.dataclass
class Delegation:
    """What a registry says of a domain."""
    hosts: list
    ds: list = dataclasses.field(default_factory=list)


def write_zone(domain, hosts, serial, records):
    """The text of a zone file; the root's domain is ''."""
    origin = domain + "."
    primary = f"{hosts[0]}."
    lines = [f"$ORIGIN {origin}", f"$TTL {TTL_S}",
             f"@ SOA {primary} hostmaster.{origin if domain else 'example.'} "
             f"{serial} 3600 900 604800 {NEGATIVE_TTL_S}"]
    lines += [f"@ NS {host}." for host in hosts]
    lines += list(records)
    return "\n".join(lines) + "\n"


def write_address(name, host):
    """The address records of a host, under an absolute name."""
    lines = [f"{name}. A {host.ipv4}"] if host.ipv4 else []
    return lines + ([f"{name}. AAAA {host.ipv6}"] if host.ipv6 else [])


def is_within(name, domain):
    return domain == "" or name == domain or name.endswith("." + domain)


def write_delegations(domain, delegations, hosts):
    """The NS, DS and glue lines of a parent zone."""
    lines, glued = [], set()
    for child, delegation in sorted(delegations.items()):
        lines += [f"{child}. NS {name}." for name in delegation.hosts]
        lines += [f"{child}. DS {ds}" for ds in delegation.ds]
        glued.update(name for name in delegation.hosts if is_within(name, domain))
    for name in sorted(glued):
        lines += write_address(name, hosts[name])
    return lines


def txt(name, text):
    """A TXT line; the text is cut into strings of 255 bytes and what needs it is escaped."""
    data = text.encode()
    strings = [data[at:at + 255] for at in range(0, len(data), 255)] or [b""]
    return f"{name} TXT " + " ".join(f'"{escape(string)}"' for string in strings)


def escape(data):
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}"
                   for byte in data)
