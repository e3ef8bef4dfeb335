/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The effective configuration of a pool as text, with the reason for each value.
 */
#ifndef FLC_DESCRIBE_H
#define FLC_DESCRIBE_H

#include <filch/pool.h>

/* Writes the description to standard error, for FILCH_DISPLAY. */
void flc_pool_show(filch_pool *pool);

#endif /* FLC_DESCRIBE_H */
