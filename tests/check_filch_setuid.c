/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that runs with more rights than its caller takes nothing from the caller's
 * environment.  This one copies itself, gives the copy the set-user-id bit of root and
 * runs it as another user; for that it must be root itself.
 */
#include "base/compiler.h"
#include "test.h"

#include <filch.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, NOT_SECURE = 3, ASKED_HWLOC = 4 };

/* What the copy is told to be. */
static char plain[] = "plain", secure[] = "secure";

static char folder[] = "/tmp/filch-setuid-XXXXXX";
static char copy[PATH_MAX], metrics[PATH_MAX];

/* -- What the copy does -- */

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);

/* hwloc, the only library that is loaded, reads variables of its own, one of which names
 * plug-ins. */
void *
__wrap_dlopen(const char *name, int flags)
{
	if (getauxval(AT_SECURE) != 0)
		_exit(ASKED_HWLOC);
	return __real_dlopen(name, flags);
}

static int
nothing(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	return FILCH_OK;
}

/* Tells on standard output how its pool came to be. */
static int
tell(bool has_rights)
{
	char text[4096];

	if ((getauxval(AT_SECURE) != 0) != has_rights)
		return NOT_SECURE;
	if (filch_for(0, 100000, nothing, NULL, NULL) != FILCH_OK)
		return 1;
	filch_pool_describe(NULL, text, sizeof(text));
	puts(text);
	return 0;
}

/* -- What the test does -- */

/* Also outside of tests. */
#define MUST(fact) ((fact) ? (void)0 : (perror(#fact), exit(EXIT_FAILURE)))

static void
copy_self(mode_t mode)
{
	char buffer[65536];
	ssize_t length;
	int from = open("/proc/self/exe", O_RDONLY), to;

	unlink(copy);
	to = open(copy, O_WRONLY | O_CREAT | O_EXCL, 0700);
	MUST(from >= 0 && to >= 0);
	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		MUST(write(to, buffer, (size_t)length) == length);
	MUST(fchmod(to, mode) == 0);
	close(from);
	close(to);
}

static void
setup(void)
{
	MUST(mkdtemp(folder) != NULL);
	/* Both users may make files there. */
	MUST(chmod(folder, 0777) == 0);
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	snprintf(metrics, sizeof(metrics), "%s/metrics", folder);
}

static void
teardown(void)
{
	unlink(copy);
	unlink(metrics);
	rmdir(folder);
}

/* Runs the copy as another user, in an environment that asks for much.  Gives its exit
 * status, and what it wrote. */
static int
run_copy(char *how, char *output, size_t size)
{
	char metrics_variable[PATH_MAX + 16], plugins[PATH_MAX + 32];
	char synthetic[] = "HWLOC_SYNTHETIC=core:3 pu:1", workers[] = "FILCH_WORKERS=5";
	char display[] = "FILCH_DISPLAY=1", verbose[] = "HWLOC_PLUGINS_VERBOSE=1";
	char *arguments[] = { copy, how, NULL };
	char *environment[] = {
		synthetic, workers, display, metrics_variable, plugins, verbose, NULL,
	};
	int ends[2], status;

	snprintf(metrics_variable, sizeof(metrics_variable), "FILCH_METRICS=%s", metrics);
	snprintf(plugins, sizeof(plugins), "HWLOC_PLUGINS_PATH=%s", folder);
	MUST(pipe(ends) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		close(ends[0]);
		if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
			_exit(99);
		execve(copy, arguments, environment);
		_exit(98);
	}
	close(ends[1]);
	size_t length = 0;
	for (ssize_t got; length < size - 1 &&
	    (got = read(ends[0], output + length, size - 1 - length)) > 0; length += (size_t)got)
		;
	output[length] = '\0';
	close(ends[0]);
	MUST(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Otherwise the other test would show nothing. */
START_TEST(a_plain_program_obeys_the_environment)
{
	char output[16384];

	copy_self(0755);
	ck_assert_int_eq(run_copy(plain, output, sizeof(output)), 0);
	ck_assert_msg(strstr(output, "HWLOC_SYNTHETIC") != NULL, "%s", output);
	ck_assert_msg(strstr(output, "FILCH_WORKERS") != NULL, "%s", output);
	ck_assert_int_eq(access(metrics, F_OK), 0);
}
END_TEST

START_TEST(a_set_user_id_program_takes_nothing_from_it)
{
	char output[16384];

	copy_self(04755);
	ck_assert_int_eq(run_copy(secure, output, sizeof(output)), 0);
	ck_assert_msg(strstr(output, "HWLOC_") == NULL, "%s", output);
	ck_assert_msg(strstr(output, "FILCH_") == NULL, "%s", output);
	ck_assert_msg(strstr(output, "(this machine)") != NULL, "%s", output);
	/* Once: FILCH_DISPLAY would have shown it, too. */
	const char *first = strstr(output, "this machine");
	ck_assert_msg(strstr(first + 1, "this machine") == NULL, "%s", output);
	ck_assert_int_ne(access(metrics, F_OK), 0);
}
END_TEST

/* NULL, or why the set-user-id bit cannot be tried here. */
static const char *
obstacle(void)
{
	char output[16384];

#ifdef FILCH_SANITIZED
	return "a sanitizer's runtime reads the environment itself";
#endif
	if (geteuid() != 0)
		return "only root can give a program the set-user-id bit of root";
	setup();
	copy_self(04755);
	int status = run_copy(secure, output, sizeof(output));
	teardown();
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (status == 98 || status == 99)
		return "another user cannot run a program in /tmp";
	return status == NOT_SECURE ? "set-user-id has no effect in /tmp" : NULL;
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return tell(strcmp(argv[1], secure) == 0);
	const char *why = obstacle();
	if (why != NULL) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	Suite *suite = suite_create("filch_setuid");
	TCase *copies = case_of(suite, "copies", setup, teardown);
	tcase_add_test(copies, a_plain_program_obeys_the_environment);
	tcase_add_test(copies, a_set_user_id_program_takes_nothing_from_it);
	return run_suite(suite);
}
