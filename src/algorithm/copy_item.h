/* SPDX-License-Identifier: BSD-2-Clause */
/* One item of a size that is known at run time only. */
#ifndef FLC_COPY_ITEM_H
#define FLC_COPY_ITEM_H

#include <stddef.h>
#include <string.h>

/* The usual sizes are a load and a store each; to and from do not overlap. */
static inline void
flc_copy_item(char *to, const char *from, size_t size)
{
	switch (size) {
	case 1:
		*to = *from;
		break;
	case 2:
		memcpy(to, from, 2);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	case 8:
		memcpy(to, from, 8);
		break;
	case 16:
		memcpy(to, from, 16);
		break;
	default:
		memcpy(to, from, size);
	}
}

#endif /* FLC_COPY_ITEM_H */
