/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* Ten children a node down to single numbers, which are summed. */
#define CHILDREN 10

#ifndef BENCH_PLAIN

FILCH_TASK(uint64_t, skynet, uint64_t, number, uint64_t, size)
{
	if (size == 1)
		return number;

	FILCH_RECORD(skynet) child[CHILDREN - 1];
	uint64_t part = size / CHILDREN;

	for (uint64_t i = 0; i < CHILDREN - 1; i++)
		FILCH_SPAWN_AT(&child[i], skynet, number + i * part, part);

	uint64_t sum = FILCH_CALL(skynet, number + (CHILDREN - 1) * part, part);

	for (int i = CHILDREN - 1; i-- > 0;)
		sum += FILCH_JOIN_AT(&child[i], skynet);
	return sum;
}

#else

struct skynet {
	uint64_t number, size, sum;
};

static int
skynet_task(void *context)
{
	struct skynet *call = context;
	struct skynet child[CHILDREN];
	filch_group group = FILCH_GROUP_INIT;
	uint64_t part = call->size / CHILDREN;

	if (call->size == 1) {
		call->sum = call->number;
		return 0;
	}
	for (uint64_t i = 0; i < CHILDREN; i++) {
		child[i] = (struct skynet){ call->number + i * part, part, 0 };
		if (i < CHILDREN - 1)
			filch_group_spawn(&group, skynet_task, &child[i]);
	}
	skynet_task(&child[CHILDREN - 1]);
	filch_group_wait(&group, FILCH_FOREVER);
	call->sum = 0;
	for (int i = 0; i < CHILDREN; i++)
		call->sum += child[i].sum;
	return 0;
}

static uint64_t
skynet(uint64_t number, uint64_t size)
{
	struct skynet call = { number, size, 0 };

	filch_pool_run(NULL, skynet_task, &call);
	return call.sum;
}

#endif

/* n leaves; the greatest power of ten in n. */
uint64_t
bench_skynet(const struct bench_case *run)
{
	uint64_t size = 1;

	while (size <= run->n / CHILDREN)
		size *= CHILDREN;
	return FORM_RUN(skynet, 0, size);
}
