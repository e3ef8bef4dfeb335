/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server whose epoll loop hands the work of each request to a pool and gets the
 * answers back through a channel with a descriptor: echo_pool_server.c.
 *
 *     echo-pool --self 8 10000            server and load in one process
 *     echo-pool --port 7007               then: echo hello | nc 127.0.0.1 7007
 *     echo-pool --load 8 10000 --port 7007
 */
#define _GNU_SOURCE
#include "echo_pool.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct options {
	struct echo_options echo;
	size_t workers, clients, requests;
	int self, load;
};

/* The load beside the server of the same process. */
struct beside {
	const struct options *options;
	filch_pool *pool;
	filch_channel *stop;
	uint16_t port;
	int failed;
};

static void *
load_beside(void *context)
{
	struct beside *b = context;

	b->failed = echo_load(b->pool, b->port, b->options->clients, b->options->requests,
	    b->options->echo.rounds);
	filch_channel_close(b->stop);
	return NULL;
}

static int
serve(filch_pool *pool, const struct options *options)
{
	struct beside b = { .options = options, .pool = pool };
	filch_channel_options how = FILCH_CHANNEL_OPTIONS_INIT;
	int listener = echo_listen(&options->echo, &b.port), failed;
	pthread_t thread;

	if (listener < 0)
		return 1;
	printf("listening on port %u of 127.0.0.1\n", b.port);
	(void)fflush(stdout);
	how.name = "stop";
	if (options->self && (filch_channel_create(&b.stop, 1, 1, &how) != FILCH_OK
	    || pthread_create(&thread, NULL, load_beside, &b) != 0)) {
		fprintf(stderr, "echo-pool: no thread for the load\n");
		return 1;
	}
	failed = echo_serve(pool, listener, &options->echo, b.stop) != 0;
	if (options->self) {
		(void)pthread_join(thread, NULL);
		filch_channel_destroy(b.stop);
	}
	return failed || b.failed;
}

static const char usage[] =
    "usage: echo-pool [options]\n"
    "Answers each line that comes to a port of 127.0.0.1 with its digest and itself.\n"
    "  --port N        the port (any that is free; told at the start)\n"
    "  --self C N      also be C clients that send N lines each, then end\n"
    "  --load C N      be only the clients, of the server at --port\n"
    "  --rounds N      work for each line, some 4 ns each (2000)\n"
    "  --in-hand N     lines that the pool has at most (256)\n"
    "  -p, --workers N threads that work (as many as there are cores)\n"
    "  -h, --help      print this\n"
    "SIGINT and SIGTERM end it after what it took is answered.\n";

static int
number(const char *name, const char *text, size_t least, size_t most, size_t *value)
{
	char *end = NULL;
	unsigned long n = text != NULL && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	if (end != NULL && *end == '\0' && n >= least && n <= most) {
		*value = n;
		return 0;
	}
	fprintf(stderr, "echo-pool: %s got '%s'; allowed is a whole number from %zu to %zu\n",
	    name, text != NULL ? text : "", least, most);
	return -1;
}

/* 0: go on; 1: done; -1: told what is wrong. */
static int
parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "port", required_argument, NULL, 'P' },
		{ "self", required_argument, NULL, 's' },
		{ "load", required_argument, NULL, 'l' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "in-hand", required_argument, NULL, 'i' },
		{ "workers", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	size_t port = 0;
	int which, wrong = 0;

	*options = (struct options){ .echo = { .rounds = 2000, .in_hand = 256 } };
	while (!wrong && (which = getopt_long(argc, argv, "+p:h", known, NULL)) != -1) {
		if (which == 'P') {
			wrong = number("--port", optarg, 0, 65535, &port);
		} else if (which == 's' || which == 'l') {
			options->self |= which == 's';
			options->load |= which == 'l';
			wrong = number("the number of clients", optarg, 1, 256, &options->clients)
			    || number("the number of lines", argv[optind], 1, 10000000,
			    &options->requests);
			optind++;
		} else if (which == 'r') {
			wrong = number("--rounds", optarg, 0, 1000000000, &options->echo.rounds);
		} else if (which == 'i') {
			wrong = number("--in-hand", optarg, 1, 1000000, &options->echo.in_hand);
		} else if (which == 'p') {
			wrong = number("--workers", optarg, 1, 1024, &options->workers);
		} else {
			fputs(usage, which == 'h' ? stdout : stderr);
			return which == 'h' ? 1 : -1;
		}
	}
	options->echo.port = (uint16_t)port;
	if (!wrong && (optind < argc || (options->load && (port == 0 || options->self)))) {
		fputs("echo-pool: --load wants --port and no --self; nothing else may follow\n",
		    stderr);
		wrong = 1;
	}
	return wrong ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct options options;
	filch_pool_options how = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool;
	sigset_t set;
	int status = parse(argc, argv, &options);

	if (status != 0)
		return status < 0;
	if (!options.load) {
		/* Before any thread is there, so that the signals come to the loop only. */
		sigemptyset(&set);
		sigaddset(&set, SIGINT);
		sigaddset(&set, SIGTERM);
		(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	}
	how.workers = options.workers;
	status = filch_pool_create(&pool, &how);
	if (status != FILCH_OK) {
		fprintf(stderr, "echo-pool: no pool of workers: %s; look at FILCH_WORKERS and the "
		    "other FILCH_ variables\n", filch_status_text(status));
		return 1;
	}
	if (options.load)
		status = echo_load(pool, options.echo.port, options.clients, options.requests,
		    options.echo.rounds);
	else
		status = serve(pool, &options);
	if (!options.load)
		(void)filch_metrics_write(pool, FILCH_METRICS_TEXT, filch_write_file, stdout);
	(void)filch_pool_destroy(pool);
	return status != 0;
}
