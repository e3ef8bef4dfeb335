/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server: one thread with an epoll loop, which never waits for anything else.
 *
 * Each request is spawned into a group of the pool and comes back through a channel,
 * whose descriptor is in the epoll set.  in_hand counts the requests that are out; the
 * channel has room for as many, so a task never blocks on it.  At the limit a
 * client's text stays in its buffer, and it is not read from: TCP tells it to slow down.
 *
 * Why not the group's max_backlog: a task counts there until it has ended, a little after
 * it has sent its answer.  A loop that tries again when an answer comes could be
 * refused by the last one that is just ending, and no further answer would wake it.
 */
#define _GNU_SOURCE
#include "echo_pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 64
#define BATCH 64
#define OUTPUT_HIGH 65536          /* bytes of answers above which a client is not read */
#define LINGER_MS 2000             /* for clients that do not read, when we stop */

struct server;

/* In the order of the client's lines, in which they are answered. */
struct request {
	struct request *next;
	struct client *client;
	int done;
	uint64_t digest;
	size_t length;
	char text[];
};

struct client {
	struct client *next;
	struct server *server;
	int fd;
	int ended;                 /* it sends no more */
	int broken;                /* nothing can be sent to it */
	uint32_t events;           /* what epoll looks for */
	size_t in_hand;
	struct request *first, **last;
	char input[ECHO_LINE + 1];
	size_t input_length;
	char *output;
	size_t output_begin, output_end, output_room;
};

struct server {
	const struct echo_options *options;
	filch_group group;
	filch_channel *answers;    /* of struct request * */
	struct client *clients;
	int epoll, listener, signals;
	int stopping;
	size_t in_hand;
	uint64_t requests, answered, paused;
};

/* -- The work, on the pool -- */

static int
work(void *context)
{
	struct request *request = context;
	struct server *server = request->client->server;

	request->digest = echo_digest(request->text, request->length, server->options->rounds);
	return filch_channel_send(server->answers, &request, FILCH_FOREVER);
}

/* -- Clients -- */

static void
watch(struct client *client, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = client };

	if (events != client->events)
		(void)epoll_ctl(client->server->epoll, EPOLL_CTL_MOD, client->fd, &event);
	client->events = events;
}

static int
submit(struct client *client, const char *text, size_t length)
{
	struct server *server = client->server;
	struct request *request = malloc(sizeof(*request) + length);

	if (request == NULL)
		return -1;
	*request = (struct request){ .client = client, .length = length };
	memcpy(request->text, text, length);
	*client->last = request;
	client->last = &request->next;
	client->in_hand++;
	server->in_hand++;
	server->requests++;
	/* From outside of the pool this queues and returns. */
	return filch_group_spawn(&server->group, work, request) == FILCH_OK ? 0 : -1;
}

/* Room for more behind what is there. */
static int
reserve(struct client *client, size_t more)
{
	size_t length = client->output_end - client->output_begin;
	char *output;

	if (client->output_end + more <= client->output_room)
		return 0;
	if (length > 0)
		memmove(client->output, client->output + client->output_begin, length);
	client->output_begin = 0;
	client->output_end = length;
	if (length + more <= client->output_room)
		return 0;
	output = realloc(client->output, 2 * (length + more));
	if (output == NULL)
		return -1;
	client->output = output;
	client->output_room = 2 * (length + more);
	return 0;
}

/* What is done, up to the first that is not. */
static void
take_answers(struct client *client)
{
	struct request *request;

	while ((request = client->first) != NULL && request->done) {
		size_t more = request->length + 18;

		if (reserve(client, more + 1) != 0) {
			client->broken = 1;
		} else {
			char *to = client->output + client->output_end;

			(void)snprintf(to, 18, "%016" PRIx64 " ", request->digest);
			memcpy(to + 17, request->text, request->length);
			to[more - 1] = '\n';
			client->output_end += more;
		}
		client->first = request->next;
		if (client->first == NULL)
			client->last = &client->first;
		client->in_hand--;
		free(request);
	}
}

static void
send_output(struct client *client)
{
	while (!client->broken && client->output_begin < client->output_end) {
		ssize_t n = send(client->fd, client->output + client->output_begin,
		    client->output_end - client->output_begin, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR)
			client->broken = 1;
		client->output_begin += n > 0 ? (size_t)n : 0;
	}
}

/* Hands on the whole lines of the input, as far as the limit allows. */
static void
take_lines(struct client *client)
{
	struct server *server = client->server;
	size_t begin = 0;
	const char *end;

	while (server->in_hand < server->options->in_hand && (end = memchr(client->input + begin,
	    '\n', client->input_length - begin)) != NULL) {
		size_t length = (size_t)(end - client->input) - begin;

		if (submit(client, client->input + begin, length) != 0)
			client->broken = 1;
		begin += length + 1;
	}
	client->input_length -= begin;
	memmove(client->input, client->input + begin, client->input_length);
	/* A line that is longer than allowed never ends. */
	if (client->input_length == sizeof(client->input)
	    && memchr(client->input, '\n', client->input_length) == NULL)
		client->broken = 1;
}

static void
read_input(struct client *client)
{
	ssize_t n = recv(client->fd, client->input + client->input_length,
	    sizeof(client->input) - client->input_length, 0);

	if (n > 0)
		client->input_length += (size_t)n;
	else if (n == 0)
		client->ended = 1;
	else if (errno != EAGAIN && errno != EINTR)
		client->broken = 1;
}

/* After anything that happened to it or to the limit. */
static void
advance(struct client *client)
{
	struct server *server = client->server;
	uint32_t events = 0;
	int full;

	take_answers(client);
	send_output(client);
	if (!server->stopping && !client->broken)
		take_lines(client);
	full = server->in_hand >= server->options->in_hand
	    || client->input_length == sizeof(client->input)
	    || client->output_end - client->output_begin > OUTPUT_HIGH;
	if (!client->ended && !client->broken && !server->stopping && !full)
		events |= EPOLLIN;
	if ((client->events & EPOLLIN) != 0 && full)
		server->paused++;
	if (!client->broken && client->output_begin < client->output_end)
		events |= EPOLLOUT;
	/* Also without events epoll tells of an error, again and again. */
	if (client->broken)
		(void)epoll_ctl(server->epoll, EPOLL_CTL_DEL, client->fd, NULL);
	else
		watch(client, events);
}

static void
accept_client(struct server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
	struct client *client = fd >= 0 ? calloc(1, sizeof(*client)) : NULL;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	if (client == NULL || epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		free(client);
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	client->server = server;
	client->fd = fd;
	client->events = EPOLLIN;
	client->last = &client->first;
	client->next = server->clients;
	server->clients = client;
}

/* Nothing of it is on the way any more, and nothing will come. */
static int
is_over(const struct client *client)
{
	int sent = client->output_begin == client->output_end;
	int lines = memchr(client->input, '\n', client->input_length) != NULL;

	return client->in_hand == 0 && (client->broken || (sent
	    && (client->server->stopping || (client->ended && !lines))));
}

/* Between rounds, as the events of a round point to clients. */
static void
reap(struct server *server, int all)
{
	struct client **at = &server->clients, *client;

	while ((client = *at) != NULL) {
		if (!all && !is_over(client)) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		(void)close(client->fd);
		free(client->output);
		free(client);
	}
}

/* -- The loop -- */

/* All that are there: the descriptor is readable until FILCH_AGAIN was returned. */
static void
drain(struct server *server)
{
	struct request *batch[BATCH];
	size_t n;

	while (filch_channel_recv_many(server->answers, batch, BATCH, &n, 0) == FILCH_OK) {
		for (size_t i = 0; i < n; i++)
			batch[i]->done = 1;
		server->in_hand -= n;
		server->answered += n;
	}
	/* Their clients have something to send, and there is room for requests of any. */
	for (struct client *client = server->clients; client != NULL; client = client->next)
		advance(client);
}

static void
stop(struct server *server)
{
	server->stopping = 1;
	(void)epoll_ctl(server->epoll, EPOLL_CTL_DEL, server->listener, NULL);
	for (struct client *client = server->clients; client != NULL; client = client->next)
		advance(client);
}

static int
loop(struct server *server, filch_channel *stopped)
{
	uint64_t deadline = FILCH_FOREVER;
	struct epoll_event events[EVENTS];

	while (!server->stopping || server->in_hand > 0
	    || (server->clients != NULL && filch_now() < deadline)) {
		int n = epoll_wait(server->epoll, events, EVENTS, server->stopping ? 100 : -1);

		if (n < 0 && errno != EINTR)
			return -1;
		for (int i = 0; i < n; i++) {
			void *of = events[i].data.ptr;

			if (of == server->answers) {
				drain(server);
			} else if (of == &server->listener) {
				accept_client(server);
			} else if (of == &server->signals || of == stopped) {
				if (!server->stopping)
					deadline = filch_now() + LINGER_MS * UINT64_C(1000000);
				(void)epoll_ctl(server->epoll, EPOLL_CTL_DEL, server->signals, NULL);
				stop(server);
			} else {
				struct client *client = of;

				if ((events[i].events & EPOLLERR) != 0)
					client->broken = 1;
				else if ((events[i].events & client->events & EPOLLIN) != 0)
					read_input(client);
				else if ((events[i].events & EPOLLHUP) != 0)
					client->broken = 1;
				advance(client);
			}
		}
		reap(server, 0);
	}
	return 0;
}

static int
add(struct server *server, int fd, void *of, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = of };

	return fd < 0 ? -1 : epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event);
}

int
echo_serve(filch_pool *pool, int listener, const struct echo_options *options,
    filch_channel *stopped)
{
	struct server server = { .options = options, .group = FILCH_GROUP_INIT,
	    .listener = listener };
	filch_channel_options how = FILCH_CHANNEL_OPTIONS_INIT;
	int fd = -1, stop_fd = -1, status;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	how.name = "answers";
	server.group.pool = pool;
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	server.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	status = filch_channel_create(&server.answers, sizeof(struct request *), options->in_hand,
	    &how);
	if (status == FILCH_OK)
		status = filch_channel_fd(server.answers, &fd);
	if (status == FILCH_OK && stopped != NULL)
		status = filch_channel_fd(stopped, &stop_fd);
	if (status != FILCH_OK)
		fprintf(stderr, "echo-pool: no channel: %s\n", filch_status_text(status));
	else if (add(&server, listener, &server.listener, EPOLLIN) != 0
	    || add(&server, server.signals, &server.signals, EPOLLIN) != 0
	    || add(&server, fd, server.answers, EPOLLIN) != 0
	    || (stopped != NULL && add(&server, stop_fd, stopped, EPOLLIN | EPOLLONESHOT) != 0)
	    || loop(&server, stopped) != 0)
		fprintf(stderr, "echo-pool: epoll: %s\n", strerror(errno)), status = -1;
	/* The last answers came; their tasks may be just ending. */
	if (server.requests > 0)
		(void)filch_group_wait(&server.group, FILCH_FOREVER);
	if (status == FILCH_OK)
		printf("%" PRIu64 " requests taken, %" PRIu64 " answered; %" PRIu64
		    " times a client was made to wait\n", server.requests, server.answered,
		    server.paused);
	reap(&server, 1);
	filch_channel_destroy(server.answers);
	if (server.signals >= 0)
		(void)close(server.signals);
	if (server.epoll >= 0)
		(void)close(server.epoll);
	(void)close(listener);
	return status;
}

int
echo_listen(const struct echo_options *options, uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(options->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0
	    || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 128) != 0
	    || getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
		fprintf(stderr, "echo-pool: cannot listen on port %u of 127.0.0.1: %s\n",
		    options->port, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	*port = ntohs(address.sin_port);
	return fd;
}
