/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/glance_frame.h"

enum {
	LENGTH_LEN = 4,
};

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
	for (size_t i = 0; i < LENGTH_LEN; i++)
		out->data[i] = (char)(len >> (24 - 8 * i) & 0xff);
}

void line_asked_write(struct buf *out, const struct line_asked *l)
{
	buf_u32(out, l->number);
	buf_byte(out, (uint8_t)l->kind);
	buf_u32(out, (uint32_t)l->text.len);
	buf_str(out, l->text);
}

void line_answer_write(struct buf *out, const struct line_answer *l)
{
	buf_u32(out, l->number);
	buf_byte(out, (uint8_t)l->word);
	buf_u32(out, l->packets);
	buf_u32(out, (uint32_t)l->text.len);
	buf_str(out, l->text);
}

bool line_asked_read(struct cursor *c, struct line_asked *out)
{
	uint32_t number = cursor_u32(c);
	uint8_t kind = cursor_u8(c);
	struct str text = cursor_bytes(c, cursor_u32(c));

	if (!cursor_ok(c) || kind >= LINE_KIND_COUNT || text.len > LINE_TEXT_MAX)
		return cursor_fail(c);
	*out = (struct line_asked){ number, (enum line_kind)kind, text };
	return true;
}

bool line_answer_read(struct cursor *c, struct line_answer *out)
{
	uint32_t number = cursor_u32(c);
	uint8_t word = cursor_u8(c);
	uint32_t packets = cursor_u32(c);
	struct str text = cursor_bytes(c, cursor_u32(c));

	if (!cursor_ok(c) || word >= LINE_WORD_COUNT)
		return cursor_fail(c);
	*out = (struct line_answer){ number, (enum line_word)word, packets, text };
	return true;
}
