/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forgotten and repeated joins, found at run time: with -DFILCH_CHECK each record of
 * <filch/spawn.h> knows where it was spawned and joined, and each body of a task which of
 * its records are open.  A program that forgets a join, or joins twice, says so in one
 * line and aborts.  Without FILCH_CHECK this writes nothing.  Not for direct use.
 *
 * A record that FILCH_SPAWN declares is looked at when it goes out of scope.  One of an
 * array or of the heap may be gone by the time its spawner returns; a list of each
 * thread, newest last, remembers these.
 */
#ifndef FILCH_SPAWN_CHECK_H
#define FILCH_SPAWN_CHECK_H

#include <stddef.h>

#ifdef FILCH_CHECK

#include <stdio.h>
#include <stdlib.h>

#define FLC_CHECK_FN_ __attribute__((unused)) static

struct flc_open_ {
	const void *record;        /* itself, once spawned */
	const char *task, *file, *joined_file;
	int line, joined_line;     /* joined_line 0: not yet */
};

/* What FILCH_SPAWN_AT spawned and nobody joined. */
struct flc_open_list_ {
	struct flc_open_ *entry;
	size_t count, room;
};

/* One of each thread in a program or shared library, whichever file spawns. */
extern __thread struct flc_open_list_ flc_open_list_
    __attribute__((weak, visibility("hidden")));
__thread struct flc_open_list_ flc_open_list_;

FLC_CHECK_FN_ void
flc_open_begin_(struct flc_open_ *open, const char *task, const char *file, int line)
{
	open->record = open;
	open->task = task;
	open->file = file;
	open->line = line;
	open->joined_file = NULL;
	open->joined_line = 0;
}

FLC_CHECK_FN_ void
flc_open_join_(struct flc_open_ *open, const char *task, const char *file, int line)
{
	if (open->record != open) {
		fprintf(stderr, "%s:%d: filch: a join of the task %s, which was not spawned\n",
		    file, line, task);
		abort();
	}
	if (open->joined_line != 0) {
		fprintf(stderr, "%s:%d: filch: a second join of the task %s, spawned at %s:%d and "
		    "joined at %s:%d\n", file, line, open->task, open->file, open->line,
		    open->joined_file, open->joined_line);
		abort();
	}
	open->joined_file = file;
	open->joined_line = line;
}

FLC_CHECK_FN_ void
flc_open_end_(struct flc_open_ *open)
{
	if (open->joined_line != 0)
		return;
	fprintf(stderr, "%s:%d: filch: the task %s, spawned here, is not joined before its record "
	    "goes out of scope\n", open->file, open->line, open->task);
	abort();
}

/* Where the list has this record, which may be gone; or its count. */
FLC_CHECK_FN_ size_t
flc_open_find_(const void *record)
{
	size_t at = flc_open_list_.count;

	while (at > 0 && flc_open_list_.entry[at - 1].record != record)
		at--;
	return at > 0 ? at - 1 : flc_open_list_.count;
}

FLC_CHECK_FN_ void
flc_open_begin_at_(struct flc_open_ *open, const char *task, const char *file, int line)
{
	struct flc_open_list_ *list = &flc_open_list_;
	size_t same = flc_open_find_(open);

	if (same < list->count) {
		fprintf(stderr, "%s:%d: filch: the task %s, spawned at %s:%d, is not joined before "
		    "its record is used again\n", file, line, list->entry[same].task,
		    list->entry[same].file, list->entry[same].line);
		abort();
	}
	flc_open_begin_(open, task, file, line);
	if (list->count == list->room) {
		size_t room = list->room == 0 ? 64 : 2 * list->room;
		void *entry = realloc(list->entry, room * sizeof(*list->entry));

		if (entry == NULL) {
			fprintf(stderr, "%s:%d: filch: no memory for FILCH_CHECK\n", file, line);
			abort();
		}
#ifdef __cplusplus
		list->entry = static_cast<struct flc_open_ *>(entry);
#else
		list->entry = entry;
#endif
		list->room = room;
	}
	list->entry[list->count++] = *open;
}

FLC_CHECK_FN_ void
flc_open_join_at_(struct flc_open_ *open, const char *task, const char *file, int line)
{
	struct flc_open_list_ *list = &flc_open_list_;
	size_t at = flc_open_find_(open);

	flc_open_join_(open, task, file, line);
	if (at == list->count)
		return;
	for (list->count--; at < list->count; at++)
		list->entry[at] = list->entry[at + 1];
	if (list->count > 0)
		return;
	free(list->entry);
	list->entry = NULL;
	list->room = 0;
}

/* At the end of a body, which began with *count of them. */
FLC_CHECK_FN_ void
flc_open_return_(size_t *count)
{
	const struct flc_open_ *open = flc_open_list_.entry + *count;

	if (flc_open_list_.count <= *count)
		return;
	fprintf(stderr, "%s:%d: filch: the task %s, spawned here, is not joined before its spawner "
	    "returns\n", open->file, open->line, open->task);
	abort();
}

#undef FLC_CHECK_FN_

#define FLC_OPEN_(record, task) \
	__attribute__((cleanup(flc_open_end_))) struct flc_open_ record##_flc_open_; \
	flc_open_begin_(&record##_flc_open_, #task, __FILE__, __LINE__);
#define FLC_OPEN_JOIN_(record, task) \
	flc_open_join_(&record##_flc_open_, #task, __FILE__, __LINE__);
#define FLC_OPEN_MEMBER_ struct flc_open_ open_;
#define FLC_OPEN_AT_(open, task) flc_open_begin_at_((open), #task, __FILE__, __LINE__);
#define FLC_OPEN_JOIN_AT_(open, task) flc_open_join_at_((open), #task, __FILE__, __LINE__);
#define FLC_OPEN_HERE_ \
	; __attribute__((cleanup(flc_open_return_), unused)) size_t flc_open_count_ = \
	    flc_open_list_.count
/* The body of a task runs inside of one that looks at what it leaves open. */
#define FLC_OPEN_BODY_(result, task, ...) \
	task##_flc_body_(filch_fork_deque_ *flc_deque_, size_t flc_b_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)); \
	static result task##_flc_checked_(filch_fork_deque_ *flc_deque_, size_t flc_b_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)); \
	result \
	task##_flc_body_(filch_fork_deque_ *flc_deque_, size_t flc_b_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)) \
	{ \
		(void)0 FLC_OPEN_HERE_; \
		FLC_IF_VOID_(result)()(return) \
		task##_flc_checked_(flc_deque_, flc_b_ FLC_OF_(FLC_NAMES_, __VA_ARGS__)); \
	} \
	static result \
	task##_flc_checked_

#else

#define FLC_OPEN_(record, task)
#define FLC_OPEN_JOIN_(record, task)
#define FLC_OPEN_MEMBER_
#define FLC_OPEN_AT_(open, task)
#define FLC_OPEN_JOIN_AT_(open, task)
#define FLC_OPEN_HERE_
#define FLC_OPEN_BODY_(result, task, ...) \
	task##_flc_body_

#endif

#endif /* FILCH_SPAWN_CHECK_H */
