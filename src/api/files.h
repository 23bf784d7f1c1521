/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that embed.py puts into the binary at build time. */
#ifndef API_FILES_H
#define API_FILES_H

#include "base/base.h"

struct embedded_file {
	const char *path; /* "index.html", "assets/main-5f3a.js" */
	const char *type; /* Content-Type */
	const char *etag; /* quoted */
	const unsigned char *data;
	size_t len;
	bool is_hashed; /* its name changes with its content */
};

/* Sorted by nothing, ended by a row without path. */
extern const struct embedded_file api_console_files[];
extern const struct embedded_file api_schema_files[];

/* NULL if there is none. */
const struct embedded_file *embedded_find(const struct embedded_file *files,
					  struct str path);

#endif
