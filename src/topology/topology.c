/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/topology.h"

#include "topology/cpu_mask.h"
#include "topology/described.h"
#include "topology/sysfs.h"

#include <pthread.h>
#include <stdlib.h>

/* Held while loading too: hwloc's own locks are then covered by before_fork. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct flc_topology *cached;

struct flc_topology *
flc_topology_load(const char *synthetic)
{
	const char *unusable = flc_described_unusable();
	struct flc_topology *topology = NULL;
	struct flc_cpu_mask mask;

	flc_cpu_mask_allowed(&mask, "");
	/* Without the mask hwloc would ask for it for ever. */
	if (synthetic != NULL || (unusable != NULL && flc_cpu_mask_is_told()))
		topology = flc_described_topology(synthetic, &mask);
	if (topology == NULL && synthetic == NULL &&
	    (topology = flc_sysfs_topology("", &mask)) != NULL) {
		topology->here = true;
		if (unusable != NULL)
			topology->source = unusable;
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

/* At dlclose() and exit().  A thread that is loading just now must not delay the exit;
 * what it loads ends with the process. */
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
