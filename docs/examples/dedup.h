/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dedup: what its parts share.
 *
 * The archive is a magic and then records, numbers little endian:
 *
 *     'U' length(4) stored(4) hash(16) stored bytes   a chunk, seen first here
 *     'R' ordinal(8)                                  the chunk of an earlier 'U',
 *                                                     counted from 0, once more
 *     'E' length(8) hash(16)                          the end: of all the text
 *
 * stored = length: not compressed, as that made it no smaller.  A reference points
 * backwards only, so one pass restores, also from a pipe.
 */
#ifndef DEDUP_H
#define DEDUP_H

#include <filch.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#define DEDUP_MAGIC "filchDD1"
#define DEDUP_MAGIC_SIZE 8
#define DEDUP_HASH 16

/* Of a chunk, in bytes.  CHUNK_MEAN is how many follow the least on average. */
#define CHUNK_MIN 2048
#define CHUNK_MEAN 8192
#define CHUNK_MAX 65536

/* Non-zero values of the stages: what failed. */
enum dedup_failure {
	DEDUP_READ_FAILED = 1,   /* dedup.error is the errno */
	DEDUP_WRITE_FAILED,
	DEDUP_ZLIB_FAILED,
	DEDUP_CORRUPT            /* dedup.complaint says what, dedup.at where */
};

struct dedup {
	/* Set by the caller. */
	filch_pool *pool;
	const char *const *names;  /* of the files that are read one after another */
	size_t name_count;         /* 0: standard input */
	FILE *output;
	int level;
	/* Set by the run. */
	int input;                 /* open now, or -1 */
	size_t opened;             /* of the names */
	const char *name;          /* of what is read now */
	int error;
	const char *complaint;
	uint64_t at;               /* bytes into the archive */
	uint64_t read, written;
	uint64_t chunks, unique;
	uint64_t early;            /* compressed by a later occurrence: dedup_index.h */
	uint64_t waited;           /* how often the writer waited for it */
};

/* Both return 0, a filch_status or a dedup_failure.  *pipeline is what ran, for its
 * statistics; NULL if it was not made. */
int dedup_pack(struct dedup *dedup, filch_pipeline **pipeline);
int dedup_restore(struct dedup *dedup, filch_pipeline **pipeline);

/* Fills from the files, one after another; fewer than length bytes at the end of the
 * last.  -1: dedup->error and dedup->name tell. */
int64_t dedup_read(struct dedup *dedup, void *into, size_t length);

/* 0 or DEDUP_WRITE_FAILED. */
int dedup_write(struct dedup *dedup, const void *from, size_t length);

static inline void
dedup_put(unsigned char *into, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		into[i] = (unsigned char)(value >> (8 * i));
}

static inline uint64_t
dedup_get(const unsigned char *from, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

#endif /* DEDUP_H */
