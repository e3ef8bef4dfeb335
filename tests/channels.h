/* SPDX-License-Identifier: BSD-2-Clause */
/* Channels of all kinds, for their tests. */
#ifndef FILCH_TEST_CHANNELS_H
#define FILCH_TEST_CHANNELS_H

#include "base/fence.h"
#include "dump.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kinds that hold items: capacity, spsc. */
static const struct kind {
	size_t capacity;
	int spsc;
} kinds[] = {
	{ 1, 0 }, { 3, 0 }, { 4, 0 }, { 100, 0 }, { 1024, 0 },
	{ 1, 1 }, { 3, 1 }, { 4, 1 }, { 1024, 1 },
	{ FILCH_UNBOUNDED, 0 },
};
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))
#define BOUNDED_KINDS (KINDS - 1)

static inline filch_channel *
make(size_t item_size, size_t capacity, int spsc)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_channel *channel = NULL;

	options.name = "test";
	options.spsc = spsc;
	MUST(filch_channel_create(&channel, item_size, capacity, &options) == FILCH_OK);
	return channel;
}

static inline filch_channel *
make_kind(int i)
{
	return make(sizeof(uint64_t), kinds[i].capacity, kinds[i].spsc);
}

static inline filch_channel_metrics
stats_of(const filch_channel *channel)
{
	filch_channel_metrics metrics;

	MUST(filch_channel_stats(channel, &metrics, sizeof(metrics)) == FILCH_OK);
	return metrics;
}

static inline int
send_u64(filch_channel *channel, uint64_t value, uint64_t deadline)
{
	return filch_channel_send(channel, &value, deadline);
}

static inline uint64_t
must_recv(filch_channel *channel)
{
	uint64_t value = 0;

	MUST(filch_channel_recv(channel, &value, FILCH_FOREVER) == FILCH_OK);
	return value;
}

/* Waits until so many calls are in it, and asleep. */
static inline void
until_blocked(filch_channel *channel, size_t senders, size_t receivers)
{
	uint64_t until = in_ms(60000);
	filch_channel_metrics m;

	for (;;) {
		m = stats_of(channel);
		if (m.blocked_senders == senders && m.blocked_receivers == receivers)
			break;
		MUST(filch_now() < until);
		pause_ms(1);
	}
	until_threads_wait(senders + receivers);
}

/* What the threads of a test use. */
static filch_channel *shared;

#endif /* FILCH_TEST_CHANNELS_H */
