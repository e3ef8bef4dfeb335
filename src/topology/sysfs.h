/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This machine, as the kernel describes it in /sys.
 */
#ifndef FLC_SYSFS_H
#define FLC_SYSFS_H

#include "topology/cpu_mask.h"
#include "topology/topology.h"

/*
 * The CPUs of the mask, which is not empty, and what they share; NULL without memory.
 * Where /sys does not tell, the CPUs are known by number only, as if all of a node shared
 * their L3.  root is put before every path ("" for the real system), so that a test can
 * pass a made-up tree.
 */
struct flc_topology *flc_sysfs_topology(const char *root, const struct flc_cpu_mask *mask);

#endif /* FLC_SYSFS_H */
