/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations that the gate counts: `gate_ops OPERATION LENGTH` does one so many
 * times, after a warm-up, within the function measured().  The gate runs it without
 * workers, so that nothing is stolen and every count is exact.
 */
#include "gate_typed.h"

#include <filch.h>

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WARM_UP 30000
#define SMALL_LOOP 16
#define GROUP_TASKS 8

static int
add_one(void *context)
{
	++*(volatile long *)context;
	return 0;
}

static int
add_range(void *context, size_t begin, size_t end)
{
	*(volatile long *)context += (long)(end - begin);
	return 0;
}

static long
gate_join(long length)
{
	long a = 0, b = 0;

	for (long i = 0; i < length; i++)
		filch_join(add_one, &a, add_one, &b);
	return a + b;
}

struct nested_join {
	long length, sum;
};

static int
join_above(void *context)
{
	struct nested_join *nested = context;

	nested->sum += gate_join(nested->length);
	return 0;
}

/* Where an older fork lies below, as in most of a recursion. */
static long
gate_join_nested(long length)
{
	struct nested_join nested = { length, 0 };

	filch_join(join_above, &nested, add_one, &nested.sum);
	return nested.sum;
}

static long
gate_chunk(long length)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	long sum = 0;

	options.grain_exact = 1;
	filch_for(0, (size_t)length, add_range, &sum, &options);
	return sum;
}

/* One chunk: with a grain to adapt, a clock would make the counts vary. */
static long
gate_loop(long length)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	long sum = 0;

	options.grain_exact = SMALL_LOOP;
	for (long i = 0; i < length; i++)
		filch_for(0, SMALL_LOOP, add_range, &sum, &options);
	return sum;
}

static long
gate_group(long length)
{
	long sum = 0;

	for (long i = 0; i < length; i++) {
		filch_group group = FILCH_GROUP_INIT;

		for (int k = 0; k < GROUP_TASKS; k++)
			filch_group_spawn(&group, add_one, &sum);
		filch_group_wait(&group, FILCH_FOREVER);
	}
	return sum;
}

static long
gate_mutex(long length)
{
	static filch_mutex mutex = FILCH_MUTEX_INIT("gate");
	long sum = 0;

	for (long i = 0; i < length; i++) {
		sum += filch_mutex_lock(&mutex, FILCH_FOREVER);
		sum += filch_mutex_unlock(&mutex);
	}
	return sum;
}

/* A send and a receive of one word. */
static long
pass_words(long length, int spsc)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_channel *channel;
	long item = 0, sum = 0;

	options.spsc = spsc;
	if (filch_channel_create(&channel, sizeof(item), 64, &options) != FILCH_OK)
		abort();
	for (long i = 0; i < length; i++) {
		sum += filch_channel_send(channel, &i, 0);
		sum += filch_channel_recv(channel, &item, 0) + item;
	}
	filch_channel_destroy(channel);
	return sum;
}

static long
gate_channel(long length)
{
	return pass_words(length, 0);
}

static long
gate_line(long length)
{
	return pass_words(length, 1);
}

static filch_group outside_group = FILCH_GROUP_INIT;
static long outside_sum;

/* A spawn of a thread that works in no pool: chooses a worker that sleeps, and wakes
 * it. */
static long
gate_spawn_outside(long length)
{
	long status = 0;

	for (long i = 0; i < length; i++)
		status += filch_group_spawn(&outside_group, add_one, &outside_sum);
	return status;
}

/* Who does it: a caller in a pool without workers, one outside of it, or the only worker
 * of a pool: it queues and takes back what the others run on the spot, and nobody is
 * there to steal; or a caller outside of a pool whose workers all sleep, each time. */
enum place { INSIDE, OUTSIDE, WORKER, SLEEPERS };

static const struct operation {
	const char *name;
	long (*run)(long length);
	long warm_up;
	enum place place;
} operations[] = {
	{ "fork", gate_fork, WARM_UP, INSIDE },
	{ "fib", gate_fib, 20, INSIDE },
	{ "join", gate_join, WARM_UP, INSIDE },
	{ "join_forked", gate_join_nested, WARM_UP, WORKER },
	{ "chunk", gate_chunk, WARM_UP, INSIDE },
	{ "loop", gate_loop, WARM_UP, INSIDE },
	{ "loop_outside", gate_loop, WARM_UP, OUTSIDE },
	{ "spawn_outside", gate_spawn_outside, 10, SLEEPERS },
	{ "group", gate_group, WARM_UP / 10, INSIDE },
	{ "group_queued", gate_group, WARM_UP / 10, WORKER },
	{ "mutex", gate_mutex, WARM_UP, INSIDE },
	{ "channel", gate_channel, WARM_UP, INSIDE },
	{ "line", gate_line, WARM_UP, INSIDE },
};

struct call {
	const struct operation *operation;
	long length;
	long result;
};

/* What callgrind counts: --toggle-collect=measured. */
static __attribute__((noinline, noclone)) void
measured(struct call *call)
{
	call->result = call->operation->run(call->length);
}

static int
warm_up_and_measure(void *context)
{
	struct call *call = context;

	call->operation->run(call->operation->warm_up);
	measured(call);
	return 0;
}

struct sent_call {
	struct call *call;
	sem_t done;
};

static int
measure_as_worker(void *context)
{
	struct sent_call *sent = context;

	warm_up_and_measure(sent->call);
	sem_post(&sent->done);
	return 0;
}

/* Until the workers sleep again. */
static void
let_them_sleep(void)
{
	const struct timespec time = { 0, 10000000 };

	(void)nanosleep(&time, NULL);
}

/* The caller becomes no guest: it spawns from outside, and sleeps until that has
 * ended. */
static int
measure_in_worker(struct call *call)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_group group = FILCH_GROUP_INIT;
	struct sent_call sent = { .call = call };
	filch_pool *pool;

	options.workers = 1;
	if (filch_pool_create(&pool, &options) != 0)
		return 1;
	group.pool = pool;
	sem_init(&sent.done, 0, 0);
	if (filch_group_spawn(&group, measure_as_worker, &sent) != 0)
		return 1;
	while (sem_wait(&sent.done) != 0)
		;
	let_them_sleep();
	filch_group_wait(&group, FILCH_FOREVER);
	sem_destroy(&sent.done);
	return filch_pool_destroy(pool);
}

static void
unmeasured(struct call *call)
{
	call->result = call->operation->run(call->length);
}

/* None is pinned: then the first that sleeps will do, wherever we are. */
static int
measure_beside_sleepers(struct call *call)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	struct call once = { call->operation, 1, 0 };
	filch_pool *pool;

	options.workers = 2;
	options.bind = FILCH_BIND_NONE;
	if (filch_pool_create(&pool, &options) != 0)
		return 1;
	outside_group.pool = pool;
	for (long i = 0; i < call->operation->warm_up + call->length; i++) {
		if (i < call->operation->warm_up)
			unmeasured(&once);
		else
			measured(&once);
		let_them_sleep();
	}
	filch_group_wait(&outside_group, FILCH_FOREVER);
	call->result = outside_sum;
	return filch_pool_destroy(pool);
}

static int
measure_in_place(struct call *call)
{
	switch (call->operation->place) {
	case OUTSIDE:
		return warm_up_and_measure(call);
	case WORKER:
		return measure_in_worker(call);
	case SLEEPERS:
		return measure_beside_sleepers(call);
	case INSIDE:
		break;
	}
	return filch_pool_run(NULL, warm_up_and_measure, call);
}

int
main(int argc, char **argv)
{
	struct call call = { NULL, argc == 3 ? strtol(argv[2], NULL, 10) : 0, 0 };

	for (size_t i = 0; argc == 3 && i < sizeof(operations) / sizeof(*operations); i++) {
		if (strcmp(operations[i].name, argv[1]) == 0)
			call.operation = &operations[i];
	}
	if (call.operation == NULL) {
		fputs("usage: gate_ops OPERATION LENGTH\n", stderr);
		return 2;
	}
	if (measure_in_place(&call) != 0)
		return 1;
	printf("%ld\n", call.result);
	filch_pool_destroy_default();
	return 0;
}
