/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that knows nothing of filch and loads what does, for dlopen.sh:
 *
 *     dlopen_host alive N PLUGIN...   N rounds: loads all, runs each, unloads all; the
 *                                     pools live on
 *     dlopen_host ended N PLUGIN...   ends the pools before it unloads; then no thread
 *                                     but those of the program may be there
 *     dlopen_host gone N PLUGIN...    the same, and the plug-ins must be gone then
 *
 * In each round a thread of the program runs the plug-in too, and ends after it was
 * unloaded; a child is forked then, and ends.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 4

struct plugin {
	const char *path;
	void *handle;
	int (*run)(void);
	int (*end)(void);
};

static struct plugin plugin[MOST];
static int plugins;
static pthread_barrier_t has_run, is_unloaded;

static void
fault(const char *what, const char *which, int value)
{
	printf("%s: %s (%d)\n", which, what, value);
	exit(1);
}

static void
find(struct plugin *p, const char *name, void *function)
{
	void *found = dlsym(p->handle, name);

	if (found == NULL)
		fault(dlerror(), p->path, 0);
	memcpy(function, &found, sizeof(found));
}

static void
load(struct plugin *p)
{
	p->handle = dlopen(p->path, RTLD_NOW | RTLD_LOCAL);
	if (p->handle == NULL)
		fault(dlerror(), p->path, 0);
	find(p, "plugin_run", &p->run);
	find(p, "plugin_end", &p->end);
}

static void
run_all(void)
{
	for (int i = 0; i < plugins; i++) {
		int status = plugin[i].run();

		if (status != 0)
			fault("does not do its work", plugin[i].path, status);
	}
}

static void *
other_thread(void *unused)
{
	run_all();
	pthread_barrier_wait(&has_run);
	pthread_barrier_wait(&is_unloaded);
	return unused;
}

static int
threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	if (tasks == NULL)
		return 1;
	while ((entry = readdir(tasks)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(tasks);
	return n;
}

/* A thread that was joined may stand in /proc for a moment. */
static void
expect_threads(int most)
{
	static const struct timespec nap = { 0, 1000000 };
	int n = threads();

	for (int i = 0; n > most && i < 10000; i++) {
		nanosleep(&nap, NULL);
		n = threads();
	}
	if (n > most)
		fault("threads are left", "host", n);
}

static void
fork_child(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(7);
	if (child < 0 || waitpid(child, &status, 0) != child)
		fault("no child", "host", 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
		fault("a child of a fork dies", "host", status);
}

static void
play_round(int ends, int goes)
{
	pthread_t other;
	int usual = threads();

	for (int i = 0; i < plugins; i++)
		load(&plugin[i]);
	if (pthread_create(&other, NULL, other_thread, NULL) != 0)
		fault("no thread", "host", 0);
	run_all();
	pthread_barrier_wait(&has_run);
	for (int i = 0; i < plugins; i++) {
		int status = ends ? plugin[i].end() : 0;

		if (status != 0)
			fault("the pool does not end", plugin[i].path, status);
		if (dlclose(plugin[i].handle) != 0)
			fault(dlerror(), plugin[i].path, 0);
	}
	for (int i = 0; goes && i < plugins; i++)
		if (dlopen(plugin[i].path, RTLD_NOW | RTLD_NOLOAD) != NULL)
			fault("is still there", plugin[i].path, 0);
	pthread_barrier_wait(&is_unloaded);
	pthread_join(other, NULL);
	if (ends)
		expect_threads(usual);
	fork_child();
}

int
main(int argc, char **argv)
{
	int ends, goes, rounds;

	if (argc < 4 || argc - 3 > MOST) {
		fprintf(stderr, "usage: dlopen_host alive|ended|gone N PLUGIN...\n");
		return 2;
	}
	goes = strcmp(argv[1], "gone") == 0;
	ends = goes || strcmp(argv[1], "ended") == 0;
	rounds = atoi(argv[2]);
	for (int i = 3; i < argc; i++)
		plugin[plugins++].path = argv[i];
	pthread_barrier_init(&has_run, NULL, 2);
	pthread_barrier_init(&is_unloaded, NULL, 2);
	for (int i = 0; i < rounds; i++)
		play_round(ends, goes);
	printf("%d rounds\n", rounds);
	return 0;
}
