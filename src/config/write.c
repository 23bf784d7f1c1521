/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option table and the values as text: for people, and for the manual. */
#include "config/options.h"
#include "config/values.h"

enum {
	COMMENT_WIDTH = 78
};

/* Words of the help behind "# ", broken between words. */
static void write_comment(struct buf *out, const char *text)
{
	struct str rest = str_from(text);
	struct str word;
	size_t column = 0;

	while (str_split(&rest, ' ', &word)) {
		if (column == 0 || column + 1 + word.len > COMMENT_WIDTH) {
			buf_text(out, column ? "\n#" : "#");
			column = 1;
		}
		buf_byte(out, ' ');
		buf_str(out, word);
		column += 1 + word.len;
	}
	buf_byte(out, '\n');
}

static bool begins_section(size_t key)
{
	return key == 0 || strcmp(option_get((enum config_key)key)->section,
				  option_get((enum config_key)(key - 1))->section) != 0;
}

void config_write_defaults(struct buf *out)
{
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_option *o = option_get((enum config_key)i);
		auto_buf struct buf allowed;

		buf_init(&allowed, 512);
		option_write_allowed(o, &allowed);
		if (begins_section(i))
			buf_printf(out, "%s[%s]\n", i ? "\n" : "", o->section);
		buf_byte(out, '\n');
		write_comment(out, o->help);
		buf_printf(out, "# Value: %s.\n", buf_cstr(&allowed));
		buf_printf(out, "#%s =%s%s\n", o->name, o->standard[0] ? " " : "",
			   o->standard);
	}
}

void config_write_values(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_option *o = option_get((enum config_key)i);
		const struct config_value *v = &c->values[i];

		option_write_name(o, out);
		buf_text(out, v->text.len ? " = " : " =");
		escape_visible(out, v->text, 0);
		buf_text(out, "  (");
		escape_visible(out, str_from(v->origin ? v->origin : "default"), 0);
		buf_text(out, ")\n");
	}
}

/* mdoc: a backslash begins an escape, a dot or quote in front of a line a macro; a
 * sentence begins a line. */
static void write_roff(struct buf *out, const char *text)
{
	struct cursor c = cursor_over(str_from(text));
	uint8_t before = 0;

	while (cursor_left(&c) > 0) {
		uint8_t byte = cursor_u8(&c);
		int next = cursor_peek(&c);

		if (byte == '\\')
			buf_text(out, "\\e");
		else if (byte == '-')
			buf_text(out, "\\-");
		else if (byte == ' ' && before == '.' && next >= 'A' && next <= 'Z')
			buf_byte(out, '\n');
		else
			buf_byte(out, byte);
		before = byte;
	}
}

void config_write_man(struct buf *out)
{
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_option *o = option_get((enum config_key)i);
		auto_buf struct buf allowed;

		buf_init(&allowed, 512);
		option_write_allowed(o, &allowed);
		if (begins_section(i))
			buf_printf(out, "%s.Ss %s\n.Bl -tag -width Ds\n",
				   i ? ".El\n" : "", o->section);
		buf_printf(out, ".It Cm %s\n", o->name);
		write_roff(out, o->help);
		buf_text(out, "\nThe value is ");
		write_roff(out, buf_cstr(&allowed));
		buf_text(out, "; the default is ");
		write_roff(out, o->standard[0] ? o->standard : "empty");
		buf_text(out, ".\n");
	}
	buf_text(out, ".El\n");
}

bool config_about(size_t index, struct config_about *out)
{
	if (index >= CONFIG_KEY_COUNT)
		return false;
	const struct config_option *o = option_get((enum config_key)index);
	*out = (struct config_about){
		.section = o->section,
		.name = o->name,
		.choices = o->type == OPTION_FLAG ? "true false" : o->choices,
		.is_path = o->type == OPTION_PATH,
	};
	return true;
}
