/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed tasks as C++17 sees them.  Without Check, whose macros are C; speaks TAP. */
#include "check_spawn.h"

#include <cstdio>

namespace {

struct point {
	double x = 0, y = 0;
	point() = default;
	point(double x_, double y_) : x(x_), y(y_) {}
};

struct large {
	int number[10];
};

typedef double (*function)(point);

double
distance(point p)
{
	return p.x + p.y;
}

} // namespace

FILCH_TASK(long, fib, int, n)
{
	if (n < 2)
		return n;
	if (n == 4)
		nap_us(20);
	FILCH_SPAWN(left, fib, n - 1);
	FILCH_SPAWN(right, fib, n - 2);
	return FILCH_JOIN(left, fib) + FILCH_JOIN(right, fib);
}

FILCH_TASK(int, tak, int, x, int, y, int, z)
{
	if (y >= x)
		return z;
	FILCH_RECORD(tak) two[2];

	FILCH_SPAWN_AT(&two[0], tak, x - 1, y, z);
	FILCH_SPAWN_AT(&two[1], tak, y - 1, z, x);
	return FILCH_CALL(tak, FILCH_JOIN_AT(&two[0], tak), FILCH_JOIN_AT(&two[1], tak),
	    FILCH_CALL(tak, z - 1, x, y));
}

FILCH_TASK(void, nothing)
{
}

FILCH_TASK(bool, negated, const bool, value)
{
	return !value;
}

FILCH_TASK(point, moved, const point, from, double, by)
{
	nap_us(100);
	return point(from.x + by, from.y + by);
}

FILCH_TASK(double, eight, point, a, large, b, char, c, long double, d, const char *, e,
    function, f, bool, g, int, h)
{
	return a.x + b.number[9] + c + static_cast<double>(d) + e[0] + f(a) + g + h;
}

static int
all(void *context)
{
	FILCH_TASKS_HERE;
	large l = {};
	bool good = true;

	l.number[9] = 9;
	for (int i = 0; i < 20; i++) {
		FILCH_SPAWN(a, nothing);
		FILCH_SPAWN(b, negated, i % 2 == 0);
		FILCH_SPAWN(c, moved, point(1, i), 2);
		FILCH_SPAWN(d, fib, 12);
		good &= FILCH_JOIN(d, fib) == 144;
		point p = FILCH_JOIN(c, moved);
		good &= p.x == 3 && p.y == i + 2;
		good &= FILCH_JOIN(b, negated) == (i % 2 != 0);
		FILCH_JOIN(a, nothing);
	}
	good &= FILCH_RUN(tak, 9, 6, 3) == 6;
	good &= FILCH_RUN(is_even, 100u) == 1;
	FILCH_SPAWN(k, eight, point(1, 2), l, 'a', 1.0L, "b", distance, true, 4);
	good &= FILCH_JOIN(k, eight) == 1 + 9 + 'a' + 1 + 'b' + 3 + 1 + 4;
	*static_cast<bool *>(context) = good;
	return FILCH_OK;
}

int
main()
{
	std::printf("1..%d\n", POOL_SIZES + 1);
	for (int i = 0; i <= POOL_SIZES; i++) {
		bool good = false;
		int status = i < POOL_SIZES ? run_in_pool(pool_sizes[i], all, &good) : all(&good);

		std::printf("%s %d - typed tasks in C++, pool size %d\n",
		    status == FILCH_OK && good ? "ok" : "not ok", i + 1, i);
	}
	return filch_pool_destroy(nullptr);
}
