// SPDX-License-Identifier: BSD-2-Clause
#include "passes.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_scan.h>

void
passes_tbb_scan(const int64_t *items, int64_t *out, size_t n)
{
	tbb::parallel_scan(tbb::blocked_range<size_t>(0, n), int64_t(0),
	    [=](const tbb::blocked_range<size_t> &range, int64_t sum, bool is_final) {
		    for (size_t i = range.begin(); i < range.end(); i++) {
			    sum += items[i];
			    if (is_final)
				    out[i] = sum;
		    }
		    return sum;
	    },
	    [](int64_t a, int64_t b) { return a + b; });
}
