/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables.h"
#include "load.h"
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a table shows of one place; NAN where there is nothing. */
typedef double figure_fn(const struct view *view, size_t line, const char *peer, int workers);

struct table {
	const char *title;    /* may hold one %d for the workers */
	figure_fn *figure;
	int workers;
	int decimals;         /* -1: a time, with its unit */
	int mean;             /* a last line with geometric means */
	int ours;             /* 1: only our own columns */
};

static double
seconds_of(const struct view *view, size_t line, const char *peer, int workers)
{
	const struct result *result = view_at(view, line, peer, workers);

	return result_is_ok(result) ? result->seconds : NAN;
}

static double
over_serial(const struct view *view, size_t line, const char *peer, int workers)
{
	if (peer_is_serial(peer))
		return NAN;
	return view_ratio(view_at(view, line, peer, workers), view_at(view, line, "serial", 1));
}

static double
one_over_many(const struct view *view, size_t line, const char *peer, int workers)
{
	if (peer_is_serial(peer))
		return NAN;
	return view_ratio(view_at(view, line, peer, 1), view_at(view, line, peer, workers));
}

static double
many_over_two(const struct view *view, size_t line, const char *peer, int workers)
{
	if (peer_is_serial(peer))
		return NAN;
	return view_ratio(view_at(view, line, peer, workers), view_at(view, line, peer, 2));
}

static double
ns_per_task(const struct view *view, size_t line, const char *peer, int workers)
{
	const struct result *result = view_at(view, line, peer, workers);

	return result_is_ok(result) && result->tasks > 0 ? result->seconds / result->tasks * 1e9 :
	    NAN;
}

static double
over_best(const struct view *view, size_t line, const char *peer, int workers)
{
	return view_ratio(view_at(view, line, peer, workers), view_best(view, line, workers));
}

static double
cpu_of(const struct view *view, size_t line, const char *peer, int workers)
{
	const struct result *result = view_at(view, line, peer, workers);

	return result_is_ok(result) ? result->cpu_seconds : NAN;
}

static double
p99_of(const struct view *view, size_t line, const char *peer, int workers)
{
	const struct result *result = view_at(view, line, peer, workers);
	const char *at = result_is_ok(result) ? strstr(result->stats, "p99=") : NULL;
	double p99;

	return at != NULL && sscanf(at, "p99=%lf", &p99) == 1 && p99 > 0 ? p99 : (double)NAN;
}

static double
rss_of(const struct view *view, size_t line, const char *peer, int workers)
{
	const struct result *result = view_at(view, line, peer, workers);

	return result_is_ok(result) ? result->rss_kb / 1024 : NAN;
}

static double
rss_above_hwloc(const struct view *view, size_t line, const char *peer, int workers)
{
	if (strcmp(peer, "hwloc") == 0)
		return NAN;
	return rss_of(view, line, peer, workers) - rss_of(view, line, "hwloc", workers);
}

static void
print_time(double seconds)
{
	if (seconds >= 1)
		printf(" %.3g s |", seconds);
	else if (seconds >= 1e-3)
		printf(" %.3g ms |", seconds * 1e3);
	else if (seconds >= 1e-6)
		printf(" %.3g us |", seconds * 1e6);
	else
		printf(" %.3g ns |", seconds * 1e9);
}

static void
print_figure(const struct table *table, const struct view *view, size_t line, const char *peer)
{
	const struct result *result = view_at(view, line, peer, table->workers);
	double figure = table->figure(view, line, peer, table->workers);

	if (result != NULL && strcmp(result->status, "ok") != 0)
		printf(" %s |", result->status);
	else if (isnan(figure))
		printf(" - |");
	else if (table->decimals < 0)
		print_time(figure);
	else
		printf(" %.*f |", table->decimals, figure);
}

static int
column_shown(const struct table *table, const struct view *view, size_t column)
{
	if (table->ours)
		return peer_is_ours(view->peer[column]);
	for (size_t line = 0; line < view->lines; line++) {
		const struct result *result = view_at(view, line, view->peer[column],
		    table->workers);

		if (result != NULL && (strcmp(result->status, "ok") != 0 ||
		    !isnan(table->figure(view, line, view->peer[column], table->workers))))
			return 1;
	}
	return 0;
}

static void
print_heading(const struct table *table, const struct view *view, const int *shown)
{
	printf("\n**");
	for (const char *at = table->title; *at != '\0'; at++) {
		if (at[0] == '%' && at[1] == 'd')
			printf("%d", table->workers), at++;
		else
			putchar(*at);
	}
	printf("**\n\n| |");
	for (size_t i = 0; i < view->peers; i++) {
		if (shown[i])
			printf(" %s |", view->peer[i]);
	}
	printf("\n|---|");
	for (size_t i = 0; i < view->peers; i++) {
		if (shown[i])
			printf("---|");
	}
	putchar('\n');
}

static void
print_means(const struct table *table, const struct view *view, const int *shown)
{
	printf("| *geometric mean* |");
	for (size_t i = 0; i < view->peers; i++) {
		double sum = 0;
		size_t count = 0;

		if (!shown[i])
			continue;
		for (size_t line = 0; line < view->lines; line++) {
			double figure = table->figure(view, line, view->peer[i], table->workers);

			if (isnan(figure))
				continue;
			sum += log(figure);
			count++;
		}
		if (count == 0)
			printf(" - |");
		else
			printf(" *%.*f* (%zu) |", table->decimals, exp(sum / (double)count), count);
	}
	putchar('\n');
}

static void
print_table(const struct table *table, const struct view *view)
{
	int shown[VIEW_PEERS], any = 0;

	for (size_t i = 0; i < view->peers; i++)
		any |= shown[i] = column_shown(table, view, i);
	if (!any)
		return;
	print_heading(table, view, shown);
	for (size_t line = 0; line < view->lines; line++) {
		printf("| %s", view->line[line].kernel);
		if (view->by_size)
			printf(" %llu", view->line[line].n);
		printf(" |");
		for (size_t i = 0; i < view->peers; i++) {
			if (shown[i])
				print_figure(table, view, line, view->peer[i]);
		}
		putchar('\n');
	}
	if (table->mean)
		print_means(table, view, shown);
}

static const struct table fork_tables[] = {
	{ "T1/Ts: one worker over the serial program", over_serial, 1, 2, 1, 0 },
	{ "T2/Ts: two workers over the serial program", over_serial, 2, 2, 1, 0 },
	{ "T1/T2: speed-up from one to two workers", one_over_many, 2, 2, 1, 0 },
	{ "T16/T2: 16 workers on the same cores", many_over_two, 16, 2, 1, 0 },
	{ "ns per task, one worker", ns_per_task, 1, 2, 0, 0 },
	{ "ns per task, two workers", ns_per_task, 2, 2, 0, 0 },
	{ "Ratio to the best other peer, one worker", over_best, 1, 2, 1, 1 },
	{ "Ratio to the best other peer, two workers", over_best, 2, 2, 1, 1 },
	{ "Time, one worker", seconds_of, 1, -1, 0, 0 },
	{ "Time, two workers", seconds_of, 2, -1, 0, 0 },
	{ "CPU seconds a run, two workers", cpu_of, 2, 3, 0, 0 },
	{ "Peak RSS, MB, two workers", rss_of, 2, 1, 0, 0 },
};

static const struct table latency_tables[] = {
	{ "Median", seconds_of, 2, -1, 0, 0 },
	{ "99th percentile", p99_of, 2, -1, 0, 0 },
	{ "Ratio of the medians to the best other peer", over_best, 2, 2, 0, 1 },
};

static const struct table idle_tables[] = {
	{ "CPU seconds that an idle pool burns in N ms", seconds_of, 2, 6, 0, 0 },
};

static const struct table memory_tables[] = {
	{ "Peak RSS, MB, two workers", rss_of, 2, 2, 0, 0 },
	{ "Above a bare hwloc load, MB", rss_above_hwloc, 2, 2, 0, 0 },
};

static const struct table loop_tables[] = {
	{ "Time of a call, one worker", seconds_of, 1, -1, 0, 0 },
	{ "Time of a call, two workers", seconds_of, 2, -1, 0, 0 },
	{ "Over the serial program, two workers", over_serial, 2, 2, 1, 0 },
	{ "T16/T2: 16 workers on the same cores", many_over_two, 16, 2, 1, 0 },
	{ "Ratio to the best other peer, one worker", over_best, 1, 2, 1, 1 },
	{ "Ratio to the best other peer, two workers", over_best, 2, 2, 1, 1 },
};

/* Of a group that no other row names: the last. */
#define TABLES(name) name, sizeof(name) / sizeof(name[0])
static const struct {
	const char *group;
	int by_size;          /* a line for each size of a kernel */
	const struct table *table;
	size_t count;
} groups[] = {
	{ "fork", 0, TABLES(fork_tables) },
	{ "latency", 1, TABLES(latency_tables) },
	{ "idle", 1, TABLES(idle_tables) },
	{ "memory", 1, TABLES(memory_tables) },
	{ "", 1, TABLES(loop_tables) },
};
#undef TABLES

static void
print_group(const struct results *results, const char *group)
{
	size_t known = 0;

	while (groups[known].group[0] != '\0' && strcmp(groups[known].group, group) != 0)
		known++;

	struct view view = view_make(results, group, groups[known].by_size);

	printf("\n### %s\n", group);
	for (size_t i = 0; i < groups[known].count; i++)
		print_table(&groups[known].table[i], &view);
}

static void
print_machine(const struct results *results)
{
	const struct machine *machine = &results->machine;
	int dropped = 0, launches = 0, disturbed = 0;
	double widest = 0;

	for (size_t i = 0; i < results->count; i++) {
		const struct result *result = &results->result[i];

		dropped += result->dropped;
		launches += result->launches;
		disturbed += result->disturbed;
		if (result_is_ok(result))
			widest = fmax(widest, (result->high - result->low) / result->seconds);
	}
	printf("- machine: %s, %d cores, %ld MB\n- kernel: %s\n- compiler: %s\n"
	    "- date: %s, load %.2f\n",
	    machine->cpu, machine->cores, machine->memory_mb, machine->kernel, machine->compiler,
	    machine->date, machine->load);
	printf("- launches: %d counted, %d dropped because others used more than %g %% and %g ms "
	    "of their cores; %d of %zu figures had too few clean launches and use the least "
	    "disturbed\n- widest 95 %% interval of a median: %.0f %%\n", launches, dropped,
	    FOREIGN_SHARE * 100, FOREIGN_FLOOR_S * 1e3, disturbed, results->count, widest * 100);
}

int
tables_print(const char *path)
{
	struct results results;

	if (results_read(&results, path) != 0)
		return 1;
	print_machine(&results);
	for (size_t i = 0; i < results.count; i++) {
		size_t first = 0;

		while (strcmp(results.result[first].group, results.result[i].group) != 0)
			first++;
		if (first == i)
			print_group(&results, results.result[i].group);
	}
	results_free(&results);
	return 0;
}
