/* SPDX-License-Identifier: BSD-2-Clause */
#include "view.h"

#include <math.h>
#include <string.h>

int
peer_is_ours(const char *peer)
{
	return strncmp(peer, "filch", 5) == 0;
}

int
peer_is_serial(const char *peer)
{
	return strcmp(peer, "serial") == 0;
}

static void
add_line(struct view *view, const struct result *result)
{
	for (size_t i = 0; i < view->lines; i++) {
		if (strcmp(view->line[i].kernel, result->kernel) == 0 &&
		    (!view->by_size || view->line[i].n == result->n))
			return;
	}
	if (view->lines < VIEW_LINES)
		view->line[view->lines++] = (struct view_line){ result->kernel, result->n };
}

static void
add_peer(struct view *view, const char *peer)
{
	for (size_t i = 0; i < view->peers; i++) {
		if (strcmp(view->peer[i], peer) == 0)
			return;
	}
	if (view->peers < VIEW_PEERS)
		view->peer[view->peers++] = peer;
}

struct view
view_make(const struct results *results, const char *group, int by_size)
{
	struct view view = { .results = results, .group = group, .by_size = by_size };

	for (size_t i = 0; i < results->count; i++) {
		const struct result *result = &results->result[i];

		if (strcmp(result->group, group) != 0)
			continue;
		add_line(&view, result);
		add_peer(&view, result->peer);
	}
	return view;
}

const struct result *
view_at(const struct view *view, size_t line, const char *peer, int workers)
{
	if (peer_is_serial(peer))
		workers = 1;
	for (size_t i = 0; i < view->results->count; i++) {
		const struct result *result = &view->results->result[i];

		if (strcmp(result->group, view->group) == 0 && result->workers == workers &&
		    strcmp(result->peer, peer) == 0 &&
		    strcmp(result->kernel, view->line[line].kernel) == 0 &&
		    (!view->by_size || result->n == view->line[line].n))
			return result;
	}
	return NULL;
}

double
view_ratio(const struct result *a, const struct result *b)
{
	if (!result_is_ok(a) || !result_is_ok(b))
		return NAN;
	if (a->tasks > 0 && b->tasks > 0)
		return (a->seconds / a->tasks) / (b->seconds / b->tasks);
	return a->n == b->n ? a->seconds / b->seconds : NAN;
}

const struct result *
view_best(const struct view *view, size_t line, int workers)
{
	const struct result *best = NULL;

	for (size_t i = 0; i < view->peers; i++) {
		const struct result *result = view_at(view, line, view->peer[i], workers);

		if (peer_is_ours(view->peer[i]) || peer_is_serial(view->peer[i]) ||
		    !result_is_ok(result))
			continue;
		/* Of two that cannot be compared the first stays. */
		if (best == NULL || view_ratio(result, best) < 1)
			best = result;
	}
	return best;
}
