/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a store by its URL. */
#include "store/engine.h"
#include "store/schema.h"
#include "store/store.h"

static const struct {
	const char *scheme;
	const struct engine *engine;
} schemes[] = {
	{ "sqlite:", &engine_sqlite },
	{ "postgres://", &engine_postgres },
	{ "postgresql://", &engine_postgres },
};

static const struct engine *engine_of(struct str url)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct str scheme = str_from(schemes[i].scheme);
		if (str_starts(url, scheme) && url.len > scheme.len &&
		    str_find_byte(url, '\0') == url.len)
			return schemes[i].engine;
	}
	return NULL;
}

bool store_open(struct str url, struct store **out, struct err *e)
{
	const struct engine *engine = engine_of(url);
	struct store *s = NULL;

	/* The URL is not repeated: there may be a password in it. */
	if (!engine)
		return err_set(e, ERR_USAGE,
			       "that is not a store: sqlite:PATH is, or "
			       "postgresql://HOST/DATABASE");
	if (!engine->connect(url, &s, e)) {
		trouble_note(STORE_OP_OPEN, e);
		return false;
	}
	if (!schema_migrate(s, e)) {
		store_close(&s);
		return err_in(e, "database");
	}
	*out = s;
	return true;
}

void store_close(struct store **s)
{
	if (*s)
		(*s)->engine->close(*s);
	*s = NULL;
}
