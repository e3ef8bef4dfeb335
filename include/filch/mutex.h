/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks that tasks may block on: the waiter's core goes to other work.
 */
#ifndef FILCH_MUTEX_H
#define FILCH_MUTEX_H

#include <filch/base.h>

/* Kinds of wait that are reported when they begin while a lock is held. */
#define FILCH_HELD_WAIT_MAP(X) \
	X(JOIN,  "join") \
	X(GROUP, "group or loop") \
	X(SEND,  "channel send") \
	X(RECV,  "channel receive")

enum filch_held_wait {
#define FILCH_HELD_WAIT_ENUM(name, label) FILCH_HELD_WAIT_##name,
	FILCH_HELD_WAIT_MAP(FILCH_HELD_WAIT_ENUM)
#undef FILCH_HELD_WAIT_ENUM
	FILCH_HELD_WAITS
};

/* A wait that began while a lock was held: both places, and how often. */
typedef struct filch_held_wait_row {
	const char *lock;      /* name of the newest lock that was held, or "" */
	const char *place;     /* "file.c:12" where it was made, or "" */
	int wait;              /* enum filch_held_wait */
	uint64_t count;
} filch_held_wait_row;

/*
 * Calls visit for each pair of a lock and a kind of wait that met, until it
 * returns non-zero, which is then returned.  Any thread; the texts live until
 * visit returns.  The sum of the counts is exact; when 64 pairs are in use the
 * rest are counted in one row whose lock is "other", per kind of wait.
 */
FILCH_API int filch_held_waits_foreach(int (*visit)(void *context, const filch_held_wait_row *row),
    void *context);

/* What every lock begins with: its place in the list of what its owner holds. */
typedef struct filch_held_ {
	struct filch_held_ *below;  /* held longer by the same thread */
	const char *name;           /* or NULL */
	const char *place;          /* or NULL */
	void *row;                  /* of counters */
} filch_held_;

#endif /* FILCH_MUTEX_H */
