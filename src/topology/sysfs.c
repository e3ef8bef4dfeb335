/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/sysfs.h"

#include "topology/reader.h"
#include "topology/sort.h"

#include <limits.h>
#include <stdlib.h>

#define CPU "%s/sys/devices/system/cpu/cpu%u/"
#define NODE "%s/sys/devices/system/node/"

/* What CPUs can share; a field of struct flc_cpu each. */
enum level { BY_CORE, BY_L2, BY_L3, BY_PACKAGE, BY_NUMA, LEVELS };
static const size_t field[LEVELS] = {
	[BY_CORE] = offsetof(struct flc_cpu, core),
	[BY_L2] = offsetof(struct flc_cpu, l2),
	[BY_L3] = offsetof(struct flc_cpu, l3),
	[BY_PACKAGE] = offsetof(struct flc_cpu, package),
	[BY_NUMA] = offsetof(struct flc_cpu, numa),
};

/* Not read yet; still so at the end: /sys does not tell. */
#define UNKNOWN UINT_MAX

struct survey {
	const char *root;
	struct flc_topology *topology;
	unsigned past;              /* greater than the number of any CPU */
	size_t groups[LEVELS];      /* how many there are */
	enum level order[LEVELS];   /* the widest first */
	unsigned *scratch;          /* one per CPU */
	unsigned outer;             /* the index of a first L2; 0: not known */
};

static unsigned *
number_of(struct flc_cpu *cpu, enum level level)
{
	return (unsigned *)(void *)((char *)cpu + field[level]);
}

/* -- Sets of CPUs that share something -- */

struct claim {
	struct survey *survey;
	enum level level;
	unsigned number;   /* of the set; UNKNOWN: the first CPU's */
	bool any;          /* it has one of our CPUs */
};

/* Index of the first CPU whose number is at least os; they stand in that order while the
 * machine is surveyed. */
static size_t
lower_bound(const struct flc_topology *topology, unsigned os)
{
	size_t low = 0, high = topology->cpus;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (topology->cpu[middle].os < os)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A CPU stays in the set that named it first, so that no two sets overlap. */
static void
claim_range(void *context, unsigned first, unsigned last)
{
	struct claim *claim = context;
	struct flc_topology *topology = claim->survey->topology;

	if (claim->number == UNKNOWN)
		claim->number = first;
	for (size_t i = lower_bound(topology, first);
	    i < topology->cpus && topology->cpu[i].os <= last; i++) {
		unsigned *number = number_of(&topology->cpu[i], claim->level);

		if (*number == UNKNOWN) {
			*number = claim->number;
			claim->any = true;
		}
	}
}

/* Reads a set that is open, and closes it. */
static void
claim_set(struct survey *survey, struct flc_reader *reader, enum level level)
{
	struct claim claim = { survey, level, UNKNOWN, false };

	flc_reader_ranges(reader, claim_range, &claim);
	flc_reader_close(reader);
	survey->groups[level] += claim.any;
}

static bool
is_known(struct survey *survey, size_t i, enum level level)
{
	return *number_of(&survey->topology->cpu[i], level) != UNKNOWN;
}

/* Older kernels have the second name only. */
static void
survey_siblings(struct survey *survey, size_t i, enum level level, const char *name,
    const char *older)
{
	unsigned os = survey->topology->cpu[i].os;
	struct flc_reader reader;

	if (is_known(survey, i, level))
		return;
	if (flc_reader_open(&reader, CPU "topology/%s", survey->root, os, name) ||
	    flc_reader_open(&reader, CPU "topology/%s", survey->root, os, older))
		claim_set(survey, &reader, level);
}

static bool
read_cache_level(struct survey *survey, unsigned os, unsigned index, unsigned *depth)
{
	return flc_read_unsigned(depth, CPU "cache/index%u/level", survey->root, os, index);
}

/* The caches of most CPUs are listed alike: of the first one we learn where those beyond
 * L1 begin. */
static void
survey_caches(struct survey *survey, size_t i)
{
	unsigned os = survey->topology->cpu[i].os, index = survey->outer, depth;
	struct flc_reader reader;
	bool learned = index != 0;

	for (; !is_known(survey, i, BY_L2) || !is_known(survey, i, BY_L3); index++) {
		bool told = read_cache_level(survey, os, index, &depth);

		if (learned && (!told || depth != 2)) {
			index = 0;
			told = read_cache_level(survey, os, index, &depth);
		}
		learned = false;
		if (!told)
			return;
		enum level level = depth == 2 ? BY_L2 : BY_L3;
		if (depth != 2 && depth != 3)
			continue;
		if (depth == 2 && survey->outer == 0)
			survey->outer = index;
		if (is_known(survey, i, level) ||
		    !flc_reader_open(&reader, CPU "cache/index%u/type", survey->root, os, index))
			continue;
		int type = flc_reader_byte(&reader);
		flc_reader_close(&reader);
		/* Data or Unified, not Instruction. */
		if (type != 'I' && flc_reader_open(&reader, CPU "cache/index%u/shared_cpu_list",
		    survey->root, os, index))
			claim_set(survey, &reader, level);
	}
}

/* Where a level is missing its number is that of the level inside, moved past the real
 * ones. */
static void
fill_missing(struct survey *survey, enum level level, size_t inside)
{
	for (size_t i = 0; i < survey->topology->cpus; i++) {
		struct flc_cpu *cpu = &survey->topology->cpu[i];
		unsigned *number = number_of(cpu, level);

		if (*number == UNKNOWN) {
			*number = survey->past + *(unsigned *)(void *)((char *)cpu + inside);
			survey->groups[level]++;
		}
	}
}

/* -- NUMA nodes -- */

#define LOCAL_DISTANCE 10   /* as ACPI's SLIT has it */
#define OTHER_DISTANCE 20   /* where the system tells nothing */

static void
add_nodes(void *nodes, unsigned first, unsigned last)
{
	flc_cpu_mask_add(nodes, first, last);
}

/* Gives the node to its CPUs; false if it has none, memory only. */
static bool
claim_node(struct survey *survey, unsigned os)
{
	struct claim claim = { survey, BY_NUMA, os, false };
	struct flc_reader reader;

	if (!flc_reader_open(&reader, NODE "node%u/cpulist", survey->root, os))
		return false;
	int byte = flc_reader_byte(&reader);
	bool some = byte >= '0' && byte <= '9';
	if (some) {
		reader.at--;
		flc_reader_ranges(&reader, claim_range, &claim);
	}
	flc_reader_close(&reader);
	return some;
}

/* Fills a row of the matrix.  The file has a number for each node that is online; those
 * without CPUs are passed over. */
static void
read_distances(struct survey *survey, unsigned os, unsigned *row,
    const struct flc_cpu_mask *online, const struct flc_cpu_mask *settled)
{
	struct flc_reader reader;
	unsigned distance;

	if (!flc_reader_open(&reader, NODE "node%u/distance", survey->root, os))
		return;
	for (unsigned to = 0; to < FLC_MOST_CPUS; to++) {
		if (!flc_cpu_mask_has(online, to))
			continue;
		if (!flc_reader_unsigned(&reader, &distance))
			break;
		if (flc_cpu_mask_has(settled, to))
			*row++ = distance;
	}
	flc_reader_close(&reader);
}

/* Numbers the nodes with CPUs from 0 on: a number is never greater than the system's, so
 * that those still to come are not mixed up with it. */
static void
number_nodes(struct survey *survey, const struct flc_cpu_mask *online,
    const struct flc_cpu_mask *settled)
{
	struct flc_topology *topology = survey->topology;
	unsigned next = 0;

	for (unsigned os = 0; next < topology->nodes && os < FLC_MOST_CPUS; os++) {
		if (!flc_cpu_mask_has(settled, os))
			continue;
		for (size_t i = 0; i < topology->cpus; i++)
			if (topology->cpu[i].numa == os)
				topology->cpu[i].numa = next;
		read_distances(survey, os, topology->numa_distance + next * topology->nodes,
		    online, settled);
		next++;
	}
	for (size_t i = 0; i < topology->cpus; i++)
		if (topology->cpu[i].numa == UNKNOWN)
			topology->cpu[i].numa = 0;
}

static bool
survey_nodes(struct survey *survey)
{
	struct flc_topology *topology = survey->topology;
	struct flc_cpu_mask online, settled;
	struct flc_reader reader;

	flc_cpu_mask_clear(&online);
	flc_cpu_mask_clear(&settled);
	if (flc_reader_open(&reader, NODE "online", survey->root)) {
		flc_reader_ranges(&reader, add_nodes, &online);
		flc_reader_close(&reader);
	}
	for (unsigned os = 0; os < FLC_MOST_CPUS; os++)
		if (flc_cpu_mask_has(&online, os) && claim_node(survey, os))
			flc_cpu_mask_add(&settled, os, os);
	size_t nodes = flc_cpu_mask_count(&settled);
	topology->nodes = nodes > 0 ? nodes : 1;
	topology->numa_distance = calloc(topology->nodes * topology->nodes,
	    sizeof(*topology->numa_distance));
	if (topology->numa_distance == NULL)
		return false;
	for (size_t i = 0; i < topology->nodes * topology->nodes; i++)
		topology->numa_distance[i] = i / topology->nodes == i % topology->nodes
		    ? LOCAL_DISTANCE : OTHER_DISTANCE;
	number_nodes(survey, &online, &settled);
	survey->groups[BY_NUMA] = topology->nodes;
	return true;
}

/* -- Kinds of cores -- */

/* What differs by less than an eighth is one kind: some cores of a kind may be a little
 * faster than their neighbours. */
static void
rank_kinds(struct survey *survey)
{
	struct flc_topology *topology = survey->topology;
	const unsigned *speed = survey->scratch;
	unsigned slowest = 0, kind = 0;

	for (unsigned past = 0; ; past = slowest + slowest / 8, kind++) {
		slowest = UNKNOWN;
		for (size_t i = 0; i < topology->cpus; i++)
			if (speed[i] > past && speed[i] < slowest)
				slowest = speed[i];
		if (slowest == UNKNOWN)
			return;
		for (size_t i = 0; i < topology->cpus; i++)
			if (speed[i] >= slowest)
				topology->cpu[i].kind = kind;
	}
}

/* Fills scratch[] by a file of each CPU; false if one has none. */
static bool
read_speeds(struct survey *survey, const char *name)
{
	for (size_t i = 0; i < survey->topology->cpus; i++)
		if (!flc_read_unsigned(&survey->scratch[i], CPU "%s", survey->root,
		    survey->topology->cpu[i].os, name))
			return false;
	return true;
}

static void
mark_fast(void *context, unsigned first, unsigned last)
{
	struct survey *survey = context;
	const struct flc_topology *topology = survey->topology;

	for (size_t i = lower_bound(topology, first);
	    i < topology->cpus && topology->cpu[i].os <= last; i++)
		survey->scratch[i] = 2;
}

/* The two kinds of Intel's, each with a list of its own. */
static bool
read_intel(struct survey *survey)
{
	struct flc_reader slow, fast;

	if (!flc_reader_open(&slow, "%s/sys/devices/cpu_atom/cpus", survey->root))
		return false;
	flc_reader_close(&slow);
	if (!flc_reader_open(&fast, "%s/sys/devices/cpu_core/cpus", survey->root))
		return false;
	for (size_t i = 0; i < survey->topology->cpus; i++)
		survey->scratch[i] = 1;
	bool read = flc_reader_ranges(&fast, mark_fast, survey);
	flc_reader_close(&fast);
	return read;
}

static void
survey_kinds(struct survey *survey)
{
	if (read_intel(survey) || read_speeds(survey, "cpu_capacity") ||
	    read_speeds(survey, "cpufreq/cpuinfo_max_freq"))
		rank_kinds(survey);
}

/* -- Their order -- */

static void
order_levels(struct survey *survey)
{
	static const enum level usual[LEVELS] = { BY_PACKAGE, BY_NUMA, BY_L3, BY_L2, BY_CORE };

	for (size_t i = 0; i < LEVELS; i++) {
		size_t at = i;

		for (; at > 0 && survey->groups[survey->order[at - 1]] >
		    survey->groups[usual[i]]; at--)
			survey->order[at] = survey->order[at - 1];
		survey->order[at] = usual[i];
	}
}

static bool
is_before(const void *context, unsigned a, unsigned b)
{
	const struct survey *survey = context;
	struct flc_cpu *cpu = survey->topology->cpu;

	for (size_t i = 0; i < LEVELS; i++) {
		unsigned x = *number_of(&cpu[a], survey->order[i]);
		unsigned y = *number_of(&cpu[b], survey->order[i]);

		if (x != y)
			return x < y;
	}
	return a < b;
}

/* Near ones side by side; those of one core get their ranks. */
static bool
order_cpus(struct survey *survey)
{
	struct flc_topology *topology = survey->topology;
	struct flc_cpu *ordered = calloc(topology->cpus, sizeof(*ordered));

	if (ordered == NULL)
		return false;
	order_levels(survey);
	for (unsigned i = 0; i < topology->cpus; i++)
		survey->scratch[i] = i;
	flc_sort(survey->scratch, topology->cpus, is_before, survey);
	for (size_t i = 0; i < topology->cpus; i++) {
		ordered[i] = topology->cpu[survey->scratch[i]];
		if (i > 0 && ordered[i - 1].core == ordered[i].core)
			ordered[i].thread = ordered[i - 1].thread + 1;
	}
	free(topology->cpu);
	topology->cpu = ordered;
	return true;
}

/* -- The whole -- */

static bool
survey_cpus(struct survey *survey)
{
	struct flc_topology *topology = survey->topology;

	for (size_t i = 0; i < topology->cpus; i++) {
		survey_siblings(survey, i, BY_CORE, "core_cpus_list", "thread_siblings_list");
		survey_siblings(survey, i, BY_PACKAGE, "package_cpus_list", "core_siblings_list");
		survey_caches(survey, i);
	}
	bool told = survey->groups[BY_CORE] > 0;
	if (!survey_nodes(survey))
		return false;
	topology->source = told ? "this machine" : "this machine, without /sys";
	fill_missing(survey, BY_CORE, offsetof(struct flc_cpu, os));
	fill_missing(survey, BY_L2, field[BY_CORE]);
	if (!told)
		for (size_t i = 0; i < topology->cpus; i++)
			topology->cpu[i].l3 = topology->cpu[i].package = topology->cpu[i].numa;
	fill_missing(survey, BY_L3, field[BY_L2]);
	fill_missing(survey, BY_PACKAGE, field[BY_NUMA]);
	survey_kinds(survey);
	return order_cpus(survey);
}

/* The CPUs of the mask by number, of which nothing else is known. */
static struct flc_topology *
list_cpus(const struct flc_cpu_mask *mask)
{
	size_t count = flc_cpu_mask_count(mask);
	struct flc_topology *topology = calloc(1, sizeof(*topology));

	if (topology == NULL)
		return NULL;
	topology->cpu = calloc(count, sizeof(*topology->cpu));
	if (topology->cpu == NULL) {
		flc_topology_free(topology);
		return NULL;
	}
	for (unsigned os = 0; topology->cpus < count; os++) {
		struct flc_cpu *cpu = &topology->cpu[topology->cpus];

		if (!flc_cpu_mask_has(mask, os))
			continue;
		*cpu = (struct flc_cpu){ .os = os };
		for (enum level level = 0; level < LEVELS; level++)
			*number_of(cpu, level) = UNKNOWN;
		topology->cpus++;
	}
	return topology;
}

struct flc_topology *
flc_sysfs_topology(const char *root, const struct flc_cpu_mask *mask)
{
	struct survey survey = { .root = root, .topology = list_cpus(mask) };
	struct flc_topology *topology = survey.topology;

	if (topology == NULL)
		return NULL;
	survey.past = topology->cpu[topology->cpus - 1].os + 1;
	survey.scratch = calloc(topology->cpus, sizeof(*survey.scratch));
	if (survey.scratch == NULL || !survey_cpus(&survey)) {
		flc_topology_free(topology);
		topology = NULL;
	}
	free(survey.scratch);
	return topology;
}
