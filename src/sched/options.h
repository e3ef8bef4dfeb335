/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The effective configuration of a pool: code beats environment beats
 * detection, and each value knows where it came from.
 */
#ifndef FLC_OPTIONS_H
#define FLC_OPTIONS_H

#include <filch/pool.h>

#include <stdbool.h>

#define FLC_WHY_SIZE 96

struct flc_config {
	filch_pool_options options;   /* every default filled in but workers */
	char name[16];
	char why_bind[FLC_WHY_SIZE];
	char why_stack[FLC_WHY_SIZE];
	char why_spin[FLC_WHY_SIZE];
	char why_spares[FLC_WHY_SIZE];
	char why_workers[FLC_WHY_SIZE];
	char ignored[256];            /* malformed variables, for describe */
};

/*
 * Reads options (may be NULL) and the environment.  A malformed variable is
 * FILCH_INVAL, or, when lenient (the default pool), named in config->ignored.
 */
int flc_config_read(struct flc_config *config, const filch_pool_options *options, bool lenient);

/* Whether FILCH_DISPLAY asks for the configuration on standard error. */
bool flc_config_display(void);

#endif /* FLC_OPTIONS_H */
