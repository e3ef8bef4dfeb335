/* SPDX-License-Identifier: BSD-2-Clause */
/* echo-pool: what the server and the load share. */
#ifndef ECHO_POOL_H
#define ECHO_POOL_H

#include <filch.h>
#include <stddef.h>
#include <stdint.h>

/* A request is a line of at most ECHO_LINE bytes; the answer is its digest, 16 hex
 * digits, a blank, and the line again. */
#define ECHO_LINE 4096

struct echo_options {
	size_t rounds;           /* of the digest: what a request costs, some 4 ns each */
	size_t in_hand;          /* requests that the pool has at most */
	uint16_t port;           /* 0: any */
};

/* The work. */
static inline uint64_t
echo_digest(const char *text, size_t length, size_t rounds)
{
	uint64_t z = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		z = (z ^ (unsigned char)text[i]) * 0x100000001b3u;
	for (size_t i = 0; i < rounds; i++) {
		z += 0x9e3779b97f4a7c15u;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	}
	return z;
}

/* The socket that listens, and its port; -1: told why. */
int echo_listen(const struct echo_options *options, uint16_t *port);

/*
 * Serves until SIGINT, SIGTERM (which the caller has blocked in all threads) or until
 * `stop` is closed (NULL: none); then answers what it took and returns.  Non-zero:
 * told why.  Owns the listening socket.
 */
int echo_serve(filch_pool *pool, int listener, const struct echo_options *options,
    filch_channel *stop);

/* Clients that each send n requests and check each answer; prints what it measured.
 * Non-zero: an answer was wrong or did not come; told which. */
int echo_load(filch_pool *pool, uint16_t port, size_t clients, size_t n, size_t rounds);

#endif /* ECHO_POOL_H */
