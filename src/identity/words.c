/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for statuses, aspects, purposes, errors and events, and back. */
#include "identity/identity.h"

static const char *const status_names[] = {
	[STATUS_NOT_STARTED] = "NOT_STARTED",
	[STATUS_PENDING] = "PENDING",
	[STATUS_SUCCESS] = "SUCCESS",
	[STATUS_FAILED] = "FAILED",
	[STATUS_TEMPORARY_FAILURE] = "TEMPORARY_FAILURE",
};

static const char *const error_names[] = {
	[LOOK_ERROR_NONE] = "",
	[LOOK_ERROR_SERVICE_ERROR] = "SERVICE_ERROR",
	[LOOK_ERROR_DNS_SERVER_ERROR] = "DNS_SERVER_ERROR",
	[LOOK_ERROR_HOST_NOT_FOUND] = "HOST_NOT_FOUND",
	[LOOK_ERROR_TYPE_NOT_FOUND] = "TYPE_NOT_FOUND",
	[LOOK_ERROR_INVALID_VALUE] = "INVALID_VALUE",
};

static const char *const aspect_names[ASPECT_COUNT] = {
	[ASPECT_DKIM] = "dkim",
	[ASPECT_MAIL_FROM] = "mail_from",
	[ASPECT_OWNERSHIP] = "ownership",
};

static const char *const event_names[] = {
	[EVENT_CREATED] = "identity.created",
	[EVENT_STATUS_CHANGED] = "identity.status_changed",
	[EVENT_RESUBMITTED] = "identity.resubmitted",
	[EVENT_DELETED] = "identity.deleted",
};

struct reason_words {
	const char *name;
	const char *text;
};

static const struct reason_words reasons[] = {
	[LOOK_REASON_NONE] = { "", "" },
	[LOOK_REASON_NEW] = { "new", LANG_MARK("It is new.") },
	[LOOK_REASON_YOUNG] = { "young", LANG_MARK("The search has just begun: it is "
						   "looked at every few seconds.") },
	[LOOK_REASON_SEARCH] = { "search",
				 LANG_MARK("The search goes on, less and less often.") },
	[LOOK_REASON_STEADY] = { "steady", LANG_MARK("It is verified: it is looked at "
						     "again once in a while.") },
	[LOOK_REASON_CONFIRM] = { "confirm", LANG_MARK("The last look missed a record: "
						       "that is to be confirmed.") },
	[LOOK_REASON_LOST] = { "lost", LANG_MARK("A record was lost: it is looked for "
						 "until the grace ends.") },
	[LOOK_REASON_FAILED] = { "failed", LANG_MARK("The search failed: it is looked at "
						     "ever more rarely.") },
	[LOOK_REASON_RETRY] = { "retry", LANG_MARK("The last look could not ask.") },
	[LOOK_REASON_TTL] = { "ttl", LANG_MARK("What a cache remembers runs out then.") },
	[LOOK_REASON_CHANGED] = { "changed", LANG_MARK("The zone was changed.") },
	[LOOK_REASON_ASKED] = { "asked", LANG_MARK("Somebody asked for a check.") },
	[LOOK_REASON_RESUBMITTED] = { "resubmitted", LANG_MARK("It was resubmitted.") },
	[LOOK_REASON_WATCHED] = { "watched", LANG_MARK("Its page is open.") },
	[LOOK_REASON_CATCH_UP] = { "catch_up",
				   LANG_MARK("Many were due at once: they are spread.") },
};

static const char *const purpose_names[] = {
	[PURPOSE_DKIM] = "dkim",
	[PURPOSE_MAIL_FROM] = "mail_from",
	[PURPOSE_SPF] = "spf",
	[PURPOSE_DMARC] = "dmarc",
	[PURPOSE_OWNERSHIP] = "ownership",
	[PURPOSE_OTHER] = "other",
};

static const char *const purpose_titles[] = {
	[PURPOSE_DKIM] = "DKIM",
	[PURPOSE_MAIL_FROM] = "MAIL FROM",
	[PURPOSE_SPF] = "SPF",
	[PURPOSE_DMARC] = "DMARC",
	[PURPOSE_OWNERSHIP] = LANG_MARK("ownership"),
	[PURPOSE_OTHER] = LANG_MARK("mail"),
};

const char *status_name(enum status s)
{
	return status_names[s];
}

bool status_parse(struct str text, enum status *out)
{
	for (size_t i = 0; i < ARRAY_LEN(status_names); i++) {
		if (str_is(text, status_names[i])) {
			*out = (enum status)i;
			return true;
		}
	}
	return false;
}

const char *look_error_name(enum look_error e)
{
	return error_names[e];
}

const char *look_reason_name(enum look_reason r)
{
	return reasons[r].name;
}

const char *look_reason_text(enum look_reason r)
{
	return reasons[r].text;
}

const char *aspect_name(enum aspect a)
{
	return a < ASPECT_COUNT ? aspect_names[a] : "";
}

const char *identity_event_name(enum identity_event_kind k)
{
	return event_names[k];
}

const char *purpose_name(enum purpose p)
{
	return purpose_names[p];
}

const char *purpose_title(enum purpose p)
{
	return purpose_titles[p];
}
