/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line is: OWNER [TTL] [IN] TYPE RDATA [; comment]. $ directives and types other than
 * NS, A and AAAA are passed over.
 */
#include "resolver/hints.h"

enum {
	WORDS_MAX = 6
};

static size_t split_words(struct str line, struct str words[WORDS_MAX])
{
	struct cursor c = cursor_over(str_sub(line, 0, str_find_byte(line, ';')));
	size_t count = 0;

	cursor_while(&c, " \t\r");
	while (cursor_left(&c) > 0 && count < WORDS_MAX) {
		words[count++] = cursor_until(&c, " \t\r");
		cursor_while(&c, " \t\r");
	}
	return count;
}

struct hint {
	struct dns_name owner;
	uint16_t type;
	struct str rdata;
};

/* *is_hint_out false: a line with nothing for us. */
static bool read_line(struct str line, struct hint *out, bool *is_hint_out, struct err *e)
{
	struct str words[WORDS_MAX];
	size_t count = split_words(line, words);
	size_t at = 1;
	uint64_t ttl;

	*is_hint_out = false;
	if (count == 0 || words[0].data[0] == '$')
		return true;
	if (at < count && str_number(words[at], UINT32_MAX, &ttl))
		at++;
	if (at < count && str_equal_nocase(words[at], STR("IN")))
		at++;
	if (at + 1 >= count || !dns_type_parse(words[at], &out->type))
		return err_set(e, ERR_USAGE, "not a record");
	if (!dns_name_parse(words[0], &out->owner, e))
		return false;
	out->rdata = words[at + 1];
	*is_hint_out = out->type == DNS_TYPE_NS || out->type == DNS_TYPE_A ||
		       out->type == DNS_TYPE_AAAA;
	return true;
}

static bool take_ns(struct cut *root, const struct hint *h, struct err *e)
{
	struct dns_name name;

	if (dns_name_labels(&h->owner) != 0)
		return true;
	if (!dns_name_parse(h->rdata, &name, e))
		return false;
	if (root->server_count < RESOLVER_SERVERS_MAX && !cut_server_find(root, &name))
		root->servers[root->server_count++].name = name;
	return true;
}

static bool take_address(struct cut *root, const struct hint *h, struct err *e)
{
	struct cut_server *s = cut_server_find(root, &h->owner);
	struct address a;
	uint8_t wanted = h->type == DNS_TYPE_A ? 4 : 6;

	if (!address_parse(h->rdata, 53, &a) || a.family != wanted || a.port != 53)
		return err_set(e, ERR_USAGE, "'%.*s' is not an address",
			       STR_ARG(h->rdata));
	if (s)
		*(wanted == 4 ? &s->v4 : &s->v6) = a;
	return true;
}

/* NS lines first, then addresses: the file may have them in any order. */
static bool read_all(struct str text, bool ns, struct cut *root, struct err *e)
{
	struct str rest = text;
	struct str line;
	struct hint h;
	bool is_hint;

	for (size_t number = 1; str_split(&rest, '\n', &line); number++) {
		if (!read_line(line, &h, &is_hint, e))
			return err_in(e, "line %zu", number);
		if (!is_hint || (h.type == DNS_TYPE_NS) != ns)
			continue;
		if (ns ? !take_ns(root, &h, e) : !take_address(root, &h, e))
			return err_in(e, "line %zu", number);
	}
	return true;
}

bool hints_parse(struct arena *a, struct str text, struct cut **out, struct err *e)
{
	struct cut *root = arena_alloc(a, sizeof(*root));

	if (!dns_name_parse(STR("."), &root->zone, e))
		return false;
	root->parent = root->zone;
	if (!read_all(text, true, root, e) || !read_all(text, false, root, e))
		return false;
	for (size_t i = 0; i < root->server_count; i++) {
		if (!cut_server_has_address(&root->servers[i]))
			continue;
		*out = root;
		return true;
	}
	return err_set(e, ERR_USAGE, "no root server with an address");
}
