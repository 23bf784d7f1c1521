/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message cut into header fields and body; nothing is decoded. */
#include "mail/mail.h"

enum {
	MESSAGE_MAX = 10 * 1024 * 1024,
	FIELDS_MAX = 1000,
};

/* RFC 5321 section 2.3.8: CR and LF only together; and no NUL. The byte's place, or
 * len. */
static size_t find_bad_byte(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char before = '\0';
		char after = '\0';

		if (i > 0)
			before = s.data[i - 1];
		if (i + 1 < s.len)
			after = s.data[i + 1];
		if (s.data[i] == '\0' || (s.data[i] == '\n' && before != '\r') ||
		    (s.data[i] == '\r' && after != '\n'))
			return i;
	}
	return s.len;
}

/* Where the line that begins at `from` ends, behind its CRLF. */
static size_t line_end(struct str s, size_t from)
{
	size_t end = from + str_find_byte(str_sub(s, from, s.len), '\n');

	return end < s.len ? end + 1 : s.len;
}

static bool is_folded(struct str s, size_t at)
{
	return at < s.len && (s.data[at] == ' ' || s.data[at] == '\t');
}

/* One field, with the lines that continue it, from the front of *rest. */
static struct str cut_field(struct str *rest)
{
	size_t end = line_end(*rest, 0);

	while (is_folded(*rest, end))
		end = line_end(*rest, end);
	struct str field = str_sub(*rest, 0, end);
	*rest = str_sub(*rest, end, rest->len);
	return field;
}

/* RFC 5322 section 3.2.2: no line of a field consists of blanks only. */
static bool has_blank_line(struct str field)
{
	for (size_t at = 0; at < field.len; at = line_end(field, at)) {
		if (str_trim(str_sub(field, at, line_end(field, at) - at)).len == 0)
			return true;
	}
	return false;
}

static const char *parse_field(struct str field, struct mail_header *out)
{
	size_t colon = str_find_byte(field, ':');
	struct str name = str_sub(field, 0, colon);

	if (!str_ends(field, STR("\r\n")))
		return "does not end in CRLF";
	/* RFC 5322 section 3.6.8: ftext. */
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] <= ' ' || name.data[i] > '~')
			return "is not 'Name: value'";
	}
	if (colon == field.len || name.len == 0)
		return "is not 'Name: value'";
	if (has_blank_line(field))
		return "is continued by a line of blanks";
	*out = (struct mail_header){
		.name = name,
		.field = field,
		.value = str_sub(field, colon + 1, field.len - colon - 3),
	};
	return NULL;
}

static size_t count_fields(struct str rest)
{
	size_t count = 0;

	while (rest.len > 0 && !str_starts(rest, STR("\r\n")) && count <= FIELDS_MAX) {
		cut_field(&rest);
		count++;
	}
	return count;
}

bool mail_message_parse(struct arena *a, struct str bytes, struct mail_message *out,
			struct err *e)
{
	struct str rest = bytes;
	struct mail_message m = { 0 };

	if (bytes.len > MESSAGE_MAX)
		return err_set(e, ERR_LIMIT, "the message is larger than 10 MiB");
	size_t bad = find_bad_byte(bytes);
	if (bad < bytes.len)
		return err_set(e, ERR_USAGE,
			       "the message has a NUL, or a CR or LF that stands alone, "
			       "at byte %zu",
			       bad);
	size_t count = count_fields(bytes);
	if (count > FIELDS_MAX)
		return err_set(e, ERR_LIMIT,
			       "the message has more than 1000 header fields");
	m.headers = arena_array(a, count + 1, sizeof(*m.headers));
	for (; m.header_count < count; m.header_count++) {
		struct mail_header *header = &m.headers[m.header_count];
		const char *why = parse_field(cut_field(&rest), header);

		if (why)
			return err_set(e, ERR_USAGE, "header field %zu %s",
				       m.header_count + 1, why);
	}
	/* The empty line; a message may also end with its header. */
	m.body = str_sub(rest, 2, rest.len);
	*out = m;
	return true;
}

const struct mail_header *mail_message_find(const struct mail_message *m,
					    const char *name, size_t nth)
{
	for (size_t i = 0; i < m->header_count; i++) {
		if (str_equal_nocase(m->headers[i].name, str_from(name)) && nth-- == 0)
			return &m->headers[i];
	}
	return NULL;
}
