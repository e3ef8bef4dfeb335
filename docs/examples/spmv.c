/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sparse matrix by a vector, y = A x, from a Matrix Market file.  Rows differ in
 * length; the loop takes no grain and learns it, and a thread without work takes half of
 * the rows that another has left.
 */
#define _GNU_SOURCE
#include "matrix_market.h"
#include "timing.h"

#include <filch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 5
#define PRODUCTS 10   /* in one timed run */

struct product {
	const struct matrix *matrix;
	const double *x;
	double *y;
};

/* One row's sum has the order of its entries, so any number of workers gives the same
 * bits. */
static int
multiply_rows(void *context, size_t begin, size_t end)
{
	const struct product *product = context;
	const struct matrix *matrix = product->matrix;

	for (size_t i = begin; i < end; i++) {
		double sum = 0;

		for (size_t k = matrix->row[i]; k < matrix->row[i + 1]; k++)
			sum += matrix->value[k] * product->x[matrix->column[k]];
		product->y[i] = sum;
	}
	return 0;
}

/* PRODUCTS products; the seconds they took. */
static int
run(struct product *product, size_t threads, double *seconds)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	uint64_t start = filch_now();
	int status = 0;

	options.max_workers = threads;
	options.name = "spmv rows";
	for (int i = 0; i < PRODUCTS && status == 0; i++)
		status = filch_for(0, product->matrix->rows, multiply_rows, product, &options);
	*seconds = seconds_since(start);
	return status;
}

/* x of index i is 1 / (i + 1), so that a wrong column shows. */
static int
multiply(const struct matrix *matrix, const char *path, int print)
{
	double *x = malloc((matrix->columns + 1) * sizeof(*x));
	double *serial = calloc(matrix->rows + 1, sizeof(*serial));
	double *parallel = calloc(matrix->rows + 1, sizeof(*parallel));
	double serial_s[PAIRS] = { 0 }, parallel_s[PAIRS] = { 0 };
	struct product one = { matrix, x, serial }, all = { matrix, x, parallel };
	FILE *report = print ? stderr : stdout;
	int status = 0;

	if (x == NULL || serial == NULL || parallel == NULL) {
		fprintf(stderr, "spmv: no memory for three vectors of %zu\n", matrix->rows);
		status = FILCH_NOMEM;
	}
	for (size_t i = 0; i < matrix->columns && status == 0; i++)
		x[i] = 1.0 / (double)(i + 1);
	for (int i = 0; i < PAIRS && status == 0; i++) {
		status = run(&one, 1, &serial_s[i]);
		if (status == 0)
			status = run(&all, 0, &parallel_s[i]);
	}
	if (status == 0 && memcmp(serial, parallel, matrix->rows * sizeof(*serial)) != 0) {
		fprintf(stderr, "spmv: the parallel product differs from the serial one; this is a "
		    "bug of filch or of this program, please report it\n");
		status = -1;
	} else if (status != 0) {
		fprintf(stderr, "spmv: the library says: %s\n", filch_status_text(status));
	} else {
		for (size_t i = 0; i < matrix->rows && print; i++)
			printf("%.17g\n", parallel[i]);
		fprintf(report, "%s: %zu x %zu, %zu entries\n", path, matrix->rows,
		    matrix->columns, matrix->entries);
		fprintf(report, "%.2f GFLOP/s, speed-up %.2f (serial %.2f ms, parallel %.2f ms)\n",
		    2e-9 * (double)matrix->entries * PRODUCTS / median(parallel_s, PAIRS),
		    median(serial_s, PAIRS) / median(parallel_s, PAIRS),
		    1e3 * median(serial_s, PAIRS) / PRODUCTS,
		    1e3 * median(parallel_s, PAIRS) / PRODUCTS);
	}
	free(x);
	free(serial);
	free(parallel);
	return status;
}

int
main(int argc, char **argv)
{
	int print = argc > 1 && strcmp(argv[1], "--print") == 0;
	struct matrix matrix;
	int status;

	if (argc != 2 + print || *argv[1 + print] == '-') {
		fprintf(stderr, "usage: spmv [--print] FILE.mtx\n"
		    "Multiplies the matrix by the vector 1, 1/2, 1/3, ... alone and in parallel.\n"
		    "--print writes the product, a line for each row.\n");
		return 1;
	}
	status = matrix_read(&matrix, argv[1 + print]);
	if (status == 0)
		status = multiply(&matrix, argv[1 + print], print);
	matrix_free(&matrix);
	return status != 0;
}
