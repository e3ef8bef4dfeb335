/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a lower layer calls of a higher one, so that a static library takes it in.
 */
#ifndef FLC_UPCALL_H
#define FLC_UPCALL_H

/* src/report/hook.c: does what FILCH_METRICS asks for.  Once, when the first thing is
 * counted. */
void flc_report_start(void);

#endif /* FLC_UPCALL_H */
