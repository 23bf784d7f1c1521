/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One failure: what kind it is (what the caller should do) and its text, one line, lower
 * case, no full stop, what is wrong first, values in single quotes. Lives on the caller's
 * stack:
 *
 *   struct err e = { 0 };
 *   if (!config_read(c, path, &e))
 *           return err_in(e_out, "configuration");
 *
 * Texts hold printable ASCII and UTF-8 only: err_set escapes control bytes in its result.
 * Those that a person is to read in his language stand in LANG_MARK; others are English.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/attribute.h"
#include "base/lang.h"

enum err_kind {
	ERR_NONE,
	ERR_USAGE,       /* the caller's input is wrong: tell him, do not retry */
	ERR_NOT_FOUND,   /* the thing named does not exist */
	ERR_EXISTS,      /* it is there already */
	ERR_DENIED,      /* not allowed, or not proved who is asking */
	ERR_LIMIT,       /* a ceiling was reached: less, or later */
	ERR_UNAVAILABLE, /* something outside did not work: retry later */
	ERR_CONFLICT,    /* somebody else changed it meanwhile: read again */
	ERR_INTERNAL,    /* our fault */
};

struct err {
	enum err_kind kind;
	const char *code; /* "free_mail_domain": a constant word for programs; mostly
			     NULL, then the kind says enough */
	char text[512];
	enum lang lang; /* set by who shows it; zero is English */
};

/* Fills e and returns false, so that a failure is one line: `return err_set(e, ERR_LIMIT,
 * ...)`. A text too long is cut. e may not be NULL. */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) printf_like(3, 4);

/* Gives the failure its code; returns false. err_set takes it away again. */
bool err_code(struct err *e, const char *code);

/* Puts context in front ("context: text"), keeps the kind, returns false. */
bool err_in(struct err *e, const char *fmt, ...) printf_like(2, 3);

/* "usage", "not found" ...: the kind in words, for logs. */
const char *err_kind_name(enum err_kind kind);

#endif
