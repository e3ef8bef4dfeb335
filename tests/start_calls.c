/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many system calls the shortest program makes: a pool, a loop, the end.  It is
 * traced by ptrace(2) from its exec to its exit, all threads together, on two CPUs.
 */
#include "base/compiler.h"
#include "tap.h"

#include <filch.h>

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bounds; OpenMP's makes 82.  Most of ours read what the CPUs share from /sys. */
#define WITH_WORKERS 200
#define WITHOUT_WORKERS 180

/* -- The program -- */

static int
nothing(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	return FILCH_OK;
}

/* Nothing here describes another machine. */
static bool
has_hwloc(void)
{
	char line[512];
	bool found = false;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		found |= strstr(line, "hwloc") != NULL;
	if (maps != NULL)
		fclose(maps);
	return found;
}

static int
program(const char *what)
{
	if (filch_for(0, 1000000, nothing, NULL, NULL) != FILCH_OK)
		return 1;
	return strcmp(what, "maps") == 0 && has_hwloc();
}

/* -- Its trace -- */

/* A thread of it, and whether it is inside of a call. */
struct thread {
	pid_t id;
	bool inside;
};

struct trace {
	pid_t child;
	struct thread thread[64];
	size_t threads;
	long calls;
	int status;      /* that of waitpid(), at the end */
};

static struct thread *
thread_of(struct trace *trace, pid_t id)
{
	size_t i = 0;

	while (i < trace->threads && trace->thread[i].id != id)
		i++;
	if (i == trace->threads && i < sizeof(trace->thread) / sizeof(trace->thread[0]))
		trace->thread[trace->threads++] = (struct thread){ id, false };
	return &trace->thread[i < trace->threads ? i : 0];
}

/* One stop; the signal that goes on to the thread. */
static int
see(struct trace *trace, pid_t id, int status)
{
	struct thread *thread = thread_of(trace, id);
	int signal = WSTOPSIG(status);

	if (signal == (SIGTRAP | 0x80)) {
		thread->inside = !thread->inside;
		trace->calls += thread->inside;
		return 0;
	}
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
		trace->calls = 1;
		thread->inside = true;
	}
	return signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
}

/* False if tracing is refused. */
static bool
follow(struct trace *trace)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC
	    | PTRACE_O_EXITKILL;
	int status;

	if (waitpid(trace->child, &status, __WALL) != trace->child || !WIFSTOPPED(status))
		return false;
	if (ptrace(PTRACE_SETOPTIONS, trace->child, NULL, (void *)options) != 0 ||
	    ptrace(PTRACE_SYSCALL, trace->child, NULL, NULL) != 0)
		return false;
	for (;;) {
		pid_t id = waitpid(-1, &status, __WALL);

		if (id < 0)
			return false;
		if (id == trace->child && !WIFSTOPPED(status)) {
			trace->status = status;
			return true;
		}
		/* It fails when the thread has just ended. */
		if (WIFSTOPPED(status))
			(void)ptrace(PTRACE_SYSCALL, id, NULL,
			    (void *)(long)see(trace, id, status));
	}
}

/* 0: refused; the first stop is our own. */
static bool
run(struct trace *trace, char *self, const char *what)
{
	memset(trace, 0, sizeof(*trace));
	trace->child = fork();
	if (trace->child == 0) {
		char *arguments[] = { self, (char *)what, NULL };

		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0)
			execv("/proc/self/exe", arguments);
		_exit(77);
	}
	if (trace->child > 0 && follow(trace))
		return true;
	if (trace->child > 0)
		(void)kill(trace->child, SIGKILL);
	return false;
}

/* -- The scenes -- */

static void
scene(char *self, const char *workers, long bound)
{
	struct trace trace;

	setenv("FILCH_WORKERS", workers, 1);
	bool traced = run(&trace, self, "calls");
	tap_result(traced && trace.status == 0 && trace.calls > 10 && trace.calls <= bound,
	    "FILCH_WORKERS=%s: %ld system calls, at most %ld", workers, trace.calls, bound);
	traced = run(&trace, self, "maps");
	tap_result(traced && trace.status == 0, "FILCH_WORKERS=%s does not load hwloc", workers);
}

/* Reading /sys takes calls for each CPU. */
static void
take_two_cpus(void)
{
	cpu_set_t all, two;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return;
	CPU_ZERO(&two);
	for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&two) < 2; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &two);
	(void)sched_setaffinity(0, sizeof(two), &two);
}

int
main(int argc, char **argv)
{
	static const char *const described[] = {
		"HWLOC_XMLFILE", "HWLOC_SYNTHETIC", "HWLOC_FSROOT",
	};
	struct trace trace;

	if (argc > 1)
		return program(argv[1]);
#ifdef FILCH_SANITIZED
	return tap_skip_all("a sanitizer makes calls of its own");
#endif
	for (size_t i = 0; i < sizeof(described) / sizeof(described[0]); i++)
		unsetenv(described[i]);
	take_two_cpus();
	if (!run(&trace, argv[0], "calls"))
		return tap_skip_all("ptrace is refused here");
	tap_plan(4);
	scene(argv[0], "2", WITH_WORKERS);
	scene(argv[0], "none", WITHOUT_WORKERS);
	return tap_status();
}
