/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared libraries that most commands do without: each is loaded when the first of its
 * functions is called, by its name alone, from where the system keeps its libraries.
 *
 * Which functions those are stands in a list, NAME.functions, beside the part that uses
 * them. library.py makes NAME_functions.h and .c of it: the header has the library's own
 * and lets every call of a function in the list go through a table, with the type that
 * the library gives it. So the callers look as if the library were linked; and where
 * a sanitizer has to see everything, it is (meson.build).
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stddef.h>

#include "base/err.h"

/* From a list; constant. */
struct library {
	const char *soname;  /* "libcurl.so.4" */
	const char *package; /* of Debian, for people */
	const char *purpose;
	const char *const *names; /* of functions */
	size_t count;
};

/* functions_out has room for l->count, in the order of the names. ERR_UNAVAILABLE: the
 * library or a function is not there. It is never unloaded. */
bool library_load(const struct library *l, void **functions_out, struct err *e)
	must_check;
/* The same, for who cannot go on without: ends the process with a word to its user. */
void library_need(const struct library *l, void **functions_out);

/* Whether each of a list, ended by NULL, could be loaded: asked by what runs for long
 * when it starts. */
bool library_load_all(const struct library *const *all, struct err *e) must_check;

#endif
