/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/this_cpu.h"

#include <sched.h>

FLC_COLD uint32_t
flc_ask_cpu(void)
{
	return (uint32_t)sched_getcpu();
}
