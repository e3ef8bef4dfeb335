/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was counted: workers, mutexes, channels.  Counters only grow, are always on, and
 * have one writer at a time.
 *
 * An unstolen fork counts nothing.  Readers take two snapshots and subtract; nothing is
 * ever reset.  Any thread may call, at any time and beside any call except the
 * destruction of the pool it names; nothing is allocated from the heap.
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
 * Durations.  count[k] of them took more than 64 ns * 2^(k-1) and at most 64 ns * 2^k;
 * the last bucket holds all longer ones.
 */
#define FILCH_HISTOGRAM_BUCKETS 32
#define FILCH_HISTOGRAM_BUCKET_NS 64

typedef struct filch_histogram {
	uint64_t sum_ns;
	uint64_t count[FILCH_HISTOGRAM_BUCKETS];
} filch_histogram;

/* Bytes of a name with its final zero; of a longer one the end is kept. */
#define FILCH_METRICS_NAME 64

/*
 * The lists below: field, metric name with labels, help.  Lines of one metric stand
 * together.  All else that knows of a counter comes from its line here.
 *
 * Counters of a worker, guest slot or spare.  At rest: steal_attempts (summed) = steals
 * (summed) + misses.
 */
#define FILCH_WORKER_COUNTER_MAP(X) \
	FILCH_WORKER_TASK_MAP(X) FILCH_WORKER_STEAL_MAP(X) FILCH_WORKER_IDLE_MAP(X)

/* While there is work. */
#define FILCH_WORKER_TASK_MAP(X) \
	X(tasks_run,       "filch_worker_tasks_run_total", \
	    "tasks stolen, injected or from the job deque, and chunks of loops") \
	X(tasks_spawned,   "filch_worker_tasks_spawned_total",   "pushes to the job deque") \
	X(tasks_inlined,   "filch_worker_tasks_inlined_total", \
	    "tasks run without a push: no room, no memory or canceled") \
	X(injected_run,    "filch_worker_injected_run_total", \
	    "tasks taken from the injection queue") \
	X(joins_waited,    "filch_worker_joins_total{kind=\"waited\"}", \
	    "joins of a stolen task that waited") \
	X(joins_helped,    "filch_worker_joins_total{kind=\"helped\"}", \
	    "tasks run while a join waited") \
	X(mode_switches,   "filch_worker_mode_switches_total", \
	    "changes between the unfenced and the fenced deque")

/* While it looks for work; beside steal_attempts and steals. */
#define FILCH_WORKER_STEAL_MAP(X) \
	X(stolen_tasks,    "filch_worker_stolen_tasks_total",    "tasks moved by steals") \
	X(misses_empty,    "filch_worker_steal_misses_total{reason=\"empty\"}", \
	    "probes that found nothing") \
	X(misses_lost,     "filch_worker_steal_misses_total{reason=\"lost_race\"}", \
	    "probes that lost a race")

/* While it sleeps, wakes and waits. */
#define FILCH_WORKER_IDLE_MAP(X) \
	X(parks,           "filch_worker_parks_total",           "times it slept") \
	X(wakeups_task,    "filch_worker_wakeups_total{reason=\"task\"}", \
	    "woken for work or by what it waited for") \
	X(wakeups_timeout, "filch_worker_wakeups_total{reason=\"timeout\"}", \
	    "woke by itself to look around") \
	X(wakeups_shutdown,"filch_worker_wakeups_total{reason=\"shutdown\"}", "woken to end") \
	X(empty_wakeups,   "filch_worker_empty_wakeups_total", \
	    "woke, found nothing, slept again") \
	X(wakes_sent,      "filch_worker_wakes_sent_total",      "wake-ups sent to others") \
	X(spares_refused,  "filch_worker_spares_refused_total",  "waits that found no spare left") \
	X(waits_holding,   "filch_worker_waits_holding_total", \
	    "waits that began while a lock was held") \
	X(stalls,          "filch_worker_stalls_total", \
	    "times it saw every thread of the pool blocked")

/* Durations that workers measure. */
#define FILCH_WORKER_HISTOGRAM_MAP(X) \
	X(task_run,     "filch_task_run_seconds{kind=\"stolen\"}", \
	    "duration of tasks stolen, injected or found while waiting") \
	X(sched_delay,  "filch_task_sched_delay_seconds{kind=\"injected\"}", \
	    "from injection to the first instruction") \
	X(wake_latency, "filch_wake_latency_seconds", \
	    "from the wake-up sent for work to the worker running")

/* What a row is of. */
enum filch_slot_kind { FILCH_SLOT_WORKER, FILCH_SLOT_GUEST, FILCH_SLOT_SPARE };

#define FILCH_COUNTER_FIELD(field, name, help) uint64_t field;
#define FILCH_HISTOGRAM_FIELD(field, name, help) filch_histogram field;

typedef struct filch_worker_metrics {
	size_t index;                 /* as filch_worker_index() */
	int kind;                     /* enum filch_slot_kind */
	int state;                    /* enum filch_state, now */
	FILCH_WORKER_COUNTER_MAP(FILCH_COUNTER_FIELD)
	uint64_t steal_attempts[FILCH_DISTANCES];
	uint64_t steals[FILCH_DISTANCES];
	uint64_t time_ns[FILCH_STATES];
	FILCH_WORKER_HISTOGRAM_MAP(FILCH_HISTOGRAM_FIELD)
	uint64_t deque_depth;         /* tasks in its deques, now */
	uint64_t deque_high_water;    /* the most that a thief or a snapshot saw */
} filch_worker_metrics;

/* Counters of a mutex.  In any snapshot: durations in wait <= contended <= acquisitions,
 * and durations in hold <= hold_samples. */
#define FILCH_MUTEX_COUNTER_MAP(X) \
	FILCH_MUTEX_OWNER_MAP(X) FILCH_MUTEX_REFUSED_MAP(X)

/* Counted by its owner. */
#define FILCH_MUTEX_OWNER_MAP(X) \
	X(acquisitions,  "filch_mutex_acquisitions_total",  "times it was acquired") \
	X(contended,     "filch_mutex_contended_total",     "acquisitions that found it taken") \
	X(spin_acquired, "filch_mutex_spin_acquired_total", \
	    "contended acquisitions that did not park") \
	X(parks,         "filch_mutex_parks_total",         "times a waiter slept") \
	X(hold_samples,  "filch_mutex_hold_samples_total", \
	    "acquisitions whose hold time was measured") \
	X(cond_waits,    "filch_mutex_cond_waits_total",    "waits for a condition") \
	X(held_across,   "filch_mutex_held_across_total", \
	    "joins, waits and blocking sends while it was held")

/* Counted by threads that do not get it. */
#define FILCH_MUTEX_REFUSED_MAP(X) \
	X(try_failed,    "filch_mutex_try_failed_total", \
	    "attempts that gave up: at once or at their deadline") \
	X(deadlocks,     "filch_mutex_deadlocks_total", \
	    "attempts refused because they would never have ended")

#define FILCH_MUTEX_HISTOGRAM_MAP(X) \
	X(wait, "filch_mutex_wait_seconds", "duration of contended acquisitions") \
	X(hold, "filch_mutex_hold_seconds", \
	    "duration of holding it, of 1 acquisition in 64, of fewer if often")

typedef struct filch_mutex_metrics {
	char name[FILCH_METRICS_NAME];
	int live;                     /* 0: destroyed; what it counted stands */
	FILCH_MUTEX_COUNTER_MAP(FILCH_COUNTER_FIELD)
	FILCH_MUTEX_HISTOGRAM_MAP(FILCH_HISTOGRAM_FIELD)
	uint64_t cond_wait_ns;
	uint64_t wait_max_ns;
	uint64_t waiters;             /* now */
	/* The owner, while a thread waits, as the last one saw it that went to sleep for
	 * it: the index of the worker or spare, FILCH_NOT_A_WORKER for any other thread,
	 * guests too, and for nobody; and the number of the thread as in filch_dump(),
	 * gdb(1) and top(1), 0: nobody. */
	size_t owner;
	size_t owner_thread;
} filch_mutex_metrics;

/* Counters of a channel.  In any snapshot receives <= sends; at rest their difference is
 * the depth. */
#define FILCH_CHANNEL_COUNTER_MAP(X) \
	FILCH_CHANNEL_SEND_MAP(X) FILCH_CHANNEL_RECEIVE_MAP(X)

/* Counted by senders. */
#define FILCH_CHANNEL_SEND_MAP(X) \
	X(sends,              "filch_channel_sends_total",             "items sent") \
	X(send_blocked,       "filch_channel_send_blocked_total", \
	    "sends that waited for room: backpressure") \
	X(try_send_full,      "filch_channel_try_send_full_total", \
	    "attempts to send that found it full") \
	X(rejected_closed,    "filch_channel_send_rejected_total{reason=\"closed\"}", \
	    "sends that failed, by reason") \
	X(rejected_canceled, "filch_channel_send_rejected_total{reason=\"canceled\"}", \
	    "sends that failed, by reason")

/* Counted by receivers. */
#define FILCH_CHANNEL_RECEIVE_MAP(X) \
	X(receives,           "filch_channel_receives_total",          "items received") \
	X(receive_blocked,    "filch_channel_receive_blocked_total", \
	    "receives that waited for an item: starvation") \
	X(try_receive_empty,  "filch_channel_try_receive_empty_total", \
	    "attempts to receive that found it empty") \
	X(dwell_samples,      "filch_channel_dwell_samples_total", \
	    "items whose time in the channel was measured")

#define FILCH_CHANNEL_HISTOGRAM_MAP(X) \
	FILCH_CHANNEL_SEND_HISTOGRAM_MAP(X) FILCH_CHANNEL_RECEIVE_HISTOGRAM_MAP(X)
#define FILCH_CHANNEL_SEND_HISTOGRAM_MAP(X) \
	X(send_wait,    "filch_channel_send_wait_seconds",    "duration of blocked sends")
#define FILCH_CHANNEL_RECEIVE_HISTOGRAM_MAP(X) \
	X(receive_wait, "filch_channel_receive_wait_seconds", "duration of blocked receives") \
	X(dwell,        "filch_channel_dwell_seconds", \
	    "from send to receive, of 1 item in 64, of fewer if often")

typedef struct filch_channel_metrics {
	char name[FILCH_METRICS_NAME];
	int live;                     /* 0: destroyed; what it counted stands */
	FILCH_CHANNEL_COUNTER_MAP(FILCH_COUNTER_FIELD)
	FILCH_CHANNEL_HISTOGRAM_MAP(FILCH_HISTOGRAM_FIELD)
	uint64_t capacity;            /* UINT64_MAX: unbounded */
	uint64_t depth;               /* items in it, now */
	uint64_t depth_high_water;    /* exact from 64 on; see filch_metrics(3) */
	uint64_t blocked_senders;     /* now */
	uint64_t blocked_receivers;   /* now */
} filch_channel_metrics;

#undef FILCH_COUNTER_FIELD
#undef FILCH_HISTOGRAM_FIELD

/* Parts of the library that ask for memory, by malloc or the pool's allocator: name,
 * label. */
#define FILCH_MEMORY_MAP(X) \
	X(POOL,    "pool") \
	X(DEQUE,   "deque_grow") \
	X(LOOP,    "loop") \
	X(GRAPH,   "graph") \
	X(SYNC,    "sync") \
	X(CHANNEL, "channel") \
	X(SORT,    "sort") \
	X(SCAN,    "scan") \
	X(SELECT,  "select") \
	X(GROUP_BY, "group_by")

enum filch_memory_use {
#define FILCH_MEMORY_ENUM(name, label) FILCH_MEMORY_##name,
	FILCH_MEMORY_MAP(FILCH_MEMORY_ENUM)
#undef FILCH_MEMORY_ENUM
	FILCH_MEMORY_USES
};

/* A pool's sums; mutexes and channels are those of the whole process. */
typedef struct filch_metrics {
	size_t size;                  /* of this struct, as the caller knows it */
	uint64_t taken_at;            /* filch_now() */
	size_t workers;               /* threads that may work at once */
	size_t rows;                  /* workers, guests and spares */
	size_t active;                /* threads at work or looking for it, now */
	size_t injected_depth;        /* tasks in the injection queue, now */
	filch_worker_metrics sum;     /* over all rows */
	filch_mutex_metrics mutexes;  /* over all mutexes */
	filch_channel_metrics channels; /* over all channels */
	uint64_t rows_overflow;       /* things that found no row of their own */
	uint64_t malloc_calls[FILCH_MEMORY_USES]; /* steady state: no more of them */
	/* The memory that algorithms (sorts, scans, ..) of the pool work in, in bytes. */
	uint64_t scratch_in_use;      /* now */
	uint64_t scratch_high_water;  /* the most so far */
	uint64_t scratch_kept;        /* for the next call, until filch_pool_trim() */
} filch_metrics;

/*
 * Reads the pool's counters; NULL: current or default.  size is sizeof *metrics.
 */
FILCH_API int filch_metrics_snapshot(struct filch_pool *pool, filch_metrics *metrics, size_t size);

/* Calls visit for each row that was ever used, until it returns non-zero, which is then
 * returned. */
typedef int filch_worker_visit_fn(void *context, const filch_worker_metrics *row);
FILCH_API int filch_metrics_foreach_worker(struct filch_pool *pool,
    filch_worker_visit_fn *visit, void *context);

/*
 * The same for every mutex and channel of the process that was ever contended or created,
 * the destroyed ones too while no other needs their row; several rows may have one name.
 * One named "other" stands for all that found none of the 255 rows.
 */
typedef int filch_mutex_visit_fn(void *context, const filch_mutex_metrics *row);
typedef int filch_channel_visit_fn(void *context, const filch_channel_metrics *row);
FILCH_API int filch_metrics_foreach_mutex(filch_mutex_visit_fn *visit, void *context);
FILCH_API int filch_metrics_foreach_channel(filch_channel_visit_fn *visit, void *context);

/* Kinds of wait that are reported when they begin while a lock is held. */
#define FILCH_HELD_WAIT_MAP(X) \
	X(JOIN,  "join") \
	X(GROUP, "group or loop") \
	X(SEND,  "channel send") \
	X(RECV,  "channel receive")

enum filch_held_wait {
#define FILCH_HELD_WAIT_ENUM(name, label) FILCH_HELD_WAIT_##name,
	FILCH_HELD_WAIT_MAP(FILCH_HELD_WAIT_ENUM)
#undef FILCH_HELD_WAIT_ENUM
	FILCH_HELD_WAITS
};

#define FILCH_HELD_WAIT_SITES 12

/*
 * A wait that began while a lock was held: both places, and how often.
 *
 * site: the return addresses of the first such wait, nearest first, NULL after the last;
 * for addr2line(1), or dladdr(3) and backtrace_symbols(3).  With the shared library
 * site[0] is the place in the program that called it, and waits from two places are two
 * rows.  A library linked in statically cannot tell its own code from the program's: its
 * own addresses stand before.
 */
typedef struct filch_held_wait_metrics {
	const char *lock;      /* name of the newest lock that was held, or "" */
	const char *place;     /* "file.c:12" where it was made, or "" */
	int wait;              /* enum filch_held_wait */
	uint64_t count;
	const char *waited;    /* name of the channel, of a select the first, or "" */
	const void *const *site; /* FILCH_HELD_WAIT_SITES of them */
} filch_held_wait_metrics;

/*
 * Calls visit for each pair of a lock and a wait that met, until it returns non-zero,
 * which is then returned.  Any thread; what the row points to lives until visit returns.
 * The sum of the counts is exact; when 64 pairs are in use the rest are counted in one
 * row whose lock is "other", per kind of wait.  Each such wait costs about 2 us more, for
 * its return addresses.
 */
typedef int filch_held_wait_visit_fn(void *context, const filch_held_wait_metrics *row);
FILCH_API int filch_metrics_foreach_held_wait(filch_held_wait_visit_fn *visit, void *context);

/* *out = what happened between `before` and `after`; out may be either.  What is not a
 * count is taken from `after`. */
FILCH_API void filch_metrics_delta(const filch_metrics *before, const filch_metrics *after,
    filch_metrics *out);

enum filch_metrics_format {
	FILCH_METRICS_TEXT,         /* tables for people */
	FILCH_METRICS_JSON,         /* one object; durations in seconds */
	FILCH_METRICS_OPENMETRICS,  /* application/openmetrics-text; version=1.0.0 */
	FILCH_METRICS_PROMETHEUS    /* text/plain; version=0.0.4 */
};

/*
 * Writes what the pool's workers, the mutexes and the channels counted, as one snapshot;
 * NULL: of every pool.  FILCH_UNSUPPORTED for an unknown format, FILCH_NOMEM without
 * memory (two mappings, no heap).  Async-signal-safe if write is.
 */
FILCH_API int filch_metrics_write(struct filch_pool *pool, int format,
    filch_write_fn *write, void *context);

/* The same to a file descriptor, async-signal-safe.  FILCH_CLOSED if write(2) fails;
 * errno tells why. */
FILCH_API int filch_metrics_write_fd(struct filch_pool *pool, int format, int fd);

/*
 * Writes which thread waits for what to a descriptor: one line for each thread that is
 * blocked in the library now, with the owner of what it waits for.  Any thread, also in a
 * signal handler; takes no lock and no memory.  FILCH_INVAL if it cannot be written.
 */
FILCH_API int filch_dump(int fd);

#endif /* FILCH_METRICS_H */
