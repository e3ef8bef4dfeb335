/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static filch_pool_options options;
static flc_atomic gate, begun, ended;

static void
setup(void)
{
	static const filch_pool_options init = FILCH_POOL_OPTIONS_INIT;

	clear_variables();
	options = init;
	options.workers = 2;
}

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static int
count_task(void *counter)
{
	count_up(counter);
	return FILCH_OK;
}

/* Blocks its worker until the gate opens. */
static int
block(void *unused)
{
	(void)unused;
	count_up(&begun);
	ck_assert(reaches(&gate, 1));
	count_up(&ended);
	return FILCH_OK;
}

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
	ck_assert_int_eq(filch_pool_destroy(NULL), FILCH_OK);
}
END_TEST

START_TEST(a_variable_is_used_and_given_as_the_reason)
{
	setenv(variables[_i].name, variables[_i].good, 1);
	ck_assert_ptr_nonnull(strstr(described(NULL), variables[_i].shown));
	ck_assert_ptr_null(strstr(text, "ignored"));
	ck_assert_int_eq(filch_pool_destroy(NULL), FILCH_OK);
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
	static const int blocked[] = { SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGHUP };
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

/* -- Life -- */

/* What could be left: malloc keeps some blocks for a thread's next call and
 * says that they are in use, so bytes are compared only by a smallest block
 * per round; the same goes for the maps of cached stacks. */
struct left {
	size_t threads, files, bytes, maps;
};

static size_t
maps_now(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	size_t lines = 0;

	for (int c; (c = getc(file)) != EOF; )
		lines += c == '\n';
	fclose(file);
	return lines;
}

static struct left
look(void)
{
	struct left left = {
		threads_now(), entries_of("/proc/self/fd"), mallinfo2().uordblks, maps_now(),
	};

	return left;
}

#define ROUNDS 1000
#define SMALLEST_BLOCK 16

static void
assert_nothing_left(const struct left *before)
{
	struct left after = look();

	ck_assert(threads_become(before->threads));
	ck_assert_uint_eq(after.files, before->files);
	ck_assert_uint_lt(after.bytes, before->bytes + SMALLEST_BLOCK * ROUNDS);
	ck_assert_uint_lt(after.maps, before->maps + ROUNDS / 10);
}

static void
create_and_destroy(size_t times)
{
	for (size_t i = 0; i < times; i++) {
		filch_pool *pool = pool_by(&options);

		ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
		end_pool(pool);
	}
}

START_TEST(created_and_destroyed_1000_times_nothing_is_left)
{
	struct left before;

	options.workers = (size_t)_i + 1;
	create_and_destroy(3);
	before = look();
	create_and_destroy(ROUNDS);
	assert_nothing_left(&before);
}
END_TEST

START_TEST(the_default_pool_comes_and_goes_and_leaves_nothing)
{
	struct left before = { 0 };

	for (int i = 0; i < ROUNDS + 3; i++) {
		if (i == 3)
			before = look();
		ck_assert_int_eq(filch_pool_run(NULL, nothing, NULL), FILCH_OK);
		ck_assert_int_eq(filch_pool_destroy(NULL), FILCH_OK);
	}
	assert_nothing_left(&before);
}
END_TEST

START_TEST(destroying_no_default_pool_is_fine)
{
	ck_assert_int_eq(filch_pool_destroy(NULL), FILCH_OK);
	ck_assert_int_eq(filch_pool_destroy(NULL), FILCH_OK);
}
END_TEST

START_TEST(the_default_pool_is_made_once)
{
	filch_pool *pool = filch_pool_default();

	ck_assert_ptr_nonnull(pool);
	ck_assert_ptr_eq(filch_pool_default(), pool);
	ck_assert_int_eq(filch_pool_destroy(NULL), FILCH_OK);
}
END_TEST

START_TEST(exit_with_a_living_pool_is_clean)
{
	ck_assert_int_eq(filch_pool_run(NULL, nothing, NULL), FILCH_OK);
}
END_TEST

/* Two workers blocked, n tasks queued behind them. */
static void
queue_behind_blocked(filch_group *group, flc_atomic *runs, size_t n)
{
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(filch_group_spawn(group, block, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 2));
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(filch_group_spawn(group, count_task, runs), FILCH_OK);
}

static void *
open_gate_later(void *unused)
{
	(void)unused;
	pause_ms(50);
	flc_store_release(&gate, 1);
	return NULL;
}

START_TEST(drain_runs_what_is_queued)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;
	pthread_t thread;

	options.spares = FILCH_NO_SPARES;
	group.pool = pool_by(&options);
	queue_behind_blocked(&group, &runs, 100);
	pthread_create(&thread, NULL, open_gate_later, NULL);
	end_pool(group.pool);
	ck_assert_uint_eq(count_of(&runs), 100);
	ck_assert_uint_eq(count_of(&ended), 2);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(discard_drops_and_counts_what_is_queued)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;
	size_t dropped = 999;
	pthread_t thread;

	options.spares = FILCH_NO_SPARES;
	options.on_destroy = FILCH_DISCARD;
	options.dropped = &dropped;
	group.pool = pool_by(&options);
	queue_behind_blocked(&group, &runs, 100);
	pthread_create(&thread, NULL, open_gate_later, NULL);
	end_pool(group.pool);
	ck_assert_uint_eq(count_of(&runs), 0);
	ck_assert_uint_eq(dropped, 100);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(discard_counts_all_that_did_not_run)
{
	options.on_destroy = FILCH_DISCARD;
	for (int round = 0; round < 300; round++) {
		flc_atomic runs = FLC_ATOMIC_INIT(0);
		filch_group group = FILCH_GROUP_INIT;
		size_t dropped = 999;

		options.dropped = &dropped;
		group.pool = pool_by(&options);
		for (int i = 0; i < 200; i++)
			filch_group_spawn(&group, count_task, &runs);
		end_pool(group.pool);
		ck_assert_uint_eq(count_of(&runs) + dropped, 200);
	}
}
END_TEST

static int
destroy_current(void *unused)
{
	(void)unused;
	return filch_pool_destroy(filch_pool_current());
}

START_TEST(destroying_a_pool_from_inside_is_refused)
{
	filch_pool *pool = pool_by(&options);

	ck_assert_int_eq(filch_pool_run(pool, destroy_current, NULL), FILCH_BUSY);
	ck_assert_int_eq(filch_pool_broadcast(pool, destroy_current, NULL, FILCH_FOREVER),
	    FILCH_BUSY);
	end_pool(pool);
}
END_TEST

static filch_pool *first, *second;

static int
destroy_first(void *unused)
{
	(void)unused;
	return filch_pool_destroy(first);
}

static int
destroy_first_as_guest_of_second(void *unused)
{
	(void)unused;
	return filch_pool_run(second, destroy_first, NULL);
}

START_TEST(also_from_inside_by_way_of_another_pool)
{
	first = pool_by(&options);
	second = pool_by(&options);
	ck_assert_int_eq(filch_pool_broadcast(first, destroy_first_as_guest_of_second, NULL,
	    FILCH_FOREVER), FILCH_BUSY);
	end_pool(first);
	end_pool(second);
}
END_TEST

/* An allocator that says no at the n-th call, and checks sizes. */
static flc_atomic calls, living;
static size_t failing_call;

static void *
allocate(void *context, size_t size, size_t align)
{
	void *memory = NULL;

	MUST(context == (&living));
	if (count_up(&calls) + 1 == failing_call
	    || posix_memalign(&memory, align < 16 ? 16 : align, size + 16) != 0)
		return NULL;
	count_up(&living);
	memcpy((char *)memory + size, &size, sizeof(size));
	return memory;
}

static void
release(void *context, void *memory, size_t size)
{
	MUST(context == (&living));
	MUST(memcmp((char *)memory + size, &size, sizeof(size)) == 0);
	flc_add_full(&living, (size_t)-1);
	free(memory);
}

START_TEST(without_memory_at_any_place_create_fails_and_leaves_nothing)
{
	static const filch_allocator allocator = { allocate, release, &living };
	filch_pool *pool;
	size_t failures = 0, threads;
	int status;

	create_and_destroy(1);
	threads = threads_now();
	options.allocator = &allocator;
	do {
		flc_store_relaxed(&calls, 0);
		failing_call++;
		status = filch_pool_create(&pool, &options);
		if (status == FILCH_OK) {
			end_pool(pool);
		} else {
			ck_assert_int_eq(status, FILCH_NOMEM);
			ck_assert_ptr_null(pool);
			failures++;
		}
		ck_assert_uint_eq(count_of(&living), 0);
	} while (status != FILCH_OK);
	ck_assert_uint_gt(failures, 3);
	ck_assert(threads_become(threads));
}
END_TEST

/* -- Broadcast -- */

static flc_atomic shares[64];

static int
take_share(void *unused)
{
	(void)unused;
	count_up(&shares[filch_worker_index()]);
	return FILCH_OK;
}

static void
assert_shares(size_t workers, size_t each)
{
	for (size_t i = 0; i < 64; i++)
		ck_assert_uint_eq(count_of(&shares[i]), i < workers ? each : 0);
}

START_TEST(a_broadcast_runs_once_on_every_worker)
{
	size_t workers = worker_counts[_i];
	filch_pool *pool = pool_with(workers);

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	assert_shares(workers, 100);
	end_pool(pool);
}
END_TEST

static int
fail_but_worker_0(void *unused)
{
	(void)unused;
	return (int)filch_worker_index() * 10;
}

START_TEST(a_broadcast_gives_the_failure_of_the_lowest_worker)
{
	filch_pool *pool = pool_with(4);

	ck_assert_int_eq(filch_pool_broadcast(pool, fail_but_worker_0, NULL, FILCH_FOREVER), 10);
	ck_assert_int_eq(filch_pool_broadcast(pool, NULL, NULL, FILCH_FOREVER), FILCH_INVAL);
	end_pool(pool);
}
END_TEST

START_TEST(a_broadcast_gives_up_at_its_deadline)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool = pool_by(&options);
	size_t ran;

	group.pool = pool;
	ck_assert_int_eq(filch_group_spawn(&group, block, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, in_ms(50)), FILCH_TIMEOUT);
	ran = count_of(&shares[0]) + count_of(&shares[1]);
	ck_assert_uint_le(ran, 1);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	/* The share that did not begin never will. */
	pause_ms(20);
	ck_assert_uint_eq(count_of(&shares[0]) + count_of(&shares[1]), ran);
	ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&shares[0]) + count_of(&shares[1]), ran + 2);
	end_pool(pool);
}
END_TEST

static void *
broadcast_main(void *pool)
{
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	return NULL;
}

START_TEST(broadcasts_may_come_many_at_once)
{
	filch_pool *pool = pool_with(3);

	run_threads(4, broadcast_main, pool);
	assert_shares(3, 200);
	end_pool(pool);
}
END_TEST

static int
broadcast_from_chunk(void *pool, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	return FILCH_OK;
}

START_TEST(broadcasts_may_come_from_inside_tasks)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = pool_with((size_t)_i);
	how.grain_exact = 1;
	ck_assert_int_eq(filch_for(0, 100, broadcast_from_chunk, how.pool, &how), FILCH_OK);
	assert_shares((size_t)_i, 100);
	end_pool(how.pool);
}
END_TEST

/* -- Number of threads at work -- */

static flc_atomic at_work, most_at_work, stop;

static int
work_a_while(void *unused)
{
	(void)unused;
	keep_highest(&most_at_work, count_up(&at_work) + 1);
	pause_ms(2);
	flc_add_full(&at_work, (size_t)-1);
	count_up(&ended);
	return FILCH_OK;
}

START_TEST(set_active_limits_who_works)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool_with(4);
	ck_assert_int_eq(filch_pool_set_active(group.pool, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_pool_set_active(group.pool, 5), FILCH_INVAL);
	for (size_t limit = 4; limit >= 1; limit--) {
		ck_assert_int_eq(filch_pool_set_active(group.pool, limit), FILCH_OK);
		/* Surplus workers park when they next look for work. */
		pause_ms(50);
		flc_store_release(&most_at_work, 0);
		flc_store_release(&ended, 0);
		for (int i = 0; i < 40; i++)
			filch_group_spawn(&group, work_a_while, NULL);
		ck_assert(reaches(&ended, 40));
		ck_assert_uint_le(count_of(&most_at_work), limit);
	}
	ck_assert_int_eq(filch_pool_set_active(group.pool, 4), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(group.pool);
}
END_TEST

static int
work_in_chunks(void *unused, size_t begin, size_t end)
{
	for (; begin < end; begin++)
		work_a_while(unused);
	return FILCH_OK;
}

static filch_cancel enough;

static void *
caller_main(void *pool)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	/* One long verb each: who comes and goes is in excess for a moment. */
	how.pool = pool;
	how.grain_exact = 1;
	how.cancel = &enough;
	ck_assert_int_eq(filch_for(0, 1000000, work_in_chunks, NULL, &how), FILCH_CANCELED);
	return NULL;
}

START_TEST(working_callers_count_as_workers)
{
	filch_pool *pool = pool_with(4);
	pthread_t caller[3];

	for (int i = 0; i <= _i; i++)
		ck_assert_int_eq(pthread_create(&caller[i], NULL, caller_main, pool), 0);
	pause_ms(300);
	flc_store_release(&most_at_work, 0);
	pause_ms(500);
	ck_assert_uint_le(count_of(&most_at_work), 4);
	ck_assert_uint_ge(count_of(&most_at_work), 2);
	filch_cancel_request(&enough);
	for (int i = 0; i <= _i; i++)
		pthread_join(caller[i], NULL);
	end_pool(pool);
}
END_TEST

static uint64_t
cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000 * MS + (uint64_t)used.tv_nsec;
}

#if defined(__SANITIZE_THREAD__)
#define IDLE_NS (100 * MS)  /* the sanitizer has a thread of its own */
#else
#define IDLE_NS (3 * MS)
#endif

START_TEST(an_idle_pool_uses_no_cpu)
{
	filch_pool *pool = pool_with(4);
	uint64_t before;

	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, nothing, NULL, FILCH_FOREVER), FILCH_OK);
	pause_ms(300);
	before = cpu_ns();
	pause_ms(3000);
	ck_assert_uint_lt(cpu_ns() - before, IDLE_NS);
	end_pool(pool);
}
END_TEST

/* -- Trim -- */

static void
trim_when_idle(filch_pool *pool)
{
	int status = FILCH_AGAIN;

	for (int i = 0; i < 10000 && status == FILCH_AGAIN; i++) {
		pause_ms(1);
		status = filch_pool_trim(pool);
	}
	ck_assert_int_eq(status, FILCH_OK);
}

START_TEST(trim_gives_back_what_growth_left)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool = pool_by(&options);
	size_t before;

	ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
	trim_when_idle(pool);
	before = mallinfo2().uordblks;
	group.pool = pool;
	queue_behind_blocked(&group, &runs, 5000);
	ck_assert_int_eq(filch_pool_trim(pool), FILCH_AGAIN);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	trim_when_idle(pool);
	ck_assert_uint_lt(mallinfo2().uordblks, before + 20000);
	ck_assert_uint_eq(count_of(&runs), 5000);
	ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
	end_pool(pool);
}
END_TEST

static void *
trim_main(void *pool)
{
	while (count_of(&stop) == 0)
		(void)filch_pool_trim(pool);
	return NULL;
}

START_TEST(trim_beside_calls_stops_nobody)
{
	filch_pool *pool = pool_with(worker_counts[_i]);
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	size_t times = worker_counts[_i] == FILCH_NO_WORKERS ? 200000 : 5000;
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, trim_main, pool) == 0);
	for (size_t i = 0; i < times; i++)
		MUST(filch_pool_run(pool, count_task, &runs) == FILCH_OK);
	flc_store_release(&stop, 1);
	pthread_join(thread, NULL);
	MUST(count_of(&runs) == times);
	end_pool(pool);
}
END_TEST

/* -- No workers, several pools -- */

static size_t trail[200], steps;
static pthread_t caller;

static int
step(void *number)
{
	MUST(pthread_equal(pthread_self(), caller));
	trail[steps++] = (size_t)number;
	return FILCH_OK;
}

static int
step_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++)
		step((void *)begin);
	return FILCH_OK;
}

static int
walk(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	MUST(filch_for(0, 50, step_range, NULL, NULL) == FILCH_OK);
	for (size_t i = 50; i < 100; i++)
		MUST(filch_group_spawn(&group, step, (void *)i) == FILCH_OK);
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_join(step, (void *)100, step, (void *)101) == FILCH_OK);
	return 77;
}

START_TEST(without_workers_everything_runs_inline_and_in_order)
{
	filch_pool *pool = pool_with(FILCH_NO_WORKERS);
	size_t threads = threads_now();

	caller = pthread_self();
	ck_assert_int_eq(filch_pool_run(pool, walk, NULL), 77);
	ck_assert_uint_eq(steps, 102);
	for (size_t i = 0; i < steps; i++)
		ck_assert_uint_eq(trail[i], i);
	ck_assert(threads_become(threads));
	end_pool(pool);
}
END_TEST

static int
check_first(void *unused)
{
	(void)unused;
	ck_assert_ptr_eq(filch_pool_current(), first);
	ck_assert_uint_lt(filch_worker_index(), filch_worker_limit(NULL));
	return 5;
}

static int
go_through_both(void *unused)
{
	(void)unused;
	ck_assert_ptr_eq(filch_pool_current(), second);
	size_t index = filch_worker_index();

	ck_assert_int_eq(filch_pool_run(first, check_first, NULL), 5);
	ck_assert_ptr_eq(filch_pool_current(), second);
	ck_assert_uint_eq(filch_worker_index(), index);
	return 6;
}

START_TEST(a_task_may_use_another_pool_and_comes_back)
{
	first = pool_by(&options);
	second = pool_with(3);
	ck_assert_ptr_null(filch_pool_current());
	ck_assert_uint_eq(filch_worker_index(), FILCH_NOT_A_WORKER);
	ck_assert_int_eq(filch_pool_run(second, go_through_both, NULL), 6);
	ck_assert_int_eq(filch_pool_broadcast(second, go_through_both, NULL, FILCH_FOREVER), 6);
	ck_assert_ptr_null(filch_pool_current());
	ck_assert_uint_eq(filch_worker_limit(second), filch_worker_limit(first) + 1);
	end_pool(first);
	end_pool(second);
}
END_TEST

static int
count_both_ways(void *runs, size_t begin, size_t end)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = filch_pool_current() == first ? second : first;
	if (end - begin > 1 || begin % 2 == 0)
		flc_add_full(runs, end - begin);
	else
		return filch_for(2 * begin, 2 * begin + 1, count_both_ways, runs, &how);
	return FILCH_OK;
}

static void *
both_main(void *runs)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.grain_exact = 1;
	for (int i = 0; i < 50; i++) {
		how.pool = i % 2 == 0 ? first : second;
		ck_assert_int_eq(filch_for(0, 100, count_both_ways, runs, &how), FILCH_OK);
	}
	return NULL;
}

START_TEST(two_pools_call_each_other)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	first = pool_by(&options);
	second = pool_with(3);
	run_threads(4, both_main, &runs);
	ck_assert_uint_eq(count_of(&runs), 4 * 50 * 100);
	end_pool(first);
	end_pool(second);
}
END_TEST

static void *
one_pool_main(void *runs)
{
	for (size_t i = 0; i < 30; i++) {
		filch_for_options how = FILCH_FOR_OPTIONS_INIT;

		how.pool = pool_with(1 + i % 3);
		ck_assert_int_eq(filch_for(0, 1000, count_both_ways, runs, &how), FILCH_OK);
		end_pool(how.pool);
	}
	return NULL;
}

START_TEST(pools_live_side_by_side)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	first = second = pool_with(FILCH_NO_WORKERS);
	run_threads(4, one_pool_main, &runs);
	ck_assert_uint_eq(count_of(&runs), 4 * 30 * 1000);
	end_pool(first);
}
END_TEST

static TCase *
case_of(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, TIMEOUT_S);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static void
add_life(Suite *suite)
{
	TCase *life = case_of(suite, "life");

	tcase_add_loop_test(life, created_and_destroyed_1000_times_nothing_is_left, 0, 2);
	tcase_add_test(life, the_default_pool_comes_and_goes_and_leaves_nothing);
	tcase_add_test(life, destroying_no_default_pool_is_fine);
	tcase_add_test(life, the_default_pool_is_made_once);
	tcase_add_test(life, exit_with_a_living_pool_is_clean);
	tcase_add_test(life, drain_runs_what_is_queued);
	tcase_add_test(life, discard_drops_and_counts_what_is_queued);
	tcase_add_test(life, discard_counts_all_that_did_not_run);
	tcase_add_test(life, destroying_a_pool_from_inside_is_refused);
	tcase_add_test(life, also_from_inside_by_way_of_another_pool);
	tcase_add_test(life, without_memory_at_any_place_create_fails_and_leaves_nothing);
}

static void
add_work(Suite *suite)
{
	TCase *broadcast = case_of(suite, "broadcast");
	TCase *active = case_of(suite, "active");
	TCase *trim = case_of(suite, "trim");
	TCase *pools = case_of(suite, "pools");

	tcase_add_loop_test(broadcast, a_broadcast_runs_once_on_every_worker, 0, THREADED_COUNTS);
	tcase_add_test(broadcast, a_broadcast_gives_the_failure_of_the_lowest_worker);
	tcase_add_test(broadcast, a_broadcast_gives_up_at_its_deadline);
	tcase_add_test(broadcast, broadcasts_may_come_many_at_once);
	tcase_add_loop_test(broadcast, broadcasts_may_come_from_inside_tasks, 1, 5);

	tcase_add_test(active, set_active_limits_who_works);
	tcase_add_loop_test(active, working_callers_count_as_workers, 0, 3);
	tcase_add_test(active, an_idle_pool_uses_no_cpu);

	tcase_add_test(trim, trim_gives_back_what_growth_left);
	tcase_add_loop_test(trim, trim_beside_calls_stops_nobody, 0, ALL_COUNTS);

	tcase_add_test(pools, without_workers_everything_runs_inline_and_in_order);
	tcase_add_test(pools, a_task_may_use_another_pool_and_comes_back);
	tcase_add_test(pools, two_pools_call_each_other);
	tcase_add_test(pools, pools_live_side_by_side);
}

int
main(void)
{
	Suite *suite = suite_create("pool");
	TCase *configuration = case_of(suite, "configuration");
	TCase *threads = case_of(suite, "threads");

	tcase_add_test(configuration, bad_options_are_refused);
	tcase_add_test(configuration, options_of_an_older_program_are_read_as_far_as_they_go);
	tcase_add_loop_test(configuration, a_malformed_variable_is_refused_by_create, 0, VARIABLES);
	tcase_add_loop_test(configuration, a_malformed_variable_is_named_by_the_default_pool, 0,
	    VARIABLES);
	tcase_add_loop_test(configuration, a_variable_is_used_and_given_as_the_reason, 0,
	    VARIABLES);
	tcase_add_test(configuration, code_beats_environment);
	tcase_add_test(configuration, an_empty_variable_is_none);
	tcase_add_test(configuration, describe_gives_the_length_and_never_overruns);
	tcase_add_test(configuration, display_shows_the_configuration_on_standard_error);

	tcase_add_test(threads, workers_are_named);
	tcase_add_test(threads, workers_leave_signals_alone);
	tcase_add_test(threads, workers_have_the_stack_that_was_asked_for);
	tcase_add_loop_test(threads, a_cpuset_confines_workers, 1, 3);
	tcase_add_test(threads, hooks_run_before_the_first_task_and_after_the_last);
	add_life(suite);
	add_work(suite);
	return run_suite(suite);
}
