/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody spins in the model. */
#ifndef FLC_SPIN_H
#define FLC_SPIN_H

#define flc_spin_for(ns) flc_model_yield()

enum flc_spin_how { FLC_SPIN_EARLY, FLC_SPIN_LATE, FLC_SPIN_SHARED };

struct flc_spin {
	bool late;
};

#define flc_spin_begin(spin, how, rests) ((spin)->late = (how) == FLC_SPIN_LATE)
#define flc_spin(spin) ((void)(spin), false)

#endif
