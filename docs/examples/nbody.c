/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bodies that attract each other, each pair by itself: the forces by filch_for() over
 * bodies, the energy by filch_reduce().
 *
 * The layout is one array per coordinate, so that the inner loop loads the same
 * coordinate of eight neighbours at once and the compiler vectorises it.  A body's force
 * is summed in the order of the others, so the result has the same bits for any number of
 * workers.
 */
#define _GNU_SOURCE
#include "number.h"
#include "timing.h"

#include <filch.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODIES 4096
#define BODIES_MAX 1000000
#define STEPS 20
#define STEPS_MAX 1000000
#define STEP 1e-3   /* time of one step */
#define SOFTENING 1e-2   /* length; close bodies pull no harder than at this distance */
#define LANES 8
#define LINE 64

enum { X, Y, Z, DIMENSIONS };

struct bodies {
	size_t n;
	double *mass;
	double *position[DIMENSIONS], *velocity[DIMENSIONS], *force[DIMENSIONS];
	void *memory;
};

/* One block of memory; each array begins on a cache line. */
static int
bodies_create(struct bodies *bodies, size_t n)
{
	size_t padded = (n + LANES - 1) / LANES * LANES, arrays = 1 + 3 * DIMENSIONS;
	double *next = aligned_alloc(LINE, arrays * padded * sizeof(double));

	if (next == NULL)
		return -1;
	memset(next, 0, arrays * padded * sizeof(double));
	bodies->n = n;
	bodies->memory = next;
	bodies->mass = next;
	for (int d = 0; d < DIMENSIONS; d++) {
		bodies->position[d] = next + (1 + (size_t)d) * padded;
		bodies->velocity[d] = next + (4 + (size_t)d) * padded;
		bodies->force[d] = next + (7 + (size_t)d) * padded;
	}
	return 0;
}

/* A number in [0, 1) by its index: the same for each run.  The mixing is that of
 * SplitMix64 (G. Steele et al., 2014). */
static double
uniform(uint64_t index)
{
	uint64_t z = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (double)(z >> 11) * 0x1p-53;
}

/* Equal masses, together 1, at rest in a cube of side 2. */
static void
bodies_place(struct bodies *bodies)
{
	for (size_t i = 0; i < bodies->n; i++) {
		bodies->mass[i] = 1.0 / (double)bodies->n;
		for (int d = 0; d < DIMENSIONS; d++) {
			bodies->position[d][i] = 2 * uniform(DIMENSIONS * i + (size_t)d) - 1;
			bodies->velocity[d][i] = 0;
		}
	}
}

/* What all others do to bodies begin up to, not including, end.  A body does nothing to
 * itself: its distance is zero. */
static int
add_forces(void *context, size_t begin, size_t end)
{
	struct bodies *bodies = context;
	const double *x = bodies->position[X], *y = bodies->position[Y];
	const double *z = bodies->position[Z], *mass = bodies->mass;
	size_t n = bodies->n, whole = n / LANES * LANES;

	for (size_t i = begin; i < end; i++) {
		double fx[LANES] = { 0 }, fy[LANES] = { 0 }, fz[LANES] = { 0 };

#define PAIR(lane, j) do { \
			double dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i]; \
			double square = dx * dx + dy * dy + dz * dz + SOFTENING * SOFTENING; \
			double pull = mass[j] / (square * sqrt(square)); \
			fx[lane] += dx * pull; \
			fy[lane] += dy * pull; \
			fz[lane] += dz * pull; \
		} while (0)
		for (size_t j = 0; j < whole; j += LANES)
			for (size_t lane = 0; lane < LANES; lane++)
				PAIR(lane, j + lane);
		for (size_t j = whole; j < n; j++)
			PAIR(0, j);
#undef PAIR
		for (size_t lane = 1; lane < LANES; lane++) {
			fx[0] += fx[lane];
			fy[0] += fy[lane];
			fz[0] += fz[lane];
		}
		bodies->force[X][i] = fx[0];
		bodies->force[Y][i] = fy[0];
		bodies->force[Z][i] = fz[0];
	}
	return 0;
}

static void
add_times(double *into, const double *from, double factor, size_t n)
{
	for (size_t i = 0; i < n; i++)
		into[i] += factor * from[i];
}

/* Leapfrog: half a kick, a drift, half a kick.  The drift is n additions beside the n * n
 * of the forces, so the caller does it. */
static int
step(struct bodies *bodies, const filch_for_options *options)
{
	int status;

	for (int d = 0; d < DIMENSIONS; d++) {
		add_times(bodies->velocity[d], bodies->force[d], STEP / 2, bodies->n);
		add_times(bodies->position[d], bodies->velocity[d], STEP, bodies->n);
	}
	status = filch_for(0, bodies->n, add_forces, bodies, options);
	for (int d = 0; d < DIMENSIONS; d++)
		add_times(bodies->velocity[d], bodies->force[d], STEP / 2, bodies->n);
	return status;
}

static int
zero(void *unused, void *into)
{
	(void)unused;
	*(double *)into = 0;
	return 0;
}

static int
sum(void *unused, void *into, void *from)
{
	(void)unused;
	*(double *)into += *(double *)from;
	return 0;
}

/* Half a body's m v^2, and its share of the potential of each pair that it begins. */
static int
add_energy(void *context, size_t begin, size_t end, void *into)
{
	const struct bodies *bodies = context;
	double *energy = into;

	for (size_t i = begin; i < end; i++) {
		double square = 0;

		for (int d = 0; d < DIMENSIONS; d++)
			square += bodies->velocity[d][i] * bodies->velocity[d][i];
		*energy += bodies->mass[i] * square / 2;
		for (size_t j = i + 1; j < bodies->n; j++) {
			square = SOFTENING * SOFTENING;
			for (int d = 0; d < DIMENSIONS; d++) {
				double distance = bodies->position[d][j] - bodies->position[d][i];

				square += distance * distance;
			}
			*energy -= bodies->mass[i] * bodies->mass[j] / sqrt(square);
		}
	}
	return 0;
}

static int
energy_of(struct bodies *bodies, double *energy)
{
	static const filch_reducer reducer = { sizeof(double), zero, sum, NULL };

	return filch_reduce(0, bodies->n, add_energy, bodies, &reducer, energy, NULL);
}

struct run {
	double seconds, energy_before, energy_after;
};

static int
simulate(struct bodies *bodies, size_t steps, size_t threads, struct run *run)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	uint64_t start;
	int status;

	options.max_workers = threads;
	options.name = "nbody forces";
	bodies_place(bodies);
	status = filch_for(0, bodies->n, add_forces, bodies, &options);
	if (status == 0)
		status = energy_of(bodies, &run->energy_before);
	start = filch_now();
	for (size_t i = 0; i < steps && status == 0; i++)
		status = step(bodies, &options);
	run->seconds = seconds_since(start);
	if (status == 0)
		status = energy_of(bodies, &run->energy_after);
	return status;
}

static void
print_bodies(const struct bodies *bodies)
{
	for (size_t i = 0; i < bodies->n; i++)
		printf("%.17g %.17g %.17g\n", bodies->position[X][i], bodies->position[Y][i],
		    bodies->position[Z][i]);
}

static int
compare_runs(struct bodies *bodies, size_t steps, int print)
{
	struct bodies alone;
	struct run serial = { 0 }, parallel = { 0 };
	int status, same;

	if (bodies_create(&alone, bodies->n) != 0) {
		fprintf(stderr, "nbody: no memory for %zu bodies; try fewer\n", bodies->n);
		return -1;
	}
	status = simulate(&alone, steps, 1, &serial);
	if (status == 0)
		status = simulate(bodies, steps, 0, &parallel);
	same = status != 0 || memcmp(alone.position[X], bodies->position[X],
	    bodies->n * sizeof(double)) == 0;
	free(alone.memory);
	if (status != 0) {
		fprintf(stderr, "nbody: the library says: %s; look at FILCH_WORKERS and the other "
		    "FILCH_ variables\n", filch_status_text(status));
		return status;
	}
	if (!same) {
		fprintf(stderr,
		    "nbody: the parallel run differs from the serial one; this is a bug "
		    "of filch or of this program, please report it\n");
		return -1;
	}
	if (print)
		print_bodies(bodies);
	fprintf(print ? stderr : stdout, "%zu bodies, %zu steps: energy %.9f, then %.9f\n"
	    "%.2f million pairs a second, speed-up %.2f (serial %.3f s, parallel %.3f s)\n",
	    bodies->n, steps, parallel.energy_before, parallel.energy_after,
	    (double)bodies->n * (double)bodies->n * (double)steps / parallel.seconds / 1e6,
	    serial.seconds / parallel.seconds, serial.seconds, parallel.seconds);
	return 0;
}

int
main(int argc, char **argv)
{
	int print = argc > 1 && strcmp(argv[1], "--print") == 0;
	size_t bodies_asked = argc > 1 + print ? number_of(argv[1 + print], BODIES_MAX) : BODIES;
	size_t steps = argc > 2 + print ? number_of(argv[2 + print], STEPS_MAX) : STEPS;
	struct bodies bodies;
	int status;

	if (argc > 3 + print || bodies_asked == 0 || steps == 0) {
		fprintf(stderr,
		    "usage: nbody [--print] [BODIES [STEPS]]\n"
		    "Moves BODIES (1 to %d, else %d) for STEPS (1 to %d, else %d) of %g, alone\n"
		    "and in parallel.  --print writes x, y and z of each at the end.\n",
		    BODIES_MAX, BODIES, STEPS_MAX, STEPS, STEP);
		return 1;
	}
	if (bodies_create(&bodies, bodies_asked) != 0) {
		fprintf(stderr, "nbody: no memory for %zu bodies; try fewer\n", bodies_asked);
		return 1;
	}
	status = compare_runs(&bodies, steps, print);
	free(bodies.memory);
	return status != 0;
}
