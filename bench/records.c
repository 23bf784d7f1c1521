/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is expected of the zones of the benchmark's world, and asked about them. */
#include <arpa/inet.h>

#include "zones.h"

enum {
	TYPE_CNAME = 5,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_OPT = 41,
	CLASS_IN = 1,
};

/* Thirty-two letters that follow from the numbers. */
static void token_write(struct buf *out, unsigned zone, unsigned number)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint64_t state = ((uint64_t)zone << 8 | number) + 1;
	for (int i = 0; i < ZONES_TOKEN; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		buf_byte(out, (uint8_t)letters[state >> 59]);
	}
}

void zones_domain_write(struct buf *out, unsigned zone)
{
	buf_printf(out, "d%07u.%s", zone, zones_tlds[zone % ZONES_TLDS]);
}

static void text_copy(char out[80], const struct buf *text)
{
	memcpy(out, buf_cstr(text), text->len + 1);
}

static void dkim_get(unsigned zone, unsigned number, struct zones_record *out)
{
	auto_buf struct buf b;
	buf_init(&b, sizeof(out->name) - 1);
	*out = (struct zones_record){ "dkim", "CNAME", TYPE_CNAME, "", "" };
	token_write(&b, zone, number);
	buf_text(&b, "." ZONES_DKIM_ZONE);
	text_copy(out->value, &b);
	buf_cut(&b, ZONES_TOKEN);
	buf_text(&b, "._domainkey.");
	zones_domain_write(&b, zone);
	text_copy(out->name, &b);
}

void zones_record_get(unsigned zone, unsigned number, struct zones_record *out)
{
	static const struct {
		const char *purpose, *type;
		uint16_t type_number;
		const char *front, *value;
	} others[ZONES_RECORDS - ZONES_DKIM] = {
		{ "mail_from", "MX", TYPE_MX, "bounce.", ZONES_FEEDBACK },
		{ "mail_from", "TXT", TYPE_TXT, "bounce.", ZONES_MAIL_FROM },
		{ "dmarc", "TXT", TYPE_TXT, "_dmarc.", ZONES_POLICY },
	};
	auto_buf struct buf b;
	buf_init(&b, sizeof(out->name) - 1);
	if (number < ZONES_DKIM) {
		dkim_get(zone, number, out);
		return;
	}
	number -= ZONES_DKIM;
	*out = (struct zones_record){ others[number].purpose, others[number].type,
				      others[number].type_number, "", "" };
	buf_text(&b, others[number].value);
	text_copy(out->value, &b);
	buf_clear(&b);
	buf_text(&b, others[number].front);
	zones_domain_write(&b, zone);
	text_copy(out->name, &b);
}

static void name_write(struct buf *out, struct str name)
{
	struct str label;
	while (str_split(&name, '.', &label)) {
		buf_byte(out, (uint8_t)label.len);
		buf_str(out, label);
	}
	buf_byte(out, 0);
}

void zones_question_write(struct buf *out, const char *name, uint16_t type)
{
	/* RFC 6891 section 6.1.2; RFC 7873 section 4.1: a client cookie alone. */
	static const uint8_t options[] = { 0, 0, TYPE_OPT, 0x04, 0xD0, 0, 0, 0,
					   0, 0, 12,       0,    10,   0, 8, 1,
					   2, 3, 4,        5,    6,    7, 8 };
	buf_add(out, "\0\0\0\0\0\1\0\0\0\0\0\1", 12);
	name_write(out, str_from(name));
	buf_u16(out, type);
	buf_u16(out, CLASS_IN);
	buf_add(out, options, sizeof(options));
}

struct sockaddr_in zones_hoster(unsigned n)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(53),
		.sin_addr.s_addr = htonl(ZONES_HOSTER_ADDRESS + n),
	};
}
