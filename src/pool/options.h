/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The effective configuration of a pool: code beats environment beats detection, and each
 * value knows where it came from.
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
	char ignored[384];            /* variables of no use, for describe */
	bool variables;               /* some are set */
	bool no_variables;            /* none is obeyed */
};

/*
 * Reads options (may be NULL) and the environment.  A malformed variable is FILCH_INVAL,
 * or, when lenient (the default pool), named in config->ignored.
 */
int flc_config_read(struct flc_config *config, const filch_pool_options *options, bool lenient);

/*
 * Reads again, for the default pool, which could not be made: by the defaults alone.  The
 * variables are named in config->ignored.  False: no variable was set, so that the second
 * try would be the first.
 */
bool flc_config_fall_back(struct flc_config *config, const filch_pool_options *options);

/* Whether FILCH_DISPLAY asks for the configuration on standard error. */
bool flc_config_display(void);

#endif /* FLC_OPTIONS_H */
