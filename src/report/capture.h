/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One look at everything that was counted, so that what is written afterwards belongs
 * together.  In memory mapped for it: a signal handler may capture.
 */
#ifndef FLC_CAPTURE_H
#define FLC_CAPTURE_H

#include "count/read.h"
#include "pool/pool.h"

struct flc_captured_pool {
	char name[FILCH_METRICS_NAME];
	uint64_t number;
	bool live;
	uint64_t workers, slots, active, injected_depth, cpus, nodes;
	uint64_t scratch_in_use, scratch_high_water, scratch_kept;
	filch_worker_metrics sum;
};

struct flc_captured_worker {
	char pool[FILCH_METRICS_NAME];
	uint64_t number;      /* of the pool */
	bool live;
	filch_worker_metrics metrics;
};

struct flc_capture {
	uint64_t taken_at;
	uint64_t rows_overflow, rows_recycled;
	uint64_t malloc_calls[FILCH_MEMORY_USES];
	size_t pools, workers, mutexes, channels;
	struct flc_captured_pool *pool;
	struct flc_captured_worker *worker;
	filch_mutex_metrics *mutex;
	filch_channel_metrics *channel;
	void *memory;
	size_t size;
};

/*
 * Captures one pool, or all if NULL, and all mutexes and channels.  merge: those that
 * have the same labels become one.  FILCH_OK, FILCH_NOMEM, FILCH_FORKED.
 */
int flc_capture_take(struct flc_capture *capture, const filch_pool *pool, bool merge);
void flc_capture_release(struct flc_capture *capture);

/* A worker of the pool, from its counters, at flc_counters_moment().  False: nobody ever
 * was there. */
bool flc_capture_worker(struct flc_counters *counters, uint64_t moment, size_t index, int kind,
    filch_worker_metrics *metrics);

#endif /* FLC_CAPTURE_H */
