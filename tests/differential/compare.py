# SPDX-License-Identifier: GPL-3.0-or-later
"""Both readings of many messages, and what explains where they differ."""
import collections
import itertools
import multiprocessing

import classes
from reading import MALFORMED, ours, theirs

AT_ONCE = 5000
UNEXPLAINED = 'unexplained'


def repaired(wire):
    """Names of classes, and what ours and theirs then read: the message without what each
    is about, without one after the other, and, where it may be cut, its first records."""
    so_far, found = wire, []
    for repair in classes.REPAIRS:
        alone = repair(wire)
        if alone is not None:
            yield repair.__name__, alone, alone
        after = repair(so_far)
        if after is not None:
            so_far, found = after, [*found, repair.__name__]
            yield ' '.join(found), so_far, so_far
    for start, names in ((wire, []), (so_far, found)):
        for candidate in classes.cut_with_tc(start):
            yield ' '.join([*names, 'cut_with_tc']), start, candidate


def explain(wire, line):
    """The name of what explains the difference; None: nothing does."""
    if line == MALFORMED:
        for refused in classes.REFUSED:
            if refused(wire):
                return refused.__name__
    candidates = list(repaired(wire))
    lines = ours([mine for _, mine, _ in candidates]) if candidates else []
    for (name, _, other), line in zip(candidates, lines, strict=True):
        if line == theirs(other):
            return name
    return None


def compare(wires):
    """A count of what came of them, and each difference: what explains it, the message."""
    count, differences = collections.Counter(), []
    for wire, line in zip(wires, ours(wires), strict=True):
        expected = theirs(wire)
        if line == expected:
            count['both refuse' if line == MALFORMED else 'both read the same'] += 1
            continue
        name = explain(wire, line)
        count[name or UNEXPLAINED] += 1
        differences.append((name or UNEXPLAINED, wire.hex()))
    return count, differences


def compare_many(wires, jobs, kept=None):
    """The same of an iterator's, in several processes, but only those that nothing explains;
    each difference is written to `kept`, a line."""
    batches = iter(lambda: list(itertools.islice(wires, AT_ONCE)), [])
    count, unexplained = collections.Counter(), []
    with multiprocessing.Pool(jobs) as pool:
        for some, differences in pool.imap(compare, batches):
            count += some
            unexplained += [wire for name, wire in differences if name == UNEXPLAINED]
            if kept:
                kept.writelines(f'{wire} {name}\n' for name, wire in differences)
    return count, unexplained
