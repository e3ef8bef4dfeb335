/* SPDX-License-Identifier: BSD-2-Clause */
/* The comparisons of docs/scaling.md. */
#include "tables.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIZES 9  /* 2 to 512 workers */
#define ROWS_MAX 10
#define DAGS_MAX 12
/* Policies differ by more than this: the choice matters. */
#define MATTERS 1.05

struct row {
	const char *name;
	const char *policy;
};

struct table {
	const char *name;
	const char *title;
	const char *const *dags;
	struct row rows[ROWS_MAX];
	const char *base; /* of all rows */
	bool relative; /* also to the first row, at 16 and at 64 workers */
};

/* Some milliseconds of work each, so that all tables take minutes. */
static const char *const kernels[] = {
	"fib:33", "nqueens:10", "uts_t1:7", "balanced:13", "skewed:50000", "cilksort:1000000",
	"matmul:256", NULL,
};

/* With a tree of many small steals. */
static const char *const few[] = {
	"fib:31", "nqueens:10", "binomial:100", "balanced:11", "skewed:5000", NULL,
};

static const char *const lows[] = { "low:12", "low:15", "low:20", "low:30", "low:40", NULL };
static const char *const loops[] = { "loop:50000", "triangle:50000", NULL };

/* Where the lanes begin fenced, barriers do not cover what else differs. */
#define CALM "begin=fenced,until=500"

static const struct table tables[] = {
	{ "wait", "What a waiter may take, and when a spare takes its core", kernels, {
		{ "wide", "help=wide,spare=-1" },
		{ "leap, 0 us", "help=leap,spare=0" },
		{ "leap, 20 us", "help=leap,spare=20000" },
		{ "leap, 50 us", "help=leap,spare=50000" },
		{ "leap, 150 us", "help=leap,spare=150000" },
		{ "leap, never", "help=leap,spare=-1" },
		{ "chain, never", "help=chain,spare=-1" },
		{ "tags, never", "help=tags,spare=-1" },
	}, CALM, true },
	{ "low", "Low parallelism (work / span in tenths)", lows, {
		{ "wide", "help=wide,spare=-1" },
		{ "leap, 0 us", "help=leap,spare=0" },
		{ "leap, 150 us", "help=leap,spare=150000" },
		{ "leap, never", "help=leap,spare=-1" },
	}, NULL, true },
	{ "victims", "Whom a thief asks", kernels, {
		{ "near", "victims=near" },
		{ "mixed", "victims=mixed" },
		{ "random", "victims=random" },
	}, CALM, false },
	{ "both", "Both together", kernels, {
		{ "mixed, wide", "victims=mixed,help=wide,spare=-1" },
		{ "mixed, leap, 50 us", "victims=mixed,help=leap,spare=50000" },
		{ "mixed, leap, 150 us", "victims=mixed,help=leap,spare=150000" },
		{ "mixed, leap, never", "victims=mixed,help=leap,spare=-1" },
	}, CALM, true },
	{ "barrier", "Who pays for the fence", few, {
		{ "asked, then broadcast", "barrier=asked" },
		{ "begin fenced, 5000 pops", "barrier=asked,begin=fenced" },
		{ "begin fenced, 500 pops", "barrier=asked,begin=fenced,until=500" },
		{ "adaptive, targeted", "barrier=adaptive,begin=fenced" },
		{ "adaptive, broadcast", "barrier=switched,begin=fenced" },
		{ "always targeted", "barrier=targeted" },
		{ "always broadcast", "barrier=broadcast" },
		{ "always fenced pop", "barrier=fenced" },
	}, NULL, false },
	/* The pieces of loops lie in job deque, whose pops are fenced. */
	{ "split", "What a loop offers", loops, {
		{ "half", "split=half" },
		{ "one", "split=one" },
	}, "barrier=fenced", false },
};

struct policy
default_policy(void)
{
	return (struct policy){
		.victims = VICTIMS_NEAR,
		.barrier = BARRIER_ASKED,
		.begin = BEGIN_UNFENCED,
		.claim = CLAIM_YES,
		.split = SPLIT_HALF,
		.help = HELP_LEAP,
		.comeback = RETURN_PREEMPT,
		.spare_after = 150000,
	};
}

bool
mean_result(const struct dag *dag, const struct sim_config *config, int seeds,
    struct sim_result *mean)
{
	struct sim_config seeded = *config;
	struct sim_result one;

	memset(mean, 0, sizeof(*mean));
	for (int i = 0; i < seeds; i++) {
		seeded.seed = config->seed + (uint64_t)i;
		if (!simulate(dag, &seeded, &one)) {
			fprintf(stderr, "simulate: a run failed\n");
			return false;
		}
		mean->time += one.time / seeds;
		for (int k = 0; k < SIM_TIMES; k++)
			mean->spent[k] += one.spent[k] / seeds;
		mean->pops += one.pops / seeds;
		mean->steals += one.steals;
		mean->leaps += one.leaps;
		mean->lost += one.lost;
		mean->barriers += one.barriers;
		mean->wakes += one.wakes;
		mean->spare_starts += one.spare_starts;
		mean->returns_late += one.returns_late;
		if (one.spares_most > mean->spares_most)
			mean->spares_most = one.spares_most;
		if (one.depth_most > mean->depth_most)
			mean->depth_most = one.depth_most;
	}
	mean->steals /= seeds;
	mean->leaps /= seeds;
	mean->lost /= seeds;
	mean->barriers /= seeds;
	mean->wakes /= seeds;
	mean->spare_starts /= seeds;
	mean->returns_late /= seeds;
	return true;
}

static bool
speedups(const struct dag *dag, const struct sim_config *config, int seeds,
    const char *base, const struct row *row, double *speedup)
{
	double work = (double)dag_measure(dag).work;
	struct sim_config sized = *config;
	struct sim_result result;

	if ((base != NULL && !policy_parse(&sized.policy, base))
	    || !policy_parse(&sized.policy, row->policy))
		return false;
	for (int size = 0; size < SIZES; size++) {
		sized.machine = machine_typical(2 << size);
		if (!mean_result(dag, &sized, seeds, &result))
			return false;
		speedup[size] = work / (double)result.time;
	}
	return true;
}

static void
print_head(const char *first)
{
	printf("\n|%s|", first);
	for (int size = 0; size < SIZES; size++)
		printf("%d|", 2 << size);
	printf("\n|---|");
	for (int size = 0; size < SIZES; size++)
		printf("---|");
	printf("\n");
}

/* The first size from which best / worst stays above MATTERS. */
static int
matters_from(double speedup[ROWS_MAX][SIZES], int rows)
{
	int from = 0;

	for (int size = SIZES - 1; size >= 0 && from == 0; size--) {
		double best = 0, worst = INFINITY;

		for (int row = 0; row < rows; row++) {
			best = fmax(best, speedup[row][size]);
			worst = fmin(worst, speedup[row][size]);
		}
		if (best <= MATTERS * worst)
			from = size + 1;
	}
	return from;
}

/* What the table has come to so far. */
struct sums {
	double logs[ROWS_MAX][SIZES];
	double kept[DAGS_MAX][ROWS_MAX][2];
	int dags;
};

/* Places of 16 and of 64 workers among the sizes. */
static const int relative_at[2] = { 3, 5 };

static void
print_relative(const struct table *table, int rows, const struct sums *sums)
{
	printf("\nOf the first row, the others keep:\n\n|DAG|workers|");
	for (int row = 1; row < rows; row++)
		printf("%s|", table->rows[row].name);
	printf("\n|---|---|");
	for (int row = 1; row < rows; row++)
		printf("---|");
	for (int at = 0; at < 2; at++)
		for (int d = 0; d <= sums->dags; d++) {
			bool mean = d == sums->dags;
			int size = relative_at[at];

			printf("\n|%s|%d|", mean ? "geometric mean" : table->dags[d], 2 << size);
			for (int row = 1; row < rows; row++)
				printf("%.2f|", !mean ? sums->kept[d][row][at]
				    : exp((sums->logs[row][size] - sums->logs[0][size])
				        / sums->dags));
		}
	printf("\n");
}

static bool
print_dag(const char *name, const struct table *table, int rows,
    const struct sim_config *config, int seeds, struct sums *sums)
{
	double speedup[ROWS_MAX][SIZES];
	struct dag dag;

	if (!dag_generate(&dag, name))
		return false;
	struct dag_size size = dag_measure(&dag);

	print_head(name);
	for (int row = 0; row < rows; row++) {
		if (!speedups(&dag, config, seeds, table->base, &table->rows[row], speedup[row])) {
			dag_fini(&dag);
			return false;
		}
		printf("|%s|", table->rows[row].name);
		for (int i = 0; i < SIZES; i++) {
			printf("%.*f|", speedup[row][i] < 10 ? 2 : 1, speedup[row][i]);
			sums->logs[row][i] += log(speedup[row][i]);
		}
		printf("\n");
		for (int at = 0; at < 2; at++)
			sums->kept[sums->dags][row][at] = speedup[row][relative_at[at]]
			    / speedup[0][relative_at[at]];
	}
	sums->dags++;
	int from = matters_from(speedup, rows);

	printf("\nwork %.1f ms, work/span %.1f, %lld forks; ", (double)size.work / 1e6,
	    (double)size.work / (double)size.span, (long long)size.forks);
	if (from == SIZES)
		printf("the choice does not matter (within 5%%) at the largest size.\n");
	else
		printf("the choice matters (above 5%%) from %d workers on.\n", 2 << from);
	fflush(stdout);
	dag_fini(&dag);
	return true;
}

static bool
print_table(const struct table *table, const struct sim_config *config, int seeds)
{
	struct sums sums = { 0 };
	int rows = 0;

	while (rows < ROWS_MAX && table->rows[rows].name != NULL)
		rows++;
	printf("\n### %s\n\nSpeed-up over the serial work, by workers%s%s.\n", table->title,
	    table->base != NULL ? "; all with " : "", table->base != NULL ? table->base : "");
	for (int d = 0; table->dags[d] != NULL; d++)
		if (!print_dag(table->dags[d], table, rows, config, seeds, &sums))
			return false;
	print_head("geometric mean");
	for (int row = 0; row < rows; row++) {
		printf("|%s|", table->rows[row].name);
		for (int i = 0; i < SIZES; i++)
			printf("%.2f|", exp(sums.logs[row][i] / sums.dags));
		printf("\n");
	}
	if (table->relative)
		print_relative(table, rows, &sums);
	return true;
}

bool
table_print(const char *name, const struct sim_config *config, int seeds)
{
	bool all = strcmp(name, "all") == 0;
	bool found = false;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (all || strcmp(name, tables[i].name) == 0) {
			if (!print_table(&tables[i], config, seeds))
				return false;
			found = true;
		}
	return found;
}

const char *
table_names(void)
{
	return "wait low victims both barrier split all";
}
