/* SPDX-License-Identifier: BSD-2-Clause */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_S 1.0 /* between the end of input and the kill */

double
clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static _Noreturn void
become_peer(const char *path, const cpu_set_t *cpus, const int input[2], const int output[2])
{
	/* Its own group, so that a wrapper script dies with what it started. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (cpus != NULL)
		sched_setaffinity(0, sizeof(*cpus), cpus);
	dup2(input[0], STDIN_FILENO);
	dup2(output[1], STDOUT_FILENO);
	execl(path, path, (char *)NULL);
	_exit(127);
}

int
launch_start(struct launch *launch, const char *path, const cpu_set_t *cpus)
{
	int input[2], output[2];

	if (pipe2(input, O_CLOEXEC) != 0)
		return errno;
	if (pipe2(output, O_CLOEXEC) != 0) {
		int failure = errno;

		close(input[0]);
		close(input[1]);
		return failure;
	}
	launch->held = 0;
	launch->pid = fork();
	if (launch->pid == 0)
		become_peer(path, cpus, input, output);
	int failure = errno;

	close(input[0]);
	close(output[1]);
	launch->to = input[1];
	launch->from = output[0];
	if (launch->pid > 0)
		return 0;
	close(launch->to);
	close(launch->from);
	return failure;
}

static void
kill_group(pid_t pid)
{
	if (kill(-pid, SIGKILL) != 0)
		kill(pid, SIGKILL);
}

/* Moves a whole line out of the buffer; 0 if there is none yet. */
static int
take_line(struct launch *launch, char *line, size_t size)
{
	char *end = memchr(launch->buffer, '\n', launch->held);

	if (end == NULL)
		return 0;
	size_t length = (size_t)(end - launch->buffer);
	size_t kept = length < size ? length : size - 1;

	memcpy(line, launch->buffer, kept);
	line[kept] = '\0';
	launch->held -= length + 1;
	memmove(launch->buffer, end + 1, launch->held);
	return 1;
}

enum answer
launch_line(struct launch *launch, char *line, size_t size, double timeout_s)
{
	double deadline = clock_seconds() + timeout_s;

	while (!take_line(launch, line, size)) {
		double left = deadline - clock_seconds();
		struct pollfd ready = { .fd = launch->from, .events = POLLIN };
		int polled = left > 0 ? poll(&ready, 1, (int)(left * 1e3) + 1) : 0;

		if (polled < 0 && errno == EINTR)
			continue;
		if (polled <= 0) {
			kill_group(launch->pid);
			return TIMED_OUT;
		}
		/* A line longer than the buffer is no answer of ours. */
		ssize_t got = launch->held == sizeof(launch->buffer) ? 0 :
		    read(launch->from, launch->buffer + launch->held,
			sizeof(launch->buffer) - launch->held);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return CRASHED;
		launch->held += (size_t)got;
	}
	return ANSWERED;
}

enum answer
launch_ask(struct launch *launch, const char *question, char *answer, size_t size,
    double timeout_s)
{
	char text[512];
	size_t length = strlen(question);

	if (length + 2 > sizeof(text))
		return CRASHED;
	memcpy(text, question, length);
	text[length] = '\n';
	if (write(launch->to, text, length + 1) != (ssize_t)length + 1)
		return CRASHED;
	return launch_line(launch, answer, size, timeout_s);
}

int
launch_end(struct launch *launch, int kill_now, struct rusage *used)
{
	double deadline = clock_seconds() + GRACE_S;
	struct timespec nap = { 0, 200000 };
	int status = 0;
	pid_t ended;

	close(launch->to);
	if (kill_now)
		kill_group(launch->pid);
	while ((ended = wait4(launch->pid, &status, WNOHANG, used)) != launch->pid) {
		if (ended < 0 && errno != EINTR)
			break;
		if (clock_seconds() > deadline) {
			kill_group(launch->pid);
			deadline += GRACE_S;
		}
		nanosleep(&nap, NULL);
	}
	/* What a wrapper left behind. */
	kill(-launch->pid, SIGKILL);
	close(launch->from);
	return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
