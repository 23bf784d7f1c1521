/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IANA's list of RDAP servers (RFC 9224 section 3):
 * {"services": [[["com", "net"], ["https://rdap.example/com/v1/"]], ...]} */
#include "registry/registry.h"

#include "registry/json.h"

enum {
	URL_MAX = 512
};

/* Labels of the longest entry that the domain lies in; 0: none. */
static size_t depth_of(const json_t *entries, const struct dns_name *domain)
{
	size_t deepest = 0;
	for (size_t i = 0; i < json_array_size(entries); i++) {
		struct dns_name entry;
		struct err ignored = { 0 };
		const json_t *text = json_array_get(entries, i);
		if (!json_is_string(text) ||
		    !dns_name_parse(json_text(text), &entry, &ignored) ||
		    !dns_name_within(domain, &entry))
			continue;
		if (dns_name_labels(&entry) > deepest)
			deepest = dns_name_labels(&entry);
	}
	return deepest;
}

/* RFC 9224 section 3: one URL is as good as another, https is preferred; we take no
 * other. */
static bool https_of(const json_t *urls, struct str *out)
{
	for (size_t i = 0; i < json_array_size(urls); i++) {
		const json_t *text = json_array_get(urls, i);
		if (!json_is_string(text) ||
		    !str_starts(json_text(text), STR("https://")) ||
		    json_string_length(text) > URL_MAX)
			continue;
		*out = json_text(text);
		return true;
	}
	return false;
}

bool registry_bootstrap_find(struct arena *a, struct str json,
			     const struct dns_name *domain, struct str *url_out)
{
	size_t deepest = 0;
	struct str best = STR_EMPTY;
	auto_json json_t *root = json_loadb(json.data, json.len, 0, NULL);
	const json_t *services = json_object_get(root, "services");
	for (size_t i = 0; i < json_array_size(services); i++) {
		const json_t *service = json_array_get(services, i);
		size_t depth = depth_of(json_array_get(service, 0), domain);
		if (depth > deepest && https_of(json_array_get(service, 1), &best))
			deepest = depth;
	}
	if (deepest == 0)
		return false;
	*url_out = str_from(arena_printf(a, "%.*s%s", STR_ARG(best),
					 str_ends(best, STR("/")) ? "" : "/"));
	return true;
}
