/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of our languages a caller prefers (RFC 9110 section 12.5.4). */
#include "api/language.h"

enum {
	QUALITY_MAX = 1000,
};

/* RFC 9110 section 12.4.2: "0.8" in thousandths; what is none counts as nothing. */
static unsigned quality_parse(struct str text)
{
	struct str rest = str_trim(text);
	struct str whole = str_sub(rest, 0, str_find_byte(rest, '.'));
	struct str digits = str_sub(rest, whole.len + 1, rest.len);
	uint64_t n = 0;
	if (str_is(whole, "1"))
		return QUALITY_MAX;
	if (!str_is(whole, "0") || digits.len == 0 || digits.len > 3 ||
	    !str_number(digits, QUALITY_MAX, &n))
		return 0;
	for (size_t i = digits.len; i < 3; i++)
		n *= 10;
	return (unsigned)n;
}

/* "ja-JP;q=0.8": the range, and how much it is wanted. */
static unsigned range_parse(struct str item, struct str *range_out)
{
	size_t end = str_find_byte(item, ';');
	struct str weight = str_trim(str_sub(item, end + 1, item.len));
	*range_out = str_trim(str_sub(item, 0, end));
	if (end == item.len)
		return QUALITY_MAX;
	if (!str_starts(weight, STR("q=")) && !str_starts(weight, STR("Q=")))
		return QUALITY_MAX;
	return quality_parse(str_sub(weight, 2, weight.len));
}

enum lang language_choose(struct str accept)
{
	enum lang best = LANG_EN;
	unsigned wanted = 0;
	struct str rest = accept;
	struct str item;
	if (!accept.data)
		return best;
	while (str_split(&rest, ',', &item)) {
		struct str range;
		enum lang lang;
		unsigned quality = range_parse(item, &range);
		if (quality <= wanted || !lang_parse(range, &lang))
			continue;
		best = lang;
		wanted = quality;
	}
	return best;
}
