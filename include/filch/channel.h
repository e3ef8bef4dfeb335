/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channels: queues of items between tasks and threads, which may block on them without
 * losing a core.
 *
 *     send, recv, send_many, recv_many, select, close, len, capacity, stats, fd
 *                any thread, many at once on one channel, inside tasks or not;
 *                with the option spsc one thread at a time sends and one at a
 *                time receives
 *     destroy    one thread, when nobody else uses the channel any more
 *
 * PROMISES.  Items are copied in and out, and each is received exactly once.  Items of
 * one producer are received in the order of their sends.  Sends, receives and closing are
 * linearisable: each takes effect at one moment of its call, and FILCH_CLOSED is exact:
 * after it no item is, or comes to be, in the channel.  FILCH_AGAIN says that at one
 * moment of the call the channel was full (empty), or that a send or receive which
 * overlaps the call had its turn before and was not finished (with spsc also a send that
 * met the closing).  So calls with a deadline of 0 never wait for another thread's
 * progress; only those of unbounded and rendezvous channels take a lock, for some dozen
 * instructions.  A thread that receives an item sees what its sender did before the send.
 *
 * BLOCKING.  A call with a deadline spins for some microseconds, then its thread sleeps;
 * the core of a worker goes to other work meanwhile.  A wait inside something that was
 * canceled (a group, a loop) ends with FILCH_CANCELED within some milliseconds; a call
 * that need not wait does not look.  In a child of the process that made the channel each
 * call but destroy gives FILCH_FORKED.
 *
 * The ring is D. Vyukov's bounded queue of many producers and consumers, with a stamp in
 * each slot.
 */
#ifndef FILCH_CHANNEL_H
#define FILCH_CHANNEL_H

#include <filch/base.h>
#include <filch/metrics.h>

typedef struct filch_channel filch_channel;

/* For filch_channel_create(): a send never waits, memory grows and is given back, block
 * by block, as items are received. */
#define FILCH_UNBOUNDED SIZE_MAX

typedef struct filch_channel_options {
	size_t size;        /* of this struct; set by the _INIT macro */
	const char *name;   /* in reports, copied; NULL: "channel" */
	int spsc;           /* one thread at a time sends and one receives: faster.
	                       Bounded channels; of no effect on others */
} filch_channel_options;

#define FILCH_CHANNEL_OPTIONS_INIT { sizeof(filch_channel_options), NULL, 0 }

/* Options in place, in C; what is not named is the default. */
#ifndef __cplusplus
#define FILCH_CHANNEL_WITH(...) \
	(&(const filch_channel_options){ .size = sizeof(filch_channel_options), __VA_ARGS__ })
#endif

/*
 * Makes a channel for items of item_size bytes (from 1), which holds `capacity` of them;
 * 0 is a rendezvous: a send ends when its item was received.  options may be NULL.
 * FILCH_INVAL for a size of 0 or one whose slots no memory could hold, FILCH_NOMEM.
 */
FILCH_API int filch_channel_create(filch_channel **channel, size_t item_size, size_t capacity,
    const filch_channel_options *options);

/*
 * Sends a copy of *item.  FILCH_OK; FILCH_CLOSED; with a deadline of 0 FILCH_AGAIN where
 * it would have to wait; FILCH_TIMEOUT at the deadline; FILCH_CANCELED; FILCH_NOMEM
 * (unbounded); FILCH_INVAL (a timer).  Never FILCH_DEADLOCK: any thread might still
 * receive; a pool that is blocked as a whole is reported (filch_pool_on_stall()).  Unless
 * FILCH_OK, nothing was sent.  About 10 ns.
 */
FILCH_API int filch_channel_send(filch_channel *channel, const void *item, uint64_t deadline);

/* Receives into *item; the same codes.  FILCH_CLOSED only when the channel is closed and
 * drained.  Unless FILCH_OK, *item is untouched. */
FILCH_API int filch_channel_recv(filch_channel *channel, void *item, uint64_t deadline);

/*
 * Sends n items one after another, with one wake-up for many; *sent (may be NULL) says
 * how many of them were sent, also if the call fails: FILCH_OK means all.  Other
 * producers' items may come between.
 */
FILCH_API int filch_channel_send_many(filch_channel *channel, const void *items, size_t n,
    size_t *sent, uint64_t deadline);

/*
 * Receives up to max items: waits until there is one, then takes what is there.
 * *received says how many; FILCH_OK means at least one, or max is 0.
 */
FILCH_API int filch_channel_recv_many(filch_channel *channel, void *items, size_t max,
    size_t *received, uint64_t deadline);

/* From now on sends give FILCH_CLOSED; what is buffered is still received.  Blocked peers
 * return.  Either side, any thread; a second time is nothing. */
FILCH_API void filch_channel_close(filch_channel *channel);

/* Frees the channel and what is still buffered in it; NULL is nothing. */
FILCH_API void filch_channel_destroy(filch_channel *channel);

/* Items in it, sends under way included; exact at rest; of a timer 1 while its time can
 * be received.  Capacity as created. */
FILCH_API size_t filch_channel_len(const filch_channel *channel);
FILCH_API size_t filch_channel_capacity(const filch_channel *channel);

/*
 * *fd is a descriptor for poll, epoll and the like, made by the first call and owned by
 * the channel.  It is readable while a receive would not give FILCH_AGAIN, and goes on
 * being readable until a receive does: receive until FILCH_AGAIN, then wait for it.  Do
 * not read or close it.  Each FILCH_AGAIN costs some system calls then.  FILCH_AGAIN: the
 * system has none left.
 */
FILCH_API int filch_channel_fd(filch_channel *channel, int *fd);

/*
 * What was counted.  size is sizeof *metrics.  sends - receives = depth at rest;
 * send_wait and receive_wait have an entry for each blocked call.
 */
FILCH_API int filch_channel_stats(const filch_channel *channel,
    filch_channel_metrics *metrics, size_t size);

/* -- Timers: channels of uint64_t that only receive -- */

/*
 * Gives the times first, first + period, ... (CLOCK_MONOTONIC), each as an item when it
 * has come; with a period of 0 only the first, then it is closed.  Times that nobody
 * received before the next came are skipped: the item is the latest time, and the grid
 * never drifts.  No thread and no signal is behind it.  Several receivers share the
 * times: each goes to one of them.
 */
FILCH_API int filch_channel_create_timer(filch_channel **channel, uint64_t first, uint64_t period,
    const filch_channel_options *options);

/* -- Select -- */

enum filch_select_what { FILCH_SELECT_RECV, FILCH_SELECT_SEND };

typedef struct filch_select_arm {
	filch_channel *channel;  /* NULL: this arm is never chosen */
	int what;                /* enum filch_select_what */
	void *item;              /* where the item goes, or what is sent */
} filch_select_arm;

#define FILCH_SELECT_ARMS 64

/*
 * Does what one of the n arms (at most 64) says, as soon as one can be done, and sets
 * *chosen.  If several can, it takes any of them with the same chance.  An arm whose
 * channel is closed (and drained, to receive) can be done: the call then returns
 * FILCH_CLOSED, with *chosen set.  A deadline of 0 is the default arm: FILCH_AGAIN if
 * none can be done right now.  FILCH_TIMEOUT, FILCH_CANCELED, FILCH_NOMEM as for send;
 * FILCH_DEADLOCK without a deadline and without arms; FILCH_INVAL for more than 64 arms
 * or an unknown `what`.  Unless it returns FILCH_OK, no item was touched.  One channel
 * may stand in several arms.
 */
FILCH_API int filch_select(filch_select_arm *arms, size_t n, size_t *chosen, uint64_t deadline);

/* The same, but of several that can be done it takes the first. */
FILCH_API int filch_select_biased(filch_select_arm *arms, size_t n, size_t *chosen,
    uint64_t deadline);

/* -- In C, by macros: arms in place, channels that know the type of their items -- */

#ifndef __cplusplus

/*
 * Arms in place:
 *
 *     status = FILCH_SELECT(deadline, &chosen,
 *         FILCH_ON_RECV(orders, &order), FILCH_ON_SEND(answers, &answer));
 */
#define FILCH_ON_RECV(from, into) \
	{ .channel = (from), .what = FILCH_SELECT_RECV, .item = (into) }
#define FILCH_ON_SEND(to, from) \
	{ .channel = (to), .what = FILCH_SELECT_SEND, .item = (from) }
#define FILCH_SELECT(deadline, chosen, ...) \
	filch_select((filch_select_arm[]){ __VA_ARGS__ }, \
	    sizeof((filch_select_arm[]){ __VA_ARGS__ }) / sizeof(filch_select_arm), \
	    (chosen), (deadline))

/*
 * A channel of longs, whose sends take a value and whose item type is checked when the
 * program is compiled.  It is a struct with the plain channel inside, for every other
 * call:
 *
 *     FILCH_CHANNEL_OF(long) sums;
 *     status = FILCH_CHANNEL_CREATE(&sums, 16, NULL);
 *     status = FILCH_CHANNEL_SEND(&sums, a + b, FILCH_FOREVER);
 *     status = FILCH_CHANNEL_RECV(&sums, &sum, FILCH_FOREVER);
 *     filch_channel_close(sums.channel);
 *     filch_channel_destroy(sums.channel);
 *
 * Each FILCH_CHANNEL_OF() is a type of its own: to pass one to a function give it a name
 * by typedef.  In GNU C.
 */
#define FILCH_CHANNEL_OF(type) \
	struct { \
		filch_channel *channel; \
		type *item_; /* tells the type; never set */ \
	}
#define FILCH_CHANNEL_CREATE(typed, capacity, options) \
	filch_channel_create(&(typed)->channel, sizeof(*(typed)->item_), (capacity), (options))
#define FILCH_CHANNEL_SEND(typed, value, deadline) \
	filch_channel_send((typed)->channel, \
	    (const __typeof__(*(typed)->item_)[1]){ value }, (deadline))
#define FILCH_CHANNEL_RECV(typed, into, deadline) \
	filch_channel_recv((typed)->channel, FLC_ITEM_OF_(typed, into), (deadline))

/* `into`, which must point to what the channel is of. */
#define FLC_ITEM_OF_(typed, into) \
	__extension__ ({ \
		_Static_assert(__builtin_types_compatible_p(__typeof__(*(into)), \
		    __typeof__(*(typed)->item_)), \
		    "this channel is of items of another type"); \
		(into); \
	})

#endif

#endif /* FILCH_CHANNEL_H */
