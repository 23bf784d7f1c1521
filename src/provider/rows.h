/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables that table.py makes of data/providers and data/proxies. Private to
 * provider. */
#ifndef PROVIDER_ROWS_H
#define PROVIDER_ROWS_H

#include "provider/provider.h"

/* Of a name server's name, labels matched from the end: '#' one digit or more, '?' one
 * character, '*' any within the label; '*' as the whole first label is one label or more.
 */
struct server_pattern {
	struct str text; /* lower case */
	size_t row;      /* in provider_rows */
	enum fact fact;
	bool is_shared; /* others use such names too */
};

struct proxy_range {
	struct str name;
	uint8_t family; /* 4, 6 */
	uint8_t prefix; /* bits */
	uint8_t bytes[16];
	enum fact fact;
};

extern const struct provider provider_rows[];
extern const size_t provider_row_count;
extern const struct server_pattern server_patterns[];
extern const size_t server_pattern_count;
extern const struct proxy_range proxy_ranges[];
extern const size_t proxy_range_count;

#endif
