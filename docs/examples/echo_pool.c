/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server whose event loop hands CPU work to a pool and gets completions through a
 * channel in its epoll set.
 *
 *     echo-pool --self 8 5000            server and load in one process
 *     echo-pool --listen 7007 &          lines in, hashed lines out, in order
 *     echo hello | nc -N 127.0.0.1 7007
 *     echo-pool --load 127.0.0.1:7007 8 5000
 *     kill %1                            answers what it has read, prints, ends
 *
 * echo_pool_server.c is the event loop and how it hands work over, echo_pool_client.c the
 * buffers of a connection, echo_pool_load.c the load.
 */
#define _GNU_SOURCE
#include "echo_pool.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum mode { MODE_SERVE, MODE_LOAD, MODE_SELF };

size_t
echo_answer(char *into, const char *line, size_t length, size_t rounds)
{
	(void)snprintf(into, 18, "%016" PRIx64 " ", echo_work(line, length, rounds));
	memcpy(into + 17, line, length);
	into[17 + length] = '\n';
	return 17 + length + 1;
}

/* The load beside the server in one process. */
struct self {
	const struct echo_options *options;
	char address[300];
	int failed;
};

static void *
run_self(void *context)
{
	struct self *self = context;

	self->failed = echo_load(self->address, self->options);
	/* Ends the server as anybody would. */
	(void)kill(getpid(), SIGTERM);
	return NULL;
}

static int
serve(const struct echo_options *options, int with_load)
{
	filch_pool_options how = FILCH_POOL_OPTIONS_INIT;
	struct self self = { .options = options };
	filch_pool *pool;
	pthread_t thread;
	int status, listener = echo_listen(options->address);

	if (listener < 0)
		return 1;
	how.workers = options->workers;
	status = filch_pool_create(&pool, &how);
	if (status != FILCH_OK) {
		fprintf(stderr, "echo-pool: no pool of workers: %s; look at FILCH_WORKERS and the "
		    "other FILCH_ variables\n", filch_status_text(status));
		(void)close(listener);
		return 1;
	}
	if (echo_port(listener) != 0)
		(void)snprintf(self.address, sizeof(self.address), "%u", echo_port(listener));
	else
		(void)snprintf(self.address, sizeof(self.address), "%s", options->address);
	printf("listening at %s\n", self.address);
	fflush(stdout);
	if (with_load && pthread_create(&thread, NULL, run_self, &self) != 0) {
		fprintf(stderr, "echo-pool: no thread for the load\n");
		status = 1;
	}
	if (status == 0)
		status = echo_serve(listener, pool, options);
	if (with_load && status == 0)
		(void)pthread_join(thread, NULL);
	(void)close(listener);
	(void)filch_pool_destroy(pool);
	return status != 0 || self.failed;
}

static const char usage[] =
    "usage: echo-pool [options] [--listen ADDRESS]\n"
    "       echo-pool [options] --load ADDRESS CLIENTS REQUESTS\n"
    "       echo-pool [options] --self CLIENTS REQUESTS\n"
    "Answers each line with a hash of it and the line, until SIGINT or SIGTERM; an event\n"
    "loop hands the hashing to a pool.  --load sends REQUESTS lines from each of the\n"
    "CLIENTS and verifies the answers; --self does both.  ADDRESS is PORT, HOST:PORT,\n"
    "or the PATH of a Unix socket, with a slash in it (127.0.0.1, a free port).\n"
    "  -p, --workers N threads that work (as many as there are cores)\n"
    "  --backlog N     requests under way at most (256)\n"
    "  --rounds N      of hashing for each request: 100 of 50 bytes are some 5 us (200)\n"
    "  -h, --help      print this\n";

static int
parse_number(const char *option, const char *text, size_t limit, size_t *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0
	    && *number >= 1 && *number <= limit)
		return 0;
	fprintf(stderr, "echo-pool: %s got '%s'; allowed is a whole number from 1 to %zu; "
	    "--help tells more\n", option, text, limit);
	return -1;
}

static int
parse_load(char **operands, int count, int mode, struct echo_options *options)
{
	if (count != (mode == MODE_SERVE ? 0 : 2)) {
		fputs(usage, stderr);
		return -1;
	}
	if (mode == MODE_SERVE)
		return 0;
	return parse_number("CLIENTS", operands[0], 1000, &options->clients)
	    || parse_number("REQUESTS", operands[1], 1000000, &options->requests) ? -1 : 0;
}

/* 0: go on; 1: done; -1: told what is wrong. */
static int
parse(int argc, char **argv, struct echo_options *options, enum mode *mode)
{
	static const struct option known[] = {
		{ "workers", required_argument, NULL, 'p' },
		{ "backlog", required_argument, NULL, 'b' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "listen", required_argument, NULL, 'l' },
		{ "load", required_argument, NULL, 'L' },
		{ "self", no_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int which, failed = 0;

	*options = (struct echo_options){ .address = "127.0.0.1:0", .backlog = 256, .rounds = 200 };
	*mode = MODE_SERVE;
	while (!failed && (which = getopt_long(argc, argv, "p:h", known, NULL)) != -1) {
		if (which == 'p') {
			failed = parse_number("--workers", optarg, 1024, &options->workers);
		} else if (which == 'b') {
			failed = parse_number("--backlog", optarg, 100000, &options->backlog);
		} else if (which == 'r') {
			failed = parse_number("--rounds", optarg, 100000000, &options->rounds);
		} else if (which == 'l' || which == 'L') {
			options->address = optarg;
			*mode = which == 'L' ? MODE_LOAD : *mode;
		} else if (which == 's') {
			*mode = MODE_SELF;
		} else {
			fputs(usage, which == 'h' ? stdout : stderr);
			return which == 'h' ? 1 : -1;
		}
	}
	return failed ? -1 : parse_load(argv + optind, argc - optind, *mode, options);
}

int
main(int argc, char **argv)
{
	struct echo_options options;
	enum mode mode;
	sigset_t set;
	int status = parse(argc, argv, &options, &mode);

	if (status != 0)
		return status < 0;
	if (mode == MODE_LOAD)
		return echo_load(options.address, &options) != 0;
	/* Before any thread is made: each one inherits it. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	return serve(&options, mode == MODE_SELF);
}
