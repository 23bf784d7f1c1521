/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters that look like others. Private to diagnose. */
#ifndef DIAGNOSE_LOOKALIKE_H
#define DIAGNOSE_LOOKALIKE_H

#include "base/base.h"

/* The text with each character put by the one that it looks like: full-width, Cyrillic
 * and Greek letters by the ASCII ones, dashes by '-', then 0 by o, 1 and i by l, capitals
 * by small letters. Labels that begin with xn-- are decoded first (RFC 3492). Two texts
 * that give the same look the same. Bytes that are no UTF-8 stay. */
struct str lookalike_skeleton(struct arena *a, struct str text);

/* The first character in which two texts differ that look the same. */
struct lookalike {
	size_t position; /* from 1; characters, where xn-- labels are decoded */
	uint32_t seen;
	uint32_t wanted;
	struct str seen_text; /* safe to show */
	struct str wanted_text;
};
/* False: none. Small and capital letters are the same. */
bool lookalike_find(struct arena *a, struct str seen, struct str wanted,
		    struct lookalike *out);

#endif
