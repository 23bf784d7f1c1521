/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a request of SES in SES's order: JSON types first (SerializationException),
 * then constraints, all of them gathered into one text (BadRequestException). After the
 * first type error everything reads as absent, so read straight on and ask once:
 *
 *   struct ses_input in;
 *   if (!ses_input_open(&in, c)) return;              refused already
 *   struct str name = ses_input_text(&in, in.root, "EmailIdentity");
 *   ses_input_need(&in, name.data, "emailIdentity");
 *   if (!ses_input_holds(&in)) return;                refused
 *
 * Absent and null are the same: data NULL, NULL.
 */
#ifndef API_SES_INPUT_H
#define API_SES_INPUT_H

#include "api/call.h"

struct ses_input {
	struct call *call;
	json_t *root;           /* lives as long as the request */
	const char *type_error; /* the first one */
	struct buf violations;
	size_t violation_count;
};

bool ses_input_open(struct ses_input *in, struct call *c) must_check;
/* Refuses the call when something does not hold. Ends the input, either way. */
bool ses_input_holds(struct ses_input *in) must_check;

/* Borrowed from the root. */
struct str ses_input_text(struct ses_input *in, const json_t *object, const char *member);
const json_t *ses_input_object(struct ses_input *in, const json_t *object,
			       const char *member);
const json_t *ses_input_list(struct ses_input *in, const json_t *object,
			     const char *member);
/* A list's texts, in the arena. */
struct str *ses_input_texts(struct ses_input *in, const json_t *object,
			    const char *member, size_t *count_out);
/* A list's item must be an object; NULL else. */
const json_t *ses_input_item(struct ses_input *in, const json_t *list, size_t index);
/* Bytes in base64, in the arena. */
struct str ses_input_blob(struct ses_input *in, const json_t *object, const char *member);

/* path: as SES writes it, "content.simple.subject". */
void ses_input_need(struct ses_input *in, bool present, const char *path);
void ses_input_length(struct ses_input *in, struct str text, size_t max,
		      const char *path);
/* set: "[A, B]"; absent text passes. */
void ses_input_enum(struct ses_input *in, struct str text, const char *set,
		    const char *path);
void ses_input_violate(struct ses_input *in, const char *path, const char *constraint);

#endif
