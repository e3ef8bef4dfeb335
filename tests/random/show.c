/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints a tree, with what came out so far and what must. */
#include "program.h"

#include <stdio.h>
#include <sys/types.h>

static const char *const kind_name[] = {
#define KIND_NAME(name, text) text,
	KINDS(KIND_NAME)
#undef KIND_NAME
};

static void
show_node(const struct node *node, bool all)
{
	fprintf(stderr, "# %*s%u %s", (int)node->depth * 2, "", node->id, kind_name[node->kind]);
	if (node->n != 0)
		fprintf(stderr, " n=%zu step=%zu", node->n, node->step);
#define FIELD_SHOW(name) \
	if (node->name != 0) \
		fprintf(stderr, " " #name "=%d", node->name);
	FIELDS(FIELD_SHOW)
#undef FIELD_SHOW
	fprintf(stderr, " runs=%zu status=%d want=%d sure=%d\n",
	    (size_t)flc_load_relaxed(&node->runs), node->status, node->want_status,
	    (int)node->sure);
	for (size_t i = 0; i < node->children; i++)
		if (all || flc_load_relaxed(&node->child[i]->runs) != 0)
			show_node(node->child[i], all);
}

void
program_show(bool all)
{
	fprintf(stderr, "# seed %llu, repeated %d times,%s%s%s\n", (unsigned long long)program.seed,
	    program.repetitions, program.observed ? " observed" : "",
	    program.shaken ? " shaken" : "", program.signalled ? " signalled" : "");
	for (size_t i = 0; i < program.pools; i++)
		fprintf(stderr,
		    "# pool %zu: workers %zd guests %zu spares %zd spin %lld stack %zu\n", i,
		    (ssize_t)program.plan[i].workers, program.plan[i].guests,
		    (ssize_t)program.plan[i].spares, (long long)program.plan[i].spin_ns,
		    program.plan[i].stack_size);
	show_node(program.root, all);
}
