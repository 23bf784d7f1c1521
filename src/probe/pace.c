/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/pace.h"

enum {
	MANY = 4,      /* a fourth of the window in a turn */
	FEW = 16,      /* a sixteenth */
	SHRINKS = 8,   /* by an eighth */
	SMOOTHED = 32, /* by each glance a thirty-second of the way */
};

static void begin_anew(struct pace *p)
{
	p->ended = 0;
	p->turns = 0;
	p->least_us = INT64_MAX;
	p->was_full = false;
}

void pace_init(struct pace *p, size_t most)
{
	*p = (struct pace){ .window = most < PACE_LEAST ? most : PACE_LEAST,
			    .most = most };
	begin_anew(p);
}

int64_t pace_late_us(const struct pace *p)
{
	int64_t late_us = p->usual_us + p->usual_us / 2;

	if (p->usual_us == 0 || late_us > PACE_LATE_MOST_US)
		return PACE_LATE_MOST_US;
	return late_us > PACE_LATE_LEAST_US ? late_us : PACE_LATE_LEAST_US;
}

void pace_end(struct pace *p, int64_t took_us, bool was_late)
{
	p->usual_us =
		p->usual_us ? p->usual_us + (took_us - p->usual_us) / SMOOTHED : took_us;
	if (was_late)
		return;
	p->in_turn++;
	p->least_us = took_us < p->least_us ? took_us : p->least_us;
}

static void end_trial(struct pace *p)
{
	p->trial = 0;
	if (p->least_us <= p->before_us + p->before_us / 2)
		return;
	p->window /= 2;
	p->rest = PACE_REST;
}

static void weigh(struct pace *p)
{
	bool finds_few = p->ended * FEW < p->window * p->turns;
	bool finds_many = p->ended * MANY > p->window * p->turns;

	p->rest -= p->rest > 0;
	if (p->trial > 0) {
		if (++p->trial > PACE_TRIAL)
			end_trial(p);
	} else if (finds_few && p->was_full && p->rest == 0 && p->window < p->most) {
		p->before_us = p->least_us;
		p->trial = 1;
		p->window *= 2;
	} else if (finds_many && p->window > PACE_LEAST) {
		p->window -= p->window / SHRINKS;
	}
}

void pace_turn(struct pace *p, size_t under_way)
{
	/* Who has little to do ends little, too. */
	p->was_full = p->was_full || under_way + p->in_turn >= p->window;
	p->turns += p->in_turn > 0;
	p->ended += p->in_turn;
	p->in_turn = 0;
	if (p->ended < p->window)
		return;
	weigh(p);
	if (p->window < PACE_LEAST)
		p->window = PACE_LEAST;
	if (p->window > p->most)
		p->window = p->most;
	begin_anew(p);
}
