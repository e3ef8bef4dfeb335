/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What brings a row of the page up to date; stands in the object that the row is of.
 */
#ifndef FLC_REFRESH_H
#define FLC_REFRESH_H

#include "base/atomic.h"

struct flc_row;

/*
 * For what stands elsewhere (the indexes of a ring): refresh(object, row) is called
 * before the row is read and at the end; under the lock of the page, perhaps in a signal
 * handler: it loads and stores words, no more.  The row "other" has many: each of them
 * adds what is new.
 */
typedef void flc_refresh_fn(void *object, struct flc_row *row);

struct flc_refresher {
	flc_refresh_fn *refresh;
	void *object;
	struct flc_row *row;       /* NULL: none, or a parent's */
	flc_atomic next;           /* of the same row; or 0 */
	flc_atomic *link;          /* the word that leads here */
};

#endif /* FLC_REFRESH_H */
