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

bool look_error_parse(struct str text, enum look_error *out)
{
	for (size_t i = 0; i < ARRAY_LEN(error_names); i++) {
		if (str_is(text, error_names[i])) {
			*out = (enum look_error)i;
			return true;
		}
	}
	return false;
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
