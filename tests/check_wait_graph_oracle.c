/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waits made at random, and who of them may be told FILCH_DEADLOCK.
 *
 * A scene has some actors: threads, tasks of two groups, and tasks of groups, joins
 * and loops that other actors wait for.  Each takes its locks, waits until all have
 * theirs, and then waits for one thing.  A lock is freed when that wait is over, so
 * the plan alone says who waits for whom: the cycles without deadlines are known,
 * and they stay until somebody is refused.  Afterwards those who were refused must
 * have an order in which each was in a cycle that those before it had not broken,
 * and no cycle may be left.  If a cycle is not told, the scene does not end.
 *
 *     FILCH_SEED=N    this one scene
 *     FILCH_STRESS=N  N times as many
 */
#include "pools.h"

#include <stdio.h>
#include <unistd.h>

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

static size_t
below(size_t n)
{
	return (size_t)(random_of(&state) >> 20) % n;
}

static bool
chance(size_t percent)
{
	return below(100) < percent;
}

static bool
waits_for_tasks(enum kind kind)
{
	return kind >= GROUP;
}

static size_t
children_of(size_t i)
{
	size_t n = 0;

	for (size_t k = 0; k < scene.n; k++)
		n += scene.actor[k].parent == (int)i;
	return n;
}

static void
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

static bool
is_thread(const struct actor *a)
{
	return a->parent == NOBODY && a->root == NOBODY;
}

static void
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
static void
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

static void
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
static bool
is_inside(int i, int root)
{
	return i != NOBODY && (scene.actor[i].root == root || is_inside(scene.actor[i].parent, root)
	    || is_inside(scene.actor[i].below, root));
}

static size_t
roots_of(int group)
{
	size_t found = 0;

	for (size_t i = 0; i < scene.n; i++)
		if (scene.actor[i].parent == NOBODY && scene.actor[i].root == group)
			found |= BIT(END(i));
	return found;
}

static void
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

static void
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
static size_t
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
static bool
may_be_told(const struct graph *g, size_t i, size_t gone)
{
	bool locks = scene.actor[i].kind == LOCK;

	return (locks || scene.actor[i].kind == ROOTS) && (reached(g,
	    g->own[i] | g->tasks[i] | (locks ? g->locks[i] : 0), gone, locks, false) & BIT(i)) != 0;
}

/* In some order. */
static bool
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

static bool
has_cycle(const struct graph *g, size_t gone)
{
	for (size_t i = 0; i < 2 * MOST; i++)
		if (!(gone & BIT(i)) && (reached(g, g->tasks[i] | g->locks[i], gone, true, false)
		    & BIT(i)))
			return true;
	return false;
}

/* Nobody would be told of a cycle through a once. */
static void
cut_calls(void)
{
	struct graph g;

	for (size_t i = 0; i < scene.n; i++) {
		build(&g);
		if (g.calls[i] != 0 && (reached(&g, g.calls[i], 0, true, true) & BIT(i)))
			scene.actor[i].kind = IDLE;
	}
}

static void
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

static void
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

static void
give_up(const char *fact)
{
	show();
	ck_abort_msg("FILCH_SEED=%llu: broken: %s", (unsigned long long)scene.seed, fact);
}

/* -- The run -- */

static int play(void *argument);

/* Its core is given away meanwhile, if it has one. */
static void
until(const flc_atomic *counter, size_t least)
{
	bool blocks = filch_blocking_begin() == FILCH_OK;

	WANT(reaches(counter, least));
	if (blocks)
		WANT(filch_blocking_end() == FILCH_OK);
}

/* With those who come within a moment. */
static void
meet(void)
{
	uint64_t since = filch_now();

	count_up(&scene.ready);
	while (count_of(&scene.ready) < scene.n && filch_now() - since < MS)
		sched_yield();
}

static void
until_turn(size_t i)
{
	until(&scene.arrived, scene.n);
	if (scene.at_once)
		meet();
	if (scene.turn[i] == 0)
		return;
	until(&scene.turns, scene.turn[i] - 1);
	if (scene.actor[i].pause_ms > 0)
		pause_ms(scene.actor[i].pause_ms);
	count_up(&scene.turns);
}

static size_t
child_of(size_t i)
{
	size_t k = 0;

	while (scene.actor[k].parent != (int)i)
		k++;
	return k;
}

static int
first_half(void *argument)
{
	size_t i = (size_t)argument;

	until(&scene.actor[child_of(i)].begun, 1);
	until_turn(i);
	return FILCH_OK;
}

/* The first chunk gives others time to take the second, which need not be there for
 * them before the first has ended. */
static int
chunk(void *argument, size_t begin, size_t end)
{
	size_t i = (size_t)argument, child = child_of(i);

	(void)end;
	if (begin > 0)
		return play((void *)child);
	for (size_t ms = 0; ms < 10 && count_of(&scene.actor[child].begun) == 0; ms++)
		pause_ms(1);
	if (count_of(&scene.actor[child].begun) != 0)
		until_turn(i);
	return FILCH_OK;
}

static void
spawn_children(size_t i, filch_group *group)
{
	group->wide_help = scene.actor[i].wide;
	group->pool = scene.pool[scene.actor[i].pool];
	for (size_t k = 0; k < scene.n; k++)
		if (scene.actor[k].parent == (int)i)
			WANT(filch_group_spawn(group, play, (void *)k) == FILCH_OK);
}

static int
lock(struct actor *a, uint64_t deadline)
{
	return a->thing == MUTEX ? filch_mutex_lock(&a->mutex, deadline)
	    : filch_rwlock_write_lock(&a->rwlock, deadline);
}

static int
unlock(struct actor *a)
{
	return a->thing == MUTEX ? filch_mutex_unlock(&a->mutex)
	    : filch_rwlock_write_unlock(&a->rwlock);
}

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static int
wait_alone(struct actor *a, uint64_t deadline)
{
	struct actor *other = &scene.actor[a->target];
	filch_semaphore none = FILCH_SEMAPHORE_INIT(0);
	int status;

	switch (a->kind) {
	case LOCK:
		status = lock(other, deadline);
		if (status == FILCH_OK)
			WANT(unlock(other) == FILCH_OK);
		return status;
	case ONCE:
		return filch_once_run(&other->once, nothing, NULL);
	case ROOTS:
		return filch_group_wait(&scene.roots[a->target], deadline);
	default:
		WANT(filch_semaphore_acquire(&none, in_ms(5)) == FILCH_TIMEOUT);
		return FILCH_OK;
	}
}

/* The wait of an actor: what it has was taken. */
static int
wait(void *argument)
{
	size_t i = (size_t)argument;
	struct actor *a = &scene.actor[i];
	filch_group group = FILCH_GROUP_INIT;
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	uint64_t deadline = FILCH_FOREVER;
	int status;

	count_up(&scene.arrived);
	if (a->kind == GROUP)
		spawn_children(i, &group);
	if (a->kind < GROUP || (a->kind == GROUP && !a->early))
		until_turn(i);
	if (a->wait_ms != 0)
		deadline = in_ms(a->wait_ms);
	if (a->kind == GROUP) {
		status = filch_group_wait(&group, deadline);
	} else if (a->kind == JOIN) {
		status = filch_join(first_half, argument, play, (void *)child_of(i));
	} else if (a->kind == LOOP) {
		options.pool = scene.pool[a->pool];
		options.grain_exact = 1;
		status = filch_for(0, 2, chunk, argument, &options);
	} else {
		status = wait_alone(a, deadline);
	}
	if (a->thing == MUTEX || a->thing == RWLOCK)
		WANT(unlock(a) == FILCH_OK);
	count_up(&a->freed);
	/* The tasks use our frame. */
	if (a->kind == GROUP && status == FILCH_TIMEOUT)
		WANT(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	a->refused = status == FILCH_DEADLOCK;
	WANT(status == FILCH_OK || status == FILCH_DEADLOCK
	    || (a->wait_ms != 0 && status == FILCH_TIMEOUT));
	return FILCH_OK;
}

static int
play(void *argument)
{
	size_t i = (size_t)argument;
	struct actor *a = &scene.actor[i];

	a->thread = pthread_self();
	a->below = current;
	a->below_freed = current != NOBODY && count_of(&scene.actor[current].freed) != 0;
	current = (int)i;
	count_up(&a->begun);
	if (a->thing == MUTEX || a->thing == RWLOCK)
		WANT(lock(a, FILCH_FOREVER) == FILCH_OK);
	if (a->thing == CALL)
		WANT(filch_once_run(&a->once, wait, argument) == FILCH_OK);
	else
		WANT(wait(argument) == FILCH_OK);
	current = a->below;
	count_up(&scene.ended);
	return FILCH_OK;
}

static void *
thread_main(void *argument)
{
	WANT(play(argument) == FILCH_OK);
	return NULL;
}

static int
hold_slot(void *unused)
{
	(void)unused;
	count_up(&scene.held);
	until(&scene.let_go, 1);
	return FILCH_OK;
}

static void *
holder_main(void *unused)
{
	WANT(filch_pool_run(scene.pool[0], hold_slot, unused) == FILCH_OK);
	return NULL;
}

/* A scene that does not end is shown. */
static flc_atomic scenes;

static void *
watch_main(void *unused)
{
	size_t last = 0;

	for (uint64_t since = filch_now();; pause_ms(100)) {
		if (count_of(&scenes) != last) {
			last = count_of(&scenes);
			since = filch_now();
		} else if (filch_now() - since > SCENE_S * 1000 * MS) {
			show();
			(void)filch_dump(STDERR_FILENO);
			abort();
		}
	}
	return unused;
}

static void
start(pthread_t *thread, pthread_t *holder)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_group fresh = FILCH_GROUP_INIT;

	options.workers = scene.workers;
	options.spares = scene.spares == 0 ? FILCH_NO_SPARES : scene.spares;
	options.guests = scene.exhausted ? 1 : 0;
	for (size_t p = 0; p < scene.pools; p++)
		scene.pool[p] = pool_by(&options);
	if (scene.exhausted) {
		WANT(pthread_create(holder, NULL, holder_main, NULL) == 0);
		WANT(reaches(&scene.held, 1));
	}
	for (size_t i = 0; i < scene.n; i++) {
		static const filch_mutex mutex = FILCH_MUTEX_INIT("oracle");
		static const filch_rwlock rwlock = FILCH_RWLOCK_INIT("oracle");

		scene.actor[i].mutex = mutex;
		scene.actor[i].rwlock = rwlock;
	}
	for (size_t g = 0; g < 2; g++) {
		scene.roots[g] = fresh;
		scene.roots[g].pool = scene.pool[g % scene.pools];
	}
	for (size_t i = 0; i < scene.n; i++)
		if (is_thread(&scene.actor[i]))
			WANT(pthread_create(&thread[i], NULL, thread_main, (void *)i) == 0);
		else if (scene.actor[i].parent == NOBODY)
			WANT(filch_group_spawn(&scene.roots[scene.actor[i].root], play, (void *)i)
			    == FILCH_OK);
}

static void
run(void)
{
	pthread_t thread[MOST], holder;

	start(thread, &holder);
	if (!scene.main_early)
		WANT(reaches(&scene.arrived, scene.n));
	for (size_t g = 0; g < 2; g++)
		WANT(filch_group_wait(&scene.roots[g], FILCH_FOREVER) == FILCH_OK);
	for (size_t i = 0; i < scene.n; i++)
		if (is_thread(&scene.actor[i]))
			pthread_join(thread[i], NULL);
	for (size_t i = 0; i < scene.n; i++) {
		WANT(filch_mutex_fini(&scene.actor[i].mutex) == FILCH_OK);
		WANT(filch_rwlock_fini(&scene.actor[i].rwlock) == FILCH_OK);
	}
	WANT(count_of(&scene.ended) == scene.n);
	flc_store_release(&scene.let_go, 1);
	if (scene.exhausted)
		pthread_join(holder, NULL);
	for (size_t p = 0; p < scene.pools; p++)
		end_pool(scene.pool[p]);
}

/* How many were told. */
static size_t
check(uint64_t seed)
{
	struct graph g;
	size_t refused = 0;

	plan(seed);
	run();
	count_up(&scenes);
	build(&g);
	for (size_t i = 0; i < scene.n; i++)
		if (scene.actor[i].refused)
			refused |= BIT(i);
	WANT(may_all_be_told(&g, refused, 0));
	WANT(!has_cycle(&g, refused));
	return (size_t)__builtin_popcountll(refused);
}

#define SCENES 40   /* of one test */
#define TESTS 8

static size_t
scenes_from(uint64_t seed, size_t n)
{
	size_t told = 0;
	pthread_t watch;

	WANT(pthread_create(&watch, NULL, watch_main, NULL) == 0);
	for (size_t i = 0; i < n; i++)
		told += check(seed + i);
	return told;
}

START_TEST(who_is_told_was_in_a_cycle_and_no_cycle_is_left)
{
	size_t n = rounds(SCENES), told = scenes_from((uint64_t)_i * n + 1, n);

	/* Both kinds are there. */
	ck_assert_uint_gt(told, 0);
	ck_assert_uint_lt(told, n);
}
END_TEST

START_TEST(the_given_scene)
{
	(void)scenes_from(strtoull(getenv("FILCH_SEED"), NULL, 10), 1);
	show();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wait_graph_oracle");
	TCase *any = case_of(suite, "any", NULL, NULL);

	clear_variables();
	tcase_set_timeout(any, 20 * SCENE_S);
	if (getenv("FILCH_SEED") != NULL)
		tcase_add_test(any, the_given_scene);
	else
		tcase_add_loop_test(any, who_is_told_was_in_a_cycle_and_no_cycle_is_left, 0,
		    TESTS);
	return run_suite(suite);
}
