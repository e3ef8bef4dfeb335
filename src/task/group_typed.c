/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed tasks in groups: their arguments are the context of a plain task, or stand in a
 * record that it points to. */
#include <filch/task.h>
#include <string.h>

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

/* In the record's state stands what runs it, in its index whether that leaves a
 * status. */
int
filch_group_run_record_(void *context)
{
	filch_record_ *record = (filch_record_ *)context;

	return run_record(record, (filch_record_fn_ *)record->state.word, record->at != 0);
}
