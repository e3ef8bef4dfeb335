/* SPDX-License-Identifier: BSD-2-Clause */
#include "predict.h"
#include "tables.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

struct options {
	struct sim_config config;
	const char *dag;
	const char *table;
	const char *bench;
	double work;
	int seeds;
	int percent;
	int launches;
};

static void
usage(FILE *stream)
{
	fprintf(stream,
	    "simulate [options] --dag DAG         one run, with its costs and counts\n"
	    "simulate [options] --table NAME      %s\n"
	    "simulate [options] --against BENCH   real runs of BENCH/filch_typed beside it\n"
	    "  --workers N        a typical machine of that size (16)\n"
	    "  --machine TEXT     hwloc synthetic: 'node:2 l3:4 core:8'\n"
	    "  --policy LIST      key=value,...\n"
	    "  --metal            costs without a hypervisor\n"
	    "  --cost NAME=VALUE  one cost\n"
	    "  --costs FILE       costs as `measure` prints them\n"
	    "  --cold             all but the first worker sleep at the start\n"
	    "  --work NS          scales the DAG to that serial time\n"
	    "  --launches N       real runs (7)\n"
	    "  --seed N --seeds N first seed, and how many to average (1, 3)\n"
	    "  --percent N        --against fails if the two are further apart (20)\n"
	    "DAGs\n%s", table_names(), dag_names());
	fprintf(stream, "policies\n%scosts (here, metal)\n", policy_names());
#define LINE(name, vm, metal, meaning) \
	fprintf(stream, "    %-13s%8d%8d  " meaning "\n", #name, vm, metal);
	COST_MAP(LINE)
#undef LINE
}

static bool
read_option(struct options *options, int option)
{
	switch (option) {
	case 'd':
		options->dag = optarg;
		return true;
	case 't':
		options->table = optarg;
		return true;
	case 'a':
		options->bench = optarg;
		return true;
	case 'w': {
		int workers = atoi(optarg);

		options->config.machine = machine_typical(workers);
		return workers > 0 && workers <= 4096;
	}
	case 'm':
		return machine_parse(&options->config.machine, optarg);
	case 'p':
		return policy_parse(&options->config.policy, optarg);
	case 'M':
		options->config.costs = costs_metal();
		return true;
	case 'c':
		return costs_set(&options->config.costs, optarg);
	case 'C':
		return costs_read(&options->config.costs, optarg);
	case 'k':
		options->config.cold = true;
		return true;
	case 'W':
		options->work = atof(optarg);
		return options->work > 0;
	case 'l':
		options->launches = atoi(optarg);
		return options->launches > 0;
	case 's':
		options->config.seed = strtoull(optarg, NULL, 10);
		return true;
	case 'n':
		options->seeds = atoi(optarg);
		return options->seeds > 0;
	case '%':
		options->percent = atoi(optarg);
		return options->percent > 0;
	}
	return false;
}

static bool
print_run(const struct options *options)
{
	static const char *const names[] = {
#define NAME(symbol, name) name,
		TIME_MAP(NAME)
#undef NAME
	};
	struct sim_result result;
	struct dag dag;

	if (!dag_generate(&dag, options->dag)) {
		fprintf(stderr, "simulate: no such DAG, or too large: %s\n", options->dag);
		return false;
	}
	if (options->work > 0)
		dag_scale(&dag, options->work);
	struct dag_size size = dag_measure(&dag);
	bool ok = mean_result(&dag, &options->config, options->seeds, &result);

	dag_fini(&dag);
	if (!ok)
		return false;
	double all = (double)result.time * options->config.machine.cores;
	double rest = all;

	printf("%s: work %.3f ms, span %.3f ms, %lld forks\n", options->dag,
	    (double)size.work / 1e6, (double)size.span / 1e6, (long long)size.forks);
	printf("%d workers: %.3f ms, speed-up %.2f\n", options->config.machine.cores,
	    (double)result.time / 1e6, (double)size.work / (double)result.time);
	printf("steals %lld (by waiters %lld), lost %lld, barriers %lld, pops per steal %.0f\n",
	    (long long)result.steals, (long long)result.leaps, (long long)result.lost,
	    (long long)result.barriers,
	    (double)result.pops / (double)(result.steals != 0 ? result.steals : 1));
	printf("wakes %lld, spares started %lld (at once %d), late returns %lld, depth %d\n",
	    (long long)result.wakes, (long long)result.spare_starts, result.spares_most,
	    (long long)result.returns_late, result.depth_most);
	for (int i = 0; i < SIM_TIMES; i++) {
		printf("%s %.1f%%  ", names[i], 100 * (double)result.spent[i] / all);
		rest -= (double)result.spent[i];
	}
	/* What was begun and not finished at the end is in the sums. */
	printf("asleep %.1f%%\n", rest > 0 ? 100 * rest / all : 0);
	return true;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dag", 1, NULL, 'd' }, { "table", 1, NULL, 't' }, { "against", 1, NULL, 'a' },
		{ "workers", 1, NULL, 'w' }, { "machine", 1, NULL, 'm' },
		{ "policy", 1, NULL, 'p' }, { "metal", 0, NULL, 'M' }, { "cost", 1, NULL, 'c' },
		{ "seed", 1, NULL, 's' }, { "seeds", 1, NULL, 'n' }, { "percent", 1, NULL, '%' },
		{ "costs", 1, NULL, 'C' }, { "cold", 0, NULL, 'k' }, { "work", 1, NULL, 'W' },
		{ "launches", 1, NULL, 'l' }, { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	struct options options = {
		.config = { machine_typical(16), costs_vm(), default_policy(), 1, false },
		.seeds = 3, .percent = 20, .launches = 7,
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'h') {
			usage(stdout);
			return 0;
		}
		if (!read_option(&options, option)) {
			fprintf(stderr, "simulate: bad argument; see --help\n");
			return 2;
		}
	}
	if (options.bench != NULL)
		return against(options.bench, &options.config, options.seeds, options.percent,
		    options.launches) != 0;
	if (options.table != NULL)
		return !table_print(options.table, &options.config, options.seeds);
	if (options.dag != NULL)
		return !print_run(&options);
	usage(stderr);
	return 2;
}
