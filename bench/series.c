/* SPDX-License-Identifier: BSD-2-Clause */
#include "series.h"
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_FIGURE "NaN"

static FILE *
open_in(const char *directory, const char *name)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *file = fopen(path, "we");

	if (file == NULL)
		perror(path);
	return file;
}

/* gnuplot would take an underscore for a subscript. */
static void
print_name(FILE *file, const char *name)
{
	fputs(" \"", file);
	for (; *name != '\0'; name++)
		fputc(*name == '_' ? ' ' : *name, file);
	fputc('"', file);
}

static void
print_heading(FILE *file, const struct view *view, const char *corner, int serial)
{
	fputs(corner, file);
	for (size_t i = 0; i < view->peers; i++) {
		if (serial || !peer_is_serial(view->peer[i]))
			print_name(file, view->peer[i]);
	}
	fputc('\n', file);
}

static void
print_value(FILE *file, double value)
{
	if (isfinite(value))
		fprintf(file, " %.6g", value);
	else
		fputs(" " NO_FIGURE, file);
}

/* Time over the serial program's, or its inverse. */
static int
write_bars(const struct view *view, const char *directory, const char *name, int workers,
    int inverse)
{
	FILE *file = open_in(directory, name);

	if (file == NULL)
		return -1;
	print_heading(file, view, "kernel", 0);
	for (size_t line = 0; line < view->lines; line++) {
		print_name(file, view->line[line].kernel);
		for (size_t i = 0; i < view->peers; i++) {
			double ratio = view_ratio(view_at(view, line, view->peer[i], workers),
			    view_at(view, line, "serial", 1));

			if (!peer_is_serial(view->peer[i]))
				print_value(file, inverse ? 1 / ratio : ratio);
		}
		fputc('\n', file);
	}
	return fclose(file);
}

/* Nanoseconds per index over n, two workers. */
static int
write_loops(const struct view *view, const char *directory)
{
	FILE *file = open_in(directory, "small_loops.dat");

	if (file == NULL)
		return -1;
	print_heading(file, view, "n", 1);
	for (size_t line = 0; line < view->lines; line++) {
		if (strcmp(view->line[line].kernel, "axpy") != 0)
			continue;
		fprintf(file, "%llu", view->line[line].n);
		for (size_t i = 0; i < view->peers; i++) {
			const struct result *result = view_at(view, line, view->peer[i], 2);

			print_value(file, result_is_ok(result) ?
			    result->seconds / (double)result->n * 1e9 : (double)NAN);
		}
		fputc('\n', file);
	}
	return fclose(file);
}

int
series_write(const char *path, const char *directory)
{
	struct results results;

	if (results_read(&results, path) != 0)
		return 1;
	struct view forks = view_make(&results, "fork", 0);
	struct view loops = view_make(&results, "small", 1);
	int failure = write_bars(&forks, directory, "overhead.dat", 1, 0);

	failure |= write_bars(&forks, directory, "speedup.dat", 2, 1);
	failure |= write_loops(&loops, directory);
	results_free(&results);
	return failure != 0;
}
