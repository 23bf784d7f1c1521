/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/pace.h"

enum {
	MANY = 4,    /* a fourth of the window in a turn */
	FEW = 16,    /* a sixteenth */
	SHRINKS = 8, /* by an eighth */
};

void pace_init(struct pace *p, size_t most)
{
	*p = (struct pace){ .window = most < PACE_LEAST ? most : PACE_LEAST,
			    .most = most };
}

static size_t weigh(const struct pace *p)
{
	size_t least = p->most < PACE_LEAST ? p->most : PACE_LEAST;
	size_t window = p->window;

	/* Who has little to do ends little, too. */
	if (p->was_full && p->ended * FEW < p->window * p->turns)
		window *= 2;
	else if (p->ended * MANY > p->window * p->turns)
		window -= window / SHRINKS;
	if (window < least)
		return least;
	return window < p->most ? window : p->most;
}

void pace_turn(struct pace *p, size_t ended, size_t under_way)
{
	p->ended += ended;
	p->turns += ended > 0;
	p->was_full = p->was_full || under_way >= p->window;
	if (p->ended < p->window)
		return;
	p->window = weigh(p);
	p->ended = 0;
	p->turns = 0;
	p->was_full = false;
}
