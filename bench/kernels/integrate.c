/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

#include <math.h>
#include <string.h>

/* The integral of x^3 + x by halving until both halves agree with the whole. */
static const double accuracy = 1e-9;

static double
curve(double x)
{
	return (x * x + 1.0) * x;
}

#ifndef BENCH_PLAIN

FILCH_TASK(double, integrate, double, x1, double, y1, double, x2, double, y2, double, area)
{
	double half = (x2 - x1) / 2;
	double x0 = x1 + half;
	double y0 = curve(x0);
	double area1 = (y1 + y0) / 2 * half;
	double area2 = (y0 + y2) / 2 * half;

	if (fabs(area1 + area2 - area) < accuracy)
		return area1 + area2;
	FILCH_SPAWN(left, integrate, x1, y1, x0, y0, area1);
	area2 = FILCH_CALL(integrate, x0, y0, x2, y2, area2);
	return FILCH_JOIN(left, integrate) + area2;
}

#else

struct integrate {
	double x1, y1, x2, y2, area;
};

static int
integrate_task(void *context)
{
	struct integrate *call = context;
	double half = (call->x2 - call->x1) / 2;
	double x0 = call->x1 + half;
	double y0 = curve(x0);
	struct integrate left = { call->x1, call->y1, x0, y0, (call->y1 + y0) / 2 * half };
	struct integrate right = { x0, y0, call->x2, call->y2, (y0 + call->y2) / 2 * half };
	double area = left.area + right.area;

	if (fabs(area - call->area) < accuracy) {
		call->area = area;
		return 0;
	}
	filch_join(integrate_task, &right, integrate_task, &left);
	call->area = left.area + right.area;
	return 0;
}

static double
integrate(double x1, double y1, double x2, double y2, double area)
{
	struct integrate call = { x1, y1, x2, y2, area };

	filch_pool_run(NULL, integrate_task, &call);
	return call.area;
}

#endif

/* The checksum is the bits: the tree is fixed, so they are too. */
uint64_t
bench_integrate(const struct bench_case *run)
{
	double n = (double)run->n;
	double area = FORM_RUN(integrate, 0.0, curve(0), n, curve(n),
	    (curve(0) + curve(n)) / 2 * n);
	uint64_t bits;

	memcpy(&bits, &area, sizeof(bits));
	return bits;
}
