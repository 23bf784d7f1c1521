/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines in batches between the pool and its processes: raw octets, since JSON would cost
 * more than the looks. Numbers in network order, frames as in frame.h:
 *
 *   there  LINES_ASKED, then of each line: number (4), kind (1), length (4), the line
 *   back   LINES_ANSWERED, how many lines the process would hold (4), then of each:
 *          number (4), word (1), packets (4), length (4), text
 *
 * A frame of JSON begins with '{', so both kinds share a stream.
 */
#ifndef PROBE_GLANCE_FRAME_H
#define PROBE_GLANCE_FRAME_H

#include "base/base.h"

enum {
	LINES_ASKED = 1,
	LINES_ANSWERED = 2,
	LINE_TEXT_MAX = 256 << 10, /* octets of one line there */
	LINES_HELD_MAX = 1536,     /* that a process holds at once */
	LINES_GLANCED_MAX = 1024,  /* of them, glances that are not late */
	LINES_FRAME_MAX = 1 << 20, /* octets of a batch, begun below this */
};

enum line_kind {
	LINE_GLANCE,   /* and nothing but that */
	LINE_LOOK,     /* a glance, and where that is unclear a look, with its report */
	LINE_THOROUGH, /* a look at once */
	LINE_KIND_COUNT,
};

struct line_asked {
	uint32_t number;
	enum line_kind kind;
	struct str text; /* borrowed */
};

/* What became of a line; the first two are all that LINE_GLANCE gives. */
enum line_word {
	LINE_UNCLEAR,
	LINE_RIGHT,
	/* The verdict of the report, which is the text: members of a JSON object, with
	 * the brace at its end. */
	LINE_OK,
	LINE_ACTION_REQUIRED,
	LINE_WAITING,
	LINE_UNDETERMINED,
	LINE_BAD, /* it is no expectation: the text, in the same form, says why */
	LINE_WORD_COUNT,
};

struct line_answer {
	uint32_t number;
	enum line_word word;
	uint32_t packets;
	struct str text; /* borrowed */
};

/* An empty buf becomes the beginning of a frame; line_frame_end says how long it is. */
void line_frame_begin(struct buf *out, uint8_t what);
void line_frame_end(struct buf *out);
/* As these, with what stands in front of the answers. */
void line_answers_begin(struct buf *out);
void line_answers_end(struct buf *out, uint32_t room);
void line_asked_write(struct buf *out, const struct line_asked *l);
void line_answer_write(struct buf *out, const struct line_answer *l);

/* c stands in the frame's octets, behind the first. false: the frame is broken. */
bool line_asked_read(struct cursor *c, struct line_asked *out) must_check;
bool line_answer_read(struct cursor *c, struct line_answer *out) must_check;

#endif
