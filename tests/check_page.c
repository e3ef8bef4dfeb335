/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of rows: its layout, its readers, and fork(). */
#include "mutex_rows.h"

#include <sys/wait.h>
#include <unistd.h>

/* -- The layout, which readers outside of the process will rely on -- */

#define AT(type, field, offset) \
	_Static_assert(offsetof(struct type, field) == (offset), #type "." #field " has moved")

AT(flc_page, magic, 0);
AT(flc_page, abi_major, 8);
AT(flc_page, abi_minor, 10);
AT(flc_page, header_size, 12);
AT(flc_page, total_size, 16);
AT(flc_page, pid, 24);
AT(flc_page, reserved_start, 32);
AT(flc_page, reserved_state, 40);
AT(flc_page, clock_kind, 44);
AT(flc_page, reserved_clock, 48);
AT(flc_page, reserved_level, 104);
AT(flc_page, sections, 108);
AT(flc_page, lib_version, 112);
AT(flc_page, rows_overflow, 144);
AT(flc_page, rows_recycled, 152);
AT(flc_page, section, 256);
AT(flc_section, kind, 0);
AT(flc_section, version, 4);
AT(flc_section, offset, 8);
AT(flc_section, stride, 16);
AT(flc_section, capacity, 20);
AT(flc_section, used, 24);
_Static_assert(sizeof(struct flc_section) == 32, "the table of sections");

AT(flc_row, gen, 0);
AT(flc_row, use, 8);
AT(flc_row, shared, 16);
AT(flc_row, section, 24);
AT(flc_row, ended_at, 32);
AT(flc_row, name, 40);
_Static_assert(sizeof(struct flc_row) == 104, "what every row begins with");
AT(flc_histogram, sum, 0);
AT(flc_histogram, bucket, 8);
_Static_assert(sizeof(struct flc_histogram) == 264, "a sum and 32 buckets");

AT(flc_pool_row, number, 128);
AT(flc_pool_row, workers, 136);
AT(flc_pool_row, slots, 144);
AT(flc_pool_row, active, 152);
AT(flc_pool_row, injected_depth, 160);
AT(flc_pool_row, cpus, 168);
AT(flc_pool_row, nodes, 176);
AT(flc_pool_row, scratch_in_use, 184);
AT(flc_pool_row, scratch_high_water, 192);
AT(flc_pool_row, scratch_kept, 200);

AT(flc_worker_row, pool, 128);
AT(flc_worker_row, index, 136);
AT(flc_worker_row, kind, 144);
AT(flc_worker_row, thread, 152);
AT(flc_worker_row, counters, 256);
AT(flc_counters, tasks_run, 0);
AT(flc_counters, tasks_spawned, 8);
AT(flc_counters, tasks_inlined, 16);
AT(flc_counters, injected_run, 24);
AT(flc_counters, joins_waited, 32);
AT(flc_counters, joins_helped, 40);
AT(flc_counters, mode_switches, 48);
AT(flc_counters, attempts, 128);
AT(flc_counters, steals, 168);
AT(flc_counters, stolen_tasks, 208);
AT(flc_counters, misses_empty, 216);
AT(flc_counters, misses_lost, 224);
AT(flc_counters, parks, 256);
AT(flc_counters, wakeups_task, 264);
AT(flc_counters, wakeups_timeout, 272);
AT(flc_counters, wakeups_shutdown, 280);
AT(flc_counters, empty_wakeups, 288);
AT(flc_counters, wakes_sent, 296);
AT(flc_counters, spares_refused, 304);
AT(flc_counters, waits_holding, 312);
AT(flc_counters, stalls, 320);
AT(flc_counters, edges, 384);
AT(flc_counters, state, 392);
AT(flc_counters, since, 400);
AT(flc_counters, time, 408);
AT(flc_counters, told, 472);
AT(flc_counters, high_water, 512);
AT(flc_counters, depth, 520);
AT(flc_counters, sent_for, 528);
AT(flc_counters, task_run, 640);
AT(flc_counters, sched_delay, 904);
AT(flc_counters, wake_latency, 1168);

AT(flc_mutex_row, acquisitions, 128);
AT(flc_mutex_row, contended, 136);
AT(flc_mutex_row, spin_acquired, 144);
AT(flc_mutex_row, parks, 152);
AT(flc_mutex_row, hold_samples, 160);
AT(flc_mutex_row, cond_waits, 168);
AT(flc_mutex_row, held_across, 176);
AT(flc_mutex_row, cond_wait, 184);
AT(flc_mutex_row, wait_max, 192);
AT(flc_mutex_row, owner, 200);
AT(flc_mutex_row, sample_mask, 208);
AT(flc_mutex_row, sampled_at, 216);
AT(flc_mutex_row, waiters, 256);
AT(flc_mutex_row, try_failed, 264);
AT(flc_mutex_row, deadlocks, 272);
AT(flc_mutex_row, wait, 384);
AT(flc_mutex_row, hold, 648);

AT(flc_channel_row, sends, 128);
AT(flc_channel_row, send_blocked, 136);
AT(flc_channel_row, try_send_full, 144);
AT(flc_channel_row, rejected_closed, 152);
AT(flc_channel_row, rejected_canceled, 160);
AT(flc_channel_row, depth_high_water, 168);
AT(flc_channel_row, receives, 256);
AT(flc_channel_row, receive_blocked, 264);
AT(flc_channel_row, try_receive_empty, 272);
AT(flc_channel_row, dwell_samples, 280);
AT(flc_channel_row, capacity, 384);
AT(flc_channel_row, depth, 392);
AT(flc_channel_row, blocked_senders, 400);
AT(flc_channel_row, blocked_receivers, 408);
AT(flc_channel_row, send_wait, 512);
AT(flc_channel_row, receive_wait, 896);
AT(flc_channel_row, dwell, 1160);

START_TEST(the_header_says_where_the_rows_are)
{
	struct flc_page *page = flc_page();

	ck_assert_mem_eq(page->magic, "FILCHOBS", 8);
	ck_assert_uint_eq(page->abi_major, 3);
	ck_assert_uint_eq(page->abi_minor, 0);
	ck_assert_uint_eq(page->header_size, sizeof(*page));
	ck_assert_uint_eq(page->sections, 4);
	ck_assert_uint_eq(flc_load_relaxed(&page->pid), (size_t)getpid());
	ck_assert_str_eq(page->lib_version, filch_version());
	for (size_t i = 0; i < page->sections; i++) {
		const struct flc_section *s = &page->section[i];

		ck_assert_uint_eq(s->kind, i + 1);
		ck_assert_uint_eq(s->version, 1);
		ck_assert_uint_ge(s->offset, page->header_size);
		ck_assert_uint_eq(s->offset % FLC_APART, 0);
		ck_assert_uint_eq(s->stride % FLC_APART, 0);
		ck_assert_uint_le(s->offset + (uint64_t)s->stride * s->capacity, page->total_size);
		ck_assert_ptr_eq((char *)page + s->offset,
		    flc_page_row((enum flc_section_kind)i, 0));
		ck_assert_ptr_eq((char *)page + s->offset + 3 * s->stride,
		    flc_page_row((enum flc_section_kind)i, 3));
	}
}
END_TEST

/* -- Many threads -- */

#define THREADS 4

static flc_atomic ended;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* As a mutex and a channel count, under a lock. */
static void *
contend(void *argument)
{
	struct flc_mutex_row *m = flc_page_mutex_row("shared by name only");
	struct flc_channel_row *c = argument;

	for (size_t i = 0; i < rounds(20000); i++) {
		pthread_mutex_lock(&lock);
		flc_row_count(&m->row, &m->acquisitions, 1);
		flc_row_count(&m->row, &m->contended, 1);
		flc_row_time(&m->row, &m->wait, i);
		flc_row_count(&c->row, &c->sends, 1);
		flc_row_count(&c->row, &c->send_blocked, 1);
		flc_row_time(&c->row, &c->send_wait, i);
		flc_row_count(&c->row, &c->receives, 1);
		pthread_mutex_unlock(&lock);
	}
	count_up(&ended);
	flc_page_give_back(&m->row);
	return NULL;
}

static int
check_mutex(void *unused, const filch_mutex_metrics *m)
{
	(void)unused;
	MUST(flc_histogram_total(&m->wait) <= m->contended);
	MUST(m->contended <= m->acquisitions);
	return FILCH_OK;
}

static int
check_channel(void *unused, const filch_channel_metrics *c)
{
	(void)unused;
	MUST(flc_histogram_total(&c->send_wait) <= c->send_blocked);
	MUST(c->send_blocked <= c->sends);
	MUST(c->receives <= c->sends);
	return FILCH_OK;
}

START_TEST(counts_never_exceed_what_they_are_of)
{
	struct flc_channel_row *row = flc_page_channel_row("busy", 1);
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, contend, row), 0);
	while (count_of(&ended) < THREADS) {
		ck_assert_int_eq(filch_metrics_foreach_mutex(check_mutex, NULL), FILCH_OK);
		ck_assert_int_eq(filch_metrics_foreach_channel(check_channel, NULL), FILCH_OK);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(all_acquisitions(), THREADS * rounds(20000));
}
END_TEST

/* -- fork() -- */

START_TEST(a_child_begins_at_zero_in_the_same_rows)
{
	struct flc_mutex_row *row = flc_page_mutex_row("inherited");
	int status;
	pid_t child;

	acquire(row, 5);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		bool fair = flc_page() != NULL && read_mutex(row).acquisitions == 0
		    && flc_load_relaxed(&flc_page()->pid) == (size_t)getpid();

		acquire(row, 2);
		fair = fair && read_mutex(row).acquisitions == 2
		    && strcmp(read_mutex(row).name, "inherited") == 0
		    && flc_page_mutex_row("new") != row;
		_exit(fair ? 17 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 17);
	ck_assert_uint_eq(read_mutex(row).acquisitions, 5);
}
END_TEST

static int
do_nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

#if !defined(__SANITIZE_THREAD__)
/* A pool in a child has rows of its own, and the parent's are not shown. */
static int
count_row(void *context, const filch_worker_metrics *row)
{
	(void)row;
	++*(size_t *)context;
	return FILCH_OK;
}

START_TEST(a_childs_pool_has_rows_of_its_own)
{
	filch_pool *pool = pool_with(2);
	int status;
	pid_t child;

	/* On every thread: one that begins is in malloc() for a while, and
	 * AddressSanitizer's leaves its locks taken in a child forked just then. */
	ck_assert_int_eq(filch_pool_broadcast(pool, do_nothing, NULL, FILCH_FOREVER), FILCH_OK);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		size_t rows = 0;
		filch_pool *own = NULL;
		filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

		options.workers = 1;
		if (filch_pool_create(&own, &options) != FILCH_OK
		    || filch_pool_broadcast(own, do_nothing, NULL, FILCH_FOREVER) != FILCH_OK
		    || filch_metrics_foreach_worker(own, count_row, &rows) != FILCH_OK
		    || filch_metrics_foreach_worker(pool, count_row, &rows) != FILCH_FORKED)
			_exit(1);
		_exit(rows == 2 && filch_pool_destroy(own) == FILCH_OK ? 17 : 2);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 17);
	end_pool(pool);
}
END_TEST
#endif

/* -- Workers -- */

START_TEST(pools_without_a_row_count_all_the_same)
{
	filch_pool *pool[80];

	for (size_t i = 0; i < 80; i++)
		pool[i] = pool_with(1);
	for (size_t i = 0; i < 80; i++) {
		filch_metrics m;

		for (int k = 0; k < 3; k++)
			MUST(filch_pool_broadcast(pool[i], do_nothing, NULL, FILCH_FOREVER)
			    == FILCH_OK);
		MUST(filch_metrics_snapshot(pool[i], &m, sizeof(m)) == FILCH_OK);
		MUST(m.sum.time_ns[FILCH_STATE_RUN] > 0);
	}
	ck_assert_uint_eq(flc_load_relaxed(&flc_page()->rows_overflow), 80 - 64);
	for (size_t i = 0; i < 80; i++)
		end_pool(pool[i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("page");
	TCase *page = case_of(suite, "page", NULL, NULL);

	tcase_add_test(page, the_header_says_where_the_rows_are);
	tcase_add_test(page, counts_never_exceed_what_they_are_of);
	tcase_add_test(page, a_child_begins_at_zero_in_the_same_rows);
#if !defined(__SANITIZE_THREAD__)
	tcase_add_test(page, a_childs_pool_has_rows_of_its_own);
#endif
	tcase_add_test(page, pools_without_a_row_count_all_the_same);
	return run_suite(suite);
}
