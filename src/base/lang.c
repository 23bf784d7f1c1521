/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Languages and their catalogues. gettext() itself answers in one language a process,
 * that of its environment, and needs the catalogue's file; so what msgfmt compiled is a
 * sorted table in the binary (po/catalogue.py), and a language is a value.
 */
#include "base/lang.h"

#include <stdlib.h>

#include "base/base.h"
#include "base/catalogue.h"

static const char *const names[] = { [LANG_EN] = "en", [LANG_JA] = "ja" };
static const struct catalogue *const catalogues[] = {
	[LANG_EN] = NULL, [LANG_JA] = &catalogue_ja
};

static int compare_text(const void *key, const void *entry)
{
	const struct catalogue_text *text = (const struct catalogue_text *)entry;
	return strcmp((const char *)key, text->english);
}

const char *lang_text(enum lang lang, const char *english)
{
	const struct catalogue *c = catalogues[lang];
	if (!c)
		return english;
	const struct catalogue_text *found = (const struct catalogue_text *)bsearch(
		english, c->texts, c->count, sizeof(*c->texts), compare_text);
	return found ? found->translated : english;
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
