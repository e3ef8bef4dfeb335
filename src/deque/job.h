/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A job: a few words of work that stand in a queue by value, so that spawning
 * allocates nothing.
 *
 * The tag is the group or loop the job belongs to; a waiter takes only what
 * bears the tag it waits for.
 */
#ifndef FLC_JOB_H
#define FLC_JOB_H

#include "base/atomic.h"

struct flc_worker;
struct flc_job;

/* Runs the job on the worker's thread. */
typedef void flc_job_fn(struct flc_worker *worker, const struct flc_job *job);

struct flc_job {
	size_t run;   /* a flc_job_fn, chosen by the thread that queued it */
	size_t tag;   /* the address of its group or loop */
	size_t a, b, c; /* what run makes of them */
};

/* The same in a queue that thieves read while it changes. */
struct flc_job_slot {
	flc_atomic run, tag, a, b, c;
};

static inline void
flc_job_store(struct flc_job_slot *slot, const struct flc_job *job)
{
	flc_store_relaxed(&slot->run, job->run);
	flc_store_relaxed(&slot->tag, job->tag);
	flc_store_relaxed(&slot->a, job->a);
	flc_store_relaxed(&slot->b, job->b);
	flc_store_relaxed(&slot->c, job->c);
}

static inline void
flc_job_load(const struct flc_job_slot *slot, struct flc_job *job)
{
	job->run = flc_load_relaxed(&slot->run);
	job->tag = flc_load_relaxed(&slot->tag);
	job->a = flc_load_relaxed(&slot->a);
	job->b = flc_load_relaxed(&slot->b);
	job->c = flc_load_relaxed(&slot->c);
}

#endif /* FLC_JOB_H */
