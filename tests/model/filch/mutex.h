/* SPDX-License-Identifier: BSD-2-Clause */
/* filch/mutex.h for the model: the same words, as the model checks them. */
#ifndef FILCH_MUTEX_H
#define FILCH_MUTEX_H

typedef struct filch_held_ {
	struct filch_held_ *below;
	const char *name;
	const char *place;
	flc_atomic row;
} filch_held_;

typedef struct filch_mutex {
	flc_atomic word_;
	flc_atomic made_;
	size_t held_since_;
	filch_held_ held_;
} filch_mutex;

#endif
