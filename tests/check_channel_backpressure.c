/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time that sends and receives wait, against what is known otherwise.  The slow side
 * follows a schedule, and all clock readings are the test's own:
 *
 *     between   from when a call began until the other side came for it
 *               (its own clock, read before its call): surely waited
 *     around    from just before the call to just after it: no more can be
 *
 * What is counted lies between the two, which on a quiet machine are as good as the same;
 * on a loaded one they part, and what is counted is still right.  A call whose thread
 * lost its CPU may have lost it before the library's clock: it proves no lower bound.
 */
#include "pools.h"

#include <sys/resource.h>

#define ITEMS 30
#define PERIOD_MS 10

/* What is counted misses the spin before the wait, and what a thread does between its
 * clocks and the library's: together at most a twentieth of what a run should wait, half
 * of all its periods. */
#define PART 0.03
#define SPIN_NS (ITEMS * 100000L)

_Static_assert(SPIN_NS * 100 <= ITEMS * PERIOD_MS * 1000000L, "PART and this are 0.05");

static const struct kind {
	size_t capacity;
	int spsc;
} kinds[] = { { 0, 0 }, { 1, 0 }, { 3, 0 }, { 4, 1 } };
#define KINDS 4

static filch_channel *channel;
static uint64_t fast_began[ITEMS], fast_ended[ITEMS]; /* its calls */
static bool fast_stayed[ITEMS];                       /* on its CPU, until it slept */
static uint64_t slow_came[ITEMS];                     /* just before its calls */
static uint64_t work_ms;                              /* of the fast side, between calls */
static bool fast_sends;

static void
make(int i)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;

	options.spsc = kinds[i % KINDS].spsc;
	MUST(filch_channel_create(&channel, sizeof(uint64_t), kinds[i % KINDS].capacity, &options)
	    == FILCH_OK);
	work_ms = i >= KINDS ? PERIOD_MS / 2 : 0;
}

static void
call(bool send, uint64_t item)
{
	MUST((send ? filch_channel_send(channel, &item, FILCH_FOREVER)
	    : filch_channel_recv(channel, &item, FILCH_FOREVER)) == FILCH_OK);
}

static void
pause_until(uint64_t time)
{
	struct timespec at = { (time_t)(time / 1000000000u), (long)(time % 1000000000u) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
		;
}

/* How often the CPU was taken from this thread. */
static long
times_preempted(void)
{
	struct rusage usage;

	MUST(getrusage(RUSAGE_THREAD, &usage) == 0);
	return usage.ru_nivcsw;
}

/* One item each period, by the clock: its rate is known. */
static void *
slow_main(void *unused)
{
	uint64_t begin = filch_now();

	(void)unused;
	for (size_t i = 0; i < ITEMS; i++) {
		pause_until(begin + (i + 1) * PERIOD_MS * MS);
		slow_came[i] = filch_now();
		call(!fast_sends, i);
	}
	return NULL;
}

static void *
fast_main(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < ITEMS; i++) {
		long before;

		/* Time itself: its own work. */
		if (work_ms > 0)
			pause_ms(work_ms);
		before = times_preempted();
		fast_began[i] = filch_now();
		call(fast_sends, i);
		fast_ended[i] = filch_now();
		fast_stayed[i] = times_preempted() == before;
	}
	return NULL;
}

/* Nanoseconds, over all calls of the fast side; the two lower bounds over those that
 * stayed on their CPU. */
struct waits {
	double between, calm, around;
};

/* Runs both; `ahead`: the calls of the fast side that need no call of the other. */
static struct waits
run(size_t ahead)
{
	struct waits waits = { 0, 0, 0 };
	pthread_t slow, fast;

	ck_assert_int_eq(pthread_create(&slow, NULL, slow_main, NULL), 0);
	ck_assert_int_eq(pthread_create(&fast, NULL, fast_main, NULL), 0);
	pthread_join(slow, NULL);
	pthread_join(fast, NULL);
	for (size_t i = 0; i < ITEMS; i++) {
		waits.around += (double)(fast_ended[i] - fast_began[i]);
		if (!fast_stayed[i])
			continue;
		waits.calm += (double)(fast_ended[i] - fast_began[i]);
		if (i >= ahead && slow_came[i - ahead] > fast_began[i])
			waits.between += (double)(slow_came[i - ahead] - fast_began[i]);
	}
	return waits;
}

static void
check(const filch_histogram *counted, const struct waits *waits)
{
	double wait = (double)counted->sum_ns;

	ck_assert_msg(wait >= waits->between * (1 - PART) - SPIN_NS, "%f ms, surely %f",
	    wait / 1e6, waits->between / 1e6);
	ck_assert_msg(wait >= waits->calm * (1 - PART) - SPIN_NS, "%f ms of %f", wait / 1e6,
	    waits->calm / 1e6);
	/* The library's clock and the system's agree to better than this. */
	ck_assert_msg(wait <= waits->around * 1.005, "%f ms, at most %f", wait / 1e6,
	    waits->around / 1e6);
}

static filch_channel_metrics
stats(void)
{
	filch_channel_metrics m;

	MUST(filch_channel_stats(channel, &m, sizeof(m)) == FILCH_OK);
	return m;
}

START_TEST(a_slow_consumer_shows_as_backpressure)
{
	filch_channel_metrics m;
	struct waits waits;
	double elapsed, share;

	make(_i);
	fast_sends = true;
	waits = run(kinds[_i % KINDS].capacity);
	m = stats();
	check(&m.send_wait, &waits);
	ck_assert_uint_le(m.send_blocked, ITEMS);
	/* The share of its time that the producer waits is as right as that. */
	elapsed = (double)(fast_ended[ITEMS - 1] - fast_began[0]);
	share = (double)m.send_wait.sum_ns / elapsed;
	ck_assert_msg(share >= (waits.calm * (1 - PART) - SPIN_NS) / elapsed
	    && share <= waits.around / elapsed * 1.005, "%f, truly %f to %f", share,
	    waits.calm / elapsed, waits.around / elapsed);
	ck_assert_uint_eq(m.sends, ITEMS);
	ck_assert_uint_eq(m.receives, ITEMS);
	filch_channel_destroy(channel);
}
END_TEST

START_TEST(a_slow_producer_shows_as_starvation)
{
	filch_channel_metrics m;
	struct waits waits;

	make(_i);
	fast_sends = false;
	waits = run(0);
	m = stats();
	check(&m.receive_wait, &waits);
	ck_assert_uint_le(m.receive_blocked, ITEMS);
	filch_channel_destroy(channel);
}
END_TEST

/* -- Two that hold a lock for a known time -- */

#define HOLDERS 2
#define HOLDS 12
#define HOLD_MS 8

static filch_mutex mutex = FILCH_MUTEX_INIT("held");
static flc_atomic next_holder, holders_ready;
static struct holding {
	uint64_t asked, got, gives;
} holding[HOLDERS][HOLDS];

static void *
holder_main(void *unused)
{
	struct holding *mine = holding[count_up(&next_holder)];

	(void)unused;
	count_up(&holders_ready);
	while (count_of(&holders_ready) < HOLDERS)
		sched_yield();
	for (size_t i = 0; i < HOLDS; i++) {
		mine[i].asked = filch_now();
		MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
		mine[i].got = filch_now();
		pause_until(mine[i].got + HOLD_MS * MS);
		mine[i].gives = filch_now();
		MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
		/* Or it would have it again before the other is awake. */
		pause_ms(1);
	}
	return NULL;
}

/* For how long one asked while the other surely held it. */
static double
overlap(const struct holding *waiter, const struct holding *other)
{
	uint64_t from = waiter->asked > other->got ? waiter->asked : other->got;
	uint64_t to = waiter->got < other->gives ? waiter->got : other->gives;

	return to > from ? (double)(to - from) : 0;
}

START_TEST(two_holders_show_the_time_they_wait_for_each_other)
{
	filch_mutex_metrics m;
	double surely = 0, around = 0, wait;

	/* The first lock of a process sets the clock: some milliseconds. */
	ck_assert_int_eq(filch_mutex_lock(&mutex, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_mutex_unlock(&mutex), FILCH_OK);
	run_threads(HOLDERS, holder_main, NULL);
	for (size_t h = 0; h < HOLDERS; h++)
		for (size_t i = 0; i < HOLDS; i++) {
			around += (double)(holding[h][i].got - holding[h][i].asked);
			for (size_t k = 0; k < HOLDS; k++)
				surely += overlap(&holding[h][i], &holding[1 - h][k]);
		}
	ck_assert_int_eq(filch_mutex_stats(&mutex, &m, sizeof(m)), FILCH_OK);
	wait = (double)m.wait.sum_ns;
	/* The last of one is followed by nobody; the rest overlap. */
	ck_assert(surely >= HOLD_MS * 1e6 * 0.9);
	ck_assert_msg(wait >= surely * 0.9, "%f ms, surely %f", wait / 1e6, surely / 1e6);
	ck_assert_msg(wait >= around * 0.9, "%f ms of %f", wait / 1e6, around / 1e6);
	ck_assert_msg(wait <= around * 1.005, "%f ms, at most %f", wait / 1e6, around / 1e6);
	ck_assert_uint_eq(m.acquisitions, HOLDERS * HOLDS + 1);
	ck_assert_uint_ge(m.contended, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("channel_backpressure");
	TCase *known = case_of(suite, "known", NULL, NULL);

	clear_variables();
	tcase_add_loop_test(known, a_slow_consumer_shows_as_backpressure, 0, 2 * KINDS);
	tcase_add_loop_test(known, a_slow_producer_shows_as_starvation, 0, 2 * KINDS);
	tcase_add_test(known, two_holders_show_the_time_they_wait_for_each_other);
	return run_suite(suite);
}
