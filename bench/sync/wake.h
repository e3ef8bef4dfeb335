/* SPDX-License-Identifier: BSD-2-Clause */
/* Between wake.c and what hands work over to oneTBB. */
#ifndef BENCH_SYNC_WAKE_H
#define BENCH_SYNC_WAKE_H

#ifdef __cplusplus
extern "C" {
#endif

/* To be called by the work, first of all. */
void wake_begun(void);

/* Hands wake_begun() over to an arena of oneTBB's. */
void wake_tbb_post(void);

#ifdef __cplusplus
}
#endif

#endif /* BENCH_SYNC_WAKE_H */
