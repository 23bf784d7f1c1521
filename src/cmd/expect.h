/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is expected of a domain, as a command line says it: a file, DKIM tokens, nothing.
 * Private to cmd. */
#ifndef CMD_EXPECT_H
#define CMD_EXPECT_H

#include "cmd/cmd.h"
#include "identity/identity.h"

enum {
	EXPECT_TOKENS_MAX = 16,
};

/* The options --expect and --dkim, and the words behind the latter. */
struct expect_words {
	struct str file;
	size_t file_count;
	struct str tokens[EXPECT_TOKENS_MAX];
	size_t token_count;
	struct str
		all[EXPECT_TOKENS_MAX]; /* tokens taken apart, further words among them */
	size_t all_count;
};

/* The region of Amazon SES, if it was given; else empty: with a wrong one every record
 * would look wrong. */
struct str expect_region(const struct config *c);

/* The line's first word is the domain. ERR_USAGE. */
bool expect_read(struct arena *a, const struct cmd_line *line, struct expect_words *w,
		 struct expectation *out, struct err *e) must_check;

#endif
