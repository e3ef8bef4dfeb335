/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/describe.h"

#include "pool/default_pool.h"
#include "sched/worker.h"

#include <stdarg.h>
#include <stdio.h>

/* snprintf, piece by piece. */
struct text {
	char *at;
	size_t room;
	size_t length;
};

static void
say(struct text *text, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(text->room > 0 ? text->at : NULL, text->room, format, arguments);
	va_end(arguments);
	if (n < 0)
		return;
	text->length += (size_t)n;
	if ((size_t)n < text->room) {
		text->at += n;
		text->room -= (size_t)n;
	} else {
		text->room = 0;
	}
}

static void
say_workers(struct text *text, const filch_pool *pool)
{
	if (pool->threads == 0)
		say(text, "workers     none, everything runs inline (%s)\n",
		    pool->config.why_workers);
	else
		say(text, "workers     %zu (%s; %s)\n", pool->threads, pool->config.why_workers,
		    pool->placement.why_workers);
	say(text, "guests      %zu outside callers can work at once\n",
	    pool->config.options.guests);
	say(text, "spares      %zu threads may stand in for waiting ones (%s)\n",
	    pool->config.options.spares, pool->config.why_spares);
}

static void
say_topology(struct text *text, const filch_pool *pool)
{
	const struct flc_topology *t = pool->topology;

	say(text, "topology    %zu CPUs allowed, %zu NUMA node%s (%s%s)\n", t->cpus, t->nodes,
	    t->nodes == 1 ? "" : "s", t->source, t->here ? "" : "; not this machine: no binding");
	say(text, "pinned      %s (bind: %s)\n", pool->placement.why_pinned, pool->config.why_bind);
}

static void
say_victims(struct text *text, const filch_pool *pool)
{
	static const char *const label[] = {
#define LABEL(name, text) text,
		FILCH_DISTANCE_MAP(LABEL)
#undef LABEL
	};

	for (size_t i = 0; i < pool->threads; i++) {
		const struct flc_worker *worker = flc_pool_worker(pool, i);
		size_t last = FILCH_DISTANCES;

		say(text, "worker %-4zu cpu %u, steals from", i,
		    pool->topology->cpu[pool->slot_cpu[i]].os);
		for (size_t v = 0; v < worker->victims; v++) {
			size_t run = v;

			if (worker->victim[v] >= pool->threads)
				continue;
			if (worker->distance[v] != last) {
				last = worker->distance[v];
				say(text, " %s:", label[last]);
			}
			while (run + 1 < worker->victims && worker->victim[run + 1] < pool->threads
			    && worker->victim[run + 1] == worker->victim[run] + 1
			    && worker->distance[run + 1] == last)
				run++;
			say(text, run == v ? " %u" : " %u-%u", worker->victim[v],
			    worker->victim[run]);
			v = run;
		}
		say(text, last == FILCH_DISTANCES ? " guests and spares only\n" : "\n");
	}
}

void
flc_pool_show(filch_pool *pool)
{
	size_t size = filch_pool_describe(pool, NULL, 0) + 1;
	char *text = flc_memory_alloc(&pool->memory, size, 1);

	if (text == NULL)
		return;
	filch_pool_describe(pool, text, size);
	fwrite(text, 1, size - 1, stderr);
	flc_memory_free(&pool->memory, text, size);
}

size_t
filch_pool_describe(filch_pool *pool, char *buffer, size_t size)
{
	struct text text = { buffer, size, 0 };
	int status = FILCH_OK;
	const struct flc_config *config;

	if (size > 0)
		buffer[0] = '\0';
	pool = flc_pool_choose(pool, &status);
	if (pool == NULL) {
		say(&text, "no pool: %s\n", filch_status_text(status));
		return text.length;
	}
	config = &pool->config;
	say(&text, "filch %s, pool \"%s\"\n", filch_version(), config->name);
	say_workers(&text, pool);
	say_topology(&text, pool);
	say(&text, "stack       %zu KiB (%s)\n", config->options.stack_size >> 10,
	    config->why_stack);
	say(&text, "spin        %llu ns, then park (%s)\n",
	    (unsigned long long)config->options.spin_ns, config->why_spin);
	say(&text, "fork        %s\n", flc_fence_probe()
	    ? "without a fence; thieves use membarrier"
	    : "fenced: membarrier is not to be had here");
	if (config->ignored[0] != '\0')
		say(&text, "ignored     %s\n", config->ignored);
	say_victims(&text, pool);
	return text.length;
}
