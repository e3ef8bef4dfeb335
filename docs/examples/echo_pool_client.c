/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "echo_pool_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum client_fill
client_read(struct client *client)
{
	while (client->in_length < CLIENT_IN) {
		ssize_t n = recv(client->fd, client->in + client->in_length,
		    CLIENT_IN - client->in_length, 0);

		if (n == 0)
			return CLIENT_ENDED;
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? CLIENT_MORE : CLIENT_BROKEN;
		client->in_length += n > 0 ? (size_t)n : 0;
	}
	return CLIENT_FULL;
}

int
client_next_line(struct client *client, struct request *request)
{
	char *end = memchr(client->in, '\n', client->in_length);
	size_t length;

	if (end == NULL)
		return client->in_length > ECHO_LINE ? -1 : 0;
	length = (size_t)(end - client->in);
	if (length > ECHO_LINE)
		return -1;
	memcpy(request->line, client->in, length);
	request->line_length = length;
	client->in_length -= length + 1;
	memmove(client->in, end + 1, client->in_length);
	return 1;
}

void
client_collect(struct client *client, void (*release)(struct request *request))
{
	while (client->first != NULL && client->first->done) {
		struct request *request = client->first;

		if (client->out_end + request->answer_length > CLIENT_OUT) {
			client->out_end -= client->out_begin;
			memmove(client->out, client->out + client->out_begin, client->out_end);
			client->out_begin = 0;
		}
		/* client_may_ask() saw to it that there is room. */
		memcpy(client->out + client->out_end, request->answer, request->answer_length);
		client->out_end += request->answer_length;
		client->first = request->next;
		client->under_way--;
		release(request);
	}
}

int
client_write(struct client *client)
{
	while (client->out_begin < client->out_end) {
		ssize_t n = send(client->fd, client->out + client->out_begin,
		    client->out_end - client->out_begin, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
		client->out_begin += n > 0 ? (size_t)n : 0;
	}
	client->out_begin = client->out_end = 0;
	return 0;
}
