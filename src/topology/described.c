/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/described.h"

#include <dlfcn.h>
#include <hwloc.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL_DISTANCE 10   /* as ACPI's SLIT has it */
#define OTHER_DISTANCE 20   /* where the description tells nothing */

/*
 * What makes hwloc describe another machine.  Only then is it asked: it dies where it is
 * without memory, spins where a sandbox hides the affinity mask, writes messages, and
 * loads plug-ins that the environment names; see docs/design.md.  So it is not asked in a
 * program that runs with more rights than its caller.
 */
static const struct variable {
	const char *name;
	const char *unusable;   /* the source when it could not be used */
} variables[] = {
	{ "HWLOC_XMLFILE", "this machine (HWLOC_XMLFILE is unusable)" },
	{ "HWLOC_SYNTHETIC", "this machine (HWLOC_SYNTHETIC is unusable)" },
	{ "HWLOC_FSROOT", "this machine (HWLOC_FSROOT is unusable)" },
};

const char *
flc_described_unusable(void)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (secure_getenv(variables[i].name) != NULL)
			return variables[i].unusable;
	return NULL;
}

/* -- hwloc, loaded when it is needed -- */

#if HWLOC_API_VERSION >= 0x00020400
#define SINCE_2_4(X) X(cpukinds_get_by_cpuset) X(cpukinds_get_info)
#else
#define SINCE_2_4(X)
#endif
#if HWLOC_API_VERSION >= 0x00020100 && HWLOC_API_VERSION < 0x00020500
#define BEFORE_2_5(X) X(topology_set_components)
#else
#define BEFORE_2_5(X)
#endif

/* What is called of it. */
#define HWLOC_MAP(X) \
	X(topology_init) X(topology_destroy) X(topology_load) \
	X(topology_set_all_types_filter) X(topology_set_type_filter) X(topology_set_flags) \
	X(topology_set_synthetic) X(topology_is_thissystem) \
	X(get_type_depth) X(get_nbobjs_by_depth) X(get_obj_by_depth) \
	X(bitmap_isset) X(bitmap_weight) \
	X(distances_get_by_type) X(distances_release) \
	SINCE_2_4(X) BEFORE_2_5(X)

#define FIELD(name) __typeof__(hwloc_##name) *name;
static struct {
	HWLOC_MAP(FIELD)
} call;

static bool
find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

/* It stays, once loaded. */
static bool
load_hwloc(void)
{
	void *library = dlopen(FILCH_HWLOC, RTLD_NOW | RTLD_LOCAL);

#define FIND(name) && find(library, "hwloc_" #name, &call.name)
	return library != NULL HWLOC_MAP(FIND);
}

/* hwloc's inline functions call it by name. */
static int
count_of(hwloc_topology_t hwloc, hwloc_obj_type_t type)
{
	int depth = call.get_type_depth(hwloc, type);

	if (depth == HWLOC_TYPE_DEPTH_UNKNOWN || depth == HWLOC_TYPE_DEPTH_MULTIPLE)
		return 0;
	return (int)call.get_nbobjs_by_depth(hwloc, depth);
}

/* The first; each knows its next_cousin. */
static hwloc_obj_t
first_of(hwloc_topology_t hwloc, hwloc_obj_type_t type)
{
	return count_of(hwloc, type) > 0
	    ? call.get_obj_by_depth(hwloc, call.get_type_depth(hwloc, type), 0) : NULL;
}

/* -- What it says -- */

/* Only what struct flc_cpu holds, and what a NUMA node can hang off: without such a
 * parent the node would move up and claim the CPUs of its neighbours. */
static void
keep_little(hwloc_topology_t hwloc)
{
	static const hwloc_obj_type_t wanted[] = {
		HWLOC_OBJ_CORE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_PACKAGE,
	};
	static const hwloc_obj_type_t parents[] = {
		HWLOC_OBJ_GROUP, HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L5CACHE,
#if HWLOC_API_VERSION >= 0x00020100
		HWLOC_OBJ_DIE,
#endif
	};
	unsigned long flags = 0;

	call.topology_set_all_types_filter(hwloc, HWLOC_TYPE_FILTER_KEEP_NONE);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		call.topology_set_type_filter(hwloc, wanted[i], HWLOC_TYPE_FILTER_KEEP_ALL);
	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++)
		call.topology_set_type_filter(hwloc, parents[i],
		    HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
	/* The x86 component would visit every CPU to ask it. */
#if HWLOC_API_VERSION >= 0x00020500
	flags |= HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING;
#elif HWLOC_API_VERSION >= 0x00020100
	call.topology_set_components(hwloc, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
#endif
#if HWLOC_API_VERSION >= 0x00020800
	flags |= HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS;
#endif
	call.topology_set_flags(hwloc, flags);
}

static hwloc_topology_t
discover(const char *synthetic)
{
	hwloc_topology_t hwloc;

	if (!load_hwloc() || call.topology_init(&hwloc) != 0)
		return NULL;
	keep_little(hwloc);
	if ((synthetic == NULL || call.topology_set_synthetic(hwloc, synthetic) == 0) &&
	    call.topology_load(hwloc) == 0)
		return hwloc;
	call.topology_destroy(hwloc);
	return NULL;
}

/* What hwloc took in the end: it passes over a malformed variable silently, and describes
 * this machine then (NULL). */
static const char *
source_of(hwloc_topology_t hwloc, const char *given)
{
	const char *synthetic = getenv("HWLOC_SYNTHETIC");
	const char *xml = getenv("HWLOC_XMLFILE");
	hwloc_obj_t root = call.get_obj_by_depth(hwloc, 0, 0);
	bool made_up = false;

	for (unsigned i = 0; i < root->infos_count; i++)
		if (strcmp(root->infos[i].name, "Backend") == 0 &&
		    strcmp(root->infos[i].value, "Synthetic") == 0)
			made_up = true;
	if (given != NULL)
		return "a synthetic description";
	if (call.topology_is_thissystem(hwloc))
		return xml != NULL && getenv("HWLOC_THISSYSTEM") != NULL ? "HWLOC_XMLFILE" : NULL;
	if (synthetic != NULL && made_up)
		return "HWLOC_SYNTHETIC";
	return xml != NULL ? "HWLOC_XMLFILE" : "another machine";
}

/* The number of what pu shares at this level.  Where the level is missing the number is
 * that of the level inside, moved past the real ones. */
static unsigned
shared_number(hwloc_topology_t hwloc, hwloc_obj_t pu, hwloc_obj_type_t type, unsigned inside)
{
	hwloc_obj_t object = pu->parent;

	while (object != NULL && object->type != type)
		object = object->parent;
	return object != NULL ? object->logical_index : (unsigned)count_of(hwloc, type) + inside;
}

/* The node with the fewest CPUs around this one: memory that hangs off the whole machine
 * is not what a worker is near to. */
static unsigned
node_of(hwloc_topology_t hwloc, hwloc_obj_t pu)
{
	unsigned nearest = 0;
	int fewest = INT_MAX;

	for (hwloc_obj_t node = first_of(hwloc, HWLOC_OBJ_NUMANODE); node != NULL;
	    node = node->next_cousin) {
		if (!call.bitmap_isset(node->cpuset, pu->os_index))
			continue;
		int cpus = call.bitmap_weight(node->cpuset);
		if (cpus < fewest) {
			fewest = cpus;
			nearest = node->logical_index;
		}
	}
	return nearest;
}

static unsigned
kind_of(hwloc_topology_t hwloc, hwloc_obj_t pu)
{
#if HWLOC_API_VERSION >= 0x00020400
	int efficiency = 0;
	int kind = call.cpukinds_get_by_cpuset(hwloc, pu->cpuset, 0);

	/* hwloc's efficiency ranks by performance; -1: it could not rank. */
	if (kind >= 0 && call.cpukinds_get_info(hwloc, (unsigned)kind, NULL, &efficiency,
	    NULL, NULL, 0) == 0 && efficiency > 0)
		return (unsigned)efficiency;
#else
	(void)hwloc;
	(void)pu;
#endif
	return 0;
}

static struct flc_cpu
describe_cpu(hwloc_topology_t hwloc, hwloc_obj_t pu)
{
	struct flc_cpu cpu = { .os = pu->os_index };

	cpu.core = shared_number(hwloc, pu, HWLOC_OBJ_CORE, pu->logical_index);
	cpu.l2 = shared_number(hwloc, pu, HWLOC_OBJ_L2CACHE, cpu.core);
	cpu.l3 = shared_number(hwloc, pu, HWLOC_OBJ_L3CACHE, cpu.l2);
	cpu.numa = node_of(hwloc, pu);
	cpu.package = shared_number(hwloc, pu, HWLOC_OBJ_PACKAGE, cpu.numa);
	cpu.kind = kind_of(hwloc, pu);
	return cpu;
}

/* The CPUs of the topology; if it is said to be this machine's, those that the calling
 * thread may use.  Not RESTRICT_TO_CPUBINDING: that compares all threads' masks and
 * restricts nothing if two differ. */
static void
fill_cpus(struct flc_topology *topology, hwloc_topology_t hwloc, const struct flc_cpu_mask *mask)
{
	bool here = call.topology_is_thissystem(hwloc);

	for (hwloc_obj_t pu = first_of(hwloc, HWLOC_OBJ_PU); pu != NULL; pu = pu->next_cousin) {
		if (here && !flc_cpu_mask_has(mask, pu->os_index))
			continue;
		struct flc_cpu *cpu = &topology->cpu[topology->cpus];
		*cpu = describe_cpu(hwloc, pu);
		/* CPUs of one core stand together. */
		if (topology->cpus > 0 && cpu[-1].core == cpu->core)
			cpu->thread = cpu[-1].thread + 1;
		topology->cpus++;
	}
}

static void
fill_distances(struct flc_topology *topology, hwloc_topology_t hwloc)
{
	size_t nodes = topology->nodes;
	struct hwloc_distances_s *matrix;
	unsigned found = 1;

	for (size_t i = 0; i < nodes * nodes; i++)
		topology->numa_distance[i] =
		    i / nodes == i % nodes ? LOCAL_DISTANCE : OTHER_DISTANCE;
	if (nodes < 2 || call.distances_get_by_type(hwloc, HWLOC_OBJ_NUMANODE, &found,
	    &matrix, HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0 || found == 0)
		return;
	for (unsigned i = 0; i < matrix->nbobjs; i++)
		for (unsigned j = 0; j < matrix->nbobjs; j++) {
			hwloc_obj_t from = matrix->objs[i], to = matrix->objs[j];
			uint64_t value = matrix->values[i * matrix->nbobjs + j];

			if (from != NULL && to != NULL)
				topology->numa_distance[from->logical_index * nodes
				    + to->logical_index]
				    = value < UINT_MAX ? (unsigned)value : UINT_MAX;
		}
	call.distances_release(hwloc, matrix);
}

static struct flc_topology *
make_room(size_t cpus, size_t nodes)
{
	struct flc_topology *topology = calloc(1, sizeof(*topology));

	if (topology == NULL)
		return NULL;
	topology->cpu = calloc(cpus, sizeof(*topology->cpu));
	topology->numa_distance = calloc(nodes * nodes, sizeof(*topology->numa_distance));
	topology->nodes = nodes;
	if (topology->cpu != NULL && topology->numa_distance != NULL)
		return topology;
	flc_topology_free(topology);
	return NULL;
}

static struct flc_topology *
load_from(hwloc_topology_t hwloc, const char *synthetic, const struct flc_cpu_mask *mask)
{
	int cpus = count_of(hwloc, HWLOC_OBJ_PU);
	int nodes = count_of(hwloc, HWLOC_OBJ_NUMANODE);
	const char *source = source_of(hwloc, synthetic);

	if (cpus < 1 || source == NULL)
		return NULL;
	struct flc_topology *topology = make_room((size_t)cpus, nodes > 0 ? (size_t)nodes : 1);
	if (topology == NULL)
		return NULL;
	fill_cpus(topology, hwloc, mask);
	fill_distances(topology, hwloc);
	topology->source = source;
	topology->here = call.topology_is_thissystem(hwloc);
	if (topology->cpus > 0)
		return topology;
	flc_topology_free(topology);
	return NULL;
}

struct flc_topology *
flc_described_topology(const char *synthetic, const struct flc_cpu_mask *mask)
{
	hwloc_topology_t hwloc = discover(synthetic);

	if (hwloc == NULL)
		return NULL;
	struct flc_topology *topology = load_from(hwloc, synthetic, mask);
	call.topology_destroy(hwloc);
	return topology;
}
