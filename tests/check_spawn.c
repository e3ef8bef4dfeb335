/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed tasks: results, arguments of all kinds, shapes, places to run from. */
#include "spawn_tasks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct large {
	int number[10];
};
_Static_assert(sizeof(struct large) == 40, "by value, and no power of two");

struct empty_but_one {
	char c;
};

typedef long (*function)(long);

static long
twice(long n)
{
	return 2 * n;
}

/* 0 to 8 parameters, without and with a result. */
FILCH_TASK(void, nothing)
{
	__atomic_fetch_add(&ran, 1, __ATOMIC_RELAXED);
}

FILCH_TASK(int, seven)
{
	return 7;
}

FILCH_TASK(void, store1, int *, to)
{
	*to = 1;
}

FILCH_TASK(long double, kinds2, long double, x, char, c)
{
	return x + c;
}

FILCH_TASK(struct large, kinds3, struct large, l, const int, add, _Bool, negate)
{
	for (int i = 0; i < 10; i++)
		l.number[i] = negate ? -(l.number[i] + add) : l.number[i] + add;
	return l;
}

FILCH_TASK(long, kinds4, function, f, const char *, text, struct empty_but_one, e, float, x)
{
	return f((long)strlen(text)) + e.c + (long)x;
}

FILCH_TASK(const char *, kinds5, const char *const, a, void *, b, uint64_t, c, short, d,
    signed char, e)
{
	return b == NULL && c == UINT64_MAX && d == -3 && e == -4 ? a : NULL;
}

FILCH_TASK(double, sum6, double, a, char, b, double, c, float, d, double, e, int, f)
{
	return a + b + c + (double)d + e + f;
}

FILCH_TASK(void, sum7, long *, to, int, a, int, b, int, c, int, d, int, e, int, f)
{
	*to = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f;
}

FILCH_TASK(long, sum8, int, a, struct large, b, int, c, struct large, d, char, e, long double, f,
    _Bool, g, long *, h)
{
	return a + b.number[9] + c + d.number[0] + e + (long)f + g + *h;
}

static struct large
counting(int from)
{
	struct large l;

	for (int i = 0; i < 10; i++)
		l.number[i] = from + i;
	return l;
}

/* How often each is spawned; naps let thieves in. */
#define ROUNDS 20

static int
all_kinds(void *context)
{
	unsigned long *rounds = context;

	for (int i = 0; i < ROUNDS; i++, (*rounds)++) {
		FILCH_TASKS_HERE;
		int one = 0;
		long seventh = 0, eighth = 100;

		FILCH_SPAWN(a, nothing);
		FILCH_SPAWN(b, seven);
		FILCH_SPAWN(c, store1, &one);
		FILCH_SPAWN(d, kinds2, 0.5L, 'a');
		FILCH_SPAWN(e, kinds3, counting(i), 5, true);
		FILCH_SPAWN(f, kinds4, twice, "four", (struct empty_but_one){ 3 }, 2.5f);
		FILCH_SPAWN(g, kinds5, "text", NULL, UINT64_MAX, -3, -4);
		FILCH_SPAWN(h, sum6, 1.5, 2, 3.25, 4.0f, 5.0, 6);
		FILCH_SPAWN(j, sum7, &seventh, 1, 2, 3, 4, 5, 6);
		FILCH_SPAWN(k, sum8, 1, counting(2), 3, counting(4), 5, 6.75L, 2, &eighth);
		if (i % 2)
			nap_us(200);
		ck_assert_int_eq(FILCH_JOIN(k, sum8), 1 + 11 + 3 + 4 + 5 + 6 + 1 + 100);
		FILCH_JOIN(j, sum7);
		ck_assert_int_eq(seventh, 91);
		ck_assert(FILCH_JOIN(h, sum6) == 21.75);
		ck_assert_str_eq(FILCH_JOIN(g, kinds5), "text");
		ck_assert_int_eq(FILCH_JOIN(f, kinds4), 13);
		struct large l = FILCH_JOIN(e, kinds3);
		for (int n = 0; n < 10; n++)
			ck_assert_int_eq(l.number[n], -(i + n + 5));
		ck_assert(FILCH_JOIN(d, kinds2) == (long double)'a' + 0.5L);
		FILCH_JOIN(c, store1);
		ck_assert_int_eq(one, 1);
		ck_assert_int_eq(FILCH_JOIN(b, seven), 7);
		FILCH_JOIN(a, nothing);
	}
	return FILCH_OK;
}

START_TEST(arguments_and_results_of_all_kinds)
{
	unsigned long rounds = 0;

	ran = 0;
	ck_assert_int_eq(run_in_pool(pool_sizes[_i], all_kinds, &rounds), FILCH_OK);
	/* Outside of any pool they run inline. */
	ck_assert_int_eq(all_kinds(&rounds), FILCH_OK);
	ck_assert_uint_eq(rounds, 2 * ROUNDS);
	ck_assert_uint_eq(ran, 2 * ROUNDS);
}
END_TEST

#define LEAVES 16
FILCH_TASK(int, branch, int, n)
{
	FILCH_SPAWN(left, leaf, n);
	FILCH_SPAWN(right, leaf, n + 1);
	return FILCH_JOIN(left, leaf) + FILCH_JOIN(right, leaf);
}

/* A loop of spawns joined in the given order, with spawns in between. */
FILCH_TASK(int, in_order, const unsigned char *, order, int, count)
{
	FILCH_RECORD(branch) record[LEAVES];
	int sum = 0;

	for (int i = 0; i < count; i++)
		FILCH_SPAWN_AT(&record[i], branch, i);
	for (int i = 0; i < count; i++) {
		sum += FILCH_JOIN_AT(&record[order[i]], branch);
		FILCH_SPAWN(between, leaf, 1);
		sum += FILCH_JOIN(between, leaf) - 1;
	}
	return sum;
}

static int numbers;

FILCH_TASK(long, number, int, n)
{
	__atomic_fetch_add(&numbers, 1, __ATOMIC_RELAXED);
	return n;
}

/* The older of two first, which runs the newer one out of its order; then others get
 * their indexes. */
FILCH_TASK(long, used_again, int, rounds)
{
	FILCH_RECORD(number) record[4];
	long sum = 0;

	FILCH_SPAWN(oldest, number, 1);
	for (int i = 0; i < rounds; i++) {
		for (int r = 0; r < 2; r++)
			FILCH_SPAWN_AT(&record[r], number, 10 + r);
		sum += FILCH_JOIN_AT(&record[0], number);
		for (int r = 2; r < 4; r++)
			FILCH_SPAWN_AT(&record[r], number, 1000 * r + 1);
		for (int r = 1; r <= 3; r++)
			sum = 2 * sum + FILCH_JOIN_AT(&record[r == 1 ? 1 : 5 - r], number);
		sum %= 1000003;
	}
	return sum + FILCH_JOIN(oldest, number);
}

/* The same by name: every order of four that the bits tell. */
FILCH_TASK(int, by_name, const unsigned char *, order)
{
	int sum = 0;

	FILCH_SPAWN(a, branch, 1);
	FILCH_SPAWN(b, branch, 2);
	FILCH_SPAWN(c, branch, 3);
	FILCH_SPAWN(d, branch, 4);
	for (int i = 0; i < 4; i++)
		switch (order[i]) {
		case 0: sum += FILCH_JOIN(a, branch); break;
		case 1: sum += FILCH_JOIN(b, branch); break;
		case 2: sum += FILCH_JOIN(c, branch); break;
		default: sum += FILCH_JOIN(d, branch); break;
		}
	return sum;
}

/* Returns early, after joining. */
FILCH_TASK(int, early, int, n)
{
	FILCH_SPAWN(a, leaf, n);
	if (n == 1)
		return FILCH_JOIN(a, leaf);
	FILCH_SPAWN(b, leaf, 1);
	if (n == 2) {
		int first = FILCH_JOIN(a, leaf);

		return first + FILCH_JOIN(b, leaf);
	}
	FILCH_SPAWN(inner, early, n - 1);
	return FILCH_JOIN(inner, early) + FILCH_JOIN(b, leaf) + FILCH_JOIN(a, leaf);
}

static void
shuffle(unsigned char *order, int count, unsigned *seed)
{
	for (int i = 0; i < count; i++)
		order[i] = (unsigned char)i;
	for (int i = count - 1; i > 0; i--) {
		*seed = *seed * 1664525u + 1013904223u;
		int j = (int)((*seed >> 16) % (unsigned)(i + 1));
		unsigned char other = order[i];

		order[i] = order[j];
		order[j] = other;
	}
}

static long
used_again_serially(int rounds)
{
	long sum = 0;

	for (int i = 0; i < rounds; i++)
		sum = (2 * (2 * (2 * (sum + 10) + 11) + 3001) + 2001) % 1000003;
	return sum + 1;
}

static int
orders(void *context)
{
	unsigned seed = *(unsigned *)context;
	unsigned char order[LEAVES];

	numbers = 0;
	ck_assert_int_eq(FILCH_RUN(used_again, 100), used_again_serially(100));
	ck_assert_int_eq(numbers, 1 + 4 * 100);
	for (int p = 0; p < 256; p++) {
		order[0] = (unsigned char)(p & 3), order[1] = (unsigned char)(p >> 2 & 3);
		order[2] = (unsigned char)(p >> 4 & 3), order[3] = (unsigned char)(p >> 6);
		if ((1 << order[0] | 1 << order[1] | 1 << order[2] | 1 << order[3]) != 15)
			continue;
		ck_assert_int_eq(FILCH_RUN(in_order, order, 4), 16);
		ck_assert_int_eq(FILCH_RUN(by_name, order), 24);
	}
	for (int i = 0; i < 200; i++) {
		shuffle(order, LEAVES, &seed);
		ck_assert_int_eq(FILCH_RUN(in_order, order, LEAVES), LEAVES * LEAVES);
	}
	return FILCH_OK;
}

START_TEST(joins_in_any_order)
{
	unsigned seed = 1;

	ck_assert_int_eq(run_in_pool(pool_sizes[_i], orders, &seed), FILCH_OK);
	ck_assert_int_eq(orders(&seed), FILCH_OK);
}
END_TEST

static int
shapes(void *context)
{
	(void)context;
	ck_assert_int_eq(FILCH_RUN(fib, 16), 987);
	ck_assert_int_eq(FILCH_RUN(tak, 10, 6, 3), 4);
	ck_assert_int_eq(FILCH_RUN(is_even, 1001), 0);
	ck_assert_int_eq(FILCH_RUN(is_odd, 1001), 1);
	ck_assert_int_eq(FILCH_RUN(early, 1), 1);
	ck_assert_int_eq(FILCH_RUN(early, 2), 3);
	ck_assert_int_eq(FILCH_RUN(early, 20), 3 + 18 + 207);
	return FILCH_OK;
}

START_TEST(recursions_of_several_shapes)
{
	ck_assert_int_eq(run_in_pool(pool_sizes[_i], shapes, NULL), FILCH_OK);
	ck_assert_int_eq(shapes(NULL), FILCH_OK);
}
END_TEST

/* FILCH_RUN inside of a task whose own record stands below. */
FILCH_TASK(long, run_inside, int, n)
{
	FILCH_SPAWN(below, leaf, 7);
	long sum = FILCH_RUN(fib, n);

	FILCH_SPAWN(above, leaf, 1);
	sum += FILCH_RUN(fib, n);
	return sum + FILCH_JOIN(above, leaf) + FILCH_JOIN(below, leaf);
}

static long
plain(int n)
{
	FILCH_TASKS_HERE;
	FILCH_SPAWN(left, fib, n);
	long right = FILCH_CALL(fib, n);

	return FILCH_JOIN(left, fib) + right;
}

/* A plain function between a task's spawn and its join. */
FILCH_TASK(long, through_plain, int, n)
{
	FILCH_SPAWN(below, leaf, 7);
	long sum = plain(n);

	FILCH_SPAWN(above, leaf, 1);
	sum += plain(n) + FILCH_JOIN(above, leaf);
	return sum + FILCH_JOIN(below, leaf);
}

static int
loop_body(void *context, size_t begin, size_t end)
{
	long *sum = context;

	for (size_t i = begin; i < end; i++) {
		FILCH_TASKS_HERE;
		FILCH_SPAWN(a, fib, 8);
		long run = FILCH_RUN(fib, 9);
		long own = plain(5);

		__atomic_fetch_add(sum, run + own + FILCH_JOIN(a, fib), __ATOMIC_RELAXED);
	}
	return FILCH_OK;
}

static int
places(void *context)
{
	long sum = 0;

	(void)context;
	ck_assert_int_eq(FILCH_RUN(run_inside, 10), 2 * 55 + 8);
	ck_assert_int_eq(FILCH_RUN(through_plain, 10), 4 * 55 + 8);
	ck_assert_int_eq(filch_for(0, 300, loop_body, &sum, NULL), FILCH_OK);
	ck_assert_int_eq(sum, 300 * (21 + 34 + 10));
	return FILCH_OK;
}

START_TEST(tasks_from_tasks_plain_functions_and_loops)
{
	ck_assert_int_eq(run_in_pool(pool_sizes[_i], places, NULL), FILCH_OK);
	ck_assert_int_eq(places(NULL), FILCH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("spawn");
	TCase *sizes = case_of(suite, "pool sizes", NULL, end_default_pool);

	setenv("FILCH_WORKERS", "4", 0);
	tcase_add_loop_test(sizes, arguments_and_results_of_all_kinds, 0, POOL_SIZES);
	tcase_add_loop_test(sizes, joins_in_any_order, 0, POOL_SIZES);
	tcase_add_loop_test(sizes, recursions_of_several_shapes, 0, POOL_SIZES);
	tcase_add_loop_test(sizes, tasks_from_tasks_plain_functions_and_loops, 0, POOL_SIZES);
	return run_suite(suite);
}
