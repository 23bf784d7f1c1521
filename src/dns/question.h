/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked: a name and a type, always class IN. */
#ifndef DNS_QUESTION_H
#define DNS_QUESTION_H

#include "dns/name.h"

struct question {
	struct dns_name name;
	uint16_t type;
};

#endif
