/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/placement.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* What an HWLOC_* variable of the caller says is not for these tests. */
static struct flc_topology *
load(const char *synthetic)
{
	unsetenv("HWLOC_SYNTHETIC");
	unsetenv("HWLOC_XMLFILE");
	struct flc_topology *topology = flc_topology_load(synthetic);
	ck_assert_ptr_nonnull(topology);
	return topology;
}

static struct flc_topology *topology;
static struct flc_placement placement;

static const char *const machines[] = {
	"core:1 pu:1",
	"pack:1 core:1 pu:2",
	"pack:1 core:2 pu:1",
	"pack:2 core:64 pu:1",
	"pack:2 l3:8 core:8 pu:2",
	"numa:8 core:16 pu:2",
	"pack:2 die:4 [numa] l3:2 core:8 pu:2",
	"numa:3 pu:5",
};
#define MACHINES (sizeof(machines) / sizeof(machines[0]))

static void
forget(void)
{
	flc_placement_fini(&placement);
	flc_topology_free(topology);
	topology = NULL;
}

/* Eight CPUs in a hybrid: two fast cores of two threads, four slow ones that share an
 * L2. */
static struct flc_cpu hybrid_cpu[] = {
	{ .os = 0, .core = 0, .l2 = 0, .kind = 1, .thread = 0 },
	{ .os = 1, .core = 0, .l2 = 0, .kind = 1, .thread = 1 },
	{ .os = 4, .core = 1, .l2 = 1, .kind = 0 },
	{ .os = 5, .core = 2, .l2 = 1, .kind = 0 },
	{ .os = 6, .core = 3, .l2 = 1, .kind = 0 },
	{ .os = 7, .core = 4, .l2 = 1, .kind = 0 },
	{ .os = 2, .core = 5, .l2 = 2, .kind = 1, .thread = 0 },
	{ .os = 3, .core = 5, .l2 = 2, .kind = 1, .thread = 1 },
};
static unsigned flat[] = { 10 };
static const struct flc_topology hybrid = { .cpus = 8, .cpu = hybrid_cpu, .nodes = 1,
	.numa_distance = flat, .here = true, .binds = true, .source = "this machine" };

/* Two cores without threads, as most tests of rules want. */
static struct flc_cpu pair_cpu[] = {
	{ .os = 0 }, { .os = 1, .core = 1, .l2 = 1 },
};
static const struct flc_topology pair = { .cpus = 2, .cpu = pair_cpu, .nodes = 1,
	.numa_distance = flat, .here = true, .binds = true, .source = "this machine" };

static int
place(const struct flc_topology *on, struct flc_placement_request request)
{
	flc_placement_fini(&placement);
	return flc_place(on, &request, &placement);
}

static void
assert_says(const char *why, const char *part)
{
	ck_assert_msg(strstr(why, part) != NULL, "\"%s\" does not say \"%s\"", why, part);
}

/* -- How many -- */

START_TEST(as_many_workers_as_allowed_cpus)
{
	topology = load("pack:2 core:64 pu:1");
	ck_assert_int_eq(place(topology, (struct flc_placement_request){ 0 }), FILCH_OK);
	ck_assert_uint_eq(placement.workers, 128);
	ck_assert_uint_eq(placement.cpus, 128);
	ck_assert(!placement.confined);
	ck_assert_str_eq(placement.why_workers, "128: 128 allowed CPUs");
}
END_TEST

START_TEST(the_quota_limits_workers_but_not_cpus)
{
	ck_assert_int_eq(place(&hybrid, (struct flc_placement_request){ .quota = 3 }), FILCH_OK);
	ck_assert_uint_eq(placement.workers, 3);
	ck_assert_uint_eq(placement.cpus, 8);
	ck_assert_str_eq(placement.why_workers, "3: cgroup quota of 3 CPUs; 8 allowed CPUs");
	ck_assert_int_eq(place(&hybrid, (struct flc_placement_request){ .quota = 30 }), FILCH_OK);
	ck_assert_uint_eq(placement.workers, 8);
	ck_assert_str_eq(placement.why_workers, "8: 8 allowed CPUs, cgroup quota of 30 CPUs");
}
END_TEST

START_TEST(what_is_asked_for_wins)
{
	ck_assert_int_eq(place(&hybrid,
	    (struct flc_placement_request){ .workers = 16, .quota = 1 }), FILCH_OK);
	ck_assert_uint_eq(placement.workers, 16);
	ck_assert_uint_eq(placement.cpus, 8);
	ck_assert_str_eq(placement.why_workers,
	    "16: asked for; 8 allowed CPUs, cgroup quota of 1 CPU");
}
END_TEST

START_TEST(a_cpuset_limits_both)
{
	ck_assert_int_eq(place(&hybrid, (struct flc_placement_request){ .cpuset = "0,4-5" }),
	    FILCH_OK);
	ck_assert_uint_eq(placement.workers, 3);
	ck_assert_uint_eq(placement.cpus, 3);
	ck_assert(placement.confined);
	ck_assert_str_eq(placement.why_workers, "3: cpuset of 3 CPUs, 8 allowed");
	ck_assert_int_eq(place(&hybrid, (struct flc_placement_request){ .cpuset = "7,0-7,3" }),
	    FILCH_OK);
	ck_assert_uint_eq(placement.cpus, 8);
	ck_assert(!placement.confined);
}
END_TEST

START_TEST(a_malformed_cpuset_is_refused)
{
	static const char *const junk[] = {
		"", ",", "-", "0,", ",0", "0,,1", "a", "0-", "-1", "0--1", "1-0", "0-1-1", "0 1",
		" 0", "0x1", "4294967296", "0-99999999999999999999", "18446744073709551616",
	};

	ck_assert_uint_eq(sizeof(junk) / sizeof(junk[0]), 18);
	ck_assert_int_eq(place(&pair, (struct flc_placement_request){ .cpuset = junk[_i] }),
	    FILCH_INVAL);
	ck_assert_ptr_null(placement.cpu);
	assert_says(placement.why_workers, "is not a list");
	assert_says(placement.why_workers, junk[_i]);
	assert_says(placement.why_workers, "allowed are 0-1");
}
END_TEST

START_TEST(a_cpuset_outside_of_what_is_allowed_is_refused)
{
	ck_assert_int_eq(place(&pair, (struct flc_placement_request){ .cpuset = "0-3" }),
	    FILCH_INVAL);
	ck_assert_str_eq(placement.why_workers, "cpuset \"0-3\": CPU 2 is not allowed, only 0-1");
	ck_assert_int_eq(place(&pair, (struct flc_placement_request){ .cpuset = "0-4294967295" }),
	    FILCH_INVAL);
	ck_assert_int_eq(place(&pair, (struct flc_placement_request){ .cpuset = "4294967295" }),
	    FILCH_INVAL);
	assert_says(placement.why_workers, "CPU 4294967295 is not allowed");
}
END_TEST

START_TEST(long_lists_are_cut_in_the_reason)
{
	struct flc_cpu cpu[200];
	char cpuset[600] = "";
	struct flc_topology odd = { .cpus = 200, .cpu = cpu, .nodes = 1, .numa_distance = flat };

	for (unsigned i = 0; i < 200; i++)
		cpu[i] = (struct flc_cpu){ .os = 2 * i + 1, .core = i, .l2 = i };
	memset(cpuset, '1', sizeof(cpuset) - 1);
	ck_assert_int_eq(place(&odd, (struct flc_placement_request){ .cpuset = cpuset }),
	    FILCH_INVAL);
	assert_says(placement.why_workers, ",...");
	ck_assert_uint_lt(strlen(placement.why_workers), FLC_REASON_SIZE);
	ck_assert_int_eq(place(&odd, (struct flc_placement_request){ .cpuset = "1,3,4" }),
	    FILCH_INVAL);
	assert_says(placement.why_workers, "CPU 4 is not allowed, only 1,3,5,7");
}
END_TEST

/* -- In which order -- */

START_TEST(one_per_core_first_and_fast_cores_first)
{
	static const unsigned wanted[] = { 0, 2, 4, 5, 6, 7, 1, 3 };

	ck_assert_int_eq(place(&hybrid, (struct flc_placement_request){ 0 }), FILCH_OK);
	for (int i = 0; i < 8; i++)
		ck_assert_uint_eq(hybrid_cpu[placement.cpu[i]].os, wanted[i]);
}
END_TEST

START_TEST(rank_is_counted_within_the_cpuset)
{
	static const unsigned wanted[] = { 0, 3, 4, 1 };

	ck_assert_int_eq(place(&hybrid, (struct flc_placement_request){ .cpuset = "0,1,3,4" }),
	    FILCH_OK);
	ck_assert_uint_eq(placement.cpus, 4);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(hybrid_cpu[placement.cpu[i]].os, wanted[i]);
}
END_TEST

START_TEST(fewer_workers_than_cores_share_none)
{
	bool seen[1024] = { false };
	size_t cores = 0;

	topology = load(machines[_i]);
	ck_assert_int_eq(place(topology, (struct flc_placement_request){ 0 }), FILCH_OK);
	for (size_t i = 0; i < topology->cpus; i++)
		cores += topology->cpu[i].thread == 0;
	for (size_t i = 0; i < cores; i++) {
		ck_assert(!seen[topology->cpu[placement.cpu[i]].core]);
		seen[topology->cpu[placement.cpu[i]].core] = true;
	}
}
END_TEST

START_TEST(every_cpu_is_placed_once)
{
	bool seen[1024] = { false };

	topology = load(machines[_i]);
	ck_assert_int_eq(place(topology, (struct flc_placement_request){ 0 }), FILCH_OK);
	ck_assert_uint_eq(placement.cpus, topology->cpus);
	for (size_t i = 0; i < placement.cpus; i++) {
		ck_assert(!seen[placement.cpu[i]]);
		seen[placement.cpu[i]] = true;
	}
}
END_TEST

/* -- Pinned or not -- */

static void
assert_pinned(const struct flc_topology *on, struct flc_placement_request request, bool pinned,
    const char *part)
{
	ck_assert_int_eq(place(on, request), FILCH_OK);
	ck_assert_int_eq(placement.pinned, pinned);
	ck_assert_int_eq(strncmp(placement.why_pinned, pinned ? "yes: " : "no: ", 4), 0);
	assert_says(placement.why_pinned, part);
}

START_TEST(pinned_only_if_the_pool_fills_the_mask)
{
	assert_pinned(&pair, (struct flc_placement_request){ 0 }, true,
	    "2 workers fill the 2 allowed CPUs");
	assert_pinned(&pair, (struct flc_placement_request){ .workers = 2 }, true, "fill");
	assert_pinned(&pair, (struct flc_placement_request){ .workers = 1 }, false,
	    "1 worker may move among 2 CPUs");
	assert_pinned(&pair, (struct flc_placement_request){ .workers = 16 }, false,
	    "16 workers on 2 CPUs");
}
END_TEST

START_TEST(not_pinned_below_a_quota)
{
	assert_pinned(&pair, (struct flc_placement_request){ .quota = 1 }, false,
	    "quota of 1 CPU is below the 2 CPUs");
	assert_pinned(&pair, (struct flc_placement_request){ .quota = 1, .workers = 2 }, false,
	    "quota of 1 CPU is below the 2 CPUs");
	assert_pinned(&pair, (struct flc_placement_request){ .quota = 2 }, true, "fill");
}
END_TEST

START_TEST(not_pinned_in_a_part_of_the_mask)
{
	assert_pinned(&hybrid, (struct flc_placement_request){ .cpuset = "0-1" }, false,
	    "2 of the 8 allowed CPUs");
	assert_pinned(&hybrid, (struct flc_placement_request){ .cpuset = "0-7" }, true, "fill");
}
END_TEST

START_TEST(bind_none_and_core_decide_themselves)
{
	assert_pinned(&pair, (struct flc_placement_request){ .bind = FILCH_BIND_NONE }, false,
	    "asked not to");
	assert_pinned(&pair,
	    (struct flc_placement_request){ .bind = FILCH_BIND_CORE, .workers = 16, .quota = 1 },
	    true, "asked for; 16 workers on 2 CPUs");
}
END_TEST

START_TEST(never_pinned_on_another_machine)
{
	topology = load("core:4 pu:1");
	assert_pinned(topology, (struct flc_placement_request){ 0 }, false, "no effect");
	assert_pinned(topology, (struct flc_placement_request){ .bind = FILCH_BIND_CORE }, false,
	    "no effect");
}
END_TEST

/* -- Victims -- */

static uint32_t order[1024];
static uint8_t distance[1024];
static unsigned deque[1024];

static void
assert_near_first(size_t n, size_t self)
{
	bool seen[1024] = { false };

	memset(order, 0xff, sizeof(order));
	flc_victim_order(topology, deque, n, self, order, distance);
	for (size_t i = 0; i + 1 < n; i++) {
		ck_assert_uint_lt(order[i], n);
		ck_assert_uint_ne(order[i], self);
		ck_assert(!seen[order[i]]);
		seen[order[i]] = true;
		ck_assert_uint_eq(distance[i],
		    flc_cpu_distance(topology, deque[self], deque[order[i]]));
		ck_assert(i == 0 || distance[i - 1] <= distance[i]);
	}
	ck_assert_uint_eq(order[n - 1], UINT32_MAX);
}

START_TEST(every_victim_once_and_near_first)
{
	topology = load(machines[_i]);
	ck_assert_int_eq(place(topology, (struct flc_placement_request){ 0 }), FILCH_OK);
	size_t n = placement.cpus + 5;
	for (size_t i = 0; i < n; i++)
		deque[i] = i < placement.cpus ? placement.cpu[i] : FLC_CPU_UNKNOWN;
	for (size_t self = 0; self < n; self++)
		assert_near_first(n, self);
	/* More workers than CPUs. */
	for (size_t i = 0; i < n; i++)
		deque[i] = placement.cpu[i % placement.cpus];
	for (size_t self = 0; self < n; self++)
		assert_near_first(n, self);
}
END_TEST

START_TEST(classes_of_two_packages_of_four_nodes)
{
	unsigned count[FILCH_DISTANCES] = { 0 };

	topology = load("pack:2 die:4 [numa] l3:2 core:8 pu:2");
	ck_assert_uint_eq(topology->cpus, 256);
	for (unsigned i = 0; i < 256; i++)
		deque[i] = i;
	assert_near_first(256, 100);
	for (int i = 0; i < 255; i++)
		count[distance[i]]++;
	ck_assert_uint_eq(count[FILCH_DISTANCE_SMT], 1);
	ck_assert_uint_eq(count[FILCH_DISTANCE_L2], 0);
	ck_assert_uint_eq(count[FILCH_DISTANCE_L3], 14);
	ck_assert_uint_eq(count[FILCH_DISTANCE_NUMA], 112);
	ck_assert_uint_eq(count[FILCH_DISTANCE_REMOTE], 128);
	/* Within the package the own node comes first. */
	for (int i = 15; i < 31; i++)
		ck_assert_uint_eq(topology->cpu[order[i]].numa, topology->cpu[100].numa);
}
END_TEST

START_TEST(the_matrix_orders_remote_nodes)
{
	struct flc_cpu cpu[4] = {
		{ .core = 0, .l2 = 0, .l3 = 0, .numa = 0, .package = 0 },
		{ .core = 1, .l2 = 1, .l3 = 1, .numa = 1, .package = 1 },
		{ .core = 2, .l2 = 2, .l3 = 2, .numa = 2, .package = 2 },
		{ .core = 3, .l2 = 3, .l3 = 3, .numa = 3, .package = 3 },
	};
	/* Firmware that is wrong about the diagonal. */
	unsigned matrix[16] = {
		99, 32, 21, 16,
		32, 10, 16, 21,
		21, 16, 10, 32,
		16, 21, 32, 10,
	};
	struct flc_topology ring = { .cpus = 4, .cpu = cpu, .nodes = 4, .numa_distance = matrix };
	static const unsigned five[5] = { 0, 1, 2, 3, FLC_CPU_UNKNOWN };

	flc_victim_order(&ring, five, 5, 0, order, distance);
	ck_assert_uint_eq(order[0], 3);
	ck_assert_uint_eq(order[1], 2);
	ck_assert_uint_eq(order[2], 1);
	ck_assert_uint_eq(order[3], 4);
	ck_assert_uint_eq(distance[3], FILCH_DISTANCE_REMOTE);
	flc_victim_order(&ring, five, 5, 1, order, distance);
	ck_assert_uint_eq(order[0], 2);
	ck_assert_uint_eq(order[1], 3);
	ck_assert_uint_eq(order[2], 0);
}
END_TEST

START_TEST(equals_are_taken_in_a_ring_from_self)
{
	topology = load("pack:1 l3:1 core:16 pu:1");
	for (unsigned i = 0; i < 16; i++)
		deque[i] = i;
	for (unsigned self = 0; self < 16; self++) {
		flc_victim_order(topology, deque, 16, self, order, distance);
		for (unsigned i = 0; i < 15; i++)
			ck_assert_uint_eq(order[i], (self + 1 + i) % 16);
	}
}
END_TEST

START_TEST(a_thief_without_a_cpu_goes_around)
{
	topology = load("pack:2 core:2 pu:1");
	for (unsigned i = 0; i < 4; i++)
		deque[i] = i;
	deque[4] = deque[5] = FLC_CPU_UNKNOWN;
	flc_victim_order(topology, deque, 6, 4, order, distance);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(order[i], i);
		ck_assert_uint_eq(distance[i], FILCH_DISTANCE_NUMA);
	}
	ck_assert_uint_eq(order[4], 5);
}
END_TEST

START_TEST(alone_there_is_no_victim)
{
	order[0] = 7;
	deque[0] = 0;
	flc_victim_order(&pair, deque, 1, 0, order, distance);
	ck_assert_uint_eq(order[0], 7);
}
END_TEST

static TCase *
workers_case(void)
{
	TCase *workers = tcase_create("workers");

	tcase_add_checked_fixture(workers, NULL, forget);
	tcase_add_test(workers, as_many_workers_as_allowed_cpus);
	tcase_add_test(workers, the_quota_limits_workers_but_not_cpus);
	tcase_add_test(workers, what_is_asked_for_wins);
	tcase_add_test(workers, a_cpuset_limits_both);
	tcase_add_loop_test(workers, a_malformed_cpuset_is_refused, 0, 18);
	tcase_add_test(workers, a_cpuset_outside_of_what_is_allowed_is_refused);
	tcase_add_test(workers, long_lists_are_cut_in_the_reason);
	tcase_add_test(workers, one_per_core_first_and_fast_cores_first);
	tcase_add_test(workers, rank_is_counted_within_the_cpuset);
	tcase_add_loop_test(workers, fewer_workers_than_cores_share_none, 0, MACHINES);
	tcase_add_loop_test(workers, every_cpu_is_placed_once, 0, MACHINES);
	tcase_add_test(workers, pinned_only_if_the_pool_fills_the_mask);
	tcase_add_test(workers, not_pinned_below_a_quota);
	tcase_add_test(workers, not_pinned_in_a_part_of_the_mask);
	tcase_add_test(workers, bind_none_and_core_decide_themselves);
	tcase_add_test(workers, never_pinned_on_another_machine);
	return workers;
}

int
main(void)
{
	Suite *suite = suite_create("placement");
	TCase *workers = workers_case();
	TCase *victims = case_of(suite, "victims", NULL, forget);

	suite_add_tcase(suite, workers);

	tcase_add_loop_test(victims, every_victim_once_and_near_first, 0, MACHINES);
	tcase_add_test(victims, classes_of_two_packages_of_four_nodes);
	tcase_add_test(victims, the_matrix_orders_remote_nodes);
	tcase_add_test(victims, equals_are_taken_in_a_ring_from_self);
	tcase_add_test(victims, a_thief_without_a_cpu_goes_around);
	tcase_add_test(victims, alone_there_is_no_victim);
	return run_suite(suite);
}
