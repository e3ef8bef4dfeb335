/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations that the gate counts: `gate_ops OPERATION LENGTH` does one so
 * many times, after a warm-up, within the function measured().  The gate runs it
 * without workers, so that nothing is stolen and every count is exact.
 */
#include "gate_typed.h"

#include <filch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const struct operation {
	const char *name;
	long (*run)(long length);
	long warm_up;
	int outside;          /* called from outside of the pool */
} operations[] = {
	{ "fork", gate_fork, WARM_UP, 0 },
	{ "fib", gate_fib, 20, 0 },
	{ "join", gate_join, WARM_UP, 0 },
	{ "chunk", gate_chunk, WARM_UP, 0 },
	{ "loop", gate_loop, WARM_UP, 0 },
	{ "loop_outside", gate_loop, WARM_UP, 1 },
	{ "group", gate_group, WARM_UP / 10, 0 },
	{ "mutex", gate_mutex, WARM_UP, 0 },
	{ "channel", gate_channel, WARM_UP, 0 },
	{ "line", gate_line, WARM_UP, 0 },
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
	if (call.operation->outside)
		warm_up_and_measure(&call);
	else if (filch_pool_run(NULL, warm_up_and_measure, &call) != 0)
		return 1;
	printf("%ld\n", call.result);
	filch_pool_destroy(NULL);
	return 0;
}
