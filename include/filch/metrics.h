/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the workers did: counters that only grow, one writer each, always on.
 *
 * An unstolen fork counts nothing.  Readers take two snapshots and subtract;
 * nothing is ever reset.  Any thread may call, at any time, beside anything but
 * the pool's destruction; no call blocks, and writing allocates nothing.
 */
#ifndef FILCH_METRICS_H
#define FILCH_METRICS_H

#include <filch/base.h>

struct filch_pool;

/* Distances of a steal, nearest first: name, label. */
#define FILCH_DISTANCE_MAP(X) \
	X(SMT,    "smt") \
	X(L2,     "l2") \
	X(L3,     "l3") \
	X(NUMA,   "numa") \
	X(REMOTE, "remote")

enum filch_distance {
#define FILCH_DISTANCE_ENUM(name, label) FILCH_DISTANCE_##name,
	FILCH_DISTANCE_MAP(FILCH_DISTANCE_ENUM)
#undef FILCH_DISTANCE_ENUM
	FILCH_DISTANCES
};

/* States of a worker: name, label.  Their times sum to the time since start. */
#define FILCH_STATE_MAP(X) \
	X(RUN,       "run") \
	X(SEARCH,    "search") \
	X(PARKED,    "parked") \
	X(JOIN_WAIT, "join_wait") \
	X(LOCK_WAIT, "lock_wait") \
	X(SEND_WAIT, "send_wait") \
	X(RECV_WAIT, "recv_wait") \
	X(BLOCKING,  "blocking")

enum filch_state {
#define FILCH_STATE_ENUM(name, label) FILCH_STATE_##name,
	FILCH_STATE_MAP(FILCH_STATE_ENUM)
#undef FILCH_STATE_ENUM
	FILCH_STATES
};

/*
 * One row of counters per worker, guest slot and spare: field, metric name,
 * help.  At rest: steal_attempts (summed) = steals (summed) + misses.
 */
#define FILCH_WORKER_COUNTER_MAP(X) \
	X(tasks_run,       "filch_worker_tasks_run_total",       "tasks stolen, injected or from the loose lane, and chunks of loops") \
	X(tasks_spawned,   "filch_worker_tasks_spawned_total",   "pushes to the loose lane") \
	X(tasks_inlined,   "filch_worker_tasks_inlined_total",   "tasks run without a push: no room, no memory or cancelled") \
	X(injected_run,    "filch_worker_injected_run_total",    "tasks taken from the injection queue") \
	X(stolen_tasks,    "filch_worker_stolen_tasks_total",    "tasks moved by steals") \
	X(misses_empty,    "filch_worker_steal_misses_total{reason=\"empty\"}",     "probes that found nothing") \
	X(misses_lost,     "filch_worker_steal_misses_total{reason=\"lost_race\"}", "probes that lost a race") \
	X(joins_waited,    "filch_worker_joins_total{kind=\"waited\"}", "joins of a stolen task that waited") \
	X(joins_helped,    "filch_worker_joins_total{kind=\"helped\"}", "tasks run while a join waited") \
	X(parks,           "filch_worker_parks_total",           "times it slept") \
	X(wakeups_task,    "filch_worker_wakeups_total{reason=\"task\"}",     "woken for work or by what it waited for") \
	X(wakeups_timeout, "filch_worker_wakeups_total{reason=\"timeout\"}",  "woke by itself to look around") \
	X(wakeups_shutdown,"filch_worker_wakeups_total{reason=\"shutdown\"}", "woken to end") \
	X(empty_wakeups,   "filch_worker_empty_wakeups_total",   "woke, found nothing, slept again") \
	X(wakes_sent,      "filch_worker_wakes_sent_total",      "wake-ups sent to others") \
	X(mode_switches,   "filch_worker_mode_switches_total",   "changes between the unfenced and the fenced deque") \
	X(spares_refused,  "filch_worker_spares_refused_total",  "waits that found no spare left") \
	X(waits_holding,   "filch_worker_waits_holding_total",   "waits that began while a lock was held") \
	X(stalls,          "filch_worker_stalls_total",          "times it saw every thread of the pool blocked")

/* What a row is of. */
enum filch_worker_kind { FILCH_KIND_WORKER, FILCH_KIND_GUEST, FILCH_KIND_SPARE };

typedef struct filch_worker_metrics {
	size_t index;                 /* as filch_worker_index() */
	int kind;                     /* enum filch_worker_kind */
	int state;                    /* enum filch_state, now */
#define FILCH_COUNTER_FIELD(field, name, help) uint64_t field;
	FILCH_WORKER_COUNTER_MAP(FILCH_COUNTER_FIELD)
#undef FILCH_COUNTER_FIELD
	uint64_t steal_attempts[FILCH_DISTANCES];
	uint64_t steals[FILCH_DISTANCES];
	uint64_t time_ns[FILCH_STATES];
} filch_worker_metrics;

/* The pool's sums, and how many rows there are. */
typedef struct filch_metrics {
	size_t size;                  /* of this struct, as the caller knows it */
	uint64_t taken_at;            /* filch_now() */
	size_t workers;               /* threads that may work at once */
	size_t rows;                  /* workers, guests and spares */
	size_t active;                /* threads at work or looking for it, now */
	size_t injected_depth;        /* tasks in the injection queue, now */
	filch_worker_metrics sum;     /* over all rows */
} filch_metrics;

/*
 * Reads the pool's counters; NULL: current or default.  size is sizeof *metrics.
 */
FILCH_API int filch_metrics_snapshot(struct filch_pool *pool, filch_metrics *metrics, size_t size);

/* Calls visit for each row that was ever used, until it returns non-zero, which
 * is then returned. */
FILCH_API int filch_metrics_foreach_worker(struct filch_pool *pool,
    int (*visit)(void *context, const filch_worker_metrics *row), void *context);

/* *out = what happened between `before` and `after`; out may be either. */
FILCH_API void filch_metrics_delta(const filch_metrics *before, const filch_metrics *after,
    filch_metrics *out);

enum filch_metrics_format { FILCH_METRICS_TEXT };

/* Gets the text piece by piece; non-zero stops and is returned. */
typedef int filch_write_fn(void *context, const char *text, size_t length);

/* Writes a table of the workers.  FILCH_UNSUPPORTED for an unknown format. */
FILCH_API int filch_metrics_write(struct filch_pool *pool, int format,
    filch_write_fn *write, void *context);

/*
 * Writes who waits for what to a file descriptor: one line for each thread that
 * is blocked in the library now, with the owner of what it waits for.  Any
 * thread, also in a signal handler; takes no lock and no memory.  FILCH_INVAL if
 * it cannot be written.
 */
FILCH_API int filch_dump(int fd);

/*
 * tell(context, pool) is called from now on when every thread of a pool has been
 * blocked inside the library for a while (0.1 s) and none is left to be woken:
 * a deadlock, unless a thread from outside ends it.  By the thread that notices,
 * once for each stall; it must not block; it may call filch_dump().  Until
 * then FILCH_DISPLAY=1 has it dumped to standard error; else it is only counted
 * (`stalls`).  NULL: as before.
 */
FILCH_API void filch_on_stall(void (*tell)(void *context, struct filch_pool *pool), void *context);

/* A filch_write_fn: context is a FILE *. */
FILCH_API int filch_write_file(void *file, const char *text, size_t length);

#endif /* FILCH_METRICS_H */
