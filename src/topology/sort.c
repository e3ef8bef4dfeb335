/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/sort.h"

static void
sift_down(unsigned *heap, size_t n, size_t at, flc_before_fn *before, const void *context)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && before(context, heap[child], heap[child + 1]))
			child++;
		if (!before(context, heap[at], heap[child]))
			return;
		unsigned down = heap[at];
		heap[at] = heap[child];
		heap[child] = down;
	}
}

void
flc_sort(unsigned *numbers, size_t n, flc_before_fn *before, const void *context)
{
	for (size_t i = n / 2; i-- > 0; )
		sift_down(numbers, n, i, before, context);
	while (n > 1) {
		unsigned last = numbers[--n];
		numbers[n] = numbers[0];
		numbers[0] = last;
		sift_down(numbers, n, 0, before, context);
	}
}
