/* SPDX-License-Identifier: BSD-2-Clause */
/* The load: plain threads with blocking sockets, some requests under way in each. */
#define _GNU_SOURCE
#include "echo_pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WINDOW 16 /* requests under way for each client */
#define TEXT 64

struct load {
	size_t n, rounds;
	uint16_t port;
	uint64_t *expected; /* of all clients; computed before the time is taken */
	uint64_t *times;    /* of the sends, then how long each took */
};

struct sender {
	struct load *load;
	size_t number;
	int failed;
	pthread_t thread;
};

static size_t
text_of(char text[TEXT], size_t client, size_t i)
{
	return (size_t)snprintf(text, TEXT, "client %zu request %zu", client, i);
}

static int
expect(void *context, size_t begin, size_t end)
{
	struct load *load = context;
	char text[TEXT];

	for (size_t i = begin; i < end; i++) {
		size_t length = text_of(text, i / load->n, i % load->n);

		load->expected[i] = echo_digest(text, length, load->rounds);
	}
	return 0;
}

static int
receive(struct load *load, FILE *stream, size_t client, size_t i)
{
	size_t at = client * load->n + i;
	char line[TEXT + 32], text[TEXT], wanted[TEXT + 32];

	(void)text_of(text, client, i);
	(void)snprintf(wanted, sizeof(wanted), "%016" PRIx64 " %s\n", load->expected[at], text);
	if (fgets(line, sizeof(line), stream) == NULL) {
		fprintf(stderr, "echo-pool: no answer to request %zu of client %zu: the server "
		    "ended the connection\n", i, client);
		return -1;
	}
	if (strcmp(line, wanted) != 0) {
		fprintf(stderr, "echo-pool: a wrong answer: %swanted was: %s", line, wanted);
		return -1;
	}
	load->times[at] = filch_now() - load->times[at];
	if (at == 0) {
		printf("the first answer came\n");
		(void)fflush(stdout);
	}
	return 0;
}

static int
talk(struct load *load, int fd, FILE *stream, size_t client)
{
	size_t received = 0;

	for (size_t i = 0; i < load->n; i++) {
		char text[TEXT];
		size_t length = text_of(text, client, i);

		if (i - received == WINDOW && receive(load, stream, client, received++) != 0)
			return -1;
		text[length++] = '\n';
		load->times[client * load->n + i] = filch_now();
		/* So little is under way that the socket takes it whole. */
		if (send(fd, text, length, MSG_NOSIGNAL) != (ssize_t)length) {
			fprintf(stderr, "echo-pool: client %zu cannot send: %s\n", client,
			    strerror(errno));
			return -1;
		}
	}
	while (received < load->n)
		if (receive(load, stream, client, received++) != 0)
			return -1;
	return 0;
}

static void *
client_main(void *context)
{
	struct sender *sender = context;
	struct sockaddr_in address = { .sin_family = AF_INET,
	    .sin_port = htons(sender->load->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	FILE *stream = NULL;

	sender->failed = 1;
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0
	    || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0
	    || (stream = fdopen(fd, "r")) == NULL)
		fprintf(stderr, "echo-pool: cannot connect to port %u of 127.0.0.1: %s\n",
		    sender->load->port, strerror(errno));
	else
		sender->failed = talk(sender->load, fd, stream, sender->number) != 0;
	if (stream != NULL)
		(void)fclose(stream);
	else if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
report(const struct load *load, size_t total, double seconds)
{
	qsort(load->times, total, sizeof(*load->times), compare);
	printf("%zu answers, all right, in %.3f s: %.0f/s; latency in us: median %.0f, 99%% %.0f, "
	    "99.9%% %.0f, most %.0f\n", total, seconds, (double)total / seconds,
	    (double)load->times[total / 2] * 1e-3, (double)load->times[total * 99 / 100] * 1e-3,
	    (double)load->times[total * 999 / 1000] * 1e-3, (double)load->times[total - 1] * 1e-3);
}

int
echo_load(filch_pool *pool, uint16_t port, size_t clients, size_t n, size_t rounds)
{
	struct load load = { .n = n, .rounds = rounds, .port = port };
	struct sender *senders = calloc(clients, sizeof(*senders));
	size_t total = clients * n, started = 0;
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;
	int failed = 1;

	load.expected = calloc(total, sizeof(*load.expected));
	load.times = calloc(total, sizeof(*load.times));
	how.pool = pool;
	if (senders == NULL || load.expected == NULL || load.times == NULL) {
		fprintf(stderr, "echo-pool: no memory for %zu requests\n", total);
	} else if (filch_for(0, total, expect, &load, &how) == FILCH_OK) {
		uint64_t start = filch_now();

		for (; started < clients; started++) {
			senders[started] = (struct sender){ .load = &load, .number = started };
			if (pthread_create(&senders[started].thread, NULL, client_main,
			    &senders[started]) != 0)
				break;
		}
		failed = started < clients;
		for (size_t i = 0; i < started; i++) {
			(void)pthread_join(senders[i].thread, NULL);
			failed |= senders[i].failed;
		}
		if (!failed)
			report(&load, total, (double)(filch_now() - start) * 1e-9);
	}
	free(senders);
	free(load.expected);
	free(load.times);
	return failed;
}
