/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo-pool: a connection, with what was read and not asked yet, the requests under way
 * in their order, and what was answered and not written yet.  All but echo_work is the
 * event loop's alone.
 */
#ifndef ECHO_POOL_CLIENT_H
#define ECHO_POOL_CLIENT_H

#include "echo_pool.h"

#define CLIENT_IN (4 * (ECHO_LINE + 1))
#define CLIENT_OUT (2 * ECHO_WINDOW * ECHO_ANSWER)

struct client;
struct server;

/* One request; the server has `backlog` of them and never allocates another. */
struct request {
	struct request *next;    /* of its client, or free */
	struct client *client;
	struct server *server;
	int done;
	size_t line_length, answer_length;
	char line[ECHO_LINE];
	char answer[ECHO_ANSWER]; /* a worker's until it has sent the completion */
};

struct client {
	struct client *next;     /* of the server's list */
	struct client *next_waiting;
	int fd;                  /* -1: gone; freed when nothing is under way */
	int ended;               /* it sends no more */
	int waiting;             /* stands in the queue for a free request */
	uint32_t events;         /* that epoll looks for */
	struct request *first, *last;
	size_t under_way;
	size_t in_length, out_begin, out_end;
	char in[CLIENT_IN];
	char out[CLIENT_OUT];
};

enum client_fill { CLIENT_MORE, CLIENT_FULL, CLIENT_ENDED, CLIENT_BROKEN };

/* Reads what is there, as far as it has room. */
enum client_fill client_read(struct client *client);

/* Takes the next whole line out of what was read into the request; 0: there is none.  -1:
 * it is too long. */
int client_next_line(struct client *client, struct request *request);

/* Moves the answers that are next in order behind each other; calls release for each
 * request that is finished with. */
void client_collect(struct client *client, void (*release)(struct request *request));

/* Writes what it can without waiting; -1: the other side is gone. */
int client_write(struct client *client);

/* Whether one more request would find its place, and room for its answer. */
static inline int
client_may_ask(const struct client *client)
{
	return client->under_way < ECHO_WINDOW && client->out_end - client->out_begin
	    + (client->under_way + 1) * ECHO_ANSWER <= CLIENT_OUT;
}

#endif /* ECHO_POOL_CLIENT_H */
