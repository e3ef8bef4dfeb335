/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

#ifndef BENCH_PLAIN

FILCH_TASK(void, combine, struct leaf_complex *, out, const struct leaf_complex *, w,
    size_t, h, size_t, stride, size_t, begin, size_t, end)
{
	if (end - begin <= LEAF_COMBINE) {
		leaf_fft_combine(out, w, h, stride, begin, end);
		return;
	}

	size_t middle = begin + (end - begin) / 2;

	FILCH_SPAWN(low, combine, out, w, h, stride, begin, middle);
	FILCH_CALL(combine, out, w, h, stride, middle, end);
	FILCH_JOIN(low, combine);
}

FILCH_TASK(void, fft, struct leaf_complex *, out, const struct leaf_complex *, in,
    const struct leaf_complex *, w, size_t, n, size_t, stride)
{
	if (n <= LEAF_FFT) {
		leaf_fft_points(out, in, w, n, stride);
		return;
	}

	size_t h = n / 2;

	FILCH_SPAWN(even, fft, out, in, w, h, 2 * stride);
	FILCH_CALL(fft, out + h, in + stride, w, h, 2 * stride);
	FILCH_JOIN(even, fft);
	FILCH_CALL(combine, out, w, h, stride, 0, h);
}

#else

struct combine {
	struct leaf_complex *out;
	const struct leaf_complex *w;
	size_t h, stride, begin, end;
};

static int
combine_task(void *context)
{
	const struct combine *call = context;
	struct combine low = *call, high = *call;

	if (call->end - call->begin <= LEAF_COMBINE) {
		leaf_fft_combine(call->out, call->w, call->h, call->stride, call->begin, call->end);
		return 0;
	}
	low.end = high.begin = call->begin + (call->end - call->begin) / 2;
	return filch_join(combine_task, &high, combine_task, &low);
}

struct fft {
	struct leaf_complex *out;
	const struct leaf_complex *in, *w;
	size_t n, stride;
};

static int
fft_task(void *context)
{
	const struct fft *call = context;
	size_t h = call->n / 2;
	struct fft even = { call->out, call->in, call->w, h, 2 * call->stride };
	struct fft odd = { call->out + h, call->in + call->stride, call->w, h, 2 * call->stride };
	struct combine both = { call->out, call->w, h, call->stride, 0, h };

	if (call->n <= LEAF_FFT) {
		leaf_fft_points(call->out, call->in, call->w, call->n, call->stride);
		return 0;
	}
	filch_join(fft_task, &odd, fft_task, &even);
	return combine_task(&both);
}

static void
fft(struct leaf_complex *out, const struct leaf_complex *in, const struct leaf_complex *w,
    size_t n, size_t stride)
{
	struct fft call = { out, in, w, n, stride };

	filch_pool_run(NULL, fft_task, &call);
}

#endif

uint64_t
bench_fft(const struct bench_case *run)
{
	const struct leaf_fft *f = run->data;

	FORM_RUN(fft, f->out, f->in, f->w, f->n, 1);
	return 0;
}
