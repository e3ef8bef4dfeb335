/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "dedup_index.h"

#include <stdlib.h>

#define FIRST_BUCKETS 4096 /* a power of two */

int
index_init(struct index *index)
{
	*index = (struct index){
		.mutex = FILCH_MUTEX_INIT("index"),
		.ready = FILCH_CONDITION_INIT,
		.mask = FIRST_BUCKETS - 1,
	};
	index->buckets = calloc(FIRST_BUCKETS, sizeof(struct index_entry *));
	return index->buckets == NULL ? FILCH_NOMEM : FILCH_OK;
}

void
index_fini(struct index *index)
{
	for (size_t i = 0; index->buckets != NULL && i <= index->mask; i++) {
		struct index_entry *entry = index->buckets[i];

		while (entry != NULL) {
			struct index_entry *next = entry->next;

			free(entry->stored);
			free(entry);
			entry = next;
		}
	}
	free(index->buckets);
	(void)filch_mutex_fini(&index->mutex);
}

/* Doubles the table.  Without memory the chains get longer, no more. */
static void
grow(struct index *index)
{
	size_t mask = 2 * index->mask + 1;
	struct index_entry **buckets = calloc(mask + 1, sizeof(struct index_entry *));

	if (buckets == NULL)
		return;
	for (size_t i = 0; i <= index->mask; i++) {
		struct index_entry *entry = index->buckets[i];

		while (entry != NULL) {
			struct index_entry *next = entry->next;

			entry->next = buckets[entry->hash.low64 & mask];
			buckets[entry->hash.low64 & mask] = entry;
			entry = next;
		}
	}
	free(index->buckets);
	index->buckets = buckets;
	index->mask = mask;
}

static struct index_entry *
add(struct index *index, XXH128_hash_t hash, uint32_t length, uint64_t number)
{
	struct index_entry *entry = calloc(1, sizeof(*entry));
	struct index_entry **bucket;

	if (entry == NULL)
		return NULL;
	if (index->count++ > index->mask)
		grow(index);
	bucket = &index->buckets[hash.low64 & index->mask];
	entry->hash = hash;
	entry->length = length;
	entry->claimed_by = number;
	entry->next = *bucket;
	*bucket = entry;
	return entry;
}

int
index_claim(struct index *index, XXH128_hash_t hash, uint32_t length, uint64_t number,
    struct index_entry **entry, int *claimed)
{
	struct index_entry *found;
	int status = filch_mutex_lock(&index->mutex, FILCH_FOREVER);

	if (status != FILCH_OK)
		return status;
	found = index->buckets[hash.low64 & index->mask];
	while (found != NULL && !(XXH128_isEqual(found->hash, hash) && found->length == length))
		found = found->next;
	*claimed = found == NULL;
	if (found == NULL)
		found = add(index, hash, length, number);
	(void)filch_mutex_unlock(&index->mutex);
	*entry = found;
	return found == NULL ? FILCH_NOMEM : FILCH_OK;
}

void
index_ready(struct index *index, struct index_entry *entry, unsigned char *stored,
    uint32_t stored_length)
{
	(void)filch_mutex_lock(&index->mutex, FILCH_FOREVER);
	entry->stored = stored;
	entry->stored_length = stored_length;
	entry->state = stored != NULL ? INDEX_READY : INDEX_FAILED;
	/* Only the writer ever waits, so one is all. */
	(void)filch_condition_signal(&index->ready);
	(void)filch_mutex_unlock(&index->mutex);
}

int
index_take(struct index *index, struct index_entry *entry, uint64_t ordinal, uint64_t *waited)
{
	int state, status = filch_mutex_lock(&index->mutex, FILCH_FOREVER);

	if (status != FILCH_OK)
		return INDEX_FAILED;
	*waited += entry->state == INDEX_CLAIMED;
	while (entry->state == INDEX_CLAIMED)
		(void)filch_condition_wait(&index->ready, &index->mutex, FILCH_FOREVER);
	state = entry->state;
	if (state == INDEX_READY) {
		entry->state = INDEX_WRITTEN;
		entry->ordinal = ordinal;
	}
	(void)filch_mutex_unlock(&index->mutex);
	return state;
}
