# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look-up costs in user space, verdict and report included, as callgrind counts it."""
from contenders import instructions, instructions_each, slow_words

INSTRUCTIONS_MAX = 3500
ZONES, ROUNDS = 250, 4


def test_a_look_up_is_as_cheap_as_it_was(sim):
    def cost(zones):
        """A busy machine adds turns of the loop and second tries, so that the least counts."""
        words = slow_words(sim, sim.input("identities", 0, ZONES, zones // ZONES))
        return min(instructions(words) for _ in range(ROUNDS))
    each = instructions_each(cost, ZONES, 4 * ZONES)
    assert each <= INSTRUCTIONS_MAX, f"{each:.0f} instructions"
