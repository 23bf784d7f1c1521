/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
	EXIT_NO_LIBRARY = 4 /* something that is needed does not work */
};

static bool missing(const struct library *l, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE, "%s (Debian package %s, needed for %s): %s",
		       l->soname, l->package, l->purpose, dlerror());
}

bool library_load(const struct library *l, void **functions_out, struct err *e)
{
	void *handle = dlopen(l->soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle)
		return missing(l, e);
	for (size_t i = 0; i < l->count; i++) {
		functions_out[i] = dlsym(handle, l->names[i]);
		if (!functions_out[i])
			return missing(l, e);
	}
	return true;
}

void library_need(const struct library *l, void **functions_out)
{
	struct err e = { 0 };

	if (library_load(l, functions_out, &e))
		return;
	fprintf(stderr, "unpend: %s\n", e.text);
	exit(EXIT_NO_LIBRARY);
}

bool library_load_all(const struct library *const *all, struct err *e)
{
	for (; *all; all++) {
		void **functions = xalloc((*all)->count, sizeof(*functions));
		bool loaded = library_load(*all, functions, e);
		xfree(functions);
		if (!loaded)
			return false;
	}
	return true;
}
