# SPDX-License-Identifier: GPL-3.0-or-later
"""What is spent in user space, verdict and report included, as callgrind counts it."""
from contenders import check_words, instructions, instructions_each, slow_words

INSTRUCTIONS_MAX, OF_A_CHECK_MAX = 3500, 8_000_000
ZONES, ROUNDS = 250, 4


def test_a_look_up_is_as_cheap_as_it_was(sim):
    def cost(zones):
        """A busy machine adds turns of the loop and second tries, so that the least counts."""
        words = slow_words(sim, sim.input("identities", 0, ZONES, zones // ZONES))
        return min(instructions(words) for _ in range(ROUNDS))
    each = instructions_each(cost, ZONES, 4 * ZONES)
    assert each <= INSTRUCTIONS_MAX, f"{each:.0f} instructions"


def test_one_check_from_start_to_end_is_as_cheap_as_it_was(sim):
    spent = min(instructions(check_words(sim, 5)) for _ in range(ROUNDS))
    assert spent <= OF_A_CHECK_MAX, f"{spent} instructions"
