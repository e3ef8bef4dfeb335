/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools of workers.
 *
 * Most programs never name a pool: a verb runs on the pool the caller is in, else on the
 * default pool, made on first use and configured by the environment (FILCH_WORKERS,
 * FILCH_BIND, FILCH_SPIN_NS, FILCH_STACK; FILCH_DISPLAY=1 shows each pool's configuration
 * on standard error).
 *
 *     filch_pool_create   any thread
 *     filch_pool_run, _broadcast, _describe, _set_active, _trim
 *                         any thread, many at once, also inside tasks
 *     filch_pool_destroy  one thread, none of the pool's own, while no other
 *                         call on that pool is under way
 */
#ifndef FILCH_POOL_H
#define FILCH_POOL_H

#include <filch/base.h>

typedef struct filch_pool filch_pool;

/* For filch_pool_options.workers: run everything inline, in order. */
#define FILCH_NO_WORKERS SIZE_MAX

/* For filch_pool_options.spin_ns: park at once. */
#define FILCH_NO_SPIN UINT64_MAX

/* For filch_pool_options.spares: no thread takes the core of a waiting one. */
#define FILCH_NO_SPARES SIZE_MAX

/* What filch_worker_index() returns outside of any pool. */
#define FILCH_NOT_A_WORKER SIZE_MAX

enum filch_bind {
	FILCH_BIND_AUTO, /* one core each, if the pool fills what is allowed */
	FILCH_BIND_NONE, /* never pin */
	FILCH_BIND_CORE  /* always pin, also where it may hurt */
};

enum filch_on_destroy {
	FILCH_ON_DESTROY_DRAIN,     /* run what is still queued */
	FILCH_ON_DESTROY_DISCARD    /* drop it and count it in *dropped */
};

/* Replaces malloc for what the pool allocates.  Called from any thread; align is a power
 * of two; release gets the size that allocate got. */
typedef struct filch_allocator {
	void *(*allocate)(void *context, size_t size, size_t align);
	void (*release)(void *context, void *memory, size_t size);
	void *context;
} filch_allocator;

typedef struct filch_pool_options {
	size_t size;           /* of this struct; set by the _INIT macro */
	size_t workers;        /* threads of the pool; while k callers from outside
	                          work, at most max(0, workers - k) of them do.
	                          The callers all work, also if they are more.
	                          0: what the machine allows; FILCH_NO_WORKERS:
	                          inline */
	int bind;              /* enum filch_bind */
	int on_destroy;        /* enum filch_on_destroy */
	const char *cpuset;    /* CPUs to use, "0-3,8"; NULL: all allowed ones */
	size_t stack_size;     /* bytes of a worker's stack, from 64 KiB; 0: 8 MiB of
	                          address space, committed on touch */
	uint64_t spin_ns;      /* how long an idle worker looks for work before it
	                          parks; 0: default; FILCH_NO_SPIN */
	size_t guests;         /* outside callers that can work at once, up to 64;
	                          0: 16; without workers one more waits for a place */
	size_t spares;         /* threads that may stand in for waiting ones;
	                          0: default; FILCH_NO_SPARES */
	const char *name;      /* thread names are "name-0", ..., the name cut to 10
	                          bytes; NULL: "filch" */
	/* On each worker and spare, before its first task and after its last. */
	void (*on_start)(void *hook_context, size_t worker);
	void (*on_stop)(void *hook_context, size_t worker);
	void *hook_context;
	const filch_allocator *allocator; /* copied; NULL: malloc */
	uint64_t seed;         /* of the victim choice; 0: a fixed one */
	size_t *dropped;       /* where FILCH_ON_DESTROY_DISCARD counts; may be NULL */
} filch_pool_options;

/* In order, without names: C++17 has no designated initialisers. */
#define FILCH_POOL_OPTIONS_INIT \
	{ sizeof(filch_pool_options), 0, 0, 0, NULL, 0, 0, 0, 0, NULL, \
	  NULL, NULL, NULL, NULL, 0, NULL }

/* Options in place, in C; what is not named is the default. */
#ifndef __cplusplus
#define FILCH_POOL_WITH(...) \
	(&(const filch_pool_options){ .size = sizeof(filch_pool_options), __VA_ARGS__ })
#endif

/*
 * Makes a pool and starts its workers.  options may be NULL.  Fails with FILCH_INVAL on a
 * bad option or a malformed FILCH_* variable (code beats environment: a variable whose
 * option is set is not read), with FILCH_NOMEM, or with FILCH_AGAIN when the system
 * refuses the threads.  The first call in a process loads the machine's topology: 3 to 50
 * ms.
 */
FILCH_API int filch_pool_create(filch_pool **pool, const filch_pool_options *options);

/*
 * Ends the pool and returns after each of its threads has ended; NULL is nothing.
 * FILCH_BUSY from inside one of the pool's own tasks; FILCH_FORKED in a child of the
 * process that made it (nothing is freed, the child has no such threads).
 */
FILCH_API int filch_pool_destroy(filch_pool *pool);

/* The same for the default pool, if it was made.  The next verb that needs it makes it
 * anew. */
FILCH_API int filch_pool_destroy_default(void);

/* The default pool, made if need be; NULL if it cannot be made. */
FILCH_API filch_pool *filch_pool_default(void);

/* The pool whose task the caller is in, or NULL. */
FILCH_API filch_pool *filch_pool_current(void);

/*
 * Runs task(context) inside the pool: the caller takes a guest slot and works, so that
 * verbs in task run on this pool.  NULL: current or default.  Returns what task returned,
 * or FILCH_NOMEM, FILCH_AGAIN, FILCH_FORKED, and then task did not run.  When every guest
 * slot is taken, a worker runs the task and the caller sleeps; so it is with every verb
 * from outside.
 */
FILCH_API int filch_pool_run(filch_pool *pool, filch_task_fn *task, void *context);

/*
 * Runs task(context) once on every worker; filch_worker_index() tells which.  Waits until
 * all have run.  Returns the failure of the lowest worker.  If some worker has not begun
 * by the deadline the call returns FILCH_TIMEOUT after those that did begin have ended;
 * the others never begin.  From a worker of the pool its own share runs first, on the
 * spot.  Not for spares.
 */
FILCH_API int filch_pool_broadcast(filch_pool *pool, filch_task_fn *task,
    void *context, uint64_t deadline);

/* At most `workers` threads run work from now on (1 up to the number created); surplus
 * workers park when they next look for work. */
FILCH_API int filch_pool_set_active(filch_pool *pool, size_t workers);

/* Gives back what growth left behind.  FILCH_AGAIN unless the pool is idle: then only the
 * memory that is kept for sorts and other algorithms was given back. */
FILCH_API int filch_pool_trim(filch_pool *pool);

/*
 * Writes the effective configuration and the reason for each value, one per line, at most
 * size bytes with the final NUL.  Returns the length of the whole text, like snprintf.
 * NULL: current or default.
 */
FILCH_API size_t filch_pool_describe(filch_pool *pool, char *text, size_t size);

/* Index of the calling thread in its pool: workers first, then guests, then spares;
 * constant while one task runs.  FILCH_NOT_A_WORKER outside. */
FILCH_API size_t filch_worker_index(void);

/* One more than the greatest index; the length of a per-worker array.  NULL: current or
 * default. */
FILCH_API size_t filch_worker_limit(filch_pool *pool);

/*
 * tell(context, pool) is called from now on when every thread of a pool has been blocked
 * inside the library for a while (0.1 s) and none is left to be woken: a deadlock, unless
 * a thread from outside ends it.  By the thread that notices, once for each stall; it
 * must not block; it may call filch_dump().  Until then FILCH_DISPLAY=1 has it dumped to
 * standard error; else it is only counted (`stalls`).  NULL: as before.
 */
typedef void filch_stall_fn(void *context, filch_pool *pool);
FILCH_API void filch_pool_on_stall(filch_stall_fn *tell, void *context);

#endif /* FILCH_POOL_H */
