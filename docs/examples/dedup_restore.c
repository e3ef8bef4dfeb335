/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way back: read records, in order; inflate and verify, in parallel; write, in order.
 * The chunks are kept compressed, as large as the archive, so that a reference is
 * inflated like any other and no item waits for another.
 */
#define _GNU_SOURCE
#include "dedup.h"

#include <stdlib.h>
#include <zlib.h>

struct kept {
	XXH128_hash_t hash;
	uint32_t length, stored_length;
	unsigned char stored[];
};

struct piece {
	const struct kept *kept;
	uint64_t at;                 /* of its record */
	unsigned char text[CHUNK_MAX];
};

struct restore {
	struct dedup *dedup;
	/* The reader's. */
	struct kept **kept;
	uint64_t room;
	uint64_t expected;           /* bytes of text, says the end */
	XXH128_hash_t expected_hash;
	/* The writer's. */
	XXH3_state_t *whole;
};

static int
corrupt(struct dedup *dedup, uint64_t at, const char *complaint)
{
	dedup->at = at;
	dedup->complaint = complaint;
	return DEDUP_CORRUPT;
}

/* All of it, or the archive ends too early. */
static int
read_all(struct dedup *dedup, void *into, size_t length)
{
	int64_t got = dedup_read(dedup, into, length);

	if (got < 0)
		return DEDUP_READ_FAILED;
	dedup->read += (uint64_t)got;
	return (size_t)got == length ? 0 : corrupt(dedup, dedup->read, "it ends in the middle");
}

static XXH128_hash_t
hash_at(const unsigned char *digest)
{
	XXH128_canonical_t canonical;

	memcpy(canonical.digest, digest, DEDUP_HASH);
	return XXH128_hashFromCanonical(&canonical);
}

/* -- The stages -- */

static int
read_unique(struct restore *restore, uint64_t at, const struct kept **found)
{
	struct dedup *dedup = restore->dedup;
	unsigned char head[4 + 4 + DEDUP_HASH];
	uint32_t length, stored;
	struct kept *kept;
	int status = read_all(dedup, head, sizeof(head));

	if (status != 0)
		return status;
	length = (uint32_t)dedup_get(head, 4);
	stored = (uint32_t)dedup_get(head + 4, 4);
	/* Before memory is taken for what may be nonsense. */
	if (length == 0 || length > CHUNK_MAX || stored == 0 || stored > length)
		return corrupt(dedup, at, "the length of a chunk is impossible");
	if (dedup->unique == restore->room) {
		uint64_t room = restore->room == 0 ? 1024 : 2 * restore->room;
		struct kept **more = reallocarray(restore->kept, room, sizeof(*more));

		if (more == NULL)
			return FILCH_NOMEM;
		restore->kept = more;
		restore->room = room;
	}
	kept = malloc(sizeof(*kept) + stored);
	if (kept == NULL)
		return FILCH_NOMEM;
	*kept = (struct kept){ hash_at(head + 8), length, stored };
	restore->kept[dedup->unique++] = kept;
	*found = kept;
	return read_all(dedup, kept->stored, stored);
}

static int
read_reference(struct restore *restore, uint64_t at, const struct kept **found)
{
	struct dedup *dedup = restore->dedup;
	unsigned char ordinal[8];
	int status = read_all(dedup, ordinal, sizeof(ordinal));

	if (status != 0)
		return status;
	if (dedup_get(ordinal, 8) >= dedup->unique)
		return corrupt(dedup, at, "a reference to a chunk that has not come yet");
	*found = restore->kept[dedup_get(ordinal, 8)];
	return 0;
}

static int
read_end(struct restore *restore)
{
	struct dedup *dedup = restore->dedup;
	unsigned char end[8 + DEDUP_HASH], more;
	int64_t got;
	int status = read_all(dedup, end, sizeof(end));

	if (status != 0)
		return status;
	restore->expected = dedup_get(end, 8);
	restore->expected_hash = hash_at(end + 8);
	got = dedup_read(dedup, &more, 1);
	if (got < 0)
		return DEDUP_READ_FAILED;
	return got == 0 ? FILCH_CLOSED
	    : corrupt(dedup, dedup->read, "something follows its end");
}

static int
read_record(void *context, void *slot)
{
	struct restore *restore = context;
	struct dedup *dedup = restore->dedup;
	struct piece *piece = slot;
	unsigned char kind;
	int status;

	piece->at = dedup->read;
	status = read_all(dedup, &kind, 1);
	if (status != 0)
		return status;
	dedup->chunks += kind != 'E';
	switch (kind) {
	case 'U':
		return read_unique(restore, piece->at, &piece->kept);
	case 'R':
		return read_reference(restore, piece->at, &piece->kept);
	case 'E':
		return read_end(restore);
	default:
		return corrupt(dedup, piece->at, "a record of no known kind");
	}
}

/* dedup->complaint is left to the reader: workers could race for it. */
enum { PIECE_BROKEN = 100 };

static int
inflate_and_verify(void *context, void *slot)
{
	struct piece *piece = slot;
	const struct kept *kept = piece->kept;
	uLongf length = sizeof(piece->text);

	(void)context;
	if (kept->stored_length == kept->length) {
		length = kept->length;
		memcpy(piece->text, kept->stored, length);
	} else if (uncompress(piece->text, &length, kept->stored, kept->stored_length) != Z_OK) {
		return PIECE_BROKEN;
	}
	return length == kept->length
	    && XXH128_isEqual(XXH3_128bits(piece->text, length), kept->hash) ? 0 : PIECE_BROKEN;
}

static int
write_piece(void *context, void *slot)
{
	struct restore *restore = context;
	struct piece *piece = slot;

	restore->dedup->at = piece->at;
	XXH3_128bits_update(restore->whole, piece->text, piece->kept->length);
	return dedup_write(restore->dedup, piece->text, piece->kept->length);
}

/* -- The run -- */

static int
verify(struct restore *restore)
{
	struct dedup *dedup = restore->dedup;

	if (dedup->written == restore->expected
	    && XXH128_isEqual(XXH3_128bits_digest(restore->whole), restore->expected_hash))
		return 0;
	return corrupt(dedup, dedup->read, "the text as a whole is not what was packed");
}

static int
run(struct restore *restore, filch_pipeline **pipeline)
{
	const filch_stage stages[3] = {
		{ read_record, restore, FILCH_STAGE_ORDERED, "read" },
		{ inflate_and_verify, restore, FILCH_STAGE_PARALLEL, "inflate" },
		{ write_piece, restore, FILCH_STAGE_ORDERED, "write" },
	};
	filch_pipeline_options how = FILCH_PIPELINE_OPTIONS_INIT;
	struct dedup *dedup = restore->dedup;
	char magic[DEDUP_MAGIC_SIZE] = "";
	int status;

	how.pool = dedup->pool;
	how.item_size = sizeof(struct piece);
	status = filch_pipeline_create(pipeline, stages, 3, &how);
	if (status == FILCH_OK)
		status = read_all(dedup, magic, sizeof(magic));
	if ((status == FILCH_OK || status == DEDUP_CORRUPT)
	    && memcmp(magic, DEDUP_MAGIC, sizeof(magic)) != 0)
		return corrupt(dedup, 0, "it does not begin as an archive of dedup does");
	if (status == FILCH_OK)
		status = filch_pipeline_run(*pipeline, FILCH_FOREVER);
	if (status == PIECE_BROKEN)
		return corrupt(dedup, dedup->at, "a chunk after this place is not what was packed");
	return status != FILCH_OK ? status : verify(restore);
}

int
dedup_restore(struct dedup *dedup, filch_pipeline **pipeline)
{
	struct restore restore = { .dedup = dedup, .whole = XXH3_createState() };
	int status = FILCH_NOMEM;

	*pipeline = NULL;
	if (restore.whole != NULL) {
		XXH3_128bits_reset(restore.whole);
		status = run(&restore, pipeline);
	}
	for (uint64_t i = 0; i < dedup->unique; i++)
		free(restore.kept[i]);
	free(restore.kept);
	XXH3_freeState(restore.whole);
	return status;
}
