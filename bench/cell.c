/* SPDX-License-Identifier: BSD-2-Clause */
#include "cell.h"
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
cell_wants(const struct cell *cell, size_t launches)
{
	return cell->result.status[0] == '\0' && cell->clean < launches &&
	    cell->count < CELL_PATIENCE * launches;
}

static void
set_status(struct result *result, const char *status)
{
	snprintf(result->status, sizeof(result->status), "%s", status);
}

void
cell_launch(struct cell *cell, int first_cpu, double timeout_s)
{
	struct result *result = &cell->result;
	cpu_set_t cpus;

	sample_cpus(&cpus, result->workers, first_cpu);
	struct sample sample = sample_take(cell->path, result->kernel, result->n,
	    result->workers, &cpus, timeout_s);

	if (sample.outcome != ANSWERED || sample.refused) {
		set_status(result, sample.outcome == CRASHED ? "crash" :
		    sample.outcome == TIMED_OUT ? "timeout" : "unsupported");
		snprintf(result->checksum, sizeof(result->checksum), "%s", sample.checksum);
		return;
	}
	if (result->checksum[0] == '\0')
		snprintf(result->checksum, sizeof(result->checksum), "%s", sample.checksum);
	else if (strcmp(result->checksum, sample.checksum) != 0)
		set_status(result, "mismatch");
	struct sample *grown = realloc(cell->sample, (cell->count + 1) * sizeof(*grown));

	if (grown == NULL) {
		set_status(result, "missing");
		return;
	}
	cell->sample = grown;
	cell->sample[cell->count++] = sample;
	cell->clean += !sample.disturbed;
}

static int
cleanest_first(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->disturbed != y->disturbed)
		return x->disturbed - y->disturbed;
	return (x->foreign_s > y->foreign_s) - (x->foreign_s < y->foreign_s);
}

/* The value of key in "key=value key=value"; 0 if there is none. */
static int
stat_value(const char *stats, const char *key, double *value)
{
	size_t length = strlen(key);

	for (const char *at = stats; at != NULL; at = strchr(at, ' ')) {
		at += strspn(at, " ");
		if (strncmp(at, key, length) == 0 && at[length] == '=')
			return sscanf(at + length + 1, "%lf", value) == 1;
		if (*at == '\0')
			break;
	}
	return 0;
}

/* The median of each numeric pair of the first sample over all. */
static void
sum_up_stats(struct cell *cell, size_t used, double *values)
{
	char names[sizeof(cell->result.stats)], *rest = NULL;
	char *out = cell->result.stats;
	size_t room = sizeof(cell->result.stats);

	snprintf(names, sizeof(names), "%s", cell->sample[0].stats);
	for (char *pair = strtok_r(names, " ", &rest); pair != NULL;
	     pair = strtok_r(NULL, " ", &rest)) {
		size_t found = 0;

		pair[strcspn(pair, "=")] = '\0';
		for (size_t i = 0; i < used; i++)
			found += (size_t)stat_value(cell->sample[i].stats, pair, &values[found]);
		if (found == 0)
			continue;
		int printed = snprintf(out, room, "%s%s=%.9g",
		    out == cell->result.stats ? "" : " ", pair, median(values, found));

		if (printed < 0 || (size_t)printed >= room)
			break;
		out += printed;
		room -= (size_t)printed;
	}
}

static void
sum_up_values(struct cell *cell, size_t used, double *values, uint64_t seed)
{
	struct result *result = &cell->result;
	double units;

	for (size_t i = 0; i < used; i++)
		values[i] = cell->sample[i].seconds;
	result->seconds = median(values, used);
	struct interval interval = bootstrap_median(values, used, 0.95, seed);

	result->low = interval.low;
	result->high = interval.high;
	for (size_t i = 0; i < used; i++)
		values[i] = cell->sample[i].cpu_seconds;
	result->cpu_seconds = median(values, used);
	for (size_t i = 0; i < used; i++)
		values[i] = cell->sample[i].rss_kb;
	result->rss_kb = median(values, used);
	sum_up_stats(cell, used, values);
	/* What it counted itself knows better than the table. */
	if (stat_value(result->stats, "units", &units) && units > 0)
		result->tasks = units;
}

void
cell_sum_up(struct cell *cell, uint64_t seed)
{
	struct result *result = &cell->result;
	size_t enough = cell->count < 3 ? cell->count : 3;
	size_t used = cell->clean;

	if (cell->count > 0) {
		double *values = malloc(cell->count * sizeof(*values));

		qsort(cell->sample, cell->count, sizeof(*cell->sample), cleanest_first);
		if (used < enough) {
			used = enough;
			result->disturbed = 1;
		}
		result->launches = (int)used;
		result->dropped = (int)(cell->count - used);
		if (values != NULL)
			sum_up_values(cell, used, values, seed);
		free(values);
	}
	if (result->status[0] == '\0')
		set_status(result, cell->count > 0 ? "ok" : "missing");
	free(cell->sample);
	cell->sample = NULL;
}
