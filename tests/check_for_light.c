/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A loop from outside that is known to be small is light: its body runs on the caller,
 * who takes part in the pool only if the body asks.  Here each public call runs inside
 * such a loop and inside one that is not light, and the answers are compared.
 */
#include "pools.h"

#include <pthread.h>
#include <unistd.h>

static filch_mutex mutex = FILCH_MUTEX_INIT("light");
static filch_channel *channel;
static filch_pool *other;

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static int
whose(void *index)
{
	*(size_t *)index = filch_worker_index();
	return FILCH_OK;
}

static int
inner(void *unused, size_t begin, size_t end)
{
	(void)unused;
	return begin == 0 && end > 0 ? 9 : FILCH_OK;
}

static int
fails(void *unused)
{
	(void)unused;
	return 7;
}

FILCH_TASK(long, twice, long, n)
{
	return 2 * n;
}

/* -- What a body may ask: each answer is a number. -- */

static long
ask_index(void)
{
	return filch_worker_index() < filch_worker_limit(NULL);
}

static long
ask_index_inside(void)
{
	size_t before = filch_worker_index(), within = 0;
	int status = filch_pool_run(NULL, whose, &within);

	return status == FILCH_OK && before == within && within == filch_worker_index();
}

/* The inner call asks first. */
static long
ask_index_first_inside(void)
{
	size_t within = 0;
	int status = filch_pool_run(NULL, whose, &within);

	return status == FILCH_OK && within == filch_worker_index();
}

static long
ask_current(void)
{
	return filch_pool_current() == filch_pool_default() && filch_pool_current() != NULL;
}

static long
ask_destroy(void)
{
	return filch_pool_destroy_default();
}

static long
ask_destroy_by_name(void)
{
	return filch_pool_destroy(filch_pool_default());
}

static long
ask_trim(void)
{
	return filch_pool_trim(NULL);
}

static long
ask_other_pool(void)
{
	size_t index = 0;
	int status = filch_pool_run(other, whose, &index);

	return status == FILCH_OK && index < filch_worker_limit(other)
	    && filch_worker_index() < filch_worker_limit(NULL);
}

static long
ask_blocking(void)
{
	long begun = filch_blocking_begin();
	size_t index = filch_worker_index();
	long ended = filch_blocking_end();

	return begun == FILCH_OK && ended == FILCH_OK && index < filch_worker_limit(NULL);
}

static long
ask_blocking_end_alone(void)
{
	return filch_blocking_end();
}

static long
ask_blocking_begin_alone(void)
{
	return filch_blocking_begin();
}

static long
ask_blocking_twice(void)
{
	long sum = filch_blocking_begin();

	sum += filch_blocking_begin();
	(void)filch_worker_index();
	sum += filch_blocking_end();
	return sum;
}

static long
ask_for(void)
{
	return filch_for(0, 2000, inner, NULL, NULL);
}

static long
ask_join(void)
{
	return filch_join(nothing, NULL, fails, NULL);
}

static long
ask_group(void)
{
	filch_group group = FILCH_GROUP_INIT;
	int status = filch_group_spawn(&group, fails, NULL);

	return status == FILCH_OK ? filch_group_wait(&group, FILCH_FOREVER) : status;
}

static long
ask_typed(void)
{
	return FILCH_RUN(twice, 21);
}

static long
ask_typed_here(void)
{
	FILCH_TASKS_HERE;
	FILCH_SPAWN(one, twice, 4);
	long sum = FILCH_CALL(twice, 5);

	return FILCH_JOIN(one, twice) + sum;
}

static long
ask_broadcast(void)
{
	return filch_pool_broadcast(NULL, nothing, NULL, FILCH_FOREVER);
}

static long
ask_barrier(void)
{
	filch_barrier barrier = FILCH_BARRIER_INIT;

	return filch_barrier_wait(&barrier, 0);
}

static long
ask_mutex(void)
{
	long sum = filch_mutex_lock(&mutex, FILCH_FOREVER);

	return 100 * sum + filch_mutex_unlock(&mutex);
}

static long
ask_channel(void)
{
	long item = 5, back = 0;

	if (filch_channel_send(channel, &item, FILCH_FOREVER) != FILCH_OK
	    || filch_channel_recv(channel, &back, FILCH_FOREVER) != FILCH_OK)
		return -1;
	return back;
}

/* A wait for something that does not come. */
static long
ask_wait(void)
{
	long item;

	return filch_channel_recv(channel, &item, in_ms(2));
}

static long
ask_canceled(void)
{
	return filch_canceled();
}

static long
ask_phase(void)
{
	long sum = filch_phase_begin(NULL);

	return 100 * sum + filch_phase_end(NULL);
}

static long
ask_phase_end_alone(void)
{
	return filch_phase_end(NULL);
}

static long
ask_snapshot(void)
{
	filch_metrics metrics;

	return filch_metrics_snapshot(NULL, &metrics, sizeof(metrics));
}

static long
ask_bad_options(void)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.cost_ns = -1;
	return filch_for(0, 1, inner, NULL, &options);
}

#define ASK(name) { #name, name }

static const struct question {
	const char *name;
	long (*ask)(void);
} questions[] = {
	ASK(ask_index), ASK(ask_index_inside), ASK(ask_index_first_inside), ASK(ask_current),
	ASK(ask_destroy), ASK(ask_destroy_by_name), ASK(ask_trim), ASK(ask_other_pool),
	ASK(ask_blocking), ASK(ask_blocking_end_alone), ASK(ask_blocking_begin_alone),
	ASK(ask_blocking_twice), ASK(ask_for), ASK(ask_join), ASK(ask_group), ASK(ask_typed),
	ASK(ask_typed_here), ASK(ask_broadcast), ASK(ask_barrier), ASK(ask_mutex),
	ASK(ask_channel), ASK(ask_wait), ASK(ask_canceled), ASK(ask_phase),
	ASK(ask_phase_end_alone), ASK(ask_snapshot), ASK(ask_bad_options),
};

#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

/* -- The two loops. -- */

struct asking {
	const struct question *question;   /* NULL: nothing is asked */
	long answer;
	int status;
};

static int
body(void *context, size_t begin, size_t end)
{
	struct asking *asking = context;

	(void)begin;
	(void)end;
	if (asking->question != NULL)
		asking->answer = asking->question->ask();
	return asking->status;
}

/* The body's cost is learned: what it does next is taken for small. */
static void
learn_small(void)
{
	struct asking asking = { NULL, 0, FILCH_OK };

	for (int i = 0; i < 300; i++)
		MUST(filch_for(0, 1, body, &asking, NULL) == FILCH_OK);
}

static long
in_light_loop(const struct question *question)
{
	struct asking asking = { question, 0, FILCH_OK };

	learn_small();
	MUST(filch_for(0, 1, body, &asking, NULL) == FILCH_OK);
	return asking.answer;
}

static long
in_heavy_loop(const struct question *question)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	struct asking asking = { question, 0, FILCH_OK };

	options.grain_exact = 1;
	MUST(filch_for(0, 1, body, &asking, &options) == FILCH_OK);
	return asking.answer;
}

/* Nobody has a place any more. */
static bool
is_quiet(void)
{
	for (uint64_t until = in_ms(60000); filch_now() < until; pause_ms(1)) {
		filch_metrics metrics;

		MUST(filch_metrics_snapshot(NULL, &metrics, sizeof(metrics)) == FILCH_OK);
		if (metrics.active == 0 && filch_pool_trim(NULL) == FILCH_OK)
			return true;
	}
	return false;
}

static void
setup(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	clear_variables();
	setenv("FILCH_WORKERS", "2", 1);
	options.workers = 1;
	other = pool_by(&options);
	MUST(filch_channel_create(&channel, sizeof(long), 4, NULL) == FILCH_OK);
}

static void
teardown(void)
{
	filch_channel_destroy(channel);
	end_pool(other);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}

START_TEST(the_answers_are_those_of_any_loop)
{
	const struct question *question = &questions[_i];
	long heavy, light;

	(void)in_heavy_loop(&questions[0]);
	heavy = in_heavy_loop(question);
	ck_assert_msg(is_quiet(), "%s: a place is kept after a heavy loop", question->name);
	light = in_light_loop(question);
	ck_assert_msg(light == heavy, "%s: %ld in a light loop, %ld in another", question->name,
	    light, heavy);
	ck_assert_msg(is_quiet(), "%s: a place is kept after a light loop", question->name);
}
END_TEST

/* -- All guests wait for what the loop does. -- */

#define GUESTS 16
static flc_atomic inside;

static int
receives(void *unused)
{
	long item;

	(void)unused;
	count_up(&inside);
	return filch_channel_recv(channel, &item, FILCH_FOREVER);
}

static void *
guest(void *unused)
{
	MUST(filch_pool_run(NULL, receives, NULL) == FILCH_OK);
	return unused;
}

static int
asks_and_sends(void *unused, size_t begin, size_t end)
{
	long item = 1;

	(void)unused;
	(void)begin;
	(void)end;
	if (count_of(&inside) < GUESTS)
		return FILCH_OK;
	MUST(filch_worker_index() < filch_worker_limit(NULL));
	for (int i = 0; i < GUESTS; i++)
		MUST(filch_channel_send(channel, &item, FILCH_FOREVER) == FILCH_OK);
	return FILCH_OK;
}

START_TEST(an_index_is_had_although_all_guests_wait)
{
	pthread_t thread[GUESTS];

	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(filch_for(0, 1, asks_and_sends, NULL, NULL), FILCH_OK);
	for (int i = 0; i < GUESTS; i++)
		pthread_create(&thread[i], NULL, guest, NULL);
	ck_assert(reaches(&inside, GUESTS));
	ck_assert_int_eq(filch_for(0, 1, asks_and_sends, NULL, NULL), FILCH_OK);
	for (int i = 0; i < GUESTS; i++)
		pthread_join(thread[i], NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("for_light");
	TCase *tcase = case_of(suite, "light", setup, teardown);

	tcase_add_loop_test(tcase, the_answers_are_those_of_any_loop, 0, QUESTIONS);
	tcase_add_test(tcase, an_index_is_had_although_all_guests_wait);
	return run_suite(suite);
}
