/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/glance_frame.h"

enum {
	LENGTH_LEN = 4,
	ROOM_AT = LENGTH_LEN + 1,
	ASKED_HEAD = 4 + 1 + 4, /* octets of a line in front of its text */
	ANSWER_HEAD = 4 + 1 + 4 + 4,
};

static char *put_u32(char *at, uint32_t n)
{
	for (size_t i = 0; i < sizeof(n); i++)
		at[i] = (char)(n >> (24 - 8 * i) & 0xff);
	return at + sizeof(n);
}

/* Its length in front. */
static char *put_text(char *at, struct str text)
{
	at = put_u32(at, (uint32_t)text.len);
	memcpy(at, text.data, text.len);
	return at + text.len;
}

void line_frame_begin(struct buf *out, uint8_t what)
{
	buf_u32(out, 0);
	buf_byte(out, what);
}

void line_frame_end(struct buf *out)
{
	size_t len = out->len - LENGTH_LEN;

	if (out->failed)
		return;
	put_u32(out->data, (uint32_t)len);
}

void line_answers_begin(struct buf *out)
{
	line_frame_begin(out, LINES_ANSWERED);
	buf_u32(out, 0);
}

void line_answers_end(struct buf *out, uint32_t room)
{
	if (!out->failed)
		put_u32(out->data + ROOM_AT, room);
	line_frame_end(out);
}

void line_asked_write(struct buf *out, const struct line_asked *l)
{
	char *begin = buf_room(out, ASKED_HEAD + l->text.len);

	if (!begin)
		return;
	char *at = put_u32(begin, l->number);
	*at++ = (char)l->kind;
	at = put_text(at, l->text);
	buf_wrote(out, (size_t)(at - begin));
}

void line_answer_write(struct buf *out, const struct line_answer *l)
{
	char *begin = buf_room(out, ANSWER_HEAD + l->text.len);

	if (!begin)
		return;
	char *at = put_u32(begin, l->number);
	*at++ = (char)l->word;
	at = put_u32(at, l->packets);
	at = put_text(at, l->text);
	buf_wrote(out, (size_t)(at - begin));
}

static uint32_t u32_at(struct str s, size_t at)
{
	const unsigned char *octet = (const unsigned char *)s.data + at;

	return (uint32_t)octet[0] << 24 | (uint32_t)octet[1] << 16 |
	       (uint32_t)octet[2] << 8 | octet[3];
}

bool line_asked_read(struct cursor *c, struct line_asked *out)
{
	struct str head = cursor_bytes(c, ASKED_HEAD);

	if (!cursor_ok(c))
		return false;
	uint8_t kind = (uint8_t)head.data[4];
	struct str text = cursor_bytes(c, u32_at(head, 5));
	if (!cursor_ok(c) || kind >= LINE_KIND_COUNT || text.len > LINE_TEXT_MAX)
		return cursor_fail(c);
	*out = (struct line_asked){ u32_at(head, 0), (enum line_kind)kind, text };
	return true;
}

bool line_answer_read(struct cursor *c, struct line_answer *out)
{
	struct str head = cursor_bytes(c, ANSWER_HEAD);

	if (!cursor_ok(c))
		return false;
	uint8_t word = (uint8_t)head.data[4];
	struct str text = cursor_bytes(c, u32_at(head, 9));
	if (!cursor_ok(c) || word >= LINE_WORD_COUNT)
		return cursor_fail(c);
	*out = (struct line_answer){ u32_at(head, 0), (enum line_word)word,
				     u32_at(head, 5), text };
	return true;
}
