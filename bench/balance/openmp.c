/* SPDX-License-Identifier: BSD-2-Clause */
#include "balance.h"

#include <omp.h>

const char balance_library[] = "libgomp";
const char *const balance_schedules[] = { "dynamic", "guided", "static", NULL };

void
balance_begin(int workers)
{
	omp_set_num_threads(workers);
}

void
balance_end(void)
{
}

int
balance_run(int schedule, size_t n, size_t rows)
{
	static const omp_sched_t kinds[] = { omp_sched_dynamic, omp_sched_guided,
		omp_sched_static };

	omp_set_schedule(kinds[schedule], 0);
	if (rows > 0) {
#pragma omp parallel for schedule(runtime) collapse(2)
		for (size_t i = 0; i < rows; i++)
			for (size_t k = 0; k < rows; k++)
				balance_index(i * rows + k);
	} else {
#pragma omp parallel for schedule(runtime)
		for (size_t i = 0; i < n; i++)
			balance_index(i);
	}
	return 1;
}
