/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keeps a call within struct http_egress. Private to http. */
#ifndef HTTP_EGRESS_H
#define HTTP_EGRESS_H

#include "http/http.h"
#include "http/libcurl_functions.h"

struct egress_check {
	const struct http_egress *egress;
	bool is_refused; /* an address was */
};

/* check must live as long as the handle is used. */
void egress_set(CURL *curl, struct egress_check *check);

#endif
