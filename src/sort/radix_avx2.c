/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels of a number sort for AVX2.  64-bit keys are compared as signed numbers,
 * which they are made in registers only. */
#include "sort/radix.h"

#include "base/compiler.h"

#include <string.h>

#if defined(__x86_64__)
FLC_TARGET_BEGIN("avx2,bmi,bmi2,lzcnt,popcnt")

#include <immintrin.h>

#define AVERAGE 16
#define VECTOR __m256i
#define STREAM_LINE(to, from) \
	do { \
		for (size_t at_ = 0; at_ < FLC_RADIX_LINE; at_ += 32) \
			_mm256_stream_si256((void *)((char *)(to) + at_), \
			    _mm256_loadu_si256((const void *)((const char *)(from) + at_))); \
	} while (0)
#define STREAM_END() _mm_sfence()
#define RANGE(keys, n, low, high) NAME(vector_range)(keys, n, low, high)
#define LEAF(from, to, n, order) NAME(network_leaf)(from, to, n, order)

/* Lanes before the middle are taken: the mask of n lanes begins n words before it. */
static const int64_t lanes_64[8] = { -1, -1, -1, -1, 0, 0, 0, 0 };
static const int32_t lanes_32[16] = { -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0 };

#define KEY uint64_t
#define SIGNED_KEY int64_t
#define BITS 64
#define NAME(word) word##_64_avx2
#define LANES 4
#define TOP _mm256_set1_epi64x(INT64_MIN)
#define MASK(n) _mm256_loadu_si256((const void *)(lanes_64 + 4 - (n)))
#define ALL(key) _mm256_set1_epi64x(key)
#define LOAD(p) _mm256_xor_si256(_mm256_loadu_si256((const void *)(p)), TOP)
#define LOAD_SOME(p, n) \
	_mm256_blendv_epi8(_mm256_set1_epi64x(INT64_MAX), \
	    _mm256_xor_si256(_mm256_maskload_epi64((const void *)(p), MASK(n)), TOP), MASK(n))
#define STORE(p, v) _mm256_storeu_si256((void *)(p), _mm256_xor_si256(v, TOP))
#define STORE_SOME(p, v, n) \
	_mm256_maskstore_epi64((void *)(p), MASK(n), _mm256_xor_si256(v, TOP))
#define LEAST(v, w) _mm256_blendv_epi8(v, w, _mm256_cmpgt_epi64(v, w))
#define LARGEST(v, w) _mm256_blendv_epi8(w, v, _mm256_cmpgt_epi64(v, w))
#define SWAP1(v) _mm256_shuffle_epi32(v, 0x4e)
#define SWAP2(v) _mm256_permute4x64_epi64(v, 0x4e)
#define FLIP4(v) _mm256_permute4x64_epi64(v, 0x1b)
#define TAKE1(v, w) _mm256_blend_epi32(v, w, 0xcc)
#define TAKE2(v, w) _mm256_blend_epi32(v, w, 0xf0)
/* Of v with the top bit flipped, which STORE flips back. */
#define ORIGINAL(v, flip, negative) \
	_mm256_xor_si256(_mm256_xor_si256(v, flip), \
	    _mm256_andnot_si256(_mm256_cmpgt_epi64(_mm256_setzero_si256(), \
		_mm256_xor_si256(v, flip)), negative))
#define SORT_LANES(v) SORT_4(v)
#define MERGE_LANES(v) MERGE_4(v)
#define FLIP(v) FLIP4(v)
#include "sort/radix_network.h"

#include "sort/radix_kernel.h"

const struct flc_radix_kernels flc_radix_64_avx2 = KERNELS;

#undef KEY
#undef SIGNED_KEY
#undef BITS
#undef NAME
#undef LANES
#undef MASK
#undef ALL
#undef LOAD
#undef LOAD_SOME
#undef STORE
#undef STORE_SOME
#undef LEAST
#undef LARGEST
#undef SWAP1
#undef SWAP2
#undef FLIP4
#undef TAKE1
#undef TAKE2
#undef ORIGINAL
#undef SORT_LANES
#undef MERGE_LANES
#undef FLIP

#define KEY uint32_t
#define SIGNED_KEY int32_t
#define BITS 32
#define NAME(word) word##_32_avx2
#define LANES 8
#define MASK(n) _mm256_loadu_si256((const void *)(lanes_32 + 8 - (n)))
#define ALL(key) _mm256_set1_epi32(key)
#define LOAD(p) _mm256_loadu_si256((const void *)(p))
#define LOAD_SOME(p, n) \
	_mm256_or_si256(_mm256_maskload_epi32((const void *)(p), MASK(n)), \
	    _mm256_xor_si256(MASK(n), _mm256_set1_epi32(-1)))
#define STORE(p, v) _mm256_storeu_si256((void *)(p), v)
#define STORE_SOME(p, v, n) _mm256_maskstore_epi32((void *)(p), MASK(n), v)
#define LEAST(v, w) _mm256_min_epu32(v, w)
#define LARGEST(v, w) _mm256_max_epu32(v, w)
#define SWAP1(v) _mm256_shuffle_epi32(v, 0xb1)
#define SWAP2(v) _mm256_shuffle_epi32(v, 0x4e)
#define SWAP4(v) _mm256_permute4x64_epi64(v, 0x4e)
#define FLIP4(v) _mm256_shuffle_epi32(v, 0x1b)
#define FLIP8(v) FLIP4(SWAP4(v))
#define TAKE1(v, w) _mm256_blend_epi32(v, w, 0xaa)
#define TAKE2(v, w) _mm256_blend_epi32(v, w, 0xcc)
#define TAKE4(v, w) _mm256_blend_epi32(v, w, 0xf0)
#define ORIGINAL(v, flip, negative) \
	_mm256_xor_si256(_mm256_xor_si256(v, flip), \
	    _mm256_and_si256(_mm256_srai_epi32(_mm256_xor_si256(v, flip), 31), negative))
#define SORT_LANES(v) SORT_8(v)
#define MERGE_LANES(v) MERGE_8(v)
#define FLIP(v) FLIP8(v)
#include "sort/radix_network.h"

#include "sort/radix_kernel.h"

const struct flc_radix_kernels flc_radix_32_avx2 = KERNELS;

FLC_TARGET_END
#endif
