/* SPDX-License-Identifier: BSD-2-Clause */
/* How equal equal work is: on two CPUs at the same time, and from piece to piece. */
#include "measure.h"

#include <math.h>
#include <time.h>

#define BATCHES 101
#define PIECES 200
#define TURNS 40000 /* a piece: some 20 us */

static FLC_ON_OWN_LINE flc_atomic started;
static double batch[2][BATCHES];
static double piece[PIECES];
static double noise[BATCHES];

static void
turn(void)
{
	for (int i = 0; i < TURNS; i++)
		__asm__ volatile("" : "+r"(i));
}

/* Without what others do on this CPU. */
static double
own_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

/* Both begin a batch at the same time. */
static void
run_batches(int side)
{
	for (size_t i = 0; i < BATCHES; i++) {
		flc_add_full(&started, 1);
		while (flc_load_acquire(&started) < 2 * (i + 1))
			;
		double begin = own_ns(), before = now_ns();

		for (int p = 0; p < PIECES; p++) {
			turn();
			double now = now_ns();

			if (side == 0)
				piece[p] = now - before;
			before = now;
		}
		batch[side][i] = own_ns() - begin;
		if (side == 0) {
			double middle = median_of(piece, PIECES);

			noise[i] = (piece[PIECES * 3 / 4] - piece[PIECES / 4]) / middle;
		}
	}
}

static void *
run_there(void *context)
{
	(void)context;
	stand_on(1);
	run_batches(1);
	return NULL;
}

static void
run_here(void *context)
{
	(void)context;
	run_batches(0);
}

bool
measure_speed(struct speed_costs *costs)
{
	double apart[BATCHES];

	flc_store_release(&started, 0);
	if (!beside(run_there, run_here, NULL))
		return false;
	for (int i = 0; i < BATCHES; i++)
		apart[i] = fabs(batch[0][i] / batch[1][i] - 1);
	/* Two numbers from -s to s, each as likely, are less than 0.27 s apart in a
	 * quarter of all cases; what others disturb is in the other quarters. */
	(void)median_of(apart, BATCHES);
	costs->pace = apart[BATCHES / 4] / 0.27;
	costs->noise = median_of(noise, BATCHES);
	return true;
}
