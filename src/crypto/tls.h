/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mutual TLS 1.3 between programs that one operator runs: both show a certificate of the
 * operator's own CA. Nothing here waits or has a socket; bytes go through buffers:
 *
 *   crypto_tls_context_new   certificate, key and CA of this end, once
 *   crypto_tls_new           one connection
 *   crypto_tls_receive       what the network brought; appends what it said in clear
 *   crypto_tls_send          what is to be said; only once crypto_tls_is_open
 *   crypto_tls_output        what the network shall carry: after each of the above
 */
#ifndef CRYPTO_TLS_H
#define CRYPTO_TLS_H

#include "base/base.h"

struct crypto_tls_context;
struct crypto_tls;

enum {
	CRYPTO_TLS_NAMES_MAX = 16,
};

struct crypto_tls_files {
	const char *certificate; /* PEM: ours, then those between it and the CA */
	const char *key;         /* PEM, not encrypted; read as crypto_key_load does */
	const char *ca;          /* PEM: who signs the other end's certificate */
};
/* ERR_USAGE names the file and what is wrong with it. */
bool crypto_tls_context_new(const struct crypto_tls_files *files, bool is_server,
			    struct crypto_tls_context **out, struct err *e) must_check;
void crypto_tls_context_free(struct crypto_tls_context **c);

/* The other end must have one of these names: a DNS name, an IP address or a URI in its
 * certificate's subjectAltName, or "sha256:" and 64 hex digits of its public key (DER
 * SubjectPublicKeyInfo). Without any, every certificate of the CA will do. The names are
 * borrowed. The context must outlive the connection. */
struct crypto_tls *crypto_tls_new(struct crypto_tls_context *c, const struct str *names,
				  size_t count);
void crypto_tls_free(struct crypto_tls **t);

/* ERR_DENIED: this is not whom we want to talk to, or it does not want to talk to us, and
 * why ("the certificate has expired"). ERR_UNAVAILABLE: not TLS 1.3, or broken. Then
 * crypto_tls_output may still hold the alert that tells the other end. An end that closes
 * in order is not an error: crypto_tls_is_closed. */
bool crypto_tls_receive(struct crypto_tls *t, struct str bytes, struct buf *clear_out,
			struct err *e) must_check;
/* The connection must be open. */
bool crypto_tls_send(struct crypto_tls *t, struct str clear, struct err *e) must_check;
/* Moves all that is to be carried behind what out holds. */
void crypto_tls_output(struct crypto_tls *t, struct buf *out);
/* Says that no more will come. */
void crypto_tls_close(struct crypto_tls *t);

/* The handshake is done and the other end is one that we want. */
bool crypto_tls_is_open(const struct crypto_tls *t);
bool crypto_tls_is_closed(const struct crypto_tls *t);
/* The name that let it in, or the first one of its certificate, escaped; empty before. */
struct str crypto_tls_peer(const struct crypto_tls *t);

#endif
