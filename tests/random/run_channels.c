/* SPDX-License-Identifier: BSD-2-Clause */
/* Channels: the other side is a thread of the system, or room is enough. */
#include "program.h"

#include <pthread.h>
#include <stdlib.h>

static filch_channel *
make_channel(const struct node *node, size_t capacity, bool spsc)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_channel *channel = NULL;

	options.name = "random";
	options.spsc = spsc;
	if (node->unbounded)
		capacity = FILCH_UNBOUNDED;
	NODE_MUST(node,
	    filch_channel_create(&channel, sizeof(uint64_t), capacity, &options) == FILCH_OK);
	NODE_MUST(node, filch_channel_capacity(channel) == capacity);
	return channel;
}

/* A status that ends the node: its wait stands in something canceled. */
static int
gave_up(const struct node *node, const char *call, int status)
{
	if (status != FILCH_CANCELED || is_certain(node))
		broken(node, "%s: %s", call, filch_status_text(status));
	return status;
}

static uint64_t
some_deadline(const struct node *node, size_t i)
{
	if (!node->polls || i % 3 == 0)
		return FILCH_FOREVER;
	return i % 3 == 1 ? 0 : filch_now() + node->seed % 20000;
}

static bool
is_late(int status)
{
	return status == FILCH_AGAIN || status == FILCH_TIMEOUT;
}

/* -- One side of a channel -- */

struct side {
	struct node *node;
	filch_channel *channel, *back;
	size_t n;
	uint64_t base;   /* item i is base + i */
};

static int
send_side(struct side *side)
{
	uint64_t items[32];
	size_t most = side->node->batch == 0 ? 1 : (size_t)side->node->batch;

	for (size_t i = 0, turn = 0; i < side->n; turn++) {
		size_t n = side->n - i < most ? side->n - i : most, sent = 0;
		uint64_t deadline = some_deadline(side->node, turn);
		int status;

		for (size_t k = 0; k < n; k++)
			items[k] = side->base + i + k;
		if (side->node->batch != 0) {
			status = filch_channel_send_many(side->channel, items, n, &sent, deadline);
			NODE_MUST(side->node, sent <= n && (status != FILCH_OK || sent == n));
		} else {
			status = filch_channel_send(side->channel, items, deadline);
			sent = status == FILCH_OK;
		}
		i += sent;
		if (status == FILCH_CLOSED || (status != FILCH_OK && !is_late(status)))
			return status;
	}
	return FILCH_OK;
}

/* Until it is closed: each in the order of the sends. */
static int
receive_side(struct side *side)
{
	uint64_t items[32];
	size_t most = side->node->batch == 0 ? 1 : (size_t)side->node->batch;

	for (size_t i = 0, turn = 0;; turn++) {
		size_t n = 0;
		uint64_t deadline = some_deadline(side->node, turn);
		int status;

		if (side->node->batch != 0) {
			status = filch_channel_recv_many(side->channel, items, most, &n, deadline);
			NODE_MUST(side->node, status == FILCH_OK ? n >= 1 && n <= most : n == 0);
		} else {
			status = filch_channel_recv(side->channel, items, deadline);
			n = status == FILCH_OK;
		}
		for (size_t k = 0; k < n; k++)
			if (items[k] != side->base + i + k)
				broken(side->node, "item %zu is %lld", i + k,
				    (long long)(items[k] - side->base));
		i += n;
		if (status == FILCH_CLOSED)
			return i == side->n ? FILCH_OK : FILCH_CLOSED;
		if (status != FILCH_OK && !is_late(status))
			return status;
	}
}

static void *
sender_main(void *argument)
{
	struct side *side = argument;
	int status = send_side(side);

	if (status != FILCH_OK && (status != FILCH_CLOSED || is_certain(side->node)))
		broken(side->node, "send of a thread: %s", filch_status_text(status));
	filch_channel_close(side->channel);
	return NULL;
}

static void *
receiver_main(void *argument)
{
	struct side *side = argument;
	int status = receive_side(side);

	if (status != FILCH_OK && (status != FILCH_CLOSED || is_certain(side->node)))
		broken(side->node, "receive of a thread: %s", filch_status_text(status));
	return NULL;
}

static void *
echo_main(void *argument)
{
	struct side *side = argument;
	uint64_t item;

	while (filch_channel_recv(side->channel, &item, FILCH_FOREVER) == FILCH_OK)
		if (filch_channel_send(side->back, &item, FILCH_FOREVER) != FILCH_OK)
			break;
	filch_channel_close(side->back);
	return NULL;
}

static void
start(const struct node *node, pthread_t *thread, void *(*main_)(void *), void *argument)
{
	NODE_MUST(node, pthread_create(thread, NULL, main_, argument) == 0);
}

/* -- Peer -- */

static int
converse(struct side *side)
{
	for (size_t i = 0; i < side->n; i++) {
		uint64_t item = side->base + i, answer = 0;
		int status = filch_channel_send(side->channel, &item, FILCH_FOREVER);

		if (status == FILCH_OK)
			status = filch_channel_recv(side->back, &answer, FILCH_FOREVER);
		if (status != FILCH_OK)
			return status;
		NODE_MUST(side->node, answer == item);
	}
	return FILCH_OK;
}

int
run_peer(struct node *node)
{
	struct side side = { node, make_channel(node, (size_t)node->capacity, node->spsc), NULL,
		node->n, node->seed };
	pthread_t thread;
	int status;

	if (node->order == 0) {
		start(node, &thread, sender_main, &side);
		status = receive_side(&side);
	} else if (node->order == 1) {
		start(node, &thread, receiver_main, &side);
		status = send_side(&side);
	} else {
		side.back = make_channel(node, (size_t)node->capacity / 2, node->spsc);
		start(node, &thread, echo_main, &side);
		status = converse(&side);
	}
	filch_channel_close(side.channel);
	if (status != FILCH_OK && side.back != NULL)
		filch_channel_close(side.back);
	pthread_join(thread, NULL);
	filch_channel_destroy(side.channel);
	filch_channel_destroy(side.back);
	return status == FILCH_OK ? status : gave_up(node, "conversation", status);
}

/* -- Buffer: children send, the node receives when they have ended -- */

static int
buffer_body(void *argument, size_t begin, size_t end)
{
	struct side *side = argument;
	struct node *node = side->node;
	int status = FILCH_OK;

	for (; begin < end && status == FILCH_OK; begin++) {
		status = run_child(node, begin);
		if (status == FILCH_OK
		    && filch_channel_send(side->channel, &node->child[begin]->value, FILCH_FOREVER)
		    != FILCH_OK)
			broken(node, "a send with room failed");
	}
	return status;
}

static void
check_buffered(struct node *node, filch_channel *channel)
{
	uint64_t wanted = 0, got = 0, item = 0;
	size_t n = 0;

	for (size_t i = 0; i < node->children; i++)
		wanted += mix(1, node->child[i]->value);
	NODE_MUST(node, filch_channel_len(channel) == node->children);
	if (node->biased) {
		filch_channel_close(channel);
		NODE_MUST(node, filch_channel_send(channel, &item, 0) == FILCH_CLOSED);
	}
	while (n < node->children) {
		uint64_t items[4];
		size_t k = 0;

		NODE_MUST(node,
		    filch_channel_recv_many(channel, items, 1 + node->seed % 4, &k, 0) == FILCH_OK);
		n += k;
		while (k-- > 0)
			got += mix(1, items[k]);
	}
	NODE_MUST(node, n == node->children && got == wanted);
	NODE_MUST(node, filch_channel_recv(channel, &item, 0)
	    == (node->biased ? FILCH_CLOSED : FILCH_AGAIN));
	filch_channel_close(channel);
	NODE_MUST(node, filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_CLOSED);
}

int
run_buffer(struct node *node)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	size_t room = node->children + (size_t)node->capacity + 1;
	struct side side = { node, make_channel(node, room, false), NULL, 0, 0 };
	int status;

	options.pool = named_pool(node);
	options.grain_exact = 1;
	status = filch_for(0, node->children, buffer_body, &side, &options);
	if (status == FILCH_OK)
		check_buffered(node, side.channel);
	filch_channel_destroy(side.channel);
	return status;
}

/* -- Select: of several threads that send or receive -- */

#define MOST_ARMS 4

struct selecting {
	struct node *node;
	struct side side[MOST_ARMS];
	filch_select_arm arm[MOST_ARMS];
	uint64_t item[MOST_ARMS];
	size_t moved[MOST_ARMS];
	pthread_t thread[MOST_ARMS];
	size_t open;
};

/* The arm has moved one item, or its channel was closed. */
static void
select_moved(struct selecting *s, size_t i, int status)
{
	struct node *node = s->node;
	struct side *side = &s->side[i];
	bool sends = s->arm[i].what == FILCH_SELECT_SEND;

	if (status == FILCH_CLOSED) {
		NODE_MUST(node, !sends && s->moved[i] == side->n);
		s->arm[i].channel = NULL;
		s->open--;
		return;
	}
	if (!sends && s->item[i] != side->base + s->moved[i])
		broken(node, "arm %zu received %lld as item %zu", i,
		    (long long)(s->item[i] - side->base), s->moved[i]);
	s->moved[i]++;
	s->item[i] = side->base + s->moved[i];
	if (sends && s->moved[i] == side->n) {
		filch_channel_close(side->channel);
		s->arm[i].channel = NULL;
		s->open--;
	}
}

static void
select_start(struct selecting *s, size_t i)
{
	struct node *node = s->node;
	struct side *side = &s->side[i];
	bool sends = node->sends && i % 2 == 1;

	side->node = node;
	side->channel = make_channel(node, (size_t)node->capacity, node->spsc);
	side->n = node->n;
	side->base = node->seed * (i + 1);
	s->item[i] = side->base;
	s->arm[i].channel = side->channel;
	s->arm[i].what = sends ? FILCH_SELECT_SEND : FILCH_SELECT_RECV;
	s->arm[i].item = &s->item[i];
	start(node, &s->thread[i], sends ? receiver_main : sender_main, side);
}

int
run_select(struct node *node)
{
	struct selecting s = { .node = node, .open = (size_t)node->arms };
	int status = FILCH_OK;

	for (size_t i = 0; i < (size_t)node->arms; i++)
		select_start(&s, i);
	for (size_t turn = 0; s.open > 0; turn++) {
		size_t chosen = SIZE_MAX;
		uint64_t deadline = some_deadline(node, turn);

		status = node->biased
		    ? filch_select_biased(s.arm, (size_t)node->arms, &chosen, deadline)
		    : filch_select(s.arm, (size_t)node->arms, &chosen, deadline);
		if (is_late(status))
			continue;
		if (status != FILCH_OK && status != FILCH_CLOSED)
			break;
		NODE_MUST(node, chosen < (size_t)node->arms && s.arm[chosen].channel != NULL);
		select_moved(&s, chosen, status);
		status = FILCH_OK;
	}
	for (size_t i = 0; i < (size_t)node->arms; i++)
		filch_channel_close(s.side[i].channel);
	for (size_t i = 0; i < (size_t)node->arms; i++) {
		pthread_join(s.thread[i], NULL);
		filch_channel_destroy(s.side[i].channel);
	}
	return s.open == 0 ? FILCH_OK : gave_up(node, "select", status);
}

/* -- Timer -- */

int
run_timer(struct node *node)
{
	uint64_t period = (uint64_t)node->microseconds * 1000,
	    first = filch_now() + node->seed % 100000;
	uint64_t before = 0, time = 0;
	filch_channel *timer = NULL;
	int status = FILCH_OK;

	NODE_MUST(node, filch_channel_create_timer(&timer, first,
	    node->periods == 0 ? 0 : period, NULL) == FILCH_OK);
	for (int i = 0; i < (node->periods == 0 ? 1 : node->periods) && status == FILCH_OK; i++) {
		status = filch_channel_recv(timer, &time, FILCH_FOREVER);
		if (status != FILCH_OK)
			break;
		NODE_MUST(node, time > before && time >= first && time <= filch_now());
		NODE_MUST(node, (time - first) % period == 0);
		before = time;
	}
	if (status == FILCH_OK && node->periods == 0)
		NODE_MUST(node, filch_channel_recv(timer, &time, FILCH_FOREVER) == FILCH_CLOSED);
	filch_channel_destroy(timer);
	return status == FILCH_OK ? status : gave_up(node, "timer", status);
}

/* -- Pair: tasks on both sides, in a pool of their own with spares enough -- */

struct pair {
	struct node *node;
	filch_channel *channel;
	flc_atomic senders, sum;
};

static int
pair_sender(void *argument)
{
	struct pair *pair = argument;
	int status = FILCH_OK;

	for (uint64_t i = 1; i <= pair->node->n && status == FILCH_OK; i++)
		status = filch_channel_send(pair->channel, &i, FILCH_FOREVER);
	if (flc_add_full(&pair->senders, (AO_t)-1) == 1)
		filch_channel_close(pair->channel);
	return status;
}

static int
pair_receiver(void *argument)
{
	struct pair *pair = argument;
	uint64_t item;
	int status;

	while ((status = filch_channel_recv(pair->channel, &item, FILCH_FOREVER)) == FILCH_OK)
		(void)flc_add_full(&pair->sum, item);
	return status == FILCH_CLOSED ? FILCH_OK : status;
}

int
run_pair(struct node *node)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_group group = FILCH_GROUP_INIT;
	struct pair pair = { node, make_channel(node, (size_t)node->capacity, false),
		FLC_ATOMIC_INIT(0), FLC_ATOMIC_INIT(0) };
	size_t n = (size_t)node->arms;
	int status;

	options.workers = 1 + node->seed % 4;
	options.spares = 2 * MOST_ARMS;
	NODE_MUST(node, filch_pool_create(&group.pool, &options) == FILCH_OK);
	group.shielded = 1;
	flc_store_release(&pair.senders, n);
	for (size_t i = 0; i < n; i++) {
		bool first = node->order % 2 == 0;

		NODE_MUST(node,
		    filch_group_spawn(&group, first ? pair_sender : pair_receiver, &pair)
		    == FILCH_OK);
		NODE_MUST(node,
		    filch_group_spawn(&group, first ? pair_receiver : pair_sender, &pair)
		    == FILCH_OK);
	}
	status = filch_group_wait(&group, FILCH_FOREVER);
	NODE_MUST(node, filch_pool_destroy(group.pool) == FILCH_OK);
	filch_channel_destroy(pair.channel);
	if (status == FILCH_OK && flc_load_acquire(&pair.sum) != n * node->n * (node->n + 1) / 2)
		broken(node, "items were lost between tasks");
	return status == FILCH_OK ? status : gave_up(node, "tasks on a channel", status);
}
