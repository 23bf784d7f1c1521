# SPDX-License-Identifier: GPL-3.0-or-later
"""One character, label or type of a right record changed, systematically.

Which changes keep the meaning is said by rules, after the standards and without a look at
the program: names without case, DKIM and DMARC as tag lists, SPF by its terms.
"""
import base64
import dataclasses
import re

from world import zones


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A record, `name TYPE value` with an absolute name, and what became of it."""
    what: str
    name: str
    type: str
    value: str              # joined text of a TXT, else presentation form
    keeps_meaning: bool = False

    @property
    def rdata(self):
        """Presentation form."""
        return zones.txt("", self.value)[len(" TXT "):] if self.type == "TXT" else self.value


def other(character):
    """Another character of the same sort, never just the other case."""
    if character in "xX":
        return "q"
    return "7" if character == "." else "x"


def change_text(text, step=1):
    """Each character replaced, left out, doubled, swapped with the next: (what, text)."""
    for at in range(0, len(text), step):
        character = text[at]
        yield f"{character!r} at {at} replaced", text[:at] + other(character) + text[at + 1:]
        yield f"{character!r} at {at} left out", text[:at] + text[at + 1:]
        yield f"{character!r} at {at} doubled", text[:at] + character + text[at:]
        if text[at:at + 1] != text[at + 1:at + 2] and at + 1 < len(text):
            yield (f"{text[at:at + 2]!r} at {at} swapped",
                   text[:at] + text[at + 1] + character + text[at + 2:])


def change_name(name):
    """A name in each character and in each label."""
    labels = name.rstrip(".").split(".")
    for what, changed in change_text(name.rstrip(".")):
        if is_name(changed):
            yield what, changed + "."
    for at, label in enumerate(labels):
        if len(labels) > 1:
            yield f"label {label!r} left out", ".".join(labels[:at] + labels[at + 1:]) + "."
        yield f"label {label!r} doubled", ".".join(labels[:at + 1] + labels[at:]) + "."
    yield "case", name.swapcase()


def is_name(text):
    return all(0 < len(label) < 64 for label in text.split(".")) and len(text) < 250


# Meaning, by the standards.


def same_name(one, other_name):
    return one.lower().rstrip(".") == other_name.lower().rstrip(".")


def tags(text):
    """RFC 6376 section 3.2: (name, value) in order; None where it is no tag list."""
    parts = [part.strip(" \t") for part in text.split(";")]
    if parts and parts[-1] == "":
        parts.pop()
    spec = re.compile(r"([A-Za-z][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)", re.S)
    found = [spec.fullmatch(part) for part in parts]
    return None if not all(found) else [(match[1], match[2]) for match in found]


def key_bytes(text):
    try:
        return base64.b64decode(re.sub(r"[ \t]", "", text), validate=True)
    except ValueError:
        return None


def same_key(was, text):
    """RFC 6376 section 3.6.1."""
    found, wanted = tags(text), dict(tags(was))
    if found is None or len({name for name, _ in found}) < len(found):
        return False
    by_name = dict(found)
    if "v" in by_name and found[0] != ("v", "DKIM1"):
        return False
    hashes, services = by_name.get("h", "sha256"), by_name.get("s", "*")
    return (by_name.get("k", "rsa") == wanted.get("k", "rsa") and "p" in by_name
            and key_bytes(by_name["p"]) == key_bytes(wanted["p"])
            and "sha256" in hashes.split(":") and bool({"*", "email"} & set(services.split(":"))))


def same_dmarc(was, text):
    """RFC 9989: the first tag is v=DMARC1; what is unknown or malformed is passed over."""
    parts = [tags(part) for part in text.split(";")]
    found, wanted = [row for part in parts for row in part or ()], dict(tags(was))
    if parts[0] != [("v", "DMARC1")]:
        return False
    by_name = {name.lower(): value for name, value in reversed(found)}
    return by_name.get("p", "").lower() == wanted["p"].lower()


def same_spf(was, text):
    """RFC 7208: the terms in front of `all` are the same; `all` may have another sign."""
    terms, wanted = text.lower().split(" "), was.lower().split(" ")
    if terms[0] != "v=spf1":
        return False
    terms, wanted = [term for term in terms if term], [term for term in wanted if term]
    front = [term.lstrip("+") for term in terms if term.lstrip("+-~?") != "all"]
    return (front == [term for term in wanted if term.lstrip("+-~?") != "all"]
            and all(len(term) <= 4 for term in terms if term.lstrip("+-~?") == "all")
            and [term for term in terms if term.lstrip("+-~?") == "all"] == terms[len(front):]
            and len(terms) - len(front) <= 1)


SAME_TEXT = {"dkim": same_key, "dmarc": same_dmarc, "spf": same_spf}


def mutants_of(record, step=1):
    """All mutants of an expected record (a row of the expectation's `records`)."""
    name, kind, value = record["name"] + ".", record["type"], record["value"]
    if kind == "TXT":
        for what, text in change_text(value, step):
            yield Mutant(what, name, kind, text, SAME_TEXT[record["purpose"]](value, text))
    elif kind == "MX":
        priority, host = str(record.get("priority", 10)), value + "."
        yield Mutant("another preference", name, kind, f"7 {host}", True)
        for what, text in change_name(host):
            yield Mutant(what, name, kind, f"{priority} {text}", same_name(host, text))
    else:
        for what, text in change_name(value + "."):
            yield Mutant(what, name, kind, text, same_name(value, text))
    for other_type, text in (("TXT", value), ("CNAME", value.split(" ")[-1].strip(".") + "."),
                             ("MX", f"10 {value.split(' ')[-1].strip('.')}."),
                             ("A", "192.0.2.9"), ("AAAA", "2001:db8::9")):
        if other_type != kind and (other_type in ("TXT", "A", "AAAA") or kind != "TXT"):
            yield Mutant(f"type {other_type} for {kind}", name, other_type, text)


def names_of(record, domain):
    """The record under each changed name within the domain; for real servers."""
    kind, value = record["type"], record["value"]
    text = {"TXT": value, "MX": f"{record.get('priority', 10)} {value}."}.get(kind, value + ".")
    front = record["name"][:-len(domain) - 1]
    for what, changed in change_name(front):
        if what != "case":
            yield Mutant(f"name: {what}", changed.rstrip(".") + "." + domain + ".", kind, text)
    yield Mutant("name: case", front.swapcase() + "." + domain + ".", kind, text, True)


# Into an observation.


def apply(bundle, record, mutant):
    """Each view that showed the record shows the mutant. The bundle is changed in place."""
    wanted = (record["name"].lower(), record["type"])
    for answer in bundle["observation"]["answers"]:
        kept = []
        for row in answer.get("records", ()):
            if (row["name"].lower(), row["type"]) != wanted:
                kept.append(row)
            elif mutant.type == record["type"]:
                kept.append({**row, "rdata": mutant.rdata})
            elif mutant.type in ("CNAME", answer["type"]):
                kept.append({**row, "type": mutant.type, "rdata": mutant.rdata})
        answer["records"] = kept
