/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Another machine than this one, which the environment describes: by hwloc.
 *
 * The library is not linked with hwloc: it is loaded here, by the first description, so
 * that a program that has none neither needs it nor pays for it.  described.c is the only
 * file that includes <hwloc.h>.
 */
#ifndef FLC_DESCRIBED_H
#define FLC_DESCRIBED_H

#include "topology/cpu_mask.h"
#include "topology/topology.h"

/* Whether the environment describes a machine: NULL, or what the source of the topology
 * is called when that cannot be used. */
const char *flc_described_unusable(void);

/* The machine that hwloc knows, or that of the synthetic description; if it is this one,
 * what the mask allows of it.  NULL without hwloc, without memory, and if the description
 * is malformed.  One thread at a time. */
struct flc_topology *flc_described_topology(const char *synthetic,
    const struct flc_cpu_mask *mask);

#endif /* FLC_DESCRIBED_H */
