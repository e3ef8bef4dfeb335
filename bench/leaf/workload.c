/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload.h"

#include <stdlib.h>
#include <string.h>

static const struct workload fib = { .name = "fib", .full = 40, .small = 22 };
static const struct workload nqueens = { .name = "nqueens", .full = 12, .small = 8 };
static const struct workload integrate = { .name = "integrate", .full = 1000, .small = 20 };
static const struct workload skynet = { .name = "skynet", .full = 10000000, .small = 10000 };

static const struct workload *const table[] = {
	&fib, &nqueens, &integrate, &workload_uts_t1, &workload_uts_t3, &skynet,
	&workload_matmul, &workload_cilksort, &workload_strassen, &workload_heat,
	&workload_knapsack, &workload_lu, &workload_fft, &workload_quicksort,
	&workload_binomial, &workload_axpy, &workload_mandelbrot, &workload_triangular,
	&workload_nested, &workload_sum, &workload_launch, &workload_handoff,
	&workload_two_long, &workload_idle,
};

const struct workload *
workload_at(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? table[i] : NULL;
}

const struct workload *
workload_find(const char *kernel)
{
	static const char outside[] = "_outside";
	size_t length = strlen(kernel);
	size_t suffix = sizeof(outside) - 1;

	if (length > suffix && strcmp(kernel + length - suffix, outside) == 0)
		length -= suffix;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i]->name) == length &&
		    memcmp(table[i]->name, kernel, length) == 0)
			return table[i];
	return NULL;
}

void *
workload_alloc(size_t bytes)
{
	const size_t line = 64;

	return aligned_alloc(line, (bytes + line) / line * line);
}

/* SplitMix64, after G. Steele et al., "Fast splittable pseudorandom number generators"
 * (2014). */
uint64_t
workload_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t
workload_hash(const void *words, size_t n)
{
	const unsigned char *at = words;
	uint64_t hash = n;

	for (size_t i = 0; i < n; i++) {
		uint64_t word;

		memcpy(&word, at + i * sizeof(word), sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}
