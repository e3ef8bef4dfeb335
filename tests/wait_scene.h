/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scene of waits, made at random, and the oracle: who may be told FILCH_DEADLOCK in it.
 * The test that plays it is check_wait_graph_oracle.c.
 */
#ifndef FILCH_TEST_WAIT_SCENE_H
#define FILCH_TEST_WAIT_SCENE_H

#include "pools.h"

#include <stdio.h>

#define MOST 8          /* actors */
#define SCENE_S 30      /* then it hangs */
#define NOBODY (-1)

/* Or the scene is shown. */
#define WANT(fact) \
	do { \
		if (!(fact)) \
			give_up(#fact); \
	} while (0)

enum kind { IDLE, LOCK, ONCE, ROOTS, GROUP, JOIN, LOOP };
static const char *const kind_name[] = { "idle", "lock", "once", "roots", "group", "join", "loop" };

/* What somebody has: its number is the actor's. */
enum thing { NOTHING, MUTEX, RWLOCK, CALL };

struct actor {
	enum kind kind;
	enum thing thing;
	int parent;         /* whose task it is, or NOBODY */
	int root;           /* of these: the group it is in, or NOBODY: a thread */
	int target;         /* LOCK, ONCE: who has it; ROOTS: which group */
	uint64_t wait_ms;   /* 0: for ever */
	bool early;         /* GROUP: waits before all have begun */
	bool wide;
	size_t pool;        /* GROUP, LOOP */
	uint64_t pause_ms;  /* before the wait */
	/* What came of it. */
	pthread_t thread;
	int below;          /* the actor on whose stack it runs, in its wait; or NOBODY */
	bool below_freed;   /* that one's locks were given back */
	bool refused;
	flc_atomic freed, begun;
	filch_mutex mutex;
	filch_rwlock rwlock;
	filch_once once;
};

static struct scene {
	uint64_t seed;
	size_t n, pools, workers, spares;
	bool exhausted;     /* every guest slot is taken */
	bool main_early;
	bool at_once;       /* all waits begin together */
	struct actor actor[MOST];
	size_t turn[MOST];  /* who begins to wait when, from 1; 0: whenever */
	filch_group roots[2];
	filch_pool *pool[2];
	flc_atomic arrived, ready, turns, ended, held, let_go;
} scene;

static __thread int current = NOBODY;

/* -- The plan -- */

static uint64_t state;

static inline size_t
below(size_t n)
{
	return (size_t)(random_of(&state) >> 20) % n;
}

static inline bool
chance(size_t percent)
{
	return below(100) < percent;
}

static inline bool
waits_for_tasks(enum kind kind)
{
	return kind >= GROUP;
}

static inline size_t
children_of(size_t i)
{
	size_t n = 0;

	for (size_t k = 0; k < scene.n; k++)
		n += scene.actor[k].parent == (int)i;
	return n;
}

static inline void
plan_place(size_t i)
{
	struct actor *a = &scene.actor[i];

	a->parent = a->root = NOBODY;
	for (size_t k = 0; k < i; k++) {
		enum kind kind = scene.actor[k].kind;
		size_t most = kind == GROUP ? 3 : waits_for_tasks(kind) ? 1 : 0;

		if (children_of(k) < most && chance(70)) {
			a->parent = (int)k;
			return;
		}
	}
	if (chance(60))
		a->root = (int)below(2);
}

static inline bool
is_thread(const struct actor *a)
{
	return a->parent == NOBODY && a->root == NOBODY;
}

static inline void
plan_actor(size_t i, bool wide)
{
	static const enum kind kinds[] = { IDLE, LOCK, LOCK, LOCK, ONCE, ROOTS, ROOTS, GROUP,
		GROUP, JOIN, LOOP };
	struct actor *a = &scene.actor[i];

	plan_place(i);
	a->kind = kinds[below(sizeof(kinds) / sizeof(kinds[0]))];
	/* A join from outside is one of the default pool; a sent wait is followed by
	 * nobody. */
	if (is_thread(a) && (a->kind == JOIN || (scene.exhausted && waits_for_tasks(a->kind))))
		a->kind = ROOTS;
	a->thing = (enum thing)below(wide ? CALL : CALL + 1);
	if (is_thread(a) && scene.exhausted && a->kind == ROOTS)
		a->thing = NOTHING;
	a->wait_ms = chance(20) ? 1 + below(30) : 0;
	/* Who was sent waits for a thread, and finds one that waits for all others. */
	a->early = scene.exhausted ? chance(20) : wide || chance(50);
	a->wide = wide && chance(70);
	a->pool = below(scene.pools);
	a->pause_ms = chance(30) ? below(4) : 0;
}

/* A lock or call that another one has; if there is none, it is idle. */
static inline void
plan_target(size_t i)
{
	struct actor *a = &scene.actor[i];
	size_t first = below(scene.n);

	if (waits_for_tasks(a->kind) && children_of(i) == 0)
		a->kind = LOCK;
	a->target = (int)below(2);
	if (a->kind != LOCK && a->kind != ONCE)
		return;
	for (size_t k = first; k < first + scene.n; k++) {
		enum thing thing = scene.actor[k % scene.n].thing;

		a->target = (int)(k % scene.n);
		if (k % scene.n != i && thing != NOTHING
		    && (thing == CALL) == (a->kind == ONCE))
			return;
	}
	a->kind = IDLE;
}

static inline void
plan_turns(void)
{
	size_t order[MOST], n = 0, turns = 0;

	for (size_t i = 0; i < scene.n; i++) {
		size_t at = below(++n);

		order[n - 1] = order[at];
		order[at] = i;
	}
	for (size_t i = 0; i < n; i++) {
		const struct actor *a = &scene.actor[order[i]];

		if (!scene.at_once && a->kind != LOOP && !(a->kind == GROUP && a->early))
			scene.turn[order[i]] = ++turns;
	}
}

/* -- The oracle: each actor has a node for its wait, and one for its end -- */

#define END(i) ((i) + MOST)
#define BIT(i) ((size_t)1 << (i))

struct graph {
	size_t locks[2 * MOST], tasks[2 * MOST]; /* who waits for whom, as bits */
	size_t calls[2 * MOST];                  /* the same, of a once: is not followed */
	size_t own[MOST];                        /* with a deadline, but refused at once */
};

/* Whether the actor runs in a task of this group. */
static inline bool
is_inside(int i, int root)
{
	return i != NOBODY && (scene.actor[i].root == root || is_inside(scene.actor[i].parent, root)
	    || is_inside(scene.actor[i].below, root));
}

static inline size_t
roots_of(int group)
{
	size_t found = 0;

	for (size_t i = 0; i < scene.n; i++)
		if (scene.actor[i].parent == NOBODY && scene.actor[i].root == group)
			found |= BIT(END(i));
	return found;
}

static inline void
add_waits(struct graph *g, size_t i)
{
	const struct actor *a = &scene.actor[i];
	size_t own = 0;

	if (a->kind == LOCK) {
		own = BIT(a->target);
		if (a->wait_ms == 0)
			g->locks[i] |= own;
		else if (pthread_equal(a->thread, scene.actor[a->target].thread))
			g->own[i] = own;
	} else if (a->kind == ONCE) {
		/* The second wait for a group is in the call, too. */
		g->calls[i] |= BIT(END(a->target));
	} else if (a->kind == ROOTS) {
		if (a->wait_ms == 0)
			g->tasks[i] |= roots_of(a->target);
		else if (is_inside((int)i, a->target))
			g->own[i] = roots_of(a->target);
	}
}

static inline void
build(struct graph *g)
{
	memset(g, 0, sizeof(*g));
	for (size_t i = 0; i < scene.n; i++) {
		const struct actor *a = &scene.actor[i];

		g->tasks[END(i)] |= BIT(i);
		add_waits(g, i);
		if (a->parent != NOBODY) {
			const struct actor *parent = &scene.actor[a->parent];

			g->tasks[END(a->parent)] |= BIT(END(i));
			if (parent->kind != GROUP || parent->wait_ms == 0)
				g->tasks[a->parent] |= BIT(END(i));
		}
		/* Whoever runs it goes on only afterwards. */
		if (a->below != NOBODY)
			g->tasks[a->below_freed ? END(a->below) : a->below] |= BIT(END(i));
	}
}

/* What is reached from these nodes; those who have gone wait for nobody. */
static inline size_t
reached(const struct graph *g, size_t from, size_t gone, bool locks, bool calls)
{
	size_t seen = 0;

	while (from != 0) {
		size_t node = (size_t)__builtin_ctzll(from);

		from &= from - 1;
		seen |= BIT(node);
		if (!(gone & BIT(node)))
			from |= (g->tasks[node] | (locks ? g->locks[node] : 0)
			    | (calls ? g->calls[node] : 0)) & ~seen;
	}
	return seen;
}

/* Who waits for tasks is told of no cycle with a lock in it. */
static inline bool
may_be_told(const struct graph *g, size_t i, size_t gone)
{
	bool locks = scene.actor[i].kind == LOCK;

	return (locks || scene.actor[i].kind == ROOTS) && (reached(g,
	    g->own[i] | g->tasks[i] | (locks ? g->locks[i] : 0), gone, locks, false) & BIT(i)) != 0;
}

/* In some order. */
static inline bool
may_all_be_told(const struct graph *g, size_t refused, size_t gone)
{
	if (refused == 0)
		return true;
	for (size_t i = 0; i < scene.n; i++)
		if ((refused & BIT(i)) && may_be_told(g, i, gone)
		    && may_all_be_told(g, refused & ~BIT(i), gone | BIT(i)))
			return true;
	return false;
}

static inline bool
has_cycle(const struct graph *g, size_t gone)
{
	for (size_t i = 0; i < 2 * MOST; i++)
		if (!(gone & BIT(i)) && (reached(g, g->tasks[i] | g->locks[i], gone, true, false)
		    & BIT(i)))
			return true;
	return false;
}

/* Nobody would be told of a cycle through a once. */
static inline void
cut_calls(void)
{
	struct graph g;

	for (size_t i = 0; i < scene.n; i++) {
		build(&g);
		if (g.calls[i] != 0 && (reached(&g, g.calls[i], 0, true, true) & BIT(i)))
			scene.actor[i].kind = IDLE;
	}
}

static inline void
plan(uint64_t seed)
{
	bool wide;

	memset(&scene, 0, sizeof(scene));
	scene.seed = seed;
	state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	(void)random_of(&state);
	scene.n = 2 + below(5);
	scene.exhausted = chance(25);
	wide = chance(scene.exhausted ? 80 : 20);
	scene.pools = scene.exhausted || chance(60) ? 1 : 2;
	scene.at_once = chance(30);
	scene.main_early = !scene.exhausted && chance(30);
	/* Enough threads for all of them, in one way or the other. */
	scene.workers = scene.n;
	if (!scene.exhausted && chance(50)) {
		scene.workers = 1 + below(3);
		scene.spares = 16;
	}
	for (size_t i = 0; i < scene.n; i++)
		scene.actor[i].below = scene.actor[i].parent = NOBODY;
	for (size_t i = 0; i < scene.n; i++)
		plan_actor(i, wide);
	for (size_t i = 0; i < scene.n; i++)
		plan_target(i);
	for (size_t i = 0; i < scene.n; i++)
		scene.workers -= scene.exhausted && is_thread(&scene.actor[i]);
	if (scene.workers == 0)
		scene.workers = 1;
	cut_calls();
	plan_turns();
}

static inline void
show(void)
{
	fprintf(stderr, "FILCH_SEED=%llu: %zu pools of %zu workers and %zu spares%s%s%s\n",
	    (unsigned long long)scene.seed, scene.pools, scene.workers, scene.spares,
	    scene.exhausted ? ", no guests" : "", scene.main_early ? ", main waits early" : "",
	    scene.at_once ? ", all at once" : "");
	for (size_t i = 0; i < scene.n; i++) {
		const struct actor *a = &scene.actor[i];

		fprintf(stderr, "%zu: in %s %d, has %d, waits for %s %d, %llu ms,%s%s turn %zu, "
		    "on %d%s%s\n", i, a->parent != NOBODY ? "actor" : "group",
		    a->parent != NOBODY ? a->parent : a->root, (int)a->thing, kind_name[a->kind],
		    a->target, (unsigned long long)a->wait_ms, a->early ? " early" : "",
		    a->wide ? " wide" : "", scene.turn[i], a->below,
		    count_of(&a->freed) ? ", freed" : "", a->refused ? ", refused" : "");
	}
}

static inline void
give_up(const char *fact)
{
	show();
	ck_abort_msg("FILCH_SEED=%llu: broken: %s", (unsigned long long)scene.seed, fact);
}

#endif /* FILCH_TEST_WAIT_SCENE_H */
