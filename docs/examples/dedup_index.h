/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chunks that dedup has seen, by hash: one table under one mutex.
 *
 * Two different questions are answered at two different times.  Who meets a chunk first
 * *in time* compresses it: any worker, index_claim().  Where it stands first *in the
 * text* its bytes are written, and a reference everywhere after that: the writer decides
 * that, in order, index_take().  So the archive is the same for any number of workers.
 * The writer may come to a chunk whose compression a later occurrence has begun and not
 * finished; it then waits on a condition, and its core goes to other work.  The wait
 * ends: who has claimed a chunk is running, and waits for nobody before it calls
 * index_ready().
 *
 * One mutex is enough.  The lock is held for some 0.1 us per chunk, and the reader, which
 * is serial, needs some 8 us to cut one: it is held for a hundredth of the time, whatever
 * the number of workers.
 */
#ifndef DEDUP_INDEX_H
#define DEDUP_INDEX_H

#include "dedup.h"

enum index_state {
	INDEX_CLAIMED,  /* somebody compresses it */
	INDEX_READY,    /* stored is there, nothing was written */
	INDEX_WRITTEN,  /* ordinal is known, stored was freed */
	INDEX_FAILED    /* who had claimed it could not compress it */
};

struct index_entry {
	struct index_entry *next;    /* in its bucket */
	XXH128_hash_t hash;
	int state;                   /* under the mutex */
	uint32_t length, stored_length;
	unsigned char *stored;       /* malloc()ed; the entry's while READY */
	uint64_t ordinal;
	uint64_t claimed_by;         /* number in the text of the chunk that claimed it */
};

struct index {
	filch_mutex mutex;
	filch_condition ready;       /* some entry has left CLAIMED */
	struct index_entry **buckets;
	size_t mask, count;
};

/* 0 or FILCH_NOMEM.  fini frees all entries, when nobody uses them. */
int index_init(struct index *index);
void index_fini(struct index *index);

/*
 * Finds or makes the entry of a chunk.  *claimed: it is new, and the caller must compress
 * and call index_ready(), or the writer waits for ever.  Any thread.  0 or FILCH_NOMEM.
 */
int index_claim(struct index *index, XXH128_hash_t hash, uint32_t length, uint64_t number,
    struct index_entry **entry, int *claimed);

/* Hands the compressed bytes to the entry; NULL: it could not be done. */
void index_ready(struct index *index, struct index_entry *entry, unsigned char *stored,
    uint32_t stored_length);

/*
 * The writer, at an occurrence of the chunk: returns the state, READY or WRITTEN or
 * FAILED, and waits while it is CLAIMED (*waited is then counted up).  After READY it is
 * WRITTEN, with this ordinal, and entry->stored is the caller's to free.
 */
int index_take(struct index *index, struct index_entry *entry, uint64_t ordinal,
    uint64_t *waited);

#endif /* DEDUP_INDEX_H */
