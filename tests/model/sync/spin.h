/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody spins in the model. */
#ifndef FLC_SPIN_H
#define FLC_SPIN_H

#define flc_spin_for(ns) flc_model_yield()

#endif
