# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the fields of a message are, and messages in which some of them lie.

A third reading, as simple as can be: it follows no pointer and knows no type.
"""
import dataclasses

HEADER_LEN = 12
COUNTS_AT = (4, 6, 8, 10)
OPT, TC = 41, 0x02
UNKNOWN = 65280          # a type that nobody knows
TYPES = (1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 35, 39, OPT, 43, 46, 47, 48, 50, 52, 64, 99, 249,
         250, 255, 257, UNKNOWN)


@dataclasses.dataclass
class Record:
    """Offsets in the wire."""
    section: int         # 1 to 3
    start: int
    type_at: int
    rdata_at: int
    end: int
    type: int
    rdclass: int


@dataclasses.dataclass
class Layout:
    question_end: int
    records: list
    end: int             # of what is whole
    is_whole: bool


def number(wire, at, octets=2):
    return int.from_bytes(wire[at:at + octets], 'big')


def after_name(wire, at):
    """The offset behind the name at `at`; None where it runs out of the message."""
    while at < len(wire):
        length = wire[at]
        if length == 0:
            return at + 1
        if length >= 0xc0:
            return at + 2 if at + 2 <= len(wire) else None
        if length >= 0x40:
            return None
        at += 1 + length
    return None


def read_record(wire, at, section):
    start, type_at = at, after_name(wire, at)
    if type_at is None or type_at + 10 > len(wire):
        return None
    end = type_at + 10 + number(wire, type_at + 8)
    if end > len(wire):
        return None
    return Record(section, start, type_at, type_at + 10, end, number(wire, type_at),
                  number(wire, type_at + 2))


def read(wire):
    """What is whole of the message."""
    at, records = HEADER_LEN, []
    for _ in range(number(wire, COUNTS_AT[0])):
        at = after_name(wire, at)
        if at is None or at + 4 > len(wire):
            return Layout(len(wire), [], len(wire), False)
        at += 4
    question_end = at
    for section in (1, 2, 3):
        for _ in range(number(wire, COUNTS_AT[section])):
            record = read_record(wire, at, section)
            if record is None:
                return Layout(question_end, records, at, False)
            records.append(record)
            at = record.end
    return Layout(question_end, records, at, True)


def put(wire, at, value, octets=2):
    wire[at:at + octets] = (value % (1 << 8 * octets)).to_bytes(octets, 'big')


def with_type(wire, records, rdtype):
    """The same with these records of another type."""
    changed = bytearray(wire)
    for record in records:
        put(changed, record.type_at, rdtype)
    return bytes(changed)


def first_records(wire, layout, count):
    """The same with its first `count` records and nothing behind them."""
    kept = layout.records[:count]
    cut = bytearray(wire[:kept[-1].end if kept else layout.question_end])
    for section in (1, 2, 3):
        put(cut, COUNTS_AT[section], sum(r.section == section for r in kept))
    return bytes(cut)


def break_header(chance, wire, layout):
    how = chance.randrange(4)
    if how == 0:
        put(wire, 2, chance.getrandbits(16))
    elif how == 1:
        at = chance.choice(COUNTS_AT)
        put(wire, at, number(wire, at) + chance.choice([-1, 1, 1, 600, 0x8000]))
    elif how == 2:
        wire[2] ^= TC
    else:
        put(wire, layout.question_end - 2, chance.choice([1, 3, 254, 255, 0]))


def break_size(chance, wire, record):
    """RDLENGTH lies, or rdata is longer or shorter than its type has it, honestly said."""
    size = record.end - record.rdata_at
    if chance.random() < 0.4:
        put(wire, record.type_at + 8, chance.choice([0, size - 1, size + 1, 0xffff]))
    elif size > 0 and chance.random() < 0.5:
        cut = chance.randint(1, size)
        del wire[record.end - cut:record.end]
        put(wire, record.type_at + 8, size - cut)
    else:
        more = chance.randbytes(chance.randint(1, 9))
        wire[record.end:record.end] = more
        put(wire, record.type_at + 8, size + len(more))


def break_name(chance, wire, record):
    """A pointer to anywhere, itself and what follows too; a label that is too long."""
    at = chance.choice([record.start, record.rdata_at])
    if at >= len(wire):
        return
    if chance.random() < 0.7:
        target = chance.choice([0, 2, 11, HEADER_LEN, at, at + 2, at - 1, record.start,
                                chance.randrange(len(wire)), 0x3fff])
        wire[at:at + 2] = (0xc000 | target & 0x3fff).to_bytes(2, 'big')
    else:
        wire[at] = chance.choice([0x3f, 0x40, 0x41, 0x80, 0xbf, 1, 0])


def break_record(chance, wire, record):
    how = chance.randrange(6)
    if how == 0:
        put(wire, record.type_at, chance.choice(TYPES))
    elif how == 1:
        put(wire, record.type_at + 2, chance.choice([1, 1, 3, 4, 254, 255, 0]))
    elif how == 2:
        put(wire, record.type_at + 4, chance.getrandbits(32), 4)
    elif how == 3:
        break_size(chance, wire, record)
    elif how == 4:
        break_name(chance, wire, record)
    else:
        wire += wire[record.start:record.end]   # once more, at the end
        put(wire, COUNTS_AT[3], number(wire, COUNTS_AT[3]) + 1)


def break_fields(chance, wire):
    """The same with one to three lies in its fields; or cut between two of them."""
    wire = bytearray(wire)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        layout = read(wire)
        if not layout.records or chance.random() < 0.15:
            break_header(chance, wire, layout)
        else:
            break_record(chance, wire, chance.choice(layout.records))
    if chance.random() < 0.1:
        layout = read(wire)
        edges = [e for r in layout.records for e in (r.start, r.type_at, r.rdata_at, r.end)]
        del wire[chance.choice(edges or [len(wire)]):]
    return bytes(wire)
