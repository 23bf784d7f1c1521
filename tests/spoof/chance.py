# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether numbers are what a fair draw gives. A fair one passes with 1 - 10**-9."""
import collections
import math

# One of 10**9 draws from the normal distribution is further from 0 than this, either side.
SIGMAS = 6.11


def chi_square(values, bins):
    """Of so many values, each equally likely to be in any of the bins."""
    count = collections.Counter(values)
    expected = len(values) / bins
    return sum((count[b] - expected) ** 2 for b in range(bins)) / expected


def is_even(values, bins):
    """Whether every bin has its share, neither less nor suspiciously exactly it.

    The cube root of chi-square over its degrees is normal (Wilson and Hilferty).
    """
    assert len(values) >= 8 * bins, "too few to say"
    degrees = bins - 1
    spread = 2 / (9 * degrees)
    root = (chi_square(values, bins) / degrees) ** (1 / 3)
    return abs(root - (1 - spread)) < SIGMAS * math.sqrt(spread)


def is_coin(heads, throws):
    return abs(heads - throws / 2) < SIGMAS * math.sqrt(throws) / 2


def correlation(first, second):
    """Pearson's, of two rows of numbers."""
    count = len(first)
    mean, other = sum(first) / count, sum(second) / count
    both = sum((a - mean) * (b - other) for a, b in zip(first, second, strict=True))
    return both / math.sqrt(sum((a - mean) ** 2 for a in first)
                            * sum((b - other) ** 2 for b in second))


def is_unrelated(values):
    """Whether each says nothing of the next."""
    return abs(correlation(values[:-1], values[1:])) < SIGMAS / math.sqrt(len(values) - 1)


def are_repeats_fair(values, kinds):
    """Whether neighbours are equal as often as they are by chance."""
    pairs = len(values) - 1
    equal = sum(a == b for a, b in zip(values, values[1:]))
    expected = pairs / kinds
    return abs(equal - expected) < SIGMAS * math.sqrt(expected) + SIGMAS ** 2
