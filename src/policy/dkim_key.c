/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DKIM key records (RFC 6376 section 3.6.1, RFC 8463). */
#include "policy/policy.h"

enum {
	KEY_MAX = 16 * 1024
};

static const struct policy_tag *find(const struct policy_tag *tags, size_t count,
				     const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(tags[i].name, name))
			return &tags[i];
	}
	return NULL;
}

/* One of the items between colons is `wanted`. */
static bool has_item(struct str list, const char *wanted)
{
	struct str item;

	while (str_split(&list, ':', &item)) {
		if (str_is(str_trim(item), wanted))
			return true;
	}
	return false;
}

static bool check_use(const struct policy_tag *tags, size_t count, struct err *e)
{
	const struct policy_tag *version = find(tags, count, "v");
	const struct policy_tag *service = find(tags, count, "s");
	const struct policy_tag *hash = find(tags, count, "h");

	if (version && !str_is(version->value, "DKIM1"))
		return err_set(e, ERR_USAGE, "v= is '%.*s', not 'DKIM1'",
			       STR_ARG(str_sub(version->value, 0, 40)));
	/* RFC 6376 section 3.6.1: v= MUST be the first tag. */
	if (version && version != &tags[0])
		return err_set(e, ERR_USAGE, "v= does not stand in front");
	if (service && !has_item(service->value, "*") &&
	    !has_item(service->value, "email"))
		return err_set(e, ERR_USAGE, "s= says that the key is not for mail");
	if (hash && !has_item(hash->value, "sha256"))
		return err_set(e, ERR_USAGE, "h= does not allow sha256");
	return true;
}

bool policy_dkim_key_parse(struct arena *a, struct str txt, struct policy_dkim_key *out,
			   struct err *e)
{
	struct policy_tag *tags;
	size_t count;
	auto_buf struct buf key;

	buf_init(&key, KEY_MAX);
	if (!policy_tags_parse(a, txt, &tags, &count))
		return err_set(e, ERR_USAGE,
			       "it is not a list of tag=value with semicolons");
	const struct policy_tag *p = find(tags, count, "p");
	if (!p)
		return err_set(e, ERR_USAGE, "there is no p= with the key");
	if (!check_use(tags, count, e))
		return false;
	if (!base64_parse(&key, p->value) || key.failed)
		return err_set(e, ERR_USAGE, "p= is not base64");
	const struct policy_tag *type = find(tags, count, "k");
	const struct policy_tag *flags = find(tags, count, "t");
	*out = (struct policy_dkim_key){
		.key_type = type ? type->value : STR("rsa"),
		.public_key = arena_str(a, buf_view(&key)),
		.testing = flags && has_item(flags->value, "y"),
	};
	return true;
}

void policy_dkim_key_write(struct buf *out, struct str public_der)
{
	buf_text(out, "v=DKIM1; k=rsa; p=");
	base64_write(out, public_der);
}
