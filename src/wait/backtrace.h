/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the program called the library from; only for reports, some microseconds. */
#ifndef FLC_BACKTRACE_H
#define FLC_BACKTRACE_H

#include <stddef.h>

/*
 * Return addresses of the calling thread, the nearest first, NULL after the last.  Those
 * inside of the library are left out if it is a shared one; linked into the program it
 * cannot be told apart, and its own stand before.  Returns whether they were left out:
 * then the first is where it was called.
 */
int flc_call_sites(const void **site, size_t most);

#endif /* FLC_BACKTRACE_H */
