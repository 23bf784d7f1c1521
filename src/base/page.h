/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text laid out in columns. Texts given are safe to show already. */
#ifndef BASE_PAGE_H
#define BASE_PAGE_H

#include <stddef.h>

#include "base/buf.h"

/* Columns that a text takes on a terminal: East Asian wide characters take two. */
size_t page_width(struct str text);
/* Words, broken at blanks so that no line passes `columns`; a word that is too long stays
 * whole, to be copied. Japanese, which has no blanks, is broken between characters (JIS X
 * 4051: no line begins with 。 or ends with 「). Begins at column `at`; further lines
 * are indented. No final line end. Gives the column behind the last word. */
size_t page_wrap(struct buf *out, struct str text, size_t at, size_t indent,
		 size_t columns);
/* At most `columns` wide, then "...". */
void page_clip(struct buf *out, struct str text, size_t columns);

#endif
