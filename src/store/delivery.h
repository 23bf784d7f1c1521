/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What webhook.c needs of delivery.c. Private to store. */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include "store/webhook.h"

/* Of one webhook, what waits: nobody takes it any more. */
bool delivery_give_up_all(struct store *s, int64_t webhook_id, int64_t at_s,
			  struct err *e) must_check;

#endif
