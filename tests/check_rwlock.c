/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

static filch_rwlock rwlock = FILCH_RWLOCK_INIT("table");
static flc_atomic ended;

/* -- rwlock -- */

static size_t left, right;
static flc_atomic torn;

static void *
table_main(void *seed)
{
	uint64_t state = (size_t)seed + 1234567;

	for (size_t i = 0; i < rounds(2000); i++) {
		if (random_of(&state) % 8 == 0) {
			MUST(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
			left++;
			right++;
			MUST(filch_rwlock_write_unlock(&rwlock) == FILCH_OK);
		} else {
			MUST(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
			if (left != right)
				count_up(&torn);
			MUST(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
		}
	}
	return NULL;
}

START_TEST(readers_see_whole_writes)
{
	filch_mutex_metrics row;

	run_threads(4, table_main, &left);
	ck_assert_uint_eq(count_of(&torn), 0);
	ck_assert_int_eq(filch_rwlock_stats(&rwlock, &row, sizeof(row)), FILCH_OK);
	ck_assert_uint_eq(row.acquisitions, 4 * rounds(2000));
	ck_assert_uint_le(row.contended, row.acquisitions);
	ck_assert_uint_eq(row.waiters, 0);
	ck_assert_int_eq(filch_rwlock_fini(&rwlock), FILCH_OK);
}
END_TEST

static void *
write_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	count_up(&ended);
	MUST(filch_rwlock_write_unlock(&rwlock) == FILCH_OK);
	return NULL;
}

static void *
late_reader_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	/* The writer came first. */
	MUST(count_of(&ended) == 1);
	MUST(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
	return NULL;
}

START_TEST(a_waiting_writer_is_preferred)
{
	pthread_t writer, reader;

	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_write_lock(&rwlock, 0), FILCH_AGAIN);
	ck_assert_int_eq(pthread_create(&writer, NULL, write_main, NULL), 0);
	until_threads_wait(1);
	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_rwlock_fini(&rwlock), FILCH_BUSY);
	ck_assert_int_eq(pthread_create(&reader, NULL, late_reader_main, NULL), 0);
	until_threads_wait(2);
	ck_assert_int_eq(filch_rwlock_read_unlock(&rwlock), FILCH_OK);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
}
END_TEST

/* A writer that gives up lets the readers in that waited for it. */
static void *
hasty_writer_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_write_lock(&rwlock, in_ms(300)) == FILCH_TIMEOUT);
	return NULL;
}

static void *
read_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
	return NULL;
}

START_TEST(readers_come_in_when_a_writer_gives_up)
{
	pthread_t writer, reader;

	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(pthread_create(&writer, NULL, hasty_writer_main, NULL), 0);
	until_threads_wait(1);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_main, NULL), 0);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	ck_assert_int_eq(filch_rwlock_read_unlock(&rwlock), FILCH_OK);
}
END_TEST

START_TEST(a_writer_that_asks_again_is_told)
{
	ck_assert_int_eq(filch_rwlock_write_unlock(&rwlock), FILCH_INVAL);
	ck_assert_int_eq(filch_rwlock_read_unlock(&rwlock), FILCH_INVAL);
	ck_assert_int_eq(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_rwlock_write_unlock(&rwlock), FILCH_OK);
}
END_TEST

/* -- The end -- */

START_TEST(a_rwlock_made_at_run_time_has_its_name)
{
	filch_rwlock run_time;
	filch_mutex_metrics stats;

	ck_assert_int_eq(filch_rwlock_init(NULL, "table"), FILCH_INVAL);
	ck_assert_int_eq(filch_rwlock_init(&run_time, "made"), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_read_lock(&run_time, 0), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_stats(&run_time, &stats, sizeof(stats)), FILCH_OK);
	ck_assert_str_eq(stats.name, "made");
	ck_assert_int_eq(filch_rwlock_fini(&run_time), FILCH_BUSY);
	ck_assert_int_eq(filch_rwlock_read_unlock(&run_time), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_fini(&run_time), FILCH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rwlock");
	TCase *alone = case_of(suite, "alone", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, readers_see_whole_writes);
	tcase_add_test(alone, a_waiting_writer_is_preferred);
	tcase_add_test(alone, readers_come_in_when_a_writer_gives_up);
	tcase_add_test(alone, a_writer_that_asks_again_is_told);
	tcase_add_test(alone, a_rwlock_made_at_run_time_has_its_name);
	return run_suite(suite);
}
