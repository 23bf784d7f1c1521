/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who listens hears what others commit. */
#include "ear.h"

static void what_is_committed_elsewhere_wakes_who_listens(void **state)
{
	struct ear ear = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
	struct place *p = *state;
	struct store_listener *l = NULL;
	struct err e = { 0 };

	must_be_done(store_listen(str_from(p->url), woken, &ear, &l, &e));
	must_be_done(store_begin(p->store, &e));
	identity_put(p, p->tenant, "acme.example", "t");
	must_be_done(store_notify(p->store, STORE_WAKE_LOOK, &e));
	must_be_done(store_commit(p->store, &e));
	hear(&ear, STORE_WAKE_LOOK);
	must_be_done(store_begin(p->store, &e));
	identity_put(p, p->tenant, "b.example", "u");
	must_be_done(
		store_notify(p->store, STORE_WAKE_MESSAGE | STORE_WAKE_DELIVERY, &e));
	must_be_done(store_commit(p->store, &e));
	hear(&ear, STORE_WAKE_MESSAGE | STORE_WAKE_DELIVERY);
	store_listen_end(&l);
	assert_null(l);
}

static void nobody_listens_where_there_is_no_store(void **state)
{
	struct store_listener *l = NULL;
	struct err e = { 0 };

	(void)state;
	must_fail(store_listen(STR("sqlite:/nonexistent/x.db"), woken, NULL, &l, &e),
		  ERR_NOT_FOUND);
	assert_null(l);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(what_is_committed_elsewhere_wakes_who_listens),
		cmocka_unit_test(nobody_listens_where_there_is_no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
