/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names in a certificate (RFC 9525: subjectAltName only, never the common name). */
#include "crypto/peer.h"

enum {
	SHOWN_MAX = 80, /* characters */
};

static bool key_matches(X509 *certificate, struct str digits)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	auto_buf struct buf wanted;
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	buf_init(&wanted, 2 * CRYPTO_SHA256_LEN);
	if (len <= 0)
		return false;
	crypto_sha256(str_of(der, (size_t)len), digest);
	OPENSSL_free(der);
	return hex_parse(&wanted, digits) &&
	       crypto_equal(buf_view(&wanted), str_of(digest, sizeof(digest)));
}

static bool uri_matches(X509 *certificate, struct str uri)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool matches = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_URI)
			continue;
		const ASN1_IA5STRING *text = name->d.uniformResourceIdentifier;
		struct str found = str_of(ASN1_STRING_get0_data(text),
					  (size_t)ASN1_STRING_length(text));
		matches |= str_equal(found, uri);
	}
	GENERAL_NAMES_free(names);
	return matches;
}

static bool name_matches(X509 *certificate, struct str name)
{
	static const struct str key = { "sha256:", 7 };
	auto_buf struct buf text;

	buf_init(&text, 1024);
	buf_str(&text, name);
	if (text.failed || !name.len)
		return false;
	if (str_starts(name, key))
		return key_matches(certificate, str_sub(name, key.len, name.len));
	return uri_matches(certificate, name) ||
	       X509_check_ip_asc(certificate, buf_cstr(&text), 0) == 1 ||
	       X509_check_host(certificate, name.data, name.len,
			       X509_CHECK_FLAG_NO_WILDCARDS |
				       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
			       NULL) == 1;
}

/* The first name that is text: foreign bytes, though of our CA. */
static void write_first_name(X509 *certificate, struct buf *out)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !out->len; i++) {
		int type;
		const ASN1_STRING *text =
			GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
		if (type == GEN_DNS || type == GEN_URI)
			escape_visible(out,
				       str_of(ASN1_STRING_get0_data(text),
					      (size_t)ASN1_STRING_length(text)),
				       SHOWN_MAX);
	}
	GENERAL_NAMES_free(names);
}

bool peer_is_wanted(X509 *certificate, const struct str *names, size_t count,
		    struct buf *shown_out)
{
	buf_clear(shown_out);
	for (size_t i = 0; i < count; i++)
		if (name_matches(certificate, names[i])) {
			escape_visible(shown_out, names[i], SHOWN_MAX);
			return true;
		}
	write_first_name(certificate, shown_out);
	return count == 0;
}
