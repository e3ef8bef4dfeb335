/* SPDX-License-Identifier: BSD-2-Clause */
/* Markdown tables of a result file. */
#ifndef BENCH_TABLES_H
#define BENCH_TABLES_H

/* Prints to standard output; non-zero if the file cannot be read. */
int tables_print(const char *path);

#endif /* BENCH_TABLES_H */
