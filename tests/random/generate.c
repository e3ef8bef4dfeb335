/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a tree from a seed. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

struct program program;
bool program_may_fork = true;

/* Kinds of a wait for the group around it that are made. */
#define SELF_CALLS 3
/* Rounding modes that sums are made in. */
#define ROUNDINGS 4

/* Where a node stands. */
struct place {
	int pool;       /* number of the pool it runs in; -1: outside */
	bool locked;    /* a node around it holds a lock around it */
	bool concurrent; /* may run beside others */
};

struct maker {
	uint64_t state;
	int budget;     /* nodes left */
};

static size_t
below(struct maker *m, size_t n)
{
	return random_below(&m->state, n);
}

static bool
one_in(struct maker *m, size_t n)
{
	return below(m, n) == 0;
}

/* Mostly small, sometimes not. */
static int
small(struct maker *m, size_t most)
{
	return (int)(1 + below(m, 1 + below(m, most)));
}

static struct node *make_node(struct maker *m, struct node *parent, struct place place);

static void *
clean_memory(size_t n, size_t size)
{
	void *memory = calloc(n == 0 ? 1 : n, size);

	if (memory == NULL)
		abort();
	return memory;
}

static struct node *
new_node(struct maker *m, struct node *parent)
{
	struct node *node = clean_memory(1, sizeof(*node));
	unsigned id = program.nodes++;

	program.node = realloc(program.node, program.nodes * sizeof(struct node *));
	if (program.node == NULL)
		abort();
	program.node[id] = node;
	node->id = id;
	node->parent = parent;
	node->depth = parent == NULL ? 0 : parent->depth + 1;
	node->seed = random_next(&m->state);
	if (one_in(m, 4))
		node->rest = one_in(m, 3) ? small(m, 100) : 1;
	m->budget--;
	return node;
}

static void
add_children(struct maker *m, struct node *node, size_t n, struct place place)
{
	node->child = clean_memory(n, sizeof(struct node *));
	node->children = n;
	for (size_t i = 0; i < n; i++)
		node->child[i] = make_node(m, node, place);
}

/* Chooses the pool that a verb names, and tells where its children run. */
static struct place
choose_pool(struct maker *m, struct node *node, struct place place)
{
	int least = place.pool < 0 ? 0 : place.pool;

	if (!one_in(m, place.pool < 0 ? 2 : 6)) {
		place.pool = least;
	} else {
		place.pool = least + (int)below(m, program.pools - (size_t)least);
		node->pool = place.pool + 1;
	}
	place.concurrent = true;
	return place;
}

/* A verb that can be cut short, or whose failures are caught. */
static void
choose_limit(struct maker *m, struct node *node, bool has_deadline)
{
	node->absorb = one_in(m, 3);
	if (!one_in(m, 8))
		return;
	node->limit = 1 + (int)below(m, LIMIT_COUNT - 1);
	if (!has_deadline && node->limit >= LIMIT_DEADLINE_PAST)
		node->limit = LIMIT_NONE;
}

static void
choose_limit_child(struct maker *m, struct node *node)
{
	if (node->limit == LIMIT_TOKEN_BY_CHILD) {
		if (node->children == 0)
			node->limit = LIMIT_NONE;
		else
			node->limit_child = (int)below(m, node->children);
	}
}

static struct place
choose_lock(struct maker *m, struct node *node, struct place place)
{
	if (!one_in(m, 6) || node->kind == KIND_ORDERED_MAP)
		return place;
	node->lock = 1 + (int)below(m, LOCK_COUNT - 1);
	node->permits = small(m, 3);
	place.locked = true;
	return place;
}

/* -- Kind by kind -- */

static void
make_leaf(struct maker *m, struct node *node)
{
	node->kind = KIND_LEAF;
	if (one_in(m, 12))
		node->fail = 1 + (int)below(m, 1000);
	if (one_in(m, 5))
		node->microseconds = small(m, 200);
	node->order = (int)below(m, 4);
}

static void
make_range(struct maker *m, struct node *node)
{
	size_t most = one_in(m, 20) ? 20000 : one_in(m, 3) ? 500 : 20;

	node->schedule = (int)below(m, 4);
	node->n = one_in(m, 30) ? 0 : 1 + below(m, most);
	node->step = 1 + below(m, 1 + below(m, 12));
	if (one_in(m, 2))
		node->grain_exact = small(m, node->n + 2);
	else if (one_in(m, 3))
		node->grain_min = small(m, node->n + 2);
	if (one_in(m, 6))
		node->max_workers = small(m, 4);
	if (one_in(m, 5))
		node->cost = small(m, 100000);
	node->progress = one_in(m, 4);
	node->affinity = one_in(m, 2);
	node->item = clean_memory(node->n, sizeof(uint64_t));
}

static void
make_loop(struct maker *m, struct node *node, struct place place)
{
	size_t most;

	make_range(m, node);
	choose_limit(m, node, true);
	if (node->n == 0)
		node->limit = LIMIT_NONE;
	place = choose_pool(m, node, place);
	place = choose_lock(m, node, place);
	node->heap = one_in(m, 3);
	most = (node->n + node->step - 1) / node->step;
	add_children(m, node, most > 12 ? below(m, 12) : below(m, most + 1), place);
	choose_limit_child(m, node);
}

static void
make_tiles(struct maker *m, struct node *node, struct place place)
{
	node->rows = small(m, 4);
	node->columns = small(m, 4);
	node->layers = one_in(m, 3) ? small(m, 3) : 0;
	node->tile = small(m, 3);
	node->schedule = (int)below(m, 4);
	node->grain_exact = one_in(m, 2) ? small(m, 4) : 0;
	node->max_workers = one_in(m, 6) ? small(m, 3) : 0;
	node->progress = one_in(m, 4);
	choose_limit(m, node, true);
	place = choose_pool(m, node, place);
	place = choose_lock(m, node, place);
	add_children(m, node, (size_t)node->rows * (size_t)node->columns
	    * (size_t)(node->layers == 0 ? 1 : node->layers), place);
	choose_limit_child(m, node);
}

static void
make_group(struct maker *m, struct node *node, struct place place)
{
	node->fifo = one_in(m, 4);
	node->wide_help = !place.locked && one_in(m, 3);
	node->shielded = one_in(m, 6);
	node->backlog = one_in(m, 4) ? small(m, 4) : 0;
	node->try_spawn = one_in(m, 4);
	node->on_done = one_in(m, 4);
	node->polls = one_in(m, 4) ? small(m, 5) : 0;
	node->rounds = one_in(m, 4) ? 2 : 1;
	node->self_call = one_in(m, 8) ? 1 + (int)below(m, SELF_CALLS) : 0;
	choose_limit(m, node, false);
	if (one_in(m, 10) && node->limit == LIMIT_NONE)
		node->cancel_at = 1;
	place = choose_pool(m, node, place);
	place = choose_lock(m, node, place);
	add_children(m, node, below(m, 10), place);
	choose_limit_child(m, node);
	if (node->cancel_at != 0)
		node->cancel_at += (int)below(m, node->children + 1);
	/* The order of these spawns is nobody's. */
	if (node->cancel_at == 0 && node->limit == LIMIT_NONE && node->backlog == 0)
		node->spread = one_in(m, 6);
	if (!node->spread && node->cancel_at == 0 && node->limit == LIMIT_NONE && node->backlog == 0
	    && node->rounds == 1)
		node->helpers = one_in(m, 4) ? small(m, 3) : 0;
	if (node->spread || node->cancel_at != 0 || node->limit != LIMIT_NONE)
		node->rounds = 1;
}

static void
make_flow(struct maker *m, struct node *node, struct place place)
{
	node->order = (int)below(m, 64); /* how many edges */
	node->self_call = one_in(m, 8);
	node->stages = 1 + (int)below(m, 4);
	node->child_stage = 1 + (int)below(m, (size_t)node->stages);
	node->tokens = one_in(m, 2) ? small(m, 8) : 0;
	if (node->kind == KIND_ORDERED_MAP) {
		node->stages = 2;
		node->child_stage = 1;
	}
	choose_limit(m, node, true);
	place = choose_pool(m, node, place);
	place = choose_lock(m, node, place);
	add_children(m, node, 1 + below(m, 12), place);
	choose_limit_child(m, node);
	node->item = clean_memory(node->children, sizeof(uint64_t));
}

static void
make_channel(struct maker *m, struct node *node, struct place place)
{
	node->n = (size_t)small(m, one_in(m, 5) ? 2000 : 60);
	node->capacity = (int)below(m, one_in(m, 2) ? 3 : 70);
	node->unbounded = one_in(m, 4);
	node->spsc = one_in(m, 3);
	node->batch = one_in(m, 3) ? small(m, 20) : 0;
	node->sends = one_in(m, 3);
	node->arms = small(m, 4);
	node->biased = one_in(m, 3);
	node->polls = one_in(m, 4);
	node->periods = one_in(m, 2) ? small(m, 4) : 0;
	node->microseconds = small(m, 300);
	node->order = (int)below(m, 3);
	node->item = clean_memory(node->n, sizeof(uint64_t));
	if (node->kind != KIND_BUFFER)
		return;
	place = choose_pool(m, node, place);
	add_children(m, node, below(m, 10), place);
}

static void
make_wrapper(struct maker *m, struct node *node, struct place place)
{
	node->n = (size_t)small(m, 20);
	node->permits = small(m, 4);
	node->rounds = small(m, 3);
	node->microseconds = small(m, 300);
	if (node->kind == KIND_ONCE) {
		place.locked = true;
		place.concurrent = true;
		node->fail = one_in(m, 4) ? 7 : 0;
	}
	if (node->kind == KIND_POOL_RUN)
		place = choose_pool(m, node, place);
	if (node->kind == KIND_LATCH)
		place = choose_pool(m, node, place);
	if (node->kind == KIND_THREADS) {
		/* Threads from outside, into pools with greater numbers. */
		node->pool = 1 + place.pool + 1
		    + (int)below(m, program.pools - (size_t)(place.pool + 1));
		place.pool = node->pool - 1;
		place.concurrent = true;
		place = choose_lock(m, node, place);
	}
	if (node->kind == KIND_CROWD)
		place.concurrent = true;
	if (node->kind == KIND_CONDITION || node->kind == KIND_BROADCAST
	    || node->kind == KIND_BARRIER || node->kind == KIND_BLOCKING
	    || node->kind == KIND_OBSERVE || node->kind == KIND_PROCESS)
		return;
	add_children(m, node, node->kind == KIND_THREADS || node->kind == KIND_LATCH
	    || node->kind == KIND_CROWD ? 1 + below(m, 6) : 1, place);
}

/* -- Choice of kinds -- */

/* How often each kind of node is made, of their sum. */
static const unsigned char weight[KIND_COUNT] = {
	[KIND_LEAF] = 20, [KIND_SERIES] = 8, [KIND_FOR] = 20, [KIND_TILES] = 6,
	[KIND_REDUCE] = 10, [KIND_FOLD] = 8, [KIND_SUMS] = 3, [KIND_JOIN] = 12,
	[KIND_TYPED] = 12, [KIND_GROUP] = 20, [KIND_GRAPH] = 7, [KIND_PIPELINE] = 7,
	[KIND_ORDERED_MAP] = 4, [KIND_BUFFER] = 5, [KIND_PEER] = 4, [KIND_SELECT] = 3,
	[KIND_TIMER] = 2, [KIND_PAIR] = 1, [KIND_ONCE] = 3, [KIND_CONDITION] = 2,
	[KIND_LATCH] = 3, [KIND_BROADCAST] = 2, [KIND_BLOCKING] = 3, [KIND_PHASE] = 2,
	[KIND_POOL_RUN] = 5, [KIND_THREADS] = 4, [KIND_CROWD] = 20, [KIND_BARRIER] = 1,
	[KIND_PROCESS] = 1, [KIND_OBSERVE] = 3,
};

static enum kind
choose_kind(struct maker *m)
{
	size_t sum = 0, at;

	for (int i = 0; i < KIND_COUNT; i++)
		sum += weight[i];
	at = below(m, sum);
	for (int i = 0;; i++) {
		if (at < weight[i])
			return (enum kind)i;
		at -= weight[i];
	}
}

static bool
is_allowed(enum kind kind, struct place place)
{
	switch (kind) {
	case KIND_BROADCAST:
		return !place.locked;
	case KIND_THREADS:
		return place.pool + 1 < (int)program.pools;
	case KIND_CROWD:
		return place.pool < 0 && !place.locked;
	default:
		return true;
	}
}

static struct node *
make_node(struct maker *m, struct node *parent, struct place place)
{
	struct node *node = new_node(m, parent);
	enum kind kind = choose_kind(m);

	if (m->budget <= 0 || node->depth > 9 || !is_allowed(kind, place))
		kind = KIND_LEAF;
	node->kind = kind;
	switch (kind) {
	case KIND_LEAF:
		make_leaf(m, node);
		break;
	case KIND_FOR:
	case KIND_REDUCE:
	case KIND_FOLD:
		make_loop(m, node, place);
		break;
	case KIND_TILES:
		make_tiles(m, node, place);
		break;
	case KIND_SUMS:
		node->n = below(m, one_in(m, 6) ? 200000 : one_in(m, 3) ? 20000 : 300);
		node->rounding = one_in(m, 3) ? (int)below(m, ROUNDINGS) : 0;
		break;
	case KIND_JOIN:
	case KIND_SERIES:
	case KIND_TYPED:
		node->absorb = one_in(m, 3);
		node->order = (int)below(m, 4);
		if (kind != KIND_SERIES && place.pool < 0)
			place.pool = 0;
		place.concurrent |= kind != KIND_SERIES;
		add_children(m, node, kind == KIND_JOIN ? 2 : 1 + below(m, 6), place);
		break;
	case KIND_GROUP:
		make_group(m, node, place);
		break;
	case KIND_GRAPH:
	case KIND_PIPELINE:
	case KIND_ORDERED_MAP:
		make_flow(m, node, place);
		break;
	case KIND_BUFFER:
	case KIND_PEER:
	case KIND_SELECT:
	case KIND_TIMER:
	case KIND_PAIR:
		make_channel(m, node, place);
		break;
	default:
		make_wrapper(m, node, place);
	}
	return node;
}

static void
choose_pools(struct maker *m)
{
	static const size_t workers[] = { 1, 2, 3, 4, 16, FILCH_NO_WORKERS };
	static const uint64_t spin[] = { 0, FILCH_NO_SPIN, 1000, 1000000 };
	static const filch_pool_options init = FILCH_POOL_OPTIONS_INIT;

	program.pools = 1 + below(m, MOST_POOLS);
	for (size_t i = 0; i < program.pools; i++) {
		filch_pool_options *plan = &program.plan[i];

		*plan = init;
		plan->workers = workers[below(m, i == 0 ? 5 : 6)];
		plan->spin_ns = spin[below(m, 4)];
		plan->guests = one_in(m, 3) ? 1 + below(m, 3) : 0;
		plan->spares = one_in(m, 4) ? FILCH_NO_SPARES : one_in(m, 3) ? 1 : 0;
		/* A spawn of a thread that the holder of the last slot waits for would
		 * wait. */
		if (plan->workers == FILCH_NO_WORKERS)
			plan->guests = 0;
		plan->bind = (int)below(m, 2);
		plan->stack_size = one_in(m, 4) ? (size_t)1 << 20 : 0;
		plan->seed = one_in(m, 2) ? random_next(&m->state) : 0;
	}
}

void
program_make(uint64_t seed, int size)
{
	struct maker m = { seed * 2 + 1, size };
	struct place place = { -1, false, false };

	program.seed = seed;
	program.nodes = 0;
	program.node = NULL;
	m.budget = 1 + (int)below(&m, (size_t)size);
	program.repetitions = one_in(&m, 3) ? 2 + (int)below(&m, 3) : 1;
	program.observed = one_in(&m, 6);
	program.shaken = one_in(&m, 6);
	program.signalled = one_in(&m, 6);
	choose_pools(&m);
	program.root = new_node(&m, NULL);
	program.root->kind = KIND_SERIES;
	add_children(&m, program.root, 1 + below(&m, 4), place);
	program.root->absorb = 1;
}
