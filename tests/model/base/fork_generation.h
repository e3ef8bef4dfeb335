/* SPDX-License-Identifier: BSD-2-Clause */
/* base/fork_generation.h for the model: no process forks. */
#ifndef FLC_FORK_GENERATION_H
#define FLC_FORK_GENERATION_H

#define flc_generation_bind(word) (FILCH_OK)
#define flc_generation_is_old(generation) ((void)(generation), false)

#endif /* FLC_FORK_GENERATION_H */
