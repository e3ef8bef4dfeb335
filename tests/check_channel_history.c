/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linearizability: threads call at random, what they saw is recorded with the moments of
 * call and return, and a search looks for an order in which a plain queue would have said
 * the same (J. M. Wing and C. Gong, with G. Lowe's memo).
 *
 * The promise of FILCH_AGAIN has two parts, and so has the rule here: the queue was empty
 * (full), or another call of the kind named in channel.h overlaps.
 */
#include "pools.h"

#include <stdio.h>

#define MOST_THREADS_HERE 4
#define MOST_OPS 8
#define MOST_ALL (MOST_THREADS_HERE * MOST_OPS)
#define MOST_CAPACITY 4

enum what { PUT, GET, CLOSE };

struct op {
	enum what what;
	uint64_t value;
	int status;
	uint64_t called, returned;
};

/* The plain queue. */
struct state {
	uint8_t length, closed;
	uint8_t item[MOST_CAPACITY];
};

struct history {
	struct op op[MOST_ALL];
	size_t n;
	size_t capacity;
};

struct setting {
	size_t threads, ops, capacity;
	int spsc;
	bool closes, blocks;
};

static const struct setting settings[] = {
	{ 2, 8, 1, 0, true, false },
	{ 2, 8, 2, 0, true, true },
	{ 3, 6, 1, 0, false, false },
	{ 3, 6, 2, 0, true, false },
	{ 3, 6, 3, 0, true, true },
	{ 4, 5, 2, 0, true, true },
	{ 4, 5, 4, 0, false, false },
	{ 2, 8, 1, 1, true, false },
	{ 2, 8, 3, 1, true, true },
	{ 3, 6, 4, 0, true, true },
	{ 3, 6, 2, 1, true, true },
};
#define SETTINGS ((int)(sizeof(settings) / sizeof(settings[0])))

static const struct setting *setting = settings;

/* -- The search -- */

struct entry {
	uint64_t set;
	struct state state;
	uint32_t used;
};

#define MEMO 65536
static struct entry memo[MEMO];
static uint32_t memo_generation;
static size_t memo_count;

/* True if it was there before. */
static bool
remember(uint64_t set, const struct state *state)
{
	uint64_t hash = set * 0x9e3779b97f4a7c15u;
	size_t at;

	for (size_t i = 0; i < sizeof(state->item); i++)
		hash = (hash ^ state->item[i]) * 0x100000001b3u;
	hash = (hash ^ state->length ^ (uint64_t)state->closed << 7) * 0x9e3779b97f4a7c15u;
	for (at = hash >> 40 & (MEMO - 1); memo[at].used == memo_generation;
	    at = (at + 1) & (MEMO - 1))
		if (memo[at].set == set && memcmp(&memo[at].state, state, sizeof(*state)) == 0)
			return true;
	MUST(++memo_count < MEMO / 2);
	memo[at].used = memo_generation;
	memo[at].set = set;
	memo[at].state = *state;
	return false;
}

/* A send that was refused by a closing it began before the end of.  Of a channel with
 * spsc, it is under way for the receiver. */
static bool
met_the_closing(const struct history *h, const struct op *put)
{
	if (!setting->spsc || put->what != PUT || put->status != FILCH_CLOSED)
		return false;
	for (size_t i = 0; i < h->n; i++)
		if (h->op[i].what == CLOSE && h->op[i].returned < put->called)
			return false;
	return true;
}

/* Whether another send or receive that had its turn may have been under way. */
static bool
overlaps(const struct history *h, const struct op *op)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct op *other = &h->op[i];

		if (other != op && other->what != CLOSE
		    && (other->status == FILCH_OK || met_the_closing(h, other))
		    && other->called < op->returned && other->returned > op->called)
			return true;
	}
	return false;
}

/* Whether the plain queue would say the same; it goes on from there. */
static bool
step(const struct history *h, struct state *s, const struct op *op)
{
	bool would_wait = op->status == FILCH_AGAIN || op->status == FILCH_TIMEOUT;

	if (op->what == CLOSE) {
		s->closed = 1;
		return true;
	}
	if (op->what == PUT) {
		if (op->status == FILCH_CLOSED)
			return s->closed;
		if (s->closed)
			return false;
		if (would_wait)
			return s->length == h->capacity || overlaps(h, op);
		if (s->length == h->capacity)
			return false;
		s->item[s->length++] = (uint8_t)op->value;
		return true;
	}
	if (op->status == FILCH_CLOSED)
		return s->closed && s->length == 0;
	if (would_wait)
		return (s->length == 0 && !s->closed) || overlaps(h, op);
	if (s->length == 0 || s->item[0] != op->value)
		return false;
	memmove(s->item, s->item + 1, --s->length);
	s->item[s->length] = 0;
	return true;
}

static bool
search(const struct history *h, uint64_t set, const struct state *state)
{
	uint64_t first_return = UINT64_MAX;

	if (set == ((uint64_t)1 << h->n) - 1)
		return true;
	if (remember(set, state))
		return false;
	for (size_t i = 0; i < h->n; i++)
		if (!(set >> i & 1) && h->op[i].returned < first_return)
			first_return = h->op[i].returned;
	for (size_t i = 0; i < h->n; i++) {
		struct state next = *state;

		if (!(set >> i & 1) && h->op[i].called < first_return
		    && step(h, &next, &h->op[i]) && search(h, set | (uint64_t)1 << i, &next))
			return true;
	}
	return false;
}

static bool
is_linearizable(const struct history *h)
{
	struct state empty;

	memset(&empty, 0, sizeof(empty));
	memo_generation++;
	memo_count = 0;
	return search(h, 0, &empty);
}

/* -- Recording -- */

static filch_channel *channel;
static struct op recorded[MOST_THREADS_HERE][MOST_OPS];
static flc_atomic moment, ready, round_now;
static size_t rounds_wanted;

static void
call(struct op *op, uint64_t random)
{
	uint64_t deadline = setting->blocks && (random >> 20) % 4 == 0
	    ? filch_now() + (random >> 24) % 20000 : 0;

	op->called = flc_add_full(&moment, 1);
	if (op->what == CLOSE) {
		filch_channel_close(channel);
		op->status = FILCH_OK;
	} else if (op->what == PUT) {
		op->status = filch_channel_send(channel, &op->value, deadline);
	} else {
		op->status = filch_channel_recv(channel, &op->value, deadline);
	}
	op->returned = flc_add_full(&moment, 1);
}

static void
run_ops(size_t me, uint64_t *random)
{
	for (size_t i = 0; i < setting->ops; i++) {
		struct op *op = &recorded[me][i];
		uint64_t r = random_of(random);

		op->what = setting->spsc ? (me == 0 ? PUT : GET) : (r >> 10) % 2 ? PUT : GET;
		if (setting->closes && (r >> 12) % 24 == 0)
			op->what = CLOSE;
		/* A third has nothing else to do with such a channel. */
		if (setting->spsc && me == 2) {
			op->what = CLOSE;
			for (uint64_t n = (r >> 16) % 6; n > 0; n--)
				sched_yield();
		}
		op->value = me * MOST_OPS + i + 1;
		if (op->what == GET)
			op->value = 0;
		/* Another one's turn in between, now and then. */
		if ((r >> 40) % 8 == 0)
			sched_yield();
		call(op, r);
	}
}

static void *
thread_main(void *index)
{
	size_t me = *(size_t *)index;
	uint64_t random = 0x9e3779b97f4a7c15u * (me + 1);

	for (size_t round = 1; round <= rounds_wanted; round++) {
		while (count_of(&round_now) < round)
			sched_yield();
		run_ops(me, &random);
		count_up(&ready);
	}
	return NULL;
}

static void
print_history(const struct history *h)
{
	static const char *const names[] = { "put", "get", "close" };

	for (size_t i = 0; i < h->n; i++)
		fprintf(stderr, "%-5s %2u: %-40s [%u, %u]\n", names[h->op[i].what],
		    (unsigned)h->op[i].value, filch_status_text(h->op[i].status),
		    (unsigned)h->op[i].called, (unsigned)h->op[i].returned);
}

static void
collect(struct history *h)
{
	h->n = 0;
	h->capacity = setting->capacity;
	for (size_t t = 0; t < setting->threads; t++)
		for (size_t i = 0; i < setting->ops; i++)
			h->op[h->n++] = recorded[t][i];
}

START_TEST(histories_are_linearizable)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	pthread_t thread[MOST_THREADS_HERE];
	size_t index[MOST_THREADS_HERE];
	struct history h;

	setting = &settings[_i];
	rounds_wanted = rounds(1000);
	options.spsc = setting->spsc;
	for (size_t t = 0; t < setting->threads; t++) {
		index[t] = t;
		MUST(pthread_create(&thread[t], NULL, thread_main, &index[t]) == 0);
	}
	for (size_t round = 1; round <= rounds_wanted; round++) {
		MUST(filch_channel_create(&channel, sizeof(uint64_t), setting->capacity, &options)
		    == FILCH_OK);
		flc_store_relaxed(&ready, 0);
		count_up(&round_now);
		while (count_of(&ready) < setting->threads)
			sched_yield();
		filch_channel_destroy(channel);
		collect(&h);
		if (!is_linearizable(&h)) {
			print_history(&h);
			ck_abort_msg("history %u is not linearizable", (unsigned)round);
		}
	}
	for (size_t t = 0; t < setting->threads; t++)
		pthread_join(thread[t], NULL);
}
END_TEST

/* The search itself must be able to say no. */
START_TEST(wrong_histories_are_told)
{
	struct history h = { .n = 2, .capacity = 2 };

	h.op[0] = (struct op){ PUT, 1, FILCH_OK, 0, 1 };
	h.op[1] = (struct op){ GET, 1, FILCH_OK, 2, 3 };
	ck_assert(is_linearizable(&h));
	h.op[1].value = 2;
	ck_assert(!is_linearizable(&h));
	h.op[1] = (struct op){ GET, 0, FILCH_AGAIN, 2, 3 };
	ck_assert(!is_linearizable(&h));
	h.op[1] = (struct op){ GET, 0, FILCH_CLOSED, 2, 3 };
	ck_assert(!is_linearizable(&h));
	h.n = 4;
	h.op[1] = (struct op){ PUT, 2, FILCH_OK, 2, 3 };
	h.op[2] = (struct op){ GET, 2, FILCH_OK, 4, 5 };
	h.op[3] = (struct op){ GET, 1, FILCH_OK, 6, 7 };
	ck_assert(!is_linearizable(&h));
	h.op[2].value = 1;
	h.op[3].value = 2;
	ck_assert(is_linearizable(&h));
	h.op[3] = (struct op){ CLOSE, 0, FILCH_OK, 2, 3 };
	h.op[1] = (struct op){ PUT, 2, FILCH_OK, 4, 5 };
	h.op[2] = (struct op){ GET, 1, FILCH_OK, 6, 7 };
	ck_assert(!is_linearizable(&h));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("channel_history");
	TCase *history = case_of(suite, "history", NULL, NULL);

	tcase_add_test(history, wrong_histories_are_told);
	tcase_add_loop_test(history, histories_are_linearizable, 0, SETTINGS);
	return run_suite(suite);
}
