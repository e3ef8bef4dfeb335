/* SPDX-License-Identifier: BSD-2-Clause */
/* How equal equal work is: on two CPUs at the same time, and from piece to piece. */
#include "measure.h"

#include <math.h>

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

/* Both begin a batch at the same time. */
static void
run_batches(int side)
{
	for (size_t i = 0; i < BATCHES; i++) {
		flc_add_full(&started, 1);
		while (flc_load_acquire(&started) < 2 * (i + 1))
			;
		double begin = now_ns(), before = begin;

		for (int p = 0; p < PIECES; p++) {
			turn();
			double now = now_ns();

			if (side == 0)
				piece[p] = now - before;
			before = now;
		}
		batch[side][i] = before - begin;
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
	/* Two numbers from -s to s, each as likely, are 0.59 s apart in the median;
	 * their quartiles are s apart. */
	costs->pace = median_of(apart, BATCHES) / 0.59;
	costs->noise = median_of(noise, BATCHES);
	return true;
}
