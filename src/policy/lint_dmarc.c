/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lint of DMARC records (RFC 9989 sections 4.7 and 4.8). */
#include "policy/lint.h"

enum {
	TAGS_MAX = 64
};

struct tag {
	struct str whole;
	struct str name;
	struct str value;
};

/* A tag's values, each between blanks; NULL: it has a form of its own. gone: RFC 9989
 * took it away. */
struct known {
	const char *name;
	const char *values;
	bool is_gone;
};
static const struct known knowns[] = {
	{ "v", "DMARC1", false },
	{ "p", "none quarantine reject", false },
	{ "sp", "none quarantine reject", false },
	{ "np", "none quarantine reject", false },
	{ "adkim", "r s", false },
	{ "aspf", "r s", false },
	{ "t", "y n", false },
	{ "psd", "y n u", false },
	{ "fo", NULL, false },
	{ "rua", NULL, false },
	{ "ruf", NULL, false },
	{ "pct", NULL, true },
	{ "rf", NULL, true },
	{ "ri", NULL, true },
};

static const struct known *find_known(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(knowns); i++)
		if (str_equal_nocase(name, str_from(knowns[i].name)))
			return &knowns[i];
	return NULL;
}

/* The word of a list that was probably meant. */
static const char *nearest(struct lint *l, struct str word, const char *list)
{
	struct str rest = str_from(list);
	struct str best = STR_EMPTY;
	struct str one;
	unsigned least = 3;

	while (str_split(&rest, ' ', &one)) {
		unsigned distance = str_distance(word, one);

		if (distance < least && distance < one.len) {
			least = distance;
			best = one;
		}
	}
	return best.len > 0 ? arena_text(l->a, best) : NULL;
}

static bool has_value(const char *list, struct str value)
{
	struct str rest = str_from(list);
	struct str one;

	while (str_split(&rest, ' ', &one))
		if (str_equal_nocase(one, value))
			return true;
	return false;
}

static void check_address(struct lint *l, struct str item)
{
	struct dmarc_address address;
	struct err e = { 0 };
	struct str part = str_trim(item);
	bool has_at = str_find_byte(part, '@') < part.len;
	bool has_scheme = str_find_byte(part, ':') < part.len;

	if (!dmarc_address_parse(part, &address, &e))
		lint_add(l, LINT_ERROR, part,
			 lang_text(l->lang,
				   "this is not an address that reports can go to"),
			 has_at && !has_scheme
				 ? arena_printf(l->a, "mailto:%s", lint_shown(l, part))
				 : NULL);
	else if (address.has_size)
		lint_add(l, LINT_NOTE, part,
			 lang_text(l->lang,
				   "the size limit behind ! is gone since RFC 9989"),
			 lint_shown(l, address.uri));
}

static void check_addresses(struct lint *l, struct str list)
{
	struct str item;

	while (str_split(&list, ',', &item))
		check_address(l, item);
}

/* Section 4.8, dmarc-fo: 0 or 1, d, s, each once. */
static void check_fo(struct lint *l, struct str value)
{
	struct str rest = value;
	struct str one;
	unsigned seen = 0;
	bool is_wrong = false;

	while (str_split(&rest, ':', &one)) {
		struct str word = str_trim(one);
		unsigned bit = str_is(word, "0")                  ? 1
			       : str_is(word, "1")                ? 1
			       : str_equal_nocase(word, STR("d")) ? 2
			       : str_equal_nocase(word, STR("s")) ? 4
								  : 8;
		is_wrong = is_wrong || bit == 8 || (seen & bit);
		seen |= bit;
	}
	if (is_wrong)
		lint_add(l, LINT_ERROR, value,
			 lang_text(l->lang,
				   "fo= takes 0 or 1, d and s, with colons between "
				   "them"),
			 "1");
}

static void check_value(struct lint *l, const struct tag *tag, const struct known *known)
{
	if (known->values && !has_value(known->values, tag->value)) {
		lint_add(l, LINT_ERROR, tag->value.len > 0 ? tag->value : tag->whole,
			 arena_printf(l->a,
				      lang_text(l->lang, "%s= takes one of these: %s; "
							 "receivers do as if it were not "
							 "there"),
				      known->name, known->values),
			 nearest(l, tag->value, known->values));
		return;
	}
	if (str_is(str_from(known->name), "fo"))
		check_fo(l, tag->value);
	if (str_is(str_from(known->name), "rua") || str_is(str_from(known->name), "ruf"))
		check_addresses(l, tag->value);
	if (str_is(str_from(known->name), "psd") &&
	    str_equal_nocase(tag->value, STR("y")))
		lint_add(l, LINT_NOTE, tag->value,
			 lang_text(l->lang, "psd=y is for registries alone: it says that "
					    "others register domains below this one"),
			 NULL);
}

static void check_tag(struct lint *l, const struct tag *tag)
{
	const struct known *known = find_known(tag->name);

	if (!known) {
		lint_add(l, LINT_NOTE, tag->name,
			 arena_printf(l->a,
				      lang_text(l->lang,
						"receivers do not know the tag '%s' "
						"and pass over it"),
				      lint_shown(l, tag->name)),
			 nearest(l, tag->name, "p sp np adkim aspf t psd fo rua ruf"));
	} else if (known->is_gone) {
		lint_add(l, LINT_NOTE, tag->whole,
			 arena_printf(l->a,
				      lang_text(l->lang,
						"the tag %s is gone since RFC 9989: "
						"take it out"),
				      known->name),
			 str_is(str_trim(tag->value), "0") ? "t=y" : NULL);
	} else {
		check_value(l, tag, known);
	}
}

static bool was_seen(const struct tag *tags, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal_nocase(tags[i].name, name))
			return true;
	return false;
}

/* The tag of that name, which is there. */
static struct str part_of(const struct tag *tags, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal_nocase(tags[i].name, name))
			return tags[i].whole;
	return tags[0].whole;
}

static size_t read_tags(struct lint *l, struct tag tags[TAGS_MAX])
{
	struct str rest = l->text;
	struct str part;
	size_t count = 0;

	while (str_split(&rest, ';', &part) && count < TAGS_MAX) {
		size_t equals = str_find_byte(part, '=');
		struct tag tag = {
			.whole = str_trim(part),
			.name = str_trim(str_sub(part, 0, equals)),
			.value = str_trim(str_sub(part, equals + 1, part.len)),
		};

		if (!rest.data && tag.whole.len == 0)
			break;
		if (equals == part.len) {
			lint_add(l, LINT_ERROR, tag.whole,
				 lang_text(l->lang,
					   "each tag is written name=value, with "
					   "semicolons between them"),
				 NULL);
			continue;
		}
		if (was_seen(tags, count, tag.name)) {
			lint_add(l, LINT_ERROR, tag.whole,
				 lang_text(l->lang, "this tag stands there twice"), NULL);
			continue;
		}
		tags[count++] = tag;
	}
	return count;
}

static void check_version(struct lint *l, const struct tag *tags, size_t count)
{
	bool is_first = count > 0 && str_equal_nocase(tags[0].name, STR("v"));
	struct str part = is_first ? tags[0].whole : str_sub(l->text, 0, 0);

	/* Where only the semicolon is missing, the version alone is replaced. */
	part = str_sub(part, 0, str_find_byte(part, ' '));
	/* Section 4.7: else the entire record MUST be ignored. */
	if (!is_first || !str_is(tags[0].value, "DMARC1"))
		lint_add(l, LINT_ERROR, part,
			 lang_text(l->lang,
				   "a DMARC record begins with v=DMARC1 in capitals "
				   "and a semicolon; receivers pass over this one"),
			 "v=DMARC1;");
}

static void check_policy(struct lint *l, const struct tag *tags, size_t count)
{
	struct dmarc_record record;
	bool has_p = was_seen(tags, count, STR("p"));

	if (!dmarc_record_parse(l->a, l->text, &record))
		return;
	if (!has_p)
		lint_add(l, record.has_report_address ? LINT_NOTE : LINT_ERROR,
			 lint_end(l),
			 record.has_report_address
				 ? lang_text(l->lang,
					     "there is no policy: it counts as "
					     "p=none, and older receivers pass over "
					     "the record")
				 : lang_text(l->lang,
					     "there is neither a policy (p=) nor an "
					     "address for reports (rua=): receivers "
					     "do not apply DMARC"),
			 "; p=none");
	else if (record.has_p && record.p == DMARC_POLICY_NONE)
		lint_add(l, LINT_NOTE, part_of(tags, count, STR("p")),
			 lang_text(l->lang,
				   "p=none asks for nothing: mail that misuses the "
				   "domain is delivered"),
			 NULL);
	if (has_p && count > 1 && !str_equal_nocase(tags[1].name, STR("p")))
		lint_add(l, LINT_NOTE, tags[1].whole,
			 lang_text(l->lang,
				   "older receivers want p= right behind v=DMARC1"),
			 NULL);
	if (record.fo.len > 0 && record.ruf.len == 0)
		lint_add(l, LINT_NOTE, part_of(tags, count, STR("fo")),
			 lang_text(l->lang, "fo= has no effect without ruf="), NULL);
}

void lint_dmarc(struct lint *l)
{
	struct tag *tags = arena_array(l->a, TAGS_MAX, sizeof(*tags));
	size_t count = read_tags(l, tags);

	check_version(l, tags, count);
	for (size_t i = 1; i < count; i++)
		check_tag(l, &tags[i]);
	check_policy(l, tags, count);
}
