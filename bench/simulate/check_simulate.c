/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulation against schedules worked out by hand.  Plain checks and not Check, so
 * that the benchmark needs nothing to be installed.
 */
#include "check.h"
#include "sim.h"

#include <stdio.h>
#include <string.h>

/* Round numbers of their own, so that what is worked out below does not depend on what
 * was measured last. */
#define SPAWN 1
#define FENCE 4

static struct sim_config
config_of(int32_t workers, const char *policy)
{
	struct sim_config config = {
		.machine = machine_typical(workers), .costs = costs_vm(), .seed = 1,
	};

	config.costs.spawn_ps = 1000 * SPAWN;
	config.costs.fence_ps = 1000 * FENCE;
	config.costs.last = 3;
	config.costs.look_near = 60;
	config.costs.steal_near = 150;
	config.costs.barrier = 4500;
	config.costs.interrupt = 10000;
	config.costs.speed_pm = 0;
	config.costs.noise_pm = 0;
	config.costs.wake = 4000;
	config.costs.wake_latency = 7000;
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
	expect("one worker", run(&dag, &config).time, 3650 + 2 * SPAWN + costs->last);
	config = config_of(1, "barrier=fenced");
	expect("one worker, fenced", run(&dag, &config).time,
	    3650 + 2 * SPAWN + FENCE + costs->last);
	dag_fini(&dag);
}

/*
 * Worker 0 spawns at 0 and runs its leaf of 1 ms.  Worker 1 looks at 0, sees the record,
 * takes it, and ends last; worker 0 has dozed off by then and is woken.
 */
static void
two_workers_share_two_leaves(void)
{
	int32_t leaf[] = { 2000000, 1000000 };
	struct dag dag = fork_of(leaf, 2, 0, 30);
	struct sim_config config = config_of(2, "barrier=fenced,help=none");
	const struct costs *costs = &config.costs;
	int64_t steal = costs->look_near + costs->steal_near;
	int64_t wake = costs->wake + costs->wake_latency;
	struct sim_result result = run(&dag, &config);

	expect("fenced", result.time, steal + 2000000 + wake + 30);
	expect("one steal", result.steals, 1);
	config = config_of(2, "barrier=targeted,help=none");
	result = run(&dag, &config);
	expect("targeted", result.time, steal + costs->barrier + 2000000 + wake + 30);
	expect("the owner was interrupted", result.spent[SIM_INTERRUPT], costs->interrupt);
	dag_fini(&dag);
}

/* The owner ends last: its spawn and the interrupt are on the longest path; joining a
 * record that is done costs it nothing. */
static void
an_owner_pays_for_its_interrupt(void)
{
	int32_t leaf[] = { 1000000, 2000000 };
	struct dag dag = fork_of(leaf, 2, 0, 30);
	struct sim_config config = config_of(2, "barrier=targeted,help=none");
	const struct costs *costs = &config.costs;

	expect("owner last", run(&dag, &config).time,
	    SPAWN + 2000000 + costs->interrupt + 30);
	dag_fini(&dag);
}

/* Leapfrogging: worker 1 has stolen a subtree of two leaves; worker 0 ends early and
 * takes one of them back. */
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
	int64_t wake = costs->wake + costs->wake_latency;
	struct sim_result result = run(&dag, &config);

	expect("leapfrogging", result.time, steal + SPAWN + 3000000 + wake);
	expect("one leap", result.leaps, 1);
	config = config_of(2, "barrier=fenced,help=none");
	expect("no help", run(&dag, &config).time,
	    steal + SPAWN + 3000000 + costs->last + 1000000 + wake);
	dag_fini(&dag);
}

/*
 * A waiter runs nothing but what it waits for: the thief of X waits for x1 while the
 * leaves of Y are queued.  Leaves have no descendants, so that no waiter may take
 * anything.
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

/* A lane drops its fence after fence_below pops that nobody disturbed, and takes it up
 * when join after join finds its record stolen. */
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
	    + (LEAVES - 1) * SPAWN + costs->fence_below * FENCE
	    + costs->last);
	dag_fini(&dag);

	/* Phases of two equal leaves of 100 us: each join finds its record stolen.  The
	 * first of a burst counts zero, the ninth makes it fenced; the phases after it
	 * need no barrier. */
	root = dag_open(&dag, DAG_SERIES, 0);
	for (int i = 0; i < 20; i++) {
		int32_t phase = dag_open(&dag, DAG_PARALLEL, 0);

		dag_leaf(&dag, 100000, 0);
		dag_leaf(&dag, 100000, 0);
		dag_close(&dag, phase, 0);
	}
	dag_close(&dag, root, 0);
	config = config_of(2, "barrier=adaptive,begin=unfenced,help=none");
	struct sim_result result = run(&dag, &config);

	expect("a steal each", result.steals, 20);
	expect("barriers until the fence", result.barriers, costs->burst + 1);
	dag_fini(&dag);
}

/*
 * Worker 1 sleeps.  The spawn at 0 pays for the wake; worker 1 is there 7 us after that,
 * looks, steals, and ends last.  Worker 0 ends its leaf meanwhile, spins for 50 us and
 * dozes: the thief wakes it.
 */
static void
a_cold_start_and_a_dozing_waiter(void)
{
	int32_t leaf[] = { 1000000, 100000 };
	struct dag dag = fork_of(leaf, 2, 0, 30);
	struct sim_config config = config_of(2, "barrier=fenced,help=none");
	const struct costs *costs = &config.costs;

	config.cold = true;
	struct sim_result result = run(&dag, &config);
	int64_t stolen_at = costs->wake + costs->wake_latency + costs->look_near
	    + costs->steal_near;

	expect("cold", result.time,
	    stolen_at + 1000000 + costs->wake + costs->wake_latency + 30);
	expect("one wake of a sleeper", result.wakes, 1);
	/* Within the spin nobody has to wake the waiter. */
	dag_fini(&dag);
	leaf[0] = 130000;
	dag = fork_of(leaf, 2, 0, 30);
	expect("spinning", run(&dag, &config).time, stolen_at + 130000 + costs->look_near + 30);
	dag_fini(&dag);
}

/*
 * Three leaves, three workers, fenced.  Worker 0 spawns the 4 ms and the 2 ms leaf and
 * runs the 1 ms one.  Both thieves look at 0 and see the first record; the line of top
 * serves one after the other, and who comes second has lost: it looks again and takes the
 * other record.
 */
static void
two_thieves_want_the_same_record(void)
{
	int32_t leaf[] = { 4000000, 2000000, 1000000 };
	struct dag dag = fork_of(leaf, 3, 0, 0);
	struct sim_config config = config_of(3, "barrier=fenced,help=none");
	const struct costs *costs = &config.costs;
	struct sim_result result = run(&dag, &config);

	expect("two steals", result.steals, 2);
	expect("one lost", result.lost, 1);
	/* The first has the oldest, and with it the longest path.  The owner waits for
	 * the second record first, and dozes for the oldest. */
	expect("the oldest first", result.time, costs->look_near + costs->steal_near + 4000000
	    + costs->wake + costs->wake_latency);
	dag_fini(&dag);
}

/* A thief on another node pays the far look and the far steal. */
static void
distance_costs(void)
{
	int32_t leaf[] = { 2000000, 2000000 };
	struct dag dag = fork_of(leaf, 2, 0, 0);
	struct sim_config config = config_of(2, "barrier=fenced,help=none");
	const struct costs *costs = &config.costs;

	expect_true("two nodes", machine_parse(&config.machine, "node:2 core:1"));
	expect("far", run(&dag, &config).time,
	    2 * costs->look_far + costs->steal_far + 2000000 + 2 * costs->look_far);
	expect_true("two caches", machine_parse(&config.machine, "l3:2 core:1"));
	expect("other cache", run(&dag, &config).time,
	    costs->look_far + costs->steal_far / 2 + 2000000 + costs->look_far);
	dag_fini(&dag);
}

/*
 * One worker, a gap of 10 before each of two children: work, span and time by hand; then
 * a scale of two.
 */
static void
gaps_are_work(void)
{
	int32_t leaf[] = { 1000, 300 };
	struct dag dag = fork_of(leaf, 2, 100, 50);
	struct sim_config config = config_of(1, "barrier=targeted");
	const struct costs *costs = &config.costs;

	dag.node[0].gap = 10;
	expect("work", dag_measure(&dag).work, 1470);
	expect("span", dag_measure(&dag).span, 100 + 10 + 1000 + 50);
	expect("time", run(&dag, &config).time, 1470 + SPAWN + costs->last);
	dag_scale(&dag, 2940);
	expect("scaled", dag_measure(&dag).work, 2940);
	expect("scaled time", run(&dag, &config).time, 2940 + SPAWN + costs->last);
	dag_fini(&dag);
}

/*
 * Three workers.  Two thieves want X, which is all there is at 0: one of them, A, has it,
 * and the other, B, takes x1 from A.  At 100 us worker 0 queues y1 and y2.  At 1 ms A has
 * ended x2 and waits for x1, below which there is nothing.
 *
 *     0      Z (100 us), y3 to 3.1 ms, y2 to 6.1 ms [then y1 to 9.1 ms], waits for X
 *     A      X, x2 to 1 ms, waits for x1            [a spare runs y1]
 *     B      x1 to 9 ms
 *
 * With a spare after 20 us the longest path is x1, and A and then 0 are brought back;
 * without one it is worker 0's.
 */
static void
a_spare_takes_the_core_of_a_waiter(void)
{
	int32_t pre = 100000;
	struct dag dag = { 0 };
	int32_t root = dag_open(&dag, DAG_PARALLEL, 0);
	int32_t x = dag_open(&dag, DAG_PARALLEL, 0);

	dag_leaf(&dag, 9000000, 0);
	dag_leaf(&dag, 1000000, 0);
	dag_close(&dag, x, 0);
	int32_t z = dag_open(&dag, DAG_PARALLEL, pre);

	for (int i = 0; i < 3; i++)
		dag_leaf(&dag, 3000000, 0);
	dag_close(&dag, z, 0);
	dag_close(&dag, root, 0);
	struct sim_config config = config_of(3, "barrier=fenced,help=leap,spare=20000");
	const struct costs *costs = &config.costs;
	struct sim_result result = run(&dag, &config);
	int64_t back = costs->wake + costs->wake_latency + costs->change;
	int64_t taken = result.time - 9000000 - 2 * back;

	expect("a spare", result.spare_starts, 1);
	expect("X, x1, y1", result.steals, 3);
	/* Two steals and from one to a few looks: their order is random. */
	expect_true("x1 is the longest path", taken > 2 * costs->steal_near && taken < 1500);
	config = config_of(3, "barrier=fenced,help=leap,spare=-1");
	result = run(&dag, &config);
	expect("no spare", result.spare_starts, 0);
	expect("X, x1", result.steals, 2);
	expect("without it", result.time,
	    pre + 3 * 3000000 + 3 * SPAWN + FENCE + costs->last);
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

/* n iterations of 200 ns in chunks of 16: the loop splits once for each time its lane is
 * empty, and what it offered it takes back. */
static void
a_loop_is_work_and_its_splits(void)
{
	struct sim_config config = config_of(1, "barrier=targeted");
	const struct costs *costs = &config.costs;
	struct dag dag;

	/* 64: offers 32; 16, 16; takes 32 back: offers 16; 16; takes 16 back. */
	expect_true("loop", dag_generate(&dag, "loop:64"));
	expect("loop", run(&dag, &config).time, 64 * 200 + 2 * (SPAWN + costs->last));
	dag_fini(&dag);
}

/* Greedy bound, for thieves and waiters that take anything: what is not work / P is spent
 * per step of the span. */
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
		    alone >= size.work && alone <= size.work + size.forks * (SPAWN + FENCE + 3));
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
		"barrier=broadcast,claim=no", "barrier=switched,begin=unfenced",
		"split=one", "help=leap,spare=50000,barrier=adaptive",
		"help=chain,spare=20000",
	};
	static const char *const dags[] = { "random:7", "uts_t3:2", "skewed:2000", "loop:20000",
		"low:20" };

	for (size_t d = 0; d < sizeof(dags) / sizeof(dags[0]); d++) {
		struct dag dag;

		expect_true(dags[d], dag_generate(&dag, dags[d]));
		struct dag_size size = dag_measure(&dag);

		for (size_t p = 0; p < sizeof(policies) / sizeof(policies[0]); p++) {
			struct sim_config config = config_of(d % 2 == 0 ? 24 : 128, policies[p]);
			struct sim_result a = run(&dag, &config), b = run(&dag, &config);

			expect("all the work", a.spent[SIM_WORK], size.work);
			expect_true("same seed, same result", memcmp(&a, &b, sizeof(a)) == 0);
		}
		dag_fini(&dag);
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
	a_cold_start_and_a_dozing_waiter();
	two_thieves_want_the_same_record();
	distance_costs();
	gaps_are_work();
	a_spare_takes_the_core_of_a_waiter();
	a_chain_has_no_speed_up();
	a_loop_is_work_and_its_splits();
	random_dags_keep_the_greedy_bound();
	policies_do_the_work_and_repeat();
	check_machines();
	printf("check_simulate: %d checks, %d failed\n", checks, failures);
	return failures != 0;
}
