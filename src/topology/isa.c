/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/isa.h"

#include "base/atomic.h"

#include <stdlib.h>
#include <string.h>

enum flc_isa
flc_isa_best(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi")
	    || !__builtin_cpu_supports("bmi2"))
		return FLC_ISA_PLAIN;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
	    && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
		return FLC_ISA_AVX512;
	return FLC_ISA_AVX2;
#else
	return FLC_ISA_PLAIN;
#endif
}

enum flc_isa
flc_isa_named(const char *text, enum flc_isa best)
{
	static const char *const name[FLC_ISAS] = { "plain", "avx2", "avx512" };

	for (int set = 0; text != NULL && set < FLC_ISAS; set++)
		if (strcmp(text, name[set]) == 0)
			return set < (int)best ? (enum flc_isa)set : best;
	return best;
}

enum flc_isa
flc_isa(void)
{
	/* One more than the set; 0: not chosen.  Whoever chooses finds the same. */
	static flc_atomic chosen = FLC_ATOMIC_INIT(0);
	size_t set = flc_load_relaxed(&chosen);

	if (set == 0) {
		set = (size_t)flc_isa_named(secure_getenv("FILCH_ISA"), flc_isa_best()) + 1;
		flc_store_relaxed(&chosen, set);
	}
	return (enum flc_isa)(set - 1);
}
