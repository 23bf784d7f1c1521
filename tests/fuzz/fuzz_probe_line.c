/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a line of `unpend bulk`: what the quick reader takes, the full reader
 * understands the same. And as a batch of lines: it is read to its end or refused. */
#include <stdlib.h>

#include "../probe/glances.h"
#include "probe/glance_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct glance_texts *texts; /* judged once each: it takes long */
	struct cursor there = cursor_over(str_of(data, size));
	struct cursor back = there;
	struct line_asked asked;
	struct line_answer answer;

	if (!texts)
		texts = glance_texts_new();
	if (!glances_agree(texts, str_of(data, size)))
		abort();
	while (line_asked_read(&there, &asked))
		if (asked.text.len > size || asked.kind >= LINE_KIND_COUNT)
			abort();
	while (line_answer_read(&back, &answer))
		if (answer.text.len > size || answer.word >= LINE_WORD_COUNT)
			abort();
	return 0;
}
