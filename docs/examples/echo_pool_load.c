/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load: a thread for each client, ECHO_WINDOW / 2 requests ahead, every answer
 * compared with what the line gives.  Plain threads and blocking sockets: this is the
 * world outside.
 */
#define _GNU_SOURCE
#include "echo_pool.h"
#include "timing.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AHEAD (ECHO_WINDOW / 2)
#define LINES 64               /* different lines of a client */
#define LINE_ROOM 200

struct line {
	char text[LINE_ROOM], answer[LINE_ROOM + 18];
	size_t length, answer_length;
};

struct load {
	const char *address;
	size_t requests, number;
	struct line *lines;         /* of all clients, made beforehand */
	uint64_t *sent, *taken;     /* per request: when, and how long its answer took */
	size_t answered;
	int failed;
	pthread_t thread;
};

static int
send_all(int fd, const char *from, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, from, length, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -1;
		from += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* 0; -1: told what came instead. */
static int
receive_answer(struct load *load, int fd, const struct line *line)
{
	char answer[sizeof(line->answer)];
	size_t have = 0;

	while (have < line->answer_length) {
		ssize_t n = recv(fd, answer + have, line->answer_length - have, 0);

		if (n == 0 || (n < 0 && errno != EINTR)) {
			fprintf(stderr,
			    "echo-pool: client %zu: the server hung up after %zu answers\n",
			    load->number, load->answered);
			return -1;
		}
		have += n > 0 ? (size_t)n : 0;
	}
	if (memcmp(answer, line->answer, have) == 0)
		return 0;
	fprintf(stderr, "echo-pool: client %zu: answer %zu is wrong: '%.*s' in place of '%.*s'; do "
	    "server and load have the same --rounds?\n", load->number, load->answered,
	    (int)have - 1, answer, (int)line->answer_length - 1, line->answer);
	return -1;
}

static void *
run_client(void *context)
{
	struct load *load = context;
	int fd = echo_connect(load->address);
	size_t asked = 0;

	load->failed = fd < 0;
	while (!load->failed && load->answered < load->requests) {
		while (!load->failed && asked < load->requests && asked < load->answered + AHEAD) {
			const struct line *line = &load->lines[asked % LINES];

			load->sent[asked++] = filch_now();
			load->failed = send_all(fd, line->text, line->length) != 0;
		}
		/* After a failed send there may still be answers: they tell more. */
		if (receive_answer(load, fd, &load->lines[load->answered % LINES]) != 0) {
			load->failed = 1;
			break;
		}
		load->taken[load->answered] = filch_now() - load->sent[load->answered];
		if (load->answered++ == 0 && load->number == 0) {
			printf("first answer after %.0f us\n", (double)load->taken[0] * 1e-3);
			fflush(stdout);
		}
	}
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

/* Lines of several lengths, each with client and number in it. */
static void
make_lines(struct load *load, size_t rounds)
{
	for (size_t i = 0; i < LINES; i++) {
		struct line *line = &load->lines[i];
		int head = snprintf(line->text, LINE_ROOM, "client %zu line %zu ", load->number, i);
		size_t length = (size_t)head + i * 7919 % 64;

		memset(line->text + head, 'x', length - (size_t)head);
		line->answer_length = echo_answer(line->answer, line->text, length, rounds);
		line->text[length] = '\n';
		line->length = length + 1;
	}
}

static int
compare_times(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
print_load(uint64_t *taken, size_t n, double seconds)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999, 1 };

	qsort(taken, n, sizeof(*taken), compare_times);
	printf("%zu answers verified in %.3f s, %.0f per second; latency in us:", n, seconds,
	    (double)n / seconds);
	for (size_t i = 0; n > 0 && i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		printf(" %g%% %.0f", 100 * quantiles[i],
		    (double)taken[(size_t)(quantiles[i] * (double)(n - 1))] * 1e-3);
	printf("\n");
	fflush(stdout);
}

/* Runs the clients that could be started; non-zero if one failed. */
static int
run_clients(struct load *loads, const struct echo_options *options, uint64_t *taken)
{
	uint64_t begin = filch_now();
	size_t started = 0, answered = 0;
	int failed = 0;

	while (started < options->clients && !failed) {
		failed = pthread_create(&loads[started].thread, NULL, run_client, &loads[started]);
		if (failed != 0)
			fprintf(stderr, "echo-pool: no thread for client %zu: %s; try fewer\n",
			    started, strerror(failed));
		else
			started++;
	}
	for (size_t i = 0; i < started; i++) {
		(void)pthread_join(loads[i].thread, NULL);
		failed |= loads[i].failed;
		/* Together at the front, for the quantiles of all. */
		memmove(taken + answered, loads[i].taken, loads[i].answered * sizeof(*taken));
		answered += loads[i].answered;
	}
	print_load(taken, answered, seconds_since(begin));
	return failed;
}

int
echo_load(const char *address, const struct echo_options *options)
{
	size_t n = options->clients, total = n * options->requests;
	struct load *loads = calloc(n, sizeof(*loads));
	struct line *lines = calloc(n * LINES, sizeof(*lines));
	uint64_t *times = calloc(2 * total, sizeof(*times));
	int failed = loads == NULL || lines == NULL || times == NULL;

	if (failed)
		fprintf(stderr, "echo-pool: out of memory for %zu requests; try fewer\n", total);
	for (size_t i = 0; !failed && i < n; i++) {
		loads[i].address = address;
		loads[i].requests = options->requests;
		loads[i].number = i;
		loads[i].lines = &lines[i * LINES];
		loads[i].taken = &times[i * options->requests];
		loads[i].sent = &times[total + i * options->requests];
		make_lines(&loads[i], options->rounds);
	}
	if (!failed)
		failed = run_clients(loads, options, times);
	free(times);
	free(lines);
	free(loads);
	return failed;
}
