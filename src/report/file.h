/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A report into what a path names, where others may have put what they like.
 *
 * A regular file, or nothing: the report stands complete in a file beside it, which then
 * takes its place, with the mode that was there; readers see the old one or the new one.
 * Anything else is written to as it is: a terminal, a pipe, and what a symbolic link of
 * ours or of root leads to, which is not replaced.
 */
#ifndef FLC_FILE_H
#define FLC_FILE_H

/* The longest that readers that are too slow can delay it, altogether: 1 s. */
#define FLC_REPORT_WAIT_NS UINT64_C(1000000000)

/* One at a time.  Async-signal-safe; raises no SIGPIPE and no SIGXFSZ.  What cannot be
 * written is not. */
void flc_report_to_file(const char *path, int format);

#endif /* FLC_FILE_H */
