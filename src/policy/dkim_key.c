/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DKIM key records (RFC 6376 section 3.6.1, RFC 8301, RFC 8463). */
#include "policy/der.h"
#include "policy/policy.h"

enum {
	KEY_MAX = 16 * 1024,
	ED25519_LEN = 32,
	RSA_BITS_MIN = 1024,
	RSA_BITS_GOOD = 2048,
	SHOWN_MAX = 40,
};

/* A record while it is read. */
struct reading {
	struct str txt;
	struct policy_tag *tags;
	size_t count;
	struct dkim_problem problem;
	struct err *e;
};

static const struct policy_tag *find(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++) {
		if (str_is(r->tags[i].name, name))
			return &r->tags[i];
	}
	return NULL;
}

static struct str value_of(const struct reading *r, const char *name)
{
	const struct policy_tag *tag = find(r, name);
	return tag ? tag->value : STR_EMPTY;
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

/* `where` is a part of the text. */
static bool fail(struct reading *r, enum dkim_fault fault, struct str where,
		 const char *text)
{
	size_t at = (size_t)(where.data - r->txt.data);
	auto_buf struct buf shown;

	buf_init(&shown, 512);
	escape_visible(&shown, where, SHOWN_MAX);
	r->problem.fault = fault;
	r->problem.at = at;
	return err_set(r->e, ERR_USAGE, LANG_MARK("%s at character %zu ('%s')"),
		       lang_text(r->e->lang, text), at + 1, buf_cstr(&shown));
}

static bool check_use(struct reading *r)
{
	const struct policy_tag *version = find(r, "v");
	const struct policy_tag *service = find(r, "s");
	const struct policy_tag *hash = find(r, "h");

	if (version && !str_is(version->value, "DKIM1"))
		return fail(r, DKIM_FAULT_VERSION, version->value,
			    LANG_MARK("v= is not DKIM1"));
	/* RFC 6376 section 3.6.1: v= MUST be the first tag. */
	if (version && version != &r->tags[0])
		return fail(r, DKIM_FAULT_VERSION, version->name,
			    LANG_MARK("v= does not stand in front"));
	if (service && !has_item(service->value, "*") &&
	    !has_item(service->value, "email"))
		return fail(r, DKIM_FAULT_USE, service->value,
			    LANG_MARK("s= says that the key is not for mail"));
	/* RFC 8301 section 3.1: rsa-sha1 MUST NOT be used. */
	if (hash && !has_item(hash->value, "sha256"))
		return fail(r, DKIM_FAULT_USE, hash->value,
			    LANG_MARK("h= does not allow sha256"));
	return true;
}

/* The octet of the text that holds the nth base64 character of p=. */
static struct str symbol_at(struct str p, size_t nth)
{
	for (size_t i = 0; i < p.len; i++) {
		if (ascii_is_blank((unsigned char)p.data[i]))
			continue;
		if (nth-- == 0)
			return str_sub(p, i, p.len);
	}
	return str_sub(p, p.len, 0);
}

static struct str find_no_base64(struct str p)
{
	struct cursor c = cursor_over(p);

	cursor_while(&c, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			 "+/ \t\r\n");
	size_t at = p.len - cursor_left(&c);
	/* Only padding is wrong, in number or in place. */
	return str_sub(p, at < p.len ? at : 0, p.len);
}

/* Decodes as much as there is of base64 whose end is missing. */
static bool decode_cut(struct buf *out, struct str p)
{
	size_t symbols = 0;

	for (size_t i = 0; i < p.len; i++)
		symbols += !ascii_is_blank((unsigned char)p.data[i]);
	if (symbols % 4 != 1)
		return false;
	struct str rest = symbol_at(p, symbols - 1);
	return base64_parse(out, str_sub(p, 0, p.len - rest.len)) && !out->failed;
}

static bool check_rsa(struct reading *r, struct str p, bool is_cut,
		      struct policy_dkim_key *out)
{
	struct der_rsa rsa;

	switch (der_rsa_read(out->public_key, &rsa)) {
	case DER_KEY:
		break;
	case DER_SHORT:
		r->problem.missing = (rsa.missing * 4 + 2) / 3;
		return fail(r, DKIM_FAULT_SHORT, str_sub(p, p.len, 0),
			    LANG_MARK("the key in p= ends too early"));
	case DER_OTHER:
		if (out->public_key.len == ED25519_LEN)
			return fail(r, DKIM_FAULT_USE, p,
				    LANG_MARK("p= is as long as an Ed25519 key, and k= "
					      "says rsa"));
		return fail(r, DKIM_FAULT_KEY, symbol_at(p, rsa.at * 4 / 3),
			    LANG_MARK("p= does not hold an RSA key"));
	}
	if (is_cut)
		return fail(r, DKIM_FAULT_BASE64, symbol_at(p, 0),
			    LANG_MARK("p= is not base64 of a whole key"));
	bool is_odd = rsa.exponent.data[rsa.exponent.len - 1] & 1 &&
		      rsa.modulus.data[rsa.modulus.len - 1] & 1;
	bool is_one = rsa.exponent.len == 1 && rsa.exponent.data[0] == 1;
	out->modulus = rsa.modulus;
	out->exponent = rsa.exponent;
	out->bits = rsa.bits;
	/* RFC 8301 section 3.2. */
	if (rsa.bits < RSA_BITS_MIN || !is_odd || is_one)
		out->strength = DKIM_UNUSABLE;
	else if (rsa.bits < RSA_BITS_GOOD)
		out->strength = DKIM_WEAK;
	return true;
}

/* RFC 8463 section 4: the 32 octets and nothing around them. */
static bool check_ed25519(struct reading *r, struct str p, struct policy_dkim_key *out)
{
	struct der_rsa rsa;

	if (der_rsa_read(out->public_key, &rsa) == DER_KEY)
		return fail(r, DKIM_FAULT_USE, value_of(r, "k"),
			    LANG_MARK("k= says ed25519, and p= holds an RSA key"));
	if (out->public_key.len > ED25519_LEN)
		return fail(
			r, DKIM_FAULT_KEY, p,
			LANG_MARK("p= does not hold the 32 octets of an Ed25519 key"));
	if (out->public_key.len == ED25519_LEN)
		return true;
	r->problem.missing = ((ED25519_LEN - out->public_key.len) * 4 + 2) / 3;
	return fail(r, DKIM_FAULT_SHORT, str_sub(p, p.len, 0),
		    LANG_MARK("the key in p= ends too early"));
}

static bool check_key(struct reading *r, struct arena *a, struct policy_dkim_key *out)
{
	struct str p = value_of(r, "p");
	bool is_cut = false;
	auto_buf struct buf key;

	buf_init(&key, KEY_MAX);
	if (!base64_parse(&key, p) || key.failed) {
		is_cut = decode_cut(&key, p);
		if (!is_cut)
			return fail(r, DKIM_FAULT_BASE64, find_no_base64(p),
				    LANG_MARK("p= is not base64"));
	}
	out->public_key = arena_str(a, buf_view(&key));
	/* RFC 6376 section 3.6.1: an empty value means that the key was revoked. */
	if (out->public_key.len == 0 && !is_cut)
		return true;
	if (out->kind == DKIM_RSA)
		return check_rsa(r, p, is_cut, out);
	if (is_cut)
		return fail(r, DKIM_FAULT_BASE64, p,
			    LANG_MARK("p= is not base64 of a whole key"));
	return out->kind == DKIM_OTHER || check_ed25519(r, p, out);
}

/* RFC 6376 section 2.8: a line break is folding white space only as CRLF with a blank
 * behind it. */
static bool has_breaks(struct str p)
{
	for (size_t i = 0; i < p.len; i++) {
		struct str three = str_sub(p, i, 3);

		if (p.data[i] != '\r' && p.data[i] != '\n')
			continue;
		if (!str_is(three, "\r\n ") && !str_is(three, "\r\n\t"))
			return true;
		i += 2;
	}
	return false;
}

static enum dkim_kind kind_of(struct str key_type)
{
	if (str_is(key_type, "rsa"))
		return DKIM_RSA;
	return str_is(key_type, "ed25519") ? DKIM_ED25519 : DKIM_OTHER;
}

static bool read_record(struct reading *r, struct arena *a, struct policy_dkim_key *out)
{
	struct str wrong;

	if (!policy_tags_read(a, r->txt, &r->tags, &r->count, &wrong))
		return fail(r, DKIM_FAULT_SYNTAX, wrong,
			    LANG_MARK("it is not a list of tag=value with semicolons"));
	const struct policy_tag *p = find(r, "p");
	const struct policy_tag *type = find(r, "k");
	const struct policy_tag *version = find(r, "v");
	if (!p && version && !str_is(version->value, "DKIM1"))
		return fail(r, DKIM_FAULT_VERSION, version->value,
			    LANG_MARK("v= is not DKIM1"));
	if (!p)
		return fail(r, DKIM_FAULT_NO_KEY, str_sub(r->txt, r->txt.len, 0),
			    LANG_MARK("there is no p= with the key"));
	if (!check_use(r))
		return false;
	*out = (struct policy_dkim_key){
		.key_type = type ? type->value : STR("rsa"),
		.hashes = value_of(r, "h"),
		.services = value_of(r, "s"),
		.flags = value_of(r, "t"),
		.notes = value_of(r, "n"),
		.has_breaks = has_breaks(p->value),
	};
	out->kind = kind_of(out->key_type);
	out->testing = has_item(out->flags, "y");
	out->strict = has_item(out->flags, "s");
	/* RFC 6376 section 3.6.1: unrecognised key types MUST be ignored. */
	if (out->kind == DKIM_OTHER)
		return fail(r, DKIM_FAULT_USE, type->value,
			    LANG_MARK("k= names a kind of key that is not known"));
	return check_key(r, a, out);
}

bool policy_dkim_key_read(struct arena *a, struct str txt, struct policy_dkim_key *out,
			  struct dkim_problem *problem_out, struct err *e)
{
	struct reading r = { .txt = txt, .e = e };
	struct policy_dkim_key key;
	bool ok = read_record(&r, a, &key);

	if (problem_out)
		*problem_out = r.problem;
	if (ok)
		*out = key;
	return ok;
}

bool policy_dkim_key_parse(struct arena *a, struct str txt, struct policy_dkim_key *out,
			   struct err *e)
{
	return policy_dkim_key_read(a, txt, out, NULL, e);
}

bool policy_dkim_key_equal(const struct policy_dkim_key *a,
			   const struct policy_dkim_key *b)
{
	if (a->kind != b->kind)
		return false;
	/* The same RSA key may be written with its algorithm around it, or bare. */
	if (a->kind == DKIM_RSA && a->bits > 0 && b->bits > 0)
		return str_equal(a->modulus, b->modulus) &&
		       str_equal(a->exponent, b->exponent);
	return str_equal(a->public_key, b->public_key);
}

bool policy_dkim_is_meant(struct str txt)
{
	struct cursor c = cursor_over(txt);

	cursor_while(&c, "\"\\' \t");
	struct str name = cursor_while(&c, "vV");
	cursor_while(&c, " \t");
	if (name.len != 1 || !cursor_accept(&c, '='))
		return false;
	cursor_while(&c, " \t\"");
	return cursor_left(&c) >= 4 && str_equal_nocase(cursor_bytes(&c, 4), STR("DKIM"));
}

bool policy_dkim_is_taken(struct arena *a, struct str txt)
{
	struct reading r = { .txt = txt };
	struct str wrong;

	if (!policy_tags_read(a, txt, &r.tags, &r.count, &wrong))
		return false;
	const struct policy_tag *version = find(&r, "v");
	return find(&r, "p") && (!version || str_is(version->value, "DKIM1"));
}

void policy_dkim_key_write(struct buf *out, struct str public_der)
{
	buf_text(out, "v=DKIM1; k=rsa; p=");
	base64_write(out, public_der);
}
