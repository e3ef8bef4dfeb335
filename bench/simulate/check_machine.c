/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "policy.h"

#include <stdio.h>

int checks, failures;

void
expect(const char *what, int64_t is, int64_t should_be)
{
	checks++;
	if (is != should_be) {
		failures++;
		printf("not ok: %s: is %lld, should be %lld\n", what, (long long)is,
		    (long long)should_be);
	}
}

void
expect_true(const char *what, bool fact)
{
	expect(what, fact, true);
}

static void
machines_are_read(void)
{
	struct machine machine;

	expect_true("three levels", machine_parse(&machine, "node:2 l3:4 core:8"));
	expect("cores", machine.cores, 64);
	expect("node", machine.node, 32);
	expect("cache", machine.cache, 8);
	expect("same cache", machine_distance(&machine, 0, 7), SAME_CACHE);
	expect("same node", machine_distance(&machine, 0, 8), SAME_NODE);
	expect("far", machine_distance(&machine, 31, 32), FAR_NODE);
	expect_true("hwloc's spelling", machine_parse(&machine, "NUMANode:1") == false);
	expect_true("numa", machine_parse(&machine, "NUMA:2 Core:4"));
	expect_true("order", !machine_parse(&machine, "core:8 node:2"));
	expect_true("zero", !machine_parse(&machine, "core:0"));
	expect_true("size", !machine_parse(&machine, "node:4096 core:4096"));
	expect_true("rest", !machine_parse(&machine, "core:8 x"));
}

/* A pass asks every other core once, near ones first. */
static void
a_near_pass_goes_outwards(void)
{
	struct machine machine = { .cores = 64, .cache = 8, .node = 32 };
	uint64_t random = 5;

	for (int32_t self = 0; self < 64; self++) {
		struct sweep sweep = { 0 };
		bool seen[64] = { false };
		int asked = 0, distance = 0;
		int32_t core;

		while ((core = sweep_next(&sweep, VICTIMS_NEAR, &machine, self, 0, &random)) >= 0) {
			expect_true("once", !seen[core]);
			expect_true("outwards",
			    (int)machine_distance(&machine, self, core) >= distance);
			distance = (int)machine_distance(&machine, self, core);
			seen[core] = true;
			asked++;
		}
		expect("all", asked, 64);
	}
}

void
check_machines(void)
{
	machines_are_read();
	a_near_pass_goes_outwards();
}
