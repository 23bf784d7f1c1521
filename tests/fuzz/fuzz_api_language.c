/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any Accept-Language names a language of ours, the same one each time. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "api/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_of(data, size);
	enum lang lang = language_choose(in);
	enum lang named;
	assert(lang == LANG_EN || lang == LANG_JA);
	assert(lang_parse(str_from(lang_name(lang)), &named) && named == lang);
	assert(language_choose(in) == lang);
	return 0;
}
