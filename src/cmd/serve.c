/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend serve: everything opened, then waiting for the signal to end. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "cmd/cmd.h"
#include "cmd/daemon.h"
#include "cmd/libraries.h"
#include "cmd/notify.h"
#include "http/http.h"
#include "keys/keys.h"
#include "probe/probe.h"
#include "service/service.h"

enum {
	ADMIN_THREADS = 2,
	STATUS_MS = 60 * 1000, /* what systemctl status shows is this old at most */
};

struct serving {
	const struct config *config;
	enum lang lang; /* of what is said on the terminal */
	uint8_t seal_key[CRYPTO_KEY_LEN];
	struct store_pool *stores;
	struct service *service;
	struct api *api;
	struct http_server *http;
	struct http_server *admin; /* NULL: everything at one address */
	struct notify notify;
};

/* The memory holds keys: no core file of it, no debugger on it. */
static void secrets_guard(void)
{
	static const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

/* RFC 1035 3.3.11: an NS names a host, and one without an address makes a name server
 * refuse the zone. */
static bool settings_check(const struct config *config, struct err *e)
{
	size_t name_servers;

	(void)config_list(config, CONFIG_KEYS_NAME_SERVERS, &name_servers);
	if (config_text(config, CONFIG_KEYS_ZONE_FILE).len && !name_servers)
		return err_set(
			e, ERR_USAGE,
			LANG_MARK("'keys.zone_file' is set, but 'keys.name_servers' "
				  "is not: name the hosts that serve the zone (BIND "
				  "refuses a zone whose NS has no address)"));
	return true;
}

/* What works on this machine alone, and never says so by itself. */
static void settings_warn(const struct config *config)
{
	bool is_ses = str_is(config_text(config, CONFIG_AUTHORITY_KIND), "ses");

	if (!is_ses && !config_is_set(config, CONFIG_KEYS_ZONE))
		log_warn("customers' records would point to 'dkim.localhost': "
			 "set keys.zone");
	if (!is_ses && !config_text(config, CONFIG_KEYS_ZONE_FILE).len)
		log_warn("nobody publishes the DKIM keys: set keys.zone_file");
	if (!config_text(config, CONFIG_RELAY_URL).len)
		log_warn("no mail leaves: set relay.url");
}

/* Of the processes that read what strangers send. */
static void walls_warn(const struct config *config)
{
	if (!config_flag(config, CONFIG_DNS_SANDBOX))
		log_warn("probe processes are not locked in: dns.sandbox is off");
	else if (!probe_sandbox_is_whole())
		log_warn("this kernel has no landlock: probe processes are locked in "
			 "by the other walls alone");
}

/* Health and numbers, where they are not everybody's business. */
static bool admin_start(struct serving *s, struct err *e)
{
	struct str listen = config_text(s->config, CONFIG_HTTP_ADMIN_LISTEN);

	return !listen.len || http_server_start(
				      &(struct http_server_options){
					      .listen = listen,
					      .listen_fd = -1,
					      .threads = ADMIN_THREADS,
					      .handler = api_admin_handle,
					      .body_max = api_body_max,
					      .arg = s->api,
				      },
				      &s->admin, e);
}

static bool serving_start(struct serving *s, struct err *e)
{
	const struct config *config = s->config;

	if (!library_load_all(libraries(), e) || !settings_check(config, e))
		return false;
	settings_warn(config);
	walls_warn(config);
	unsigned threads = (unsigned)config_number(config, CONFIG_HTTP_THREADS);

	if (!store_pool_new(config_text(config, CONFIG_STORE_URL), threads, &s->stores,
			    e))
		return cmd_hint_store_folder(config, e);
	struct store *store = store_pool_take(s->stores);
	bool fits = cmd_seal_key_load(config, store, s->seal_key, e);
	store_pool_give(s->stores, store);
	if (!fits)
		return false;
	if (!service_start(config, s->seal_key, &s->service, e))
		return false;
	s->api = api_new(&(struct api_options){
		.config = config,
		.stores = s->stores,
		.service = s->service,
		.seal_key = s->seal_key,
		.now_ms = clock_now_ms,
	});
	return admin_start(s, e) &&
	       http_server_start(
		       &(struct http_server_options){
			       .listen = config_text(config, CONFIG_HTTP_LISTEN),
			       .listen_fd = daemon_listen_fd(),
			       .threads = threads,
			       .handler = api_handle,
			       .body_max = api_body_max,
			       .arg = s->api,
		       },
		       &s->http, e);
}

static void serving_stop(struct serving *s)
{
	http_server_stop(&s->http);
	http_server_stop(&s->admin);
	service_stop(&s->service);
	if (s->api)
		api_free(&s->api);
	store_pool_free(&s->stores);
	crypto_wipe(s->seal_key, sizeof(s->seal_key));
}

static void address_say(const struct serving *s)
{
	struct str address = http_server_address(s->http);
	struct str url = config_text(s->config, CONFIG_HTTP_URL);
	auto_buf struct buf line;

	buf_init(&line, 4096);
	if (url.len)
		buf_str(&line, url);
	else
		buf_printf(&line, "http://%.*s/", STR_ARG(address));
	log_info("serving", LOG_STR("address", address),
		 LOG_STR("console", buf_view(&line)));
	if (!isatty(STDOUT_FILENO))
		return;
	struct buf said;
	buf_init(&said, 4096);
	buf_printf(&said, lang_text(s->lang, "The console is at %s\n"), buf_cstr(&line));
	(void)cmd_print(&said);
	buf_done(&said);
}

/* A loop that does not turn is not said to live: systemd then ends the process. */
static void life_say(const struct serving *s)
{
	struct service_counters n;
	auto_buf struct buf text;

	buf_init(&text, 1024);
	if (!service_is_turning(s->service)) {
		log_error("the service's loop does not turn");
		return;
	}
	service_counters_read(s->service, &n);
	buf_printf(
		&text, "WATCHDOG=1\nSTATUS=%llu looks, %llu messages sent, %lld ms late",
		(unsigned long long)(n.looks[0] + n.looks[1] + n.looks[2] + n.looks[3]),
		(unsigned long long)n.messages_sent, (long long)n.lag_ms);
	notify_say(&s->notify, buf_view(&text));
}

/* Until one of the signals comes. */
static int signal_await(const struct serving *s, const sigset_t *ends)
{
	int64_t period_ms = s->notify.watchdog_ms ? s->notify.watchdog_ms : STATUS_MS;
	const struct timespec period = { period_ms / 1000, period_ms % 1000 * 1000000 };
	int signal_number;

	while ((signal_number = sigtimedwait(ends, NULL, &period)) < 0)
		life_say(s);
	return signal_number;
}

static int serve(const struct cmd_line *line)
{
	struct serving serving = { .config = line->config,
				   .lang = line->lang,
				   .notify = { .fd = -1 } };
	struct err e = { .lang = line->lang };
	sigset_t ends;

	notify_open(&serving.notify);
	/* Before any thread is there: they all have it blocked, sigwait takes it. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	if (!serving_start(&serving, &e)) {
		serving_stop(&serving);
		notify_close(&serving.notify);
		return cmd_fail(&e);
	}
	address_say(&serving);
	notify_say(&serving.notify, STR("READY=1\nSTATUS=serving"));
	log_info("ending", LOG_INT("signal", signal_await(&serving, &ends)));
	/* What is under way may take a while: a second signal ends at once. */
	pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
	notify_say(&serving.notify,
		   STR("STOPPING=1\nSTATUS=finishing what is under way"));
	serving_stop(&serving);
	notify_close(&serving.notify);
	log_info("ended");
	return EXIT_OK;
}

int cmd_serve(int argc, char **argv)
{
	struct cmd_line line = { 0 };
	int code;

	/* libcurl reads the letters of relay.url by it; nobody else needs it. */
	setlocale(LC_CTYPE, "");
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	if (line.word_count) {
		struct err e = { 0 };
		err_set(&e, ERR_USAGE,
			lang_text(line.lang,
				  "'serve' takes no words, but there is '%.*s'"),
			STR_ARG(line.words[0]));
		code = cmd_fail(&e);
	} else {
		umask(077);
		secrets_guard();
		daemon_log_open(line.config);
		code = serve(&line);
	}
	cmd_line_done(&line);
	return code;
}
