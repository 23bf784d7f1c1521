/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * {4 hex}{12 hex}-{8}-{4}-{4}-{4}-{12}-000000: the region's number, the time in ms since
 * the epoch, a random UUID (RFC 9562 section 5.4).
 */
#include "send/compose.h"

static unsigned region_number(struct str region)
{
	static const struct {
		const char *name;
		unsigned number;
	} regions[] = {
		{ "us-east-1", 0x0100 }, { "us-west-2", 0x0101 },
		{ "eu-west-1", 0x0102 }, { "eu-central-1", 0x0107 },
		{ "us-east-2", 0x011a },
	};

	for (size_t i = 0; i < ARRAY_LEN(regions); i++)
		if (str_is(region, regions[i].name))
			return regions[i].number;
	return 0x0100;
}

void message_id_write(struct buf *out, struct str region, int64_t now_ms)
{
	static const size_t group_ends[] = { 4, 6, 8, 10 };
	uint8_t uuid[16];
	size_t group = 0;

	crypto_random(uuid, sizeof(uuid));
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	buf_printf(out, "%04x%012llx-", region_number(region),
		   (unsigned long long)now_ms & 0xffffffffffff);
	for (size_t i = 0; i < sizeof(uuid); i++) {
		if (group < ARRAY_LEN(group_ends) && i == group_ends[group]) {
			buf_byte(out, '-');
			group++;
		}
		hex_write(out, str_of(&uuid[i], 1));
	}
	buf_text(out, "-000000");
}
