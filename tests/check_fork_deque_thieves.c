/* SPDX-License-Identifier: BSD-2-Clause */
/* A fork deque and its thieves at once.  The payload is written and read plainly, so that
 * a missing edge is a race that ThreadSanitizer sees. */
#include "fork_deques.h"

#define DEEPEST 200

struct item {
	filch_record_ record;
	size_t payload;
	size_t taken;   /* plain: a double take is a race, too */
};

#include "thieves.h"

static void
take_item(struct item *i)
{
	MUST(i->payload == (size_t)(i - item) + 1);
	i->taken++;
}

static void *
thief_main(void *unused)
{
	size_t count = 0;

	(void)unused;
	while (!flc_load_acquire(&done)) {
		filch_record_ *stolen;
		size_t at;

		if (flc_fork_deque_steal(deque, NULL, &stolen, &at) != FLC_STEAL_TASK)
			continue;
		take_item((struct item *)stolen);
		count++;
	}
	flc_add_full(&total, count);
	return NULL;
}

/* Pushes items in bursts of at most `deepest` and takes them back; changes the mode now
 * and then if `switches`. */
static size_t
own(size_t deepest, bool switches)
{
	uint64_t seed = 88172645463325252u;
	size_t next = 0, count = 0;

	while (next < ITEMS) {
		size_t burst = 1 + random_of(&seed) % deepest;
		size_t first = next, at = 0;

		for (; next < ITEMS && next - first < burst; next++) {
			item[next].payload = next + 1;
			at = flc_fork_deque_push(deque, &item[next].record);
			MUST(at != 0);
		}
		/* Once one is gone, or was the last, the older ones are gone. */
		for (size_t i = next; i-- > first && flc_load_relaxed(&deque->bottom) == at + 1
		    && flc_fork_deque_take(deque, at); at--) {
			take_item(&item[i]);
			count++;
		}
		if (switches && random_of(&seed) % 64 == 0)
			flc_fork_deque_set_mode(deque, random_of(&seed) % 2);
	}
	return count;
}

static void
stress(size_t thieves, bool fenced, size_t deepest, bool switches)
{
	flc_fork_deque_init(deque, fenced);
	begin_thieves(thieves, thief_main);
	end_thieves(thieves, own(deepest, switches));
}

START_TEST(mixed_every_record_is_taken_once)
{
	stress((size_t)_i % 3 + 1, _i >= 3, DEEPEST, false);
}
END_TEST

START_TEST(ping_every_record_is_taken_once)
{
	stress((size_t)_i % 3 + 1, _i >= 3, 2, false);
}
END_TEST

START_TEST(changing_modes_every_record_is_taken_once)
{
	stress((size_t)_i + 1, false, 8, true);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fork_deque_thieves");
	TCase *thieves = case_of(suite, "thieves", setup, teardown);

	tcase_add_loop_test(thieves, mixed_every_record_is_taken_once, 0, 6);
	tcase_add_loop_test(thieves, ping_every_record_is_taken_once, 0, 6);
	tcase_add_loop_test(thieves, changing_modes_every_record_is_taken_once, 0, 3);
	return run_suite(suite);
}
