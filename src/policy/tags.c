/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tag lists (RFC 6376 section 3.2): name=value; name=value; ... */
#include "policy/policy.h"

enum {
	TAGS_MAX = 100
};

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_alnum(s.data[i]) && s.data[i] != '_')
			return false;
	}
	return s.len > 0 && ascii_is_alpha(s.data[0]);
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c == 127 || (c < ' ' && !ascii_is_blank(c)))
			return true;
	}
	return false;
}

static bool has_tag(const struct policy_tag *tags, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (str_equal(tags[i].name, name))
			return true;
	}
	return false;
}

bool policy_tags_read(struct arena *a, struct str txt, struct policy_tag **tags_out,
		      size_t *count_out, struct str *wrong_out)
{
	struct policy_tag *tags = arena_array(a, TAGS_MAX, sizeof(*tags));
	struct str rest = txt;
	struct str part;
	size_t count = 0;

	while (str_split(&rest, ';', &part)) {
		size_t equals = str_find_byte(part, '=');
		struct str name = str_trim(str_sub(part, 0, equals));
		struct str value = str_trim(str_sub(part, equals + 1, part.len));

		/* The last semicolon may have nothing behind it. */
		if (!rest.data && count > 0 && str_trim(part).len == 0)
			break;
		/* RFC 6376 section 3.2: tags with duplicate names make the list
		 * invalid. */
		if (count == TAGS_MAX || equals == part.len || !is_name(name) ||
		    has_control(value) || has_tag(tags, count, name)) {
			*wrong_out = str_trim(part);
			return false;
		}
		tags[count++] = (struct policy_tag){ name, value };
	}
	*tags_out = tags;
	*count_out = count;
	return true;
}

bool policy_tags_parse(struct arena *a, struct str txt, struct policy_tag **tags_out,
		       size_t *count_out)
{
	struct str wrong;

	return policy_tags_read(a, txt, tags_out, count_out, &wrong);
}
