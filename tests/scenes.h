/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that write a report as FILCH_METRICS says, for its tests. */
#ifndef FILCH_TEST_SCENES_H
#define FILCH_TEST_SCENES_H

#include "exports.h"

#include <sys/resource.h>

/* -- The folder and its reports -- */

static char folder[] = "/tmp/filch-export.XXXXXX";

static inline void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void
remove_folder(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static inline void
read_file(const char *name)
{
	char path[200];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	if (file == NULL)
		ck_abort_msg("no %s", path);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
}

/* Runs this program as `scene`, with FILCH_METRICS=folder/name. */
static inline pid_t
run_scene(const char *scene, const char *name)
{
	char variable[200];
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child != 0)
		return child;
	snprintf(variable, sizeof(variable), name[0] == '/' ? "%.0s%s" : "%s/%s", folder, name);
	setenv("FILCH_METRICS", variable, 1);
	execl("/proc/self/exe", "check_hook", scene, (char *)NULL);
	_exit(99);
}

static inline void
expect_exit(pid_t child, int code)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		ck_abort_msg("the child's status is %#x", (unsigned)status);
}

/* -- The scenes -- */

static volatile sig_atomic_t handled;

static inline void
on_signal(int number, siginfo_t *info, void *unused)
{
	(void)unused;
	handled = number == SIGUSR1 && info->si_pid == getpid();
}

/* Exit code 0 if all was right. */
static inline int
signal_scene(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };
	const char *path = getenv("FILCH_METRICS");

	action.sa_sigaction = on_signal;
	sigaction(SIGUSR1, &action, NULL);
	count_objects();
	if (access(path, F_OK) == 0)
		return 1;
	errno = 1234;
	raise(SIGUSR1);
	if (errno != 1234 || !handled || access(path, R_OK) != 0)
		return 2;
	unlink(path);
	raise(SIGUSR1);
	return access(path, R_OK) == 0 ? 0 : 3;
}

static inline int
fork_scene(void)
{
	struct flc_mutex_row *row = flc_page_mutex_row("fork");
	pid_t child;
	int status;

	flc_row_count(&row->row, &row->acquisitions, 2);
	child = fork();
	if (child == 0) {
		flc_page();
		flc_row_count(&row->row, &row->acquisitions, 70);
		exit(0);
	}
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}

/* Until somebody reads it, the fifo cannot be opened to write. */
static inline int
small_scene(void)
{
	const char *path = getenv("FILCH_METRICS");
	int fd = open(path, O_WRONLY);

	if (fd < 0 || fcntl(fd, F_SETPIPE_SZ, 4096) < 4096)
		return 1;
	return filch_pool_run(NULL, work, NULL);
}

static inline int
scene(const char *name)
{
	static const struct rlimit little = { 1000, 1000 };

	if (strcmp(name, "small") == 0)
		return small_scene();
	if (strcmp(name, "limit") == 0 && setrlimit(RLIMIT_FSIZE, &little) == 0)
		return filch_pool_run(NULL, work, NULL);
	if (strcmp(name, "raise") == 0)
		return filch_pool_run(NULL, work, NULL) + raise(SIGUSR1);
	if (strcmp(name, "signal") == 0)
		return signal_scene();
	if (strcmp(name, "fork") == 0)
		return fork_scene();
	if (strcmp(name, "ended") == 0)
		return ended_scene();
	return strcmp(name, "live") == 0 ? filch_pool_run(NULL, work, NULL) : 99;
}

#endif /* FILCH_TEST_SCENES_H */
