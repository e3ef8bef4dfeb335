/* SPDX-License-Identifier: BSD-2-Clause */
/* Results to a file and back. */
#include "json.h"
#include "load.h"
#include "result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
print_text(FILE *file, const char *key, const char *text)
{
	fprintf(file, "\"%s\": ", key);
	json_print(file, text);
	fputs(", ", file);
}

/* JSON has no NaN. */
static void
print_number(FILE *file, const char *key, double number, const char *after)
{
	if (isfinite(number))
		fprintf(file, "\"%s\": %.9g%s", key, number, after);
	else
		fprintf(file, "\"%s\": null%s", key, after);
}

static void
print_machine(FILE *file, const struct machine *machine)
{
	fputs("\"machine\": {", file);
	print_text(file, "cpu", machine->cpu);
	print_text(file, "kernel", machine->kernel);
	print_text(file, "compiler", machine->compiler);
	print_text(file, "date", machine->date);
	print_number(file, "cores", machine->cores, ", ");
	print_number(file, "memory_mb", (double)machine->memory_mb, ", ");
	print_number(file, "load", machine->load, "},\n");
}

/* One row a line, so that line tools can read it too. */
static void
print_result(FILE *file, const struct result *result)
{
	fputs(" {", file);
	print_text(file, "group", result->group);
	print_text(file, "peer", result->peer);
	print_text(file, "kernel", result->kernel);
	fprintf(file, "\"n\": %llu, ", result->n);
	print_number(file, "workers", result->workers, ", ");
	print_number(file, "tasks", result->tasks, ", ");
	print_text(file, "status", result->status);
	print_number(file, "seconds", result->seconds, ", ");
	print_number(file, "low", result->low, ", ");
	print_number(file, "high", result->high, ", ");
	print_number(file, "launches", result->launches, ", ");
	print_number(file, "dropped", result->dropped, ", ");
	print_number(file, "disturbed", result->disturbed, ", ");
	print_number(file, "cpu_seconds", result->cpu_seconds, ", ");
	print_number(file, "rss_kb", result->rss_kb, ", ");
	print_text(file, "checksum", result->checksum);
	fputs("\"stats\": ", file);
	json_print(file, result->stats);
	fputc('}', file);
}

int
results_write(const struct results *results, const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

	if (file == NULL) {
		perror(path);
		return -1;
	}
	fputs("{\"filch_bench\": 1,\n", file);
	print_machine(file, &results->machine);
	fprintf(file, "\"dropped_above\": {\"share\": %g, \"seconds\": %g},\n", FOREIGN_SHARE,
	    FOREIGN_FLOOR_S);
	fputs("\"rows\": [\n", file);
	for (size_t i = 0; i < results->count; i++) {
		print_result(file, &results->result[i]);
		fputs(i + 1 < results->count ? ",\n" : "\n", file);
	}
	fputs("]}\n", file);
	int failure = fflush(file) != 0 || ferror(file);

	if (file != stdout)
		failure |= fclose(file) != 0;
	if (failure)
		perror(path);
	return failure;
}

static void
read_machine(struct machine *machine, const struct json *json)
{
	memset(machine, 0, sizeof(*machine));
	json_copy(json, "cpu", machine->cpu, sizeof(machine->cpu));
	json_copy(json, "kernel", machine->kernel, sizeof(machine->kernel));
	json_copy(json, "compiler", machine->compiler, sizeof(machine->compiler));
	json_copy(json, "date", machine->date, sizeof(machine->date));
	machine->cores = (int)json_number(json, "cores");
	machine->memory_mb = (long)json_number(json, "memory_mb");
	machine->load = json_number(json, "load");
}

static void
read_result(struct result *result, const struct json *json)
{
	json_copy(json, "group", result->group, sizeof(result->group));
	json_copy(json, "peer", result->peer, sizeof(result->peer));
	json_copy(json, "kernel", result->kernel, sizeof(result->kernel));
	json_copy(json, "status", result->status, sizeof(result->status));
	json_copy(json, "checksum", result->checksum, sizeof(result->checksum));
	json_copy(json, "stats", result->stats, sizeof(result->stats));
	result->n = (unsigned long long)json_number(json, "n");
	result->workers = (int)json_number(json, "workers");
	result->tasks = json_number(json, "tasks");
	result->seconds = json_number(json, "seconds");
	result->low = json_number(json, "low");
	result->high = json_number(json, "high");
	result->launches = (int)json_number(json, "launches");
	result->dropped = (int)json_number(json, "dropped");
	result->disturbed = (int)json_number(json, "disturbed");
	result->cpu_seconds = json_number(json, "cpu_seconds");
	result->rss_kb = json_number(json, "rss_kb");
}

static char *
read_whole(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0, room = 0, got = 1;

	while (file != NULL && got > 0) {
		if (room - size < 4096) {
			char *grown = realloc(text, room = 2 * room + 8192);

			if (grown == NULL)
				break;
			text = grown;
		}
		size += got = fread(text + size, 1, room - size - 1, file);
		text[size] = '\0';
	}
	if (file != NULL)
		fclose(file);
	return text;
}

int
results_read(struct results *results, const char *path)
{
	char *text = read_whole(path);
	struct json *json = text != NULL ? json_parse(text) : NULL;
	const struct json *rows = json_member(json, "rows");
	int failure = rows == NULL;

	memset(results, 0, sizeof(*results));
	if (!failure)
		read_machine(&results->machine, json_member(json, "machine"));
	for (rows = failure ? NULL : rows->first; rows != NULL; rows = rows->next) {
		struct result *result = results_add(results);

		if (result != NULL)
			read_result(result, rows);
	}
	if (failure)
		fprintf(stderr, "%s: no results of this suite\n", path);
	json_free(json);
	free(text);
	return failure;
}
