/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenMP: tasks for the recursions, worksharing for the loops.  Built by gcc with libgomp
 * (peers/gomp) and by clang with libomp (peers/omp).
 */
#include "../protocol.h"
#include "omp_tasks.h"

#include <omp.h>
#include <string.h>

static int
set_workers(uint64_t workers)
{
	omp_set_dynamic(0);
	omp_set_num_threads((int)workers);
	/* Starts the threads. */
#pragma omp parallel
	{
	}
	return 0;
}

/* A kernel whose recursion starts in one thread of the team. */
#define IN_TEAM(name, expression) \
	static uint64_t \
	run_##name(const struct bench_case *run) \
	{ \
		uint64_t result = 0; \
		_Pragma("omp parallel") \
		_Pragma("omp single") \
		result = (uint64_t)(expression); \
		return result; \
	}

static struct leaf_board
empty_board(void)
{
	return (struct leaf_board){ { 0 } };
}

static uint64_t
integrate_bits(double n)
{
	double area = integrate(0, curve(0), n, curve(n), (curve(0) + curve(n)) / 2 * n);
	uint64_t bits;

	memcpy(&bits, &area, sizeof(bits));
	return bits;
}

static uint64_t
skynet_size(uint64_t n)
{
	uint64_t size = 1;

	while (size <= n / CHILDREN)
		size *= CHILDREN;
	return size;
}

static void
heat_steps(const struct leaf_heat *grid)
{
	for (size_t step = 0; step < grid->steps; step++)
		heat(grid->cell[step % 2], grid->cell[(step + 1) % 2], grid->n, 1, grid->n - 1);
}

static void
quicksort_list(struct leaf_quicksort *data)
{
	data->list = quicksort(data->list);
}

#define DATA(type) ((struct leaf_##type *)run->data)

IN_TEAM(fib, fib((int)run->n))
IN_TEAM(nqueens, run->n > LEAF_QUEENS_MAX ? 0 : nqueens((int)run->n, 0, empty_board()))
IN_TEAM(integrate, integrate_bits((double)run->n))
IN_TEAM(uts, uts(run->data, &DATA(uts)->root))
IN_TEAM(skynet, skynet(0, skynet_size(run->n)))
IN_TEAM(matmul, (matmul(DATA(matmul)->a, DATA(matmul)->b, DATA(matmul)->c, run->n, run->n), 0))
IN_TEAM(cilksort, (sort(DATA(cilksort)->items, DATA(cilksort)->spare, run->n), 0))
IN_TEAM(strassen, (strassen(DATA(matmul)->a, run->n, DATA(matmul)->b, run->n, DATA(matmul)->c,
    run->n, run->n), 0))
IN_TEAM(heat, (heat_steps(run->data), 0))
IN_TEAM(knapsack, knapsack(run->data, 0, DATA(knapsack)->capacity, 0))
IN_TEAM(lu, (lu(DATA(lu)->a, run->n, run->n), 0))
IN_TEAM(fft, (fft(DATA(fft)->out, DATA(fft)->in, DATA(fft)->w, run->n, 1), 0))
IN_TEAM(quicksort, (quicksort_list(run->data), 0))
IN_TEAM(binomial, binomial(DATA(binomial)->root, DATA(binomial)->roots))

/* The calling thread's equal part of n: what schedule(static) gives, as one chunk for the
 * leaf. */
static void
my_part(size_t n, size_t *begin, size_t *end)
{
	size_t threads = (size_t)omp_get_num_threads();
	size_t me = (size_t)omp_get_thread_num();

	*begin = n * me / threads;
	*end = n * (me + 1) / threads;
}

static void
axpy(double *x, double *y, size_t n)
{
#pragma omp parallel
	{
		size_t begin, end;

		my_part(n, &begin, &end);
		leaf_axpy_range(1, x, y, begin, end);
	}
}

/* A region per loop; there is no other inside or outside. */
static uint64_t
run_axpy(const struct bench_case *run)
{
	for (uint64_t r = 0; r < run->repeat; r++)
		axpy(DATA(axpy)->x, DATA(axpy)->y, run->n);
	return 0;
}

static uint64_t
run_nested(const struct bench_case *run)
{
	for (uint64_t r = 0; r < run->repeat; r++) {
#pragma omp parallel for
		for (size_t k = 0; k < LEAF_NESTED; k++)
			axpy(DATA(axpy)->x + k * run->n, DATA(axpy)->y + k * run->n, run->n);
	}
	return 0;
}

static uint64_t
run_mandelbrot(const struct bench_case *run)
{
#pragma omp parallel for schedule(dynamic)
	for (size_t i = 0; i < run->n; i++)
		leaf_mandelbrot_rows(DATA(mandelbrot)->pixels, run->n, i, i + 1);
	return 0;
}

static uint64_t
run_triangular(const struct bench_case *run)
{
#pragma omp parallel for schedule(dynamic, 16)
	for (size_t i = 0; i < run->n; i++)
		leaf_triangular_range(DATA(triangular)->out, i, i + 1);
	return 0;
}

static uint64_t
run_sum(const struct bench_case *run)
{
	double total = 0;

	for (uint64_t r = 0; r < run->repeat; r++) {
#pragma omp parallel reduction(+ : total)
		{
			size_t begin, end;

			my_part(run->n, &begin, &end);
			total += leaf_sum_range(DATA(sum)->items, begin, end);
		}
	}
	return (uint64_t)total;
}

static void
pair(void *context)
{
#pragma omp parallel sections
	{
#pragma omp section
		latency_task(context);
#pragma omp section
		latency_task(context);
	}
}

static uint64_t
run_pair(const struct bench_case *run)
{
	return latency_run(run, pair);
}

static const struct bench_kernel kernels[] = {
	{ "fib", run_fib },
	{ "nqueens", run_nqueens },
	{ "integrate", run_integrate },
	{ "uts_t1", run_uts },
	{ "uts_t3", run_uts },
	{ "skynet", run_skynet },
	{ "matmul", run_matmul },
	{ "cilksort", run_cilksort },
	{ "strassen", run_strassen },
	{ "heat", run_heat },
	{ "knapsack", run_knapsack },
	{ "lu", run_lu },
	{ "fft", run_fft },
	{ "quicksort", run_quicksort },
	{ "binomial", run_binomial },
	{ "axpy", run_axpy },
	{ "axpy_outside", run_axpy },
	{ "mandelbrot", run_mandelbrot },
	{ "triangular", run_triangular },
	{ "nested", run_nested },
	{ "sum", run_sum },
	{ "launch", run_pair },
	{ "handoff", run_pair },
	{ "two_long", run_pair },
	{ "idle", run_pair },
	{ NULL, NULL }
};

int
main(void)
{
	const struct bench_peer peer = { .kernels = kernels, .set_workers = set_workers };

	return bench_serve(&peer);
}
