/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asked, with a split: what lies below `split` is for whoever moves `tail`, by a
 * compare-and-swap alone.  A thief that finds nothing there asks, and the owner moves the
 * split to the middle of what it has.  If it does not answer, the thief does that for it:
 * `limit` already sends each pop of the owner to the slow path, the heavy fence makes all
 * earlier pops visible in `bottom`, and each slow pop changes the version in `ends`, so
 * that the thief's compare-and-swap fails if the owner has come back meanwhile.  So one
 * heavy fence pays for many steals, and nothing is out of reach.
 */
#define ASKED ((size_t)1 << 62)
#define ASK_ROUNDS 64
/* ends: the mark of a thief that asks, the number of public records, tail. */
#define MARK ((size_t)1 << 63)
#define PUBLIC_SHIFT 47
#define TAIL(ends) ((ends) & (((size_t)1 << PUBLIC_SHIFT) - 1))
#define PUBLIC(ends) ((ends) >> PUBLIC_SHIFT & 0xffff)
#define SPLIT(ends) (TAIL(ends) + PUBLIC(ends))
#define ENDS(tail, split) (((split) - (tail)) << PUBLIC_SHIFT | (tail))
/* At most half may be public and half private, so that `limit` says when it is full. */
#define ROOM (RIVAL_CAPACITY / 2 - 1)

struct lane {
	size_t ends RIVAL_LINE;
	size_t claim;             /* a thief asks, or pays */
	size_t limit RIVAL_LINE;  /* split, or ASKED */
	size_t bottom RIVAL_LINE;
	struct record *slot[RIVAL_CAPACITY] RIVAL_LINE;
};

#define SLOT(lane, index) (&(lane)->slot[(index) & (RIVAL_CAPACITY - 1)])

static inline void
lane_init(struct lane *lane)
{
	lane->ends = RIVAL_FIRST;
	lane->bottom = RIVAL_FIRST;
	lane->limit = ASKED;
}

static inline size_t
lane_next(struct lane *lane)
{
	return load_relaxed(&lane->bottom);
}

/* The owner's answer: what lies below `end` is lent up to the middle. */
static inline void
lend(struct lane *lane, size_t end)
{
	for (;;) {
		size_t ends = load_acquire(&lane->ends);
		size_t split = SPLIT(ends);

		if (end > split)
			split = (split + end + 1) / 2;
		store_relaxed(&lane->limit, split);
		if (cas_full(&lane->ends, ends, ENDS(TAIL(ends), split)))
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

	while (b - TAIL(load_acquire(&lane->ends)) >= ROOM)
		spin_hint(); /* more than any kernel here needs */
	put(lane, b, record, run);
	lend(lane, b + 1);
	wake_check();
	return b;
}

RIVAL_INLINE size_t
lane_spawn(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	if (!likely(b - load_acquire(&lane->limit) < ROOM))
		return spawn_slowly(lane, record, run);
	put(lane, b, record, run);
	return b;
}

RIVAL_INLINE bool
lane_take(struct lane *lane, size_t at)
{
	store_release(&lane->bottom, at);
	light_fence();
	return likely(at >= load_relaxed(&lane->limit));
}

/* Asked, or lent: then the upper half of what is lent comes back, and from an empty lane
 * the next spawn is lent. */
RIVAL_COLD bool
lane_settle(struct lane *lane, size_t at, size_t *b)
{
	for (;;) {
		size_t ends = load_acquire(&lane->ends);
		size_t tail = TAIL(ends), split = SPLIT(ends);

		if (tail > at) {
			store_relaxed(&lane->limit, ASKED);
			store_release(&lane->bottom, tail);
			*b = tail;
			return false;
		}
		*b = at;
		if (split <= at) {
			lend(lane, at);
			/* A thief may have moved the split past us in between. */
			if (load_relaxed(&lane->limit) <= at)
				return true;
			continue;
		}
		split = tail + (at - tail) / 2;
		/* Before the CAS, as in lend(): after it a thief may ask already. */
		store_relaxed(&lane->limit, at == tail ? ASKED : split);
		if (cas_full(&lane->ends, ends, ENDS(tail, split)))
			return true;
	}
}

static inline void
lane_left(struct lane *lane, size_t at, size_t *b)
{
	(void)lane_settle(lane, at, b);
}

/* Asks the owner, and moves the split for it if it does not answer. */
static inline void
ask(struct lane *lane, size_t ends)
{
	size_t marked = ends | MARK, split = SPLIT(ends), bottom;

	/* The mark first: an owner that is about to store `limit` clears it later. */
	if (!cas_full(&lane->ends, ends, marked))
		return;
	store_relaxed(&lane->limit, ASKED);
	for (int i = 0; i < ASK_ROUNDS && load_acquire(&lane->ends) == marked; i++)
		spin_hint();
	if (load_acquire(&lane->ends) != marked)
		return;
	heavy_fence();
	bottom = load_acquire(&lane->bottom);
	if (bottom > split)
		split = (split + bottom + 1) / 2;
	(void)cas_full(&lane->ends, marked, ENDS(TAIL(ends), split));
}

RIVAL_COLD struct record *
lane_steal(struct lane *lane)
{
	size_t ends = load_acquire(&lane->ends);

	if (PUBLIC(ends) == 0) {
		if (load_relaxed(&lane->bottom) <= TAIL(ends) || load_relaxed(&lane->claim) != 0
		    || !cas_full(&lane->claim, 0, 1))
			return NULL;
		ends = load_acquire(&lane->ends);
		if (PUBLIC(ends) == 0)
			ask(lane, ends);
		store_release(&lane->claim, 0);
		ends = load_acquire(&lane->ends);
		if (PUBLIC(ends) == 0)
			return NULL;
	}
	/* Read after the CAS: the owner may have taken it back, and lent another one at
	 * the same index.  A stolen one's slot stays until its join. */
	if (!cas_full(&lane->ends, ends, ENDS(TAIL(ends) + 1, SPLIT(ends))))
		return NULL;
	return load_relaxed(SLOT(lane, TAIL(ends)));
}
