/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenSSL between two memory BIOs. */
#include "crypto/tls.h"

#include "crypto/libcrypto_functions.h"
#include "crypto/libssl_functions.h"
#include "crypto/must.h"
#include "crypto/peer.h"

enum {
	PEER_MAX = 512,
	CHAIN_MAX = 4, /* certificates between the peer's and the CA */
};

struct crypto_tls_context {
	SSL_CTX *ssl;
	bool is_server;
};

struct crypto_tls {
	SSL *ssl;
	BIO *in; /* owned by ssl */
	BIO *out;
	const struct str *names;
	size_t name_count;
	bool is_unwanted; /* its certificate is good, but has none of the names */
	bool is_open;
	bool is_closed;
	bool has_failed;
	struct buf peer;
};

/* The context */

static bool file_refuse(const char *path, const char *what, struct err *e)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	err_set(e, ERR_USAGE, "'%s' %s: %s", path, what, why ? why : "it cannot be read");
	ERR_clear_error();
	return false;
}

static bool files_load(SSL_CTX *ssl, const struct crypto_tls_files *f, struct err *e)
{
	ERR_clear_error();
	if (SSL_CTX_load_verify_file(ssl, f->ca) != 1)
		return file_refuse(f->ca, "holds no CA certificate", e);
	if (SSL_CTX_use_certificate_chain_file(ssl, f->certificate) != 1)
		return file_refuse(f->certificate, "holds no certificate", e);
	if (!crypto_key_file_check(f->key, e))
		return false;
	if (SSL_CTX_use_PrivateKey_file(ssl, f->key, SSL_FILETYPE_PEM) != 1)
		return file_refuse(f->key, "holds no key for the certificate", e);
	if (SSL_CTX_check_private_key(ssl) != 1)
		return file_refuse(f->key, "is not the key of the certificate", e);
	return true;
}

/* A key behind a pass phrase would be asked for on the terminal. */
static int passphrase_refuse(unused_arg char *out, unused_arg int size,
			     unused_arg int writing, unused_arg void *arg)
{
	return -1;
}

static int on_verify(int is_right, X509_STORE_CTX *store);

bool crypto_tls_context_new(const struct crypto_tls_files *files, bool is_server,
			    struct crypto_tls_context **out, struct err *e)
{
	SSL_CTX *ssl = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
	static const unsigned char session[] = "unpend";

	crypto_must(ssl != NULL);
	crypto_must(SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) == 1);
	crypto_must(SSL_CTX_set_session_id_context(ssl, session, sizeof(session) - 1) ==
		    1);
	/* No tickets: each connection shows its certificate anew. */
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ssl, 0);
	SSL_CTX_set_verify_depth(ssl, CHAIN_MAX);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			   on_verify);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_default_passwd_cb(ssl, passphrase_refuse);
	if (!files_load(ssl, files, e)) {
		SSL_CTX_free(ssl);
		return false;
	}
	struct crypto_tls_context *c = xalloc(1, sizeof(*c));
	c->ssl = ssl;
	c->is_server = is_server;
	*out = c;
	return true;
}

void crypto_tls_context_free(struct crypto_tls_context **c)
{
	if (!*c)
		return;
	SSL_CTX_free((*c)->ssl);
	xfree(*c);
	*c = NULL;
}

/* Who the other end is: asked inside the handshake, so that whoever is not wanted is told
 * so before a byte of his is read. */
static int on_verify(int is_right, X509_STORE_CTX *store)
{
	const SSL *ssl =
		X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct crypto_tls *t = SSL_get_app_data(ssl);
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);

	if (!is_right || X509_STORE_CTX_get_error_depth(store) > 0)
		return is_right;
	if (peer_is_wanted(certificate, t->names, t->name_count, &t->peer))
		return 1;
	t->is_unwanted = true;
	X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return 0;
}

/* A connection */

struct crypto_tls *crypto_tls_new(struct crypto_tls_context *c, const struct str *names,
				  size_t count)
{
	struct crypto_tls *t = xalloc(1, sizeof(*t));

	t->ssl = SSL_new(c->ssl);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	crypto_must(t->ssl && t->in && t->out);
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_app_data(t->ssl, t);
	t->names = names;
	t->name_count = count;
	buf_init(&t->peer, PEER_MAX);
	if (c->is_server) {
		SSL_set_accept_state(t->ssl);
	} else {
		SSL_set_connect_state(t->ssl);
		(void)SSL_do_handshake(t->ssl);
		ERR_clear_error();
	}
	return t;
}

void crypto_tls_free(struct crypto_tls **t)
{
	if (!*t)
		return;
	buf_done(&(*t)->peer);
	SSL_free((*t)->ssl);
	xfree(*t);
	*t = NULL;
}

/* What the other end's alert says (RFC 8446 section 6). */
static bool alert_read(int reason, struct err *e)
{
	static const struct {
		int reason;
		const char *text;
	} alerts[] = {
		{ SSL_R_TLSV1_ALERT_UNKNOWN_CA,
		  "the other end does not know the CA of our certificate" },
		{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
		  "the other end says that our certificate has expired" },
		{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
		  "the other end does not accept our certificate, or its name" },
		{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
		  "the other end does not accept our certificate" },
		{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
		  "the other end cannot use our certificate: it is not made for this" },
		{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
		  "the other end wants a certificate" },
		{ SSL_R_TLSV1_ALERT_ACCESS_DENIED, "the other end denies access" },
	};

	for (size_t i = 0; i < ARRAY_LEN(alerts); i++)
		if (alerts[i].reason == reason)
			return !err_set(e, ERR_DENIED, "%s", alerts[i].text);
	return false;
}

static bool failure_read(struct crypto_tls *t, struct err *e)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	const char *text = ERR_reason_error_string(code);
	long verified = SSL_get_verify_result(t->ssl);

	t->has_failed = true;
	ERR_clear_error();
	if (t->is_unwanted)
		return err_set(e, ERR_DENIED,
			       "the other end's certificate has another name: '%s'",
			       buf_cstr(&t->peer));
	if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return err_set(e, ERR_DENIED, "the other end shows no certificate");
	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK)
		return err_set(e, ERR_DENIED, "the other end's certificate: %s",
			       X509_verify_cert_error_string(verified));
	if (alert_read(reason, e))
		return false;
	return err_set(e, ERR_UNAVAILABLE, "no TLS 1.3 with the other end: %s",
		       text ? text : "it broke off");
}

/* False: it failed. */
static bool handshake(struct crypto_tls *t, struct err *e)
{
	int done = SSL_do_handshake(t->ssl);

	if (done == 1) {
		t->is_open = true;
		return true;
	}
	return SSL_get_error(t->ssl, done) == SSL_ERROR_WANT_READ || failure_read(t, e);
}

static bool clear_read(struct crypto_tls *t, struct buf *out, struct err *e)
{
	char piece[16384];
	int n;

	while ((n = SSL_read(t->ssl, piece, sizeof(piece))) > 0) {
		buf_add(out, piece, (size_t)n);
		if (out->failed)
			return err_set(e, ERR_LIMIT, "the other end says too much");
	}
	crypto_wipe(piece, sizeof(piece));
	switch (SSL_get_error(t->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return true;
	case SSL_ERROR_ZERO_RETURN:
		t->is_closed = true;
		return true;
	default:
		return failure_read(t, e);
	}
}

bool crypto_tls_receive(struct crypto_tls *t, struct str bytes, struct buf *clear_out,
			struct err *e)
{
	if (t->has_failed)
		return err_set(e, ERR_UNAVAILABLE, "the connection has failed");
	ERR_clear_error();
	crypto_must(BIO_write(t->in, bytes.data, (int)bytes.len) == (int)bytes.len);
	if (!t->is_open && !handshake(t, e))
		return false;
	return !t->is_open || clear_read(t, clear_out, e);
}

bool crypto_tls_send(struct crypto_tls *t, struct str clear, struct err *e)
{
	size_t written;

	if (t->has_failed || !t->is_open)
		return err_set(e, ERR_UNAVAILABLE, "the connection is not open");
	if (!clear.len)
		return true;
	ERR_clear_error();
	return SSL_write_ex(t->ssl, clear.data, clear.len, &written) == 1 ||
	       failure_read(t, e);
}

void crypto_tls_output(struct crypto_tls *t, struct buf *out)
{
	const char *data = NULL;
	long len = BIO_get_mem_data(t->out, &data);

	if (len <= 0)
		return;
	buf_add(out, data, (size_t)len);
	(void)BIO_reset(t->out);
}

void crypto_tls_close(struct crypto_tls *t)
{
	if (t->is_open && !t->has_failed)
		(void)SSL_shutdown(t->ssl);
	ERR_clear_error();
}

bool crypto_tls_is_open(const struct crypto_tls *t)
{
	return t->is_open;
}

bool crypto_tls_is_closed(const struct crypto_tls *t)
{
	return t->is_closed;
}

struct str crypto_tls_peer(const struct crypto_tls *t)
{
	return buf_view(&t->peer);
}
