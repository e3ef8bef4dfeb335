/* SPDX-License-Identifier: BSD-2-Clause */
/* One owner and its thieves, who take each item once; the payload is written and read
 * plainly, so that a missing edge is a race that ThreadSanitizer reports.  The test
 * defines struct item, with a field `taken`, before it includes this. */
#ifndef FILCH_TEST_THIEVES_H
#define FILCH_TEST_THIEVES_H

#include "pools.h"

#define ITEMS 200000

static struct item *item;
static flc_atomic done;   /* the owner has emptied the deque */
static flc_atomic total;  /* taken by thieves that have ended */
static pthread_t thief[4];

/* The items, and so many thieves. */
static inline void
begin_thieves(size_t n, void *(*thief_main)(void *unused))
{
	item = calloc(ITEMS, sizeof(*item));
	MUST(item != NULL);
	for (size_t i = 0; i < n; i++)
		MUST(pthread_create(&thief[i], NULL, thief_main, NULL) == 0);
}

/* The owner has taken `own` items, and nothing is left. */
static inline void
end_thieves(size_t n, size_t own)
{
	flc_store_release(&done, 1);
	for (size_t i = 0; i < n; i++)
		pthread_join(thief[i], NULL);
	MUST(own + count_of(&total) == ITEMS);
	for (size_t i = 0; i < ITEMS; i++)
		MUST(item[i].taken == 1);
	free(item);
}

#endif /* FILCH_TEST_THIEVES_H */
