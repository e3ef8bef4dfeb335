/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels of a number sort for AVX-512 (F, DQ, BW, VL). */
#include "sort/radix.h"

#include "base/compiler.h"

#include <string.h>

#if defined(__x86_64__)
FLC_TARGET_BEGIN("avx512f,avx512dq,avx512bw,avx512vl,avx2,bmi,bmi2,lzcnt,popcnt")

#include <immintrin.h>

#define AVERAGE 24
#define VECTOR __m512i
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, v) _mm512_storeu_si512(p, v)
#define STREAM_LINE(to, from) \
	do { \
		_mm512_stream_si512((void *)(to), _mm512_loadu_si512(from)); \
		_mm512_stream_si512((void *)((char *)(to) + 64), \
		    _mm512_loadu_si512((const char *)(from) + 64)); \
	} while (0)
#define STREAM_END() _mm_sfence()
#define RANGE(keys, n, low, high) NAME(vector_range)(keys, n, low, high)
#define LEAF(from, to, n, order) NAME(network_leaf)(from, to, n, order)

#define KEY uint64_t
#define SIGNED_KEY int64_t
#define BITS 64
#define NAME(word) word##_64_avx512
#define LANES 8
#define MASK(n) ((__mmask8)((1u << (n)) - 1))
#define ALL(key) _mm512_set1_epi64(key)
#define LOAD_SOME(p, n) _mm512_mask_loadu_epi64(_mm512_set1_epi64(-1), MASK(n), p)
#define STORE_SOME(p, v, n) _mm512_mask_storeu_epi64(p, MASK(n), v)
#define LEAST(v, w) _mm512_min_epu64(v, w)
#define LARGEST(v, w) _mm512_max_epu64(v, w)
#define SWAP1(v) _mm512_shuffle_epi32(v, _MM_PERM_BADC)
#define SWAP2(v) _mm512_permutex_epi64(v, 0x4e)
#define SWAP4(v) _mm512_shuffle_i64x2(v, v, 0x4e)
#define FLIP4(v) _mm512_permutex_epi64(v, 0x1b)
#define FLIP8(v) _mm512_permutexvar_epi64(_mm512_set_epi64(0, 1, 2, 3, 4, 5, 6, 7), v)
#define TAKE1(v, w) _mm512_mask_mov_epi64(v, 0xaa, w)
#define TAKE2(v, w) _mm512_mask_mov_epi64(v, 0xcc, w)
#define TAKE4(v, w) _mm512_mask_mov_epi64(v, 0xf0, w)
#define ORIGINAL(v, flip, negative) \
	_mm512_xor_si512(_mm512_xor_si512(v, flip), \
	    _mm512_and_si512(_mm512_srai_epi64(_mm512_xor_si512(v, flip), 63), negative))
#define SORT_LANES(v) SORT_8(v)
#define MERGE_LANES(v) MERGE_8(v)
#define FLIP(v) FLIP8(v)
#include "sort/radix_network.h"

#include "sort/radix_kernel.h"

const struct flc_radix_kernels flc_radix_64_avx512 = KERNELS;

#undef KEY
#undef SIGNED_KEY
#undef BITS
#undef NAME
#undef LANES
#undef MASK
#undef ALL
#undef LOAD_SOME
#undef STORE_SOME
#undef LEAST
#undef LARGEST
#undef SWAP1
#undef SWAP2
#undef SWAP4
#undef FLIP4
#undef FLIP8
#undef TAKE1
#undef TAKE2
#undef TAKE4
#undef ORIGINAL
#undef SORT_LANES
#undef MERGE_LANES
#undef FLIP

#define KEY uint32_t
#define SIGNED_KEY int32_t
#define BITS 32
#define NAME(word) word##_32_avx512
#define LANES 16
#define MASK(n) ((__mmask16)((1u << (n)) - 1))
#define ALL(key) _mm512_set1_epi32(key)
#define LOAD_SOME(p, n) _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), MASK(n), p)
#define STORE_SOME(p, v, n) _mm512_mask_storeu_epi32(p, MASK(n), v)
#define LEAST(v, w) _mm512_min_epu32(v, w)
#define LARGEST(v, w) _mm512_max_epu32(v, w)
#define SWAP1(v) _mm512_shuffle_epi32(v, _MM_PERM_CDAB)
#define SWAP2(v) _mm512_shuffle_epi32(v, _MM_PERM_BADC)
#define SWAP4(v) _mm512_permutex_epi64(v, 0x4e)
#define SWAP8(v) _mm512_shuffle_i64x2(v, v, 0x4e)
#define FLIP4(v) _mm512_shuffle_epi32(v, _MM_PERM_ABCD)
#define FLIP8(v) FLIP4(SWAP4(v))
#define FLIP16(v) FLIP4(_mm512_shuffle_i64x2(v, v, 0x1b))
#define TAKE1(v, w) _mm512_mask_mov_epi32(v, 0xaaaa, w)
#define TAKE2(v, w) _mm512_mask_mov_epi32(v, 0xcccc, w)
#define TAKE4(v, w) _mm512_mask_mov_epi32(v, 0xf0f0, w)
#define TAKE8(v, w) _mm512_mask_mov_epi32(v, 0xff00, w)
#define ORIGINAL(v, flip, negative) \
	_mm512_xor_si512(_mm512_xor_si512(v, flip), \
	    _mm512_and_si512(_mm512_srai_epi32(_mm512_xor_si512(v, flip), 31), negative))
#define SORT_LANES(v) SORT_16(v)
#define MERGE_LANES(v) MERGE_16(v)
#define FLIP(v) FLIP16(v)
#include "sort/radix_network.h"

#include "sort/radix_kernel.h"

const struct flc_radix_kernels flc_radix_32_avx512 = KERNELS;

FLC_TARGET_END
#endif
