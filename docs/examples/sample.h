/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which text is counted: the regular files below some folders, in the order of their
 * names, cut into pieces at token boundaries and bundled into items of about equal bytes.
 *
 * Each file is read once while the sample is made: that warms the page cache, finds what
 * cannot be read and where the boundaries are.  A made sample is read-only; many threads
 * may read it.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* Files up to this size are read(), larger ones are mapped; also about the size of a
 * large file's pieces. */
#define SAMPLE_PIECE (1024 * 1024)

/* An item ends once it has this much: hundreds of items in a usual sample. */
#define SAMPLE_ITEM (256 * 1024)

struct sample_file {
	char *path;
	off_t size;              /* of the file, when the sample was made */
	struct timespec changed; /* its last modification then */
};

struct sample_piece {
	size_t file;
	off_t offset;
	size_t length;
};

/* A list that grows. */
struct sample_list {
	void *at;
	size_t count, room;
};

struct sample {
	struct sample_list files;   /* of struct sample_file */
	struct sample_list pieces;  /* of struct sample_piece */
	struct sample_list items;   /* of size_t: the first piece of each item */
	size_t item_bytes;          /* of the item being filled */
	uint64_t bytes;
	/* What was met. */
	size_t folders, empty_folders, empty_files;
	/* What was left out. */
	size_t unreadable, broken_links, links, not_regular;
	int full;                   /* more was there than the limit allows */
	char *buffer;
};

/* A sample is made zero. */
void sample_fini(struct sample *sample);

/* Adds at most `limit` bytes of the files below path, or of the file path.  What cannot
 * be read is counted, and named on stderr up to a few times.  Non-zero: out of memory. */
int sample_add(struct sample *sample, const char *path, uint64_t limit);

static inline const struct sample_file *
sample_file(const struct sample *sample, size_t i)
{
	return (const struct sample_file *)sample->files.at + i;
}

static inline const struct sample_piece *
sample_piece(const struct sample *sample, size_t i)
{
	return (const struct sample_piece *)sample->pieces.at + i;
}

/* The first piece of item i; for i = items.count, the number of pieces. */
static inline size_t
sample_item(const struct sample *sample, size_t i)
{
	return i < sample->items.count ? ((const size_t *)sample->items.at)[i]
	    : sample->pieces.count;
}

/* How many files are not any more as they were when the sample was made. */
size_t sample_changed(const struct sample *sample);

#endif /* SAMPLE_H */
