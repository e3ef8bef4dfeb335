/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

static bool
open_named(struct flc_reader *reader, const char *format, va_list arguments)
{
	char path[PATH_MAX + 32];
	int length = vsnprintf(path, sizeof(path), format, arguments);

	if (length < 0 || (size_t)length >= sizeof(path))
		return false;
	reader->at = reader->filled = 0;
	do
		reader->file = open(path, O_RDONLY | O_CLOEXEC);
	while (reader->file < 0 && errno == EINTR);
	return reader->file >= 0;
}

bool
flc_reader_open(struct flc_reader *reader, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	bool opened = open_named(reader, format, arguments);
	va_end(arguments);
	return opened;
}

void
flc_reader_close(struct flc_reader *reader)
{
	close(reader->file);
}

int
flc_reader_byte(struct flc_reader *reader)
{
	if (reader->at == reader->filled) {
		ssize_t got;

		do
			got = read(reader->file, reader->buffer, sizeof(reader->buffer));
		while (got < 0 && errno == EINTR);
		if (got <= 0)
			return -1;
		reader->at = 0;
		reader->filled = (size_t)got;
	}
	return (unsigned char)reader->buffer[reader->at++];
}

bool
flc_reader_line(struct flc_reader *reader, char *line, size_t size)
{
	size_t length = 0;
	int byte = flc_reader_byte(reader);

	if (byte < 0)
		return false;
	for (; byte >= 0 && byte != '\n'; byte = flc_reader_byte(reader))
		if (length + 1 < size)
			line[length++] = (char)byte;
	line[length] = '\0';
	return true;
}

/* Reads a number whose first byte is *byte; *byte is then the one behind it. */
static bool
read_number(struct flc_reader *reader, int *byte, unsigned *number)
{
	unsigned value = 0;

	if (*byte < '0' || *byte > '9')
		return false;
	for (; *byte >= '0' && *byte <= '9'; *byte = flc_reader_byte(reader)) {
		unsigned unit = (unsigned)(*byte - '0');

		if (value > (UINT_MAX - unit) / 10)
			return false;
		value = value * 10 + unit;
	}
	*number = value;
	return true;
}

bool
flc_reader_unsigned(struct flc_reader *reader, unsigned *number)
{
	int byte;

	do
		byte = flc_reader_byte(reader);
	while (byte == ' ' || byte == '\t');
	return read_number(reader, &byte, number);
}

bool
flc_read_unsigned(unsigned *number, const char *format, ...)
{
	struct flc_reader reader;
	va_list arguments;

	va_start(arguments, format);
	bool good = open_named(&reader, format, arguments);
	va_end(arguments);
	if (!good)
		return false;
	int byte = flc_reader_byte(&reader);
	good = read_number(&reader, &byte, number) && (byte == '\n' || byte < 0);
	flc_reader_close(&reader);
	return good;
}

bool
flc_reader_ranges(struct flc_reader *reader, flc_range_fn *visit, void *context)
{
	unsigned first, last;
	int byte;

	do {
		byte = flc_reader_byte(reader);
		if (!read_number(reader, &byte, &first))
			return false;
		last = first;
		if (byte == '-') {
			byte = flc_reader_byte(reader);
			if (!read_number(reader, &byte, &last) || last < first)
				return false;
		}
		visit(context, first, last);
	} while (byte == ',');
	return byte == '\n' || byte < 0;
}
