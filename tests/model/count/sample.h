/* SPDX-License-Identifier: BSD-2-Clause */
/* count/sample.h for the model: every other one is measured. */
#ifndef FLC_SAMPLE_H
#define FLC_SAMPLE_H

#define FLC_SAMPLE_EVERY 2u
#define flc_sample_is_due(number, mask) (((number) & (mask)) == 0)
#define flc_sample_may_be_due(number) ((number) % FLC_SAMPLE_EVERY == 0)
#define flc_sample_next_mask(mask, ticks) ((void)(ticks), (mask))

#endif
