/* SPDX-License-Identifier: BSD-2-Clause */
/* How a pool is configured, and its threads. */
#include "pool_tests.h"

#include <errno.h>

/* -- Options and variables -- */

static void
assert_bad(void)
{
	filch_pool *pool = (filch_pool *)&options;

	ck_assert_int_eq(filch_pool_create(&pool, &options), FILCH_INVAL);
	ck_assert_ptr_null(pool);
	setup();
}

START_TEST(bad_options_are_refused)
{
	ck_assert_int_eq(filch_pool_create(NULL, NULL), FILCH_INVAL);
	options.size = 8;
	assert_bad();
	options.workers = 4097;
	assert_bad();
	options.bind = 3;
	assert_bad();
	options.on_destroy = 2;
	assert_bad();
	options.cpuset = "bogus";
	assert_bad();
	options.stack_size = 100;
	assert_bad();
	options.guests = 65;
	assert_bad();
	options.spares = 4097;
	assert_bad();
}
END_TEST

START_TEST(options_of_an_older_program_are_read_as_far_as_they_go)
{
	options.size = offsetof(filch_pool_options, on_destroy);
	options.guests = 999;
	end_pool(pool_by(&options));
}
END_TEST

static const struct variable {
	const char *name, *bad, *good, *shown;
} variables[] = {
	{ "FILCH_WORKERS", "many", "3", "workers     3 (FILCH_WORKERS" },
	{ "FILCH_WORKERS", "-1", "none", "workers     none" },
	{ "FILCH_WORKERS", "4097", "1", "workers     1 (FILCH_WORKERS" },
	{ "FILCH_WORKERS", "2x", "0002", "workers     2 (FILCH_WORKERS" },
	{ "FILCH_BIND", "maybe", "none", "FILCH_BIND" },
	{ "FILCH_BIND", "CORE", "auto", "FILCH_BIND" },
	{ "FILCH_SPIN_NS", "1us", "1234", "1234 ns, then park (FILCH_SPIN_NS)" },
	{ "FILCH_SPIN_NS", "1000000001", "0", "0 ns, then park (FILCH_SPIN_NS)" },
	{ "FILCH_STACK", "12", "1M", "1024 KiB (FILCH_STACK)" },
	{ "FILCH_STACK", "1X", "131072", "128 KiB (FILCH_STACK)" },
	{ "FILCH_STACK", "262144G", "2M", "2048 KiB (FILCH_STACK)" },
	{ "FILCH_STACK", "99999999999999999999", "70000", "68 KiB (FILCH_STACK)" },
};
#define VARIABLES (int)(sizeof(variables) / sizeof(variables[0]))

static char text[8192];

static const char *
described(filch_pool *pool)
{
	ck_assert_uint_lt(filch_pool_describe(pool, text, sizeof(text)), sizeof(text));
	return text;
}

START_TEST(a_malformed_variable_is_refused_by_create)
{
	filch_pool *pool;

	setenv(variables[_i].name, variables[_i].bad, 1);
	ck_assert_int_eq(filch_pool_create(&pool, NULL), FILCH_INVAL);
	ck_assert_ptr_null(pool);
}
END_TEST

START_TEST(a_malformed_variable_is_named_by_the_default_pool)
{
	setenv(variables[_i].name, variables[_i].bad, 1);
	ck_assert_ptr_nonnull(filch_pool_default());
	const char *ignored = strstr(described(NULL), "ignored");

	ck_assert_ptr_nonnull(ignored);
	ck_assert_ptr_nonnull(strstr(ignored, variables[_i].name));
	ck_assert_ptr_nonnull(strstr(ignored, variables[_i].bad));
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

START_TEST(a_variable_is_used_and_given_as_the_reason)
{
	setenv(variables[_i].name, variables[_i].good, 1);
	ck_assert_ptr_nonnull(strstr(described(NULL), variables[_i].shown));
	ck_assert_ptr_null(strstr(text, "ignored"));
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

/* Threads with this stack cannot be made. */
#define NO_SUCH_STACK ((size_t)5 << 20)

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *argument);

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *argument)
{
	size_t size = 0;

	if (attributes != NULL && pthread_attr_getstacksize(attributes, &size) == 0
	    && size == NO_SUCH_STACK)
		return EAGAIN;
	return __real_pthread_create(thread, attributes, run, argument);
}

/* What fails is told once, and not by each call: the default pool does without the
 * variables. */
START_TEST(variables_that_ask_for_too_much_are_named_by_the_default_pool)
{
	filch_pool *pool;

	setenv("FILCH_STACK", "5M", 1);
	ck_assert_int_eq(filch_pool_create(&pool, NULL), FILCH_AGAIN);
	ck_assert_ptr_null(pool);
	ck_assert_ptr_nonnull(filch_pool_default());
	ck_assert_ptr_nonnull(strstr(described(NULL),
	    "ignored     FILCH_STACK=\"5M\" (no pool could be made with it)\n"));
	ck_assert_ptr_nonnull(strstr(text, "8192 KiB (default)"));
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

START_TEST(code_beats_environment)
{
	setenv("FILCH_WORKERS", "3", 1);
	filch_pool *pool = pool_by(&options);

	ck_assert_ptr_nonnull(strstr(described(pool), "workers     2 (set by the program"));
	end_pool(pool);
	setenv("FILCH_WORKERS", "rubbish", 1);
	end_pool(pool_by(&options));
}
END_TEST

START_TEST(an_empty_variable_is_none)
{
	setenv("FILCH_WORKERS", "", 1);
	options.workers = 0;
	end_pool(pool_by(&options));
}
END_TEST

START_TEST(describe_gives_the_length_and_never_overruns)
{
	filch_pool *pool = pool_by(&options);
	size_t length = filch_pool_describe(pool, NULL, 0);
	char small[20];

	ck_assert_uint_eq(strlen(described(pool)), length);
	memset(small, 'x', sizeof(small));
	ck_assert_uint_eq(filch_pool_describe(pool, small, 10), length);
	ck_assert_uint_eq(strlen(small), 9);
	ck_assert_int_eq(memcmp(small, text, 9), 0);
	ck_assert_int_eq(small[10], 'x');
	end_pool(pool);
}
END_TEST

START_TEST(display_shows_the_configuration_on_standard_error)
{
	FILE *file = tmpfile();
	char line[256] = "";
	int before = dup(2);

	setenv("FILCH_DISPLAY", "1", 1);
	dup2(fileno(file), 2);
	end_pool(pool_by(&options));
	dup2(before, 2);
	close(before);
	rewind(file);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
	ck_assert_ptr_nonnull(strstr(line, "pool \"filch\""));
	fclose(file);
}
END_TEST

/* -- Threads -- */

static int
check_name(void *unused)
{
	char name[16], wanted[16];

	(void)unused;
	pthread_getname_np(pthread_self(), name, sizeof(name));
	snprintf(wanted, sizeof(wanted), "cook-%zu", filch_worker_index());
	ck_assert_str_eq(name, wanted);
	return FILCH_OK;
}

START_TEST(workers_are_named)
{
	options.name = "cook";
	filch_pool *pool = pool_by(&options);

	ck_assert_int_eq(filch_pool_broadcast(pool, check_name, NULL, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
check_signals(void *unused)
{
	static const int left[] = { SIGPROF, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	static const int blocked[] = { SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD,
		SIGHUP };
	sigset_t mask;

	(void)unused;
	ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		ck_assert_int_eq(sigismember(&mask, left[i]), 0);
	for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		ck_assert_int_eq(sigismember(&mask, blocked[i]), 1);
	return FILCH_OK;
}

START_TEST(workers_leave_signals_alone)
{
	sigset_t before, after;

	pthread_sigmask(SIG_SETMASK, NULL, &before);
	filch_pool *pool = pool_by(&options);

	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int i = 1; i < 65; i++)
		ck_assert_int_eq(sigismember(&before, i), sigismember(&after, i));
	ck_assert_int_eq(filch_pool_broadcast(pool, check_signals, NULL, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
check_stack(void *unused)
{
	pthread_attr_t attributes;
	size_t size;

	(void)unused;
	ck_assert_int_eq(pthread_getattr_np(pthread_self(), &attributes), 0);
	pthread_attr_getstacksize(&attributes, &size);
	pthread_attr_destroy(&attributes);
	ck_assert_uint_ge(size, options.stack_size);
	ck_assert_uint_le(size, options.stack_size + (1 << 20));
	return FILCH_OK;
}

START_TEST(workers_have_the_stack_that_was_asked_for)
{
	options.stack_size = 3 << 20;
	filch_pool *pool = pool_by(&options);

	ck_assert_int_eq(filch_pool_broadcast(pool, check_stack, NULL, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

static cpu_set_t allowed;
static int only_cpu;

static int
check_cpus(void *unused)
{
	cpu_set_t mask;

	(void)unused;
	ck_assert_int_eq(sched_getaffinity(0, sizeof(mask), &mask), 0);
	ck_assert_int_eq(CPU_COUNT(&mask), 1);
	ck_assert(CPU_ISSET(only_cpu, &mask));
	return FILCH_OK;
}

START_TEST(a_cpuset_confines_workers)
{
	char set[16];

	ck_assert_int_eq(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(only_cpu, &allowed))
		only_cpu++;
	snprintf(set, sizeof(set), "%d", only_cpu);
	options.cpuset = set;
	options.workers = (size_t)_i;
	filch_pool *pool = pool_by(&options);

	ck_assert_int_eq(filch_pool_broadcast(pool, check_cpus, NULL, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* Per worker: 1 after on_start, 2 after on_stop. */
static flc_atomic stage[64];

static void
on_start(void *context, size_t worker)
{
	ck_assert_ptr_eq(context, &stage);
	ck_assert_uint_eq(flc_add_full(&stage[worker], 1), 0);
	ck_assert_uint_eq(filch_worker_index(), worker);
}

static void
on_stop(void *context, size_t worker)
{
	ck_assert_ptr_eq(context, &stage);
	ck_assert_uint_eq(flc_add_full(&stage[worker], 1), 1);
}

static int
check_stage(void *counter)
{
	MUST(count_of(&stage[filch_worker_index()]) == 1);
	count_up(counter);
	return FILCH_OK;
}

START_TEST(hooks_run_before_the_first_task_and_after_the_last)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;

	options.workers = 4;
	options.on_start = on_start;
	options.on_stop = on_stop;
	options.hook_context = &stage;
	group.pool = pool_by(&options);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(filch_group_spawn(&group, check_stage, &runs), FILCH_OK);
	end_pool(group.pool);
	ck_assert_uint_eq(count_of(&runs), 1000);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(count_of(&stage[i]), 2);
	for (size_t i = 4; i < 64; i++)
		ck_assert_uint_ne(count_of(&stage[i]), 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("options");
	TCase *configuration = case_of(suite, "configuration", setup, NULL);
	TCase *threads = case_of(suite, "threads", setup, NULL);

	tcase_add_test(configuration, bad_options_are_refused);
	tcase_add_test(configuration, options_of_an_older_program_are_read_as_far_as_they_go);
	tcase_add_loop_test(configuration, a_malformed_variable_is_refused_by_create, 0, VARIABLES);
	tcase_add_loop_test(configuration, a_malformed_variable_is_named_by_the_default_pool, 0,
	    VARIABLES);
	tcase_add_loop_test(configuration, a_variable_is_used_and_given_as_the_reason, 0,
	    VARIABLES);
	tcase_add_test(configuration,
	    variables_that_ask_for_too_much_are_named_by_the_default_pool);
	tcase_add_test(configuration, code_beats_environment);
	tcase_add_test(configuration, an_empty_variable_is_none);
	tcase_add_test(configuration, describe_gives_the_length_and_never_overruns);
	tcase_add_test(configuration, display_shows_the_configuration_on_standard_error);

	tcase_add_test(threads, workers_are_named);
	tcase_add_test(threads, workers_leave_signals_alone);
	tcase_add_test(threads, workers_have_the_stack_that_was_asked_for);
	tcase_add_loop_test(threads, a_cpuset_confines_workers, 1, 3);
	tcase_add_test(threads, hooks_run_before_the_first_task_and_after_the_last);
	return run_suite(suite);
}
