/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of one piece of a sample: read into the reader's own buffer, or mapped if the
 * file is large.
 *
 * Reading small files costs a copy and saves the page faults, which contend for the one
 * address space of all workers.  One thread at a time per reader.
 */
#ifndef READER_H
#define READER_H

#include "sample.h"

struct reader {
	char *buffer;    /* SAMPLE_PIECE bytes, made by reader_init() */
	void *map;       /* what reader_text() mapped, or NULL */
	size_t map_length;
	size_t changed;  /* pieces that had vanished or shrunk since the sample was made */
};

/* Non-zero: out of memory.  Also sees to it that a mapped file which shrinks under our
 * eyes reads as zeros instead of ending the program by SIGBUS. */
int reader_init(struct reader *reader);
void reader_fini(struct reader *reader);

/* The text of the piece, *length bytes of it: fewer than the piece's if the file changed.
 * Valid until reader_done(). */
const char *reader_text(struct reader *reader, const struct sample *sample,
    const struct sample_piece *piece, size_t *length);
void reader_done(struct reader *reader);

#endif /* READER_H */
