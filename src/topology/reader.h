/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the system's small text files.  Allocates nothing, prints nothing: a file that
 * cannot be read is one that is not there.
 *
 *     all calls    any thread; a reader belongs to one
 */
#ifndef FLC_READER_H
#define FLC_READER_H

#include <stdbool.h>
#include <stddef.h>

struct flc_reader {
	int file;
	size_t at, filled;
	char buffer[512];
};

/* Opens the file of that name, printf-like; false if it cannot. */
__attribute__((format(printf, 2, 3)))
bool flc_reader_open(struct flc_reader *reader, const char *format, ...);
void flc_reader_close(struct flc_reader *reader);

/* The next byte, or -1 at the end. */
int flc_reader_byte(struct flc_reader *reader);

/* Reads a line without its end, cut to size - 1 bytes; false at the end of file. */
bool flc_reader_line(struct flc_reader *reader, char *line, size_t size);

/* The next number of a line of them, behind any blanks; false if there is none. */
bool flc_reader_unsigned(struct flc_reader *reader, unsigned *number);

/* A file that holds one number; false if it is not there or not one. */
__attribute__((format(printf, 2, 3)))
bool flc_read_unsigned(unsigned *number, const char *format, ...);

/*
 * Calls visit(context, first, last) for each range of a list like "0-3,8", up to the end
 * of the line.  False if there was none, or at what is not a list; the ranges before it
 * have been visited.
 */
typedef void flc_range_fn(void *context, unsigned first, unsigned last);
bool flc_reader_ranges(struct flc_reader *reader, flc_range_fn *visit, void *context);

#endif /* FLC_READER_H */
