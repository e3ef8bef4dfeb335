/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text on its way out: numbers are formatted here, since a signal handler may not call
 * printf, and small pieces are gathered in a buffer on the stack.
 */
#ifndef FLC_TEXT_H
#define FLC_TEXT_H

#include "base/compiler.h"

#include <filch/metrics.h>

struct flc_text {
	filch_write_fn *write;
	void *context;
	int status;          /* the first failure; nothing is written after it */
	size_t used;
	char buffer[1024];
};

void flc_text_begin(struct flc_text *out, filch_write_fn *write, void *context);
/* Writes what is left; the status of it all. */
int flc_text_end(struct flc_text *out);

void flc_text_char(struct flc_text *out, char c);
void flc_text_text(struct flc_text *out, const char *text);
void flc_text_number(struct flc_text *out, uint64_t number);
/* Nanoseconds as seconds, exactly. */
void flc_text_seconds(struct flc_text *out, uint64_t ns);
/* Between quotes, with backslash, quote and newline escaped; a byte that is no UTF-8
 * becomes '?'. */
void flc_text_label(struct flc_text *out, const char *text);
/* The same as a JSON string: control characters are escaped, too. */
void flc_text_json(struct flc_text *out, const char *text);

/* Cells of a table, in so many columns at least: text to the right; a name, whose control
 * characters become '?', to the left. */
void flc_text_right(struct flc_text *out, const char *text, size_t columns);
void flc_text_name(struct flc_text *out, const char *name, size_t columns);
void flc_text_number_cell(struct flc_text *out, uint64_t number, size_t columns);
/* Nanoseconds as milliseconds with one decimal. */
void flc_text_ms_cell(struct flc_text *out, uint64_t ns, size_t columns);
/* part of whole as percent with one decimal; "-" of nothing. */
void flc_text_percent_cell(struct flc_text *out, uint64_t part, uint64_t whole, size_t columns);

#endif /* FLC_TEXT_H */
