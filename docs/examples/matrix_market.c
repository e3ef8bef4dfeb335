/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text is cut into pieces of whole lines.  A first loop counts the entries of each
 * piece; the running sum says where each piece writes, so that a second loop parses all
 * pieces at once and no lock is needed.
 */
#define _GNU_SOURCE
#include "matrix_market.h"

#include <filch.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (256 * 1024)   /* bytes of text */
#define SIDE_MAX UINT32_MAX

enum symmetry { GENERAL, SYMMETRIC, SKEW };

struct entry {
	uint32_t row, column;
	double value;
};

struct text {
	const char *path;
	char *begin;          /* ends in a NUL */
	size_t length;
	size_t body;          /* where the entries begin */
	size_t rows, columns, lines;
	int pattern;
	enum symmetry symmetry;
	size_t pieces;
	size_t *first;        /* entry of each piece, and the number of all */
	struct entry *entry;
};

static int
refuse(const char *path, const char *what)
{
	fprintf(stderr, "spmv: %s: %s\n", path, what);
	return -1;
}

/* The whole file, with a NUL behind it. */
static int
load(struct text *text)
{
	FILE *file = fopen(text->path, "rb");
	size_t room = 1 << 16, n;
	char *grown;

	if (file == NULL)
		return refuse(text->path, strerror(errno));
	text->begin = malloc(room);
	while (text->begin != NULL
	    && (n = fread(text->begin + text->length, 1, room - text->length - 1, file)) > 0) {
		text->length += n;
		if (text->length < room - 1)
			continue;
		room *= 2;
		grown = realloc(text->begin, room);
		if (grown == NULL)
			free(text->begin);
		text->begin = grown;
	}
	n = (size_t)ferror(file);
	fclose(file);
	if (text->begin == NULL)
		return refuse(text->path, "no memory for its text; try a smaller file");
	if (n != 0)
		return refuse(text->path, "cannot be read");
	text->begin[text->length] = '\0';
	if (strlen(text->begin) != text->length)
		return refuse(text->path, "it holds a NUL byte, so it is no text");
	return 0;
}

/* The first line says what the file holds. */
static int
read_banner(struct text *text)
{
	char format[16] = "", field[16] = "", symmetry[16] = "";

	if (sscanf(text->begin, "%%%%MatrixMarket matrix %15s %15s %15s", format, field,
	    symmetry) != 3)
		return refuse(text->path, "the first line is not '%%MatrixMarket matrix coordinate "
		    "FIELD SYMMETRY'");
	text->pattern = strcasecmp(field, "pattern") == 0;
	text->symmetry = strcasecmp(symmetry, "symmetric") == 0 ? SYMMETRIC
	    : strcasecmp(symmetry, "skew-symmetric") == 0 ? SKEW : GENERAL;
	if (strcasecmp(format, "coordinate") != 0)
		return refuse(text->path, "it is dense; only 'coordinate' is read here");
	if (!text->pattern && strcasecmp(field, "real") != 0 && strcasecmp(field, "integer") != 0)
		return refuse(text->path, "its values are complex; allowed are real, integer and "
		    "pattern");
	if (text->symmetry == GENERAL && strcasecmp(symmetry, "general") != 0)
		return refuse(text->path, "its symmetry is none of general, symmetric and "
		    "skew-symmetric");
	return 0;
}

static const char *
next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end == NULL ? at + strlen(at) : end + 1;
}

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r");
}

static int
ends_line(char byte)
{
	return byte == '\n' || byte == '\0';
}

/* A whole number from 0 to most, moving *at behind it; -1 if there is none. */
static int
read_index(const char **at, size_t most, size_t *value)
{
	const char *digit = skip_blanks(*at);
	char *end;

	if (*digit < '0' || *digit > '9')
		return -1;
	errno = 0;
	*value = strtoul(digit, &end, 10);
	*at = end;
	return errno != 0 || *value > most ? -1 : 0;
}

/* Comments and the line of sizes. */
static int
read_sizes(struct text *text)
{
	const char *at = next_line(text->begin);

	while (*at == '%' || (*at != '\0' && ends_line(*skip_blanks(at))))
		at = next_line(at);
	if (read_index(&at, SIDE_MAX, &text->rows) != 0
	    || read_index(&at, SIDE_MAX, &text->columns) != 0
	    || read_index(&at, SIZE_MAX / (4 * sizeof(struct entry)), &text->lines) != 0
	    || !ends_line(*skip_blanks(at)))
		return refuse(text->path, "no line 'ROWS COLUMNS ENTRIES' after the comments, each "
		    "at least 0");
	text->body = (size_t)(next_line(at) - text->begin);
	return 0;
}

/* Where piece i begins: at the first line that begins at or behind its share. */
static const char *
piece_begin(const struct text *text, size_t i)
{
	size_t length = text->length - text->body;
	const char *body = text->begin + text->body;
	size_t share = i * PIECE;

	if (share == 0)
		return body;
	return share >= length ? body + length : next_line(body + share - 1);
}

static int
count_lines(void *context, size_t begin, size_t end)
{
	struct text *text = context;

	for (size_t i = begin; i < end; i++) {
		const char *at = piece_begin(text, i), *stop = piece_begin(text, i + 1);
		size_t n = 0;

		for (; at < stop; at = next_line(at))
			n += !ends_line(*skip_blanks(at));
		text->first[i + 1] = n;
	}
	return 0;
}

static int
parse_line(const struct text *text, const char *at, struct entry *entry)
{
	size_t row, column;
	char *end;

	if (read_index(&at, text->rows, &row) != 0 || row == 0
	    || read_index(&at, text->columns, &column) != 0 || column == 0)
		return -1;
	entry->row = (uint32_t)(row - 1);
	entry->column = (uint32_t)(column - 1);
	entry->value = 1;
	if (!text->pattern) {
		at = skip_blanks(at);
		entry->value = strtod(at, &end);
		if (end == at)
			return -1;
		at = end;
	}
	return ends_line(*skip_blanks(at)) ? 0 : -1;
}

/* The lowest piece that fails names the first bad line of the file: filch_for() returns
 * the failure of the lowest chunk. */
static int
parse_lines(void *context, size_t begin, size_t end)
{
	struct text *text = context;

	for (size_t i = begin; i < end; i++) {
		const char *at = piece_begin(text, i), *stop = piece_begin(text, i + 1);
		size_t n = text->first[i];

		for (; at < stop; at = next_line(at)) {
			if (ends_line(*skip_blanks(at)))
				continue;
			if (parse_line(text, at, &text->entry[n]) != 0)
				return (int)(n < 1 << 30 ? n + 1 : 1 << 30);
			n++;
		}
	}
	return 0;
}

static int
parse(struct text *text)
{
	char why[128];
	int status;

	text->pieces = (text->length - text->body + PIECE - 1) / PIECE;
	text->first = calloc(text->pieces + 1, sizeof(*text->first));
	if (text->first == NULL)
		return refuse(text->path, "no memory for its pieces");
	status = filch_for(0, text->pieces, count_lines, text, FILCH_FOR_WITH(.grain_exact = 1));
	for (size_t i = 0; i < text->pieces; i++)
		text->first[i + 1] += text->first[i];
	if (status == 0 && text->first[text->pieces] != text->lines) {
		snprintf(why, sizeof(why), "it has %zu entries, its line of sizes says %zu",
		    text->first[text->pieces], text->lines);
		return refuse(text->path, why);
	}
	text->entry = malloc((text->lines + 1) * sizeof(*text->entry));
	if (text->entry == NULL)
		return refuse(text->path, "no memory for its entries");
	if (status == 0)
		status = filch_for(0, text->pieces, parse_lines, text,
		    FILCH_FOR_WITH(.grain_exact = 1));
	if (status > 0) {
		snprintf(why, sizeof(why), "entry %d is not 'ROW COLUMN%s' with indexes from 1 to "
		    "the sizes", status, text->pattern ? "" : " VALUE");
		return refuse(text->path, why);
	}
	return status == 0 ? 0 : refuse(text->path, filch_status_text(status));
}

/* An entry off the diagonal of a symmetric matrix stands for two. */
static int
is_mirrored(const struct text *text, const struct entry *entry)
{
	return text->symmetry != GENERAL && entry->row != entry->column;
}

static void
place(struct matrix *matrix, size_t *next, uint32_t row, uint32_t column, double value)
{
	size_t at = next[row]++;

	matrix->column[at] = column;
	matrix->value[at] = value;
}

/* Counting sort by rows, in the order of the file. */
static int
compress(struct matrix *matrix, const struct text *text)
{
	size_t *next = malloc((text->rows + 1) * sizeof(*next));

	matrix->rows = text->rows;
	matrix->columns = text->columns;
	matrix->row = calloc(text->rows + 2, sizeof(*matrix->row));
	if (next == NULL || matrix->row == NULL) {
		free(next);
		return refuse(text->path, "no memory for its rows");
	}
	for (size_t i = 0; i < text->lines; i++) {
		matrix->row[text->entry[i].row + 1]++;
		if (is_mirrored(text, &text->entry[i]))
			matrix->row[text->entry[i].column + 1]++;
	}
	for (size_t i = 0; i < text->rows; i++)
		matrix->row[i + 1] += matrix->row[i];
	memcpy(next, matrix->row, text->rows * sizeof(*next));
	matrix->entries = matrix->row[text->rows];
	matrix->column = malloc((matrix->entries + 1) * sizeof(*matrix->column));
	matrix->value = malloc((matrix->entries + 1) * sizeof(*matrix->value));
	if (matrix->column == NULL || matrix->value == NULL) {
		free(next);
		return refuse(text->path, "no memory for its compressed rows");
	}
	for (size_t i = 0; i < text->lines; i++) {
		const struct entry *entry = &text->entry[i];

		place(matrix, next, entry->row, entry->column, entry->value);
		if (is_mirrored(text, entry))
			place(matrix, next, entry->column, entry->row,
			    text->symmetry == SKEW ? -entry->value : entry->value);
	}
	free(next);
	return 0;
}

int
matrix_read(struct matrix *matrix, const char *path)
{
	struct text text = { .path = path };
	int status;

	memset(matrix, 0, sizeof(*matrix));
	status = load(&text);
	if (status == 0)
		status = read_banner(&text);
	if (status == 0)
		status = read_sizes(&text);
	if (status == 0 && text.symmetry != GENERAL && text.rows != text.columns)
		status = refuse(path, "it is symmetric and not square");
	if (status == 0)
		status = parse(&text);
	if (status == 0)
		status = compress(matrix, &text);
	free(text.begin);
	free(text.first);
	free(text.entry);
	return status;
}

void
matrix_free(struct matrix *matrix)
{
	free(matrix->row);
	free(matrix->column);
	free(matrix->value);
}
