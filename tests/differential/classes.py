# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the two readings of a message may differ: the classes of README.md.

One of REPAIRS takes a message and gives the same without what it is about; None, where the
message has no such thing. A difference is explained when both readings of what it gives are
the same. cut_with_tc is another: ours of the whole is theirs of the first records. Those of
REFUSED say of what we refuse on purpose that it is there.
"""
import dns.exception
import dns.rdata
import dns.rdataclass

import structure
from structure import COUNTS_AT, OPT, TC, UNKNOWN, number

IN, NAPTR, TSIG = 1, 35, 250
RECORDS_MAX = 512        # DNS_MESSAGE_RECORDS_MAX
OPTION_UNKNOWN = 65001
QUESTION_POINTER = 0xc00c
# Types that are names and numbers: found and decompressed by us too. Of others the rdata, or
# what stands behind the names, is octets.
NAMED = {2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 17, 18, 21, 33, 36, 39, 58, 107}
# A name, and other things around it.
MIXED = {24, 30, 46, 47}


def cut_with_tc(wire):
    """TC: ours takes the records that are whole, theirs refuses the message."""
    if not wire[2] & TC:
        return
    layout = structure.read(wire)
    for count in range(len(layout.records), -1, -1):
        yield structure.first_records(wire, layout, count)


def other_class(wire):
    """Ours leaves out what is not of class IN; theirs reads on in its rdata."""
    others = [r for r in structure.read(wire).records
              if r.rdclass != IN and r.type not in (OPT, UNKNOWN)]
    return structure.with_type(wire, others, UNKNOWN) if others else None


def is_good_inside(wire, record):
    """Whether theirs reads the rdata, to the same octets where they stand for themselves."""
    length = record.end - record.rdata_at
    try:
        rdata = dns.rdata.from_wire(IN, record.type, wire, record.rdata_at, length).to_wire()
        return record.type in MIXED or rdata == wire[record.rdata_at:record.end]
    except (dns.exception.DNSException, ValueError, NotImplementedError):
        return False


def inside_rdata(wire):
    """Ours leaves rdata but for its names to whoever wants it; theirs checks it now."""
    bad = [r for r in structure.read(wire).records
           if r.rdclass == IN and r.type not in NAMED | {OPT, TSIG, UNKNOWN, NAPTR}
           and not is_good_inside(wire, r)]
    return structure.with_type(wire, bad, UNKNOWN) if bad else None


def naptr(wire):
    """Ours reads no name in it: nobody here wants one."""
    some = [r for r in structure.read(wire).records if r.type == NAPTR]
    return structure.with_type(wire, some, UNKNOWN) if some else None


def tsig(wire):
    """Theirs wants the key."""
    some = [r for r in structure.read(wire).records if r.type == TSIG]
    return structure.with_type(wire, some, UNKNOWN) if some else None


def inside_options(wire):
    """Of the options of EDNS ours reads cookies and extended errors; theirs, all."""
    changed = bytearray(wire)
    for record in structure.read(wire).records:
        at = record.rdata_at
        while record.type == OPT and at + 4 <= record.end:
            structure.put(changed, at, OPTION_UNKNOWN)
            at += 4 + number(wire, at + 2)
    return bytes(changed) if changed != wire else None


def follow(wire, at):
    """Where the pointers lead that the one at `at` begins, and where their labels end."""
    targets, ends, here = [], [], at
    while here < len(wire) and wire[here] and len(ends) < 128 and len(targets) < 128:
        if wire[here] >= 0xc0:
            here = number(wire, here) & 0x3fff
            targets.append(here)
        else:
            here += 1 + wire[here]
            ends.append(here)
    return targets, ends


def owner_pointer(wire, start):
    """Where the pointer is that the name at `start` ends with; None: it has none."""
    at = start
    while at < len(wire) and wire[at] < 0xc0:
        if wire[at] == 0:
            return None
        at += 1 + wire[at]
    return at if at + 2 <= len(wire) else None


def pointers(wire):
    """Where owners have pointers, and whatever in rdata may be one; and where the name begins
    that it is in, or may be. The owner of a record that is not whole, too."""
    layout = structure.read(wire)
    for record in layout.records:
        yield owner_pointer(wire, record.start), record.start
        yield from ((at, record.rdata_at) for at in range(record.rdata_at, record.end - 1)
                    if record.type in NAMED | MIXED and wire[at] >= 0xc0)
    if not layout.is_whole:
        yield owner_pointer(wire, layout.end), layout.end


def without_names(wire, is_odd):
    """The same with pointers to the question instead of those that are odd."""
    changed, last = bytearray(wire), 0
    for at, start in pointers(wire):
        if at is not None and at > last + 1 and is_odd(at, start, *follow(wire, at)):
            structure.put(changed, at, QUESTION_POINTER)
            last = at
    return bytes(changed) if changed != wire else None


def name_over_itself(wire):
    """Ours goes on behind the pointer, theirs behind the last octet that was read."""
    return without_names(wire, lambda at, start, targets, ends:
                         max(ends, default=0) > at)


def pointer_upwards(wire):
    """Ours wants each pointer to lead to before itself, theirs to before the name and to
    before where any other led."""
    return without_names(wire, lambda at, start, targets, ends:
                         any(b >= a for a, b in zip([start, *targets], targets)))


def name_in_header(wire):
    """Both read it alike; but cut_with_tc has to change the counts that it is read from."""
    return without_names(wire, lambda at, start, targets, ends:
                         any(target < structure.HEADER_LEN for target in targets))


def names_of_old_types(wire):
    """Ours finds the names in types that theirs does not know."""
    old = [r for r in structure.read(wire).records
           if r.type in NAMED | MIXED
           and dns.rdata.get_rdata_class(IN, r.type) is dns.rdata.GenericRdata]
    return structure.with_type(wire, old, UNKNOWN) if old else None


def opcode(wire):
    """Theirs reads an update by other rules; whoever asked sees its opcode."""
    if not wire[2] >> 3 & 0xf:
        return None
    return wire[:2] + bytes([wire[2] & 0x87]) + wire[3:]


REPAIRS = (other_class, name_over_itself, pointer_upwards, name_in_header, inside_rdata,
           names_of_old_types, naptr, tsig, inside_options, opcode)


def question_of_another_class(wire):
    """Or more than one question: not the answer to anything that we ask."""
    layout = structure.read(wire)
    count = number(wire, COUNTS_AT[0])
    return count > 1 or count == 1 and number(wire, layout.question_end - 2) != IN


def too_many_records(wire):
    """More than 512 in all."""
    return sum(number(wire, at) for at in COUNTS_AT[1:]) > RECORDS_MAX


REFUSED = (question_of_another_class, too_many_records)
