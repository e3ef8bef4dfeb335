/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calendar: every thread has at most one event to come, so it is an indexed heap
 * keyed by time, then by thread (equal runs give equal results).
 */
#ifndef SIMULATE_EVENT_H
#define SIMULATE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_NEVER INT64_MAX

struct calendar {
	int64_t *at;     /* by thread */
	int32_t *heap;   /* threads */
	int32_t *place;  /* by thread: where in the heap */
	int32_t count;
};

bool calendar_init(struct calendar *calendar, int32_t threads);
void calendar_fini(struct calendar *calendar);
/* Moves the thread's event; EVENT_NEVER: it has none. */
void calendar_set(struct calendar *calendar, int32_t thread, int64_t at);

/* The thread whose event is next. */
static inline int32_t
calendar_first(const struct calendar *calendar)
{
	return calendar->heap[0];
}

#endif /* SIMULATE_EVENT_H */
