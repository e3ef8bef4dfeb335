/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is called async-signal-safe is called in a handler at any instruction: a process
 * is stepped through each scene by ptrace(2), and every few instructions a signal comes.
 * The handler must come to its end, in a process that is not stopped anywhere else, and
 * no counter may shrink for it.
 *
 * FILCH_STEP_EVERY=N: a signal each N instructions on average (61).  FILCH_STEP_MOST=N:
 * so many instructions of a scene (20000); 0: all.
 */
#include "monotone.h"
#include "step_scenes.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_S 60

/* -- The handler -- */

static struct monotone seen;
static volatile sig_atomic_t broken;

static void
handle(int unused)
{
	int error = errno;
	uint64_t now = filch_now();

	(void)unused;
	if (filch_dump(null_fd) != FILCH_OK || filch_now() < now)
		broken = 1;
	if (filch_metrics_write_fd(NULL, seen.reads % 3 == 0 ? FILCH_METRICS_JSON
	    : FILCH_METRICS_TEXT, null_fd) != FILCH_OK)
		broken = 2;
	if (monotone_read(&seen) != FILCH_OK || seen.shrunk > 0)
		broken = 3;
	if (filch_version()[0] == '\0' || filch_status_text(FILCH_CLOSED)[0] == '\0')
		broken = 4;
	/* To the stepping process: done. */
	raise(SIGSTOP);
	errno = error;
}

/* -- Stepping -- */

static long every = 61, most = 20000;
static volatile sig_atomic_t timed_out;

static void
on_alarm(int unused)
{
	(void)unused;
	timed_out = 1;
}

/* The next stop; false: none came. */
static bool
until_stopped(pid_t child, int *status)
{
	bool stopped;

	alarm(HANG_S);
	stopped = waitpid(child, status, 0) == child;
	alarm(0);
	return stopped;
}

struct walk {
	long steps, handlers;
	unsigned long seed;
	const char *fault;
};

static long
next_gap(struct walk *walk)
{
	walk->seed = walk->seed * 6364136223846793005u + 1442695040888963407u;
	return 1 + (long)((walk->seed >> 33) % (unsigned long)(2 * every - 1));
}

static bool
ended(struct walk *walk, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		walk->fault = "the scene failed";
	else if (WIFSIGNALED(status))
		walk->fault = "the scene died of a signal";
	return !WIFSTOPPED(status);
}

/* From a stop on: a step, or the next handler. */
static void
walk_through(pid_t child, struct walk *walk)
{
	long gap = next_gap(walk);
	int status;

	for (;;) {
		bool stepping = gap-- > 0;
		bool last = most > 0 && walk->steps >= most;
		long request = stepping && !last ? PTRACE_SINGLESTEP : PTRACE_CONT;

		walk->steps++;
		if (ptrace(request, child, NULL, (void *)(stepping || last ? 0L : (long)SIGUSR2))
		    != 0)
			walk->fault = "ptrace refuses to go on";
		else if (!until_stopped(child, &status))
			walk->fault = timed_out ? "nothing goes on: a hang"
			    : "no child to wait for";
		else if (!ended(walk, status)) {
			if (stepping)
				continue;
			/* The handler's last act; or nothing: it was blocked until the
			 * end. */
			walk->handlers += WSTOPSIG(status) == SIGSTOP;
			gap = next_gap(walk);
			continue;
		}
		return;
	}
}

static void
step_through(const struct scene *scene, struct walk *walk)
{
	struct sigaction action = { .sa_handler = handle };
	pid_t child;
	int status;

	if (scene->forked)
		scene->prepare();
	child = fork();
	if (child == 0) {
		if (!scene->forked)
			scene->prepare();
		sigaction(SIGUSR2, &action, NULL);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		raise(SIGSTOP);
		scene->run();
		if (broken == 3 && seen.shrunk > 0)
			fprintf(stderr, "# it shrank: %s\n", seen.worst);
		NEED(broken == 0);
		_exit(0);
	}
	if (!until_stopped(child, &status))
		walk->fault = "the scene does not begin";
	else if (WIFEXITED(status))
		walk->fault = WEXITSTATUS(status) == 77 ? "SKIP ptrace" : "the preparation failed";
	else
		walk_through(child, walk);
	kill(child, SIGKILL);
}

/* In a process of its own, which may use the library before it forks. */
static void
run_scene(int i)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct walk walk = { .seed = (unsigned long)i + 1 };

	sigaction(SIGALRM, &action, NULL);
	step_through(&scenes[i], &walk);
	if (walk.fault == NULL && walk.handlers < 10)
		walk.fault = "hardly a handler ran";
	printf("# %s: %ld steps, %ld handlers\n", scenes[i].name, walk.steps, walk.handlers);
	if (walk.fault != NULL)
		printf("# %s\n", walk.fault);
	fflush(stdout);
	_exit(walk.fault == NULL ? 0 : strcmp(walk.fault, "SKIP ptrace") == 0 ? 77 : 1);
}

static bool
ptrace_works(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return false;
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return true;
}

static void
set_by(const char *name, long *number)
{
	const char *value = getenv(name);

	if (value != NULL && atol(value) >= 0)
		*number = atol(value);
}

int
main(int argc, char **argv)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
	return tap_skip_all("a sanitizer handles the signals itself");
#endif
	if (!ptrace_works())
		return tap_skip_all("ptrace is refused here");
	unsetenv("FILCH_METRICS");
	set_by("FILCH_STEP_EVERY", &every);
	set_by("FILCH_STEP_MOST", &most);
	every = every < 1 ? 1 : every;
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (argc > 1)
		run_scene(atoi(argv[1]) % SCENES);
	tap_plan(SCENES);
	for (int i = 0; i < SCENES; i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			run_scene(i);
		waitpid(child, &status, 0);
		tap_result(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "a handler at any instruction: %s", scenes[i].name);
	}
	return tap_status();
}
