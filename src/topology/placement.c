/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/placement.h"

#include "topology/sort.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void
say(char *reason, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, FLC_REASON_SIZE, format, arguments);
	va_end(arguments);
}

/* -- The cpuset -- */

static bool
os_before(const void *context, unsigned a, unsigned b)
{
	const struct flc_topology *topology = context;

	return topology->cpu[a].os < topology->cpu[b].os;
}

/* Writes "0-3,8,..." of the allowed CPUs; by_os[] are their indexes in the order of the
 * system's numbers. */
static void
list_allowed(const struct flc_topology *topology, const unsigned *by_os, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0, end; i < topology->cpus; i = end) {
		unsigned first = topology->cpu[by_os[i]].os, last = first;
		char piece[32];

		for (end = i + 1; end < topology->cpus &&
		    topology->cpu[by_os[end]].os == last + 1; end++)
			last++;
		const char *comma = i > 0 ? "," : "";
		int length = first == last ? snprintf(piece, sizeof(piece), "%s%u", comma, first) :
		    snprintf(piece, sizeof(piece), "%s%u-%u", comma, first, last);
		if (used + (size_t)length + sizeof(",...") > size) {
			snprintf(text + used, size - used, ",...");
			return;
		}
		memcpy(text + used, piece, (size_t)length + 1);
		used += (size_t)length;
	}
}

/* Reads a number at *text and moves past it. */
static bool
read_number(const char **text, unsigned *number)
{
	unsigned long long value = 0;
	const char *digit = *text;

	for (; *digit >= '0' && *digit <= '9'; digit++)
		if ((value = value * 10 + (unsigned)(*digit - '0')) > UINT_MAX)
			return false;
	if (digit == *text)
		return false;
	*text = digit;
	*number = (unsigned)value;
	return true;
}

/* Index in by_os[] of the first CPU that is at least os. */
static size_t
lower_bound(const struct flc_topology *topology, const unsigned *by_os, unsigned os)
{
	size_t low = 0, high = topology->cpus;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (topology->cpu[by_os[middle]].os < os)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Marks the CPUs first to last; false with *missing set at the first that is not allowed.
 * Its steps are bounded by the CPUs there are, not by the range. */
static bool
mark_range(const struct flc_topology *topology, const unsigned *by_os, unsigned first,
    unsigned last, bool *chosen, unsigned *missing)
{
	size_t i = lower_bound(topology, by_os, first);

	for (unsigned os = first; ; os++, i++) {
		if (i == topology->cpus || topology->cpu[by_os[i]].os != os) {
			*missing = os;
			return false;
		}
		chosen[by_os[i]] = true;
		if (os == last)
			return true;
	}
}

/* Marks what the cpuset names; else says in why what was given and what is allowed. */
static bool
parse_cpuset(const struct flc_topology *topology, const unsigned *by_os, const char *cpuset,
    bool *chosen, char *why)
{
	const char *at = cpuset;
	unsigned first, last, missing = 0;
	bool well_formed, allowed = true;
	char list[64];

	do {
		at += at > cpuset;  /* past the comma */
		well_formed = read_number(&at, &first);
		last = first;
		if (well_formed && *at == '-') {
			at++;
			well_formed = read_number(&at, &last) && first <= last;
		}
		well_formed = well_formed && (*at == ',' || *at == '\0');
		allowed = !well_formed
		    || mark_range(topology, by_os, first, last, chosen, &missing);
	} while (well_formed && allowed && *at == ',');
	if (well_formed && allowed)
		return true;
	list_allowed(topology, by_os, list, sizeof(list));
	if (allowed)
		say(why, "cpuset \"%.48s\" is not a list like 0-3,8; allowed are %s", cpuset, list);
	else
		say(why, "cpuset \"%.48s\": CPU %u is not allowed, only %s", cpuset, missing, list);
	return false;
}

/* -- The order of CPUs -- */

struct preference {
	const struct flc_topology *topology;
	const unsigned *rank;  /* among the chosen CPUs of its core */
};

static bool
preferred(const void *context, unsigned a, unsigned b)
{
	const struct preference *preference = context;
	const struct flc_cpu *cpu = preference->topology->cpu;

	if (preference->rank[a] != preference->rank[b])
		return preference->rank[a] < preference->rank[b];
	if (cpu[a].kind != cpu[b].kind)
		return cpu[a].kind > cpu[b].kind;
	return a < b;
}

/* One CPU of each core before the second of any, faster kinds first, else near order.
 * rank[] is indexed like topology->cpu[]; CPUs of one core stand together there. */
static void
order_cpus(const struct flc_topology *topology, const bool *chosen, unsigned *rank,
    struct flc_placement *placement)
{
	unsigned next = 0;

	for (unsigned i = 0; i < topology->cpus; i++) {
		if (i > 0 && topology->cpu[i].core != topology->cpu[i - 1].core)
			next = 0;
		if (!chosen[i])
			continue;
		rank[i] = next++;
		placement->cpu[placement->cpus++] = i;
	}
	struct preference preference = { topology, rank };
	flc_sort(placement->cpu, placement->cpus, preferred, &preference);
}

static int
choose_cpus(const struct flc_topology *topology, const struct flc_placement_request *request,
    struct flc_placement *placement)
{
	size_t n = topology->cpus;
	unsigned *rank = calloc(n, sizeof(*rank));
	bool *chosen = calloc(n, sizeof(*chosen));
	int status = FILCH_NOMEM;

	placement->cpu = calloc(n, sizeof(*placement->cpu));
	if (rank == NULL || chosen == NULL || placement->cpu == NULL)
		goto out;
	if (request->cpuset == NULL)
		memset(chosen, true, n * sizeof(*chosen));
	else {
		for (unsigned i = 0; i < n; i++)
			rank[i] = i;
		flc_sort(rank, n, os_before, topology);
		status = FILCH_INVAL;
		if (!parse_cpuset(topology, rank, request->cpuset, chosen, placement->why_workers))
			goto out;
	}
	order_cpus(topology, chosen, rank, placement);
	placement->confined = placement->cpus < n;
	status = FILCH_OK;
out:
	free(chosen);
	free(rank);
	if (status != FILCH_OK) {
		if (status == FILCH_NOMEM)
			say(placement->why_workers, "no memory to place workers on %zu CPUs", n);
		flc_placement_fini(placement);
	}
	return status;
}

/* -- How many, and whether pinned -- */

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
count_workers(const struct flc_topology *topology, const struct flc_placement_request *request,
    struct flc_placement *placement)
{
	size_t cpus = placement->cpus, quota = request->quota;
	char from[64], limit[48] = "";

	if (request->cpuset != NULL)
		snprintf(from, sizeof(from), "cpuset of %zu CPU%s, %zu allowed", cpus, plural(cpus),
		    topology->cpus);
	else
		snprintf(from, sizeof(from), "%zu allowed CPU%s", cpus, plural(cpus));
	if (quota > 0)
		snprintf(limit, sizeof(limit), ", cgroup quota of %zu CPU%s", quota, plural(quota));
	if (request->workers > 0) {
		placement->workers = request->workers;
		say(placement->why_workers, "%zu: asked for; %s%s", request->workers, from, limit);
	} else if (quota > 0 && quota < cpus) {
		placement->workers = quota;
		say(placement->why_workers, "%zu: %s; %s", quota, limit + strlen(", "), from);
	} else {
		placement->workers = cpus;
		say(placement->why_workers, "%zu: %s%s", cpus, from, limit);
	}
}

static void
decide_pinning(const struct flc_topology *topology, const struct flc_placement_request *request,
    struct flc_placement *placement)
{
	size_t workers = placement->workers, cpus = placement->cpus, quota = request->quota;
	char *why = placement->why_pinned;

	if (request->bind == FILCH_BIND_NONE)
		say(why, "no: asked not to");
	else if (!topology->here)
		say(why, "no: CPUs are from %s, binding would have no effect", topology->source);
	else if (!topology->binds)
		say(why, "no: the system does not let threads be bound");
	else if (request->bind == FILCH_BIND_CORE) {
		placement->pinned = true;
		say(why, "yes: asked for; %zu worker%s on %zu CPU%s", workers, plural(workers),
		    cpus, plural(cpus));
	} else if (workers > cpus)
		say(why, "no: %zu workers on %zu CPU%s", workers, cpus, plural(cpus));
	else if (quota > 0 && quota < cpus)
		say(why, "no: the cgroup quota of %zu CPU%s is below the %zu CPUs", quota,
		    plural(quota), cpus);
	else if (placement->confined)
		say(why, "no: a cpuset of %zu of the %zu allowed CPUs; bound to it as a whole",
		    cpus, topology->cpus);
	else if (workers < cpus)
		say(why, "no: %zu worker%s may move among %zu CPUs", workers, plural(workers),
		    cpus);
	else {
		placement->pinned = true;
		say(why, "yes: %zu worker%s fill%s the %zu allowed CPU%s", workers, plural(workers),
		    workers == 1 ? "s" : "", cpus, plural(cpus));
	}
}

int
flc_place(const struct flc_topology *topology, const struct flc_placement_request *request,
    struct flc_placement *placement)
{
	memset(placement, 0, sizeof(*placement));
	int status = choose_cpus(topology, request, placement);
	if (status != FILCH_OK)
		return status;
	count_workers(topology, request, placement);
	decide_pinning(topology, request, placement);
	return FILCH_OK;
}

void
flc_placement_fini(struct flc_placement *placement)
{
	free(placement->cpu);
	placement->cpu = NULL;
	placement->cpus = 0;
}

/* -- Victims -- */

enum filch_distance
flc_cpu_distance(const struct flc_topology *topology, unsigned a, unsigned b)
{
	/* Somewhere; on one node it cannot be remote. */
	if (a == FLC_CPU_UNKNOWN || b == FLC_CPU_UNKNOWN)
		return topology->nodes == 1 ? FILCH_DISTANCE_NUMA : FILCH_DISTANCE_REMOTE;
	const struct flc_cpu *x = &topology->cpu[a], *y = &topology->cpu[b];
	if (x->core == y->core)
		return FILCH_DISTANCE_SMT;
	if (x->l2 == y->l2)
		return FILCH_DISTANCE_L2;
	if (x->l3 == y->l3)
		return FILCH_DISTANCE_L3;
	if (x->numa == y->numa || x->package == y->package)
		return FILCH_DISTANCE_NUMA;
	return FILCH_DISTANCE_REMOTE;
}

struct thief {
	const struct flc_topology *topology;
	const unsigned *cpu;
	size_t n;
	size_t self;
};

/* Farther than any CPU that is known. */
#define FARTHEST UINT64_MAX

/* Class and NUMA distance as one number.  One's own node is nearest even if a firmware's
 * matrix says otherwise. */
static uint64_t
remoteness(const struct thief *thief, unsigned victim)
{
	const struct flc_topology *topology = thief->topology;
	unsigned from = thief->cpu[thief->self], to = thief->cpu[victim];
	uint64_t class = flc_cpu_distance(topology, from, to);
	unsigned matrix = 0;

	if (to == FLC_CPU_UNKNOWN)
		return FARTHEST;
	if (from == FLC_CPU_UNKNOWN || class < FILCH_DISTANCE_NUMA)
		return class << 32;
	unsigned home = topology->cpu[from].numa, other = topology->cpu[to].numa;
	if (home != other)
		matrix = topology->numa_distance[home * topology->nodes + other];
	return class << 32 | matrix;
}

static bool
nearer(const void *context, unsigned a, unsigned b)
{
	const struct thief *thief = context;
	uint64_t far_a = remoteness(thief, a), far_b = remoteness(thief, b);

	if (far_a != far_b)
		return far_a < far_b;
	return (a + thief->n - thief->self) % thief->n < (b + thief->n - thief->self) % thief->n;
}

void
flc_victim_order(const struct flc_topology *topology, const unsigned *cpu, size_t n,
    size_t self, uint32_t *order, uint8_t *distance)
{
	struct thief thief = { topology, cpu, n, self };

	for (size_t i = 1; i < n; i++)
		order[i - 1] = (uint32_t)((self + i) % n);
	flc_sort(order, n - 1, nearer, &thief);
	for (size_t i = 0; i + 1 < n; i++)
		distance[i] = (uint8_t)flc_cpu_distance(topology, cpu[self], cpu[order[i]]);
}
