/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a loop by pieces (loop/pieces.h): one by affinity, or a static one. */
#ifndef FLC_PIECES_RUN_H
#define FLC_PIECES_RUN_H

#include "loop/range.h"

/* Runs [begin, end), which is not empty, and waits.  The pieces stand on this stack. */
void flc_pieces_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end);

#endif /* FLC_PIECES_RUN_H */
