/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instruction sets that kernels are compiled for, and which of them this process
 * uses: the best that the machine has, or what FILCH_ISA names if the machine has it.
 */
#ifndef FLC_ISA_H
#define FLC_ISA_H

enum flc_isa { FLC_ISA_PLAIN, FLC_ISA_AVX2, FLC_ISA_AVX512, FLC_ISAS };

/* Chosen at the first call, by any thread. */
enum flc_isa flc_isa(void);

/* What the machine has. */
enum flc_isa flc_isa_best(void);

/* What the text names, but at most `best`; NULL or anything else: best. */
enum flc_isa flc_isa_named(const char *text, enum flc_isa best);

#endif /* FLC_ISA_H */
