/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling in a failure: formatted aside first, so that the arguments may point into e. */
#include "base/err.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/escape.h"

#define ERR_RAW_MAX 2048

static void err_put(struct err *e, const char *raw)
{
	auto_buf struct buf text;

	/* Escapes whole characters, so a cut never leaves half of one. */
	buf_init(&text, sizeof(e->text) - 1);
	escape_controls(&text, str_from(raw));
	memcpy(e->text, buf_cstr(&text), text.len + 1);
}

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	char raw[ERR_RAW_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), lang_text(e->lang, fmt), args);
	va_end(args);
	e->kind = kind;
	e->code = NULL;
	err_put(e, raw);
	return false;
}

bool err_code(struct err *e, const char *code)
{
	e->code = code;
	return false;
}

bool err_in(struct err *e, const char *fmt, ...)
{
	char raw[ERR_RAW_MAX];
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(raw, sizeof(raw) - sizeof(e->text) - 2,
			    lang_text(e->lang, fmt), args);
	va_end(args);
	if (len < 0)
		raw[0] = '\0';
	auto_buf struct buf both;
	buf_init(&both, sizeof(raw));
	buf_text(&both, raw);
	buf_text(&both, ": ");
	buf_text(&both, e->text);
	err_put(e, buf_cstr(&both));
	return false;
}

const char *err_kind_name(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return "none";
	case ERR_USAGE:
		return "usage";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_EXISTS:
		return "exists";
	case ERR_DENIED:
		return "denied";
	case ERR_LIMIT:
		return "limit";
	case ERR_UNAVAILABLE:
		return "unavailable";
	case ERR_CONFLICT:
		return "conflict";
	case ERR_INTERNAL:
		return "internal";
	}
	return "unknown";
}
