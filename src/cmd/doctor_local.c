/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend doctor: what stands on this machine: settings, files, database, clock. */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cmd/doctor.h"
#include "cmd/libraries.h"
#include "keys/keys.h"
#include "mail/mail.h"
#include "probe/probe.h"
#include "provider/provider.h"
#include "service/service.h"

enum {
	FILES_FEW = 4096,
	SPACE_FEW_MIB = 1024,
	SPACE_NONE_MIB = 100,
	VERIFY_MAX_MIB = 512, /* all of it is read */
	CLOCK_SLACK_S = 300,
	DATA_OLD_S = 400 * 86400,
	NODES_MAX = 64,
	TENANTS_MAX = 1000,
};

/* --- settings --- */

static void list_say(struct doctor *d, enum config_key key, const char *next,
		     const char *fmt)
{
	size_t count;

	(void)config_list(d->config, key, &count);
	if (count)
		doctor_say(d, "config", DOCTOR_WARN, next, "%s: %.*s",
			   lang_text(d->lang, fmt), STR_ARG(config_text(d->config, key)));
}

void doctor_config(struct doctor *d)
{
	size_t before = d->row_count;

	list_say(
		d, CONFIG_DNS_ALLOW_ADDRESSES,
		LANG_MARK("Fit for a laboratory. On the internet, take "
			  "dns.allow_addresses out: a customer's records can make us ask "
			  "what stands there."),
		LANG_MARK("the address guard is open for these networks"));
	list_say(d, CONFIG_SENDERS_ALLOW,
		 LANG_MARK("Fit for a laboratory, or if these are yours: "
			   "senders.allow."),
		 LANG_MARK("domains are taken that are otherwise refused"));
	if (config_text(d->config, CONFIG_DNS_FORWARD).len)
		doctor_say(d, "config", DOCTOR_WARN,
			   LANG_MARK("Take dns.forward out where the network lets "
				     "questions out."),
			   LANG_MARK("dns.forward is set: one cache is asked instead of "
				     "the authorities, nothing is seen the moment it "
				     "changes"));
	if (!config_text(d->config, CONFIG_RELAY_URL).len)
		doctor_say(d, "config", DOCTOR_WARN, LANG_MARK("Set relay.url."),
			   LANG_MARK("relay.url is empty: no mail leaves"));
	if (!config_text(d->config, CONFIG_HTTP_ADMIN_LISTEN).len)
		doctor_say(d, "config", DOCTOR_WARN,
			   LANG_MARK("Set http.admin_listen, or keep these paths back "
				     "at the proxy."),
			   LANG_MARK("/metrics and the health paths are served to "
				     "everybody who reaches http.listen"));
	if (d->row_count == before)
		doctor_say(d, "config", DOCTOR_OK, NULL, LANG_MARK("settings are sound"));
}

void doctor_limits(struct doctor *d)
{
	struct rlimit files = { 0, 0 };

	(void)getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < FILES_FEW)
		doctor_say(d, "limits", DOCTOR_WARN,
			   LANG_MARK("Raise it: LimitNOFILE=65536 in the unit."),
			   LANG_MARK("only %llu files may be open at once"),
			   (unsigned long long)files.rlim_cur);
	else
		doctor_say(d, "limits", DOCTOR_OK, NULL,
			   LANG_MARK("%llu files may be open at once"),
			   (unsigned long long)files.rlim_cur);
}

/* --- what it runs on --- */

void doctor_libraries(struct doctor *d)
{
	struct err e = { 0 };

	d->lacks_library = !library_load_all(libraries(), &e);
	if (!d->lacks_library)
		doctor_say(d, "libraries", DOCTOR_OK, NULL,
			   LANG_MARK("the libraries that are loaded when needed are "
				     "there"));
	else
		doctor_say(d, "libraries", DOCTOR_FAIL,
			   LANG_MARK("Install the package that is named."),
			   LANG_MARK("a library is missing: %s"), e.text);
}

void doctor_sandbox(struct doctor *d)
{
	if (!config_flag(d->config, CONFIG_DNS_SANDBOX))
		doctor_say(d, "sandbox", DOCTOR_WARN, LANG_MARK("Take dns.sandbox out."),
			   LANG_MARK("the processes that read what strangers send are "
				     "not locked in"));
	else if (!probe_sandbox_is_whole())
		doctor_say(d, "sandbox", DOCTOR_WARN,
			   LANG_MARK("Let the kernel have landlock (lsm=landlock,...)."),
			   LANG_MARK("this kernel has no landlock; the other walls of "
				     "the sandbox stand"));
	else
		doctor_say(d, "sandbox", DOCTOR_OK, NULL,
			   LANG_MARK("the processes that read what strangers send are "
				     "locked in"));
}

/* --- what came with the program --- */

static struct str providers_date(void)
{
	struct str newest = STR_EMPTY;
	const struct provider *p;

	for (size_t i = 0; (p = provider_at(i)); i++)
		if (str_compare(p->verified_on, newest) > 0)
			newest = p->verified_on;
	return newest;
}

static void data_say(struct doctor *d, const char *what, struct str date)
{
	const char *moment =
		arena_printf(d->a, "%.*sT00:00:00Z", STR_ARG(str_sub(date, 0, 10)));
	int64_t at_s = 0;
	bool is_old =
		clock_parse(str_from(moment), &at_s) && d->now_s - at_s > DATA_OLD_S;

	doctor_say(d, "data", is_old ? DOCTOR_WARN : DOCTOR_OK,
		   is_old ? LANG_MARK("Install a newer version of unpend.") : NULL,
		   LANG_MARK("%s: of %.*s"), lang_text(d->lang, what), STR_ARG(date));
}

void doctor_data(struct doctor *d)
{
	data_say(d, LANG_MARK("DNS operators known"), providers_date());
	data_say(d, LANG_MARK("free mail domains known"),
		 str_from(mail_freemail_version()));
}

/* --- the database --- */

/* The folder of a SQLite database; empty for another engine. */
static struct str store_folder(struct doctor *d)
{
	struct str url = config_text(d->config, CONFIG_STORE_URL);
	size_t end = url.len;

	if (!str_starts(url, STR("sqlite:")))
		return STR_EMPTY;
	while (end > 7 && url.data[end - 1] != '/')
		end--;
	return end > 7 ? arena_str(d->a, str_sub(url, 7, end - 7)) : STR(".");
}

static void space_say(struct doctor *d)
{
	struct str folder = store_folder(d);
	struct statvfs space;

	if (!folder.len || statvfs(folder.data, &space) != 0)
		return;
	unsigned long long left =
		(unsigned long long)space.f_bavail * space.f_frsize >> 20;
	enum doctor_state state = left < SPACE_NONE_MIB  ? DOCTOR_FAIL
				  : left < SPACE_FEW_MIB ? DOCTOR_WARN
							 : DOCTOR_OK;
	doctor_say(d, "disk", state,
		   state ? LANG_MARK("Make room: without any, nothing is taken and "
				     "nothing is looked at.")
			 : NULL,
		   LANG_MARK("%llu MiB are left where the database is"), left);
}

/* Opening would make one. */
static bool store_is_there(struct doctor *d)
{
	struct str url = config_text(d->config, CONFIG_STORE_URL);

	if (!str_starts(url, STR("sqlite:")) ||
	    access(arena_text(d->a, str_sub(url, 7, url.len)), F_OK) == 0)
		return true;
	doctor_say(d, "store", DOCTOR_FAIL,
		   LANG_MARK("The first 'unpend serve' or 'unpend tenant add' makes it; "
			     "if there was one, correct store.url."),
		   LANG_MARK("there is no database at '%.*s'"), STR_ARG(url));
	return false;
}

static void store_mode_say(struct doctor *d)
{
	struct str url = config_text(d->config, CONFIG_STORE_URL);
	struct stat info;

	if (str_starts(url, STR("sqlite:")) &&
	    stat(arena_text(d->a, str_sub(url, 7, url.len)), &info) == 0 &&
	    (info.st_mode & 077))
		doctor_say(d, "store", DOCTOR_WARN,
			   LANG_MARK("chmod 600 it; it belongs to the service's user "
				     "alone."),
			   LANG_MARK("others may read the database file (mode %03o)"),
			   (unsigned)info.st_mode & 0777);
}

/* A large database is read for minutes: that is for `unpend db verify`. */
static bool store_is_large(struct doctor *d)
{
	struct str url = config_text(d->config, CONFIG_STORE_URL);
	struct stat info;

	return !str_starts(url, STR("sqlite:")) ||
	       stat(arena_text(d->a, str_sub(url, 7, url.len)), &info) != 0 ||
	       info.st_size >> 20 > VERIFY_MAX_MIB;
}

static void store_rows_say(struct doctor *d)
{
	struct store_problem problems[STORE_PROBLEMS_MAX];
	struct err e = { .lang = d->lang };
	size_t count = 0;

	if (store_is_large(d))
		return;
	if (!store_verify(d->store, problems, &count, &e)) {
		doctor_say(d, "store", DOCTOR_WARN, LANG_MARK("Try 'unpend db verify'."),
			   "%s", e.text);
		return;
	}
	for (size_t i = 0; i < count; i++)
		doctor_say(d, "rows", DOCTOR_FAIL,
			   LANG_MARK("Keep a copy of the database as it is, then bring "
				     "back a backup (unpend db restore)."),
			   "%s (%s): %lld", lang_text(d->lang, problems[i].text),
			   problems[i].code, (long long)problems[i].count);
	if (!count)
		doctor_say(d, "rows", DOCTOR_OK, NULL,
			   LANG_MARK("the rows of the database agree with each other"));
}

void doctor_store(struct doctor *d)
{
	struct str url = config_text(d->config, CONFIG_STORE_URL);
	struct err e = { .lang = d->lang };

	if (!store_is_there(d))
		return;
	space_say(d);
	store_mode_say(d);
	if (!store_open(url, &d->store, &e))
		doctor_say(d, "store", DOCTOR_FAIL,
			   LANG_MARK("Correct store.url, or start the database; run this "
				     "as the service's user."),
			   "%s", e.text);
	else if (!store_is_ready(d->store, &e))
		doctor_say(d, "store", DOCTOR_FAIL,
			   LANG_MARK("Run this as the service's user; see that the disk "
				     "is not full and not read-only."),
			   LANG_MARK("the database cannot be written: %s"), e.text);
	else
		doctor_say(d, "store", DOCTOR_OK, NULL,
			   LANG_MARK("the database can be read and written, its schema "
				     "is this version's"));
	if (d->store)
		store_rows_say(d);
}

/* --- the key that seals the others --- */

/* A secret that was sealed with it opens, or nothing was sealed yet. */
static bool secret_fits(struct doctor *d, const uint8_t key[CRYPTO_KEY_LEN],
			struct err *e)
{
	struct tenant_list tenants = { NULL, 0 };
	struct str secret;

	if (!store_tenant_list(d->store, d->a, 0, 1, &tenants, e))
		return true;
	return !tenants.count ||
	       service_tenant_secret(d->a, key, &tenants.rows[0], &secret, e);
}

void doctor_secret(struct doctor *d)
{
	uint8_t key[CRYPTO_KEY_LEN];
	struct err e = { .lang = d->lang };

	if (!keys_secret_load(d->config, getenv("CREDENTIALS_DIRECTORY"), false, key,
			      &e)) {
		doctor_say(d, "secret", DOCTOR_FAIL,
			   LANG_MARK("Bring the file back from your backup, for the "
				     "service's user alone (chmod 600). Without it no "
				     "key and no secret in the database can be opened; a "
				     "new one is made only where there is no database "
				     "yet."),
			   "%s", e.text);
		return;
	}
	if (!d->store)
		doctor_say(d, "secret", DOCTOR_OK, NULL,
			   LANG_MARK("the sealing key is there"));
	else if (secret_fits(d, key, &e))
		doctor_say(d, "secret", DOCTOR_OK, NULL,
			   LANG_MARK("the sealing key is there and is this database's"));
	else
		doctor_say(d, "secret", DOCTOR_FAIL,
			   LANG_MARK("Bring back the key that was there when the "
				     "database was made; keep it apart from the "
				     "database's backups."),
			   LANG_MARK("the sealing key is not the one of this database"));
	crypto_wipe(key, sizeof(key));
}

/* --- time --- */

/* The latest moment that the database knows of. */
static int64_t last_known_s(struct doctor *d)
{
	struct node_list nodes = { NULL, 0 };
	struct tenant_list tenants = { NULL, 0 };
	struct err e = { 0 };
	int64_t last = 0;

	if (store_node_list(d->store, d->a, NODES_MAX, &nodes, &e))
		for (size_t i = 0; i < nodes.count; i++)
			if (nodes.rows[i].seen_at > last)
				last = nodes.rows[i].seen_at;
	if (store_tenant_list(d->store, d->a, 0, TENANTS_MAX, &tenants, &e))
		for (size_t i = 0; i < tenants.count; i++)
			if (tenants.rows[i].created_at > last)
				last = tenants.rows[i].created_at;
	return last;
}

void doctor_clock(struct doctor *d)
{
	if (!d->store)
		return;
	int64_t behind_s = last_known_s(d) - d->now_s;
	if (behind_s > CLOCK_SLACK_S)
		doctor_say(d, "clock", DOCTOR_FAIL,
			   LANG_MARK("Set the clock (timedatectl status): deadlines, "
				     "signatures and leases depend on it."),
			   LANG_MARK("the clock is %lld seconds behind what the database "
				     "has seen"),
			   (long long)behind_s);
	else
		doctor_say(d, "clock", DOCTOR_OK, NULL,
			   LANG_MARK("the clock is not behind what the database has "
				     "seen"));
}

/* --- webhooks --- */

static size_t webhooks_of(struct doctor *d, const struct tenant_row *tenant)
{
	struct webhook_list hooks = { NULL, 0 };
	struct err e = { 0 };

	if (!store_webhook_list(d->store, d->a, tenant->id, &hooks, &e))
		return 0;
	for (size_t i = 0; i < hooks.count; i++) {
		const struct webhook_row *hook = &hooks.rows[i];

		if (hook->disabled_at)
			doctor_say(d, "webhooks", DOCTOR_WARN,
				   LANG_MARK("Tell the tenant; when his end works, he "
					     "enables it again and asks for a replay."),
				   LANG_MARK("webhook whk_%lld of tenant '%.*s' is "
					     "disabled: %.*s"),
				   (long long)hook->id, STR_ARG(tenant->name),
				   STR_ARG(hook->disabled_why));
		else if (hook->failing_since)
			doctor_say(
				d, "webhooks", DOCTOR_WARN,
				LANG_MARK("See what its end answers; it is tried "
					  "again for days."),
				LANG_MARK("webhook whk_%lld of tenant '%.*s' has failed "
					  "for %lld seconds (HTTP status %lld)"),
				(long long)hook->id, STR_ARG(tenant->name),
				(long long)(d->now_s - hook->failing_since),
				(long long)hook->last_status);
	}
	return hooks.count;
}

void doctor_webhooks(struct doctor *d)
{
	struct tenant_list tenants = { NULL, 0 };
	struct err e = { 0 };
	size_t before = d->row_count;
	size_t count = 0;

	if (!d->store || !store_tenant_list(d->store, d->a, 0, TENANTS_MAX, &tenants, &e))
		return;
	for (size_t i = 0; i < tenants.count; i++)
		count += webhooks_of(d, &tenants.rows[i]);
	if (d->row_count == before)
		doctor_say(d, "webhooks", DOCTOR_OK, NULL,
			   LANG_MARK("%zu webhooks, none fails"), count);
}
