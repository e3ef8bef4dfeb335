/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <string.h>

#define DIGITS 24

void
flc_out_begin(struct flc_out *out, filch_write_fn *write, void *context)
{
	out->write = write;
	out->context = context;
	out->status = FILCH_OK;
	out->used = 0;
}

static void
flush(struct flc_out *out)
{
	if (out->used > 0 && out->status == FILCH_OK)
		out->status = out->write(out->context, out->buffer, out->used);
	out->used = 0;
}

int
flc_out_end(struct flc_out *out)
{
	flush(out);
	return out->status;
}

void
flc_out_char(struct flc_out *out, char c)
{
	if (out->used == sizeof(out->buffer))
		flush(out);
	out->buffer[out->used++] = c;
}

void
flc_out_text(struct flc_out *out, const char *text)
{
	for (; *text != '\0'; text++)
		flc_out_char(out, *text);
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
flc_out_number(struct flc_out *out, uint64_t number)
{
	char text[DIGITS];

	flc_out_text(out, digits_of(number, 1, text));
}

void
flc_out_seconds(struct flc_out *out, uint64_t ns)
{
	char text[DIGITS];

	flc_out_number(out, ns / 1000000000u);
	flc_out_char(out, '.');
	flc_out_text(out, digits_of(ns % 1000000000u, 9, text));
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
put_character(struct flc_out *out, const unsigned char *at)
{
	size_t length = sequence(at);

	if (length == 0)
		flc_out_char(out, '?');
	for (size_t i = 0; i < length; i++)
		flc_out_char(out, (char)at[i]);
	return at + (length == 0 ? 1 : length);
}

void
flc_out_label(struct flc_out *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	flc_out_char(out, '"');
	while (*at != '\0') {
		if (*at == '\\' || *at == '"')
			flc_out_char(out, '\\');
		if (*at == '\n') {
			flc_out_text(out, "\\n");
			at++;
		} else {
			at = put_character(out, at);
		}
	}
	flc_out_char(out, '"');
}

void
flc_out_json(struct flc_out *out, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *at = (const unsigned char *)text;

	flc_out_char(out, '"');
	while (*at != '\0') {
		if (*at == '"' || *at == '\\')
			flc_out_char(out, '\\');
		if (*at < 0x20 || *at == 0x7f) {
			flc_out_text(out, "\\u00");
			flc_out_char(out, hex[*at >> 4]);
			flc_out_char(out, hex[*at & 15]);
			at++;
		} else {
			at = put_character(out, at);
		}
	}
	flc_out_char(out, '"');
}

static void
pad(struct flc_out *out, size_t length, size_t columns)
{
	for (; length < columns; length++)
		flc_out_char(out, ' ');
}

void
flc_out_right(struct flc_out *out, const char *text, size_t columns)
{
	pad(out, strlen(text), columns);
	flc_out_text(out, text);
}

void
flc_out_name(struct flc_out *out, const char *name, size_t columns)
{
	for (const char *at = name; *at != '\0'; at++)
		flc_out_char(out, (unsigned char)*at < 0x20 || *at == 0x7f ? '?' : *at);
	pad(out, strlen(name), columns);
}

void
flc_out_number_cell(struct flc_out *out, uint64_t number, size_t columns)
{
	char text[DIGITS];

	flc_out_right(out, digits_of(number, 1, text), columns);
}

/* A number of tenths. */
static void
tenths_cell(struct flc_out *out, uint64_t tenths, size_t columns)
{
	char text[DIGITS];

	flc_out_right(out, digits_of(tenths / 10, 1, text), columns > 2 ? columns - 2 : 0);
	flc_out_char(out, '.');
	flc_out_char(out, (char)('0' + tenths % 10));
}

void
flc_out_ms_cell(struct flc_out *out, uint64_t ns, size_t columns)
{
	tenths_cell(out, (ns + 50000u) / 100000u, columns);
}

void
flc_out_percent_cell(struct flc_out *out, uint64_t part, uint64_t whole, size_t columns)
{
	if (whole == 0)
		flc_out_right(out, "-", columns);
	else
		tenths_cell(out, (uint64_t)((double)part * 1000 / (double)whole + 0.5), columns);
}
