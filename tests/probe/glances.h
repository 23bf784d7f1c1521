/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What glances are held against: the full reader of lines, and the judge. */
#ifndef TESTS_PROBE_GLANCES_H
#define TESTS_PROBE_GLANCES_H

#include "probe/glance.h"

/* A customer of a platform, with a key of his own besides. */
extern const char glances_line[];

/* The line of glances_line, read by the full reader and compiled. */
struct glance_subject {
	struct arena arena;
	struct glance_texts *texts;
	struct expectation x;
	struct glance g;
};
/* Ends the program where that cannot be. */
void glance_subject_init(struct glance_subject *s);
void glance_subject_done(struct glance_subject *s);

/* The judge is shown the packet as what the only name server said to record `index`: it
 * is a whole message that answers the question, and the record is right. */
bool glances_judge(const struct glance_subject *s, size_t index, struct str packet);

bool glances_equal(const struct glance *a, const struct glance *b);
/* Where glance_read takes the line, the full reader and glance_compile make the same of
 * it. */
bool glances_agree(struct glance_texts *texts, struct str line);

#endif
