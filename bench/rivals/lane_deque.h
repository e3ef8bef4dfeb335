/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shipped deque, one mode a program:
 *
 *     LANE_ASKS     unfenced pop; a thief asks, and pays the heavy fence when the
 *                   owner does not answer: what ships
 *     LANE_PAYS     unfenced pop; a thief always pays
 *     LANE_FENCED   fenced pop: the other mode of what ships
 */
#if defined(LANE_ASKS) + defined(LANE_PAYS) + defined(LANE_FENCED) != 1
#error "one of LANE_ASKS, LANE_PAYS, LANE_FENCED"
#endif

#define ASKED ((size_t)1 << 61)
#define NUMBER_SHIFT 48
#define INDEX(top) ((top) & (((size_t)1 << NUMBER_SHIFT) - 1))
#define ASK_ROUNDS 64

struct lane {
	size_t top RIVAL_LINE;
	size_t requests;        /* of the one thief that there is here */
	struct record *grant;
	size_t bottom RIVAL_LINE;
	struct record *slot[RIVAL_CAPACITY] RIVAL_LINE;
};

#define SLOT(lane, index) (&(lane)->slot[(index) & (RIVAL_CAPACITY - 1)])

static inline void
lane_init(struct lane *lane)
{
	lane->top = lane->bottom = RIVAL_FIRST;
}

static inline size_t
lane_next(struct lane *lane)
{
	return lane->bottom;
}

/* Hands the oldest below `end` to a thief that asks. */
RIVAL_COLD void
answer(struct lane *lane, size_t end)
{
	for (;;) {
		size_t top = load_acquire(&lane->top);
		struct record *granted = NULL;

		if (!(top & ASKED))
			return;
		if (INDEX(top) < end)
			granted = load_relaxed(SLOT(lane, INDEX(top)));
		store_relaxed(&lane->grant, granted);
		if (cas_full(&lane->top, top, INDEX(top) + (granted != NULL)))
			return;
	}
}

RIVAL_INLINE void
put(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	store_relaxed(&record->state, (size_t)run);
	store_relaxed(SLOT(lane, b), record);
	store_release(&lane->bottom, b + 1);
}

RIVAL_COLD size_t
spawn_slowly(struct lane *lane, struct record *record, run_fn *run)
{
	size_t b = load_relaxed(&lane->bottom);

	answer(lane, b);
	while (b - INDEX(load_acquire(&lane->top)) >= RIVAL_CAPACITY)
		spin_hint(); /* more than any kernel here needs */
	put(lane, b, record, run);
	wake_check();
	return b;
}

RIVAL_INLINE size_t
lane_spawn(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	size_t top = load_acquire(&lane->top);

	if (!likely(b - top - 1 < RIVAL_CAPACITY - 1))
		return spawn_slowly(lane, record, run);
	put(lane, b, record, run);
	return b;
}

RIVAL_INLINE bool
lane_take(struct lane *lane, size_t at)
{
	store_release(&lane->bottom, at);
#ifdef LANE_FENCED
	full_fence();
#else
	light_fence();
#endif
	return likely(load_relaxed(&lane->top) < at);
}

RIVAL_COLD bool
lane_settle(struct lane *lane, size_t at, size_t *b)
{
	size_t top;

	for (;;) {
		answer(lane, at);
		top = load_relaxed(&lane->top);
		if (top & ASKED)
			continue;
		if (top != at)
			break;
		if (cas_full(&lane->top, top, top + 1)) {
			store_release(&lane->bottom, at + 1);
			*b = at + 1;
			return true;
		}
	}
	*b = top < at ? at : top;
	store_release(&lane->bottom, *b);
	return top < at;
}

static inline void
lane_left(struct lane *lane, size_t at, size_t *b)
{
	size_t top = INDEX(load_relaxed(&lane->top));

	*b = top < at ? at : top;
	store_release(&lane->bottom, *b);
}

/* True: answered, with *record or with nothing. */
static inline bool
ask(struct lane *lane, size_t top, struct record **record)
{
	size_t asked = top | ASKED | (++lane->requests & 0x1fff) << NUMBER_SHIFT;

	*record = NULL;
	if (!cas_full(&lane->top, top, asked))
		return true;
	for (int i = 0; i < ASK_ROUNDS && load_acquire(&lane->top) == asked; i++)
		spin_hint();
	if (load_acquire(&lane->top) == asked && cas_full(&lane->top, asked, top))
		return false;
	*record = load_relaxed(&lane->grant);
	return true;
}

RIVAL_COLD struct record *
lane_steal(struct lane *lane)
{
	size_t top = load_acquire(&lane->top);
	struct record *record;

	if (load_relaxed(&lane->bottom) <= top)
		return NULL;
#ifdef LANE_FENCED
	full_fence();
#else
#ifdef LANE_ASKS
	if (ask(lane, top, &record))
		return record;
#endif
	heavy_fence();
#endif
	if (load_acquire(&lane->bottom) <= top)
		return NULL;
	record = load_relaxed(SLOT(lane, top));
	return cas_full(&lane->top, top, top + 1) ? record : NULL;
}
