/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/progress.h"

void
flc_progress_add(struct flc_worker *worker, filch_progress *progress, size_t by)
{
	size_t stripes = sizeof(progress->stripe_) / sizeof(progress->stripe_[0]);

	flc_add_full((flc_atomic *)&progress->stripe_[worker->index % stripes].done, by);
}

size_t
filch_progress_done(const filch_progress *progress)
{
	const size_t stripes = sizeof(progress->stripe_) / sizeof(progress->stripe_[0]);
	size_t done = 0;

	for (size_t i = 0; progress != NULL && i < stripes; i++)
		done += flc_load_relaxed((const flc_atomic *)&progress->stripe_[i].done);
	return done;
}
