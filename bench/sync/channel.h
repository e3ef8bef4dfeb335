/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channels' benchmark: one timed run of each row for each queue.
 *
 *     PROGRAM QUEUE ROW [MESSAGES]      prints nanoseconds a message
 *
 * A queue is the four functions below, in C or in C++.
 */
#ifndef BENCH_SYNC_CHANNEL_H
#define BENCH_SYNC_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct queue_face {
	const char *name;
	void *(*make)(size_t capacity);
	void (*end)(void *queue);
	void (*send)(void *queue, uint64_t item);        /* waits */
	uint64_t (*recv)(void *queue);                   /* waits */
	void (*send_many)(void *queue, const uint64_t *items, size_t n); /* or NULL */
	size_t (*recv_many)(void *queue, uint64_t *items, size_t max);
	int single;                                      /* one producer and one consumer only */
	int meets;                                       /* both must be there at once */
};

/* Ends with a row whose name is NULL. */
extern const struct queue_face bench_queues[];

#ifdef __cplusplus
}
#endif

#endif /* BENCH_SYNC_CHANNEL_H */
