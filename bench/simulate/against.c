/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real runs beside predicted ones, at two workers.  A kernel's DAG gets the work that its
 * serial twin takes and, a fork, what one worker takes beyond it; what two workers do
 * then is prediction.  A DAG of low parallelism is run by `replay`; its work is what it
 * spins.
 */
#include "predict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../launch.h"
#include "../load.h"
#include "../sample.h"
#include "../stats.h"
#include "sim.h"

#define LAUNCHES_MAX 101
#define RUNS 4       /* a launch; the first finds cold code and is left out */
#define CPUS 2
#define TIMEOUT_S 30
#define TRIES 30     /* of a launch that others disturb */
/* The quartiles of the real steals are further apart than this share of their median: a
 * count that does not repeat cannot be predicted either. */
#define STABLE 0.25

struct row {
	const char *kernel;
	int n;
	const char *dag;
	bool replayed;
};

static const struct row rows[] = {
	{ "fib", 36, "fib:36:8", false },
	{ "nqueens", 11, "nqueens:11", false },
	{ "uts_t1", 9, "uts_t1:9", false },
	{ "uts_t3", 100, "uts_t3:100", false },
	{ "binomial", 500, "binomial:500", false },
	{ "skynet", 1000000, "skynet:6:1", false },
	{ "cilksort", 1000000, "cilksort:1000000", false },
	{ "matmul", 512, "matmul:512", false },
	{ "low", 12, "low:12", true },
	{ "low", 15, "low:15", true },
	{ "low", 20, "low:20", true },
	{ "low", 30, "low:30", true },
	{ "low", 40, "low:40", true },
};
#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static int launches_made, launches_disturbed;

/* By launch; steals by run. */
struct real {
	double serial[LAUNCHES_MAX], one[LAUNCHES_MAX], two[LAUNCHES_MAX];
	double steals[LAUNCHES_MAX * (RUNS - 1)];
};

/* Asks a launch for its runs; their median, and the steals of each. */
static bool
ask_runs(struct launch *launch, const struct row *row, int workers, double *seconds,
    double *steals)
{
	char question[128], answer[2048];
	double timed[RUNS];

	snprintf(question, sizeof(question), "run %s %d %d", row->kernel, row->n, workers);
	for (int i = 0; i < RUNS; i++) {
		if (launch_ask(launch, question, answer, sizeof(answer), TIMEOUT_S) != ANSWERED
		    || sscanf(answer, "%lf", &timed[i]) != 1)
			return false;
		if (steals == NULL || i == 0)
			continue;
		if (launch_ask(launch, "stats", answer, sizeof(answer), TIMEOUT_S) != ANSWERED)
			return false;
		const char *at = strstr(answer, "steals=");

		if (at == NULL || sscanf(at, "steals=%lf", &steals[i - 1]) != 1)
			return false;
	}
	*seconds = median(timed + 1, RUNS - 1);
	return true;
}

/* A launch that nobody disturbed, or the last of TRIES. */
static bool
launch_alone(const char *bench, const char *name, const struct row *row, int workers,
    double *seconds, double *steals)
{
	const struct timespec pause = { 0, 100000000 };
	bool disturbed = true;
	char path[512];
	cpu_set_t cpus;

	snprintf(path, sizeof(path), "%s/%s", bench, name);
	sample_cpus(&cpus, CPUS, 0);
	for (int i = 0; i < TRIES && disturbed; i++) {
		struct rusage used;
		struct launch launch;

		if (i > 0)
			nanosleep(&pause, NULL);
		struct load before = load_now(&cpus);

		if (launch_start(&launch, path, &cpus) != 0)
			return false;
		bool ok = ask_runs(&launch, row, workers, seconds, steals);

		if (launch_end(&launch, !ok, &used) != 0 || !ok)
			return false;
		struct load after = load_now(&cpus);
		double own = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
		    + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;

		disturbed = load_disturbed(before, after, load_foreign(before, after, own), CPUS);
	}
	launches_made++;
	launches_disturbed += disturbed;
	return true;
}

/* One launch of each side of each row in turn, so that a change of the machine's speed
 * meets all alike. */
static bool
run_all(const char *bench, int launches, struct real *real)
{
	for (int i = 0; i < launches; i++)
		for (int r = 0; r < ROWS; r++) {
			const char *name = rows[r].replayed ? "simulate/replay" : "filch_typed";

			if ((!rows[r].replayed && !launch_alone(bench, "serial", &rows[r], 1,
			        &real[r].serial[i], NULL))
			    || !launch_alone(bench, name, &rows[r], 1, &real[r].one[i], NULL)
			    || !launch_alone(bench, name, &rows[r], 2, &real[r].two[i],
			        &real[r].steals[i * (RUNS - 1)])) {
				fprintf(stderr, "simulate: %s cannot run %s\n", name,
				    rows[r].kernel);
				return false;
			}
		}
	return true;
}

/* Prints the row; 1 if it is apart and should not be, -1 if it failed. */
static int
compare(const struct row *row, const struct real *real, int launches,
    const struct sim_config *config, int seeds, int percent)
{
	struct prediction predicted;
	struct sim_config fitted = *config;
	double one = median(real->one, (size_t)launches);
	double two = median(real->two, (size_t)launches);
	double serial = row->replayed ? 0 : median(real->serial, (size_t)launches);
	size_t runs = (size_t)launches * (RUNS - 1);
	double steals = median(real->steals, runs);
	double low = quantile(real->steals, runs, 0.25), high = quantile(real->steals, runs, 0.75);

	if (!predict(config, row->dag, 1, 1e9 * serial, 1, &predicted))
		return -1;
	if (row->replayed)
		serial = predicted.work_ns / 1e9;
	else
		fitted.costs.spawn_ps = (int64_t)fmax(0,
		    1e12 * (one - serial) / predicted.forks);
	if (!predict(&fitted, row->dag, 2, 1e9 * serial, seeds, &predicted))
		return -1;
	double ratio = predicted.steals / steals, up = predicted.seconds / two;
	bool stable = high - low <= STABLE * steals;
	bool steals_apart = fabs(ratio - 1) > percent / 100.0;
	bool time_apart = fabs(up - 1) > percent / 100.0;

	printf("|%s|%.1f|%.0f (%.0f-%.0f)|%.0f (%.0f-%.0f)|%.2f%s|%.2f|%.2f|%.2f%s|\n", row->dag,
	    1e3 * serial, steals, low, high, predicted.steals, predicted.steals_low,
	    predicted.steals_high, ratio, !stable ? " unstable" : steals_apart ? " !" : "",
	    serial / two, serial / predicted.seconds, 1 / up, time_apart ? " !" : "");
	fflush(stdout);
	return (stable && steals_apart) || time_apart;
}

int
against(const char *bench, const struct sim_config *config, int seeds, int percent, int launches)
{
	static struct real real[ROWS];
	int apart = 0;

	if (launches > LAUNCHES_MAX || !run_all(bench, launches, real))
		return -1;
	printf("|DAG|serial ms|steals, real (quartiles)|simulated|simulated / real"
	    "|speed-up, real|simulated|simulated / real|\n|---|---|---|---|---|---|---|---|\n");
	for (int r = 0; r < ROWS; r++) {
		int one = compare(&rows[r], &real[r], launches, config, seeds, percent);

		if (one < 0)
			return -1;
		apart += one;
	}
	printf("\n%d launches, of which others disturbed %d; %d seeds\n", launches_made,
	    launches_disturbed, seeds);
	return apart;
}
