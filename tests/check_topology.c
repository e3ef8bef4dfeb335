/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/compiler.h"
#include "topology/topology.h"
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Faults: the linker sends the library's calls here (see local.mk).
 */
static int hwloc_fails, hwloc_loads;
static size_t callocs_left = SIZE_MAX;

void *__real_dlsym(void *library, const char *name);
void *__wrap_dlsym(void *library, const char *name);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static int (*hwloc_load)(void *hwloc);

static int
load(void *hwloc)
{
	hwloc_loads++;
	return hwloc_fails ? -1 : hwloc_load(hwloc);
}

/* hwloc is loaded by name, and so are its functions. */
void *
__wrap_dlsym(void *library, const char *name)
{
	int (*instead)(void *hwloc) = load;
	void *found = __real_dlsym(library, name);

	if (found == NULL || strcmp(name, "hwloc_topology_load") != 0)
		return found;
	memcpy(&hwloc_load, &found, sizeof(found));
	memcpy(&found, &instead, sizeof(found));
	return found;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	if (callocs_left == 0)
		return NULL;
	callocs_left--;
	return __real_calloc(n, size);
}

static cpu_set_t mask;  /* the test's own, before it changed anything */

static void
setup(void)
{
	hwloc_fails = hwloc_loads = 0;
	unsetenv("HWLOC_SYNTHETIC");
	unsetenv("HWLOC_XMLFILE");
	unsetenv("HWLOC_FSROOT");
	unsetenv("HWLOC_THISSYSTEM");
	ck_assert_int_eq(sched_getaffinity(0, sizeof(mask), &mask), 0);
}

static void
teardown(void)
{
	sched_setaffinity(0, sizeof(mask), &mask);
	flc_topology_release();
}

static void
assert_same_mask(const cpu_set_t *wanted)
{
	cpu_set_t now;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(now), &now), 0);
	ck_assert(CPU_EQUAL(&now, wanted));
}

/* -- Synthetic machines -- */

static size_t
different(const struct flc_topology *topology, size_t offset)
{
	static bool seen[4096];
	size_t count = 0;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < topology->cpus; i++) {
		unsigned number = *(unsigned *)(void *)((char *)&topology->cpu[i] + offset);

		ck_assert_uint_lt(number, 4096);
		count += !seen[number];
		seen[number] = true;
	}
	return count;
}

#define DIFFERENT(topology, field) different(topology, offsetof(struct flc_cpu, field))

static const struct machine {
	const char *synthetic;
	size_t cpus, nodes, core, l2, l3, package;
} machines[] = {
	{ "core:1 pu:1", 1, 1, 1, 1, 1, 1 },
	{ "pu:1", 1, 1, 1, 1, 1, 1 },
	{ "pack:1 core:2 pu:2", 4, 1, 2, 2, 2, 1 },
	{ "pack:2 core:64 pu:1", 128, 1, 128, 128, 128, 2 },
	{ "pack:2 l3:8 core:8 pu:2", 256, 1, 128, 128, 16, 2 },
	{ "pack:1 l3:2 l2:2 core:4 pu:1", 16, 1, 16, 4, 2, 1 },
	{ "numa:8 core:16 pu:2", 256, 8, 128, 128, 128, 8 },
	{ "pack:2 die:4 [numa] l3:2 core:8 pu:2", 256, 8, 128, 128, 16, 2 },
	{ "numa:3 pu:5", 15, 3, 15, 15, 15, 3 },
};

START_TEST(synthetic_machines_are_read)
{
	const struct machine *machine = &machines[_i];
	struct flc_topology *topology = flc_topology_load(machine->synthetic);

	ck_assert_ptr_nonnull(topology);
	ck_assert_uint_eq(topology->cpus, machine->cpus);
	ck_assert_uint_eq(topology->nodes, machine->nodes);
	ck_assert_uint_eq(DIFFERENT(topology, os), machine->cpus);
	ck_assert_uint_eq(DIFFERENT(topology, numa), machine->nodes);
	ck_assert_uint_eq(DIFFERENT(topology, core), machine->core);
	ck_assert_uint_eq(DIFFERENT(topology, l2), machine->l2);
	ck_assert_uint_eq(DIFFERENT(topology, l3), machine->l3);
	ck_assert_uint_eq(DIFFERENT(topology, package), machine->package);
	ck_assert_uint_eq(DIFFERENT(topology, kind), 1);
	ck_assert_uint_eq(DIFFERENT(topology, thread), machine->cpus / machine->core);
	for (size_t i = 0; i < machine->nodes; i++)
		ck_assert_uint_eq(topology->numa_distance[i * machine->nodes + i], 10);
	flc_topology_free(topology);
}
END_TEST

START_TEST(a_synthetic_machine_is_not_here)
{
	struct flc_topology *topology = flc_topology_load("core:2 pu:1");

	ck_assert_ptr_nonnull(topology);
	ck_assert(!topology->here);
	ck_assert(!flc_topology_bind_self(topology, &topology->cpu[0].os, 1));
	assert_same_mask(&mask);
	flc_topology_free(topology);
}
END_TEST

START_TEST(a_malformed_description_gives_nothing)
{
	ck_assert_ptr_null(flc_topology_load("bogus:3"));
	ck_assert_ptr_null(flc_topology_load(""));
}
END_TEST

/* -- The environment -- */

START_TEST(the_environment_describes_the_machine)
{
	setenv("HWLOC_SYNTHETIC", "numa:8 core:16 pu:2", 1);
	const struct flc_topology *topology = flc_topology_get();
	ck_assert_ptr_nonnull(topology);
	ck_assert_uint_eq(topology->cpus, 256);
	ck_assert(!topology->here);
	ck_assert_str_eq(topology->source, "HWLOC_SYNTHETIC");
	flc_topology_put(topology);
}
END_TEST

START_TEST(a_malformed_variable_is_named)
{
	setenv("HWLOC_SYNTHETIC", "bogus:3", 1);
	const struct flc_topology *topology = flc_topology_get();
	ck_assert_ptr_nonnull(topology);
	ck_assert_uint_eq(topology->cpus, (size_t)CPU_COUNT(&mask));
	ck_assert_str_eq(topology->source, "this machine (HWLOC_SYNTHETIC is unusable)");
	flc_topology_put(topology);
}
END_TEST

#define ALL " cpuset=\"0xf\" complete_cpuset=\"0xf\" nodeset=\"0x3\" complete_nodeset=\"0x3\""
#define SET(cpus, nodes) " cpuset=\"" cpus "\" complete_cpuset=\"" cpus "\"" \
	" nodeset=\"" nodes "\" complete_nodeset=\"" nodes "\""
#define PU(number, cpus, nodes) "<object type=\"Core\" os_index=\"" number "\"" \
	SET(cpus, nodes) " gp_index=\"2" number "\"><object type=\"PU\" os_index=\"" number "\"" \
	SET(cpus, nodes) " gp_index=\"3" number "\"/></object>"

/* Two nodes of two cores; CPUs 1 and 3 are of the faster kind; the distances are neither
 * 10 nor 20. */
static const char hybrid[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
    "<topology version=\"2.0\"><object type=\"Machine\" os_index=\"0\"" ALL
    " allowed_cpuset=\"0xf\" allowed_nodeset=\"0x3\" gp_index=\"1\">"
    "<object type=\"Package\" os_index=\"0\"" SET("0x3", "0x1") " gp_index=\"10\">"
    "<object type=\"NUMANode\" os_index=\"0\"" SET("0x3", "0x1")
    " gp_index=\"11\" local_memory=\"1048576\"/>"
    PU("0", "0x1", "0x1") PU("1", "0x2", "0x1") "</object>"
    "<object type=\"Package\" os_index=\"1\"" SET("0xc", "0x2") " gp_index=\"12\">"
    "<object type=\"NUMANode\" os_index=\"1\"" SET("0xc", "0x2")
    " gp_index=\"13\" local_memory=\"1048576\"/>"
    PU("2", "0x4", "0x2") PU("3", "0x8", "0x2") "</object></object>"
    "<distances2 type=\"NUMANode\" nbobjs=\"2\" kind=\"5\" name=\"NUMALatency\" indexing=\"os\">"
    "<indexes length=\"4\">0 1 </indexes><u64values length=\"12\">10 31 32 10 </u64values>"
    "</distances2>"
    "<cpukind cpuset=\"0x5\" forced_efficiency=\"0\"/>"
    "<cpukind cpuset=\"0xa\" forced_efficiency=\"1\"/></topology>\n";

START_TEST(kinds_and_distances_come_from_xml)
{
	char path[] = "/tmp/filch-topology-XXXXXX";
	int file = mkstemp(path);

	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(write(file, hybrid, sizeof(hybrid) - 1), sizeof(hybrid) - 1);
	close(file);
	setenv("HWLOC_XMLFILE", path, 1);
	const struct flc_topology *topology = flc_topology_get();
	unlink(path);
	ck_assert_ptr_nonnull(topology);
	ck_assert_str_eq(topology->source, "HWLOC_XMLFILE");
	ck_assert(!topology->here);
	ck_assert_uint_eq(topology->cpus, 4);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(topology->cpu[i].os, i);
		ck_assert_uint_eq(topology->cpu[i].kind, i % 2);
		ck_assert_uint_eq(topology->cpu[i].numa, i / 2);
	}
	ck_assert_uint_eq(topology->nodes, 2);
	ck_assert_uint_eq(topology->numa_distance[0], 10);
	ck_assert_uint_eq(topology->numa_distance[1], 31);
	ck_assert_uint_eq(topology->numa_distance[2], 32);
	flc_topology_put(topology);
}
END_TEST

/* -- This machine -- */

START_TEST(this_machine_is_what_the_mask_allows)
{
	const struct flc_topology *topology = flc_topology_get();

	ck_assert_ptr_nonnull(topology);
	ck_assert_uint_eq(topology->cpus, (size_t)CPU_COUNT(&mask));
	for (size_t i = 0; i < topology->cpus; i++)
		ck_assert(CPU_ISSET(topology->cpu[i].os, &mask));
	ck_assert_str_eq(topology->source, "this machine");
	assert_same_mask(&mask);
	flc_topology_put(topology);
}
END_TEST

START_TEST(one_topology_is_shared_until_released)
{
	const struct flc_topology *first = flc_topology_get(), *second = flc_topology_get();

	ck_assert_ptr_eq(first, second);
	flc_topology_put(second);
	flc_topology_put(first);
	first = flc_topology_get();
	flc_topology_release();
	second = flc_topology_get();
	ck_assert_ptr_ne(first, second);
	ck_assert_uint_eq(first->cpus, second->cpus);
	flc_topology_put(first);
	flc_topology_put(second);
	flc_topology_put(NULL);
	flc_topology_release();
	flc_topology_release();
}
END_TEST

static cpu_set_t
first_only(void)
{
	cpu_set_t one;
	int cpu = 0;

	while (!CPU_ISSET(cpu, &mask))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return one;
}

START_TEST(a_new_load_sees_a_new_mask)
{
	cpu_set_t one = first_only();

	const struct flc_topology *before = flc_topology_get();
	flc_topology_release();
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	const struct flc_topology *after = flc_topology_get();
	ck_assert_uint_eq(before->cpus, (size_t)CPU_COUNT(&mask));
	ck_assert_uint_eq(after->cpus, 1);
	ck_assert_uint_eq(after->cpu[0].thread, 0);
	ck_assert(CPU_ISSET(after->cpu[0].os, &one));
	assert_same_mask(&one);
	flc_topology_put(before);
	flc_topology_put(after);
}
END_TEST

START_TEST(binds_to_one_and_to_all)
{
	const struct flc_topology *topology = flc_topology_get();
	unsigned all[CPU_SETSIZE];
	cpu_set_t one;

	ck_assert_ptr_nonnull(topology);
	ck_assert(topology->here);
	for (size_t i = 0; i < topology->cpus; i++) {
		all[i] = topology->cpu[i].os;
		ck_assert(flc_topology_bind_self(topology, &all[i], 1));
		CPU_ZERO(&one);
		CPU_SET(all[i], &one);
		assert_same_mask(&one);
	}
	ck_assert(flc_topology_bind_self(topology, all, topology->cpus));
	assert_same_mask(&mask);
	ck_assert(!flc_topology_bind_self(topology, all, 0));
	all[0] = CPU_SETSIZE - 1;  /* no such CPU: the system refuses */
	ck_assert(CPU_ISSET(all[0], &mask) || !flc_topology_bind_self(topology, all, 1));
	assert_same_mask(&mask);
	flc_topology_put(topology);
}
END_TEST

/* Allocates under the topology's lock only (no ck_assert here): sanitizers do not make
 * their allocators safe over fork(). */
static void *
get_and_put(void *failures)
{
	for (int i = 0; i < 100; i++) {
		const struct flc_topology *topology = flc_topology_get();

		*(int *)failures += topology == NULL || topology->cpus == 0;
		flc_topology_put(topology);
		if (i % 20 == 0)
			flc_topology_release();
	}
	return NULL;
}

START_TEST(many_threads_get_put_and_release)
{
	pthread_t threads[4];
	int failures[4] = { 0 };

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_and_put, &failures[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(failures[i], 0);
	}
}
END_TEST

START_TEST(a_child_of_fork_may_load)
{
	pthread_t thread;
	int failures = 0, good = 0;

	ck_assert_int_eq(pthread_create(&thread, NULL, get_and_put, &failures), 0);
	for (int i = 0; i < 10; i++) {
		flc_topology_before_fork();
		pid_t child = fork();
		flc_topology_after_fork();
		if (child == 0) {
			const struct flc_topology *topology = flc_topology_get();

			_exit(topology != NULL
			    && topology->cpus == (size_t)CPU_COUNT(&mask) ? 7 : 8);
		}
		int status;
		good += child > 0 && waitpid(child, &status, 0) == child &&
		    WIFEXITED(status) && WEXITSTATUS(status) == 7;
	}
	pthread_join(thread, NULL);
	ck_assert_int_eq(good, 10);
	ck_assert_int_eq(failures, 0);
}
END_TEST

/* -- Faults -- */

/* hwloc dies without memory and obeys the environment: see docs/design.md. */
START_TEST(hwloc_is_asked_for_other_machines_only)
{
	const struct flc_topology *topology = flc_topology_get();

	ck_assert_ptr_nonnull(topology);
	ck_assert_int_eq(hwloc_loads, 0);
	flc_topology_put(topology);
	flc_topology_release();
	setenv("HWLOC_SYNTHETIC", "core:2 pu:1", 1);
	topology = flc_topology_get();
	ck_assert_int_eq(hwloc_loads, 1);
	flc_topology_put(topology);
}
END_TEST

START_TEST(where_hwloc_fails_this_machine_remains)
{
	hwloc_fails = 1;
	setenv("HWLOC_SYNTHETIC", "core:2 pu:1", 1);
	const struct flc_topology *topology = flc_topology_get();
	ck_assert_ptr_nonnull(topology);
	ck_assert_int_eq(hwloc_loads, 1);
	ck_assert_uint_eq(topology->cpus, (size_t)CPU_COUNT(&mask));
	ck_assert(topology->here);
	ck_assert_str_eq(topology->source, "this machine (HWLOC_SYNTHETIC is unusable)");
	flc_topology_put(topology);
}
END_TEST

START_TEST(no_memory_gives_null_and_the_next_get_tries_again)
{
	size_t n;

	/* The mth calloc and all after it fail. */
	for (n = 0; n < 100; n++) {
		callocs_left = n;
		const struct flc_topology *topology = flc_topology_get();
		callocs_left = SIZE_MAX;
		if (topology == NULL)
			continue;
		flc_topology_put(topology);
		break;
	}
	ck_assert_uint_eq(n, 5);
	callocs_left = 2;
	ck_assert_ptr_null(flc_topology_load("core:2 pu:1"));
	callocs_left = SIZE_MAX;
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("topology");
	TCase *load = case_of(suite, "load", setup, teardown);

	tcase_add_loop_test(load, synthetic_machines_are_read, 0,
	    (int)(sizeof(machines) / sizeof(machines[0])));
	tcase_add_test(load, a_synthetic_machine_is_not_here);
	tcase_add_test(load, a_malformed_description_gives_nothing);
	tcase_add_test(load, the_environment_describes_the_machine);
	tcase_add_test(load, a_malformed_variable_is_named);
	tcase_add_test(load, kinds_and_distances_come_from_xml);
	tcase_add_test(load, this_machine_is_what_the_mask_allows);
	tcase_add_test(load, one_topology_is_shared_until_released);
	tcase_add_test(load, a_new_load_sees_a_new_mask);
	tcase_add_test(load, binds_to_one_and_to_all);
	tcase_add_test(load, many_threads_get_put_and_release);
	tcase_add_test(load, a_child_of_fork_may_load);
	tcase_add_test(load, hwloc_is_asked_for_other_machines_only);
	tcase_add_test(load, where_hwloc_fails_this_machine_remains);
	tcase_add_test(load, no_memory_gives_null_and_the_next_get_tries_again);
	return run_suite(suite);
}
