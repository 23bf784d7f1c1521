/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rule.h"

#include "draft.h"
#include "words.h"

enum {
	PACKETS_MAX = 100000
};

/* Heads */

static bool split_list(struct str text, struct str *out, size_t *count)
{
	struct str rest = text;
	struct str part;

	*count = 0;
	while (str_split(&rest, ',', &part)) {
		if (*count == RULE_WORDS_MAX || part.len == 0)
			return false;
		out[(*count)++] = part;
	}
	return true;
}

/* "3", "2-5", "2-" */
static bool read_turns(struct rule *rule, struct str text)
{
	struct str rest = text;
	struct str part;
	uint64_t n;

	if (!str_split(&rest, '-', &part) || !str_number(part, UINT32_MAX, &n))
		return false;
	rule->first = (uint32_t)n;
	rule->last = (uint32_t)n;
	if (!str_split(&rest, '-', &part))
		return true;
	rule->last = UINT32_MAX;
	if (part.len == 0)
		return true;
	if (!str_number(part, UINT32_MAX, &n))
		return false;
	rule->last = (uint32_t)n;
	return true;
}

static bool read_types(struct rule *rule, struct str text)
{
	struct str names[RULE_WORDS_MAX];

	if (!split_list(text, names, &rule->type_count))
		return false;
	for (size_t i = 0; i < rule->type_count; i++)
		if (!dns_type_parse(names[i], &rule->types[i]))
			return false;
	return true;
}

static bool read_condition(struct rule *rule, struct str word, struct str *rest)
{
	uint64_t n;

	if (str_is(word, "nth"))
		return read_turns(rule, words_next(rest));
	if (!str_is(word, "every"))
		return read_types(rule, word);
	if (!str_number(words_next(rest), UINT32_MAX, &n) || n == 0)
		return false;
	rule->every = (uint32_t)n;
	return true;
}

bool rule_head_read(struct rule *rule, struct str head, struct err *e)
{
	struct str rest = head;
	struct str word = words_next(&rest);

	rule->first = 1;
	rule->last = UINT32_MAX;
	rule->every = 1;
	rule->udp = true;
	rule->tcp = true;
	for (; str_is(word, "maybe"); word = words_next(&rest))
		rule->is_optional = true;
	if (str_is(word, "udp") || str_is(word, "tcp")) {
		rule->udp = str_is(word, "udp");
		rule->tcp = !rule->udp;
		word = words_next(&rest);
	}
	if (!str_is(word, "any") &&
	    !split_list(word, rule->patterns, &rule->pattern_count))
		return err_set(e, ERR_USAGE, "names '%.*s'", STR_ARG(word));
	while (rest.len > 0) {
		word = words_next(&rest);
		if (!read_condition(rule, word, &rest))
			return err_set(e, ERR_USAGE, "condition '%.*s'", STR_ARG(word));
	}
	return true;
}

/* Whether it fits */

/* "NAME", or "*.NAME": what lies below it. */
static bool fits_pattern(struct str pattern, const struct dns_name *name)
{
	struct dns_name wanted;
	struct err e = { 0 };
	bool is_below = str_starts(pattern, STR("*."));

	if (!dns_name_parse(is_below ? str_sub(pattern, 2, SIZE_MAX) : pattern, &wanted,
			    &e))
		return false;
	if (is_below)
		return dns_name_within(name, &wanted) && !dns_name_equal(name, &wanted);
	return dns_name_equal(name, &wanted);
}

static bool fits(const struct rule *rule, const struct asking_of *q)
{
	const struct dns_name *name = &q->query.question_name;
	bool is_here = rule->server_count == 0;
	bool is_name = rule->pattern_count == 0;
	bool is_type = rule->type_count == 0;

	for (size_t i = 0; i < rule->server_count; i++)
		is_here = is_here || address_equal(&rule->servers[i], &q->server);
	for (size_t i = 0; i < rule->pattern_count; i++)
		is_name = is_name || fits_pattern(rule->patterns[i], name);
	for (size_t i = 0; i < rule->type_count; i++)
		is_type = is_type || rule->types[i] == q->query.question_type;
	return is_here && is_name && is_type && (q->over_tcp ? rule->tcp : rule->udp);
}

struct rule *rule_choose(struct rule *first, const struct asking_of *q)
{
	for (struct rule *rule = first; rule; rule = rule->next) {
		if (!fits(rule, q))
			continue;
		rule->seen++;
		if (rule->seen < rule->first || rule->seen > rule->last ||
		    (rule->seen - rule->first) % rule->every != 0)
			continue;
		rule->is_used = true;
		return rule;
	}
	return NULL;
}

/* Answers */

/* What stands before the pattern's name, as text. */
static struct str find_star(const struct rule *rule, const struct asking_of *q)
{
	const struct dns_name *name = &q->query.question_name;
	struct dns_name base;
	struct err e = { 0 };

	for (size_t i = 0; i < rule->pattern_count; i++) {
		struct str pattern = rule->patterns[i];
		if (!str_starts(pattern, STR("*.")) || !fits_pattern(pattern, name) ||
		    !dns_name_parse(str_sub(pattern, 2, SIZE_MAX), &base, &e))
			continue;
		struct dns_name front = dns_name_relative(name, &base);
		return dns_name_text(q->arena, &front);
	}
	return STR_EMPTY;
}

static void put(struct packets *out, struct arena *a, const struct packet *p)
{
	if (out->count == PACKETS_MAX)
		return;
	if (out->count == out->size) {
		struct packet *before = out->list;
		out->size = out->size ? 2 * out->size : 4;
		out->list = arena_array(a, out->size, sizeof(*before));
		if (out->count > 0)
			memcpy(out->list, before, out->count * sizeof(*before));
	}
	out->list[out->count++] = *p;
}

static void emit(struct draft *d, struct packets *out)
{
	if (d->is_dropped)
		return;
	d->packet.bytes = draft_write(d);
	if (!d->q->over_tcp && d->packet.bytes.len > d->mtu)
		return;
	for (uint32_t i = 0; i < d->copies; i++)
		put(out, d->q->arena, &d->packet);
}

bool rule_reply(const struct rule *rule, const struct asking_of *q, struct packets *out,
		struct err *e)
{
	struct draft d = { .star = rule ? find_star(rule, q) : STR_EMPTY,
			   .turn = rule ? rule->seen : 0 };
	bool has_more = true;

	*out = (struct packets){ 0 };
	draft_begin(&d, q);
	for (size_t i = 0; rule && i < rule->line_count; i++) {
		has_more = true;
		if (str_is(rule->lines[i], "send")) {
			emit(&d, out);
			draft_begin(&d, q);
			has_more = false;
		} else if (!draft_change(&d, rule->lines[i], e)) {
			return err_in(e, "'%.*s'", STR_ARG(rule->lines[i]));
		}
	}
	if (has_more)
		emit(&d, out);
	return true;
}
