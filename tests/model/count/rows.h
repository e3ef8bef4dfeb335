/* SPDX-License-Identifier: BSD-2-Clause */
/* count/rows.h for the model: counts are plain, so that a count that is not under its
 * lock is a race. */
#ifndef FLC_ROWS_H
#define FLC_ROWS_H

#include "count/counters.h"

struct flc_row {
	char name[8];
};

struct flc_mutex_row {
	struct flc_row row;
	flc_atomic acquisitions, sample_mask, sampled_at, waiters, owner, try_failed, deadlocks;
	rl::var<size_t> contended, spin_acquired, parks, hold_samples, wait, wait_max, hold;
};

static inline void
model_count(rl::var<size_t> *word, size_t by, rl::debug_info_param at)
{
	(*word)(at).store((*word)(at).load() + by);
}

static inline void
model_count(flc_atomic *word, size_t by, rl::debug_info_param at)
{
	word->store(word->load(rl::mo_relaxed, at) + by, rl::mo_relaxed, at);
}

#define flc_row_count(of, word, by) model_count((word), (by), $)
#define flc_row_time(of, word, by) model_count((word), 1, $)
#define flc_row_max(of, word, by) model_count((word), 1, $)

#endif
