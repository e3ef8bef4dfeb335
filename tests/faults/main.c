/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *     check_faults [--full] [--only VERB] [--call CALL] [--scope SCOPE] [--at N]
 *
 * For each verb and each kind of call, once and from then on, in three scopes:
 *
 *     verb      the pool exists, and the verb has run before
 *     pool      the pool is made and ended under the fault, too
 *     process   nothing was called before: what a process makes once, too
 *
 * Each fault is met in a child process, which must then work as ever and have given
 * everything back.  Without --full some N are left out, and most verbs meet those of the
 * scope verb only.
 */
#include "faults.h"

#include <dirent.h>
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_S 20

enum scope { SCOPE_VERB, SCOPE_POOL, SCOPE_PROCESS, SCOPE_COUNT };
static const char *const scope_name[] = { "verb", "pool", "process" };

static const char *const call_name[] = {
#define CALL_NAME(name, text) text,
	CALLS(CALL_NAME)
#undef CALL_NAME
};

struct fault {
	const struct verb *verb;
	enum scope scope;
	enum call call;
	size_t n;
	bool from_then_on;
};

static struct fault current;

static void
say(const char *text, int length)
{
	if (length > 0)
		(void)!write(STDERR_FILENO, text, (size_t)length);
}

static int
name_fault(char *text, size_t size)
{
	return snprintf(text, size, "# %s, scope %s, %s %zu%s: ", current.verb->name,
	    scope_name[current.scope], call_name[current.call], current.n,
	    current.from_then_on ? " and on" : "");
}

_Noreturn void
faults_broken(const char *format, ...)
{
	char text[512];
	int length;
	va_list list;

	(void)faults_disarm();
	length = name_fault(text, sizeof(text));
	va_start(list, format);
	length += vsnprintf(text + length, sizeof(text) - (size_t)length - 1, format, list);
	va_end(list);
	text[length++] = '\n';
	say(text, length);
	_exit(1);
}

static void
hangs(int unused)
{
	char text[200];
	int length = name_fault(text, sizeof(text));

	(void)unused;
	length += snprintf(text + length, sizeof(text) - (size_t)length, "hangs\n");
	say(text, length);
	(void)filch_dump(STDERR_FILENO);
	_exit(1);
}

/* -- In the child -- */

static size_t
descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	MUST(folder != NULL);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

static void
check_status(const char *what, int status)
{
	if (status != FILCH_OK && status != FILCH_NOMEM && status != FILCH_AGAIN)
		faults_broken("%s: %s (%d)", what, filch_status_text(status), status);
}

static void
check_ok(const char *what, int status)
{
	if (status != FILCH_OK)
		faults_broken("%s afterwards: %s (%d)", what, filch_status_text(status), status);
}

static int
make_pool(filch_pool **pool)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	return filch_pool_create(pool, &options);
}

/* Without a fault. */
static void
healthy_round(const struct verb *verb)
{
	filch_pool *pool = NULL;

	check_ok("create", make_pool(&pool));
	check_ok(verb->name, verb->run(pool));
	check_ok("destroy", filch_pool_destroy(pool));
}

/* How many calls failed. */
static size_t
faulty_verb(const struct fault *fault)
{
	filch_pool *pool = NULL;
	size_t failed;
	int status;

	check_ok("create", make_pool(&pool));
	check_ok(fault->verb->name, fault->verb->run(pool));
	faults_arm(fault->call, fault->n, fault->from_then_on);
	status = fault->verb->run(pool);
	failed = faults_disarm();
	check_status(fault->verb->name, status);
	for (int i = 0; i < 2; i++)
		check_ok(fault->verb->name, fault->verb->run(pool));
	check_ok("destroy", filch_pool_destroy(pool));
	return failed;
}

static size_t
faulty_pool(const struct fault *fault)
{
	filch_pool *pool = NULL;
	size_t failed;
	int status;

	faults_arm(fault->call, fault->n, fault->from_then_on);
	status = make_pool(&pool);
	if (status == FILCH_OK) {
		check_status(fault->verb->name, fault->verb->run(pool));
		check_ok("destroy under the fault", filch_pool_destroy(pool));
	} else {
		MUST(pool == NULL);
	}
	failed = faults_disarm();
	check_status("create", status);
	return failed;
}

static size_t
meet(const struct fault *fault)
{
	struct faults_balance before, after;
	size_t files, failed;

	current = *fault;
	if (fault->scope != SCOPE_PROCESS) {
		void *address;

		/* What the C library loads for it is kept. */
		(void)backtrace(&address, 1);
		for (int i = 0; i < 2; i++)
			healthy_round(fault->verb);
	}
	before = faults_balance();
	files = descriptors();
	failed = fault->scope == SCOPE_VERB ? faulty_verb(fault) : faulty_pool(fault);
	healthy_round(fault->verb);
	if (fault->scope == SCOPE_PROCESS)
		return failed;
	after = faults_balance();
	if (after.blocks > before.blocks)
		faults_broken("%zu blocks of memory are lost", after.blocks - before.blocks);
	if (after.mapped > before.mapped)
		faults_broken("%zu mapped bytes are lost", after.mapped - before.mapped);
	if (descriptors() != files)
		faults_broken("%zu descriptors instead of %zu", descriptors(), files);
	return failed;
}

/* -- The parent -- */

/* 0: nothing failed, so N is too large; 1: well; 2: broken. */
static int
try_fault(const struct fault *fault)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		abort();
	if (pid == 0) {
		current = *fault;
		signal(SIGALRM, hangs);
		alarm(HANG_S);
		_exit(meet(fault) > 0 ? 10 : 0);
	}
	while (waitpid(pid, &status, 0) != pid)
		;
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 10))
		return WEXITSTATUS(status) / 10;
	if (WIFSIGNALED(status)) {
		char text[200];
		int length;

		current = *fault;
		length = name_fault(text, sizeof(text));
		length += snprintf(text + length, sizeof(text) - (size_t)length, "signal %d\n",
		    WTERMSIG(status));
		say(text, length);
	}
	return 2;
}

static struct {
	bool full;
	const char *verb, *call, *scope;
	size_t at;
} plan;

/* Without --full, ever fewer. */
static size_t
next_n(size_t n)
{
	return plan.full || n < 4 ? n + 1 : n + n / 2;
}

/* How many faults were met; *broken counts those that were not withstood. */
static size_t
try_call(struct fault fault, size_t *broken)
{
	size_t met = 0;

	for (fault.n = plan.at > 0 ? plan.at : 1;; fault.n = next_n(fault.n)) {
		int found = try_fault(&fault);

		*broken += found == 2;
		met += found > 0;
		if (found == 0 || plan.at > 0 || *broken > 20)
			return met;
	}
}

static bool
is_wanted(const char *wanted, const char *name)
{
	return wanted == NULL || strcmp(wanted, name) == 0;
}

/* The quick check meets what a process makes once by few verbs only. */
static bool
is_left_out(const struct fault *fault, size_t number)
{
	if (!is_wanted(plan.call, call_name[fault->call])
	    || !is_wanted(plan.scope, scope_name[fault->scope]))
		return true;
	if (plan.full || plan.verb != NULL)
		return false;
	return (fault->scope == SCOPE_PROCESS && number % 16 != 0)
	    || (fault->scope == SCOPE_POOL && number % 8 != 1);
}

static bool
try_verb(size_t number)
{
	struct fault fault = { .verb = &verbs[number] };
	size_t met = 0, broken = 0;

	for (int scope = 0; scope < SCOPE_COUNT; scope++)
		for (int call = 0; call < CALL_COUNT; call++)
			for (int on = 0; on < 2; on++) {
				fault.scope = (enum scope)scope;
				fault.call = (enum call)call;
				fault.from_then_on = on != 0;
				if (!is_left_out(&fault, number) && broken <= 20)
					met += try_call(fault, &broken);
			}
	printf("%sok %zu - %s: %zu faults\n", broken > 0 ? "not " : "", number + 1,
	    verbs[number].name, met);
	fflush(stdout);
	return broken == 0;
}

static bool
read_arguments(int n, char **argument)
{
	for (int i = 1; i < n; i++) {
		const char *name = argument[i], *value = argument[i + 1];

		if (strcmp(name, "--full") == 0) {
			plan.full = true;
			continue;
		}
		if (value == NULL)
			return false;
		if (strcmp(name, "--only") == 0)
			plan.verb = value;
		else if (strcmp(name, "--call") == 0)
			plan.call = value;
		else if (strcmp(name, "--scope") == 0)
			plan.scope = value;
		else if (strcmp(name, "--at") == 0)
			plan.at = strtoul(value, NULL, 10);
		else
			return false;
		i++;
	}
	return true;
}

int
main(int n, char **argument)
{
	bool well = true;

	if (!read_arguments(n, argument)) {
		fprintf(stderr, "usage: see the head of tests/faults/main.c\n");
		return 2;
	}
#if defined(FILCH_SANITIZED)
	printf("1..0 # SKIP a sanitizer has a malloc of its own\n");
	return 0;
#endif
	printf("1..%zu\n", verb_count);
	for (size_t i = 0; i < verb_count; i++) {
		if (plan.verb == NULL || strcmp(plan.verb, verbs[i].name) == 0)
			well &= try_verb(i);
		else
			(void)0;
	}
	return well ? 0 : 1;
}
