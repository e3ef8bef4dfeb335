/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting a thread, also where a sandbox refuses rseq.
 */
#ifndef FLC_THREAD_START_H
#define FLC_THREAD_START_H

#include <pthread.h>

/* As pthread_create(), and with its result.  Any thread may call it.  The attributes may
 * be changed: they serve once. */
int flc_thread_start(pthread_t *thread, pthread_attr_t *attributes, void *(*run)(void *),
    void *argument);

#endif /* FLC_THREAD_START_H */
