/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES 10000

uint64_t
random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

size_t
random_below(uint64_t *state, size_t limit)
{
	return (size_t)(random_next(state) % limit);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
quantile_of_sorted(const double *sorted, size_t count, double p)
{
	double place = p * (double)(count - 1);
	size_t below = (size_t)place;
	size_t above = below + 1 < count ? below + 1 : below;

	return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

double
quantile(const double *values, size_t count, double p)
{
	double result = NAN;
	double *sorted = malloc((count + 1) * sizeof(*sorted));

	if (sorted != NULL && count > 0) {
		memcpy(sorted, values, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), by_value);
		result = quantile_of_sorted(sorted, count, p);
	}
	free(sorted);
	return result;
}

double
median(const double *values, size_t count)
{
	return quantile(values, count, 0.5);
}

/* Insertion sort: resamples are short, and qsort's calls would dominate. */
static double
median_in_place(double *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		double value = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
	return quantile_of_sorted(values, count, 0.5);
}

struct interval
bootstrap_median(const double *values, size_t count, double confidence, uint64_t seed)
{
	struct interval result = { NAN, NAN };
	double *medians = malloc(RESAMPLES * sizeof(*medians));
	double *resample = malloc((count + 1) * sizeof(*resample));

	if (medians == NULL || resample == NULL || count == 0)
		goto out;
	for (size_t i = 0; i < RESAMPLES; i++) {
		for (size_t k = 0; k < count; k++)
			resample[k] = values[random_below(&seed, count)];
		medians[i] = median_in_place(resample, count);
	}
	result.low = quantile(medians, RESAMPLES, (1 - confidence) / 2);
	result.high = quantile(medians, RESAMPLES, (1 + confidence) / 2);
out:
	free(medians);
	free(resample);
	return result;
}

struct outliers
tukey_outliers(const double *values, size_t count)
{
	struct outliers found = { 0, 0 };
	double q1 = quantile(values, count, 0.25);
	double q3 = quantile(values, count, 0.75);
	double range = q3 - q1;

	for (size_t i = 0; i < count; i++) {
		double beyond = fmax(q1 - values[i], values[i] - q3);

		if (beyond > 3 * range)
			found.severe++;
		else if (beyond > 1.5 * range)
			found.mild++;
	}
	return found;
}
