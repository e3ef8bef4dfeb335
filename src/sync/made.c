/* SPDX-License-Identifier: BSD-2-Clause */
#include "sync/made.h"

FLC_COLD int
flc_made_slowly(flc_atomic *made)
{
	size_t now = flc_generation();
	size_t before = flc_load_acquire(made);

	/* Full, hence release [sync.made]: its row of counters, if it has one. */
	if (before == 0 && flc_cas_full(made, 0, now))
		return FILCH_OK;
	return flc_load_acquire(made) == now ? FILCH_OK : FILCH_FORKED;
}
