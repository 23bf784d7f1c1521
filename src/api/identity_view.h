/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An identity as the native API shows it (doc/api.md). */
#ifndef API_IDENTITY_VIEW_H
#define API_IDENTITY_VIEW_H

#include "api/call.h"

struct identity_view {
	const struct identity_row *row;
	struct str report; /* store_report_read */
	const struct str *senders;
	size_t sender_count;
	size_t held_count; /* messages that wait for it to be verified */
	const struct expectation *expected;
	enum lang lang; /* of headline and findings */
	struct policy policy;
	bool offers_mail_from;
};

/* Reads what there is beside the row; a and row must outlive the view. */
bool identity_view_fill(struct call *c, struct arena *a, const struct identity_row *row,
			struct identity_view *out, struct err *e) must_check;

/* "idn_12" */
struct str identity_id_text(struct arena *a, int64_t id);

/* What lists show. New reference. */
json_t *identity_summary_json(const struct identity_view *v);
/* The same with records, findings and next. New reference. */
json_t *identity_whole_json(struct arena *a, const struct identity_view *v);
/* Of the whole only the member `part`, with when it was looked at. New reference. */
json_t *identity_part_json(struct arena *a, const struct identity_view *v,
			   const char *part);
/* What a link shows to anybody: nothing of the tenant, the senders, the mail. New
 * reference. */
json_t *identity_shared_json(struct arena *a, const struct identity_view *v);
/* The zone that the last look found; empty before. */
struct str identity_zone_text(struct arena *a, const struct identity_view *v);

#endif
