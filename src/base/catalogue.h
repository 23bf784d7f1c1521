/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What po/catalogue.py makes of a gettext catalogue. Private to base. */
#ifndef BASE_CATALOGUE_H
#define BASE_CATALOGUE_H

#include <stddef.h>

struct catalogue_text {
	const char *english;
	const char *translated;
};

struct catalogue {
	const struct catalogue_text *texts; /* ascending by strcmp */
	size_t count;
};

extern const struct catalogue catalogue_ja;

#endif
