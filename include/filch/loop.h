/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parallel loops over index ranges and tiles.
 *
 * The body gets whole chunks, so that its inner loop vectorises.  Any thread may call,
 * many at once, nested at will; the caller works.  No call allocates but the first on
 * each worker.  What is left of a range can be taken at every moment: its owner takes
 * chunks from the front, others take halves of the rest from the back, by the protocol of
 * M. Frigo et al., "The Implementation of the Cilk-5 Multithreaded Language" (1998).
 */
#ifndef FILCH_LOOP_H
#define FILCH_LOOP_H

#include <filch/base.h>
#include <filch/task.h>

/* Runs indexes begin up to, not including, end.  Non-zero fails the loop. */
typedef int filch_range_fn(void *context, size_t begin, size_t end);

enum filch_schedule {
	FILCH_SCHEDULE_AUTO,    /* grain from measured time */
	FILCH_SCHEDULE_STATIC,  /* a part for each worker; lengths differ by one at most */
	FILCH_SCHEDULE_DYNAMIC, /* chunks of the grain, taken one at a time */
	FILCH_SCHEDULE_AFFINITY /* pieces go to the worker that had them last time, by
	                           options.affinity; a worker that is done takes others' */
};

/*
 * Which worker ran which part of a range, so that loops over the same range (same begin,
 * end and grain, same pool) find their data in the caches where the last one left it.
 * Made by FILCH_AFFINITY_INIT or zero; the caller's, static, in the heap or on a stack;
 * needs no clean-up; no other memory is used.  It serves one loop at a time: a loop that
 * finds it in use runs without it.  A loop over another range starts anew.
 */
#define FILCH_AFFINITY_PIECES_ 256
typedef struct filch_affinity {
	size_t busy_, turn_;
	size_t begin_, end_, length_;
	uint16_t owner_[2][FILCH_AFFINITY_PIECES_];
} filch_affinity;

#define FILCH_AFFINITY_INIT { 0, 0, 0, 0, 0, { { 0 } } }

/* How far a loop is.  Made zero; many loops may add to one; any thread reads it at any
 * time with filch_progress_done(). */
typedef struct filch_progress {
	struct {
		size_t done;
		char pad[128 - sizeof(size_t)];
	} stripe_[16];
} filch_progress;

/* Indexes, or tiles, done so far, a little behind. */
FILCH_API size_t filch_progress_done(const filch_progress *progress);

typedef struct filch_for_options {
	size_t size;               /* of this struct; set by the _INIT macro */
	struct filch_pool *pool;   /* NULL: current or default */
	size_t grain_min;          /* no chunk smaller, unless the loop is; 0: no limit */
	size_t grain_exact;        /* every chunk of this size (but the last), counted
	                              from the loop's begin; 0: adapt */
	int schedule;              /* enum filch_schedule */
	size_t max_workers;        /* threads in this loop, caller included; 0: all */
	double cost_ns;            /* hint: time of one index; 0: measure */
	filch_cancel *cancel;      /* looked at before each chunk */
	uint64_t stop_at;          /* no chunk begins after this time; 0: never */
	filch_progress *progress;  /* NULL: not counted */
	const char *name;          /* what filch_dump() and the report of waits with a lock
	                              held call the loop; NULL: it has none */
	filch_affinity *affinity;  /* for FILCH_SCHEDULE_AFFINITY: kept by the caller from
	                              loop to loop; NULL: nothing is remembered */
} filch_for_options;

#define FILCH_FOR_OPTIONS_INIT \
	{ sizeof(filch_for_options), NULL, 0, 0, 0, 0, 0, NULL, 0, NULL, NULL, NULL }

/*
 * Options in place, in C; what is not named is the default:
 *
 *     filch_for(0, n, body, context, FILCH_FOR_WITH(.grain_exact = 1, .name = "rows"));
 */
#ifndef __cplusplus
#define FILCH_FOR_WITH(...) \
	(&(const filch_for_options){ .size = sizeof(filch_for_options), __VA_ARGS__ })
#endif

/*
 * Runs body over [begin, end) in chunks, perhaps at the same time.
 *
 * Returns 0, or the failure of the lowest failing chunk (chunks after it are skipped,
 * those before it still run), or FILCH_CANCELED, or FILCH_TIMEOUT, in this precedence;
 * FILCH_INVAL if begin > end, body is NULL or an option is bad.  options may be NULL.
 *
 * Once a chunk was skipped because of stop_at the loop counts as canceled for what its
 * running chunks do: filch_canceled() is non-zero there, and loops and waits inside of
 * them return FILCH_CANCELED.  A chunk that returns this code makes it the loop's result,
 * since the failure of a chunk goes before FILCH_TIMEOUT.
 */
FILCH_API int filch_for(size_t begin, size_t end, filch_range_fn *body, void *context,
    const filch_for_options *options);

/* The same for a body that cannot fail. */
typedef void filch_range_void_fn(void *context, size_t begin, size_t end);
FILCH_API int filch_for_void(size_t begin, size_t end, filch_range_void_fn *body,
    void *context, const filch_for_options *options);

/* Rows begin0 to end0, columns begin1 to end1. */
typedef struct filch_tile_2d {
	size_t begin0, end0, begin1, end1;
} filch_tile_2d;

typedef struct filch_tile_3d {
	size_t begin0, end0, begin1, end1, begin2, end2;
} filch_tile_3d;

typedef int filch_tile_2d_fn(void *context, filch_tile_2d tile);
typedef int filch_tile_3d_fn(void *context, filch_tile_3d tile);

/*
 * Runs body over tiles of at most tile0 x tile1 (0: a default of 32) that cover range.
 * One call per tile; order of index is row-major over tiles, and the "lowest" failure is
 * the lowest in that order.  grain_* count tiles.
 */
FILCH_API int filch_for_2d(filch_tile_2d range, size_t tile0, size_t tile1,
    filch_tile_2d_fn *body, void *context, const filch_for_options *options);
FILCH_API int filch_for_3d(filch_tile_3d range, size_t tile0, size_t tile1, size_t tile2,
    filch_tile_3d_fn *body, void *context, const filch_for_options *options);

#endif /* FILCH_LOOP_H */
