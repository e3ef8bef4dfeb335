/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "form.h"

const char *
bench_build(void)
{
#if defined(FILCH_INVARIANTS)
	return "built with invariants";
#elif defined(FILCH_SANITIZED)
	return "built with a sanitizer";
#elif !defined(__OPTIMIZE__)
	return "built without optimisation";
#else
	return "ok";
#endif
}
