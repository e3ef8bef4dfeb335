/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a worker finds work: in its own deques, in those of its victims, the near ones
 * first, in the loops that they run, and in the injection queue; of any kind, or with one
 * tag for a wait.
 */
#ifndef FLC_STEAL_H
#define FLC_STEAL_H

#include "sched/worker.h"

/* Steals and runs one piece of anything; false if nothing was found. */
bool flc_worker_help(struct flc_worker *worker);

/* Counts a probe of a victim at this distance. */
void flc_worker_count_probe(struct flc_worker *worker, unsigned distance, enum flc_steal outcome);

/* The distance class of another worker. */
unsigned flc_worker_distance(const struct flc_worker *worker, const struct flc_worker *other);

/* Takes and runs one job with the tag, from anywhere; own ones newest first, or oldest
 * first if fifo. */
bool flc_worker_help_tag(struct flc_worker *worker, size_t tag, bool fifo);

/* Takes, as one that takes part already, more of the loop with the tag. */
bool flc_worker_take_more(struct flc_worker *worker, size_t tag, struct flc_job *job);

/* A thread has left the loop with the tag: another may take part. */
void flc_worker_show_rests(struct filch_pool *pool, size_t tag);

/* The same for one that lies between those of others in some deque, where these are to be
 * moved first: before a wait parks. */
bool flc_worker_help_buried(struct flc_worker *worker, size_t tag);

/* Whether such a job, or work of any kind, seems to be there for a waiter. */
bool flc_worker_sees(struct flc_worker *worker, size_t tag, bool wide);

/* The same from its own deque only, while it runs: no change of state, no clock. */
bool flc_worker_run_own(struct flc_worker *worker, size_t tag, bool fifo);

/* One step of a wait that found nothing to help with: spins, then parks. */
struct flc_backoff {
	uint64_t since;   /* ticks; 0: not begun */
	uint32_t rounds;
};

/* True: go on looking; false: time to park. */
bool flc_backoff_spin(struct flc_worker *worker, struct flc_backoff *backoff);

#endif /* FLC_STEAL_H */
