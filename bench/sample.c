/* SPDX-License-Identifier: BSD-2-Clause */
#include "sample.h"
#include "load.h"
#include "stats.h"

#include <stdio.h>
#include <string.h>

void
sample_cpus(cpu_set_t *cpus, int workers, int first)
{
	cpu_set_t allowed;
	int list[CPU_SETSIZE];
	int count = 0;

	CPU_ZERO(cpus);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed))
			list[count++] = cpu;
	}
	for (int i = 0; i < workers && i < count; i++)
		CPU_SET(list[(first + i) % count], cpus);
}

/* Fills seconds, checksum and stats; counts the runs in *runs. */
static void
ask_runs(struct launch *launch, const char *question, double timeout_s, struct sample *sample,
    int *runs)
{
	double seconds[SAMPLE_RUNS];
	char answer[512];

	double start_s = clock_seconds();

	*runs = 0;
	while (*runs < SAMPLE_RUNS) {
		sample->outcome = launch_ask(launch, question, answer, sizeof(answer), timeout_s);
		if (sample->outcome != ANSWERED)
			return;
		if (sscanf(answer, "%lf %79[^\n]", &seconds[*runs], sample->checksum) != 2) {
			sample->refused = 1;
			snprintf(sample->checksum, sizeof(sample->checksum), "%.79s", answer);
			return;
		}
		++*runs;
		if (clock_seconds() - start_s > SAMPLE_ENOUGH_S)
			break;
	}
	sample->seconds = *runs == 1 ? seconds[0] :
	    median(seconds + 1, (size_t)*runs - 1);
	if (launch_ask(launch, "stats", sample->stats, sizeof(sample->stats), 5) != ANSWERED ||
	    strncmp(sample->stats, "error", 5) == 0)
		sample->stats[0] = '\0';
}

struct sample
sample_take(const char *path, const char *kernel, unsigned long long n, int workers,
    const cpu_set_t *cpus, double timeout_s)
{
	struct sample sample;
	struct launch launch;
	struct rusage used;
	char question[128];
	int runs;

	memset(&sample, 0, sizeof(sample));
	memset(&used, 0, sizeof(used));
	snprintf(question, sizeof(question), "run %s %llu %d", kernel, n, workers);

	struct load before = load_now(cpus);

	if (launch_start(&launch, path, cpus) != 0) {
		sample.outcome = CRASHED;
		return sample;
	}
	ask_runs(&launch, question, timeout_s, &sample, &runs);
	if (launch_end(&launch, sample.outcome != ANSWERED, &used) != 0 &&
	    sample.outcome == ANSWERED && !sample.refused)
		sample.outcome = CRASHED;

	struct load after = load_now(cpus);
	double own_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;

	sample.cpu_seconds = own_s / (runs > 0 ? runs : 1);
	sample.rss_kb = (double)used.ru_maxrss;
	sample.foreign_s = load_foreign(before, after, own_s);
	sample.disturbed = load_disturbed(before, after, sample.foreign_s, CPU_COUNT(cpus));
	return sample;
}
