/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the rows of a table by several peers and writes JSON; or makes tables and plot
 * data of such a file.
 *
 * A launch is a process of its own: the same binary differs by several per cent between
 * launches.  A pass over the table launches each peer of a row once, in random order, so
 * that what disturbs the machine disturbs all alike.
 */
#include "cell.h"
#include "peers.h"
#include "rows.h"
#include "series.h"
#include "stats.h"
#include "tables.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* On a busy machine one pass may take longer than the budget: up to this much of it goes
 * into having each figure once. */
#define FIRST_PASS 1.3

struct plan {
	struct peers peers;
	struct rows rows;
	const char *output;
	const char *kernels;  /* comma-separated; NULL: all */
	size_t launches;
	double budget_s;      /* passes end when it is spent */
	double timeout_s;
	uint64_t seed;
	struct cell *cell;
	size_t cells;
	size_t *row_begin;    /* first cell of each row and worker count, and the end */
	size_t blocks;
};

static int
add_cell(struct plan *plan, const struct row *row, size_t w, const struct peer *peer)
{
	const struct row_size *size = row_size_for(row, peer->name);
	/* A serial program has one time only. */
	int serial = strcmp(peer->name, "serial") == 0;

	if (size == NULL || !list_has(peer->kernels, row->kernel) || (serial && w > 0))
		return 0;
	struct cell *grown = realloc(plan->cell, (plan->cells + 1) * sizeof(*grown));

	if (grown == NULL)
		return -1;
	plan->cell = grown;
	struct cell *cell = memset(&grown[plan->cells++], 0, sizeof(*grown));

	cell->path = peer->path;
	snprintf(cell->result.group, sizeof(cell->result.group), "%s", row->group);
	snprintf(cell->result.kernel, sizeof(cell->result.kernel), "%s", row->kernel);
	snprintf(cell->result.peer, sizeof(cell->result.peer), "%s", peer->name);
	cell->result.workers = serial ? 1 : row->workers[w];
	cell->result.n = size->n;
	cell->result.tasks = size->tasks;
	return 0;
}

/* Lays out the cells: those of a row and worker count stand together. */
static int
plan_cells(struct plan *plan)
{
	plan->row_begin = malloc((plan->rows.count * ROW_WORKERS + 1) * sizeof(size_t));
	if (plan->row_begin == NULL)
		return -1;
	for (size_t r = 0; r < plan->rows.count; r++) {
		const struct row *row = &plan->rows.row[r];

		if (plan->kernels != NULL && !list_has(plan->kernels, row->kernel))
			continue;
		for (size_t w = 0; w < row->worker_count; w++) {
			plan->row_begin[plan->blocks++] = plan->cells;
			for (size_t p = 0; p < plan->peers.count; p++) {
				if (add_cell(plan, row, w, &plan->peers.peer[p]) != 0)
					return -1;
			}
		}
	}
	plan->row_begin[plan->blocks] = plan->cells;
	return plan->cells > 0 ? 0 : -1;
}

/* One launch of each cell of the block that wants one, in random order. */
static int
launch_block(struct plan *plan, size_t block, int pass, uint64_t *random)
{
	size_t order[PEERS_LIMIT], count = 0;

	for (size_t i = plan->row_begin[block]; i < plan->row_begin[block + 1]; i++) {
		if (cell_wants(&plan->cell[i], plan->launches))
			order[count++] = i;
	}
	for (size_t i = 0; i < count; i++) {
		size_t other = i + random_below(random, count - i);
		size_t chosen = order[other];

		order[other] = order[i];
		cell_launch(&plan->cell[chosen], pass, plan->timeout_s);
	}
	return count > 0;
}

static void
run_passes(struct plan *plan)
{
	double start_s = clock_seconds();
	uint64_t random = plan->seed;
	int wanted = 1;

	for (int pass = 0; wanted; pass++) {
		wanted = 0;
		for (size_t block = 0; block < plan->blocks; block++) {
			double limit_s = plan->budget_s * (pass > 0 ? 1 : FIRST_PASS);

			if (clock_seconds() - start_s > limit_s)
				break;
			wanted |= launch_block(plan, block, pass, &random);
		}
		fprintf(stderr, "pass %d: %.0f s\n", pass + 1, clock_seconds() - start_s);
	}
}

/* Peers that ran the same size must agree; the first ok one is the measure. */
static int
compare_checksums(struct plan *plan)
{
	int failure = 0;

	for (size_t i = 0; i < plan->cells; i++) {
		struct result *result = &plan->cell[i].result;
		const struct result *first = NULL;

		for (size_t k = 0; k < i && first == NULL; k++) {
			const struct result *other = &plan->cell[k].result;

			if (result_is_ok(other) && other->n == result->n &&
			    strcmp(other->kernel, result->kernel) == 0)
				first = other;
		}
		if (first != NULL && result_is_ok(result) &&
		    strcmp(first->checksum, result->checksum) != 0) {
			fprintf(stderr, "%s %llu: %s has checksum %s, %s has %s\n", result->kernel,
			    result->n, first->peer, first->checksum, result->peer,
			    result->checksum);
			snprintf(result->status, sizeof(result->status), "mismatch");
		}
		failure |= strcmp(result->status, "mismatch") == 0;
	}
	return failure;
}

static int
finish(struct plan *plan)
{
	struct results results = { machine_read(), NULL, 0 };
	int dropped = 0, disturbed = 0;

	for (size_t i = 0; i < plan->cells; i++) {
		cell_sum_up(&plan->cell[i], plan->seed);
		dropped += plan->cell[i].result.dropped;
		disturbed += plan->cell[i].result.disturbed;
	}
	int wrong = compare_checksums(plan);

	for (size_t i = 0; i < plan->cells; i++) {
		struct result *result = results_add(&results);

		if (result != NULL)
			*result = plan->cell[i].result;
	}
	fprintf(stderr, "%zu rows; %d launches dropped for foreign load; %d rows with too few "
	    "clean launches\n", plan->cells, dropped, disturbed);
	int unwritten = results_write(&results, plan->output);

	results_free(&results);
	return wrong || unwritten;
}

static int
usage(void)
{
	fputs("usage: driver [-o JSON] [-r ROWS] [-k KERNELS] [-l LAUNCHES] [-b BUDGET_S]\n"
	    "              [-t TIMEOUT_S] [-s SEED] NAME=PATH...\n"
	    "       driver -T JSON       Markdown tables of a result\n"
	    "       driver -P JSON DIR   data files for the plots\n", stderr);
	return 2;
}

static int
parse(struct plan *plan, int argc, char **argv)
{
	const char *rows = "report.rows";
	int option;

	while ((option = getopt(argc, argv, "o:r:k:l:b:t:s:")) != -1) {
		switch (option) {
		case 'o': plan->output = optarg; break;
		case 'r': rows = optarg; break;
		case 'k': plan->kernels = optarg; break;
		case 'l': plan->launches = strtoul(optarg, NULL, 10); break;
		case 'b': plan->budget_s = strtod(optarg, NULL); break;
		case 't': plan->timeout_s = strtod(optarg, NULL); break;
		case 's': plan->seed = strtoull(optarg, NULL, 10); break;
		default: return -1;
		}
	}
	for (; optind < argc; optind++) {
		if (peers_add(&plan->peers, argv[optind]) != 0)
			return -1;
	}
	if (peers_add_environment(&plan->peers) != 0 || plan->peers.count == 0)
		return -1;
	return rows_read(&plan->rows, rows);
}

int
main(int argc, char **argv)
{
	static struct plan plan = {
		.output = "-", .launches = 7, .budget_s = 3600, .timeout_s = 60, .seed = 1,
	};

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "-T") == 0)
		return tables_print(argv[2]);
	if (argc == 4 && strcmp(argv[1], "-P") == 0)
		return series_write(argv[2], argv[3]);
	if (parse(&plan, argc, argv) != 0)
		return usage();
	if (peers_examine(&plan.peers) != 0)
		return 2;
	if (plan_cells(&plan) != 0) {
		fputs("nothing to measure\n", stderr);
		return 2;
	}
	run_passes(&plan);
	int failure = finish(&plan);

	rows_free(&plan.rows);
	free(plan.cell);
	free(plan.row_begin);
	return failure;
}
