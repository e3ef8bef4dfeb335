/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes on beside the program: readers of what is counted, changes of the pools,
 * signal handlers, tokens requested at any time. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static pthread_t observer, shaker;
static flc_atomic ended;
static int null = -1;

/* -- Counters only grow -- */

static void
check_growth(const filch_metrics *before, const filch_metrics *now)
{
	filch_worker_metrics a = before->sum, b = now->sum;

	NODE_MUST(NULL, b.tasks_spawned >= a.tasks_spawned);
	NODE_MUST(NULL, b.tasks_run >= a.tasks_run);
	NODE_MUST(NULL, now->channels.sends >= before->channels.sends);
	NODE_MUST(NULL, now->mutexes.acquisitions >= before->mutexes.acquisitions);
}

static void *
observer_main(void *unused)
{
	static filch_metrics before[MOST_POOLS], now;
	bool has[MOST_POOLS] = { false };

	while (flc_load_acquire(&ended) == 0) {
		for (size_t i = 0; i < program.pools; i++) {
			NODE_MUST(NULL,
			    filch_metrics_snapshot(program.pool[i], &now, sizeof(now)) == FILCH_OK);
			if (has[i])
				check_growth(&before[i], &now);
			before[i] = now;
			has[i] = true;
		}
		NODE_MUST(NULL, filch_dump(null) == FILCH_OK);
		pause_us(100);
	}
	return unused;
}

/* -- The number of active workers changes, memory is trimmed -- */

static void *
shaker_main(void *unused)
{
	uint64_t state = program.seed;

	while (flc_load_acquire(&ended) == 0) {
		size_t i = random_below(&state, program.pools), workers = program.plan[i].workers;
		int status;

		if (workers != FILCH_NO_WORKERS)
			NODE_MUST(NULL, filch_pool_set_active(program.pool[i],
			    1 + random_below(&state, workers)) == FILCH_OK);
		status = filch_pool_trim(program.pool[i]);
		NODE_MUST(NULL, status == FILCH_OK || status == FILCH_AGAIN);
		pause_us(1 + (int)random_below(&state, 300));
	}
	return unused;
}

/* -- Handlers on any thread, at any instruction -- */

static void
on_signal(int unused)
{
	int error = errno;

	(void)unused;
	(void)filch_dump(null);
	(void)filch_metrics_write_fd(NULL, FILCH_METRICS_JSON, null);
	errno = error;
}

static void
send_signals(bool begin)
{
	struct itimerval timer = { { 0, begin ? 500 : 0 }, { 0, begin ? 500 : 0 } };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	if (begin)
		NODE_MUST(NULL, sigaction(SIGPROF, &action, NULL) == 0);
	NODE_MUST(NULL, setitimer(ITIMER_PROF, &timer, NULL) == 0);
}

void
disturb_begin(void)
{
	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	flc_store_release(&ended, 0);
	if (program.observed)
		NODE_MUST(NULL, pthread_create(&observer, NULL, observer_main, NULL) == 0);
	if (program.shaken)
		NODE_MUST(NULL, pthread_create(&shaker, NULL, shaker_main, NULL) == 0);
	if (program.signalled)
		send_signals(true);
}

void
disturb_end(void)
{
	flc_store_release(&ended, 1);
	if (program.observed)
		pthread_join(observer, NULL);
	if (program.shaken)
		pthread_join(shaker, NULL);
	if (program.signalled)
		send_signals(false);
}

/* -- Tokens -- */

static void *
token_main(void *argument)
{
	struct node *node = argument;

	pause_us((int)(node->seed % 300));
	filch_cancel_request(&node->token);
	return NULL;
}

void
disturb_token(struct node *node)
{
	NODE_MUST(node, pthread_create(&node->thread, NULL, token_main, node) == 0);
}

void
disturb_token_end(struct node *node)
{
	(void)filch_blocking_begin();
	pthread_join(node->thread, NULL);
	(void)filch_blocking_end();
}
