/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language that texts for people are in. English is the source; other languages come
 * from gettext catalogues (po/), which are part of the program. A language is a value
 * that is handed along, never a state of the process: one service answers in several at
 * once.
 */
#ifndef BASE_LANG_H
#define BASE_LANG_H

#include <stdbool.h>

#include "base/str.h"

enum lang {
	LANG_EN,
	LANG_JA,
};

/* Marks a text for translation where it stands in a table; lang_text gives it later. */
#define LANG_MARK(text) text

/* The text in that language; English where it is not translated. Lives for ever. As a
 * format it takes the same arguments, in any order (%1$s). */
const char *lang_text(enum lang lang, const char *english) __attribute__((format_arg(2)));
/* "en", "ja" */
const char *lang_name(enum lang lang);
/* "ja", "ja-JP", "ja_JP.UTF-8"; false: not one of ours. */
bool lang_parse(struct str text, enum lang *out);

#endif
