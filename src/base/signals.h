/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Some dozen instructions that no handler interrupts: one that wants what its own thread
 * has would wait for ever.
 */
#ifndef FLC_SIGNALS_H
#define FLC_SIGNALS_H

#include <signal.h>

/* Two system calls, so for cold paths; also within a handler. */
static inline void
flc_signals_block(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, before);
}

static inline void
flc_signals_restore(const sigset_t *before)
{
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

#endif /* FLC_SIGNALS_H */
