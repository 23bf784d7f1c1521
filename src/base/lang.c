/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Languages and their catalogues. */
#include "base/lang.h"

#include "base/base.h"

static const char *const names[] = { [LANG_EN] = "en", [LANG_JA] = "ja" };

void lang_init(void)
{
}

const char *lang_text(enum lang lang, const char *english)
{
	(void)lang;
	return english;
}

const char *lang_name(enum lang lang)
{
	return names[lang];
}

bool lang_parse(struct str text, enum lang *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str name = str_from(names[i]);
		struct str rest = str_sub(text, name.len, text.len);
		if (!str_equal_nocase(str_sub(text, 0, name.len), name) ||
		    (rest.len > 0 && rest.data[0] != '-' && rest.data[0] != '_' &&
		     rest.data[0] != '.'))
			continue;
		*out = (enum lang)i;
		return true;
	}
	return false;
}
