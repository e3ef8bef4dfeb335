/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text on its way out: numbers are formatted here, since a signal handler may
 * not call printf, and small pieces are gathered in a buffer on the stack.
 */
#ifndef FLC_TEXT_H
#define FLC_TEXT_H

#include "base/compiler.h"

#include <filch/metrics.h>

struct flc_out {
	filch_write_fn *write;
	void *context;
	int status;          /* the first failure; nothing is written after it */
	size_t used;
	char buffer[1024];
};

void flc_out_begin(struct flc_out *out, filch_write_fn *write, void *context);
/* Writes what is left; the status of it all. */
int flc_out_end(struct flc_out *out);

void flc_out_char(struct flc_out *out, char c);
void flc_out_text(struct flc_out *out, const char *text);
void flc_out_number(struct flc_out *out, uint64_t number);
/* Nanoseconds as seconds, exactly. */
void flc_out_seconds(struct flc_out *out, uint64_t ns);
/* Between quotes, with backslash, quote and newline escaped; a byte that is no
 * UTF-8 becomes '?'. */
void flc_out_label(struct flc_out *out, const char *text);
/* The same as a JSON string: control characters are escaped, too. */
void flc_out_json(struct flc_out *out, const char *text);

/* Cells of a table, in so many columns at least: text to the right; a name, whose
 * control characters become '?', to the left. */
void flc_out_right(struct flc_out *out, const char *text, size_t columns);
void flc_out_name(struct flc_out *out, const char *name, size_t columns);
void flc_out_number_cell(struct flc_out *out, uint64_t number, size_t columns);
/* Nanoseconds as milliseconds with one decimal. */
void flc_out_ms_cell(struct flc_out *out, uint64_t ns, size_t columns);
/* part of whole as percent with one decimal; "-" of nothing. */
void flc_out_percent_cell(struct flc_out *out, uint64_t part, uint64_t whole, size_t columns);

#endif /* FLC_TEXT_H */
