/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Things in a row; the hook lives inside the thing. An empty list points at itself.
 *
 *   struct job { struct list hook; ... };
 *   list_each(at, &queue) { struct job *j = LIST_THING(at, struct job, hook); ... }
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *prev;
};

#define LIST_THING(at, type, member) \
	((type *)(void *)((char *)(at)-offsetof(type, member)))
#define list_each(at, head) \
	for (struct list *at = (head)->next; at != (head); at = at->next)
/* The current thing may be removed inside the loop. */
#define list_each_safe(at, head)                                                  \
	for (struct list *at = (head)->next, *at##_next = at->next; at != (head); \
	     at = at##_next, at##_next = at->next)

static inline void list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

/* Behind the last. */
static inline void list_add(struct list *head, struct list *hook)
{
	hook->prev = head->prev;
	hook->next = head;
	head->prev->next = hook;
	head->prev = hook;
}

/* Removes; the hook is then an empty list of its own, so removing twice is harmless. */
static inline void list_remove(struct list *hook)
{
	hook->prev->next = hook->next;
	hook->next->prev = hook->prev;
	list_init(hook);
}

/* The first hook, or NULL. */
static inline struct list *list_first(const struct list *head)
{
	return head->next == head ? NULL : head->next;
}

#endif
