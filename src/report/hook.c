/* SPDX-License-Identifier: BSD-2-Clause */
/* FILCH_METRICS=PATH: a report at exit and whenever SIGUSR1 comes. */
#include "base/atomic.h"
#include "base/fork_generation.h"
#include "base/upcall.h"
#include "report/file.h"
#include "report/write.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set once, before the handler is. */
static char pattern[PATH_MAX];
static char path[PATH_MAX];
static int format;
static pid_t process;
static struct sigaction before;

static flc_atomic started;
static flc_atomic writing;

/* The end of the path says what is wanted. */
static int
format_of(const char *name)
{
	static const struct {
		const char *end;
		int format;
	} formats[] = {
		{ ".json", FILCH_METRICS_JSON },
		{ ".prom", FILCH_METRICS_PROMETHEUS },
		{ ".om", FILCH_METRICS_OPENMETRICS },
		{ ".openmetrics", FILCH_METRICS_OPENMETRICS },
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(dot, formats[i].end) == 0)
			return formats[i].format;
	return FILCH_METRICS_TEXT;
}

/* The path with the process in place of %p; false if it is too long.  As a renewal may do
 * it: without printf(). */
static bool
fill_path(void)
{
	const char *mark = strstr(pattern, "%p");
	size_t head = mark == NULL ? strlen(pattern) : (size_t)(mark - pattern);
	const char *rest = mark == NULL ? "" : mark + 2;
	char digits[24];
	size_t at = sizeof(digits) - 1, number = (size_t)getpid();

	process = getpid();
	digits[at] = '\0';
	for (; mark != NULL && number > 0; number /= 10)
		digits[--at] = (char)('0' + number % 10);
	if (head + strlen(digits + at) + strlen(rest) >= sizeof(path))
		return false;
	memcpy(path, pattern, head);
	strcpy(path + head, digits + at);
	strcat(path, rest);
	return true;
}

/* In a forked child that counts something, too: a %p makes it a file of its own. */
static void
renew(struct flc_renewal *unused)
{
	(void)unused;
	flc_store_relaxed(&writing, 0);
	if (strstr(pattern, "%p") != NULL && !fill_path())
		path[0] = '\0';
}

static struct flc_renewal renewal = FLC_RENEWAL_INIT(renew);

/* Leaves it to the writer that is at it already: another thread, or the one we interrupt.
 * A forked child would write over its parent's. */
static void
report(void)
{
	if (process != getpid() || !flc_cas_full(&writing, 0, 1))
		return;
	flc_report_to_file(path, format);
	flc_store_release(&writing, 0);
}

static void
on_signal(int number, siginfo_t *info, void *context)
{
	int error = errno;

	report();
	errno = error;
	if (before.sa_flags & SA_SIGINFO)
		before.sa_sigaction(number, info, context);
	else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
		before.sa_handler(number);
}

static bool
had_handler(void)
{
	return (before.sa_flags & SA_SIGINFO)
	    || (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN);
}

static void
handle_signal(void)
{
	struct sigaction ours;

	if (sigaction(SIGUSR1, NULL, &before) != 0)
		return;
	memset(&ours, 0, sizeof(ours));
	sigemptyset(&ours.sa_mask);
	ours.sa_flags = SA_RESTART;
	/* The handler that we call expects the flags that it was installed with. */
	if (had_handler()) {
		ours.sa_mask = before.sa_mask;
		ours.sa_flags = before.sa_flags & ~(int)SA_RESETHAND;
	}
	ours.sa_flags |= SA_SIGINFO;
	ours.sa_sigaction = on_signal;
	(void)sigaction(SIGUSR1, &ours, NULL);
}

void
flc_report_start(void)
{
	const char *value = secure_getenv("FILCH_METRICS");

	if (value == NULL || *value == '\0' || strlen(value) >= sizeof(pattern)
	    || flc_load_relaxed(&started) != 0)
		return;
	strcpy(pattern, value);
	if (!fill_path())
		return;
	flc_renewal_register(&renewal);
	format = format_of(path);
	/* release [report.started]: the paths.  The reader runs at exit, so no tool shows
	 * it weakened. */
	flc_store_release(&started, 1);
	handle_signal();
}

/* At exit, after the program's own handlers, and before the library is unloaded. */
__attribute__((destructor)) static void
end(void)
{
	struct sigaction present;

	/* acquire [report.started]: the paths. */
	if (flc_load_acquire(&started) == 0)
		return;
	report();
	if (sigaction(SIGUSR1, NULL, &present) == 0 && (present.sa_flags & SA_SIGINFO)
	    && present.sa_sigaction == on_signal)
		(void)sigaction(SIGUSR1, &before, NULL);
}
