/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system says of one thread of this process. */
#ifndef FILCH_TEST_THREAD_STATE_H
#define FILCH_TEST_THREAD_STATE_H

#include <stdio.h>
#include <string.h>

/* 'R': it runs or could; 'S': it sleeps in a call; 'Z': it has ended and is not gone; 0:
 * there is none.  By its number from gettid(). */
static inline char
thread_state(size_t thread)
{
	char path[64], text[256];
	const char *name_end;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%zu/stat", thread);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	/* "12 (name) S ...": the name may hold anything. */
	name_end = strrchr(text, ')');
	return name_end == NULL || name_end[1] == '\0' ? (char)0 : name_end[2];
}

#endif /* FILCH_TEST_THREAD_STATE_H */
