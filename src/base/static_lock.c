/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/static_lock.h"

void
flc_static_lock_renew(struct flc_renewal *renewal)
{
	static const flc_lock fresh = FLC_LOCK_INIT;

	((struct flc_static_lock *)(void *)renewal)->lock = fresh;
}
