/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a report for people. Private to diagnose. */
#ifndef DIAGNOSE_TEXT_H
#define DIAGNOSE_TEXT_H

#include "diagnose/diagnose.h"

enum {
	TEXT_MAX = 64 * 1024, /* of one text of a page */
};

struct text_page {
	struct buf *out;
	const struct report *r;
	size_t columns;
	bool colour;
	bool local_time; /* else UTC */
};

enum text_tint {
	TINT_GOOD,
	TINT_BAD,
	TINT_WAIT,
	TINT_NOTE,
};

/* The text, in colour where colours are wanted. */
void text_tinted(struct text_page *p, enum text_tint tint, const char *text);
/* One block: what is wrong, what was seen, why, what to do. */
void text_finding(struct text_page *p, const struct finding *f);
/* A line for each record that no finding has told of. */
void text_records(struct text_page *p);

/* Who remembers what until when, and when all agree; or how long a change takes. */
void text_times(struct text_page *p);
/* What Amazon SES said and when it looked, where that is known. */
void text_ses(struct text_page *p);

#endif
