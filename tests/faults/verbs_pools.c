/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools, marks, processes, and what is read of them; the list of all verbs. */
#include "faults.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static flc_atomic count;

static int
count_task(void *unused)
{
	(void)unused;
	(void)flc_add_full(&count, 1);
	return FILCH_OK;
}

static int
count_body(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)flc_add_full(&count, end - begin);
	return FILCH_OK;
}

static int
counted(int status, size_t wanted)
{
	MUST(status != FILCH_OK || flc_load_acquire(&count) == wanted);
	flc_store_release(&count, 0);
	return status;
}

int
verb_pool_run(filch_pool *pool)
{
	return counted(filch_pool_run(pool, count_task, NULL), 1);
}

int
verb_broadcast(filch_pool *pool)
{
	return counted(filch_pool_broadcast(pool, count_task, NULL, FILCH_FOREVER), 2);
}

/* Work is queued meanwhile, so spares are made. */
static int
blocking_body(void *unused, size_t begin, size_t end)
{
	struct timespec span = { 0, 200000 };
	int status = filch_blocking_begin();

	MUST(status == FILCH_OK || status == FILCH_AGAIN);
	/* Time itself: for spares. */
	nanosleep(&span, NULL);
	MUST(filch_blocking_end() == FILCH_OK);
	return count_body(unused, begin, end);
}

int
verb_blocking(filch_pool *pool)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.pool = pool;
	options.grain_exact = 1;
	return counted(filch_for(0, 12, blocking_body, NULL, &options), 12);
}

int
verb_phase(filch_pool *pool)
{
	MUST(filch_phase_begin(pool) == FILCH_OK);
	(void)verb_pool_run(pool);
	MUST(filch_phase_end(pool) == FILCH_OK);
	return FILCH_OK;
}

int
verb_describe(filch_pool *pool)
{
	char text[512];

	MUST(filch_pool_describe(pool, text, sizeof(text)) > 0);
	return FILCH_OK;
}

int
verb_trim(filch_pool *pool)
{
	int status = filch_pool_trim(pool);

	MUST(status == FILCH_OK || status == FILCH_AGAIN);
	return FILCH_OK;
}

int
verb_set_active(filch_pool *pool)
{
	MUST(filch_pool_set_active(pool, 1) == FILCH_OK);
	MUST(filch_pool_set_active(pool, 2) == FILCH_OK);
	return verb_pool_run(pool);
}

int
verb_second_pool(filch_pool *pool)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *second = NULL;
	int status;

	(void)pool;
	options.workers = 2;
	options.bind = FILCH_BIND_CORE;
	options.stack_size = (size_t)256 << 10;
	status = filch_pool_create(&second, &options);
	if (status != FILCH_OK)
		return status;
	status = verb_pool_run(second);
	MUST(filch_pool_destroy(second) == FILCH_OK);
	return status;
}

/* The default pool, or what stands in for it. */
int
verb_default(filch_pool *pool)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	int status;

	(void)pool;
	options.grain_exact = 1;
	status = counted(filch_for(0, 100, count_body, NULL, &options), 100);
	MUST(filch_pool_destroy_default() == FILCH_OK);
	return status;
}

static void *
outside_main(void *pool)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	int status;

	options.pool = pool;
	options.grain_exact = 1;
	status = filch_for(0, 10, count_body, NULL, &options);
	MUST(status == FILCH_OK || status == FILCH_NOMEM || status == FILCH_AGAIN);
	if (status != FILCH_OK)
		(void)flc_add_full(&count, 10);
	return NULL;
}

int
verb_outside(filch_pool *pool)
{
	for (int i = 0; i < 4; i++)
		faults_thread(outside_main, pool);
	faults_join_threads();
	return counted(FILCH_OK, 40);
}

int
verb_process(filch_pool *pool)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(10);
		if (filch_pool_run(pool, count_task, NULL) != FILCH_FORKED)
			_exit(2);
		status = verb_default(NULL);
		_exit(status == FILCH_OK || status == FILCH_NOMEM || status == FILCH_AGAIN ? 0 : 3);
	}
	MUST(pid > 0);
	MUST(waitpid(pid, &status, 0) == pid);
	if (status != 0)
		faults_broken("the child process ended with status %x", (unsigned)status);
	return FILCH_OK;
}

/* -- Readers -- */

int
verb_snapshot(filch_pool *pool)
{
	filch_metrics metrics;

	return filch_metrics_snapshot(pool, &metrics, sizeof(metrics));
}

static int
add_length(void *sum, const char *text, size_t length)
{
	(void)text;
	*(size_t *)sum += length;
	return FILCH_OK;
}

int
verb_metrics_write(filch_pool *pool)
{
	for (int format = FILCH_METRICS_TEXT; format <= FILCH_METRICS_PROMETHEUS; format++) {
		size_t sum = 0;
		int status = filch_metrics_write(pool, format, add_length, &sum);

		if (status != FILCH_OK)
			return status;
		MUST(sum > 0);
	}
	return FILCH_OK;
}

static int
to_null(filch_pool *pool, bool dump)
{
	int fd = (int)open("/dev/null", O_WRONLY | O_CLOEXEC), status;

	if (fd < 0)
		return FILCH_AGAIN;
	status = dump ? filch_dump(fd) : filch_metrics_write_fd(pool, FILCH_METRICS_JSON, fd);
	close(fd);
	return status;
}

int
verb_metrics_fd(filch_pool *pool)
{
	return to_null(pool, false);
}

int
verb_dump(filch_pool *pool)
{
	return to_null(pool, true);
}

const struct verb verbs[] = {
	{ "for", verb_for },
	{ "for static", verb_for_static },
	{ "for dynamic", verb_for_dynamic },
	{ "for affinity", verb_for_affinity },
	{ "for_2d", verb_for_2d },
	{ "for_3d", verb_for_3d },
	{ "nested for", verb_nested },
	{ "reduce", verb_reduce },
	{ "reduce large", verb_reduce_large },
	{ "fold_workers", verb_fold },
	{ "typed sum", verb_sum },
	{ "join", verb_join },
	{ "typed tasks", verb_typed },
	{ "group", verb_group },
	{ "group inside", verb_group_inside },
	{ "try_spawn", verb_try_spawn },
	{ "graph", verb_graph },
	{ "pipeline", verb_pipeline },
	{ "ordered map", verb_ordered_map },
	{ "channel", verb_channel },
	{ "channel spsc", verb_spsc },
	{ "channel unbounded", verb_unbounded },
	{ "rendezvous", verb_rendezvous },
	{ "channel_fd", verb_channel_fd },
	{ "select", verb_select },
	{ "timer", verb_timer },
	{ "mutex", verb_mutex },
	{ "rwlock", verb_rwlock },
	{ "condition", verb_condition },
	{ "once", verb_once },
	{ "semaphore", verb_semaphore },
	{ "latch", verb_latch },
	{ "barrier", verb_barrier },
	{ "held across a wait", verb_held },
	{ "pool_run", verb_pool_run },
	{ "broadcast", verb_broadcast },
	{ "blocking", verb_blocking },
	{ "phase", verb_phase },
	{ "describe", verb_describe },
	{ "trim", verb_trim },
	{ "set_active", verb_set_active },
	{ "second pool", verb_second_pool },
	{ "default pool", verb_default },
	{ "outside threads", verb_outside },
	{ "process", verb_process },
	{ "snapshot", verb_snapshot },
	{ "metrics_write", verb_metrics_write },
	{ "metrics_write_fd", verb_metrics_fd },
	{ "dump", verb_dump },
};

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);
