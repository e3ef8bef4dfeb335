/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorting arrays of numbers.
 *
 * Any thread may call, the caller works, and the result does not depend on the number of
 * workers or on the instruction set (which FILCH_ISA=plain, avx2 or avx512 names; else it
 * is the best of the machine).
 */
#ifndef FILCH_SORT_H
#define FILCH_SORT_H

#include <filch/base.h>
#include <filch/task.h>

enum filch_sort_order { FILCH_ASCENDING, FILCH_DESCENDING };

typedef struct filch_sort_options {
	size_t size;               /* of this struct; set by the _INIT macro */
	struct filch_pool *pool;   /* NULL: current or default */
	int order;                 /* enum filch_sort_order */
	size_t max_workers;        /* threads in this sort, caller included; 0: all */
	filch_cancel *cancel;      /* looked at every few hundred microseconds */
	uint64_t stop_at;          /* the sort ends early soon after this time; 0: never */
	const char *name;          /* what filch_dump() calls it; NULL: it has none */
} filch_sort_options;

#define FILCH_SORT_OPTIONS_INIT { sizeof(filch_sort_options), NULL, 0, 0, NULL, 0, NULL }

/* Options in place, in C, as FILCH_FOR_WITH(). */
#ifndef __cplusplus
#define FILCH_SORT_WITH(...) \
	(&(const filch_sort_options){ .size = sizeof(filch_sort_options), __VA_ARGS__ })
#endif

/*
 * Sorts n numbers in place, n of 0 and 1 included.  Floating-point numbers stand in their
 * total order (totalOrder of IEEE 754): NaN with its sign bit set, -infinity, .., -0, +0,
 * .., +infinity, NaN; descending is the reverse of that.
 *
 * Returns FILCH_OK; FILCH_CANCELED or FILCH_TIMEOUT: the array then holds all its
 * numbers, in any order; FILCH_INVAL, with nothing done, if an option is bad, keys is
 * NULL though n is not 0, or the array would be larger than PTRDIFF_MAX; a failure to
 * enter the pool, as filch_for().
 *
 * 32 and 64-bit numbers: a radix sort from the highest bits that differ, with sorting
 * networks in vector registers at its end.  Arrays that ascend or descend are found at
 * the cost of reading.  8 and 16-bit numbers: each value is counted.  Needs memory of the
 * pool (kept until filch_pool_trim()): n numbers and about a megabyte for each thread;
 * for 8 bits a kilobyte for each thread, for 16 bits half a megabyte.  Without it the
 * sort is slower, serial and in place, and does not fail.
 */
FILCH_API int filch_sort_u64(uint64_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_i64(int64_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_u32(uint32_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_i32(int32_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_u16(uint16_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_i16(int16_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_u8(uint8_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_i8(int8_t *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_float(float *keys, size_t n, const filch_sort_options *options);
FILCH_API int filch_sort_double(double *keys, size_t n, const filch_sort_options *options);

#endif /* FILCH_SORT_H */
