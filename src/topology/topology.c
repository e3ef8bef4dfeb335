/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/compiler.h"
#include "topology/topology.h"

#include "topology/cpu_mask.h"
#include "topology/sysfs.h"

#include <hwloc.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL_DISTANCE 10   /* as ACPI's SLIT has it */
#define OTHER_DISTANCE 20   /* where the description tells nothing */

/* Held while loading too: hwloc's own locks are then covered by before_fork. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct flc_topology *cached;

/* Only what struct flc_cpu holds, and what a NUMA node can hang off: without
 * such a parent the node would move up and claim the CPUs of its neighbours. */
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

	hwloc_topology_set_all_types_filter(hwloc, HWLOC_TYPE_FILTER_KEEP_NONE);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		hwloc_topology_set_type_filter(hwloc, wanted[i], HWLOC_TYPE_FILTER_KEEP_ALL);
	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++)
		hwloc_topology_set_type_filter(hwloc, parents[i],
		    HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
	/* The x86 component would visit every CPU to ask it. */
#if HWLOC_API_VERSION >= 0x00020500
	flags |= HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING;
#elif HWLOC_API_VERSION >= 0x00020100
	hwloc_topology_set_components(hwloc, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
#endif
#if HWLOC_API_VERSION >= 0x00020800
	flags |= HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS;
#endif
	hwloc_topology_set_flags(hwloc, flags);
}

static hwloc_topology_t
discover(const char *synthetic)
{
	hwloc_topology_t hwloc;

	if (hwloc_topology_init(&hwloc) != 0)
		return NULL;
	keep_little(hwloc);
	if ((synthetic == NULL || hwloc_topology_set_synthetic(hwloc, synthetic) == 0) &&
	    hwloc_topology_load(hwloc) == 0)
		return hwloc;
	hwloc_topology_destroy(hwloc);
	return NULL;
}

/* -- By hwloc, of another machine -- */

/*
 * What makes hwloc describe another machine.  Only then is it asked: it dies where it
 * is without memory, spins where a sandbox hides the affinity mask, writes messages,
 * and loads plug-ins that the environment names; see docs/design.md.  So it is not
 * asked in a program that runs with more rights than its caller.
 */
static const struct variable {
	const char *name;
	const char *unusable;   /* the source when it could not be used */
} variables[] = {
	{ "HWLOC_XMLFILE", "this machine (HWLOC_XMLFILE is unusable)" },
	{ "HWLOC_SYNTHETIC", "this machine (HWLOC_SYNTHETIC is unusable)" },
	{ "HWLOC_FSROOT", "this machine (HWLOC_FSROOT is unusable)" },
};

/* The variable that describes a machine; NULL: none, or not to be obeyed. */
static const struct variable *
described_by(void)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (secure_getenv(variables[i].name) != NULL)
			return &variables[i];
	return NULL;
}

/* What hwloc took in the end: it passes over a malformed variable silently, and
 * describes this machine then (NULL). */
static const char *
source_of(hwloc_topology_t hwloc, const char *given)
{
	const char *synthetic = getenv("HWLOC_SYNTHETIC");
	const char *xml = getenv("HWLOC_XMLFILE");
	const char *backend = hwloc_obj_get_info_by_name(hwloc_get_root_obj(hwloc), "Backend");
	bool made_up = backend != NULL && strcmp(backend, "Synthetic") == 0;

	if (given != NULL)
		return "a synthetic description";
	if (hwloc_topology_is_thissystem(hwloc))
		return xml != NULL && getenv("HWLOC_THISSYSTEM") != NULL ? "HWLOC_XMLFILE" : NULL;
	if (synthetic != NULL && made_up)
		return "HWLOC_SYNTHETIC";
	return xml != NULL ? "HWLOC_XMLFILE" : "another machine";
}

/* The number of what pu shares at this level.  Where the level is missing the
 * number is that of the level inside, moved past the real ones. */
static unsigned
shared_number(hwloc_topology_t hwloc, hwloc_obj_t pu, hwloc_obj_type_t type, unsigned inside)
{
	hwloc_obj_t object = hwloc_get_ancestor_obj_by_type(hwloc, type, pu);

	if (object != NULL)
		return object->logical_index;
	int present = hwloc_get_nbobjs_by_type(hwloc, type);
	return (present > 0 ? (unsigned)present : 0) + inside;
}

/* The node with the fewest CPUs around this one: memory that hangs off the
 * whole machine is not what a worker is near to. */
static unsigned
node_of(hwloc_topology_t hwloc, hwloc_obj_t pu)
{
	hwloc_obj_t node = NULL;
	unsigned nearest = 0;
	int fewest = INT_MAX;

	while ((node = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_NUMANODE, node)) != NULL) {
		if (!hwloc_bitmap_isset(node->cpuset, pu->os_index))
			continue;
		int cpus = hwloc_bitmap_weight(node->cpuset);
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
	int kind = hwloc_cpukinds_get_by_cpuset(hwloc, pu->cpuset, 0);

	/* hwloc's efficiency ranks by performance; -1: it could not rank. */
	if (kind >= 0 && hwloc_cpukinds_get_info(hwloc, (unsigned)kind, NULL, &efficiency,
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

/* The CPUs of the topology; if it is said to be this machine's, those that the
 * calling thread may use.  Not RESTRICT_TO_CPUBINDING: that compares all threads'
 * masks and restricts nothing if two differ. */
static void
fill_cpus(struct flc_topology *topology, hwloc_topology_t hwloc, const struct flc_cpu_mask *mask)
{
	bool here = hwloc_topology_is_thissystem(hwloc);
	hwloc_obj_t pu = NULL;

	while ((pu = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_PU, pu)) != NULL) {
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
	if (nodes < 2 || hwloc_distances_get_by_type(hwloc, HWLOC_OBJ_NUMANODE, &found,
	    &matrix, HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0 || found == 0)
		return;
	for (unsigned i = 0; i < matrix->nbobjs; i++)
		for (unsigned j = 0; j < matrix->nbobjs; j++) {
			hwloc_obj_t from = matrix->objs[i], to = matrix->objs[j];
			uint64_t value = matrix->values[i * matrix->nbobjs + j];

			if (from != NULL && to != NULL)
				topology->numa_distance[from->logical_index * nodes +
				    to->logical_index] = value < UINT_MAX ? (unsigned)value : UINT_MAX;
		}
	hwloc_distances_release(hwloc, matrix);
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
	int cpus = hwloc_get_nbobjs_by_type(hwloc, HWLOC_OBJ_PU);
	int nodes = hwloc_get_nbobjs_by_type(hwloc, HWLOC_OBJ_NUMANODE);
	const char *source = source_of(hwloc, synthetic);

	if (cpus < 1 || source == NULL)
		return NULL;
	struct flc_topology *topology = make_room((size_t)cpus, nodes > 0 ? (size_t)nodes : 1);
	if (topology == NULL)
		return NULL;
	fill_cpus(topology, hwloc, mask);
	fill_distances(topology, hwloc);
	topology->source = source;
	topology->here = hwloc_topology_is_thissystem(hwloc);
	if (topology->cpus > 0)
		return topology;
	flc_topology_free(topology);
	return NULL;
}

static struct flc_topology *
load_described(const char *synthetic, const struct flc_cpu_mask *mask)
{
	hwloc_topology_t hwloc = discover(synthetic);

	if (hwloc == NULL)
		return NULL;
	struct flc_topology *topology = load_from(hwloc, synthetic, mask);
	hwloc_topology_destroy(hwloc);
	return topology;
}

/* -- Either -- */

struct flc_topology *
flc_topology_load(const char *synthetic)
{
	const struct variable *variable = described_by();
	struct flc_topology *topology = NULL;
	struct flc_cpu_mask mask;

	flc_cpu_mask_allowed(&mask, "");
	/* Without the mask hwloc would ask for it for ever. */
	if (synthetic != NULL || (variable != NULL && flc_cpu_mask_is_told()))
		topology = load_described(synthetic, &mask);
	if (topology == NULL && synthetic == NULL &&
	    (topology = flc_sysfs_topology("", &mask)) != NULL) {
		topology->here = true;
		if (variable != NULL)
			topology->source = variable->unusable;
	}
	if (topology == NULL)
		return NULL;
	topology->binds = topology->here && flc_cpu_mask_can_bind();
	topology->users = 1;
	return topology;
}

void
flc_topology_free(struct flc_topology *topology)
{
	if (topology == NULL)
		return;
	free(topology->numa_distance);
	free(topology->cpu);
	free(topology);
}

/* -- The cache -- */

static void
drop_reference(struct flc_topology *topology)
{
	if (topology != NULL && --topology->users == 0)
		flc_topology_free(topology);
}

const struct flc_topology *
flc_topology_get(void)
{
	pthread_mutex_lock(&lock);
	if (cached == NULL)
		cached = flc_topology_load(NULL);
	struct flc_topology *topology = cached;
	if (topology != NULL)
		topology->users++;
	pthread_mutex_unlock(&lock);
	return topology;
}

void
flc_topology_put(const struct flc_topology *topology)
{
	pthread_mutex_lock(&lock);
	drop_reference((struct flc_topology *)topology);
	pthread_mutex_unlock(&lock);
}

static void
empty_cache(void)
{
	drop_reference(cached);
	cached = NULL;
}

void
flc_topology_release(void)
{
	pthread_mutex_lock(&lock);
	empty_cache();
	pthread_mutex_unlock(&lock);
}

void
flc_topology_before_fork(void)
{
	pthread_mutex_lock(&lock);
}

void
flc_topology_after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/* At dlclose() and exit().  A thread that is loading just now must not delay
 * the exit; what it loads ends with the process. */
__attribute__((destructor)) static void
unload(void)
{
	if (pthread_mutex_trylock(&lock) != 0)
		return;
	empty_cache();
	pthread_mutex_unlock(&lock);
}

bool
flc_topology_bind_self(const struct flc_topology *topology, const unsigned *os, size_t n)
{
	struct flc_cpu_mask mask;

	if (!topology->here || n == 0)
		return false;
	flc_cpu_mask_clear(&mask);
	for (size_t i = 0; i < n; i++)
		flc_cpu_mask_add(&mask, os[i], os[i]);
	return flc_cpu_mask_bind_self(&mask);
}
