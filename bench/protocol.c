/* SPDX-License-Identifier: BSD-2-Clause */
#include "protocol.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The last run's data is kept: a driver asks for the same again and again. */
static struct {
	const struct workload *workload;
	uint64_t n;
	void *data;
} kept;

static struct {
	double seconds, cpu_seconds, p99;
	uint64_t units, repeat;
} last;

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const struct bench_kernel *
find(const struct bench_peer *peer, const char *name)
{
	for (const struct bench_kernel *k = peer->kernels; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static void
forget(void)
{
	if (kept.data != NULL)
		kept.workload->destroy(kept.data);
	kept.workload = NULL;
	kept.data = NULL;
}

/* Returns what is wrong, or NULL. */
static const char *
prepare(const struct workload *workload, uint64_t n)
{
	if (kept.workload == workload && kept.n == n)
		return NULL;
	forget();
	if (workload->create != NULL) {
		/* No workload of the suite has more items; sizes multiply safely. */
		if (n > (uint64_t)1 << 32)
			return "size out of range";
		kept.data = workload->create(n);
		if (kept.data == NULL)
			return "size out of range or no memory";
	}
	kept.workload = workload;
	kept.n = n;
	return NULL;
}

static const char *
run(const struct bench_peer *peer, const char *name, uint64_t n, uint64_t workers)
{
	static uint64_t ready_for;
	const struct bench_kernel *kernel = find(peer, name);
	const struct workload *workload = workload_find(name);
	const char *error;

	if (kernel == NULL || workload == NULL)
		return "unknown kernel";
	if (workers == 0 || workers > 65536)
		return "bad number of workers";
	if (n == 0)
		n = workload->full;
	error = prepare(workload, n);
	if (error != NULL)
		return error;
	if (ready_for != workers && peer->set_workers != NULL) {
		ready_for = 0;
		if (peer->set_workers(workers) != 0)
			return "cannot start the workers";
	}
	ready_for = workers;
	if (workload->reset != NULL)
		workload->reset(kept.data);
	if (peer->before_run != NULL)
		peer->before_run();

	struct bench_report report = { -1, 0 };
	struct bench_case run = { n, workers, workload->repeat ? workload->repeat(n) : 1,
		&report, kept.data };
	double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	double start = now(CLOCK_MONOTONIC);
	uint64_t result = kernel->run(&run);

	last.seconds = now(CLOCK_MONOTONIC) - start;
	last.cpu_seconds = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	last.p99 = report.p99;
	last.repeat = run.repeat;
	last.units = workload->check != NULL ? result : 0;
	printf("%.9f %" PRIu64 "\n",
	    report.seconds >= 0 ? report.seconds : last.seconds / (double)run.repeat,
	    workload->check != NULL ? workload->check(kept.data) : result);
	return NULL;
}

static void
stats(const struct bench_peer *peer)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("total_seconds=%.9f cpu_seconds=%.9f repeat=%" PRIu64 " units=%" PRIu64
	    " p99=%.9f peak_rss_kb=%ld", last.seconds, last.cpu_seconds, last.repeat, last.units,
	    last.p99, usage.ru_maxrss);
	if (peer->print_stats != NULL)
		peer->print_stats();
	printf("\n");
}

static void
list(const struct bench_peer *peer)
{
	for (const struct bench_kernel *k = peer->kernels; k->name != NULL; k++)
		printf("%s\n", k->name);
	printf("\n");
}

/* Every workload with its sizes: kernel, full, small. */
static void
sizes(void)
{
	const struct workload *workload;

	for (size_t i = 0; (workload = workload_at(i)) != NULL; i++)
		printf("%s %" PRIu64 " %" PRIu64 "\n", workload->name, workload->full,
		    workload->small);
	printf("\n");
}

static void
answer(const struct bench_peer *peer, const char *line)
{
	char name[64], rest;
	uint64_t n, workers;
	const char *error = NULL;

	if (sscanf(line, "run %63s %" SCNu64 " %" SCNu64 " %c", name, &n, &workers, &rest) == 3)
		error = run(peer, name, n, workers);
	else if (strcmp(line, "list\n") == 0)
		list(peer);
	else if (strcmp(line, "sizes\n") == 0)
		sizes();
	else if (strcmp(line, "stats\n") == 0)
		stats(peer);
	else if (strcmp(line, "build\n") == 0)
		printf("%s\n", peer->build != NULL ? peer->build() : "ok");
	else
		error = "not understood";
	if (error != NULL)
		printf("error %s\n", error);
	fflush(stdout);
}

int
bench_serve(const struct bench_peer *peer)
{
	char line[256];

	/* Memory that a kernel frees stays mapped, so that kernels that allocate do not
	 * time page faults. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	while (fgets(line, sizeof(line), stdin) != NULL)
		answer(peer, line);
	forget();
	return 0;
}
