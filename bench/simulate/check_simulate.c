/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulation against schedules worked out by hand.  Plain checks and not
 * Check, so that the benchmark needs nothing to be installed.
 */
#include "sim.h"

#include <stdio.h>
#include <string.h>

static int checks, failures;

static void
expect(const char *what, int64_t is, int64_t should_be)
{
	checks++;
	if (is != should_be) {
		failures++;
		printf("not ok: %s: is %lld, should be %lld\n", what, (long long)is,
		    (long long)should_be);
	}
}

static void
expect_true(const char *what, bool fact)
{
	expect(what, fact, true);
}

static struct sim_config
config_of(int32_t workers, const char *policy)
{
	struct sim_config config = { .machine = machine_typical(workers), .costs = costs_vm(), .seed = 1 };

	config.policy.spare_after = -1;
	expect_true(policy, policy_parse(&config.policy, policy));
	return config;
}

static struct sim_result
run(const struct dag *dag, const struct sim_config *config)
{
	struct sim_result result;

	expect_true("the run ends", simulate(dag, config, &result));
	return result;
}

/* A parallel node of leaves. */
static struct dag
fork_of(const int32_t *leaf, int leaves, int32_t pre, int32_t post)
{
	struct dag dag = { 0 };
	int32_t node = dag_open(&dag, DAG_PARALLEL, pre);

	for (int i = 0; i < leaves; i++)
		dag_leaf(&dag, leaf[i], 0);
	dag_close(&dag, node, post);
	return dag;
}

/* The first child is spawned, the second called; nobody steals. */
static void
one_worker_is_work_and_overhead(void)
{
	int32_t leaf[] = { 1000, 2000, 500 };
	struct dag dag = fork_of(leaf, 3, 100, 50);
	struct sim_config config = config_of(1, "barrier=targeted");
	const struct costs *costs = &config.costs;

	/* Two spawns; the second pop takes the only task. */
	expect("one worker", run(&dag, &config).time, 3650 + 2 * costs->spawn + costs->last);
	config = config_of(1, "barrier=fenced");
	expect("one worker, fenced", run(&dag, &config).time,
	    3650 + 2 * costs->spawn + costs->fence + costs->last);
	dag_fini(&dag);
}

/*
 * Worker 0 spawns at 0 and runs its leaf of 1 ms.  Worker 1 looks at 0, sees
 * the record, takes it, and ends last; worker 0 polls and sees that one look
 * later.
 */
static void
two_workers_share_two_leaves(void)
{
	int32_t leaf[] = { 2000000, 1000000 };
	struct dag dag = fork_of(leaf, 2, 0, 30);
	struct sim_config config = config_of(2, "barrier=fenced,help=none");
	const struct costs *costs = &config.costs;
	int64_t steal = costs->look_near + costs->steal_near;
	struct sim_result result = run(&dag, &config);

	expect("fenced", result.time, steal + 2000000 + costs->look_near + 30);
	expect("one steal", result.steals, 1);
	config = config_of(2, "barrier=targeted,help=none");
	result = run(&dag, &config);
	expect("targeted", result.time, steal + costs->barrier + 2000000 + costs->look_near + 30);
	expect("the owner was interrupted", result.spent[SIM_INTERRUPT], costs->interrupt);
	dag_fini(&dag);
}

/* The owner ends last: its spawn and the interrupt are on the longest path;
 * joining a record that is done costs it nothing. */
static void
an_owner_pays_for_its_interrupt(void)
{
	int32_t leaf[] = { 1000000, 2000000 };
	struct dag dag = fork_of(leaf, 2, 0, 30);
	struct sim_config config = config_of(2, "barrier=targeted,help=none");
	const struct costs *costs = &config.costs;

	expect("owner last", run(&dag, &config).time,
	    costs->spawn + 2000000 + costs->interrupt + 30);
	dag_fini(&dag);
}

/* Leapfrogging: worker 1 has stolen a subtree of two leaves; worker 0 ends
 * early and takes one of them back. */
static void
a_waiter_leapfrogs(void)
{
	struct dag dag = { 0 };
	int32_t root = dag_open(&dag, DAG_PARALLEL, 0);
	int32_t inner = dag_open(&dag, DAG_PARALLEL, 0);

	dag_leaf(&dag, 1000000, 0);
	dag_leaf(&dag, 3000000, 0);
	dag_close(&dag, inner, 0);
	dag_leaf(&dag, 1000, 0);
	dag_close(&dag, root, 0);
	struct sim_config config = config_of(2, "barrier=fenced,help=leap");
	const struct costs *costs = &config.costs;
	int64_t steal = costs->look_near + costs->steal_near;
	struct sim_result result = run(&dag, &config);

	expect("leapfrogging", result.time, steal + costs->spawn + 3000000 + costs->look_near);
	expect("one leap", result.leaps, 1);
	config = config_of(2, "barrier=fenced,help=none");
	expect("no help", run(&dag, &config).time,
	    steal + costs->spawn + 3000000 + costs->last + 1000000 + costs->look_near);
	dag_fini(&dag);
}

/*
 * A waiter runs nothing but what it waits for: the thief of X waits for x1
 * while the leaves of Y are queued.  Leaves have no descendants, so that no
 * waiter may take anything.
 */
static void
a_waiter_takes_only_descendants(void)
{
	static const char *const isolated[] = { "help=leap", "help=chain", "help=tags" };
	struct dag dag = { 0 };
	int32_t root = dag_open(&dag, DAG_PARALLEL, 0);
	int32_t x = dag_open(&dag, DAG_PARALLEL, 0);

	dag_leaf(&dag, 5000000, 0);
	dag_leaf(&dag, 20000, 0);
	dag_close(&dag, x, 0);
	int32_t y = dag_open(&dag, DAG_PARALLEL, 0);

	for (int i = 0; i < 16; i++)
		dag_leaf(&dag, 2000000, 0);
	dag_close(&dag, y, 0);
	dag_close(&dag, root, 0);
	for (int i = 0; i < 3; i++) {
		struct sim_config config = config_of(4, isolated[i]);

		expect(isolated[i], run(&dag, &config).leaps, 0);
	}
	struct sim_config wide = config_of(4, "help=wide");

	expect_true("wide help takes them", run(&dag, &wide).leaps > 0);
	dag_fini(&dag);
}

/* A lane drops its fence after 4 * fence_below pops that nobody disturbed, and
 * takes it up when it was stolen from often. */
static void
lanes_change_their_mode(void)
{
	enum { LEAVES = 30001 };
	struct sim_config config = config_of(1, "barrier=adaptive,begin=fenced");
	const struct costs *costs = &config.costs;
	struct dag dag = { 0 };
	int32_t root = dag_open(&dag, DAG_PARALLEL, 0);

	for (int i = 0; i < LEAVES; i++)
		dag_leaf(&dag, 1000, 0);
	dag_close(&dag, root, 0);
	expect("the fence is dropped", run(&dag, &config).time, LEAVES * (int64_t)1000
	    + (LEAVES - 1) * costs->spawn + (4 * costs->fence_below + 1) * costs->fence
	    + costs->last);
	dag_fini(&dag);

	/* Average pops per steal: 10000, 7500, 5625, then below 5000. */
	int32_t leaf[100];

	for (int i = 0; i < 100; i++)
		leaf[i] = 100000;
	dag = fork_of(leaf, 100, 0, 0);
	config = config_of(2, "barrier=adaptive,begin=unfenced,help=none");
	expect("three barriers, then the fence", run(&dag, &config).barriers, 3);
	dag_fini(&dag);
}

static void
a_chain_has_no_speed_up(void)
{
	struct sim_config one = config_of(1, ""), many = config_of(16, "barrier=broadcast");
	struct dag dag;

	expect_true("chain", dag_generate(&dag, "chain:1000"));
	expect("one", run(&dag, &one).time, 1000000);
	expect("sixteen", run(&dag, &many).time, 1000000);
	dag_fini(&dag);
}

/* n iterations of 200 ns in chunks of 16: the loop splits once for each time
 * its lane is empty, and what it offered it takes back. */
static void
a_loop_is_work_and_its_splits(void)
{
	struct sim_config config = config_of(1, "barrier=targeted");
	const struct costs *costs = &config.costs;
	struct dag dag;

	/* 64: offers 32; 16, 16; takes 32 back: offers 16; 16; takes 16 back. */
	expect_true("loop", dag_generate(&dag, "loop:64"));
	expect("loop", run(&dag, &config).time, 64 * 200 + 2 * (costs->spawn + costs->last));
	dag_fini(&dag);
}

/* Greedy bound, for thieves and waiters that take anything: what is not
 * work / P is spent per step of the span. */
static void
random_dags_keep_the_greedy_bound(void)
{
	for (int seed = 1; seed <= 40; seed++) {
		struct sim_config config = config_of(1, "barrier=fenced,help=wide");
		char name[32];
		struct dag dag;

		snprintf(name, sizeof(name), "random:%d", seed);
		expect_true(name, dag_generate(&dag, name));
		struct dag_size size = dag_measure(&dag);
		int64_t alone = run(&dag, &config).time;

		expect_true("one worker: within the overheads",
		    alone >= size.work && alone <= size.work + size.forks * 6);
		for (int32_t workers = 2; workers <= 64; workers *= 2) {
			config.machine = machine_typical(workers);
			config.seed = (uint64_t)seed;
			int64_t time = run(&dag, &config).time;

			expect_true("not faster than the span", time >= size.span);
			expect_true("not faster than P", time * workers >= size.work);
			expect_true("greedy bound", time <= alone / workers + 4 * size.span);
		}
		dag_fini(&dag);
	}
}

/* Each policy runs all the work once, and twice the same. */
static void
policies_do_the_work_and_repeat(void)
{
	static const char *const policies[] = {
		"help=leap", "help=chain", "help=tags", "help=wide", "help=none",
		"help=leap,spare=0", "help=leap,spare=0,return=queue", "help=none,spare=10000",
		"help=leap,spare=0,spares=1", "victims=random", "victims=mixed", "barrier=targeted",
		"barrier=broadcast,claim=no", "barrier=switched,begin=unfenced", "split=one",
	};
	static const char *const dags[] = { "random:7", "uts3:20", "skewed:2000", "loop:20000", "low:20" };

	for (size_t d = 0; d < sizeof(dags) / sizeof(dags[0]); d++) {
		struct dag dag;

		expect_true(dags[d], dag_generate(&dag, dags[d]));
		struct dag_size size = dag_measure(&dag);

		for (size_t p = 0; p < sizeof(policies) / sizeof(policies[0]); p++) {
			struct sim_config config = config_of(24, policies[p]);
			struct sim_result a = run(&dag, &config), b = run(&dag, &config);

			expect("all the work", a.spent[SIM_WORK], size.work);
			expect_true("same seed, same result", memcmp(&a, &b, sizeof(a)) == 0);
		}
		dag_fini(&dag);
	}
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
			expect_true("outwards", (int)machine_distance(&machine, self, core) >= distance);
			distance = (int)machine_distance(&machine, self, core);
			seen[core] = true;
			asked++;
		}
		expect("all", asked, 64);
	}
}

int
main(void)
{
	one_worker_is_work_and_overhead();
	two_workers_share_two_leaves();
	an_owner_pays_for_its_interrupt();
	a_waiter_leapfrogs();
	a_waiter_takes_only_descendants();
	lanes_change_their_mode();
	a_chain_has_no_speed_up();
	a_loop_is_work_and_its_splits();
	random_dags_keep_the_greedy_bound();
	policies_do_the_work_and_repeat();
	machines_are_read();
	a_near_pass_goes_outwards();
	printf("check_simulate: %d checks, %d failed\n", checks, failures);
	return failures != 0;
}
