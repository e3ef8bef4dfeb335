/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader of reports that remembers every counter: none may shrink.  It takes no memory
 * and no lock, so that it may read in a signal handler. */
#ifndef FILCH_TEST_MONOTONE_H
#define FILCH_TEST_MONOTONE_H

#include <filch.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MONOTONE_SERIES 8192

struct monotone {
	size_t reads, series, shrunk;
	char line[400], worst[500];  /* the line so far; what shrank last */
	size_t length;
	struct {
		uint64_t name, value;
	} known[MONOTONE_SERIES];
};

/* Of a name with its labels; never 0. */
static inline uint64_t
monotone_hash(const char *text, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	return hash | 1;
}

/* A number, of seconds in nanoseconds. */
static inline uint64_t
monotone_number(const char *text)
{
	uint64_t number = 0;

	for (; *text != '\0'; text++)
		if (*text != '.')
			number = number * 10 + (uint64_t)(*text - '0');
	return number;
}

static inline bool
monotone_is_count(const char *line)
{
	return line[0] != '#' && (strstr(line, "_total") != NULL || strstr(line, "_sum") != NULL
	    || strstr(line, "_count") != NULL || strstr(line, "_bucket") != NULL);
}

static inline void
monotone_line(struct monotone *m)
{
	const char *number = strrchr(m->line, ' ');
	uint64_t name, value;
	size_t at;

	if (number == NULL || !monotone_is_count(m->line))
		return;
	name = monotone_hash(m->line, (size_t)(number - m->line));
	value = monotone_number(number + 1);
	for (at = name % MONOTONE_SERIES; m->known[at].name != 0 && m->known[at].name != name; )
		at = (at + 1) % MONOTONE_SERIES;
	if (m->known[at].name == 0 && ++m->series == MONOTONE_SERIES)
		m->series--;
	else
		m->known[at].name = name;
	if (value < m->known[at].value) {
		m->shrunk++;
		strcpy(m->worst, m->line);
	}
	m->known[at].value = value;
}

static inline int
monotone_write(void *context, const char *text, size_t length)
{
	struct monotone *m = context;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\n') {
			if (m->length < sizeof(m->line) - 1)
				m->line[m->length++] = text[i];
			continue;
		}
		m->line[m->length] = '\0';
		monotone_line(m);
		m->length = 0;
	}
	return FILCH_OK;
}

static inline int
monotone_read(struct monotone *m)
{
	m->reads++;
	m->length = 0;
	return filch_metrics_write(NULL, FILCH_METRICS_PROMETHEUS, monotone_write, m);
}

#endif /* FILCH_TEST_MONOTONE_H */
