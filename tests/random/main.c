/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *     random_programs [--seed N] [--count N] [--seconds S] [--size N]
 *                     [--repeat N] [--drop ID,ID,...] [--shrink] [--show]
 *                     [--keep-going] [--hang S]
 *
 * Runs programs of the seeds N, N + 1, ...: `count` of them, or as many as begin within
 * `seconds`.  A child process runs them; if it dies or makes no progress for `hang`
 * seconds, the seed is printed with the tree, and for a hang filch_dump().  --shrink then
 * replaces subtrees by leaves while the program still fails; --repeat runs each program
 * so often; --drop replays what was shrunk.
 */
#include "program.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_DROPS 4096

static struct {
	uint64_t seed, count, seconds;
	int size, repeat, hang;
	bool shrink, show, keep_going;
	unsigned drop[MOST_DROPS];
	size_t drops;
} plan = { .seed = 1, .count = 500, .size = 60, .repeat = 1, .hang = 100 };

/* Shared by both processes. */
static struct progress {
	flc_atomic seed, done;
	char failure[PROGRAM_FAILURE];   /* format of the message; "" for a hang or a crash */
} *progress;

static bool quiet;

/* -- The child process -- */

static void *
watchdog_main(void *unused)
{
	size_t before = SIZE_MAX;

	(void)unused;
	for (int idle = 0; idle < plan.hang; idle++) {
		size_t now = flc_load_acquire(&progress->done);

		if (now != before)
			idle = 0;
		before = now;
		pause_us(1000000);
	}
	fprintf(stderr, "\n# seed %llu hangs\n", (unsigned long long)program.seed);
	(void)filch_dump(STDERR_FILENO);
	program_show(false);
	abort();
}

static void
make(uint64_t seed)
{
	program_make(seed, plan.size);
	for (size_t i = 0; i < plan.drops; i++)
		program_drop(plan.drop[i]);
	if (plan.show) {
		predict_program();
		program_show(true);
	}
}

_Noreturn static void
run_all(uint64_t first, uint64_t count, uint64_t until)
{
	pthread_t watchdog;

	if (quiet && freopen("/dev/null", "w", stderr) == NULL)
		_exit(3);
	if (pthread_create(&watchdog, NULL, watchdog_main, NULL) != 0)
		_exit(3);
	for (uint64_t seed = first; seed - first < count && filch_now() < until; seed++) {
		flc_store_release(&progress->seed, seed);
		for (int i = 0; i < plan.repeat; i++) {
			make(seed);
			run_program();
			program_free();
			(void)flc_add_full(&progress->done, 1);
		}
	}
	_exit(0);
}

/* -- The parent -- */

/* Whether all went well; else progress->seed tells which did not. */
static bool
all_run(uint64_t first, uint64_t count, uint64_t until)
{
	size_t before = SIZE_MAX;
	int status = 0, idle = 0;
	pid_t pid;

	fflush(stdout);
	progress->failure[0] = '\0';
	flc_store_release(&progress->seed, first);
	pid = fork();
	if (pid == 0)
		run_all(first, count, until);
	if (pid < 0)
		abort();
	while (waitpid(pid, &status, WNOHANG) == 0) {
		size_t now = flc_load_acquire(&progress->done);

		idle = now == before ? idle + 1 : 0;
		before = now;
		/* Its own watchdog hangs, too. */
		if (idle > (plan.hang + 10) * 100)
			kill(pid, SIGKILL);
		pause_us(10000);
	}
	if (status != 0 && !quiet)
		printf("# seed %llu: status 0x%x\n",
		    (unsigned long long)flc_load_acquire(&progress->seed), (unsigned)status);
	return status == 0;
}

/* -- Shrinking -- */

static bool
is_dropped(const struct node *node)
{
	for (; node != NULL; node = node->parent)
		for (size_t i = 0; i < plan.drops; i++)
			if (plan.drop[i] == node->id)
				return true;
	return false;
}

static void
shrink(uint64_t seed)
{
	char failure[PROGRAM_FAILURE];
	int hang = plan.hang;
	unsigned nodes;

	memcpy(failure, progress->failure, sizeof(failure));
	plan.hang = 5;
	quiet = true;
	program_make(seed, plan.size);
	nodes = program.nodes;
	for (unsigned id = 1; id < nodes && plan.drops < MOST_DROPS; id++) {
		if (is_dropped(program.node[id]) || program.node[id]->kind == KIND_LEAF)
			continue;
		plan.drop[plan.drops++] = id;
		if (all_run(seed, 1, UINT64_MAX) || strcmp(failure, progress->failure) != 0)
			plan.drops--;
	}
	quiet = false;
	plan.hang = hang;
	printf("# shrunk: --seed %llu --size %d --count 1 --repeat %d --drop ",
	    (unsigned long long)seed, plan.size, plan.repeat);
	for (size_t i = 0; i < plan.drops; i++)
		printf("%u,", plan.drop[i]);
	printf("\n");
	fflush(stdout);
	program_free();
	/* Tells what fails. */
	for (int i = 0; i < 10 && all_run(seed, 1, UINT64_MAX); i++)
		;
	plan.drops = 0;
}

/* -- Arguments -- */

static void
read_drops(const char *text)
{
	char *end;

	for (; *text != '\0' && plan.drops < MOST_DROPS; text = *end == ',' ? end + 1 : end) {
		plan.drop[plan.drops++] = (unsigned)strtoul(text, &end, 10);
		if (end == text)
			break;
	}
}

static bool
is_flag(const char *name)
{
	bool *flag = strcmp(name, "--shrink") == 0 ? &plan.shrink
	    : strcmp(name, "--show") == 0 ? &plan.show
	    : strcmp(name, "--keep-going") == 0 ? &plan.keep_going : NULL;

	if (flag != NULL)
		*flag = true;
	return flag != NULL;
}

static bool
read_arguments(int n, char **argument)
{
	for (int i = 1; i < n; i++) {
		const char *name = argument[i], *value = argument[i + 1];

		if (is_flag(name))
			continue;
		if (value == NULL)
			return false;
		if (strcmp(name, "--seed") == 0)
			plan.seed = strtoull(value, NULL, 10);
		else if (strcmp(name, "--count") == 0)
			plan.count = strtoull(value, NULL, 10);
		else if (strcmp(name, "--seconds") == 0)
			plan.seconds = strtoull(value, NULL, 10);
		else if (strcmp(name, "--size") == 0)
			plan.size = atoi(value);
		else if (strcmp(name, "--repeat") == 0)
			plan.repeat = atoi(value);
		else if (strcmp(name, "--hang") == 0)
			plan.hang = atoi(value);
		else if (strcmp(name, "--drop") == 0)
			read_drops(value);
		else
			return false;
		i++;
	}
	return plan.size > 0 && plan.repeat > 0 && plan.hang > 0;
}

int
main(int n, char **argument)
{
	uint64_t until = UINT64_MAX, seed, count;
	bool well = true;

	if (!read_arguments(n, argument)) {
		fprintf(stderr, "usage: see the head of tests/random/main.c\n");
		return 2;
	}
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
	/* ThreadSanitizer does not follow a child of a process with threads.  In a child
	 * AddressSanitizer's malloc waits for the locks that other threads of the parent
	 * held at fork() (libsanitizer of gcc 12 has no fork handler). */
	program_may_fork = false;
#endif
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	if (progress == MAP_FAILED)
		return 2;
	program_failure = progress->failure;
	if (plan.seconds != 0) {
		until = filch_now() + plan.seconds * UINT64_C(1000000000);
		plan.count = UINT64_MAX;
	}
	printf("1..1\n# seeds from %llu, size %d\n", (unsigned long long)plan.seed, plan.size);
	seed = plan.seed;
	count = plan.count;
	while (!all_run(seed, count, until)) {
		uint64_t failed = flc_load_acquire(&progress->seed);

		well = false;
		printf("# again: tests/random_programs --seed %llu --size %d --count 1 "
		    "--repeat 20\n",
		    (unsigned long long)failed, plan.size);
		if (plan.shrink)
			shrink(failed);
		if (!plan.keep_going || failed - seed + 1 >= count)
			break;
		count -= failed - seed + 1;
		seed = failed + 1;
	}
	printf("%sok 1 - %zu random programs, seeds %llu to %llu\n", well ? "" : "not ",
	    (size_t)flc_load_acquire(&progress->done), (unsigned long long)plan.seed,
	    (unsigned long long)flc_load_acquire(&progress->seed));
	return well ? 0 : 1;
}
