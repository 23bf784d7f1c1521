/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets of aliases and hosts of MX records that are not the expected ones. Private to
 * diagnose. */
#ifndef DIAGNOSE_TARGET_H
#define DIAGNOSE_TARGET_H

#include "diagnose/case.h"

struct target {
	const struct record_case *r;
	struct dns_name wanted;
	struct dns_name seen; /* at the first server that differs */
	size_t count;         /* records of the type that it has there */
};

/* Of a CNAME or MX record that is there and wrong; false for all others. */
bool target_find(const struct diagnosis *d, const struct record_case *r,
		 struct target *out);
/* Its labels' octets with dots between, unescaped: as somebody typed it. */
struct str target_typed(struct arena *a, const struct dns_name *name);

/* What a rule says of a wrong target that it knows. */
struct target_rule {
	const char *code;
	const char *title; /* English, LANG_MARK */
	bool (*is_it)(struct diagnosis *d, const struct target *t);
	/* In the language; may give "". */
	const char *(*why)(struct diagnosis *d, const struct target *t);
	enum confidence confidence;
};
void target_judge(struct diagnosis *d, const struct target_rule *rule);

#endif
