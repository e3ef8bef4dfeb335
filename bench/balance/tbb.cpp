// SPDX-License-Identifier: BSD-2-Clause
#include "balance.h"

#include <tbb/blocked_range2d.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <memory>

extern "C" {
const char balance_library[] = "oneTBB";
const char *const balance_schedules[] = { "auto", "simple", "static", nullptr };
}

namespace {

std::unique_ptr<tbb::global_control> control;
/* Of more threads than there are CPUs, too. */
std::unique_ptr<tbb::task_arena> arena;

void
run_range(const tbb::blocked_range<size_t> &range)
{
	for (size_t i = range.begin(); i < range.end(); i++)
		balance_index(i);
}

template <class Partitioner> void
run(const Partitioner &partitioner, size_t n, size_t rows)
{
	if (rows == 0) {
		tbb::parallel_for(tbb::blocked_range<size_t>(0, n), &run_range, partitioner);
		return;
	}
	tbb::parallel_for(tbb::blocked_range2d<size_t>(0, rows, 0, rows),
	    [rows](const tbb::blocked_range2d<size_t> &tile) {
		for (size_t i = tile.rows().begin(); i < tile.rows().end(); i++)
			for (size_t k = tile.cols().begin(); k < tile.cols().end(); k++)
				balance_index(i * rows + k);
	    }, partitioner);
}

} // namespace

void
balance_begin(int workers)
{
	control.reset(new tbb::global_control(tbb::global_control::max_allowed_parallelism,
	    static_cast<size_t>(workers)));
	arena.reset(new tbb::task_arena(workers));
}

void
balance_end()
{
	arena.reset();
	control.reset();
}

int
balance_run(int schedule, size_t n, size_t rows)
{
	arena->execute([=] {
		if (schedule == 0)
			run(tbb::auto_partitioner(), n, rows);
		else if (schedule == 1)
			run(tbb::simple_partitioner(), n, rows);
		else
			run(tbb::static_partitioner(), n, rows);
	});
	return 1;
}
