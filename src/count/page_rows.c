/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How rows change hands.  What an ended thing counted stays in its row as long as there
 * is another to take; then it goes to the row "other", so that no sum ever shrinks.
 */
#include "count/page_rows.h"
#include "count/merge.h"

#include <string.h>

/* The refreshers of each row, as lists; beside the page, in which there is no address. */
#define REFRESHERS(name, type, rows) static flc_atomic name##_refreshers[rows];
FLC_SECTION_MAP(REFRESHERS)
#undef REFRESHERS

static flc_atomic *const refreshers[FLC_SECTIONS] = {
#define REFRESHERS(name, type, rows) [FLC_SECTION_##name] = name##_refreshers,
	FLC_SECTION_MAP(REFRESHERS)
#undef REFRESHERS
};

/* -- Names -- */

/* The end of the name, in words; the rest of the last one is zero. */
static void
fold_name(const char *name, AO_t words[FLC_NAME_WORDS])
{
	size_t length = strlen(name);

	if (length > FILCH_METRICS_NAME - 1) {
		name += length - (FILCH_METRICS_NAME - 1);
		length = FILCH_METRICS_NAME - 1;
	}
	memset(words, 0, FILCH_METRICS_NAME);
	memcpy(words, name, length);
}

static bool
is_named(const struct flc_row *row, const AO_t words[FLC_NAME_WORDS])
{
	for (size_t i = 0; i < FLC_NAME_WORDS; i++)
		if (flc_load_relaxed(&row->name[i]) != words[i])
			return false;
	return true;
}

static bool
have_one_name(const struct flc_row *a, const struct flc_row *b)
{
	for (size_t i = 0; i < FLC_NAME_WORDS; i++)
		if (flc_load_relaxed(&a->name[i]) != flc_load_relaxed(&b->name[i]))
			return false;
	return true;
}

/* -- Taking -- */

static enum flc_row_use
use_of(const struct flc_row *row)
{
	return (enum flc_row_use)flc_load_relaxed(&row->use);
}

static void
begin_change(struct flc_row *row)
{
	/* release [page.change]: odd, before what changes.  No run on x86 shows it
	 * weakened: stores stay in order there, and the words are atomic. */
	flc_store_release(&row->gen, flc_load_relaxed(&row->gen) + 1);
}

static void
end_change(struct flc_row *row)
{
	flc_store_release(&row->gen, flc_load_relaxed(&row->gen) + 1);
}

/* A free one, or NULL. */
static struct flc_row *
free_row(enum flc_section_kind kind)
{
	struct flc_section *section = &flc_page_header()->section[kind];
	size_t used = flc_load_relaxed(&section->used);

	for (size_t i = 0; i < used; i++)
		if (use_of(flc_page_row(kind, i)) == FLC_ROW_FREE)
			return flc_page_row(kind, i);
	if (used == section->capacity)
		return NULL;
	/* release [page.used]: the rows below.  Zero before in any case, so nothing shows
	 * it weakened. */
	flc_store_release(&section->used, used + 1);
	return flc_page_row(kind, used);
}

static bool
has_live_namesake(const struct flc_row *row, enum flc_section_kind kind)
{
	for (size_t i = 0; i < flc_page_rows(kind); i++) {
		const struct flc_row *other = flc_page_row(kind, i);

		if (use_of(other) == FLC_ROW_LIVE && have_one_name(other, row))
			return true;
	}
	return false;
}

/* The one that ended first, or NULL.  Not one that counted under a name which goes on:
 * the sum of that name would shrink. */
static struct flc_row *
oldest_row(enum flc_section_kind kind, const AO_t name[FLC_NAME_WORDS])
{
	struct flc_row *oldest = NULL;

	for (size_t i = 0; i < flc_page_rows(kind); i++) {
		struct flc_row *row = flc_page_row(kind, i);

		if (use_of(row) == FLC_ROW_ENDED && (oldest == NULL
		    || flc_load_relaxed(&row->ended_at) < flc_load_relaxed(&oldest->ended_at))
		    && !is_named(row, name) && !has_live_namesake(row, kind))
			oldest = row;
	}
	return oldest;
}

/* What an ended thing counted makes room for another's. */
static void
recycle(struct flc_row *row, enum flc_section_kind kind)
{
	if (kind == FLC_SECTION_MUTEX || kind == FLC_SECTION_CHANNEL)
		flc_row_merge(flc_page_row(kind, FLC_ROW_OTHER), row, kind);
	(void)flc_add_full(&flc_page_header()->rows_recycled, 1);
}

/* Under the lock; its gen is left odd. */
static struct flc_row *
take(enum flc_section_kind kind, const char *name)
{
	AO_t words[FLC_NAME_WORDS];
	struct flc_row *row;

	fold_name(name, words);
	row = free_row(kind);
	if (row == NULL)
		row = oldest_row(kind, words);
	if (row == NULL) {
		(void)flc_add_full(&flc_page_header()->rows_overflow, 1);
		return NULL;
	}
	begin_change(row);
	if (use_of(row) == FLC_ROW_ENDED)
		recycle(row, kind);
	flc_row_clear(row, kind);
	for (size_t i = 0; i < FLC_NAME_WORDS; i++)
		flc_store_release(&row->name[i], words[i]);
	flc_store_release(&row->section, kind);
	flc_store_release(&row->use, FLC_ROW_LIVE);
	return row;
}

/* -- The callers' side -- */

static struct flc_row *
other_of(enum flc_section_kind kind)
{
	return flc_page_row(kind, FLC_ROW_OTHER);
}

struct flc_mutex_row *
flc_page_mutex_row(const char *name)
{
	struct flc_row *row;

	(void)flc_page();
	flc_page_lock();
	row = take(FLC_SECTION_MUTEX, name);
	if (row != NULL)
		end_change(row);
	flc_page_unlock();
	return (struct flc_mutex_row *)(void *)(row != NULL ? row : other_of(FLC_SECTION_MUTEX));
}

struct flc_channel_row *
flc_page_channel_row(const char *name, size_t capacity)
{
	struct flc_channel_row *row;

	(void)flc_page();
	flc_page_lock();
	row = (struct flc_channel_row *)(void *)take(FLC_SECTION_CHANNEL, name);
	if (row != NULL) {
		flc_store_release(&row->capacity, capacity);
		flc_store_release(&row->depth, 0);
		end_change(&row->row);
	}
	flc_page_unlock();
	return row != NULL ? row : (struct flc_channel_row *)(void *)other_of(FLC_SECTION_CHANNEL);
}

struct flc_pool_row *
flc_page_pool_row(const char *name)
{
	static flc_atomic pools;
	struct flc_pool_row *row;

	(void)flc_page();
	flc_page_lock();
	row = (struct flc_pool_row *)(void *)take(FLC_SECTION_POOL, name);
	if (row != NULL) {
		flc_store_release(&row->number, flc_add_full(&pools, 1) + 1);
		end_change(&row->row);
	}
	flc_page_unlock();
	return row;
}

struct flc_worker_row *
flc_page_worker_row(const struct flc_pool_row *pool, size_t index, int kind)
{
	char name[FILCH_METRICS_NAME];
	struct flc_worker_row *row;

	memcpy(name, pool->row.name, sizeof(name));
	flc_page_lock();
	row = (struct flc_worker_row *)(void *)take(FLC_SECTION_WORKER, name);
	if (row != NULL) {
		flc_store_release(&row->pool, flc_load_relaxed(&pool->number));
		flc_store_release(&row->index, index);
		flc_store_release(&row->kind, (size_t)kind);
		flc_store_release(&row->thread, 0);
		flc_counters_init(&row->counters);
		end_change(&row->row);
	}
	flc_page_unlock();
	return row;
}

/* -- Refreshing -- */

static flc_atomic *
refreshers_of(const struct flc_row *row)
{
	enum flc_section_kind kind = (enum flc_section_kind)flc_load_relaxed(&row->section);
	size_t i = (size_t)((const char *)row - (const char *)flc_page_row(kind, 0))
	    / flc_page_header()->section[kind].stride;

	return &refreshers[kind][i];
}

static struct flc_refresher *
at_link(const flc_atomic *link)
{
	return (struct flc_refresher *)flc_load_relaxed(link);
}

static void
refresh(struct flc_row *row)
{
	for (struct flc_refresher *by = at_link(refreshers_of(row)); by != NULL;
	    by = at_link(&by->next))
		by->refresh(by->object, row);
}

/* In the order of these stores a child that is forked between them, and has not the
 * thread that made them, leaves out at most what is just coming or going. */
void
flc_page_refresh_by(struct flc_refresher *by, struct flc_row *row, flc_refresh_fn *refresh_,
    void *object)
{
	struct flc_refresher *next;

	flc_page_lock();
	by->refresh = refresh_;
	by->object = object;
	by->row = row;
	by->link = refreshers_of(row);
	next = at_link(by->link);
	flc_store_release(&by->next, (size_t)next);
	flc_store_release(by->link, (size_t)by);
	if (next != NULL)
		next->link = &by->next;
	flc_page_unlock();
}

void
flc_page_refresh_end(struct flc_refresher *by)
{
	struct flc_refresher *next;

	(void)flc_page();
	flc_page_lock();
	if (by->row != NULL) {
		by->refresh(by->object, by->row);
		by->row = NULL;
		next = at_link(&by->next);
		if (next != NULL)
			next->link = by->link;
		flc_store_release(by->link, (size_t)next);
	}
	flc_page_unlock();
}

bool
flc_page_begin_read(void)
{
	if (!flc_page_is_set_up())
		return false;
	flc_page_lock();
	for (int kind = 0; kind < FLC_SECTIONS; kind++)
		for (size_t i = 0; i < flc_page_rows((enum flc_section_kind)kind); i++)
			refresh(flc_page_row((enum flc_section_kind)kind, i));
	return true;
}

bool
flc_page_begin_read_row(struct flc_row *row)
{
	if (!flc_page_is_set_up())
		return false;
	flc_page_lock();
	refresh(row);
	return true;
}

void
flc_page_end_read(void)
{
	flc_page_unlock();
}

/* -- Giving back -- */

/* An ended one that counted under the same labels. */
static struct flc_row *
ended_twin(const struct flc_row *row, enum flc_section_kind kind)
{
	for (size_t i = 0; i < flc_page_rows(kind); i++) {
		struct flc_row *twin = flc_page_row(kind, i);

		if (twin == row || use_of(twin) != FLC_ROW_ENDED || !have_one_name(twin, row))
			continue;
		if (kind != FLC_SECTION_WORKER
		    || flc_load_relaxed(&((struct flc_worker_row *)(void *)twin)->index)
		    == flc_load_relaxed(&((const struct flc_worker_row *)(const void *)row)->index))
			return twin;
	}
	return NULL;
}

void
flc_page_give_back(struct flc_row *row)
{
	static flc_atomic ended;
	enum flc_section_kind kind = (enum flc_section_kind)flc_load_relaxed(&row->section);
	struct flc_row *twin;

	if (flc_load_relaxed(&row->shared) != 0)
		return;
	(void)flc_page();
	flc_page_lock();
	begin_change(row);
	twin = ended_twin(row, kind);
	if (use_of(row) == FLC_ROW_FOREIGN || twin != NULL) {
		if (twin != NULL)
			flc_row_merge(twin, row, kind);
		flc_row_clear(row, kind);
		flc_store_release(&row->use, FLC_ROW_FREE);
	} else {
		flc_store_release(&row->ended_at, flc_add_full(&ended, 1));
		flc_store_release(&row->use, FLC_ROW_ENDED);
	}
	end_change(row);
	flc_page_unlock();
}

/* -- Set-up -- */

static void
set_up_other(enum flc_section_kind kind)
{
	struct flc_row *other = other_of(kind);
	AO_t words[FLC_NAME_WORDS];

	fold_name("other", words);
	for (size_t i = 0; i < FLC_NAME_WORDS; i++)
		flc_store_relaxed(&other->name[i], words[i]);
	flc_store_relaxed(&other->section, kind);
	flc_store_relaxed(&other->shared, 1);
	flc_store_relaxed(&other->use, FLC_ROW_LIVE);
	flc_store_release(&flc_page_header()->section[kind].used, FLC_ROW_OTHER + 1);
}

void
flc_page_rows_set_up(void)
{
	set_up_other(FLC_SECTION_MUTEX);
	set_up_other(FLC_SECTION_CHANNEL);
}

/* A thread of the parent may live on in the child inside of a task, and count in its row
 * until that ends. */
static void
disown(enum flc_section_kind kind)
{
	for (size_t i = 0; i < flc_page_rows(kind); i++) {
		struct flc_row *row = flc_page_row(kind, i);

		flc_store_release(&row->use,
		    use_of(row) == FLC_ROW_LIVE ? FLC_ROW_FOREIGN : FLC_ROW_FREE);
		for (struct flc_refresher *by = at_link(refreshers_of(row)); by != NULL;
		    by = at_link(&by->next))
			by->row = NULL;
		flc_store_relaxed(refreshers_of(row), 0);
	}
}

/* Of a thread that is not in the child, which had not done with it. */
static void
free_half_done(struct flc_row *row, enum flc_section_kind kind)
{
	if (flc_load_relaxed(&row->gen) % 2 == 0)
		return;
	flc_row_clear(row, kind);
	flc_store_relaxed(&row->use, FLC_ROW_FREE);
	flc_store_relaxed(&row->gen, flc_load_relaxed(&row->gen) + 1);
}

void
flc_page_rows_renew(void)
{
	for (int k = 0; k < FLC_SECTIONS; k++) {
		enum flc_section_kind kind = (enum flc_section_kind)k;

		for (size_t i = 0; i < flc_page_rows(kind); i++) {
			/* What was done in the parent is told, and forgotten. */
			if (kind == FLC_SECTION_CHANNEL)
				refresh(flc_page_row(kind, i));
			flc_row_clear_counts(flc_page_row(kind, i), kind);
			free_half_done(flc_page_row(kind, i), kind);
		}
	}
	/* Of a thread that lives on here. */
	for (size_t i = 0; i < flc_page_rows(FLC_SECTION_WORKER); i++)
		flc_counters_renew(&((struct flc_worker_row *)(void *)
		    flc_page_row(FLC_SECTION_WORKER, i))->counters);
	disown(FLC_SECTION_POOL);
	disown(FLC_SECTION_WORKER);
	flc_store_relaxed(&flc_page_header()->rows_overflow, 0);
	flc_store_relaxed(&flc_page_header()->rows_recycled, 0);
}
