/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of scopes. */
#include "service/scope.h"

struct word {
	enum scope scope;
	const char *name;
};

static const struct word words[] = {
	{ SCOPE_IDENTITIES_READ, "identities:read" },
	{ SCOPE_IDENTITIES_WRITE, "identities:write" },
	{ SCOPE_EVENTS_READ, "events:read" },
	{ SCOPE_WEBHOOKS_READ, "webhooks:read" },
	{ SCOPE_WEBHOOKS_WRITE, "webhooks:write" },
	{ SCOPE_TOKENS_READ, "tokens:read" },
	{ SCOPE_TOKENS_WRITE, "tokens:write" },
	{ SCOPE_SHARES_WRITE, "shares:write" },
	{ SCOPE_TENANTS_READ, "tenants:read" },
	{ SCOPE_TENANTS_WRITE, "tenants:write" },
};

const char *scope_name(int64_t scopes)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (scopes & words[i].scope)
			return words[i].name;
	return NULL;
}

enum scope scope_at(size_t index)
{
	return index < ARRAY_LEN(words) ? words[index].scope : 0;
}

void scopes_write(struct buf *out, int64_t scopes)
{
	const char *between = "";

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!(scopes & words[i].scope))
			continue;
		buf_text(out, between);
		buf_text(out, words[i].name);
		between = " ";
	}
}

/* 0: no such word. */
static int64_t word_find(struct str name, int64_t all)
{
	if (str_is(name, "all"))
		return all;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(name, words[i].name))
			return words[i].scope & all;
	return 0;
}

static bool word_refuse(struct str name, int64_t all, struct err *e)
{
	auto_buf struct buf known;

	buf_init(&known, 1024);
	scopes_write(&known, all);
	return err_set(e, ERR_USAGE,
		       lang_text(e->lang, "'%.*s' is no scope here; there are: %s"),
		       STR_ARG(str_sub(name, 0, 64)), buf_cstr(&known));
}

bool scopes_parse(struct str text, int64_t all, int64_t *out, struct err *e)
{
	int64_t scopes = 0;
	struct str rest = text;
	struct str words_left;
	struct str name;

	while (str_split(&rest, ',', &words_left)) {
		while (str_split(&words_left, ' ', &name)) {
			int64_t one = word_find(name, all);
			if (name.len > 0 && !one)
				return word_refuse(name, all, e);
			scopes |= name.len > 0 ? one : 0;
		}
	}
	if (!scopes)
		return word_refuse(text, all, e);
	*out = scopes;
	return true;
}
