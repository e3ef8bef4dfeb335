/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compares two builds of an executable of the suite, kernel by kernel.
 *
 * The same binary differs by several per cent between two launches (where its stack and
 * heap came to lie), so the unit of replication is the launch: both processes of a launch
 * live at the same time on the same CPU and take turns in short slots, AB then BA, so
 * that what disturbs one disturbs the other.  A launch gives the median of ln(b/a) over
 * its rounds; the verdict is drawn from the bootstrap interval of the median over the
 * launches.
 */
#include "calibrate.h"
#include "peers.h"
#include "sample.h"
#include "stats.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAUNCHES_LIMIT 200
#define ROUNDS_LIMIT 1000

struct settings {
	const char *path[2];
	int launches, rounds, workers, cpu;
	cpu_set_t cpus;
	double slot_s;
	double budget_s;      /* of the slots of a kernel; long kernels get fewer rounds */
	double threshold;     /* 0.01: one per cent is no difference */
	double confidence;
};

struct comparison {
	const char *kernel;
	struct slot slot;
	int rounds;
	double log_ratio[LAUNCHES_LIMIT];
	double seconds[2][LAUNCHES_LIMIT];
	char stats[2][1024];
};

static int
start_both(const struct settings *settings, struct launch launch[2], int first)
{
	if (launch_start(&launch[first], settings->path[first], &settings->cpus) != 0)
		return -1;
	if (launch_start(&launch[1 - first], settings->path[1 - first], &settings->cpus) == 0)
		return 0;
	launch_end(&launch[first], 1, NULL);
	return -1;
}

/* A slot of each, `first` first.  Both must give the same result. */
static int
run_round(const struct settings *settings, const struct comparison *comparison,
    struct launch launch[2], int first, double seconds[2])
{
	char checksum[2][80];

	for (int i = 0; i < 2; i++) {
		int which = i == 0 ? first : 1 - first;

		if (slot_run(&launch[which], comparison->kernel, settings->workers,
			&comparison->slot, &seconds[which], checksum[which]) != 0) {
			fprintf(stderr, "%s: %s does not answer\n", comparison->kernel,
			    settings->path[which]);
			return -1;
		}
	}
	if (strcmp(checksum[0], checksum[1]) == 0)
		return 0;
	fprintf(stderr, "%s: checksums differ: %s, %s\n", comparison->kernel, checksum[0],
	    checksum[1]);
	return -1;
}

static int
run_launch(const struct settings *settings, struct comparison *comparison, int number)
{
	struct launch launch[2];
	double ratio[ROUNDS_LIMIT], time[2][ROUNDS_LIMIT], seconds[2];
	int failure;

	if (start_both(settings, launch, number % 2) != 0)
		return -1;
	failure = run_round(settings, comparison, launch, number % 2, seconds);
	for (int round = 0; failure == 0 && round < comparison->rounds; round++) {
		failure = run_round(settings, comparison, launch, (number + round) % 2, seconds);
		ratio[round] = log(seconds[1] / seconds[0]);
		time[0][round] = seconds[0];
		time[1][round] = seconds[1];
	}
	for (int i = 0; i < 2; i++) {
		if (failure == 0)
			launch_ask(&launch[i], "stats", comparison->stats[i],
			    sizeof(comparison->stats[i]), CALIBRATE_TIMEOUT_S);
		launch_end(&launch[i], failure != 0, NULL);
	}
	if (failure != 0)
		return -1;
	size_t count = (size_t)comparison->rounds;

	comparison->log_ratio[number] = median(ratio, count);
	comparison->seconds[0][number] = median(time[0], count);
	comparison->seconds[1][number] = median(time[1], count);
	return 0;
}

/* Sizes by the baseline, so that both are asked the same. */
static int
prepare(const struct settings *settings, struct comparison *comparison, unsigned long long n)
{
	struct launch launch[2];

	if (start_both(settings, launch, 0) != 0)
		return -1;
	int failure = calibrate(&launch[0], comparison->kernel, settings->workers, n,
	    settings->slot_s, &comparison->slot);

	launch_end(&launch[0], failure != 0, NULL);
	launch_end(&launch[1], failure != 0, NULL);
	double round_s = 2 * comparison->slot.seconds * comparison->slot.runs;
	double fit = settings->budget_s / (round_s * settings->launches + 1e-9);

	comparison->rounds = fit < 3 ? 3 : fit < settings->rounds ? (int)fit : settings->rounds;
	return failure;
}

static int
print_verdict(const struct settings *settings, const struct comparison *comparison)
{
	size_t count = (size_t)settings->launches;
	const double *ratio = comparison->log_ratio;
	struct interval interval =
	    bootstrap_median(ratio, count, settings->confidence, 1);
	struct outliers outliers = tukey_outliers(ratio, count);
	double limit = log(1 + settings->threshold);
	int regressed = interval.low > limit, improved = interval.high < -limit;

	printf("%-14s n=%-9llu %-9s %+6.2f%% [%+.2f%%, %+.2f%%]  %.4g -> %.4g us  "
	    "launches differ %.2f%% (quartiles), outliers %zu mild %zu severe, %d rounds\n",
	    comparison->kernel, comparison->slot.n,
	    regressed ? "REGRESSED" : improved ? "IMPROVED" : "same",
	    expm1(median(ratio, count)) * 100, expm1(interval.low) * 100,
	    expm1(interval.high) * 100, median(comparison->seconds[0], count) * 1e6,
	    median(comparison->seconds[1], count) * 1e6,
	    (quantile(ratio, count, 0.75) - quantile(ratio, count, 0.25)) * 100, outliers.mild,
	    outliers.severe, comparison->rounds);
	if (strncmp(comparison->stats[0], "error", 5) != 0 && comparison->stats[0][0] != '\0')
		printf("    baseline:  %s\n    candidate: %s\n", comparison->stats[0],
		    comparison->stats[1]);
	fflush(stdout);
	return regressed;
}

/* KERNEL or KERNEL:N.  0: no regression, 1: one, 2: it could not be told. */
static int
compare(const struct settings *settings, char *text)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	char *n = strchr(text, ':');
	int verdict = 2;

	if (comparison == NULL)
		return verdict;
	if (n != NULL)
		*n++ = '\0';
	comparison->kernel = text;
	int failure = prepare(settings, comparison, n != NULL ? strtoull(n, NULL, 10) : 0);

	for (int number = 0; failure == 0 && number < settings->launches; number++)
		failure = run_launch(settings, comparison, number);
	if (failure == 0)
		verdict = print_verdict(settings, comparison);
	else
		printf("%-14s failed\n", text);
	free(comparison);
	return verdict;
}

static int
usage(void)
{
	fputs("usage: compare [-l LAUNCHES] [-r ROUNDS] [-s SLOT_US] [-b BUDGET_S]\n"
	    "               [-t THRESHOLD_%] [-w WORKERS] [-c CPU] BASELINE CANDIDATE\n"
	    "               [KERNEL[:N]...]\n", stderr);
	return 2;
}

static int
parse(struct settings *settings, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "l:r:s:b:t:w:c:")) != -1) {
		switch (option) {
		case 'l': settings->launches = atoi(optarg); break;
		case 'r': settings->rounds = atoi(optarg); break;
		case 's': settings->slot_s = strtod(optarg, NULL) * 1e-6; break;
		case 'b': settings->budget_s = strtod(optarg, NULL); break;
		case 't': settings->threshold = strtod(optarg, NULL) / 100; break;
		case 'w': settings->workers = atoi(optarg); break;
		case 'c': settings->cpu = atoi(optarg); break;
		default: return -1;
		}
	}
	if (argc - optind < 2 || settings->launches < 3 || settings->launches > LAUNCHES_LIMIT ||
	    settings->rounds < 3 || settings->rounds > ROUNDS_LIMIT || settings->workers < 1 ||
	    settings->slot_s <= 0 || settings->cpu < 0)
		return -1;
	settings->path[0] = argv[optind++];
	settings->path[1] = argv[optind++];
	return 0;
}

static int
examine_both(struct peers *peers, const char *const path[2])
{
	for (int i = 0; i < 2; i++) {
		char text[640];

		snprintf(text, sizeof(text), "%s=%s", i == 0 ? "baseline" : "candidate", path[i]);
		if (peers_add(peers, text) != 0)
			return -1;
	}
	return peers_examine(peers);
}

static int
compare_all(const struct settings *settings, char *kernels)
{
	char *rest = NULL;
	int worst = 0;

	for (char *kernel = strtok_r(kernels, ",", &rest); kernel != NULL;
	     kernel = strtok_r(NULL, ",", &rest)) {
		int verdict = compare(settings, kernel);

		worst = verdict > worst ? verdict : worst;
	}
	return worst;
}

int
main(int argc, char **argv)
{
	struct settings settings = {
		.launches = 25, .rounds = 40, .workers = 1, .slot_s = 250e-6, .budget_s = 2,
		.threshold = 0.01, .confidence = 0.99,
	};
	static struct peers peers;
	int worst = 0;

	signal(SIGPIPE, SIG_IGN);
	if (parse(&settings, argc, argv) != 0)
		return usage();
	if (examine_both(&peers, settings.path) != 0)
		return 2;
	/* The asker on the same CPU: an answer then needs no wake-up across CPUs. */
	sample_cpus(&settings.cpus, settings.workers, settings.cpu);
	sched_setaffinity(0, sizeof(settings.cpus), &settings.cpus);
	for (int i = optind; i < argc; i++) {
		int verdict = compare(&settings, argv[i]);

		worst = verdict > worst ? verdict : worst;
	}
	return optind < argc ? worst : compare_all(&settings, peers.peer[0].kernels);
}
