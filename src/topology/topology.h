/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine: CPUs, what they share, and which of them we may use.
 *
 * Loaded on first use and shared from then on; constant, so that any thread may read it
 * while it holds a reference.  This machine is read from /sys (sysfs.h); hwloc is asked
 * only for another one that the environment describes (described.h).
 *
 *     get, put, release, load, free    any thread, many at once
 *     bind_self                        any thread, with a reference held
 *     before_fork, after_fork          the pool's fork handlers
 */
#ifndef FLC_TOPOLOGY_H
#define FLC_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

/* One CPU that we may use.  Two CPUs share a core, an L2, ... if the numbers are equal; a
 * level that the machine does not have is as narrow as the one inside it, so that equal
 * numbers never claim too much. */
struct flc_cpu {
	unsigned os;       /* the system's number */
	unsigned core;
	unsigned l2;
	unsigned l3;
	unsigned numa;
	unsigned package;
	unsigned kind;     /* core kind, greater is faster; all 0: one kind */
	unsigned thread;   /* rank among the allowed CPUs of its core */
};

struct flc_topology {
	size_t cpus;             /* allowed ones, at least 1, in logical (near) order */
	struct flc_cpu *cpu;
	size_t nodes;            /* NUMA nodes, at least 1 */
	unsigned *numa_distance; /* nodes x nodes; 10 is local */
	bool here;               /* describes this machine */
	bool binds;              /* here, and the system lets threads be bound */
	const char *source;      /* "this machine", "HWLOC_SYNTHETIC", "HWLOC_XMLFILE", ... */

	/* topology.c's own; 0 in one made by hand. */
	size_t users;            /* references, the cache's included */
};

/*
 * A reference to the process's topology, or NULL without memory.  Loads it if none is
 * cached, during which other callers wait: below 1 ms for a few CPUs.  The CPUs are those
 * of the calling thread's affinity mask at that moment.
 */
const struct flc_topology *flc_topology_get(void);

/* Gives a reference of flc_topology_get() back.  The cache keeps its own, so that the
 * next pool need not load again.  NULL is ignored. */
void flc_topology_put(const struct flc_topology *topology);

/* Empties the cache: the topology is freed now or with its last reference, and the next
 * get loads anew.  Also done when the library is unloaded. */
void flc_topology_release(void);

/* A thread that forks holds the lock across fork(), so that the child never inherits it,
 * nor hwloc's own, from a thread that was loading.  For the pool's pthread_atfork()
 * handlers: before in prepare, after in both parent and child. */
void flc_topology_before_fork(void);
void flc_topology_after_fork(void);

/* Loads one from an hwloc synthetic description (NULL: what get would load), for tests;
 * NULL if it is malformed or without memory.  Free it with flc_topology_free(). */
struct flc_topology *flc_topology_load(const char *synthetic);
void flc_topology_free(struct flc_topology *topology);

/* Binds the calling thread to one CPU, or to all n of the list; false if the system
 * refused or the topology is not this machine's. */
bool flc_topology_bind_self(const struct flc_topology *topology, const unsigned *os, size_t n);

#endif /* FLC_TOPOLOGY_H */
