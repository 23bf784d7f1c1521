/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of the sealing key: 64 hex digits, ours alone, or given to us by another. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/must.h"
#include "crypto/peer.h"

enum {
	FILE_MAX = 4096
};

static bool parse_key(const char *path, struct str text, uint8_t *out, struct err *e)
{
	struct buf key;

	buf_init(&key, FILE_MAX);
	bool right = hex_parse(&key, str_trim(text)) && key.len == CRYPTO_KEY_LEN;
	if (right)
		memcpy(out, key.data, CRYPTO_KEY_LEN);
	buf_done_secret(&key);
	return right || err_set(e, ERR_USAGE, "'%s' does not hold 64 hex digits", path);
}

static bool create_key(const char *path, struct err *e)
{
	uint8_t key[CRYPTO_KEY_LEN];
	struct buf text;

	crypto_random(key, sizeof(key));
	buf_init(&text, FILE_MAX);
	hex_write(&text, str_of(key, sizeof(key)));
	buf_byte(&text, '\n');
	crypto_wipe(key, sizeof(key));
	bool made = file_create(path, buf_view(&text), 0600, e);
	buf_done_secret(&text);
	/* Another process was quicker: its key is as good. */
	return made || e->kind == ERR_EXISTS;
}

/* A file of somebody else (root, systemd) must reach us somehow: through its group. */
static bool is_too_open(const struct stat *st)
{
	mode_t allowed = S_IRWXU | (st->st_uid == geteuid() ? 0 : S_IRGRP);

	return (st->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO) & ~allowed) != 0;
}

bool crypto_key_file_check(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(e, ERR_USAGE, "'%s' cannot be read: %s", path,
			       strerror(errno));
	if (is_too_open(&st))
		return err_set(e, ERR_USAGE,
			       "'%s' can be used by others than its owner; chmod 600 it",
			       path);
	return true;
}

bool crypto_key_load(const char *path, bool create, uint8_t out[CRYPTO_KEY_LEN],
		     struct err *e)
{
	struct stat st;
	struct buf text;

	if (stat(path, &st) != 0 && errno == ENOENT && create && !create_key(path, e))
		return false;
	if (!crypto_key_file_check(path, e))
		return false;
	buf_init(&text, FILE_MAX);
	bool loaded =
		file_read(path, &text, e) && parse_key(path, buf_view(&text), out, e);
	buf_done_secret(&text);
	return loaded;
}
