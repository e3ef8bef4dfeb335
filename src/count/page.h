/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page: one region that holds what is counted, a row for each thing.
 *
 * It begins with a header that says where the rows of each kind stand, as offsets; there
 * is no address in it, so that shared memory can carry it.  Now it is memory of the
 * process alone.  Its words are 64 bits wide and have one writer, or one at a time under
 * a lock.
 *
 *              owner of the row   any thread
 *     take             -              x       cold: a lock and a scan
 *     count            x              -       rows.h
 *     give back        x              -       cold
 *     read             x              x       signal handlers too
 *
 * In a forked child the counts begin at zero, in the same rows.
 */
#ifndef FLC_PAGE_H
#define FLC_PAGE_H

#include "count/refresh.h"
#include "count/rows.h"

/* The layout: a changed or removed field is another major number, one that was appended
 * another minor. */
#define FLC_PAGE_MAGIC "FILCHOBS"
#define FLC_PAGE_ABI_MAJOR 3
#define FLC_PAGE_ABI_MINOR 0

/* Kinds of sections, in the order of the header's table: rows of each. */
#define FLC_SECTION_MAP(X) \
	X(POOL,    struct flc_pool_row,    64) \
	X(WORKER,  struct flc_worker_row,  1024) \
	X(MUTEX,   struct flc_mutex_row,   256) \
	X(CHANNEL, struct flc_channel_row, 256)

enum flc_section_kind {
#define FLC_SECTION_ENUM(name, type, rows) FLC_SECTION_##name,
	FLC_SECTION_MAP(FLC_SECTION_ENUM)
#undef FLC_SECTION_ENUM
	FLC_SECTIONS
};

struct flc_section {
	uint32_t kind;       /* enum flc_section_kind, plus one; skip what you do not know */
	uint32_t version;
	uint64_t offset;     /* of the first row, from the header */
	uint32_t stride;     /* bytes from row to row */
	uint32_t capacity;   /* rows */
	flc_atomic used;     /* rows below this say something */
};

struct flc_page {
	char magic[8];
	uint16_t abi_major, abi_minor;
	uint32_t header_size;
	uint64_t total_size;
	flc_atomic pid;
	uint64_t reserved_start;
	uint32_t reserved_state;
	uint32_t clock_kind;        /* 1: the CPU's counter; 2: CLOCK_MONOTONIC */
	uint64_t reserved_clock[7];
	uint32_t reserved_level;
	uint32_t sections;
	char lib_version[32];
	flc_atomic rows_overflow;   /* things that found no row of their own */
	flc_atomic rows_recycled;   /* rows of ended things that went to others */
	char reserved[256 - 160];
	struct flc_section section[16];
};

/* In MUTEX and CHANNEL row 0 is "other": of all that find none of their own. */
#define FLC_ROW_OTHER 0

/* Under it rows change hands, and are read; no handler runs meanwhile. */
void flc_page_lock(void);
void flc_page_unlock(void);

/* Whether anything ever took a row.  In a forked child: and anew. */
bool flc_page_is_set_up(void);

/* Sets the page up; not in a signal handler. */
struct flc_page *flc_page(void);

/* The page as it is, and how many rows of a kind to look at. */
struct flc_page *flc_page_header(void);
size_t flc_page_rows(enum flc_section_kind kind);
struct flc_row *flc_page_row(enum flc_section_kind kind, size_t i);

#endif /* FLC_PAGE_H */
