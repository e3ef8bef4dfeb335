/* SPDX-License-Identifier: BSD-2-Clause */
#include "sync/parking_lot.h"

#ifndef FLC_MODEL
#include "base/fork_generation.h"

#define QUEUE { FLC_ATOMIC_INIT(0), FLC_LOCK_INIT, NULL, NULL }
#define QUEUES_4 QUEUE, QUEUE, QUEUE, QUEUE
#define QUEUES_16 QUEUES_4, QUEUES_4, QUEUES_4, QUEUES_4

struct flc_lot_queue flc_lot[FLC_LOT_QUEUES] = { QUEUES_16, QUEUES_16, QUEUES_16, QUEUES_16 };

/* In a child the waiters of the parent are not there. */
static void
renew(struct flc_renewal *unused)
{
	static const struct flc_lot_queue fresh = QUEUE;

	(void)unused;
	for (size_t i = 0; i < FLC_LOT_QUEUES; i++)
		flc_lot[i] = fresh;
}

static struct flc_renewal renewal = FLC_RENEWAL_INIT(renew);

#define belong_to_this_process() flc_renewal_begin(&renewal)
#else
#define belong_to_this_process() ((void)0)
#endif

/* With a refused membarrier nothing is known of a thread that passed the light fence just
 * before: look again now and then. */
#define UNSURE_NS 1000000u

/* On the waiter's stack; the links are under the queue's lock. */
struct flc_lot_node {
	struct flc_waiter waiter;
	FLC_PLAIN(const void *) key;
	FLC_PLAIN(struct flc_lot_node *) next;
	FLC_PLAIN(struct flc_lot_node *) before;
	FLC_PLAIN(bool) queued;
};

/* A thread that was woken in vain has waited longest. */
static void
put(struct flc_lot_queue *queue, struct flc_lot_node *node, bool first)
{
	struct flc_lot_node *before, *next;

	flc_lock_acquire(&queue->lock);
	before = first ? NULL : flc_get(queue->last);
	next = first ? flc_get(queue->first) : NULL;
	flc_set(node->before, before);
	flc_set(node->next, next);
	flc_set(node->queued, true);
	if (before == NULL)
		flc_set(queue->first, node);
	else
		flc_set(before->next, node);
	if (next == NULL)
		flc_set(queue->last, node);
	else
		flc_set(next->before, node);
	flc_store_relaxed(&queue->waiters, flc_load_relaxed(&queue->waiters) + 1);
	flc_lock_release(&queue->lock);
}

/* Under the lock. */
static void
unlink_node(struct flc_lot_queue *queue, struct flc_lot_node *node)
{
	struct flc_lot_node *before = flc_get(node->before), *next = flc_get(node->next);

	if (before == NULL)
		flc_set(queue->first, next);
	else
		flc_set(before->next, next);
	if (next == NULL)
		flc_set(queue->last, before);
	else
		flc_set(next->before, before);
	flc_set(node->queued, false);
	flc_store_relaxed(&queue->waiters, flc_load_relaxed(&queue->waiters) - 1);
}

/* False: somebody has taken it out, and its wake is on the way. */
static bool
take_out(struct flc_lot_queue *queue, struct flc_lot_node *node)
{
	bool queued;

	flc_lock_acquire(&queue->lock);
	queued = flc_get(node->queued);
	if (queued)
		unlink_node(queue, node);
	flc_lock_release(&queue->lock);
	return queued;
}

/* Takes up to most waiters out, linked by next. */
static struct flc_lot_node *
take_waiters(struct flc_lot_queue *queue, const void *key, size_t most)
{
	struct flc_lot_node *taken = NULL, *last = NULL, *next;

	flc_lock_acquire(&queue->lock);
	for (struct flc_lot_node *node = flc_get(queue->first); node != NULL && most > 0;
	    node = next) {
		next = flc_get(node->next);
		if (flc_get(node->key) != key)
			continue;
		most--;
		unlink_node(queue, node);
		flc_set(node->next, (struct flc_lot_node *)NULL);
		if (last == NULL)
			taken = node;
		else
			flc_set(last->next, node);
		last = node;
	}
	flc_lock_release(&queue->lock);
	return taken;
}

#ifndef FLC_MODEL
static bool
is_waited_at(const void *key)
{
	struct flc_lot_queue *queue = flc_lot_queue(key);
	struct flc_lot_node *node;

	belong_to_this_process();
	if (!flc_lot_has_waiters(key))
		return false;
	flc_lock_acquire(&queue->lock);
	for (node = flc_get(queue->first); node != NULL; node = flc_get(node->next))
		if (flc_get(node->key) == key)
			break;
	flc_lock_release(&queue->lock);
	return node != NULL;
}

int
flc_lot_end(const void *key, size_t *made)
{
	if (!flc_generation_is_old(*made) && is_waited_at(key))
		return FILCH_BUSY;
	*made = 0;
	return FILCH_OK;
}
#endif

void
flc_lot_wake_slowly(const void *key, size_t n)
{
	struct flc_lot_node *node;

	belong_to_this_process();
	node = take_waiters(flc_lot_queue(key), key, n);
	while (node != NULL) {
		/* Read before the wake: then the node is gone. */
		struct flc_lot_node *next = flc_get(node->next);

		(void)flc_waiter_wake(&node->waiter);
		node = next;
	}
}

static int
is_ready(void *context)
{
	const struct flc_lot_how *how = (const struct flc_lot_how *)context;

	return how->ready(how->context);
}

/* What a wait came to so far. */
enum outcome { NOT_YET, READY, OUT_OF_TIME, DEADLOCK };

/* After the queue: ready, or asleep until something happens. */
static enum outcome
look_and_park(struct flc_lot_how *how, struct flc_lot_queue *queue, struct flc_lot_node *node)
{
	struct flc_block_how block = { how->on, how->deadline, NULL, how };
	enum flc_block_end end;

	/* store-load [lot.park]: our place in the queue, before the look; the other side
	 * changes the word and looks at the queue. */
	if (!how->heavy)
		flc_fence_full();
	else if (!flc_fence_heavy())
		block.poll = is_ready;
	if (!how->once && how->ready(how->context)) {
		/* A wake that came for nothing goes to the next. */
		if (!take_out(queue, node)) {
			flc_waiter_finish(&node->waiter);
			if (!how->heavy)
				flc_lot_wake_slowly(how->key, 1);
		}
		return READY;
	}
	how->parks++;
	end = flc_block(&node->waiter, &block);
	if (end == FLC_BLOCK_WOKEN)
		return how->once ? READY : NOT_YET;
	if (!take_out(queue, node)) {
		flc_waiter_finish(&node->waiter);
		return how->once || end == FLC_BLOCK_POLLED ? READY : NOT_YET;
	}
	return end == FLC_BLOCK_POLLED ? READY
	    : end == FLC_BLOCK_TIMEOUT ? OUT_OF_TIME : DEADLOCK;
}

int
flc_lot_wait(struct flc_lot_how *how, void (*prepare)(void *context))
{
	struct flc_lot_queue *queue = flc_lot_queue(how->key);
	struct flc_lot_node node;
	enum outcome outcome = NOT_YET;

	belong_to_this_process();
	for (bool again = false; outcome == NOT_YET; again = true) {
		flc_waiter_init(&node.waiter);
		flc_set(node.key, how->key);
		put(queue, &node, again);
		if (prepare != NULL && !again)
			prepare(how->context);
		outcome = look_and_park(how, queue, &node);
		flc_waiter_fini(&node.waiter);
		if (outcome != NOT_YET)
			break;
		if (how->ready(how->context))
			outcome = READY;
		else if (how->deadline != FILCH_FOREVER && filch_now() >= how->deadline)
			outcome = OUT_OF_TIME;
	}
	return outcome == READY ? FILCH_OK
	    : outcome == OUT_OF_TIME ? FILCH_TIMEOUT : FILCH_DEADLOCK;
}

#ifndef FLC_MODEL
int
flc_lot_wait_unless_ready(struct flc_lot_how *how, size_t *made)
{
	int status = flc_generation_bind(made);

	if (status != FILCH_OK || how->ready(how->context))
		return status;
	return how->deadline == 0 ? FILCH_AGAIN : flc_lot_wait(how, NULL);
}
#endif
