/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waits made at random, and who of them may be told FILCH_DEADLOCK.
 *
 * A scene has some actors: threads, tasks of two groups, and tasks of groups, joins and
 * loops that other actors wait for.  Each takes its locks, waits until all have theirs,
 * and then waits for one thing.  A lock is freed when that wait is over, so the plan
 * alone says who waits for whom: the cycles without deadlines are known, and they stay
 * until somebody is refused.  Afterwards those who were refused must have an order in
 * which each was in a cycle that those before it had not broken, and no cycle may be
 * left.  If a cycle is not told, the scene does not end.
 *
 *     FILCH_SEED=N    this one scene
 *     FILCH_STRESS=N  N times as many
 */
#include "wait_scene.h"

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

/* The first chunk gives others time to take the second, which need not be there for them
 * before the first has ended. */
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
