/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernels, once as fork-join and, with RIVAL_SERIAL, each fork a call.  A body is
 * declared inline, as a typed task's is: gcc then inlines the recursion.
 */
#ifndef BENCH_RIVAL_KERNELS_H
#define BENCH_RIVAL_KERNELS_H

#include "../leaf/leaf.h"

#include <time.h>

#define LONG_NS 100000000u
#define WIDE 1024 /* leaves below one node of the wide tree */

/* How often a leaf of the wide tree does the work of a binomial tree's node. */
static int leaf_work = 1;

static inline uint64_t
leaf_of_wide(uint64_t state)
{
	uint64_t sum = 0;

	for (int i = 0; i < leaf_work; i++)
		sum += (uint64_t)leaf_binomial_children(state + ((uint64_t)i << 40));
	return sum;
}

/* Its thread is not free for another task meanwhile. */
static inline void
long_leaf(uint64_t ns)
{
	struct timespec length = { 0, (long)ns };

	nanosleep(&length, NULL);
}

#ifdef RIVAL_SERIAL

static inline long
fib(int n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint64_t
binomial(uint64_t state, int given)
{
	int children = given != 0 ? given : leaf_binomial_children(state);
	uint64_t nodes = 1;

	for (int i = 0; i < children; i++)
		nodes += binomial(leaf_binomial_child(state, i), 0);
	return nodes;
}

static uint64_t
wide(uint64_t state)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < WIDE; i++)
		sum += leaf_of_wide(state + i);
	return sum;
}

#else

#include "rival.h"

/* A record and its value: the argument, then the result. */
struct task {
	struct record head;
	int64_t value;
};

/* What the fast path left over; the task itself if it is still to be run here. */
size_t rival_join(struct lane *lane, struct record *record, size_t at);

#define NEEDS_RUN(task) ((task)->head.state != RIVAL_DONE)

/* JOIN(lane, b, task, at, call): its value, where `call` runs it here. */
#define JOIN(lane, b, task, at, type, finish, call) \
	(lane_take(lane, at) \
	    ? (b = (at), (type)(call)) \
	    : (b = rival_join(lane, &(task)->head, at), (type)finish(lane, b, task)))

/* The three faces of a task of one word: the body, what a thief calls, and what a join
 * calls off the fast path. */
#define TASK(type, name, argument) \
	static inline type name(struct lane *lane, size_t b, argument n); \
	static void \
	name##_run(struct lane *lane, size_t b, struct record *record) \
	{ \
		struct task *task = (struct task *)(void *)record; \
		task->value = (int64_t)name(lane, b, (argument)task->value); \
	} \
	RIVAL_COLD type \
	name##_finish(struct lane *lane, size_t b, struct task *task) \
	{ \
		return NEEDS_RUN(task) ? name(lane, b, (argument)task->value) \
		    : (type)task->value; \
	} \
	static inline type name(struct lane *lane, size_t b, argument n)

TASK(long, fib, int)
{
	struct task left;
	size_t at;
	long right;

	if (n < 2)
		return n;
	left.value = n - 1;
	at = lane_spawn(lane, b, &left.head, fib_run);
	right = fib(lane, at + 1, n - 2);
	return JOIN(lane, b, &left, at, long, fib_finish, fib(lane, at, (int)left.value)) + right;
}

static uint64_t binomial_node(struct lane *lane, size_t b, uint64_t state, int children);

TASK(uint64_t, binomial, uint64_t)
{
	int children = leaf_binomial_children(n);

	return children == 0 ? 1 : binomial_node(lane, b, n, children);
}

static uint64_t
binomial_node(struct lane *lane, size_t b, uint64_t state, int children)
{
	struct task *child = __builtin_alloca((size_t)children * sizeof(*child));
	size_t *at = __builtin_alloca((size_t)children * sizeof(*at));
	uint64_t nodes = 1;

	for (int i = 0; i < children - 1; i++) {
		child[i].value = (int64_t)leaf_binomial_child(state, i);
		at[i] = lane_spawn(lane, b, &child[i].head, binomial_run);
		b = at[i] + 1;
	}
	nodes += binomial(lane, b, leaf_binomial_child(state, children - 1));
	for (int i = children - 1; i-- > 0;)
		nodes += JOIN(lane, b, &child[i], at[i], uint64_t, binomial_finish,
		    binomial(lane, b, (uint64_t)child[i].value));
	return nodes;
}

TASK(uint64_t, wide_leaf, uint64_t)
{
	(void)lane;
	(void)b;
	return leaf_of_wide(n);
}

static uint64_t
wide(struct lane *lane, size_t b, uint64_t state)
{
	static struct task child[WIDE];
	static size_t at[WIDE];
	uint64_t sum = 0;

	for (int i = 0; i < WIDE; i++) {
		child[i].value = (int64_t)(state + (uint64_t)i);
		at[i] = lane_spawn(lane, b, &child[i].head, wide_leaf_run);
		b = at[i] + 1;
	}
	for (int i = WIDE; i-- > 0;)
		sum += JOIN(lane, b, &child[i], at[i], uint64_t, wide_leaf_finish,
		    wide_leaf(lane, b, (uint64_t)child[i].value));
	return sum;
}

TASK(uint64_t, sleep_for, uint64_t)
{
	(void)lane;
	(void)b;
	long_leaf(n);
	return n;
}

/* Two tasks of 100 ms, the second one called; and before them `first` short ones. */
static uint64_t
two_long(struct lane *lane, size_t b, int first)
{
	struct task task[4];
	size_t at[4];
	uint64_t sum = 0;

	for (int i = 0; i <= first; i++) {
		task[i].value = i < first ? 0 : LONG_NS;
		at[i] = lane_spawn(lane, b, &task[i].head, sleep_for_run);
		b = at[i] + 1;
	}
	sum += sleep_for(lane, b, LONG_NS);
	for (int i = first + 1; i-- > 0;)
		sum += JOIN(lane, b, &task[i], at[i], uint64_t, sleep_for_finish,
		    sleep_for(lane, b, (uint64_t)task[i].value));
	return sum;
}

#endif /* RIVAL_SERIAL */
#endif /* BENCH_RIVAL_KERNELS_H */
