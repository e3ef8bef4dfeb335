/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What leads a compiler to inline the leaves of a recursion into the joins of
 * <filch/spawn.h>, so that a leaf costs no call.  Not for direct use.
 */
#ifndef FILCH_SPAWN_BODY_H
#define FILCH_SPAWN_BODY_H

#include <filch/hot.h>

/* The word makes gcc inline a few levels of the recursion; the prototype before it, which
 * lacks it, still makes an external definition.  clang does not inline recursion, and
 * warns. */
#if defined(__clang__)
#define FLC_MAY_INLINE_
#elif defined(__cplusplus)
#define FLC_MAY_INLINE_ inline __attribute__((used))
#else
#define FLC_MAY_INLINE_ inline
#endif

/*
 * clang inlines no function into itself, so that each leaf of a wide task saves and
 * restores the registers that only its inner nodes need.  There the body is written into
 * two functions: a FILCH_JOIN_AT in the one calls the other, whose joins call the first.
 * Where a body has one such join, the other is inlined there; it is dropped where there
 * is none.  flc_again_: what a join calls.  flc_self_ tells by its type whose body this
 * is.
 */
#if defined(__clang__) && !defined(__cplusplus) && !defined(FILCH_CHECK)
#define FLC_BODY_(result, task, ...) \
	static inline __attribute__((always_inline)) result \
	task##_flc_work_(const struct task##_flc_tag_ *flc_self_ FLC_UNUSED_, \
	    result (*flc_again_)(filch_fork_deque_ *, size_t, const unsigned char *) FLC_UNUSED_, \
	    filch_fork_deque_ *flc_deque_ FLC_UNUSED_, size_t flc_b_ FLC_UNUSED_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)); \
	FLC_UNUSED_ static inline result \
	task##_flc_other_(filch_fork_deque_ *flc_deque_, size_t flc_b_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)) \
	{ \
		FLC_IF_VOID_(result)()(return) \
		task##_flc_work_(NULL, task##_flc_call_, flc_deque_, flc_b_ \
		    FLC_OF_(FLC_NAMES_, __VA_ARGS__)); \
	} \
	static inline __attribute__((always_inline)) result \
	task##_flc_call_other_(filch_fork_deque_ *flc_deque_, size_t flc_b_, \
	    const unsigned char *bytes_) \
	{ \
		size_t flc_at_ = 0; \
		FLC_OF_(FLC_LOAD_, __VA_ARGS__) \
		(void)bytes_; \
		(void)flc_at_; \
		FLC_IF_VOID_(result)()(return) \
		task##_flc_other_(flc_deque_, flc_b_ FLC_OF_(FLC_LOADED_, __VA_ARGS__)); \
	} \
	result \
	task##_flc_body_(filch_fork_deque_ *flc_deque_, size_t flc_b_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)) \
	{ \
		FLC_IF_VOID_(result)()(return) \
		task##_flc_work_(NULL, task##_flc_call_other_, flc_deque_, flc_b_ \
		    FLC_OF_(FLC_NAMES_, __VA_ARGS__)); \
	} \
	static inline __attribute__((always_inline)) result \
	task##_flc_work_(const struct task##_flc_tag_ *flc_self_ FLC_UNUSED_, \
	    result (*flc_again_)(filch_fork_deque_ *, size_t, const unsigned char *) FLC_UNUSED_, \
	    filch_fork_deque_ *flc_deque_ FLC_UNUSED_, size_t flc_b_ FLC_UNUSED_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__))
/* Outside of the body of a task these are found. */
FILCH_LINKAGE void flc_self_(void);
FILCH_LINKAGE void flc_again_(filch_fork_deque_ *, size_t, const unsigned char *);
#define FLC_CALL_AT_(task, bytes) \
	_Generic((flc_self_), \
	    const struct task##_flc_tag_ *: flc_again_(FLC_DEQUE_, FLC_B_, bytes), \
	    default: FLC_NAME_OF_(task, call)(FLC_DEQUE_, FLC_B_, bytes))
#else
#define FLC_BODY_(result, task, ...) \
	FLC_MAY_INLINE_ result \
	FLC_OPEN_BODY_(result, task, __VA_ARGS__)(filch_fork_deque_ *flc_deque_ FLC_UNUSED_, \
	    size_t flc_b_ FLC_UNUSED_ FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__))
#define FLC_CALL_AT_(task, bytes) FLC_NAME_OF_(task, call)(FLC_DEQUE_, FLC_B_, bytes)
#endif

/*
 * Most nodes of a recursion are leaves.  gcc thinks the opposite of a body that begins
 * with an early return, and may then not split it there, which would let it inline the
 * leaf into the join.  A label tells it.  Where a FILCH_SPAWN stands before the call,
 * which hides the struct, gcc splits without it, and inlines more.
 */
struct flc_spawned_;
typedef struct flc_spawned_ flc_none_spawned_;
#if defined(__clang__)
#define FLC_SPAWNED_
#define FLC_SELDOM_
#else
#define FLC_SPAWNED_ \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wshadow\"") \
	struct flc_spawned_; \
	_Pragma("GCC diagnostic pop")
#define FLC_SELDOM_ \
	if (FLC_NONE_SPAWNED_) { \
		__label__ flc_seldom_; \
	flc_seldom_: __attribute__((cold, unused)); \
	}
#endif
#ifdef __cplusplus
#define FLC_NONE_SPAWNED_ flc_is_same_<struct flc_spawned_, flc_none_spawned_>::value
#else
#define FLC_NONE_SPAWNED_ \
	_Generic((struct flc_spawned_ *)NULL, flc_none_spawned_ *: 1, default: 0)
#endif

#endif /* FILCH_SPAWN_BODY_H */
