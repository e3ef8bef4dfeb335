/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <string.h>

#define DIGITS 24

void
flc_text_begin(struct flc_text *out, filch_write_fn *write, void *context)
{
	out->write = write;
	out->context = context;
	out->status = FILCH_OK;
	out->used = 0;
}

static void
flush(struct flc_text *out)
{
	if (out->used > 0 && out->status == FILCH_OK)
		out->status = out->write(out->context, out->buffer, out->used);
	out->used = 0;
}

int
flc_text_end(struct flc_text *out)
{
	flush(out);
	return out->status;
}

void
flc_text_char(struct flc_text *out, char c)
{
	if (out->used == sizeof(out->buffer))
		flush(out);
	out->buffer[out->used++] = c;
}

void
flc_text_text(struct flc_text *out, const char *text)
{
	for (; *text != '\0'; text++)
		flc_text_char(out, *text);
}

/* The digits at the end of the field, at least `least` of them; their begin. */
static char *
digits_of(uint64_t number, int least, char text[DIGITS])
{
	char *at = text + DIGITS - 1;

	*at = '\0';
	for (; number > 0 || least > 0; number /= 10, least--)
		*--at = (char)('0' + number % 10);
	return at;
}

void
flc_text_number(struct flc_text *out, uint64_t number)
{
	char text[DIGITS];

	flc_text_text(out, digits_of(number, 1, text));
}

void
flc_text_seconds(struct flc_text *out, uint64_t ns)
{
	char text[DIGITS];

	flc_text_number(out, ns / 1000000000u);
	flc_text_char(out, '.');
	flc_text_text(out, digits_of(ns % 1000000000u, 9, text));
}

/* The length of the UTF-8 sequence at text, or 0. */
static size_t
sequence(const unsigned char *text)
{
	size_t length = *text < 0x80 ? 1 : *text < 0xc2 ? 0 : *text < 0xe0 ? 2
	    : *text < 0xf0 ? 3 : *text < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong ones, surrogates, and beyond the last plane. */
	if ((*text == 0xe0 && text[1] < 0xa0) || (*text == 0xed && text[1] > 0x9f)
	    || (*text == 0xf0 && text[1] < 0x90) || (*text == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

/* One character, or '?' for a byte that is none; what stands behind it. */
static const unsigned char *
put_character(struct flc_text *out, const unsigned char *at)
{
	size_t length = sequence(at);

	if (length == 0)
		flc_text_char(out, '?');
	for (size_t i = 0; i < length; i++)
		flc_text_char(out, (char)at[i]);
	return at + (length == 0 ? 1 : length);
}

void
flc_text_label(struct flc_text *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	flc_text_char(out, '"');
	while (*at != '\0') {
		if (*at == '\\' || *at == '"')
			flc_text_char(out, '\\');
		if (*at == '\n') {
			flc_text_text(out, "\\n");
			at++;
		} else {
			at = put_character(out, at);
		}
	}
	flc_text_char(out, '"');
}

void
flc_text_json(struct flc_text *out, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *at = (const unsigned char *)text;

	flc_text_char(out, '"');
	while (*at != '\0') {
		if (*at == '"' || *at == '\\')
			flc_text_char(out, '\\');
		if (*at < 0x20 || *at == 0x7f) {
			flc_text_text(out, "\\u00");
			flc_text_char(out, hex[*at >> 4]);
			flc_text_char(out, hex[*at & 15]);
			at++;
		} else {
			at = put_character(out, at);
		}
	}
	flc_text_char(out, '"');
}

static void
pad(struct flc_text *out, size_t length, size_t columns)
{
	for (; length < columns; length++)
		flc_text_char(out, ' ');
}

void
flc_text_right(struct flc_text *out, const char *text, size_t columns)
{
	pad(out, strlen(text), columns);
	flc_text_text(out, text);
}

void
flc_text_name(struct flc_text *out, const char *name, size_t columns)
{
	for (const char *at = name; *at != '\0'; at++)
		flc_text_char(out, (unsigned char)*at < 0x20 || *at == 0x7f ? '?' : *at);
	pad(out, strlen(name), columns);
}

void
flc_text_number_cell(struct flc_text *out, uint64_t number, size_t columns)
{
	char text[DIGITS];

	flc_text_right(out, digits_of(number, 1, text), columns);
}

/* A number of tenths. */
static void
tenths_cell(struct flc_text *out, uint64_t tenths, size_t columns)
{
	char text[DIGITS];

	flc_text_right(out, digits_of(tenths / 10, 1, text), columns > 2 ? columns - 2 : 0);
	flc_text_char(out, '.');
	flc_text_char(out, (char)('0' + tenths % 10));
}

void
flc_text_ms_cell(struct flc_text *out, uint64_t ns, size_t columns)
{
	tenths_cell(out, (ns + 50000u) / 100000u, columns);
}

void
flc_text_percent_cell(struct flc_text *out, uint64_t part, uint64_t whole, size_t columns)
{
	if (whole == 0)
		flc_text_right(out, "-", columns);
	else
		tenths_cell(out, (uint64_t)((double)part * 1000 / (double)whole + 0.5), columns);
}
