/* SPDX-License-Identifier: BSD-2-Clause */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
list_has(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; *at != '\0';) {
		size_t item = strcspn(at, ",");

		if (item == length && strncmp(at, name, length) == 0)
			return 1;
		at += item;
		at += *at == ',';
	}
	return 0;
}

static int
parse_workers(struct row *row, char *text)
{
	char *rest = NULL;

	for (char *item = strtok_r(text, ",", &rest); item != NULL;
	     item = strtok_r(NULL, ",", &rest)) {
		int workers = atoi(item);

		if (workers < 1 || row->worker_count == ROW_WORKERS)
			return -1;
		row->workers[row->worker_count++] = workers;
	}
	return row->worker_count > 0 ? 0 : -1;
}

static int
parse_size(struct row *row, char *text)
{
	char *value = strchr(text, '=');
	struct row_size *size = &row->sizes[row->size_count];
	char *end;

	if (value == NULL || row->size_count == ROW_SIZES ||
	    (size_t)(value - text) >= sizeof(size->peers))
		return -1;
	*value++ = '\0';
	memset(size, 0, sizeof(*size));
	snprintf(size->peers, sizeof(size->peers), "%s", text);
	row->size_count++;
	if (strcmp(value, "-") == 0) {
		size->skip = 1;
		return 0;
	}
	size->n = strtoull(value, &end, 10);
	if (end == value)
		return -1;
	if (*end == ':')
		size->tasks = strtod(end + 1, &end);
	return *end == '\0' ? 0 : -1;
}

/* 1: a row, 0: nothing on this line, -1: not understood. */
static int
parse_line(struct row *row, char *line)
{
	char *rest = NULL;

	line[strcspn(line, "#\n")] = '\0';
	memset(row, 0, sizeof(*row));
	char *group = strtok_r(line, " \t", &rest);

	if (group == NULL)
		return 0;
	char *kernel = strtok_r(NULL, " \t", &rest);
	char *workers = strtok_r(NULL, " \t", &rest);

	if (kernel == NULL || workers == NULL || strlen(group) >= sizeof(row->group) ||
	    strlen(kernel) >= sizeof(row->kernel))
		return -1;
	memcpy(row->group, group, strlen(group) + 1);
	memcpy(row->kernel, kernel, strlen(kernel) + 1);
	if (parse_workers(row, workers) != 0)
		return -1;
	for (char *size; (size = strtok_r(NULL, " \t", &rest)) != NULL;) {
		if (parse_size(row, size) != 0)
			return -1;
	}
	return row->size_count > 0 ? 1 : -1;
}

int
rows_read(struct rows *rows, const char *path)
{
	char line[1024];
	int number = 0;
	int failure = 0;
	FILE *file = fopen(path, "re");

	memset(rows, 0, sizeof(*rows));
	if (file == NULL) {
		perror(path);
		return -1;
	}
	while (failure == 0 && fgets(line, sizeof(line), file) != NULL) {
		struct row row;
		int found = parse_line(&row, line);

		number++;
		if (found == 0)
			continue;
		struct row *grown = found < 0 ? NULL :
		    realloc(rows->row, (rows->count + 1) * sizeof(*grown));

		if (grown == NULL) {
			fprintf(stderr, "%s:%d: not a row\n", path, number);
			failure = -1;
			continue;
		}
		rows->row = grown;
		rows->row[rows->count++] = row;
	}
	fclose(file);
	return failure;
}

void
rows_free(struct rows *rows)
{
	free(rows->row);
}

const struct row_size *
row_size_for(const struct row *row, const char *peer)
{
	const struct row_size *any = NULL;

	for (size_t i = 0; i < row->size_count; i++) {
		const struct row_size *size = &row->sizes[i];

		if (list_has(size->peers, peer))
			return size->skip ? NULL : size;
		if (strcmp(size->peers, "*") == 0)
			any = size;
	}
	return any == NULL || any->skip ? NULL : any;
}
