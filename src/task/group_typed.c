/* SPDX-License-Identifier: BSD-2-Clause */
#include "task/group_typed.h"

#include "base/memory.h"

#include <string.h>

/* The arguments follow head, where the task's functions look for them. */
struct block {
	size_t size;           /* of the whole */
	filch_record_fn_ *run;
	int returns_status;
	filch_record_ head;
	unsigned char bytes[];
};

_Static_assert(offsetof(struct block, bytes)
    == offsetof(struct block, head) + sizeof(filch_record_), "arguments follow the record");

/* Runs the record here, and reads the status that it may leave. */
static int
run_record(filch_record_ *record, filch_record_fn_ *run, int returns_status)
{
	int status = FILCH_OK;

	filch_hot_run_(record, run, FILCH_HOT_ABI_);
	if (returns_status)
		memcpy(&status, record + 1, sizeof(status));
	return status;
}

int
filch_group_run_word_(void *word, filch_record_fn_ *run, int returns_status)
{
	struct {
		filch_record_ head;
		void *word;
	} record = { .word = word };

	return run_record(&record.head, run, returns_status);
}

void
flc_group_free_record(void *context)
{
	struct block *block = (struct block *)context;

	flc_memory_put(&flc_memory_default, block, block->size);
}

int
flc_group_run_record(void *context)
{
	struct block *block = (struct block *)context;
	int status = run_record(&block->head, block->run, block->returns_status);

	flc_group_free_record(block);
	return status;
}

int
filch_group_spawn_record_(filch_group *group,
    int (*spawn)(filch_group *group, int (*task)(void *context), void *context),
    filch_record_fn_ *run, int returns_status, const void *bytes, size_t size)
{
	size_t whole = offsetof(struct block, bytes) + size;
	struct block *block = (struct block *)flc_memory_get(&flc_memory_default, whole,
	    _Alignof(max_align_t));
	int status;

	if (block == NULL)
		return FILCH_NOMEM;
	block->size = whole;
	block->run = run;
	block->returns_status = returns_status;
	memcpy(block->bytes, bytes, size);
	status = spawn(group, flc_group_run_record, block);
	if (status != FILCH_OK)
		flc_group_free_record(block);
	return status;
}
