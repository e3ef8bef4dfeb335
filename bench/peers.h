/* SPDX-License-Identifier: BSD-2-Clause */
/* The executables that take part, by name. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include <stddef.h>

#define PEERS_LIMIT 32

struct peer {
	char name[32];
	char path[512];
	char kernels[2048];  /* comma-separated, as it lists them */
};

struct peers {
	struct peer peer[PEERS_LIMIT];
	size_t count;
};

/* Adds NAME=PATH; non-zero and a message if it is none or there are too many. */
int peers_add(struct peers *peers, const char *text);

/* Adds the colon-separated NAME=PATH of FILCH_BENCH_PEERS; a bare PATH is named by its
 * last part. */
int peers_add_environment(struct peers *peers);

/*
 * Asks each what it is: "build" must be answered with "ok", or with "error ..." by a peer
 * that does not know the question; a build with invariants or a sanitizer says so, and is
 * refused.  Then "list".  Non-zero and a message if one is refused or does not answer.
 */
int peers_examine(struct peers *peers);

#endif /* BENCH_PEERS_H */
