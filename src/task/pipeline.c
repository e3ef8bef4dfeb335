/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run of a pipeline.  A worker carries an item from the source as far as it can, and
 * before that leaves the source to others.  Where others wait behind it in a serial stage
 * it goes on there, and its own item goes to others.
 */
#include "task/pipeline.h"

#include "base/float_mode.h"
#include "sched/publish.h"
#include "task/pipeline_turns.h"
#include "wait/call.h"
#include "wait/task_wait.h"

FLC_PENDING_BEFORE_STOP(filch_pipeline, pending, ending.stopped);

/* One worker at work on a run. */
struct carrier {
	struct flc_worker *worker;
	struct filch_pipeline *p;
	struct flc_scope scope;
	struct flc_token *put_off;  /* those that could not be queued */
	bool has_source;            /* may call it, and has a token reserved */
};

static void
fail(struct carrier *c, size_t index, int status)
{
	flc_early_exit_fail(&c->p->ending, c->worker->pool, index, status);
}

/* Whether the item is to go no further. */
static bool
is_over(struct filch_pipeline *p, size_t index)
{
	return flc_early_exit_is_over(&p->ending, index, &p->limits);
}

/* Calls a stage; in a serial one nobody else counts. */
static int
call_stage(struct carrier *c, struct flc_stage *stage, struct flc_token *token)
{
	uint64_t since = flc_ticks(), ticks;
	int status = stage->given.run(stage->given.context, flc_token_slot(token));

	flc_worker_check_fork(c->worker);
	ticks = flc_ticks() - since;
	if (stage->place != NULL) {
		flc_count(&stage->busy, ticks);
		flc_count(&stage->items, status == FILCH_OK);
	} else {
		(void)flc_add_full(&stage->busy, ticks);
		(void)flc_add_full(&stage->items, status == FILCH_OK);
	}
	return status;
}

/* The item ends here; its token goes on, for the turns of those behind it. */
static void
discard(struct carrier *c, struct flc_stage *stage, struct flc_token *token)
{
	const filch_pipeline_options *options = &c->p->options;

	token->dead = true;
	(void)flc_add_full(&stage->discarded, 1);
	if (options->discard != NULL) {
		options->discard(options->discard_context, flc_token_slot(token));
		flc_worker_check_fork(c->worker);
	}
}

static void
run_stage(struct carrier *c, struct flc_stage *stage, struct flc_token *token)
{
	int status;

	if (token->dead)
		return;
	if (!is_over(c->p, token->index)) {
		flc_scope_move(&c->scope, token->index);
		status = call_stage(c, stage, token);
		if (status == FILCH_OK)
			return;
		fail(c, token->index, status);
	}
	discard(c, stage, token);
}

static void run_job(struct flc_worker *worker, const struct flc_job *job);

/* Leaves a token, or the source (NULL), to any worker; false: that cannot be. */
static bool
leave(struct carrier *c, struct flc_token *token)
{
	struct flc_worker *worker = c->worker;
	struct flc_job job = { .run = run_job, .tag = (size_t)c->p, .object = token };

	if (worker->pool->threads == 0)
		return false;
	(void)flc_add_full(&c->p->pending, 1);
	if (flc_worker_spawn(worker, &job))
		return true;
	(void)flc_pending_end(&c->p->pending, worker->pool);
	return false;
}

/* A new item from the source, and the source left to others; NULL: no more. */
static struct flc_token *
produce(struct carrier *c)
{
	struct filch_pipeline *p = c->p;
	struct flc_token *token;
	size_t index = p->next_index;
	int status;

	c->has_source = false;
	if (is_over(p, index))
		return NULL;
	token = flc_token_get(p);
	token->index = index;
	token->stage = 1;
	token->dead = false;
	flc_scope_move(&c->scope, index);
	status = call_stage(c, &p->stage[0], token);
	if (status != FILCH_OK) {
		if (status != FILCH_CLOSED)
			fail(c, index, status);
		return NULL;
	}
	p->next_index = index + 1;
	c->has_source = flc_token_reserve(p) && !leave(c, NULL);
	return token;
}

/* A token whose turn at a stage is over, but that we do not go on with. */
static void
put_off(struct carrier *c, struct flc_token *token)
{
	if (token->stage == c->p->stages) {
		if (flc_token_free(c->p, token))
			c->has_source = !leave(c, NULL);
	} else if (!leave(c, token)) {
		token->put_off = c->put_off;
		c->put_off = token;
	}
}

/* Carries the token to its end, or to where it must wait. */
static void
carry(struct carrier *c, struct flc_token *token)
{
	struct filch_pipeline *p = c->p;
	bool has_turn = false;

	while (token->stage < p->stages) {
		struct flc_stage *stage = &p->stage[token->stage];
		bool serial = stage->place != NULL;
		struct flc_token *next;

		if (serial && !has_turn && !flc_turn_take(p, stage, token))
			return;
		has_turn = false;
		run_stage(c, stage, token);
		token->stage++;
		if (!serial)
			continue;
		next = flc_turn_give(p, stage, token->turn);
		if (next != NULL) {
			put_off(c, token);
			token = next;
			has_turn = true;
		}
	}
	if (flc_token_free(p, token))
		c->has_source = true;
}

/* Works until there is nothing to go on with; first on a token, or the source. */
static void
run_carrier(struct flc_worker *worker, struct filch_pipeline *p, struct flc_token *token)
{
	struct carrier c = {
		.worker = worker,
		.p = p,
		.has_source = token == NULL,
	};
	struct flc_scope_place place;

	flc_early_exit_scope(&p->ending, &c.scope, worker->scope, p->options.cancel);
	place = flc_scope_enter(worker, &c.scope);
	for (;;) {
		if (token == NULL && c.put_off != NULL) {
			token = c.put_off;
			c.put_off = token->put_off;
		}
		if (token == NULL && c.has_source)
			token = produce(&c);
		if (token == NULL)
			break;
		carry(&c, token);
		token = NULL;
	}
	flc_scope_leave(worker, place);
}

static void
run_job(struct flc_worker *worker, const struct flc_job *job)
{
	struct filch_pipeline *p = (struct filch_pipeline *)job->tag;

	flc_float_set_mode(p->mode);
	run_carrier(worker, p, (struct flc_token *)job->object);
	(void)flc_pending_end(&p->pending, worker->pool);
}

static int
run_verb(struct flc_worker *worker, void *argument)
{
	struct filch_pipeline *p = argument;
	struct flc_waiting how = { .tag = (size_t)p, .deadline = FILCH_FOREVER };

	flc_pipeline_rewind(p);
	flc_store_relaxed(&p->pending, 0);
	flc_early_exit_begin(&p->ending, worker->scope);
	flc_store_release(&p->started, flc_ticks());
	run_carrier(worker, p, NULL);
	(void)flc_wait_pending(worker, &p->pending, &how);
	flc_count(&p->elapsed, flc_ticks() - flc_load_relaxed(&p->started));
	flc_store_release(&p->started, 0);
	return flc_early_exit_status(&p->ending, &p->limits);
}

int
filch_pipeline_run(filch_pipeline *p, uint64_t deadline)
{
	int status;

	if (p == NULL)
		return FILCH_INVAL;
	status = flc_generation_acquire(&p->running);
	if (status != FILCH_OK)
		return status;
	p->mode = flc_float_mode();
	p->limits.cancel = p->options.cancel;
	p->limits.stop_at = deadline == FILCH_FOREVER ? 0 : deadline > 0 ? deadline : 1;
	status = flc_pool_call_until(p->options.pool, run_verb, p, deadline);
	flc_generation_release(&p->running);
	return status;
}
