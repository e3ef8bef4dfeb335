/* SPDX-License-Identifier: BSD-2-Clause */
#include "peers.h"
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMINE_S 20.0

int
peers_add(struct peers *peers, const char *text)
{
	const char *path = strchr(text, '=');
	struct peer *peer = &peers->peer[peers->count];

	if (path == NULL || path == text || path[1] == '\0' || peers->count == PEERS_LIMIT ||
	    (size_t)(path - text) >= sizeof(peer->name) ||
	    strlen(path + 1) >= sizeof(peer->path)) {
		fprintf(stderr, "%s: not NAME=PATH, or too many peers\n", text);
		return -1;
	}
	memset(peer, 0, sizeof(*peer));
	memcpy(peer->name, text, (size_t)(path - text));
	memcpy(peer->path, path + 1, strlen(path + 1));
	peers->count++;
	return 0;
}

int
peers_add_environment(struct peers *peers)
{
	const char *value = getenv("FILCH_BENCH_PEERS");
	char *list = strdup(value != NULL ? value : ""), *rest = NULL;
	int failure = list == NULL;

	for (char *item = failure ? NULL : strtok_r(list, ":", &rest); item != NULL;
	     item = strtok_r(NULL, ":", &rest)) {
		char text[1024];
		const char *slash = strrchr(item, '/');

		if (strchr(item, '=') != NULL)
			snprintf(text, sizeof(text), "%s", item);
		else
			snprintf(text, sizeof(text), "%s=%s", slash != NULL ? slash + 1 : item,
			    item);
		failure |= peers_add(peers, text);
	}
	free(list);
	return failure;
}

/* Names may come on a line each or on one; an empty line ends them. */
static enum answer
read_list(struct launch *launch, char *kernels, size_t size)
{
	char line[1024];
	size_t length = 0;
	enum answer answer = launch_ask(launch, "list", line, sizeof(line), EXAMINE_S);

	kernels[0] = '\0';
	while (answer == ANSWERED && line[0] != '\0') {
		char *rest = NULL;

		for (char *name = strtok_r(line, " \t", &rest); name != NULL;
		     name = strtok_r(NULL, " \t", &rest)) {
			if (length + strlen(name) + 2 > size)
				return CRASHED;
			length += (size_t)snprintf(kernels + length, size - length, "%s%s",
			    length > 0 ? "," : "", name);
		}
		answer = launch_line(launch, line, sizeof(line), EXAMINE_S);
	}
	return answer;
}

static int
examine(struct peer *peer)
{
	struct launch launch;
	struct rusage used;
	char line[256];
	enum answer answer = CRASHED;
	int refused = 0;

	if (launch_start(&launch, peer->path, NULL) == 0) {
		answer = launch_ask(&launch, "build", line, sizeof(line), EXAMINE_S);
		refused = answer == ANSWERED && strcmp(line, "ok") != 0 &&
		    strncmp(line, "error", 5) != 0;
		if (answer == ANSWERED && !refused)
			answer = read_list(&launch, peer->kernels, sizeof(peer->kernels));
		launch_end(&launch, answer != ANSWERED, &used);
	}
	if (refused)
		fprintf(stderr, "%s (%s): refused: %s\n", peer->name, peer->path, line);
	else if (answer != ANSWERED)
		fprintf(stderr, "%s (%s): does not answer\n", peer->name, peer->path);
	return refused || answer != ANSWERED;
}

int
peers_examine(struct peers *peers)
{
	int failure = 0;

	for (size_t i = 0; i < peers->count; i++)
		failure |= examine(&peers->peer[i]);
	return failure;
}
