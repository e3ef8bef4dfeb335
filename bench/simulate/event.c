/* SPDX-License-Identifier: BSD-2-Clause */
#include "event.h"

#include <stdlib.h>

bool
calendar_init(struct calendar *calendar, int32_t threads)
{
	size_t count = (size_t)threads;

	calendar->count = threads;
	calendar->at = malloc(count * sizeof(*calendar->at));
	calendar->heap = malloc(count * sizeof(*calendar->heap));
	calendar->place = malloc(count * sizeof(*calendar->place));
	if (calendar->at == NULL || calendar->heap == NULL || calendar->place == NULL) {
		calendar_fini(calendar);
		return false;
	}
	for (int32_t i = 0; i < threads; i++) {
		calendar->at[i] = EVENT_NEVER;
		calendar->heap[i] = i;
		calendar->place[i] = i;
	}
	return true;
}

void
calendar_fini(struct calendar *calendar)
{
	free(calendar->at);
	free(calendar->heap);
	free(calendar->place);
	*calendar = (struct calendar){ 0 };
}

static bool
earlier(const struct calendar *calendar, int32_t a, int32_t b)
{
	if (calendar->at[a] != calendar->at[b])
		return calendar->at[a] < calendar->at[b];
	return a < b;
}

static void
put(struct calendar *calendar, int32_t place, int32_t thread)
{
	calendar->heap[place] = thread;
	calendar->place[thread] = place;
}

void
calendar_set(struct calendar *calendar, int32_t thread, int64_t at)
{
	int32_t place = calendar->place[thread];

	calendar->at[thread] = at;
	while (place > 0 && earlier(calendar, thread, calendar->heap[(place - 1) / 2])) {
		put(calendar, place, calendar->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	for (;;) {
		int32_t child = 2 * place + 1;

		if (child >= calendar->count)
			break;
		if (child + 1 < calendar->count
		    && earlier(calendar, calendar->heap[child + 1], calendar->heap[child]))
			child++;
		if (!earlier(calendar, calendar->heap[child], thread))
			break;
		put(calendar, place, calendar->heap[child]);
		place = child;
	}
	put(calendar, place, thread);
}
