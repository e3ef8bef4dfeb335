/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop, one thread of no pool: epoll tells of connections, lines, signals and
 * completions.  It never waits for anything else.
 *
 *     a line       becomes a free request, spawned into a group: the pool's workers
 *                  find it in the injection queue, the loop goes on at once
 *     the work     ends with a send to the channel `completions`, which has room
 *                  for every request there is, so that no worker ever waits
 *     the channel  has an fd, readable while it is not empty; the loop receives
 *                  until FILCH_AGAIN, which arms it again
 *
 * Backpressure: a client with too many requests under way, or no free request, and its
 * socket is not read any more; TCP tells the other side.  The group's own max_backlog
 * would count only tasks that have not ended; the loop counts requests until their
 * answers are on their way out.
 */
#define _GNU_SOURCE
#include "echo_pool_client.h"
#include "timing.h"

#include <errno.h>
#include <inttypes.h>
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
#define GRACE_MS 5000 /* for clients that do not read their answers, at the end */

struct server {
	int epoll, listener, signals, ready;  /* ready: the channel's */
	int refusing;                         /* the listener is not watched */
	size_t rounds;
	filch_channel *completions;
	filch_group group;
	struct request *requests, *free;
	struct client *clients;
	struct client *waiting, *last_waiting; /* for a free request, who came first first */
	int stopping;
	uint64_t connections, asked, answered, window_full, backlog_full;
	size_t under_way, most_under_way;
};

/* -- In the pool -- */

static int
work(void *context)
{
	struct request *request = context;

	request->answer_length = echo_answer(request->answer, request->line,
	    request->line_length, request->server->rounds);
	/* From here on the request is the loop's. */
	return filch_channel_send(request->server->completions, &request, FILCH_FOREVER);
}

/* -- In the loop -- */

static void
release(struct request *request)
{
	struct server *server = request->server;

	request->next = server->free;
	server->free = request;
	server->under_way--;
	server->answered++;
}

static int
complain(const char *what)
{
	fprintf(stderr, "echo-pool: %s: %s\n", what, strerror(errno));
	return -1;
}

static int
watch(struct server *server, int fd, void *who)
{
	struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = who } };

	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0
	    : complain("cannot watch a descriptor");
}

static void
look_for(struct server *server, struct client *client, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .ptr = client } };

	if (events != client->events && client->fd >= 0
	    && epoll_ctl(server->epoll, EPOLL_CTL_MOD, client->fd, &event) == 0)
		client->events = events;
}

/* Its requests go on; what they give is dropped. */
static void
hang_up(struct client *client)
{
	if (client->fd >= 0)
		(void)close(client->fd);
	client->fd = -1;
	client->ended = 1;
	client->in_length = 0;
}

static void
wait_for_request(struct server *server, struct client *client)
{
	if (client->waiting)
		return;
	server->backlog_full++;
	client->waiting = 1;
	client->next_waiting = NULL;
	if (server->waiting == NULL)
		server->waiting = client;
	else
		server->last_waiting->next_waiting = client;
	server->last_waiting = client;
}

static void
start(struct server *server, struct client *client, struct request *request)
{
	server->free = request->next;
	request->next = NULL;
	request->client = client;
	request->done = 0;
	if (client->first == NULL)
		client->first = request;
	else
		client->last->next = request;
	client->last = request;
	client->under_way++;
	server->asked++;
	if (++server->under_way > server->most_under_way)
		server->most_under_way = server->under_way;
	/* Whatever keeps the pool from it, the client gets its answer. */
	if (filch_group_spawn(&server->group, work, request) != FILCH_OK)
		(void)work(request);
}

/* Starts what was read, as far as the limits allow; tells whether to read on. */
static int
start_lines(struct server *server, struct client *client)
{
	for (;;) {
		if (memchr(client->in, '\n', client->in_length) == NULL)
			break;
		if (!client_may_ask(client)) {
			server->window_full++;
			return 0;
		}
		if (server->free == NULL) {
			wait_for_request(server, client);
			return 0;
		}
		if (client_next_line(client, server->free) < 0)
			break;
		start(server, client, server->free);
	}
	if (client->in_length <= ECHO_LINE)
		return 1;
	/* A line that is longer than allowed. */
	hang_up(client);
	return 0;
}

/* Reads and starts as much as the limits allow; tells whether to read on. */
static int
take_lines(struct server *server, struct client *client)
{
	while (start_lines(server, client) && !client->ended && !server->stopping) {
		enum client_fill fill = client_read(client);

		if (fill == CLIENT_MORE)
			return start_lines(server, client);
		client->ended |= fill == CLIENT_ENDED;
		if (fill == CLIENT_BROKEN)
			hang_up(client);
	}
	return 0;
}

static int
has_line(const struct client *client)
{
	return memchr(client->in, '\n', client->in_length) != NULL;
}

/* Everything that can be done for a client now. */
static void
serve_client(struct server *server, struct client *client)
{
	int read_on;

	client_collect(client, release);
	do {
		if (client->fd < 0)
			return;
		read_on = take_lines(server, client);
		if (client->fd >= 0 && client_write(client) != 0)
			hang_up(client);
		/* Once more if what was written made room: nothing else would tell. */
	} while (!read_on && has_line(client) && client_may_ask(client) && server->free != NULL);
	if (client->ended && client->under_way == 0 && client->out_begin == client->out_end
	    && !has_line(client))
		hang_up(client);
	look_for(server, client, (read_on ? (uint32_t)EPOLLIN : 0)
	    | (client->out_begin < client->out_end ? (uint32_t)EPOLLOUT : 0));
}

static void
drain_completions(struct server *server)
{
	struct request *done[BATCH];
	size_t n;

	while (filch_channel_recv_many(server->completions, done, BATCH, &n, 0) == FILCH_OK) {
		for (size_t i = 0; i < n; i++)
			done[i]->done = 1;
		/* After the marks: answers of one client leave in one write. */
		for (size_t i = 0; i < n; i++)
			if (done[i]->done == 1 && done[i]->client->first == done[i])
				serve_client(server, done[i]->client);
	}
	while (server->free != NULL && server->waiting != NULL) {
		struct client *client = server->waiting;

		server->waiting = client->next_waiting;
		client->waiting = 0;
		serve_client(server, client);
	}
}

/* No descriptors are left, say: who comes now waits until a client has gone. */
static void
refuse_for_now(struct server *server)
{
	(void)complain("cannot accept a connection");
	if (server->clients != NULL
	    && epoll_ctl(server->epoll, EPOLL_CTL_DEL, server->listener, NULL) == 0)
		server->refusing = 1;
}

static void
accept_clients(struct server *server)
{
	for (;;) {
		int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct client *client = fd < 0 ? NULL : calloc(1, sizeof(*client));

		if (client == NULL || watch(server, fd, client) != 0) {
			if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED)
				refuse_for_now(server);
			if (fd >= 0)
				(void)close(fd);
			free(client);
			return;
		}
		client->fd = fd;
		client->events = EPOLLIN;
		client->next = server->clients;
		server->clients = client;
		server->connections++;
	}
}

/* The first signal ends reading, what was read is answered; a second one ends that as
 * well. */
static void
stop(struct server *server)
{
	struct signalfd_siginfo info;

	(void)!read(server->signals, &info, sizeof(info));
	if (server->stopping++ == 0) {
		(void)epoll_ctl(server->epoll, EPOLL_CTL_DEL, server->listener, NULL);
		for (struct client *client = server->clients; client != NULL;
		    client = client->next) {
			client->ended = 1;
			serve_client(server, client);
		}
		return;
	}
	for (struct client *client = server->clients; client != NULL; client = client->next)
		hang_up(client);
}

/* Frees those that are gone; not while events of theirs may be at hand. */
static void
bury(struct server *server)
{
	struct client **at = &server->clients;

	while (*at != NULL) {
		struct client *client = *at;

		if (client->fd < 0 && client->under_way == 0 && !client->waiting) {
			*at = client->next;
			free(client);
			if (server->refusing && !server->stopping)
				(void)watch(server, server->listener, &server->listener);
			server->refusing = 0;
		} else {
			at = &client->next;
		}
	}
}

static int
loop(struct server *server)
{
	uint64_t last = 0;

	while (!server->stopping || server->clients != NULL) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(server->epoll, events, EVENTS, server->stopping ? 100 : -1);

		if (n < 0 && errno != EINTR)
			return complain("cannot wait for events");
		for (int i = 0; i < n; i++) {
			void *who = events[i].data.ptr;

			if (who == &server->ready)
				drain_completions(server);
			else if (who == &server->listener)
				accept_clients(server);
			else if (who == &server->signals)
				stop(server);
			else if (events[i].events & (EPOLLERR | EPOLLHUP))
				hang_up(who); /* both ways: nobody would get an answer */
			else
				serve_client(server, who);
		}
		if (server->stopping && last == 0)
			last = filch_now() + GRACE_MS * UINT64_C(1000000);
		if (server->stopping && filch_now() > last)
			for (struct client *c = server->clients; c != NULL; c = c->next)
				hang_up(c);
		bury(server);
	}
	return 0;
}

static int
prepare(struct server *server, size_t backlog)
{
	filch_channel_options how = FILCH_CHANNEL_OPTIONS_INIT;
	sigset_t set;
	int status;

	server->requests = calloc(backlog, sizeof(*server->requests));
	for (size_t i = 0; server->requests != NULL && i < backlog; i++) {
		server->requests[i].server = server;
		server->requests[i].next = server->free;
		server->free = &server->requests[i];
	}
	how.name = "completions";
	status = server->requests == NULL ? FILCH_NOMEM
	    : filch_channel_create(&server->completions, sizeof(struct request *), backlog, &how);
	if (status == FILCH_OK)
		status = filch_channel_fd(server->completions, &server->ready);
	if (status != FILCH_OK) {
		fprintf(stderr, "echo-pool: no channel for %zu completions: %s\n", backlog,
		    filch_status_text(status));
		return -1;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	server->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server->signals < 0 || server->epoll < 0)
		return complain("cannot make an epoll or a signalfd");
	return watch(server, server->listener, &server->listener)
	    || watch(server, server->signals, &server->signals)
	    || watch(server, server->ready, &server->ready);
}

static void
print_server(const struct server *server, double seconds)
{
	printf("served %" PRIu64 " connections: %" PRIu64 " requests, %" PRIu64 " answers in "
	    "%.3f s\n", server->connections, server->asked, server->answered, seconds);
	printf("at most %zu under way; reading paused %" PRIu64 " times for a client's window, %"
	    PRIu64 " times for the backlog\n\n", server->most_under_way, server->window_full,
	    server->backlog_full);
}

int
echo_serve(int listener, filch_pool *pool, const struct echo_options *options)
{
	struct server server = {
		.epoll = -1, .signals = -1, .listener = listener, .rounds = options->rounds,
		.group = FILCH_GROUP_INIT,
	};
	uint64_t begin = filch_now();
	int status;

	server.group.pool = pool;
	status = prepare(&server, options->backlog);
	if (status == 0)
		status = loop(&server);
	/* After the last answer some task may still be on its way out. */
	if (filch_group_wait(&server.group, FILCH_FOREVER) != FILCH_OK)
		status = -1;
	print_server(&server, seconds_since(begin));
	if (server.signals >= 0)
		(void)close(server.signals);
	if (server.epoll >= 0)
		(void)close(server.epoll);
	(void)filch_metrics_write(pool, FILCH_METRICS_TEXT, filch_write_file, stdout);
	filch_channel_destroy(server.completions);
	while (server.clients != NULL) {
		struct client *client = server.clients;

		server.clients = client->next;
		hang_up(client);
		free(client);
	}
	free(server.requests);
	return status;
}
