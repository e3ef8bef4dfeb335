/* SPDX-License-Identifier: BSD-2-Clause */
/* No process forks in the model. */
#ifndef FLC_MADE_H
#define FLC_MADE_H

#define flc_made(word) (FILCH_OK)

#endif
