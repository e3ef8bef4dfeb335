/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree as such: its random numbers, the end of its nodes. */
#include "program.h"

#include <stdlib.h>

uint64_t
random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

size_t
random_below(uint64_t *state, size_t n)
{
	return n == 0 ? 0 : (size_t)(random_next(state) % n);
}

void
program_free(void)
{
	for (unsigned i = 0; i < program.nodes; i++) {
		free(program.node[i]->child);
		free(program.node[i]->item);
		free(program.node[i]->memory);
		free(program.node[i]);
	}
	free(program.node);
}

/* The subtree stays in memory, for program_free(), but nobody runs it. */
void
program_drop(unsigned id)
{
	struct node *node;

	if (id == 0 || id >= program.nodes)
		return;
	node = program.node[id];
	node->kind = KIND_LEAF;
	node->children = 0;
#define FIELD_ZERO(name) node->name = 0;
	FIELDS(FIELD_ZERO)
#undef FIELD_ZERO
}
