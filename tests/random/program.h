/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random programs: a tree of operations is made from a seed, its outcome is found by a
 * serial walk, and then it runs by filch.  Both must be the same.
 *
 *     generate.c     seed -> tree.  Only programs that can end are made
 *     show.c         prints it
 *     predict.c      tree -> what must come out, and what may
 *     run.c          runs a node, and compares
 *     run_*.c        how each kind of node runs
 *     disturb.c      threads and signals beside it
 *     main.c         many seeds in a child process, with a watchdog; shrinking
 *
 * A program can end because
 *     - a wait for a thread is for a thread of the system, which ends by itself, or
 *       for tasks that run in the same pool or in one with a greater number;
 *     - a lock belongs to a node and is taken around its children only, so locks are
 *       taken from the root to the leaves;
 *     - under a lock nobody helps widely and nobody broadcasts.
 */
#ifndef FILCH_TEST_RANDOM_PROGRAM_H
#define FILCH_TEST_RANDOM_PROGRAM_H

#include "base/atomic.h"

#include <filch.h>

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KINDS(X) \
	X(LEAF, "leaf") \
	X(SERIES, "series") \
	X(FOR, "for") \
	X(TILES, "tiles") \
	X(REDUCE, "reduce") \
	X(FOLD, "fold_workers") \
	X(SUMS, "typed sums") \
	X(JOIN, "join") \
	X(TYPED, "typed tasks") \
	X(GROUP, "group") \
	X(GRAPH, "graph") \
	X(PIPELINE, "pipeline") \
	X(ORDERED_MAP, "ordered map") \
	X(BUFFER, "channel buffer") \
	X(PEER, "channel to a thread") \
	X(SELECT, "select") \
	X(TIMER, "timer") \
	X(PAIR, "tasks on a channel") \
	X(ONCE, "once") \
	X(CONDITION, "condition") \
	X(LATCH, "latch") \
	X(BROADCAST, "broadcast") \
	X(BLOCKING, "blocking") \
	X(PHASE, "phase") \
	X(POOL_RUN, "pool run") \
	X(THREADS, "threads") \
	X(CROWD, "threads outside") \
	X(BARRIER, "barrier") \
	X(PROCESS, "process") \
	X(OBSERVE, "observe")

enum kind {
#define KIND_ENUM(name, text) KIND_##name,
	KINDS(KIND_ENUM)
#undef KIND_ENUM
	KIND_COUNT
};

/* What ends a call early. */
enum limit {
	LIMIT_NONE,
	LIMIT_TOKEN_BEFORE,    /* the token is requested before the call */
	LIMIT_TOKEN_BY_CHILD,  /* by the child limit_child */
	LIMIT_TOKEN_BY_THREAD, /* by another thread, some time */
	LIMIT_DEADLINE_PAST,
	LIMIT_DEADLINE_SOON,
	LIMIT_DEADLINE_FAR,
	LIMIT_COUNT
};

enum lock { LOCK_NONE, LOCK_MUTEX, LOCK_RWLOCK, LOCK_SEMAPHORE, LOCK_COUNT };

/* How far the outcome of a node is known. */
enum sure {
	NEVER,    /* does not run */
	ANY,      /* may run; what it does was canceled, perhaps */
	IF_RUN,   /* may run; then as predicted */
	SURE      /* runs once, as predicted */
};

/* Options of a node.  Zero is the plain case of each. */
#define FIELDS(X) \
	X(fail)         /* leaf: what it returns */ \
	X(absorb)       /* a failure is made a value */ \
	X(pool)         /* number of the pool that the verb names, plus one; 0: NULL */ \
	X(schedule) X(grain_min) X(grain_exact) X(max_workers) X(cost) \
	X(affinity) X(progress) \
	X(limit) X(limit_child) X(lock) X(permits) \
	X(heap)         /* accumulators have memory of their own */ \
	X(rows) X(columns) X(layers) X(tile) \
	X(fifo) X(wide_help) X(shielded) X(backlog) X(try_spawn) X(on_done) \
	X(polls)        /* waits with short deadlines before the last one */ \
	X(rounds)       /* the group is used again */ \
	X(cancel_at)    /* the group is canceled before this spawn, plus one */ \
	X(spread)       /* the first task spawns the rest */ \
	X(helpers)      /* other threads spawn, too, while this one waits, twice */ \
	X(self_call)    /* a task, its chunk (2), its inner task (3) waits for its own
	                   group; a task runs its own graph */ \
	X(order) \
	X(stages) X(child_stage) X(tokens) \
	X(capacity) X(unbounded) X(spsc) X(batch) X(sends) X(arms) X(biased) \
	X(rest)         /* before it runs: yields, or sleeps so many microseconds */ \
	X(rounding)     /* the sums are made so */ \
	X(microseconds) X(periods)

struct node {
	enum kind kind;
	unsigned id;
	unsigned depth;
	uint64_t seed;
#define FIELD_INT(name) int name;
	FIELDS(FIELD_INT)
#undef FIELD_INT
	struct node *parent;
	struct node **child;
	size_t children;
	size_t n, step;        /* loop: indexes, and one child at each step-th */

	enum sure sure;
	int want_status;
	uint64_t want;

	/* As it ran.  The plain fields travel as a user's results would. */
	flc_atomic runs, inside, most_inside, dones, alive;
	int status;
	uint64_t value, plain;
	pthread_t thread;
	uint64_t *item;        /* one per index */
	filch_cancel token;
	filch_group *group;
	void *object;          /* graph, pipeline: made once, run at each repetition */
	filch_affinity *memory;
	filch_mutex mutex;
	filch_rwlock rwlock;
	filch_semaphore semaphore;
};

#define MOST_POOLS 4

struct program {
	uint64_t seed;
	struct node *root;
	struct node **node;
	unsigned nodes;
	int repetitions;
	/* Threads that do other things meanwhile. */
	bool observed, shaken, signalled;
	/* Number 0 is the default pool. */
	size_t pools;
	filch_pool_options plan[MOST_POOLS];
	filch_pool *pool[MOST_POOLS];
};

extern struct program program;
extern bool program_may_fork;

/* generate.c */
void program_make(uint64_t seed, int size);
void program_free(void);
void program_drop(unsigned id);   /* makes the node a leaf */
uint64_t random_next(uint64_t *state);
size_t random_below(uint64_t *state, size_t n);

/* show.c: the tree; else what of it has begun. */
void program_show(bool all);

/* predict.c */
void predict_program(void);
uint64_t mix(uint64_t a, uint64_t b);
/* The value of a node whose call went well; what its children gave, or should. */
uint64_t value_of(const struct node *node, bool predicted);
/* The call ends early, or may. */
bool is_cut(const struct node *node);
size_t serial_order(const struct node *node, size_t *order);
bool has_edge(const struct node *node, size_t before, size_t after);
int stage_kind(const struct node *node, int stage);
double *sums_data(const struct node *node);
uint64_t sums_of(const struct node *node);

/* run.c */
#define PROGRAM_FAILURE 64
extern char *program_failure;   /* where broken() leaves its format; or NULL */
int run_node(struct node *node);
int run_child(struct node *node, size_t i);
/* task(context) in the pool that the node names, the node's lock held by the caller. */
int run_under_lock(struct node *node, struct node *child, int (*task)(void *context),
    void *context);
void run_program(void);
_Noreturn void broken(const struct node *node, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define NODE_MUST(node, fact) \
	do { \
		if (!(fact)) \
			broken(node, "%s", #fact); \
	} while (0)
filch_pool *named_pool(const struct node *node);
uint64_t limit_deadline(const struct node *node);
filch_cancel *limit_token(struct node *node);
/* Whether a status is one that what is known allows. */
bool is_certain(const struct node *node);
void pause_us(int us);

typedef int node_runner(struct node *node);
/* run_loops.c */
node_runner run_for, run_tiles, run_reduce, run_fold, run_sums;
/* run_tasks.c */
node_runner run_join, run_typed, run_group, run_series;
/* run_flow.c */
node_runner run_graph, run_pipeline, run_ordered_map;
void flow_end(struct node *node);
/* run_channels.c */
node_runner run_buffer, run_peer, run_select, run_timer, run_pair;
/* run_waits.c */
node_runner run_once, run_condition, run_latch, run_broadcast, run_barrier, run_blocking,
    run_phase;
/* run_pools.c */
node_runner run_pool_run, run_threads, run_crowd, run_process, run_observe;
void pools_make(void);
void pools_end(void);

/* disturb.c: threads and signals beside the program. */
void disturb_begin(void);
void disturb_end(void);
/* Requests the token of a node after a while; the end waits for the thread. */
void disturb_token(struct node *node);
void disturb_token_end(struct node *node);

#endif /* FILCH_TEST_RANDOM_PROGRAM_H */
