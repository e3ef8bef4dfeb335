/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels of a number sort in plain C. */
#include "sort/radix.h"

#include "base/compiler.h"

#include <string.h>

#define AVERAGE 8
#define STREAM_LINE(to, from) memcpy(to, from, FLC_RADIX_LINE)
#define STREAM_END() ((void)0)
#define RANGE(keys, n, low, high) NAME(plain_range)(keys, n, low, high)
#define LEAF(from, to, n, order) NAME(plain_leaf)(from, to, n, order)

#define KEY uint64_t
#define SIGNED_KEY int64_t
#define BITS 64
#define NAME(word) word##_64_plain
#include "sort/radix_plain_leaf.h"

#include "sort/radix_kernel.h"

const struct flc_radix_kernels flc_radix_64_plain = KERNELS;
#undef KEY
#undef SIGNED_KEY
#undef BITS
#undef NAME

#define KEY uint32_t
#define SIGNED_KEY int32_t
#define BITS 32
#define NAME(word) word##_32_plain
#include "sort/radix_plain_leaf.h"

#include "sort/radix_kernel.h"

const struct flc_radix_kernels flc_radix_32_plain = KERNELS;
