/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ends of mutual TLS, with nothing but buffers between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"

enum {
	DAY_S = 86400,
	BYTES_MAX = 1 << 20,
};

/* A folder with the files of one end each: NAME.pem, NAME.key. */
struct pki {
	char folder[64];
	EVP_PKEY *ca_key;
	X509 *ca;
	EVP_PKEY *other_key;
	X509 *other;
};

static struct pki pki = { .folder = "/tmp/unpend-tls-XXXXXX" };

static const char *path_of(struct arena *a, const char *name, const char *end)
{
	return arena_printf(a, "%s/%s.%s", pki.folder, name, end);
}

static void add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);

	assert_non_null(extension);
	X509_add_ext(x, extension, -1);
	X509_EXTENSION_free(extension);
}

static X509 *new_certificate(const char *name, EVP_PKEY *key, int days)
{
	X509 *x = X509_new();

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), (long)crypto_random_below(1 << 30));
	X509_gmtime_adj(X509_getm_notBefore(x), -2L * DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(x), (long)days * DAY_S);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
	return x;
}

static X509 *new_ca(const char *name, EVP_PKEY *key)
{
	X509 *x = new_certificate(name, key, 30);

	X509_set_issuer_name(x, X509_get_subject_name(x));
	add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(x, key, EVP_sha256());
	return x;
}

static void write_files(const char *name, X509 *x, EVP_PKEY *key)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 16);
	FILE *file = fopen(path_of(&a, name, "pem"), "w");

	assert_non_null(file);
	PEM_write_X509(file, x);
	fclose(file);
	file = fopen(path_of(&a, name, "key"), "w");
	assert_non_null(file);
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	chmod(path_of(&a, name, "key"), 0600);
}

/* alternative: "DNS:tokyo". Gives the key's fingerprint. */
static struct str make(struct arena *a, const char *name, const char *alternative,
		       bool by_other, int days)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *issuer = by_other ? pki.other : pki.ca;
	X509 *x = new_certificate(name, key, days);
	unsigned char *der = NULL;
	uint8_t digest[CRYPTO_SHA256_LEN];
	auto_buf struct buf text;

	buf_init(&text, 256);
	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	add_extension(x, issuer, NID_subject_alt_name, alternative);
	X509_sign(x, by_other ? pki.other_key : pki.ca_key, EVP_sha256());
	write_files(name, x, key);
	int len = i2d_PUBKEY(key, &der);
	crypto_sha256(str_of(der, (size_t)len), digest);
	buf_text(&text, "sha256:");
	hex_write(&text, str_of(digest, sizeof(digest)));
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(key);
	return arena_str(a, buf_view(&text));
}

static struct crypto_tls_context *context_of(const char *name, const char *ca,
					     bool is_server)
{
	auto_arena struct arena a;
	struct crypto_tls_context *c;
	struct err e = { 0 };

	arena_init(&a, 1 << 16);
	struct crypto_tls_files files = { .certificate = path_of(&a, name, "pem"),
					  .key = path_of(&a, name, "key"),
					  .ca = path_of(&a, ca, "pem") };
	if (!crypto_tls_context_new(&files, is_server, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

/* The two ends, and what each has heard. */
struct pair {
	struct crypto_tls_context *contexts[2]; /* client, server */
	struct crypto_tls *ends[2];
	struct buf heard[2];
	struct err errors[2];
	bool has_failed[2];
	size_t step; /* octets carried at once; 0: all */
};

static void pair_init(struct pair *p, const char *client, const char *server,
		      const struct str *wanted_server, const struct str *wanted_client)
{
	*p = (struct pair){ 0 };
	p->contexts[0] = context_of(client, "ca", false);
	p->contexts[1] = context_of(server, "ca", true);
	p->ends[0] = crypto_tls_new(p->contexts[0], wanted_server, wanted_server != NULL);
	p->ends[1] = crypto_tls_new(p->contexts[1], wanted_client, wanted_client != NULL);
	buf_init(&p->heard[0], BYTES_MAX);
	buf_init(&p->heard[1], BYTES_MAX);
}

static void pair_done(struct pair *p)
{
	for (size_t i = 0; i < 2; i++) {
		crypto_tls_free(&p->ends[i]);
		crypto_tls_context_free(&p->contexts[i]);
		buf_done(&p->heard[i]);
	}
}

/* False: there was nothing to carry. */
static bool carry(struct pair *p, size_t from)
{
	size_t to = 1 - from;
	auto_buf struct buf bytes;

	buf_init(&bytes, BYTES_MAX);
	crypto_tls_output(p->ends[from], &bytes);
	bool carried = bytes.len > 0;
	while (bytes.len > 0 && !p->has_failed[to]) {
		size_t n = p->step && p->step < bytes.len ? p->step : bytes.len;
		p->has_failed[to] =
			!crypto_tls_receive(p->ends[to], str_sub(buf_view(&bytes), 0, n),
					    &p->heard[to], &p->errors[to]);
		buf_consume(&bytes, n);
	}
	return carried;
}

static void talk(struct pair *p)
{
	while (carry(p, 0) || carry(p, 1))
		;
}

static void both_ends_open_and_hear_each_other(unused_arg void **state)
{
	struct str server = STR("tokyo");
	struct str client = STR("service.example");

	for (size_t step = 0; step < 3; step++) {
		struct pair p;
		struct err e = { 0 };
		pair_init(&p, "service", "tokyo", &server, &client);
		p.step = step;
		assert_false(crypto_tls_is_open(p.ends[0]));
		assert_false(crypto_tls_send(p.ends[0], STR("early"), &e));
		talk(&p);
		assert_true(crypto_tls_is_open(p.ends[0]));
		assert_true(crypto_tls_is_open(p.ends[1]));
		assert_true(str_is(crypto_tls_peer(p.ends[0]), "tokyo"));
		assert_true(str_is(crypto_tls_peer(p.ends[1]), "service.example"));
		assert_true(crypto_tls_send(p.ends[0], STR("question"), &e));
		assert_true(crypto_tls_send(p.ends[1], STR("answer"), &e));
		talk(&p);
		assert_true(str_is(buf_view(&p.heard[0]), "answer"));
		assert_true(str_is(buf_view(&p.heard[1]), "question"));
		crypto_tls_close(p.ends[0]);
		talk(&p);
		assert_true(crypto_tls_is_closed(p.ends[1]));
		assert_false(p.has_failed[0] || p.has_failed[1]);
		pair_done(&p);
	}
}

static void long_texts_arrive_whole(unused_arg void **state)
{
	auto_buf struct buf text;
	struct err e = { 0 };
	struct pair p;

	buf_init(&text, BYTES_MAX);
	buf_fill(&text, 'x', 300000);
	pair_init(&p, "service", "tokyo", NULL, NULL);
	p.step = 1000;
	talk(&p);
	assert_true(crypto_tls_send(p.ends[0], buf_view(&text), &e));
	talk(&p);
	assert_true(str_equal(buf_view(&p.heard[1]), buf_view(&text)));
	pair_done(&p);
}

struct refusal {
	const char *name;
	const char *client; /* files of the end that is looked at */
	const char *server;
	const char *wanted; /* of the server's names; NULL: any */
	const char *client_says;
	const char *server_says;
};

static const struct refusal refusals[] = {
	{ "a server of another CA", "service", "imposter", "tokyo",
	  "the other end's certificate: unable to get local issuer certificate",
	  "the other end does not know the CA of our certificate" },
	{ "a client of another CA", "imposter", "tokyo", NULL,
	  "the other end does not know the CA of our certificate",
	  "the other end's certificate: unable to get local issuer certificate" },
	{ "a server that has expired", "service", "old", "old",
	  "the other end's certificate: certificate has expired",
	  "the other end says that our certificate has expired" },
	{ "a server of another name", "service", "osaka", "tokyo",
	  "the other end's certificate has another name: 'osaka'",
	  "the other end does not accept our certificate, or its name" },
	{ "a wildcard is no name", "service", "wild", "tokyo.example",
	  "the other end's certificate has another name: '*.example'",
	  "the other end does not accept our certificate, or its name" },
	{ "the common name is no name", "service", "osaka", "nobody",
	  "the other end's certificate has another name: 'osaka'",
	  "the other end does not accept our certificate, or its name" },
};

static void who_is_not_wanted_is_refused_and_both_know_why(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refusal *t = &refusals[i];
		struct str wanted = str_from(t->wanted);
		struct pair p;
		pair_init(&p, t->client, t->server, t->wanted ? &wanted : NULL, NULL);
		talk(&p);
		if (strcmp(p.errors[0].text, t->client_says) != 0)
			fail_msg("%s: the client says '%s'", t->name, p.errors[0].text);
		if (strcmp(p.errors[1].text, t->server_says) != 0)
			fail_msg("%s: the server says '%s'", t->name, p.errors[1].text);
		assert_int_equal(p.errors[0].kind, ERR_DENIED);
		assert_int_equal(p.errors[1].kind, ERR_DENIED);
		assert_int_equal(p.heard[1].len, 0);
		pair_done(&p);
	}
}

struct name_case {
	const char *certificate;
	const char *wanted;
	bool is_wanted;
};

static void names_are_hosts_addresses_uris_and_keys(unused_arg void **state)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 16);
	struct str key =
		make(&a, "many", "DNS:Tokyo.example,IP:192.0.2.7,URI:urn:a", false, 30);
	const struct name_case cases[] = {
		{ "many", "tokyo.EXAMPLE", true }, { "many", "192.0.2.7", true },
		{ "many", "urn:a", true },         { "many", arena_text(&a, key), true },
		{ "many", "many", false }, /* its common name */
		{ "many", "example", false },      { "many", "192.0.2.8", false },
		{ "many", "urn:A", false },        { "many", "sha256:", false },
		{ "many", "sha256:00", false },    { "many", "", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str wanted[] = { STR("elsewhere.example"),
					str_from(cases[i].wanted) };
		struct pair p;
		pair_init(&p, "service", cases[i].certificate, NULL, NULL);
		crypto_tls_free(&p.ends[0]);
		p.ends[0] = crypto_tls_new(p.contexts[0], wanted, ARRAY_LEN(wanted));
		talk(&p);
		if (crypto_tls_is_open(p.ends[1]) != cases[i].is_wanted)
			fail_msg("'%s'", cases[i].wanted);
		pair_done(&p);
	}
}

static void a_client_without_a_certificate_is_refused(unused_arg void **state)
{
	SSL_CTX *bare = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(bare);
	BIO *in = BIO_new(BIO_s_mem());
	BIO *out = BIO_new(BIO_s_mem());
	struct crypto_tls_context *context = context_of("tokyo", "ca", true);
	struct crypto_tls *server = crypto_tls_new(context, NULL, 0);
	struct err e = { 0 };
	auto_buf struct buf heard;
	bool is_good = true;

	buf_init(&heard, BYTES_MAX);
	SSL_set_bio(ssl, in, out);
	SSL_set_connect_state(ssl);
	for (int i = 0; i < 4 && is_good; i++) {
		auto_buf struct buf bytes;
		char *data;
		buf_init(&bytes, BYTES_MAX);
		(void)SSL_do_handshake(ssl);
		long len = BIO_get_mem_data(out, &data);
		is_good =
			crypto_tls_receive(server, str_of(data, (size_t)len), &heard, &e);
		(void)BIO_reset(out);
		crypto_tls_output(server, &bytes);
		BIO_write(in, bytes.data, (int)bytes.len);
	}
	assert_false(is_good);
	assert_string_equal(e.text, "the other end shows no certificate");
	assert_false(crypto_tls_is_open(server));
	crypto_tls_free(&server);
	crypto_tls_context_free(&context);
	SSL_free(ssl);
	SSL_CTX_free(bare);
}

static void what_is_no_tls_fails_and_stays_failed(unused_arg void **state)
{
	static const char *const texts[] = {
		"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x02garbage and more of it",
		"\x17\x03\x03\x01\x01xxxxxxxxxxxxxxxxxxxxx"
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct crypto_tls_context *context = context_of("tokyo", "ca", true);
		struct crypto_tls *server = crypto_tls_new(context, NULL, 0);
		auto_buf struct buf heard;
		struct err e = { 0 };
		buf_init(&heard, BYTES_MAX);
		bool is_good = crypto_tls_receive(server, str_from(texts[i]), &heard, &e);
		for (int k = 0; k < 600 && is_good; k++)
			is_good = crypto_tls_receive(server, str_from(texts[i]), &heard,
						     &e);
		assert_false(is_good);
		assert_int_equal(e.kind, ERR_UNAVAILABLE);
		assert_false(crypto_tls_receive(server, str_from(texts[i]), &heard, &e));
		assert_false(crypto_tls_send(server, STR("x"), &e));
		assert_int_equal(heard.len, 0);
		crypto_tls_free(&server);
		crypto_tls_context_free(&context);
	}
}

static void files_that_do_not_fit_are_named(unused_arg void **state)
{
	static const struct {
		const char *certificate;
		const char *key;
		const char *ca;
		mode_t mode;
		const char *complaint;
	} cases[] = {
		{ "tokyo.pem", "tokyo.key", "none.pem", 0600, "none.pem' holds no CA" },
		{ "none.pem", "tokyo.key", "ca.pem", 0600, "none.pem' holds no cert" },
		{ "tokyo.pem", "none.key", "ca.pem", 0600, "none.key' cannot be read" },
		{ "tokyo.pem", "osaka.key", "ca.pem", 0600, "osaka.key' " },
		{ "tokyo.pem", "tokyo.key", "ca.pem", 0644, "tokyo.key' can be used by" },
		{ "tokyo.pem", "tokyo.pem", "ca.pem", 0600, "tokyo.pem' can be used by" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct crypto_tls_context *c = NULL;
		struct err e = { 0 };
		arena_init(&a, 1 << 16);
		struct crypto_tls_files files = {
			.certificate = arena_printf(&a, "%s/%s", pki.folder,
						    cases[i].certificate),
			.key = arena_printf(&a, "%s/%s", pki.folder, cases[i].key),
			.ca = arena_printf(&a, "%s/%s", pki.folder, cases[i].ca),
		};
		chmod(path_of(&a, "tokyo", "key"), cases[i].mode);
		assert_false(crypto_tls_context_new(&files, true, &c, &e));
		chmod(path_of(&a, "tokyo", "key"), 0600);
		assert_int_equal(e.kind, ERR_USAGE);
		if (!strstr(e.text, cases[i].complaint))
			fail_msg("%zu: %s", i, e.text);
	}
}

static int make_pki(unused_arg void **state)
{
	auto_arena struct arena a;

	arena_init(&a, 1 << 16);
	assert_non_null(mkdtemp(pki.folder));
	pki.ca_key = EVP_EC_gen("P-256");
	pki.other_key = EVP_EC_gen("P-256");
	pki.ca = new_ca("ca", pki.ca_key);
	pki.other = new_ca("other", pki.other_key);
	write_files("ca", pki.ca, pki.ca_key);
	make(&a, "service", "DNS:service.example", false, 30);
	make(&a, "tokyo", "DNS:tokyo", false, 30);
	make(&a, "osaka", "DNS:osaka", false, 30);
	make(&a, "wild", "DNS:*.example", false, 30);
	make(&a, "old", "DNS:old", false, -1);
	make(&a, "imposter", "DNS:tokyo", true, 30);
	return 0;
}

static int remove_pki(unused_arg void **state)
{
	static const char *const names[] = { "ca",  "service", "tokyo", "osaka",
					     "old", "wild",    "many",  "imposter" };
	auto_arena struct arena a;

	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		unlink(path_of(&a, names[i], "pem"));
		unlink(path_of(&a, names[i], "key"));
	}
	X509_free(pki.ca);
	X509_free(pki.other);
	EVP_PKEY_free(pki.ca_key);
	EVP_PKEY_free(pki.other_key);
	return rmdir(pki.folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_open_and_hear_each_other),
		cmocka_unit_test(long_texts_arrive_whole),
		cmocka_unit_test(who_is_not_wanted_is_refused_and_both_know_why),
		cmocka_unit_test(names_are_hosts_addresses_uris_and_keys),
		cmocka_unit_test(a_client_without_a_certificate_is_refused),
		cmocka_unit_test(what_is_no_tls_fails_and_stays_failed),
		cmocka_unit_test(files_that_do_not_fit_are_named),
	};
	return cmocka_run_group_tests(tests, make_pki, remove_pki);
}
