/* SPDX-License-Identifier: BSD-2-Clause */
#include "sort/radix.h"

#include "topology/isa.h"

#if defined(__x86_64__)
#define SETS(width) \
	{ &flc_radix_##width##_plain, &flc_radix_##width##_avx2, &flc_radix_##width##_avx512 }
#else
#define SETS(width) \
	{ &flc_radix_##width##_plain, &flc_radix_##width##_plain, &flc_radix_##width##_plain }
#endif

const struct flc_radix_kernels *
flc_radix_64(void)
{
	static const struct flc_radix_kernels *const kernels[FLC_ISAS] = SETS(64);

	return kernels[flc_isa()];
}

const struct flc_radix_kernels *
flc_radix_32(void)
{
	static const struct flc_radix_kernels *const kernels[FLC_ISAS] = SETS(32);

	return kernels[flc_isa()];
}
