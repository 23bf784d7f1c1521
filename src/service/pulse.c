/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "service/pulse.h"

#include "base/base.h"

enum {
	BEAT_MS = 1000,
	SILENCE_MAX_S = 60,
};

static void on_timer(uv_timer_t *timer)
{
	struct pulse *p = timer->data;

	atomic_store(&p->beaten_us, clock_mono_us());
}

void pulse_start(struct pulse *p, uv_loop_t *loop)
{
	uv_timer_init(loop, &p->timer);
	p->timer.data = p;
	uv_timer_start(&p->timer, on_timer, 0, BEAT_MS);
}

void pulse_stop(struct pulse *p)
{
	uv_close((uv_handle_t *)&p->timer, NULL);
}

bool pulse_is_felt(const struct pulse *p)
{
	int64_t beaten_us = atomic_load(&p->beaten_us);

	return beaten_us > 0 && clock_mono_us() - beaten_us < SILENCE_MAX_S * 1000000LL;
}
