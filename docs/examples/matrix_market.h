/* SPDX-License-Identifier: BSD-2-Clause */
/* A sparse matrix, and how it is read from a Matrix Market file. */
#ifndef MATRIX_MARKET_H
#define MATRIX_MARKET_H

#include <stddef.h>
#include <stdint.h>

/* Compressed rows: the entries of row i are those from row[i] up to, not including, row[i
 * + 1], in the order of the file. */
struct matrix {
	size_t rows, columns, entries;
	size_t *row;
	uint32_t *column;
	double *value;
};

/*
 * Reads a file of the coordinate format: real, integer or pattern (each value is 1),
 * general, symmetric or skew-symmetric.  The lines are parsed in parallel.  Returns 0, or
 * -1 after a line on stderr that says what is wrong with the file.
 */
int matrix_read(struct matrix *matrix, const char *path);
void matrix_free(struct matrix *matrix);

#endif /* MATRIX_MARKET_H */
