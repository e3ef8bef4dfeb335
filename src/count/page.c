/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/page.h"

#include "base/fork_generation.h"
#include "base/lock.h"
#include "memory/allocator.h"
#include "base/signals.h"
#include "base/upcall.h"
#include "count/page_rows.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Static, so that it goes with the library (dlclose), and with nothing else: a thread may
 * count while the process exits.  Pages are committed on touch. */
static struct {
	_Alignas(4096) struct flc_page header;
#define SECTION_ROWS(name, type, rows) _Alignas(4096) type name[rows];
	FLC_SECTION_MAP(SECTION_ROWS)
#undef SECTION_ROWS
} region;

/* No handler interrupts the thread that has it, so handlers may wait for it. */
static struct flc_word_lock hand_lock = FLC_WORD_LOCK_INIT;
static sigset_t signals_before;  /* of the thread that has the lock */

static void
fill_section(enum flc_section_kind kind, const void *rows, size_t stride, size_t capacity)
{
	struct flc_section *section = &region.header.section[kind];

	section->kind = (uint32_t)kind + 1;
	section->version = 1;
	section->offset = (uint64_t)((const char *)rows - (const char *)&region);
	section->stride = (uint32_t)stride;
	section->capacity = (uint32_t)capacity;
}

/* In a forked child: nobody has the lock, and nothing was counted yet. */
static void
renew(struct flc_renewal *unused)
{
	(void)unused;
	flc_word_lock_init(&hand_lock);
	flc_store_relaxed(&region.header.pid, (size_t)getpid());
	flc_page_rows_renew();
	for (int use = 0; use < FILCH_MEMORY_USES; use++)
		flc_store_relaxed(&flc_memory_calls[use], 0);
}

static struct flc_renewal renewal = FLC_RENEWAL_INIT(renew);
static flc_atomic is_set_up;

static void
set_up(void)
{
	struct flc_page *page = &region.header;

	/* Asked before there is anything to read, so that a handler finds it set up. */
	(void)flc_generation();
	flc_clock_start();
	(void)madvise(&region, sizeof(region), MADV_NOHUGEPAGE);
	memcpy(page->magic, FLC_PAGE_MAGIC, sizeof(page->magic));
	page->abi_major = FLC_PAGE_ABI_MAJOR;
	page->abi_minor = FLC_PAGE_ABI_MINOR;
	page->header_size = sizeof(*page);
	page->total_size = sizeof(region);
	page->clock_kind = flc_clock_is_cpu ? 1 : 2;
	page->sections = FLC_SECTIONS;
	strncpy(page->lib_version, filch_version(), sizeof(page->lib_version) - 1);
	flc_store_relaxed(&page->pid, (size_t)getpid());
#define FILL(name, type, rows) fill_section(FLC_SECTION_##name, region.name, sizeof(type), rows);
	FLC_SECTION_MAP(FILL)
#undef FILL
	flc_page_rows_set_up();
	flc_renewal_register(&renewal);
	/* release [page.ready]: the header.  Only a thread that was there before and
	 * never took a row relies on it. */
	flc_store_release(&is_set_up, 1);
	flc_report_start();
}

bool
flc_page_is_set_up(void)
{
	/* acquire [page.ready]: the header. */
	if (flc_load_acquire(&is_set_up) == 0)
		return false;
	(void)flc_generation();
	return true;
}

struct flc_page *
flc_page_header(void)
{
	return &region.header;
}

struct flc_page *
flc_page(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_up);
	(void)flc_generation();
	return &region.header;
}

size_t
flc_page_rows(enum flc_section_kind kind)
{
	/* acquire [page.used]: the rows below. */
	return flc_load_acquire(&region.header.section[kind].used);
}

struct flc_row *
flc_page_row(enum flc_section_kind kind, size_t i)
{
	const struct flc_section *section = &region.header.section[kind];

	return (struct flc_row *)(void *)((char *)&region + section->offset + i * section->stride);
}

void
flc_page_lock(void)
{
	sigset_t before;

	flc_signals_block(&before);
	flc_word_lock_acquire(&hand_lock);
	signals_before = before;
}

void
flc_page_unlock(void)
{
	sigset_t before = signals_before;

	flc_word_lock_release(&hand_lock);
	flc_signals_restore(&before);
}
