/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way in: read and cut, in order; hash, look up and compress, in parallel; write, in
 * order.  The shape of dedup in PARSEC (C. Bienia, "Benchmarking Modern Multiprocessors",
 * 2011), as one pipeline.
 */
#define _GNU_SOURCE
#include "dedup_index.h"

#include <stdlib.h>
#include <zlib.h>

#define WINDOW (4 * CHUNK_MAX)

/* A chunk on its way; the slot of a token. */
struct chunk {
	uint64_t number;
	uint32_t length;
	struct index_entry *entry;
	unsigned char text[CHUNK_MAX];
};

struct pack {
	struct dedup *dedup;
	struct index index;
	/* The reader's. */
	XXH3_state_t *whole;
	uint64_t number;
	size_t begin, end;           /* what is in the window and was not cut yet */
	int ended;
	uint64_t gear[256];
	unsigned char window[WINDOW];
};

/* Numbers that look random and are always the same: S. Vigna's splitmix64. */
static void
fill_gear(uint64_t *gear)
{
	uint64_t seed = 0;

	for (size_t i = 0; i < 256; i++) {
		uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		gear[i] = z ^ (z >> 31);
	}
}

/*
 * How long the next chunk is: it ends where a hash of the last 64 bytes has zeros at its
 * top, so that the same text is cut in the same places wherever it stands.  The gear hash
 * of W. Xia et al., "FastCDC" (2016).
 */
static size_t
cut(const uint64_t *gear, const unsigned char *text, size_t length)
{
	const uint64_t mask = (uint64_t)(CHUNK_MEAN - 1) << 51;
	uint64_t hash = 0;

	_Static_assert(CHUNK_MEAN == 1 << 13, "the mask is the hash's top 13 bits");
	if (length > CHUNK_MAX)
		length = CHUNK_MAX;
	for (size_t i = CHUNK_MIN - 64; i < length; i++) {
		hash = (hash << 1) + gear[text[i]];
		if (i >= CHUNK_MIN && (hash & mask) == 0)
			return i + 1;
	}
	return length;
}

/* -- The stages -- */

static int
read_chunk(void *context, void *slot)
{
	struct pack *pack = context;
	struct chunk *chunk = slot;
	size_t have = pack->end - pack->begin;

	if (have < CHUNK_MAX && !pack->ended) {
		int64_t got;

		memmove(pack->window, pack->window + pack->begin, have);
		got = dedup_read(pack->dedup, pack->window + have, WINDOW - have);
		if (got < 0)
			return DEDUP_READ_FAILED;
		pack->ended = (size_t)got < WINDOW - have;
		pack->begin = 0;
		have += (size_t)got;
		pack->end = have;
	}
	if (have == 0)
		return FILCH_CLOSED;
	chunk->length = (uint32_t)cut(pack->gear, pack->window + pack->begin, have);
	chunk->number = pack->number++;
	memcpy(chunk->text, pack->window + pack->begin, chunk->length);
	XXH3_128bits_update(pack->whole, chunk->text, chunk->length);
	pack->begin += chunk->length;
	return 0;
}

/* The chunk compressed, or as it is; NULL: *status says why. */
static unsigned char *
compress_chunk(const struct chunk *chunk, int level, uint32_t *length, int *status)
{
	uLongf room = compressBound(chunk->length);
	unsigned char *stored = malloc(room), *smaller;

	*status = FILCH_NOMEM;
	if (stored == NULL)
		return NULL;
	if (compress2(stored, &room, chunk->text, chunk->length, level) != Z_OK) {
		free(stored);
		*status = DEDUP_ZLIB_FAILED;
		return NULL;
	}
	if (room >= chunk->length) {
		room = chunk->length;
		memcpy(stored, chunk->text, room);
	}
	*status = FILCH_OK;
	*length = (uint32_t)room;
	/* The index keeps it until the writer comes: not more than it needs. */
	smaller = realloc(stored, room);
	return smaller != NULL ? smaller : stored;
}

static int
hash_and_compress(void *context, void *slot)
{
	struct pack *pack = context;
	struct chunk *chunk = slot;
	XXH128_hash_t hash = XXH3_128bits(chunk->text, chunk->length);
	unsigned char *stored;
	uint32_t length = 0;
	int claimed, status;

	status = index_claim(&pack->index, hash, chunk->length, chunk->number, &chunk->entry,
	    &claimed);
	if (status != FILCH_OK || !claimed)
		return status;
	stored = compress_chunk(chunk, pack->dedup->level, &length, &status);
	/* Also after a failure: the writer may be waiting for it. */
	index_ready(&pack->index, chunk->entry, stored, length);
	return status;
}

static int
write_chunk(void *context, void *slot)
{
	struct pack *pack = context;
	struct dedup *dedup = pack->dedup;
	struct chunk *chunk = slot;
	struct index_entry *entry = chunk->entry;
	int state = index_take(&pack->index, entry, dedup->unique, &dedup->waited);
	XXH128_canonical_t hash;
	unsigned char head[1 + 4 + 4];
	int status;

	if (state == INDEX_FAILED)
		return FILCH_NOMEM;
	dedup->read += chunk->length;
	dedup->chunks++;
	if (state == INDEX_WRITTEN) {
		head[0] = 'R';
		dedup_put(head + 1, entry->ordinal, 8);
		return dedup_write(dedup, head, 1 + 8);
	}
	dedup->unique++;
	dedup->early += entry->claimed_by != chunk->number;
	head[0] = 'U';
	dedup_put(head + 1, entry->length, 4);
	dedup_put(head + 5, entry->stored_length, 4);
	XXH128_canonicalFromHash(&hash, entry->hash);
	status = dedup_write(dedup, head, sizeof(head));
	if (status == 0)
		status = dedup_write(dedup, hash.digest, DEDUP_HASH);
	if (status == 0)
		status = dedup_write(dedup, entry->stored, entry->stored_length);
	free(entry->stored);
	entry->stored = NULL;
	return status;
}

/* -- The run -- */

static int
write_end(struct pack *pack)
{
	unsigned char end[1 + 8];
	XXH128_canonical_t hash;
	int status;

	end[0] = 'E';
	dedup_put(end + 1, pack->dedup->read, 8);
	XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(pack->whole));
	status = dedup_write(pack->dedup, end, sizeof(end));
	return status != 0 ? status : dedup_write(pack->dedup, hash.digest, DEDUP_HASH);
}

static int
run(struct pack *pack, filch_pipeline **pipeline)
{
	const filch_stage stages[3] = {
		{ read_chunk, pack, FILCH_STAGE_ORDERED, "read" },
		{ hash_and_compress, pack, FILCH_STAGE_PARALLEL, "compress" },
		{ write_chunk, pack, FILCH_STAGE_ORDERED, "write" },
	};
	filch_pipeline_options how = FILCH_PIPELINE_OPTIONS_INIT;
	int status;

	how.pool = pack->dedup->pool;
	how.item_size = sizeof(struct chunk);
	status = filch_pipeline_create(pipeline, stages, 3, &how);
	if (status == FILCH_OK)
		status = dedup_write(pack->dedup, DEDUP_MAGIC, DEDUP_MAGIC_SIZE);
	if (status == FILCH_OK)
		status = filch_pipeline_run(*pipeline, FILCH_FOREVER);
	return status != FILCH_OK ? status : write_end(pack);
}

int
dedup_pack(struct dedup *dedup, filch_pipeline **pipeline)
{
	struct pack *pack = calloc(1, sizeof(*pack));
	int status;

	*pipeline = NULL;
	if (pack == NULL)
		return FILCH_NOMEM;
	pack->dedup = dedup;
	fill_gear(pack->gear);
	status = index_init(&pack->index);
	pack->whole = XXH3_createState();
	if (pack->whole == NULL)
		status = FILCH_NOMEM;
	else
		XXH3_128bits_reset(pack->whole);
	if (status == FILCH_OK)
		status = run(pack, pipeline);
	XXH3_freeState(pack->whole);
	index_fini(&pack->index);
	free(pack);
	return status;
}
