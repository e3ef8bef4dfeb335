/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A job: a few words of work that stand in a queue by value, so that spawning allocates
 * nothing.
 *
 * The tag is the group or loop the job belongs to; a waiter takes only what bears the tag
 * it waits for.
 */
#ifndef FLC_JOB_H
#define FLC_JOB_H

#include "base/atomic.h"

struct flc_worker;
struct flc_job;

/* Runs the job on the worker's thread. */
typedef void flc_job_fn(struct flc_worker *worker, const struct flc_job *job);

/* What it works on, by kind. */
struct flc_job_call {
	int (*task)(void *context);  /* of a group */
	void *context;
	size_t number;               /* which of the group's it is, and more: group_run.h */
};

struct flc_job_range {
	size_t begin, end;           /* of a loop */
	size_t none;
};

#define FLC_JOB_WORDS 3

struct flc_job {
	flc_job_fn *run;             /* chosen by the thread that queued it */
	size_t tag;                  /* the address of its group or loop */
	union {
		struct flc_job_call call;
		struct flc_job_range range;
		void *object;        /* of a kind that run knows; NULL: none */
		size_t word[FLC_JOB_WORDS]; /* any of these, as the slots have it */
	};
};

_Static_assert(sizeof(struct flc_job) == (2 + FLC_JOB_WORDS) * sizeof(size_t),
    "no kind of work takes more words than a slot has");

/* The same in a queue that thieves read while it changes. */
struct flc_job_slot {
	flc_atomic run, tag, word[FLC_JOB_WORDS];
};

static inline void
flc_job_store(struct flc_job_slot *slot, const struct flc_job *job)
{
	flc_store_relaxed(&slot->run, (size_t)job->run);
	flc_store_relaxed(&slot->tag, job->tag);
	flc_store_relaxed(&slot->word[0], job->word[0]);
	flc_store_relaxed(&slot->word[1], job->word[1]);
	flc_store_relaxed(&slot->word[2], job->word[2]);
}

static inline void
flc_job_load(const struct flc_job_slot *slot, struct flc_job *job)
{
	job->run = (flc_job_fn *)flc_load_relaxed(&slot->run);
	job->tag = flc_load_relaxed(&slot->tag);
	job->word[0] = flc_load_relaxed(&slot->word[0]);
	job->word[1] = flc_load_relaxed(&slot->word[1]);
	job->word[2] = flc_load_relaxed(&slot->word[2]);
}

#endif /* FLC_JOB_H */
