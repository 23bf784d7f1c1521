/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of `unpend doctor` share: what was examined, and what came of it. */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include "cmd/cmd.h"
#include "store/store.h"

enum {
	DOCTOR_ROWS_MAX = 128,
};

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARN, /* it works, but may not stay so, or not as one would think */
	DOCTOR_FAIL,
};

struct doctor_row {
	const char *check; /* "store": for programs too */
	enum doctor_state state;
	struct str text; /* safe to show */
	struct str next; /* what to do; empty: nothing */
};

struct doctor {
	struct arena *a;
	const struct config *config;
	enum lang lang;
	int64_t now_s;
	struct store *store; /* NULL: could not be opened */
	bool lacks_library;  /* then nothing else can be examined */
	struct doctor_row rows[DOCTOR_ROWS_MAX];
	size_t row_count;
};

/* next: LANG_MARK, or NULL. The text is shown in the person's language. */
void doctor_say(struct doctor *d, const char *check, enum doctor_state state,
		const char *next, const char *fmt, ...) printf_like(5, 6);

/* Each says at least one thing. */
void doctor_libraries(struct doctor *d);
void doctor_config(struct doctor *d);
void doctor_limits(struct doctor *d);
void doctor_sandbox(struct doctor *d);
void doctor_data(struct doctor *d);
void doctor_store(struct doctor *d); /* opens d->store */
void doctor_secret(struct doctor *d);
void doctor_clock(struct doctor *d);
void doctor_webhooks(struct doctor *d);
void doctor_dns(struct doctor *d); /* root, anchor, resolvers, key zone */
void doctor_relay(struct doctor *d);
void doctor_perspectives(struct doctor *d);

#endif
