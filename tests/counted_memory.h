/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is counted, and refused if the test says so. */
#ifndef FILCH_TEST_COUNTED_MEMORY_H
#define FILCH_TEST_COUNTED_MEMORY_H

#include "memory/allocator.h"

#include <stdbool.h>
#include <stdlib.h>

static bool refusing;
static size_t blocks;  /* allocated and not released */

static inline void *
allocate(void *context, size_t size, size_t align)
{
	void *block = NULL;

	(void)context;
	if (refusing || posix_memalign(&block, align, size) != 0)
		return NULL;
	blocks++;
	return block;
}

static inline void
release(void *context, void *block, size_t size)
{
	(void)context;
	(void)size;
	blocks--;
	free(block);
}

static const struct flc_memory memory = { allocate, release, NULL };

#endif /* FILCH_TEST_COUNTED_MEMORY_H */
