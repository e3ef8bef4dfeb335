/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer is an executable that answers the suite's line protocol; a launch is one process
 * of it, pinned to given CPUs.  Each question has a time limit: a peer that crashes or
 * hangs is an answer, never a hang of the asker.
 */
#ifndef BENCH_LAUNCH_H
#define BENCH_LAUNCH_H

#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sched.h>

enum answer {
	ANSWERED,
	CRASHED,  /* the process ended or closed its output */
	TIMED_OUT /* and was killed */
};

struct launch {
	pid_t pid;
	int to, from;        /* its standard input and output */
	size_t held;         /* bytes in buffer that follow the last line taken */
	char buffer[8192];
};

/* Starts path pinned to cpus (NULL: wherever the caller may run).  0 or errno. */
int launch_start(struct launch *launch, const char *path, const cpu_set_t *cpus);

/* Sends a line and takes the first line of the answer, without its newline. */
enum answer launch_ask(struct launch *launch, const char *question, char *answer,
    size_t size, double timeout_s);

/* Takes one more line. */
enum answer launch_line(struct launch *launch, char *line, size_t size, double timeout_s);

/*
 * Closes its input, waits for its end (kills it after a second, or at once if kill_now)
 * and reads what it used.  Returns non-zero if it ended badly.
 */
int launch_end(struct launch *launch, int kill_now, struct rusage *used);

/* CLOCK_MONOTONIC in seconds. */
double clock_seconds(void);

#endif /* BENCH_LAUNCH_H */
