/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our reader of /sys against made-up trees and against hwloc, which reads the same tree
 * by HWLOC_FSROOT.  FILCH_SYS_TREES=DIR compares with every recorded machine below DIR,
 * too: hwloc's sources have forty of them, as tests/hwloc/linux/NAME.tar.bz2.
 */
#include "base/compiler.h"
#include "topology/placement.h"
#include "topology/sysfs.h"
#include "trees.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* -- Made-up trees -- */

/* Writes "path=text" below the devices. */
__attribute__((format(printf, 1, 2))) static void
put_line(const char *format, ...)
{
	char line[256], path[PATH_MAX], text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	char *value = strchr(line, '=');
	*value++ = '\0';
	snprintf(path, sizeof(path), "sys/devices/%s", line);
	snprintf(text, sizeof(text), "%s\n", value);
	put(path, text);
}

static void
setup(void)
{
	make_tree();
	unsetenv("HWLOC_SYNTHETIC");
	unsetenv("HWLOC_XMLFILE");
	unsetenv("HWLOC_FSROOT");
	setenv("HWLOC_THISSYSTEM", "0", 1);
}

/* A regular machine.  CPU t of core c is number c + t * cores. */
struct machine {
	const char *name;
	unsigned packages, nodes, l3s, l2s, cores, threads;
	bool older;   /* by the names of an older kernel */
};

static const struct machine machines[] = {
	{ "one", 1, 1, 1, 1, 1, 1, false },
	{ "laptop", 1, 1, 1, 4, 4, 2, false },
	{ "older", 2, 2, 2, 8, 8, 2, true },
	{ "shared-l2", 1, 1, 1, 2, 8, 1, false },
	{ "chiplets", 2, 2, 8, 32, 32, 2, false },
	{ "nodes-in-package", 2, 8, 16, 64, 64, 2, false },
	{ "packages-in-node", 2, 1, 2, 8, 8, 1, false },
	{ "no-caches", 2, 2, 0, 0, 8, 2, false },
	{ "no-nodes", 2, 0, 4, 8, 8, 2, false },
};
enum { MACHINES = sizeof(machines) / sizeof(machines[0]) };

/* The list of the CPUs in the part of m that a core is in, of so many parts. */
static const char *
members(const struct machine *m, unsigned parts, unsigned core)
{
	static char list[128];
	unsigned size = m->cores / parts, first = core / size * size, last = first + size - 1;
	size_t used = 0;

	for (unsigned t = 0; t < m->threads; t++) {
		unsigned from = first + t * m->cores, to = last + t * m->cores;

		used += (size_t)(from == to
		    ? snprintf(list + used, sizeof(list) - used, "%s%u", t > 0 ? "," : "", from)
		    : snprintf(list + used, sizeof(list) - used, "%s%u-%u", t > 0 ? "," : "",
		    from, to));
	}
	return list;
}

/* hwloc reads masks, we read lists: the tree has both. */
static const char *
as_mask(const char *list)
{
	static char text[64];
	uint32_t word[4] = { 0 };
	size_t used = 0;

	while (*list != '\0') {
		char *end;
		unsigned long from = strtoul(list, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		for (; from <= to; from++)
			word[from / 32] |= UINT32_C(1) << from % 32;
		list = *end == ',' ? end + 1 : end;
	}
	for (size_t i = 4; i-- > 0; )
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%08x%s", word[i],
		    i > 0 ? "," : "");
	return text;
}

static void
put_set(const char *list, const char *list_name, const char *mask_name, const char *where)
{
	put_line("%s/%s=%s", where, list_name, list);
	put_line("%s/%s=%s", where, mask_name, as_mask(list));
}

static void
put_cache(const struct machine *m, unsigned os, unsigned index, unsigned level,
    const char *type, unsigned parts)
{
	char where[64];

	snprintf(where, sizeof(where), "system/cpu/cpu%u/cache/index%u", os, index);
	put_line("%s/level=%u", where, level);
	put_line("%s/type=%s", where, type);
	put_line("%s/size=512K", where);
	put_set(members(m, parts, os % m->cores), "shared_cpu_list", "shared_cpu_map", where);
}

static void
put_cpu(const struct machine *m, unsigned os)
{
	char where[64];

	snprintf(where, sizeof(where), "system/cpu/cpu%u/topology", os);
	put_set(members(m, m->cores, os % m->cores),
	    m->older ? "thread_siblings_list" : "core_cpus_list",
	    m->older ? "thread_siblings" : "core_cpus", where);
	put_set(members(m, m->packages, os % m->cores),
	    m->older ? "core_siblings_list" : "package_cpus_list",
	    m->older ? "core_siblings" : "package_cpus", where);
	put_line("%s/physical_package_id=%u", where, os % m->cores / (m->cores / m->packages));
	put_line("%s/core_id=%u", where, os % m->cores);
	if (m->l2s == 0)
		return;
	put_cache(m, os, 0, 1, "Data", m->cores);
	put_cache(m, os, 1, 1, "Instruction", m->cores);
	put_cache(m, os, 2, 2, "Unified", m->l2s);
	put_cache(m, os, 3, 3, "Unified", m->l3s);
}

static void
put_machine(const struct machine *m)
{
	for (unsigned os = 0; os < m->cores * m->threads; os++)
		put_cpu(m, os);
	put_line("system/cpu/online=0-%u", m->cores * m->threads - 1);
	for (unsigned node = 0; node < m->nodes; node++) {
		char where[64], row[128];

		snprintf(where, sizeof(where), "system/node/node%u", node);
		put_set(members(m, m->nodes, node * (m->cores / m->nodes)), "cpulist", "cpumap",
		    where);
		size_t used = 0;
		for (unsigned to = 0; to < m->nodes; to++)
			used += (size_t)snprintf(row + used, sizeof(row) - used, "%s%u",
			    to > 0 ? " " : "",
			    to == node ? 10 : 20 + (node > to ? node - to : to - node));
		put_line("%s/distance=%s", where, row);
	}
	if (m->nodes > 0)
		put_line("system/node/online=0-%u", m->nodes - 1);
}

static struct flc_topology *
load(unsigned first, unsigned last)
{
	struct flc_cpu_mask mask;

	flc_cpu_mask_clear(&mask);
	flc_cpu_mask_add(&mask, first, last);
	struct flc_topology *topology = flc_sysfs_topology(root, &mask);
	ck_assert_ptr_nonnull(topology);
	return topology;
}

/* -- Against hwloc -- */

static size_t
find_os(const struct flc_topology *topology, unsigned os)
{
	size_t i = 0;

	while (i < topology->cpus && topology->cpu[i].os != os)
		i++;
	return i;
}

/* How many pairs of CPUs are seen otherwise. */
static size_t
compare(const char *name, const struct flc_topology *ours, const struct flc_topology *theirs)
{
	size_t differ = 0, cpus = 0, pairs = 0, nodes = 0, kinds_differ = 0;

	for (unsigned a = 0; a < ours->cpus; a++) {
		unsigned x = (unsigned)find_os(theirs, ours->cpu[a].os);

		cpus += x < theirs->cpus;
		for (unsigned b = 0; x < theirs->cpus && b < ours->cpus; b++) {
			unsigned y = (unsigned)find_os(theirs, ours->cpu[b].os);

			if (y == theirs->cpus)
				continue;
			pairs++;
			differ += flc_cpu_distance(ours, a, b) != flc_cpu_distance(theirs, x, y);
			nodes += ours->numa_distance[ours->cpu[a].numa * ours->nodes +
			    ours->cpu[b].numa] != theirs->numa_distance[theirs->cpu[x].numa *
			    theirs->nodes + theirs->cpu[y].numa];
			kinds_differ += (ours->cpu[a].kind < ours->cpu[b].kind) !=
			    (theirs->cpu[x].kind < theirs->cpu[y].kind);
		}
	}
	if (getenv("FILCH_SYS_TREES") != NULL)
		fprintf(stderr,
		    "%-40s %zu/%zu CPUs, %zu pairs: %zu classes, %zu distances, "
		    "%zu kinds differ\n",
		    name, cpus, theirs->cpus, pairs, differ, nodes, kinds_differ);
	return differ + nodes + kinds_differ + (cpus != theirs->cpus);
}

static size_t
compare_tree(const char *name, const char *tree)
{
	struct flc_cpu_mask mask;
	char path[PATH_MAX + 64];

	flc_cpu_mask_clear(&mask);
	for (unsigned os = 0; os < 1024; os++) {
		snprintf(path, sizeof(path), "%.*s/sys/devices/system/cpu/cpu%u/topology", PATH_MAX,
		    tree, os);
		if (access(path, F_OK) == 0)
			flc_cpu_mask_add(&mask, os, os);
	}
	if (flc_cpu_mask_count(&mask) == 0)
		return 0;
	struct flc_topology *ours = flc_sysfs_topology(tree, &mask);
	setenv("HWLOC_FSROOT", tree, 1);
	setenv("HWLOC_COMPONENTS", "linux,stop", 1);
	struct flc_topology *theirs = flc_topology_load(NULL);
	unsetenv("HWLOC_COMPONENTS");
	unsetenv("HWLOC_FSROOT");
	ck_assert_ptr_nonnull(ours);
	ck_assert_ptr_nonnull(theirs);
	ck_assert_str_eq(theirs->source, "another machine");
	size_t differ = compare(name, ours, theirs);
	flc_topology_free(ours);
	flc_topology_free(theirs);
	return differ;
}

/* -- What must hold -- */

static unsigned
part_of(const struct machine *m, unsigned parts, unsigned os)
{
	return os % m->cores / (m->cores / parts);
}

#define ck_same(m, topology, a, b, field, parts) \
	ck_assert_msg(((topology)->cpu[a].field == (topology)->cpu[b].field) \
	    == (part_of(m, parts, (topology)->cpu[a].os) \
	    == part_of(m, parts, (topology)->cpu[b].os)), \
	    "%s: %s of %u and %u", (m)->name, #field, (topology)->cpu[a].os, \
	    (topology)->cpu[b].os)

START_TEST(regular_machines_are_read)
{
	const struct machine *m = &machines[_i];
	unsigned cpus = m->cores * m->threads, nodes = m->nodes > 0 ? m->nodes : 1;

	put_machine(m);
	struct flc_topology *topology = load(0, cpus - 1);
	ck_assert_uint_eq(topology->cpus, cpus);
	ck_assert_uint_eq(topology->nodes, nodes);
	ck_assert_str_eq(topology->source, "this machine");
	for (size_t a = 0; a < cpus; a++) {
		ck_assert_uint_eq(topology->cpu[a].thread, a % m->threads);
		ck_assert_uint_eq(topology->cpu[a].kind, 0);
		ck_assert_uint_eq(topology->cpu[a].numa, part_of(m, nodes, topology->cpu[a].os));
		for (size_t b = 0; b < cpus; b++) {
			ck_same(m, topology, a, b, core, m->cores);
			ck_same(m, topology, a, b, l2, m->l2s > 0 ? m->l2s : m->cores);
			ck_same(m, topology, a, b, l3, m->l3s > 0 ? m->l3s : m->cores);
			ck_same(m, topology, a, b, package, m->packages);
		}
		/* Near ones stand together: here that is the order of the cores. */
		ck_assert_uint_eq(topology->cpu[a].os % m->cores, a / m->threads);
	}
	for (unsigned i = 0; i < nodes; i++)
		for (unsigned j = 0; j < nodes; j++)
			ck_assert_uint_eq(topology->numa_distance[i * nodes + j],
			    i == j ? 10 : 20 + (i > j ? i - j : j - i));
	flc_topology_free(topology);
	ck_assert_uint_eq(compare_tree(m->name, root), 0);
}
END_TEST

START_TEST(a_mask_leaves_the_rest_out)
{
	const struct machine *m = &machines[4];

	put_machine(m);
	/* Cores 9 to 40 of 0 to 31: the first threads of 23, the second ones of 9. */
	struct flc_topology *topology = load(9, 40);
	ck_assert_uint_eq(topology->cpus, 32);
	ck_assert_uint_eq(topology->nodes, 2);
	for (size_t i = 0; i < topology->cpus; i++) {
		unsigned os = topology->cpu[i].os;

		ck_assert_uint_ge(os, 9);
		ck_assert_uint_le(os, 40);
		ck_assert_uint_eq(topology->cpu[i].thread, 0);
		ck_assert_uint_eq(topology->cpu[i].numa, os % 32 / 16);
	}
	flc_topology_free(topology);
}
END_TEST

START_TEST(without_sys_the_mask_remains)
{
	struct flc_topology *topology = load(3, 6);

	ck_assert_str_eq(topology->source, "this machine, without /sys");
	ck_assert_uint_eq(topology->cpus, 4);
	ck_assert_uint_eq(topology->nodes, 1);
	ck_assert_uint_eq(topology->numa_distance[0], 10);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(topology->cpu[i].os, 3 + i);
		ck_assert_uint_eq(topology->cpu[i].numa, 0);
		for (unsigned j = 0; j < 4; j++)
			ck_assert_int_eq(flc_cpu_distance(topology, i, j),
			    i == j ? FILCH_DISTANCE_SMT : FILCH_DISTANCE_L3);
	}
	flc_topology_free(topology);
}
END_TEST

/* Nodes 1 and 4 have no CPUs; CPU 2 has no cache and no siblings. */
START_TEST(what_is_missing_claims_nothing)
{
	static const struct machine m = { "partial", 1, 2, 1, 2, 4, 1, false };

	put_machine(&m);
	put_line("system/cpu/cpu2/topology/core_cpus_list=");
	put_line("system/cpu/cpu3/topology/core_cpus_list=x");
	put_line("system/cpu/cpu2/cache/index2/type=Instruction");
	put_line("system/cpu/cpu3/cache/index2/level=");
	put_line("system/node/online=0-1,4,7");
	put_line("system/node/node1/cpulist=");
	put_line("system/node/node7/cpulist=2-3");
	put_line("system/node/node0/distance=10 11 12 13");
	put_line("system/node/node7/distance=23 22 21 10");
	struct flc_topology *topology = load(0, 3);
	ck_assert_uint_eq(topology->nodes, 2);
	static const unsigned expected[] = { 10, 13, 23, 10 };
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(topology->numa_distance[i], expected[i]);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(topology->cpu[i].os, i);
		ck_assert_uint_eq(topology->cpu[i].numa, i / 2);
	}
	ck_assert_int_eq(flc_cpu_distance(topology, 0, 1), FILCH_DISTANCE_L2);
	ck_assert_int_eq(flc_cpu_distance(topology, 0, 2), FILCH_DISTANCE_L3);
	ck_assert_int_ne(flc_cpu_distance(topology, 2, 3), FILCH_DISTANCE_SMT);
	flc_topology_free(topology);
}
END_TEST

/* Three kinds; 10 % more is none of its own. */
static const unsigned speeds[] = { 1024, 980, 400, 420, 700, 700, 400, 1024 };
static const unsigned kinds[] = { 2, 2, 0, 0, 1, 1, 0, 2 };

START_TEST(kinds_of_cores_are_ranked)
{
	static const struct machine m = { "kinds", 1, 1, 1, 8, 8, 1, false };
	static const char *const file[] = { "cpu_capacity", "cpufreq/cpuinfo_max_freq", NULL };

	put_machine(&m);
	for (unsigned os = 0; os < 8 && file[_i] != NULL; os++)
		put_line("system/cpu/cpu%u/%s=%u", os, file[_i], speeds[os]);
	if (file[_i] == NULL) {
		put_line("cpu_core/cpus=0-1,4-5,7");
		put_line("cpu_atom/cpus=2-3,6");
		put_line("system/cpu/cpu0/cpu_capacity=1");
	}
	struct flc_topology *topology = load(0, 7);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_uint_eq(topology->cpu[i].kind,
		    file[_i] != NULL ? kinds[i] : kinds[i] > 0);
	flc_topology_free(topology);
}
END_TEST

/* Lists that are not lists, and numbers without bounds, must end. */
START_TEST(nonsense_ends)
{
	static const char *const lists[] = {
		"", "-", "0-", "1-0", "0-4294967295", "4294967295", "99999999999999", ",", "0,,1",
		"0-3,0-3,0-3", "zero", " 0", "0 1", "0-8191",
	};
	static const struct machine m = { "nonsense", 1, 1, 1, 4, 4, 1, false };

	put_machine(&m);
	put_line("system/cpu/cpu1/topology/core_cpus_list=%s", lists[_i]);
	put_line("system/cpu/cpu1/cache/index2/shared_cpu_list=%s", lists[_i]);
	put_line("system/cpu/cpu2/cache/index3/level=%s", lists[_i]);
	put_line("system/cpu/cpu3/cpu_capacity=%s", lists[_i]);
	put_line("system/node/online=%s", lists[_i]);
	put_line("system/node/node0/cpulist=%s", lists[_i]);
	put_line("system/node/node0/distance=%s", lists[_i]);
	struct flc_topology *topology = load(0, 3);
	ck_assert_uint_eq(topology->cpus, 4);
	ck_assert_uint_eq(topology->nodes, 1);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(topology->cpu[i].numa, 0);
	flc_topology_free(topology);
}
END_TEST

/* Some of them contradict themselves, and some hwloc corrects; see docs/design.md. */
START_TEST(most_recorded_machines_are_as_hwloc_sees_them)
{
	const char *trees = getenv("FILCH_SYS_TREES");
	DIR *directory = opendir(trees);
	size_t machines_read = 0, alike = 0;
	struct dirent *entry;
	char path[PATH_MAX];

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", trees, entry->d_name);
		machines_read++;
		alike += compare_tree(entry->d_name, path) == 0;
	}
	closedir(directory);
	ck_assert_uint_gt(machines_read, 0);
	ck_assert_uint_ge(4 * alike, 3 * machines_read);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sysfs");
	TCase *read = case_of(suite, "read", setup, remove_tree);

	tcase_add_loop_test(read, regular_machines_are_read, 0, MACHINES);
	tcase_add_test(read, a_mask_leaves_the_rest_out);
	tcase_add_test(read, without_sys_the_mask_remains);
	tcase_add_test(read, what_is_missing_claims_nothing);
	tcase_add_loop_test(read, kinds_of_cores_are_ranked, 0, 3);
	tcase_add_loop_test(read, nonsense_ends, 0, 14);
	if (getenv("FILCH_SYS_TREES") != NULL)
		tcase_add_test(read, most_recorded_machines_are_as_hwloc_sees_them);
	return run_suite(suite);
}
