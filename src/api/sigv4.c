/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signature Version 4:
 *
 *   1 canonical request: method, URI, query, signed headers and their names, body's hash
 *   2 string to sign: algorithm, time, scope, hash of 1
 *   3 key: HMAC chain over "AWS4" secret, date, region, service, "aws4_request"
 *   4 signature: HMAC of 2 with 3, in hex
 */
#include "api/sigv4.h"

#include <stdlib.h>

#include "crypto/crypto.h"

enum {
	CANONICAL_MAX = 1024 * 1024,
	PAIRS_MAX = 100,
	SIGNED_HEADERS_MAX = 50,
};

static bool refuse(struct sigv4_refusal *r, const char *type, struct str message)
{
	*r = (struct sigv4_refusal){ type, message };
	return false;
}

static bool refuse_signature(struct sigv4_refusal *r, struct str message)
{
	return refuse(r, "InvalidSignatureException", message);
}

/* --- reading --- */

/* "AK/20260102/us-east-1/ses/aws4_request" */
static bool credential_read(struct str credential, struct sigv4 *out)
{
	struct str rest = credential;
	struct str terminator;
	struct str more;
	return str_split(&rest, '/', &out->access_key_id) &&
	       str_split(&rest, '/', &out->date) && str_split(&rest, '/', &out->region) &&
	       str_split(&rest, '/', &out->service) &&
	       str_split(&rest, '/', &terminator) && !str_split(&rest, '/', &more) &&
	       str_is(terminator, "aws4_request") && out->access_key_id.len > 0;
}

static bool parameters_read(struct str header, struct sigv4 *out)
{
	bool has_credential = false;
	struct str rest = header;
	struct str part;
	while (str_split(&rest, ',', &part)) {
		part = str_trim(part);
		size_t equals = str_find_byte(part, '=');
		struct str name = str_sub(part, 0, equals);
		struct str value = str_sub(part, equals + 1, part.len);
		if (str_is(name, "Credential"))
			has_credential = credential_read(value, out);
		else if (str_is(name, "SignedHeaders"))
			out->signed_headers = value;
		else if (str_is(name, "Signature"))
			out->signature = value;
	}
	return has_credential && out->signed_headers.len > 0 && out->signature.len > 0;
}

static bool date_read(const struct http_request *r, struct sigv4 *out)
{
	out->stamp = http_header_find(r, "x-amz-date");
	return out->stamp.data && str_find_byte(out->stamp, '-') == out->stamp.len &&
	       clock_parse(out->stamp, &out->at_s) &&
	       str_equal(str_sub(out->stamp, 0, 8), out->date);
}

bool sigv4_read(const struct http_request *r, struct sigv4 *out,
		struct sigv4_refusal *refusal)
{
	static const char algorithm[] = "AWS4-HMAC-SHA256 ";
	struct str header = http_header_find(r, "authorization");
	struct sigv4 s = { .at_s = 0 };
	if (!header.data)
		return refuse(refusal, "MissingAuthenticationTokenException",
			      STR("Missing Authentication Token"));
	if (!str_starts(header, str_from(algorithm)) ||
	    !parameters_read(str_sub(header, sizeof(algorithm) - 1, header.len), &s))
		return refuse(refusal, "IncompleteSignatureException",
			      STR("Authorization header requires 'Credential', "
				  "'SignedHeaders' and 'Signature' parameters."));
	if (!date_read(r, &s))
		return refuse(refusal, "IncompleteSignatureException",
			      STR("Authorization header requires existence of a valid "
				  "'X-Amz-Date' header that agrees with the credential's "
				  "scope."));
	*out = s;
	return true;
}

/* --- the canonical request --- */

/* The wire path without empty and dot segments, each segment encoded once more. */
static void path_write(struct buf *out, struct str path)
{
	size_t base = out->len;
	size_t starts[64];
	size_t depth = 0;
	struct str rest = path;
	struct str segment;
	while (str_split(&rest, '/', &segment)) {
		if (segment.len == 0 || str_is(segment, "."))
			continue;
		if (str_is(segment, "..")) {
			if (depth > 0)
				buf_cut(out, starts[--depth]);
			continue;
		}
		if (depth == ARRAY_LEN(starts)) {
			out->failed = true;
			return;
		}
		starts[depth++] = out->len;
		buf_byte(out, '/');
		percent_write(out, segment);
	}
	if (out->len == base || str_ends(path, STR("/")))
		buf_byte(out, '/');
}

struct pair {
	struct str name;
	struct str value;
};

static int pair_compare(const void *a, const void *b)
{
	const struct pair *x = a;
	const struct pair *y = b;
	int by_name = str_compare(x->name, y->name);
	return by_name ? by_name : str_compare(x->value, y->value);
}

/* Decoded and encoded again, so that every client's spelling gives the same. */
static struct str recode(struct arena *a, struct str wire)
{
	auto_buf struct buf plain;
	auto_buf struct buf coded;
	buf_init(&plain, wire.len + 1);
	buf_init(&coded, wire.len * 3 + 1);
	if (!percent_parse(&plain, wire))
		return wire; /* then the signature cannot match */
	percent_write(&coded, buf_view(&plain));
	return arena_str(a, buf_view(&coded));
}

static void query_write(struct buf *out, struct arena *a, struct str query)
{
	struct pair pairs[PAIRS_MAX];
	size_t count = 0;
	struct str rest = query;
	struct str part;
	while (str_split(&rest, '&', &part)) {
		size_t equals = str_find_byte(part, '=');
		if (part.len == 0)
			continue;
		if (count == PAIRS_MAX) {
			out->failed = true;
			return;
		}
		pairs[count++] =
			(struct pair){ recode(a, str_sub(part, 0, equals)),
				       recode(a, str_sub(part, equals + 1, part.len)) };
	}
	if (count > 0)
		qsort(pairs, count, sizeof(pairs[0]), pair_compare);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%.*s=%.*s", i ? "&" : "", STR_ARG(pairs[i].name),
			   STR_ARG(pairs[i].value));
}

/* Trimmed, runs of blanks to one. */
static void header_value_write(struct buf *out, struct str value)
{
	bool blank = false;
	value = str_trim(value);
	for (size_t i = 0; i < value.len; i++) {
		bool is_blank = value.data[i] == ' ';
		if (!is_blank || !blank)
			buf_byte(out, (uint8_t)value.data[i]);
		blank = is_blank;
	}
}

/* All fields of that name, joined by commas. false if there is none. */
static bool header_write(struct buf *out, const struct http_request *r, struct str name)
{
	bool found = false;
	buf_printf(out, "%.*s:", STR_ARG(name));
	for (size_t i = 0; i < r->header_count; i++) {
		if (!str_equal_nocase(r->headers[i].name, name))
			continue;
		if (found)
			buf_byte(out, ',');
		header_value_write(out, r->headers[i].value);
		found = true;
	}
	buf_byte(out, '\n');
	return found;
}

static void hash_write(struct buf *out, struct str data)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	crypto_sha256(data, digest);
	hex_write(out, str_of(digest, sizeof(digest)));
}

void sigv4_write_canonical(struct buf *out, const struct http_request *r,
			   const struct sigv4 *s)
{
	buf_printf(out, "%.*s\n", STR_ARG(r->method));
	path_write(out, r->path);
	buf_byte(out, '\n');
	query_write(out, r->arena, r->query);
	buf_byte(out, '\n');
	struct str rest = s->signed_headers;
	struct str name;
	for (size_t n = 0; str_split(&rest, ';', &name); n++)
		if (n == SIGNED_HEADERS_MAX || !header_write(out, r, name))
			out->failed = true;
	buf_printf(out, "\n%.*s\n", STR_ARG(s->signed_headers));
	hash_write(out, r->body);
}

/* --- verifying --- */

static bool signs_header(const struct sigv4 *s, const char *wanted)
{
	struct str rest = s->signed_headers;
	struct str name;
	while (str_split(&rest, ';', &name))
		if (str_is(name, wanted))
			return true;
	return false;
}

static bool scope_is_ours(struct arena *a, const struct sigv4 *s, struct str region,
			  struct sigv4_refusal *refusal)
{
	if (!str_is(s->service, "ses"))
		return refuse_signature(
			refusal,
			STR("Credential should be scoped to correct service: 'ses'."));
	if (str_equal(s->region, region))
		return true;
	auto_buf struct buf shown;
	buf_init(&shown, 1024);
	escape_visible(&shown, s->region, 64);
	return refuse_signature(
		refusal,
		str_from(arena_printf(
			a, "Credential should be scoped to a valid region, not '%s'.",
			buf_cstr(&shown))));
}

/* "Signature expired: T is now earlier than LIMIT (NOW - 5 min.)" */
static bool refuse_time(struct arena *a, const struct sigv4 *s,
			const struct sigv4_check *check, struct sigv4_refusal *refusal)
{
	int64_t now_s = check->now_s;
	int64_t skew_s = check->skew_s;
	bool expired = s->at_s < now_s;
	auto_buf struct buf text;
	buf_init(&text, 1024);
	buf_printf(&text, "%s: %.*s is %s ",
		   expired ? "Signature expired" : "Signature not yet current",
		   STR_ARG(s->stamp), expired ? "now earlier than" : "still later than");
	clock_write_basic(&text, expired ? now_s - skew_s : now_s + skew_s);
	buf_text(&text, " (");
	clock_write_basic(&text, now_s);
	buf_printf(&text, " %c %lld min.)", expired ? '-' : '+',
		   (long long)(skew_s / 60));
	return refuse_signature(refusal, arena_str(a, buf_view(&text)));
}

static void signing_key(struct str secret, const struct sigv4 *s,
			uint8_t key[CRYPTO_SHA256_LEN])
{
	const struct str steps[] = { s->date, s->region, s->service,
				     STR("aws4_request") };
	struct buf first;
	buf_init(&first, secret.len + 8);
	buf_text(&first, "AWS4");
	buf_str(&first, secret);
	struct str with = buf_view(&first);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		uint8_t next[CRYPTO_SHA256_LEN];
		crypto_hmac_sha256(with, steps[i], next);
		memcpy(key, next, sizeof(next));
		crypto_wipe(next, sizeof(next));
		with = str_of(key, CRYPTO_SHA256_LEN);
	}
	buf_done_secret(&first);
}

/* The signature that the request should carry, in hex. false: it cannot be computed. */
static bool signature_write(struct buf *out, const struct http_request *r,
			    const struct sigv4 *s, struct str secret)
{
	auto_buf struct buf canonical;
	auto_buf struct buf to_sign;
	uint8_t key[CRYPTO_SHA256_LEN];
	uint8_t signature[CRYPTO_SHA256_LEN];
	buf_init(&canonical, CANONICAL_MAX);
	buf_init(&to_sign, CANONICAL_MAX);
	sigv4_write_canonical(&canonical, r, s);
	buf_printf(&to_sign, "AWS4-HMAC-SHA256\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n",
		   STR_ARG(s->stamp), STR_ARG(s->date), STR_ARG(s->region),
		   STR_ARG(s->service));
	hash_write(&to_sign, buf_view(&canonical));
	signing_key(secret, s, key);
	crypto_hmac_sha256(str_of(key, sizeof(key)), buf_view(&to_sign), signature);
	crypto_wipe(key, sizeof(key));
	hex_write(out, str_of(signature, sizeof(signature)));
	return !canonical.failed && !to_sign.failed;
}

/* X-Amz-Content-Sha256, where sent, must be the body's. */
static bool body_is_as_declared(const struct http_request *r)
{
	struct str declared = http_header_find(r, "x-amz-content-sha256");
	if (!declared.data)
		return true;
	auto_buf struct buf actual;
	buf_init(&actual, 256);
	hash_write(&actual, r->body);
	return str_equal(declared, buf_view(&actual));
}

bool sigv4_verify(const struct http_request *r, const struct sigv4 *s,
		  const struct sigv4_check *check, struct sigv4_refusal *refusal)
{
	static const char mismatch[] =
		"The request signature we calculated does not match the signature you "
		"provided. Check your AWS Secret Access Key and signing method. Consult "
		"the service documentation for details.";
	auto_buf struct buf expected;
	buf_init(&expected, 256);
	if (!scope_is_ours(r->arena, s, check->region, refusal))
		return false;
	bool right = signature_write(&expected, r, s, check->secret) &&
		     body_is_as_declared(r) && signs_header(s, "host") &&
		     signs_header(s, "x-amz-date") &&
		     crypto_equal(s->signature, buf_view(&expected));
	if (!right)
		return refuse_signature(refusal, str_from(mismatch));
	if (s->at_s < check->now_s - check->skew_s ||
	    s->at_s > check->now_s + check->skew_s)
		return refuse_time(r->arena, s, check, refusal);
	return true;
}
