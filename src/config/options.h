/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option table's row, and finding a row by its name. Inside config only. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "config/config.h"

enum option_type {
	OPTION_TEXT,   /* one line as it stands */
	OPTION_PATH,   /* file name */
	OPTION_CHOICE, /* one of `choices` */
	OPTION_FLAG,   /* true or false */
	OPTION_NUMBER, /* from min to max, in `unit` */
	OPTION_LIST,   /* items separated by commas or blanks */
};

enum option_unit {
	OPTION_PLAIN,
	OPTION_MILLISECONDS,
	OPTION_SECONDS,
};

/* false: the text (one item of a list) does not fit; the option's `form` says what
 * would. */
typedef bool option_check(const char *text);

struct config_option {
	const char *section;
	const char *name;
	enum option_type type;
	enum option_unit unit;
	int64_t min;
	int64_t max;
	const char *standard; /* the default, as text */
	const char *choices;  /* separated by one blank */
	const char *form;     /* what `check` accepts, in words */
	option_check *
		check; /* NULL: any text. The empty text passes where it is the default */
	const char *help; /* sentences for the manual */
};

const struct config_option *option_get(enum config_key key);
/* The longest of `section.name`, with room for a typing error. */
enum {
	OPTION_NAME_MAX = 96
};
/* Appends "section.name". */
void option_write_name(const struct config_option *o, struct buf *out);
/* name is "section.name". */
bool option_find(struct str name, enum config_key *key_out) must_check;
/* The option whose name needs the fewest edits to become `name`; a name without
 * section is compared with names without section. */
enum config_key option_find_nearest(struct str name);
/* "a number from 0 to 64", "'reject' or 'hold'": what is allowed, in words. */
void option_write_allowed(const struct config_option *o, struct buf *out);

#endif
