/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks that nest deep, for the tests of stacks. */
#ifndef FILCH_TEST_STACKS_H
#define FILCH_TEST_STACKS_H

#include "pools.h"

/* Where nothing switches, as under a sanitizer, which would have to be told of each
 * stack, what fits. */
#if !defined(FILCH_SANITIZED) && (defined(__x86_64__) || defined(__aarch64__))
#define SWITCHES 1
#define DEEP ((size_t)100000)
#define SMALL_STACK ((size_t)256 << 10)
#else
#define SWITCHES 0
#define DEEP ((size_t)500)
#define SMALL_STACK ((size_t)8 << 20)
#endif

static filch_pool *pool;
static const size_t counts[] = { 1, 2, 4, FILCH_NO_WORKERS };

/* A level: what is below it is a task that it waits for. */
struct level {
	size_t left;
	size_t sum;             /* of the levels below and this one */
	void (*bottom)(void);   /* called by the innermost, or NULL */
	filch_cancel *cancel;
};

static inline int
descend(void *argument)
{
	struct level *level = argument;
	filch_group group = FILCH_GROUP_INIT;
	struct level below = { level->left - 1, 0, level->bottom, level->cancel };
	int status;

	level->sum = 1;
	if (level->left == 0) {
		if (level->bottom != NULL)
			level->bottom();
		return FILCH_OK;
	}
	group.pool = pool;
	group.cancel = level->cancel;
	MUST(filch_group_spawn(&group, descend, &below) == FILCH_OK);
	status = filch_group_wait(&group, FILCH_FOREVER);
	level->sum += below.sum;
	return status;
}

static inline int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static inline filch_pool *
pool_with_stack(size_t workers, size_t stack_size)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = workers;
	options.stack_size = stack_size;
	return pool_by(&options);
}

/* Runs it on a thread with so small a stack. */
static inline void
on_stack_of(size_t size, void *(*main_)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;

	ck_assert_int_eq(pthread_attr_init(&attributes), 0);
	ck_assert_int_eq(pthread_attr_setstacksize(&attributes, size), 0);
	ck_assert_int_eq(pthread_create(&thread, &attributes, main_, argument), 0);
	pthread_attr_destroy(&attributes);
	pthread_join(thread, NULL);
}

static inline void *
descend_main(void *argument)
{
	MUST(filch_pool_run(pool, descend, argument) == FILCH_OK);
	return NULL;
}

#endif /* FILCH_TEST_STACKS_H */
