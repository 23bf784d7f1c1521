/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Matching a name against a pattern, label by label from the end. A '#' takes all digits
 * that follow and a '*' is tried again only within its label of 63 octets, so that the
 * worst name costs no more than pattern times label.
 */
#include "provider/pattern.h"

struct place {
	size_t pattern;
	size_t label;
};

/* Takes one step of the pattern; false: it does not hold here. */
static bool step(struct str pattern, struct str label, struct place *at)
{
	char wanted = pattern.data[at->pattern];
	if (at->label == label.len)
		return false;
	char c = ascii_lower(label.data[at->label]);
	if (wanted == '#') {
		if (!ascii_is_digit((unsigned char)c))
			return false;
		while (at->label < label.len &&
		       ascii_is_digit((unsigned char)label.data[at->label]))
			at->label++;
		at->pattern++;
		return true;
	}
	if (wanted != '?' && wanted != c)
		return false;
	at->label++;
	at->pattern++;
	return true;
}

static bool label_matches(struct str pattern, struct str label)
{
	struct place at = { 0 };
	struct place star = { 0 }; /* behind the last '*', and what it has taken */
	bool has_star = false;
	while (at.pattern < pattern.len || at.label < label.len) {
		if (at.pattern < pattern.len && pattern.data[at.pattern] == '*') {
			at.pattern++;
			star = at;
			has_star = true;
			continue;
		}
		if (at.pattern < pattern.len && step(pattern, label, &at))
			continue;
		if (!has_star || star.label == label.len)
			return false;
		star.label++;
		at = star;
	}
	return true;
}

/* One look at the last octets, which tells most apart. */
static bool may_match(struct str pattern, const struct dns_name *name)
{
	char wanted = pattern.len > 0 ? pattern.data[pattern.len - 1] : '\0';
	return name->len < 2 || wanted < 'a' || wanted > 'z' ||
	       ascii_lower((char)name->wire[name->len - 2]) == wanted;
}

bool pattern_matches(struct str pattern, const struct dns_name *name)
{
	if (!may_match(pattern, name))
		return false;
	size_t wanted = 1;
	for (size_t i = 0; i < pattern.len; i++)
		wanted += pattern.data[i] == '.';
	size_t labels = dns_name_labels(name);
	bool any_front = str_starts(pattern, STR("*."));
	if (labels < wanted || (!any_front && labels > wanted))
		return false;

	struct dns_name rest = dns_name_parent(name, labels - wanted);
	struct str part;
	while (str_split(&pattern, '.', &part)) {
		if (!label_matches(part, dns_name_first_label(&rest)))
			return false;
		rest = dns_name_parent(&rest, 1);
	}
	return true;
}

size_t pattern_weight(struct str pattern)
{
	size_t weight = 0;
	for (size_t i = 0; i < pattern.len; i++)
		weight += pattern.data[i] != '*' && pattern.data[i] != '?';
	return weight;
}
