/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much CPU time the control groups leave us, in whole CPUs.
 */
#ifndef FLC_QUOTA_H
#define FLC_QUOTA_H

#include <stddef.h>

/*
 * ceil of the least quota / period over our cgroup and its ancestors, v1 and v2; 0: no
 * limit.  root is put before every path ("" for the real system), so that a test can pass
 * a made-up tree with <root>/proc/self/cgroup, <root>/proc/self/mountinfo and the mounted
 * hierarchies below <root>.
 */
size_t flc_quota_cpus(const char *root);

#endif /* FLC_QUOTA_H */
