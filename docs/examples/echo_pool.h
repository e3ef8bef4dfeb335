/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo-pool: what its parts share.
 *
 * A request is a line of at most ECHO_LINE bytes; its answer is 16 hex digits, a space
 * and the line again.  Answers come in the order of the requests.
 */
#ifndef ECHO_POOL_H
#define ECHO_POOL_H

#include <filch.h>
#include <stddef.h>
#include <stdint.h>

#define ECHO_LINE 1000                     /* without its newline */
#define ECHO_ANSWER (16 + 1 + ECHO_LINE + 1)
#define ECHO_WINDOW 32                     /* requests under way for one client */

struct echo_options {
	const char *address;     /* "host:port", "port", or a path with a slash */
	size_t workers;          /* 0: the library's choice */
	size_t backlog;          /* requests under way at most, of all clients */
	size_t rounds;           /* of the work of a request */
	size_t clients, requests; /* of the load; requests of each client */
};

/*
 * The work: FNV-1a over the line, again and again.  Some 0.8 ns for each byte and round
 * on a core of 3 GHz.  (After G. Fowler, L. Noll, K.-P. Vo.)
 */
static inline uint64_t
echo_work(const char *line, size_t length, size_t rounds)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < length; i++)
			hash = (hash ^ (unsigned char)line[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Writes the answer and returns its length; into has ECHO_ANSWER bytes. */
size_t echo_answer(char *into, const char *line, size_t length, size_t rounds);

/* A socket that listens (or is connected) at the address; -1: told why. */
int echo_listen(const char *address);
int echo_connect(const char *address);

/* The port of a listening TCP socket; 0: it is another kind. */
unsigned echo_port(int fd);

/*
 * Serves what connects to the listening socket until SIGINT or SIGTERM, which every
 * thread must have blocked; then answers what it has read, and returns.  Both end with
 * non-zero if something went wrong, and have told it.
 */
int echo_serve(int listener, filch_pool *pool, const struct echo_options *options);

/* Sends options->requests by each of options->clients and checks every answer. */
int echo_load(const char *address, const struct echo_options *options);

#endif /* ECHO_POOL_H */
