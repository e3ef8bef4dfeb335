/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* A child's record has the parent's board with one more queen. */
#ifndef BENCH_PLAIN

FILCH_TASK(uint64_t, nqueens, int, n, int, row, struct leaf_board, board)
{
	if (row == n)
		return 1;

	FILCH_RECORD(nqueens) child[LEAF_QUEENS_MAX];
	uint64_t solutions = 0;
	int children = 0;

	for (int column = 0; column < n; column++) {
		board.row[row] = (int8_t)column;
		if (leaf_queens_safe(&board, row + 1)) {
			FILCH_SPAWN_AT(&child[children], nqueens, n, row + 1, board);
			children++;
		}
	}
	while (children > 0) {
		children--;
		solutions += FILCH_JOIN_AT(&child[children], nqueens);
	}
	return solutions;
}

#else

struct nqueens {
	int n, row;
	struct leaf_board board;
	uint64_t solutions;
};

static int
nqueens_task(void *context)
{
	struct nqueens *call = context;
	struct nqueens child[LEAF_QUEENS_MAX];
	filch_group group = FILCH_GROUP_INIT;
	int children = 0;

	if (call->row == call->n) {
		call->solutions = 1;
		return 0;
	}
	for (int column = 0; column < call->n; column++) {
		call->board.row[call->row] = (int8_t)column;
		if (leaf_queens_safe(&call->board, call->row + 1)) {
			child[children] = (struct nqueens){ call->n, call->row + 1, call->board,
				0 };
			filch_group_spawn(&group, nqueens_task, &child[children++]);
		}
	}
	filch_group_wait(&group, FILCH_FOREVER);
	call->solutions = 0;
	while (children > 0)
		call->solutions += child[--children].solutions;
	return 0;
}

static uint64_t
nqueens(int n, int row, struct leaf_board board)
{
	struct nqueens call = { n, row, board, 0 };

	filch_pool_run(NULL, nqueens_task, &call);
	return call.solutions;
}

#endif

uint64_t
bench_nqueens(const struct bench_case *run)
{
	struct leaf_board board = { { 0 } };

	if (run->n > LEAF_QUEENS_MAX)
		return 0;
	return FORM_RUN(nqueens, (int)run->n, 0, board);
}
