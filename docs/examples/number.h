/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers on the command lines of the examples. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stddef.h>
#include <stdlib.h>

/* A whole number from 1 to most; 0 if text is not that. */
static inline size_t
number_of(const char *text, size_t most)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return 0;
	value = strtoul(text, &end, 10);
	return *end == '\0' && value <= most ? value : 0;
}

#endif /* NUMBER_H */
