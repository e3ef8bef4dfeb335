/* SPDX-License-Identifier: BSD-2-Clause */
/* What filch_dump() writes, and the wait for what it is to say. */
#ifndef FILCH_TEST_DUMP_H
#define FILCH_TEST_DUMP_H

#include "pools.h"

#include <string.h>
#include <unistd.h>

/* The newest text. */
static char dump_text[1 << 14];

/* All of it fits into a pipe. */
static inline void
dump(void)
{
	size_t length = 0;
	ssize_t n;
	int end[2];

	MUST(pipe(end) == 0);
	MUST(filch_dump(end[1]) == FILCH_OK);
	close(end[1]);
	while ((n = read(end[0], dump_text + length, sizeof(dump_text) - 1 - length)) > 0)
		length += (size_t)n;
	dump_text[length] = '\0';
	close(end[0]);
	MUST(length > 0);
}

/* In the newest text. */
static inline size_t
times_dumped(const char *text)
{
	size_t n = 0;

	for (const char *at = dump_text; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Waits until a dump has the text so many times. */
static inline void
until_dumped(size_t times, const char *text)
{
	uint64_t until = in_ms(60000);

	for (dump(); times_dumped(text) < times; dump()) {
		if (filch_now() > until)
			ck_abort_msg("\"%s\" is not in the dump:\n%s", text, dump_text);
		pause_ms(1);
	}
}

/* Waits until so many threads wait, for whatever it is: each has a line. */
static inline void
until_threads_wait(size_t n)
{
	until_dumped(n, "\nthread ");
}

#endif /* FILCH_TEST_DUMP_H */
