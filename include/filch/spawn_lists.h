/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of <filch/spawn.h>: what it writes once for each parameter of a task and for
 * each argument of a spawn or call.  Not for direct use.
 *
 * A list is a macro that is written once for each.  FLC_PAIRS_ and FLC_EACH_ end in the
 * number of arguments that follow the first: 1, 3 ... 17 for a task and 0 to 8 pairs of
 * type and parameter, 1 to 9 for a task and 0 to 8 arguments.
 */
#ifndef FILCH_SPAWN_LISTS_H
#define FILCH_SPAWN_LISTS_H

#include <stddef.h>

/* Sizes in a record go in steps of eight bytes. */
#define FLC_ROUND_(size) (((size) + 7) / 8 * 8)

/* Token by token: whether a result type is void. */
#define FLC_SECOND_(a, b, ...) b
#define FLC_IS_VOID_(...) FLC_SECOND_(__VA_ARGS__, 0, 0)
#define FLC_VOID_void ~, 1
#define FLC_PASTE_(a, b) FLC_PASTE_AGAIN_(a, b)
#define FLC_PASTE_AGAIN_(a, b) a##b
/* The macro with its arguments expanded. */
#define FLC_NOW_(macro, ...) macro(__VA_ARGS__)
/* FLC_IF_VOID_(result)(then)(otherwise) */
#define FLC_IF_VOID_(result) FLC_PASTE_(FLC_CHOOSE_, FLC_IS_VOID_(FLC_VOID_##result))
#define FLC_CHOOSE_1(then) then FLC_NOTHING_
#define FLC_CHOOSE_0(then) FLC_ITSELF_
#define FLC_NOTHING_(otherwise)
#define FLC_ITSELF_(otherwise) otherwise

/* How many there are, up to 17; and whether that is ONE or MANY. */
#define FLC_COUNT_(...) \
	FLC_EIGHTEENTH_(__VA_ARGS__, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FLC_ONE_OR_MANY_(...) \
	FLC_EIGHTEENTH_(__VA_ARGS__, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, \
	    MANY, MANY, MANY, MANY, MANY, MANY, ONE, ~)
#define FLC_EIGHTEENTH_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, ...) r

/* The name, which comes first; and what follows it: each with its comma, or between. */
#define FLC_NAME_(name, ...) name
#define FLC_FIRST_(...) FLC_NAME_(__VA_ARGS__, ~)
#define FLC_REST_(...) FLC_PASTE_(FLC_REST_OF_, FLC_ONE_OR_MANY_(__VA_ARGS__))(__VA_ARGS__)
#define FLC_REST_OF_ONE(name)
#define FLC_REST_OF_MANY(name, ...) , __VA_ARGS__
#define FLC_ONLY_(...) FLC_PASTE_(FLC_ONLY_OF_, FLC_ONE_OR_MANY_(__VA_ARGS__))(__VA_ARGS__)
#define FLC_ONLY_OF_ONE(name)
#define FLC_ONLY_OF_MANY(name, ...) __VA_ARGS__

/* what(task, number, type, parameter), for each parameter. */
#define FLC_OF_(what, ...) \
	FLC_PASTE_(FLC_PAIRS_, FLC_COUNT_(__VA_ARGS__))(what, __VA_ARGS__)
#define FLC_PAIRS_1(what, task)
#define FLC_PAIRS_3(what, task, t1, p1) what(task, 1, t1, p1)
#define FLC_PAIRS_5(what, task, t1, p1, t2, p2) \
	FLC_PAIRS_3(what, task, t1, p1) what(task, 2, t2, p2)
#define FLC_PAIRS_7(what, task, t1, p1, t2, p2, t3, p3) \
	FLC_PAIRS_5(what, task, t1, p1, t2, p2) what(task, 3, t3, p3)
#define FLC_PAIRS_9(what, task, t1, p1, t2, p2, t3, p3, t4, p4) \
	FLC_PAIRS_7(what, task, t1, p1, t2, p2, t3, p3) what(task, 4, t4, p4)
#define FLC_PAIRS_11(what, task, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) \
	FLC_PAIRS_9(what, task, t1, p1, t2, p2, t3, p3, t4, p4) what(task, 5, t5, p5)
#define FLC_PAIRS_13(what, task, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) \
	FLC_PAIRS_11(what, task, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) what(task, 6, t6, p6)
#define FLC_PAIRS_15(what, task, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) \
	FLC_PAIRS_13(what, task, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) \
	what(task, 7, t7, p7)
#define FLC_PAIRS_17(what, task, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) \
	FLC_PAIRS_15(what, task, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) \
	what(task, 8, t8, p8)

/*
 * What FILCH_TASK writes.  PARAMETERS: after two hidden ones; ALONE: without these.
 * NAMES: to pass the parameters on.  STORE: into the bytes of a record, one after
 * another.  LOAD: out of them, into variables; LOADED: the names of these.  TYPES:
 * functions that are never defined, which tell the types.  SIZE: of all arguments in a
 * record.
 */
#define FLC_PARAMETERS_(task, number, t, p) , t p
#define FLC_ALONE_(...) \
	FLC_PASTE_(FLC_ALONE_OF_, FLC_ONE_OR_MANY_(__VA_ARGS__))(__VA_ARGS__)
#define FLC_ALONE_OF_ONE(task) void
#define FLC_ALONE_OF_MANY(...) FLC_TAIL_(~ FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__))
#define FLC_TAIL_(...) FLC_ONLY_OF_MANY(__VA_ARGS__)
#define FLC_NAMES_(task, number, t, p) , p
#define FLC_STORE_(task, number, t, p) \
	__builtin_memcpy(bytes_ + flc_at_, &p, sizeof(p)); \
	flc_at_ += FLC_ROUND_(sizeof(p));
#define FLC_LOAD_(task, number, t, p) \
	union p##_flc_in_ { \
		FLC_RAW_(p##_flc_in_) \
		unsigned char bytes_[sizeof(t)]; \
		t value_; \
	} p##_flc_in_; \
	__builtin_memcpy(p##_flc_in_.bytes_, bytes_ + flc_at_, sizeof(p##_flc_in_.bytes_)); \
	flc_at_ += FLC_ROUND_(sizeof(t));
#define FLC_LOADED_(task, number, t, p) , p##_flc_in_.value_
#ifdef __cplusplus
#define FLC_TYPES_(task, number, t, p) \
	extern "C++" t *flc_type_of_(struct task##_flc_tag_ *, flc_number_<number> *);
#else
#define FLC_TYPES_(task, number, t, p) \
	FLC_HIDDEN_ FLC_UNUSED_ t *task##_flc_type##number##_(void);
#endif
#define FLC_SIZE_(task, number, t, p) + FLC_ROUND_(sizeof(t))

/* what(id, task, number, argument), for each argument. */
#define FLC_EACH_(what, id, ...) \
	FLC_PASTE_(FLC_EACH_, FLC_COUNT_(__VA_ARGS__))(what, id, __VA_ARGS__)
#define FLC_EACH_1(what, id, task)
#define FLC_EACH_2(what, id, task, a1) what(id, task, 1, a1)
#define FLC_EACH_3(what, id, task, a1, a2) \
	FLC_EACH_2(what, id, task, a1) what(id, task, 2, a2)
#define FLC_EACH_4(what, id, task, a1, a2, a3) \
	FLC_EACH_3(what, id, task, a1, a2) what(id, task, 3, a3)
#define FLC_EACH_5(what, id, task, a1, a2, a3, a4) \
	FLC_EACH_4(what, id, task, a1, a2, a3) what(id, task, 4, a4)
#define FLC_EACH_6(what, id, task, a1, a2, a3, a4, a5) \
	FLC_EACH_5(what, id, task, a1, a2, a3, a4) what(id, task, 5, a5)
#define FLC_EACH_7(what, id, task, a1, a2, a3, a4, a5, a6) \
	FLC_EACH_6(what, id, task, a1, a2, a3, a4, a5) what(id, task, 6, a6)
#define FLC_EACH_8(what, id, task, a1, a2, a3, a4, a5, a6, a7) \
	FLC_EACH_7(what, id, task, a1, a2, a3, a4, a5, a6) what(id, task, 7, a7)
#define FLC_EACH_9(what, id, task, a1, a2, a3, a4, a5, a6, a7, a8) \
	FLC_EACH_8(what, id, task, a1, a2, a3, a4, a5, a6, a7) what(id, task, 8, a8)

/* Arguments bound to variables, each with the type of its parameter; these. */
#define FLC_BIND_(id, task, number, a) FLC_TYPE_OF_(task, number) flc_a##number##_##id = (a);
#define FLC_BOUND_(id, task, number, a) , flc_a##number##_##id

#endif /* FILCH_SPAWN_LISTS_H */
