/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains that a person could take for others, label by label (UTS 39 sections 4, 5.2).
 * They are said, not refused: many honest names mix scripts. */
#include <unictype.h>
#include <unistr.h>

#include "mail/mail.h"

enum {
	LABEL_CHARACTERS_MAX = 64,
	SCRIPTS_MAX = 8,
	LONG_VOWEL_MARK = 0x30fc,
};

/* Letters of other scripts that look like a Latin one. */
static char latin_twin(ucs4_t c)
{
	static const struct {
		ucs4_t letter;
		char twin;
	} twins[] = {
		/* Cyrillic */
		{ 0x430, 'a' },
		{ 0x441, 'c' },
		{ 0x501, 'd' },
		{ 0x435, 'e' },
		{ 0x4bb, 'h' },
		{ 0x456, 'i' },
		{ 0x458, 'j' },
		{ 0x4cf, 'l' },
		{ 0x43e, 'o' },
		{ 0x440, 'p' },
		{ 0x51b, 'q' },
		{ 0x455, 's' },
		{ 0x475, 'v' },
		{ 0x51d, 'w' },
		{ 0x445, 'x' },
		{ 0x443, 'y' },
		{ 0x44c, 'b' },
		{ 0x433, 'r' },
		{ 0x43f, 'n' },
		{ 0x43a, 'k' },
		{ 0x43c, 'm' },
		{ 0x442, 't' },
		/* Greek */
		{ 0x3b1, 'a' },
		{ 0x3b9, 'i' },
		{ 0x3ba, 'k' },
		{ 0x3bd, 'v' },
		{ 0x3bf, 'o' },
		{ 0x3c1, 'p' },
		{ 0x3c5, 'u' },
		{ 0x3c7, 'x' },
		{ 0x3f2, 'c' },
		{ 0x3c4, 't' },
		{ 0x3b3, 'y' },
		/* Armenian */
		{ 0x570, 'h' },
		{ 0x578, 'n' },
		{ 0x57d, 'u' },
		{ 0x585, 'o' },
		{ 0x581, 'g' },
		{ 0x584, 'p' },
		{ 0x566, 'q' },
	};

	for (size_t i = 0; i < ARRAY_LEN(twins); i++)
		if (twins[i].letter == c)
			return twins[i].twin;
	return 0;
}

struct label {
	const char *scripts[SCRIPTS_MAX];
	size_t script_count;
	bool has_long_vowel_mark;
	bool has_kana;
	bool all_twins; /* every letter looks Latin and is none */
	struct buf looks_like;
};

static bool has_script(const struct label *l, const char *script)
{
	for (size_t i = 0; i < l->script_count; i++)
		if (strcmp(l->scripts[i], script) == 0)
			return true;
	return false;
}

static void character_note(struct label *l, ucs4_t c)
{
	const uc_script_t *script = uc_script(c);
	const char *name = script ? script->name : "Unknown";
	char twin = latin_twin(c);

	l->has_long_vowel_mark |= c == LONG_VOWEL_MARK;
	if (strcmp(name, "Common") == 0 || strcmp(name, "Inherited") == 0) {
		buf_byte(&l->looks_like, c < 128 ? (uint8_t)c : '?');
		return;
	}
	l->has_kana |= strcmp(name, "Hiragana") == 0 || strcmp(name, "Katakana") == 0;
	l->all_twins &= twin != 0;
	buf_byte(&l->looks_like, (uint8_t)(twin ? twin : '?'));
	if (!has_script(l, name) && l->script_count < SCRIPTS_MAX)
		l->scripts[l->script_count++] = name;
}

/* UTS 39 section 5.2, "highly restrictive". */
static bool may_be_mixed(const struct label *l)
{
	static const char *const sets[][4] = {
		{ "Latin", "Han", "Hiragana", "Katakana" },
		{ "Latin", "Han", "Bopomofo", NULL },
		{ "Latin", "Han", "Hangul", NULL },
	};

	for (size_t s = 0; s < ARRAY_LEN(sets); s++) {
		size_t in_set = 0;

		for (size_t i = 0; i < ARRAY_LEN(sets[s]) && sets[s][i]; i++)
			in_set += has_script(l, sets[s][i]);
		if (in_set == l->script_count)
			return true;
	}
	return l->script_count <= 1;
}

/* The scripts that people know by name; of the others Unicode's name is shown. */
static const char *script_text(enum lang lang, const char *name)
{
	static const char *const known[] = {
		LANG_MARK("Latin"),  LANG_MARK("Greek"),    LANG_MARK("Cyrillic"),
		LANG_MARK("Han"),    LANG_MARK("Hiragana"), LANG_MARK("Katakana"),
		LANG_MARK("Hangul"),
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(name, known[i]) == 0)
			return lang_text(lang, known[i]);
	return name;
}

static struct str caution_text(struct arena *a, struct str shown, const struct label *l,
			       enum lang lang)
{
	auto_buf struct buf text;

	buf_init(&text, 1024);
	if (l->has_long_vowel_mark && !l->has_kana)
		buf_printf(&text,
			   lang_text(lang,
				     "'%.*s' has the long vowel mark U+30FC where a "
				     "hyphen may be meant"),
			   STR_ARG(shown));
	else if (!may_be_mixed(l))
		buf_printf(&text,
			   lang_text(lang, "'%.*s' mixes letters of %s and %s: it can be "
					   "taken for another domain"),
			   STR_ARG(shown), script_text(lang, l->scripts[0]),
			   script_text(lang, l->scripts[1]));
	else if (l->script_count == 1 && l->all_twins)
		buf_printf(&text,
			   lang_text(lang, "'%.*s' is written in %s but looks like '%s': "
					   "it can be taken for another domain"),
			   STR_ARG(shown), script_text(lang, l->scripts[0]),
			   buf_cstr(&l->looks_like));
	return arena_str(a, buf_view(&text));
}

static struct str label_caution(struct arena *a, struct str text, enum lang lang)
{
	struct label l = { .all_twins = true };
	struct str out;

	buf_init(&l.looks_like, 4 * LABEL_CHARACTERS_MAX);
	for (size_t at = 0; at < text.len;) {
		ucs4_t c = 0;

		at += (size_t)u8_mbtouc(&c, (const uint8_t *)text.data + at,
					text.len - at);
		character_note(&l, c);
	}
	out = caution_text(a, text, &l, lang);
	buf_done(&l.looks_like);
	return out;
}

struct str mail_domain_caution(struct arena *a, struct str domain, enum lang lang)
{
	struct str rest = mail_domain_unicode(a, domain);
	struct str label;

	while (str_split(&rest, '.', &label)) {
		struct str caution = label_caution(a, label, lang);

		if (caution.len)
			return caution;
	}
	return STR_EMPTY;
}
