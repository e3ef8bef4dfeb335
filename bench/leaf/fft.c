/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <math.h>
#include <stdlib.h>

void
leaf_fft_combine(struct leaf_complex *out, const struct leaf_complex *w, size_t h,
    size_t stride, size_t begin, size_t end)
{
	for (size_t k = begin; k < end; k++) {
		struct leaf_complex even = out[k];
		struct leaf_complex odd = out[k + h];
		struct leaf_complex turn = w[k * stride];
		double re = odd.re * turn.re - odd.im * turn.im;
		double im = odd.re * turn.im + odd.im * turn.re;

		out[k].re = even.re + re;
		out[k].im = even.im + im;
		out[k + h].re = even.re - re;
		out[k + h].im = even.im - im;
	}
}

/* J. Cooley and J. Tukey, "An algorithm for the machine calculation of complex Fourier
 * series" (1965), decimation in time. */
void
leaf_fft_points(struct leaf_complex *out, const struct leaf_complex *in,
    const struct leaf_complex *w, size_t n, size_t stride)
{
	size_t h = n / 2;

	if (n == 1) {
		out[0] = in[0];
		return;
	}
	leaf_fft_points(out, in, w, h, 2 * stride);
	leaf_fft_points(out + h, in + stride, w, h, 2 * stride);
	leaf_fft_combine(out, w, h, stride, 0, h);
}

static void
fft_destroy(void *data)
{
	struct leaf_fft *fft = data;

	free(fft->in);
	free(fft->out);
	free(fft->w);
	free(fft);
}

static void *
fft_create(uint64_t n)
{
	struct leaf_fft *fft = calloc(1, sizeof(*fft));
	const double turn = 2 * acos(-1);
	uint64_t seed = 5;

	if (fft == NULL || n < 2 || n > (1u << 28) || (n & (n - 1)) != 0) {
		free(fft);
		return NULL;
	}
	fft->n = n;
	fft->in = workload_alloc(n * sizeof(*fft->in));
	fft->out = workload_alloc(n * sizeof(*fft->out));
	fft->w = workload_alloc(n / 2 * sizeof(*fft->w));
	if (fft->in == NULL || fft->out == NULL || fft->w == NULL) {
		fft_destroy(fft);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		fft->in[i].re = (double)(workload_random(&seed) >> 11) * 0x1p-53;
		fft->in[i].im = 0;
	}
	for (size_t k = 0; k < n / 2; k++) {
		fft->w[k].re = cos(turn * (double)k / (double)n);
		fft->w[k].im = -sin(turn * (double)k / (double)n);
	}
	return fft;
}

static void
fft_reset(void *data)
{
	struct leaf_fft *fft = data;

	for (size_t i = 0; i < fft->n; i++)
		fft->out[i] = (struct leaf_complex){ 0, 0 };
}

static uint64_t
fft_check(const void *data)
{
	const struct leaf_fft *fft = data;

	return workload_hash(fft->out, 2 * fft->n);
}

const struct workload workload_fft = {
	.name = "fft", .full = 1048576, .small = 8192, .create = fft_create,
	.reset = fft_reset, .check = fft_check, .destroy = fft_destroy,
};
