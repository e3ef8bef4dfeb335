/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * oneTBB: task_group for the recursions, parallel_for and parallel_reduce for the loops.
 * An arena of the size asked for; the caller is one of its threads.
 */
#include "../protocol.h"
#include "tbb_tasks.h"

#include <cstring>
#include <memory>

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>
#include <tbb/parallel_reduce.h>
#include <tbb/task_arena.h>

namespace {

std::unique_ptr<tbb::global_control> limit;
std::unique_ptr<tbb::task_arena> arena;

int
set_workers(uint64_t workers)
{
	arena.reset();
	limit.reset();
	limit = std::make_unique<tbb::global_control>(
	    tbb::global_control::max_allowed_parallelism, workers);
	arena = std::make_unique<tbb::task_arena>(static_cast<int>(workers));
	arena->initialize();
	return 0;
}

/* Chunks no shorter than this: a shorter loop is one task. */
constexpr size_t grain = 4096;
using range = tbb::blocked_range<size_t>;

void
axpy(const leaf_axpy *data, size_t begin, size_t end)
{
	tbb::parallel_for(range(begin, end, grain), [=](const range &r) {
		leaf_axpy_range(1, data->x, data->y, r.begin(), r.end());
	});
}

double
sum(const leaf_sum *data)
{
	return tbb::parallel_reduce(range(0, data->n, grain), 0.0,
	    [=](const range &r, double before) {
		return before + leaf_sum_range(data->items, r.begin(), r.end());
	    }, [](double a, double b) { return a + b; });
}

/* f inside of the arena; what it returns is the result, if anything. */
template <typename F>
uint64_t
inside(F f)
{
	uint64_t result = 0;

	arena->execute([&] { result = f(); });
	return result;
}

template <typename T>
const T *
of(const bench_case *run)
{
	return static_cast<const T *>(run->data);
}

uint64_t
run_integrate(const bench_case *run)
{
	return inside([=] {
		double n = static_cast<double>(run->n);
		double area = integrate(0, curve(0), n, curve(n), (curve(0) + curve(n)) / 2 * n);
		uint64_t bits;

		std::memcpy(&bits, &area, sizeof(bits));
		return bits;
	});
}

uint64_t
run_uts(const bench_case *run)
{
	return inside([=] { return uts(of<leaf_uts>(run), &of<leaf_uts>(run)->root); });
}

uint64_t
run_skynet(const bench_case *run)
{
	uint64_t size = 1;

	while (size <= run->n / 10)
		size *= 10;
	return inside([=] { return skynet(0, size); });
}

uint64_t
run_matmul(const bench_case *run)
{
	auto *m = of<leaf_matmul>(run);

	return inside([=] {
		product(m->a, m->b, m->c, m->n, m->n, leaf_matmul_block);
		return 0;
	});
}

uint64_t
run_strassen(const bench_case *run)
{
	auto *m = of<leaf_matmul>(run);

	return inside([=] {
		strassen(m->a, m->n, m->b, m->n, m->c, m->n, m->n);
		return 0;
	});
}

uint64_t
run_heat(const bench_case *run)
{
	auto *grid = of<leaf_heat>(run);

	return inside([=] {
		for (size_t step = 0; step < grid->steps; step++)
			heat(grid->cell[step % 2], grid->cell[(step + 1) % 2], grid->n, 1,
			    grid->n - 1);
		return 0;
	});
}

uint64_t
run_quicksort(const bench_case *run)
{
	auto *data = static_cast<leaf_quicksort *>(run->data);

	return inside([=] {
		data->list = quicksort(data->list);
		return 0;
	});
}

uint64_t
run_knapsack(const bench_case *run)
{
	auto *sack = static_cast<leaf_knapsack *>(run->data);

	return inside([=] { return knapsack(sack, 0, sack->capacity, 0); });
}

uint64_t
run_axpy(const bench_case *run)
{
	return inside([=] {
		for (uint64_t r = 0; r < run->repeat; r++)
			axpy(of<leaf_axpy>(run), 0, run->n);
		return 0;
	});
}

uint64_t
run_axpy_outside(const bench_case *run)
{
	for (uint64_t r = 0; r < run->repeat; r++)
		arena->execute([=] { axpy(of<leaf_axpy>(run), 0, run->n); });
	return 0;
}

uint64_t
run_nested(const bench_case *run)
{
	return inside([=] {
		for (uint64_t r = 0; r < run->repeat; r++)
			tbb::parallel_for(size_t(0), size_t(LEAF_NESTED), [=](size_t k) {
				axpy(of<leaf_axpy>(run), k * run->n, (k + 1) * run->n);
			});
		return 0;
	});
}

uint64_t
run_mandelbrot(const bench_case *run)
{
	auto *image = of<leaf_mandelbrot>(run);

	return inside([=] {
		tbb::parallel_for(range(0, image->n), [=](const range &r) {
			leaf_mandelbrot_rows(image->pixels, image->n, r.begin(), r.end());
		});
		return 0;
	});
}

uint64_t
run_triangular(const bench_case *run)
{
	auto *triangle = of<leaf_triangular>(run);

	return inside([=] {
		tbb::parallel_for(range(0, triangle->n), [=](const range &r) {
			leaf_triangular_range(triangle->out, r.begin(), r.end());
		});
		return 0;
	});
}

uint64_t
run_sum(const bench_case *run)
{
	return inside([=] {
		double total = 0;

		for (uint64_t r = 0; r < run->repeat; r++)
			total += sum(of<leaf_sum>(run));
		return static_cast<uint64_t>(total);
	});
}

void
pair(void *context)
{
	arena->execute([=] {
		tbb::parallel_invoke([=] { latency_task(context); },
		    [=] { latency_task(context); });
	});
}

uint64_t
run_pair(const bench_case *run)
{
	return latency_run(run, pair);
}

#define INSIDE(expression) [](const bench_case *run) -> uint64_t { \
	return inside([=]() -> uint64_t { return static_cast<uint64_t>(expression); }); }

const bench_kernel kernels[] = {
	{ "fib", INSIDE(fib(static_cast<int>(run->n))) },
	{ "nqueens", INSIDE(run->n > LEAF_QUEENS_MAX ? 0 :
	    nqueens(static_cast<int>(run->n), 0, leaf_board())) },
	{ "integrate", run_integrate },
	{ "uts_t1", run_uts },
	{ "uts_t3", run_uts },
	{ "skynet", run_skynet },
	{ "matmul", run_matmul },
	{ "cilksort", INSIDE((sort(of<leaf_cilksort>(run)->items, of<leaf_cilksort>(run)->spare,
	    run->n), 0)) },
	{ "strassen", run_strassen },
	{ "heat", run_heat },
	{ "knapsack", run_knapsack },
	{ "lu", INSIDE((lu(of<leaf_lu>(run)->a, run->n, run->n), 0)) },
	{ "fft", INSIDE((fft(of<leaf_fft>(run)->out, of<leaf_fft>(run)->in, of<leaf_fft>(run)->w,
	    run->n, 1), 0)) },
	{ "quicksort", run_quicksort },
	{ "binomial", INSIDE(binomial(of<leaf_binomial>(run)->root,
	    of<leaf_binomial>(run)->roots)) },
	{ "axpy", run_axpy },
	{ "axpy_outside", run_axpy_outside },
	{ "mandelbrot", run_mandelbrot },
	{ "triangular", run_triangular },
	{ "nested", run_nested },
	{ "sum", run_sum },
	{ "launch", run_pair },
	{ "handoff", run_pair },
	{ "two_long", run_pair },
	{ "idle", run_pair },
	{ nullptr, nullptr }
};

} /* namespace */

int
main()
{
	const bench_peer peer = { kernels, set_workers, nullptr, nullptr, nullptr };

	return bench_serve(&peer);
}
