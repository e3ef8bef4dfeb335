/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel.h"

#include <filch.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static void *
make_kind(size_t capacity, int spsc)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_channel *channel = NULL;

	options.spsc = spsc;
	(void)filch_channel_create(&channel, sizeof(uint64_t), capacity, &options);
	return channel;
}

static void *
make_ring(size_t capacity)
{
	return make_kind(capacity, 0);
}

static void *
make_line(size_t capacity)
{
	return make_kind(capacity, 1);
}

static void *
make_unbounded(size_t capacity)
{
	(void)capacity;
	return make_kind(FILCH_UNBOUNDED, 0);
}

static void *
make_rendezvous(size_t capacity)
{
	(void)capacity;
	return make_kind(0, 0);
}

static void
end(void *queue)
{
	filch_channel_destroy(queue);
}

static void
send_one(void *queue, uint64_t item)
{
	(void)filch_channel_send(queue, &item, FILCH_FOREVER);
}

static uint64_t
recv_one(void *queue)
{
	uint64_t item = 0;

	(void)filch_channel_recv(queue, &item, FILCH_FOREVER);
	return item;
}

static void
send_many(void *queue, const uint64_t *items, size_t n)
{
	(void)filch_channel_send_many(queue, items, n, NULL, FILCH_FOREVER);
}

static size_t
recv_many(void *queue, uint64_t *items, size_t max)
{
	size_t n = 0;

	(void)filch_channel_recv_many(queue, items, max, &n, FILCH_FOREVER);
	return n;
}

/* The try forms: as a loop that looks would use them. */
static void
try_send(void *queue, uint64_t item)
{
	while (filch_channel_send(queue, &item, 0) != FILCH_OK)
		sched_yield();
}

static uint64_t
try_recv(void *queue)
{
	uint64_t item = 0;

	while (filch_channel_recv(queue, &item, 0) != FILCH_OK)
		sched_yield();
	return item;
}

/* -- A mutex and two conditions, as anybody would write it. -- */

struct locked {
	pthread_mutex_t lock;
	pthread_cond_t room, there;
	size_t head, tail, capacity;
	uint64_t items[];
};

static void *
make_locked(size_t capacity)
{
	struct locked *q = calloc(1, sizeof(*q) + capacity * sizeof(uint64_t));

	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->room, NULL);
	pthread_cond_init(&q->there, NULL);
	q->capacity = capacity;
	return q;
}

static void
locked_send(void *queue, uint64_t item)
{
	struct locked *q = queue;

	pthread_mutex_lock(&q->lock);
	while (q->tail - q->head == q->capacity)
		pthread_cond_wait(&q->room, &q->lock);
	q->items[q->tail++ % q->capacity] = item;
	pthread_cond_signal(&q->there);
	pthread_mutex_unlock(&q->lock);
}

static uint64_t
locked_recv(void *queue)
{
	struct locked *q = queue;
	uint64_t item;

	pthread_mutex_lock(&q->lock);
	while (q->tail == q->head)
		pthread_cond_wait(&q->there, &q->lock);
	item = q->items[q->head++ % q->capacity];
	pthread_cond_signal(&q->room);
	pthread_mutex_unlock(&q->lock);
	return item;
}

const struct queue_face bench_queues[] = {
	{ "filch", make_ring, end, send_one, recv_one, send_many, recv_many, 0, 0 },
	{ "filch-spsc", make_line, end, send_one, recv_one, send_many, recv_many, 1, 0 },
	{ "filch-unbounded", make_unbounded, end, send_one, recv_one, send_many, recv_many, 0, 0 },
	{ "filch-meet", make_rendezvous, end, send_one, recv_one, NULL, NULL, 0, 1 },
	{ "filch-try", make_ring, end, try_send, try_recv, NULL, NULL, 1, 0 },
	{ "mutex-cond", make_locked, free, locked_send, locked_recv, NULL, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};
