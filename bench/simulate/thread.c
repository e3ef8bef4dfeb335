/* SPDX-License-Identifier: BSD-2-Clause */
/* What a thread does while it has work: it walks the DAG, frame by frame. */
#include "state.h"

#include <stdlib.h>

int32_t
record_new(struct sim *sim)
{
	int32_t record = sim->records_free;

	if (record == NOBODY) {
		int32_t room = sim->records != 0 ? 2 * sim->records : 1024;
		struct record *grown = realloc(sim->record, (size_t)room * sizeof(*grown));

		if (grown == NULL) {
			sim->failed = true;
			return 0;
		}
		for (int32_t i = room - 1; i >= sim->records; i--) {
			grown[i].link = sim->records_free;
			sim->records_free = i;
		}
		sim->record = grown;
		sim->records = room;
		record = sim->records_free;
	}
	sim->records_free = sim->record[record].link;
	return record;
}

static void
record_free(struct sim *sim, int32_t record)
{
	sim->record[record].link = sim->records_free;
	sim->records_free = record;
}

void
thread_call(struct sim *sim, struct thread *thread, int32_t node, int32_t record)
{
	if (thread->depth == thread->room) {
		int32_t room = thread->room != 0 ? 2 * thread->room : 64;
		struct frame *grown = realloc(thread->frame, (size_t)room * sizeof(*grown));

		if (grown == NULL) {
			sim->failed = true;
			return;
		}
		thread->frame = grown;
		thread->room = room;
	}
	struct frame *frame = &thread->frame[thread->depth++];

	*frame = (struct frame){ .node = node, .record = record, .records = NOBODY };
	if (record != NOBODY) {
		frame->begin = sim->record[record].begin;
		frame->end = sim->record[record].end;
	} else if (sim->dag->node[node].kind == DAG_RANGE) {
		frame->end = sim->dag->range[sim->dag->node[node].forks].count;
	}
	if (thread->depth > sim->result->depth_most)
		sim->result->depth_most = thread->depth;
}

static void
spawn(struct sim *sim, struct thread *thread, struct frame *frame, struct record piece)
{
	int32_t record = record_new(sim);

	if (sim->failed)
		return;
	piece.link = frame->records;
	piece.thief = NOBODY;
	piece.waiter = NOBODY;
	sim->record[record] = piece;
	frame->records = record;
	thread_push(sim, thread, record);
}

/* Starts the node; true if that takes time. */
static bool
enter(struct sim *sim, struct thread *thread, struct frame *frame)
{
	const struct dag_node *node = &sim->dag->node[frame->node];
	const struct costs *costs = &sim->config->costs;

	frame->phase = BODY;
	frame->next = frame->node + 1;
	if (node->kind == DAG_RANGE)
		return false;
	if (node->forks != 0) {
		int64_t fence = lane_fenced(sim, &thread->lane) ? costs->fence_ps : 0;

		sim_owe_fork(sim, thread, node->forks * (costs->spawn_ps + fence));
		thread_popped(sim, thread, node->forks);
	}
	if (node->pre + thread->debt == 0)
		return false;
	thread->forks_within = node->forks != 0;
	sim_work(sim, thread, node->pre);
	return true;
}

/* A loop: offers a part of the rest if the lane is empty, then runs a chunk. */
static bool
range_body(struct sim *sim, struct thread *thread, struct frame *frame)
{
	const struct dag_range *range = &sim->dag->range[sim->dag->node[frame->node].forks];
	int32_t left = frame->end - frame->begin;

	if (left == 0) {
		frame->phase = JOIN;
		return false;
	}
	if (left > range->grain && lane_empty(&thread->lane)) {
		int32_t offer = sim->config->policy.split == SPLIT_HALF ? left / 2 : range->grain;
		struct record piece = {
			.node = frame->node, .begin = frame->end - offer, .end = frame->end,
		};

		frame->end -= offer;
		left -= offer;
		spawn(sim, thread, frame, piece);
	}
	int32_t chunk = left < range->grain ? left : range->grain;
	int64_t ns = dag_range_cost(range, frame->begin, frame->begin + chunk);

	frame->begin += chunk;
	sim_work(sim, thread, ns);
	return true;
}

/* The next child is spawned or called; true if that takes time. */
static bool
body(struct sim *sim, struct thread *thread, struct frame *frame)
{
	const struct dag_node *node = &sim->dag->node[frame->node];
	int32_t child = frame->next;

	if (node->kind == DAG_RANGE)
		return range_body(sim, thread, frame);
	if (child == node->end) {
		frame->phase = JOIN;
		return false;
	}
	if (node->gap != 0 && !frame->gap_over) {
		frame->gap_over = true;
		sim_work(sim, thread, node->gap);
		return true;
	}
	frame->gap_over = false;
	frame->next = sim->dag->node[child].end;
	if (node->kind == DAG_PARALLEL && frame->next != node->end) {
		struct record piece = { .node = child };

		if (sim->dag->node[child].kind == DAG_RANGE)
			piece.end = sim->dag->range[sim->dag->node[child].forks].count;
		spawn(sim, thread, frame, piece);
	} else {
		thread_call(sim, thread, child, NOBODY);
	}
	return false;
}

/* The newest record is run inline, was stolen and is done, or is waited for; true if that
 * takes time. */
static bool
join(struct sim *sim, struct thread *thread, struct frame *frame)
{
	int32_t index = frame->records;

	if (index == NOBODY) {
		frame->phase = LEAVE;
		return false;
	}
	struct record record = sim->record[index];

	if (record.thief == NOBODY) {
		thread_pop(sim, thread);
		frame->records = record.link;
		record_free(sim, index);
		if (sim->dag->node[frame->node].kind == DAG_RANGE) {
			frame->begin = record.begin;
			frame->end = record.end;
			frame->phase = BODY;
			return false;
		}
		thread_call(sim, thread, record.node, NOBODY);
		return false;
	}
	/* Once: whoever waited for it comes here again. */
	if (record.waiter == NOBODY)
		thread_was_robbed(sim, thread);
	if (!record.done) {
		thread_begin_wait(sim, thread, index);
		return true;
	}
	frame->records = record.link;
	record_free(sim, index);
	return false;
}

/* What was owed is paid before anybody may see that the frame has ended. */
static bool
end(struct sim *sim, struct thread *thread, struct frame *frame)
{
	int32_t record = frame->record;

	if (thread->debt != 0) {
		sim_schedule(sim, thread, RUN, 0);
		return true;
	}
	thread->depth--;
	if (record != NOBODY)
		thread_complete(sim, thread, record);
	else if (thread->depth == 0)
		sim->done = true;
	if (thread->depth != 0)
		return false;
	if (!sim->done)
		thread_idle(sim, thread);
	return true;
}

void
thread_advance(struct sim *sim, struct thread *thread)
{
	bool away = false;

	thread->forks_within = false;
	while (!away && !sim->failed) {
		struct frame *frame = &thread->frame[thread->depth - 1];
		int32_t post = sim->dag->node[frame->node].post;

		switch (frame->phase) {
		case ENTER:
			away = enter(sim, thread, frame);
			break;
		case BODY:
			away = body(sim, thread, frame);
			break;
		case JOIN:
			away = join(sim, thread, frame);
			break;
		case LEAVE:
			frame->phase = END;
			away = post != 0;
			if (away)
				sim_work(sim, thread, post);
			break;
		case END:
			away = end(sim, thread, frame);
			break;
		}
	}
}
