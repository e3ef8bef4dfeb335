/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of <filch/spawn.h>: what it writes once for each parameter of a task and
 * for each argument of a spawn or call.  Not for direct use.
 *
 * A list ends in the number of its macro's arguments: 1, 3 ... 17 for a name and 0 to
 * 8 pairs of type and parameter, 1 to 9 for a name and 0 to 8 arguments.
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

/* How many there are, up to 17. */
#define FLC_COUNT_(...) \
	FLC_EIGHTEENTH_(__VA_ARGS__, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FLC_EIGHTEENTH_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, ...) r

#define FLC_STORE_ONE_(p, offset) __builtin_memcpy(bytes_ + (offset), &p, sizeof(p));
#define FLC_LOAD_ONE_(t, p, offset) \
	union p##_flc_in_ { \
		FLC_RAW_(p##_flc_in_) \
		unsigned char bytes_[sizeof(t)]; \
		t value_; \
	} p##_flc_in_; \
	__builtin_memcpy(p##_flc_in_.bytes_, bytes_ + (offset), sizeof(p##_flc_in_.bytes_));
#ifdef __cplusplus
#define FLC_TYPE_ONE_(name, t, number) \
	extern "C++" t *flc_type_of_(struct name##_flc_tag_ *, flc_number_<number> *);
#else
#define FLC_TYPE_ONE_(name, t, number) \
	FLC_HIDDEN_ FLC_UNUSED_ t *name##_flc_type##number##_(void);
#endif

/*
 * What FILCH_TASK writes.  PARAMETERS: after two hidden ones.  ALONE: the same, without
 * these.  NAMES: to hand them on.  STORE: into the bytes of a record, where the last
 * parameter stands first.  LOAD: out of them, into variables; LOADED: the names of
 * these.  TYPES: functions that are never defined, which tell the types.
 */
/* 0 parameters. */
#define FLC_PARAMETERS_1(name)
#define FLC_ALONE_1(name) void
#define FLC_NAMES_1(name)
#define FLC_LOADED_1(name)
#define FLC_TYPES_1(name)
#define FLC_SIZE_1(name) 0
#define FLC_STORE_1(name)
#define FLC_LOAD_1(name)
/* 1 parameter. */
#define FLC_PARAMETERS_3(name, t1, p1) , t1 p1
#define FLC_ALONE_3(name, t1, p1) t1 p1
#define FLC_NAMES_3(name, t1, p1) , p1
#define FLC_LOADED_3(name, t1, p1) , p1##_flc_in_.value_
#define FLC_TYPES_3(name, t1, p1) FLC_TYPE_ONE_(name, t1, 1)
#define FLC_SIZE_3(name, t, p) FLC_ROUND_(sizeof(t))
#define FLC_STORE_3(name, t, p) FLC_STORE_ONE_(p, 0)
#define FLC_LOAD_3(name, t, p) FLC_LOAD_ONE_(t, p, 0)
/* 2 parameters. */
#define FLC_PARAMETERS_5(name, t1, p1, t2, p2) , t1 p1, t2 p2
#define FLC_ALONE_5(name, t1, p1, t2, p2) t1 p1, t2 p2
#define FLC_NAMES_5(name, t1, p1, t2, p2) , p1, p2
#define FLC_LOADED_5(name, t1, p1, t2, p2) , p1##_flc_in_.value_, p2##_flc_in_.value_
#define FLC_TYPES_5(name, t1, p1, t2, p2) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2)
#define FLC_SIZE_5(name, t, p, ...) \
	FLC_ROUND_(sizeof(t)) + FLC_SIZE_3(name, __VA_ARGS__)
#define FLC_STORE_5(name, t, p, ...) \
	FLC_STORE_ONE_(p, FLC_SIZE_3(name, __VA_ARGS__)) FLC_STORE_3(name, __VA_ARGS__)
#define FLC_LOAD_5(name, t, p, ...) \
	FLC_LOAD_ONE_(t, p, FLC_SIZE_3(name, __VA_ARGS__)) FLC_LOAD_3(name, __VA_ARGS__)
/* 3 parameters. */
#define FLC_PARAMETERS_7(name, t1, p1, t2, p2, t3, p3) , t1 p1, t2 p2, t3 p3
#define FLC_ALONE_7(name, t1, p1, t2, p2, t3, p3) t1 p1, t2 p2, t3 p3
#define FLC_NAMES_7(name, t1, p1, t2, p2, t3, p3) , p1, p2, p3
#define FLC_LOADED_7(name, t1, p1, t2, p2, t3, p3) \
	, p1##_flc_in_.value_, p2##_flc_in_.value_, p3##_flc_in_.value_
#define FLC_TYPES_7(name, t1, p1, t2, p2, t3, p3) \
	FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3)
#define FLC_SIZE_7(name, t, p, ...) \
	FLC_ROUND_(sizeof(t)) + FLC_SIZE_5(name, __VA_ARGS__)
#define FLC_STORE_7(name, t, p, ...) \
	FLC_STORE_ONE_(p, FLC_SIZE_5(name, __VA_ARGS__)) FLC_STORE_5(name, __VA_ARGS__)
#define FLC_LOAD_7(name, t, p, ...) \
	FLC_LOAD_ONE_(t, p, FLC_SIZE_5(name, __VA_ARGS__)) FLC_LOAD_5(name, __VA_ARGS__)
/* 4 parameters. */
#define FLC_PARAMETERS_9(name, t1, p1, t2, p2, t3, p3, t4, p4) , t1 p1, t2 p2, t3 p3, t4 p4
#define FLC_ALONE_9(name, t1, p1, t2, p2, t3, p3, t4, p4) t1 p1, t2 p2, t3 p3, t4 p4
#define FLC_NAMES_9(name, t1, p1, t2, p2, t3, p3, t4, p4) , p1, p2, p3, p4
#define FLC_LOADED_9(name, t1, p1, t2, p2, t3, p3, t4, p4) \
	, p1##_flc_in_.value_, p2##_flc_in_.value_, p3##_flc_in_.value_, p4##_flc_in_.value_
#define FLC_TYPES_9(name, t1, p1, t2, p2, t3, p3, t4, p4) \
	FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) \
	FLC_TYPE_ONE_(name, t4, 4)
#define FLC_SIZE_9(name, t, p, ...) \
	FLC_ROUND_(sizeof(t)) + FLC_SIZE_7(name, __VA_ARGS__)
#define FLC_STORE_9(name, t, p, ...) \
	FLC_STORE_ONE_(p, FLC_SIZE_7(name, __VA_ARGS__)) FLC_STORE_7(name, __VA_ARGS__)
#define FLC_LOAD_9(name, t, p, ...) \
	FLC_LOAD_ONE_(t, p, FLC_SIZE_7(name, __VA_ARGS__)) FLC_LOAD_7(name, __VA_ARGS__)
/* 5 parameters. */
#define FLC_PARAMETERS_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) \
	, t1 p1, t2 p2, t3 p3, t4 p4, t5 p5
#define FLC_ALONE_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) \
	t1 p1, t2 p2, t3 p3, t4 p4, t5 p5
#define FLC_NAMES_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) , p1, p2, p3, p4, p5
#define FLC_LOADED_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) \
	, p1##_flc_in_.value_, p2##_flc_in_.value_, p3##_flc_in_.value_, p4##_flc_in_.value_, \
	p5##_flc_in_.value_
#define FLC_TYPES_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) \
	FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) \
	FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5)
#define FLC_SIZE_11(name, t, p, ...) \
	FLC_ROUND_(sizeof(t)) + FLC_SIZE_9(name, __VA_ARGS__)
#define FLC_STORE_11(name, t, p, ...) \
	FLC_STORE_ONE_(p, FLC_SIZE_9(name, __VA_ARGS__)) FLC_STORE_9(name, __VA_ARGS__)
#define FLC_LOAD_11(name, t, p, ...) \
	FLC_LOAD_ONE_(t, p, FLC_SIZE_9(name, __VA_ARGS__)) FLC_LOAD_9(name, __VA_ARGS__)
/* 6 parameters. */
#define FLC_PARAMETERS_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) \
	, t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6
#define FLC_ALONE_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) \
	t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6
#define FLC_NAMES_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) \
	, p1, p2, p3, p4, p5, p6
#define FLC_LOADED_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) \
	, p1##_flc_in_.value_, p2##_flc_in_.value_, p3##_flc_in_.value_, p4##_flc_in_.value_, \
	p5##_flc_in_.value_, p6##_flc_in_.value_
#define FLC_TYPES_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) \
	FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) \
	FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5) FLC_TYPE_ONE_(name, t6, 6)
#define FLC_SIZE_13(name, t, p, ...) \
	FLC_ROUND_(sizeof(t)) + FLC_SIZE_11(name, __VA_ARGS__)
#define FLC_STORE_13(name, t, p, ...) \
	FLC_STORE_ONE_(p, FLC_SIZE_11(name, __VA_ARGS__)) FLC_STORE_11(name, __VA_ARGS__)
#define FLC_LOAD_13(name, t, p, ...) \
	FLC_LOAD_ONE_(t, p, FLC_SIZE_11(name, __VA_ARGS__)) FLC_LOAD_11(name, __VA_ARGS__)
/* 7 parameters. */
#define FLC_PARAMETERS_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) \
	, t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7
#define FLC_ALONE_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) \
	t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7
#define FLC_NAMES_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) \
	, p1, p2, p3, p4, p5, p6, p7
#define FLC_LOADED_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) \
	, p1##_flc_in_.value_, p2##_flc_in_.value_, p3##_flc_in_.value_, p4##_flc_in_.value_, \
	p5##_flc_in_.value_, p6##_flc_in_.value_, p7##_flc_in_.value_
#define FLC_TYPES_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) \
	FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) \
	FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5) FLC_TYPE_ONE_(name, t6, 6) \
	FLC_TYPE_ONE_(name, t7, 7)
#define FLC_SIZE_15(name, t, p, ...) \
	FLC_ROUND_(sizeof(t)) + FLC_SIZE_13(name, __VA_ARGS__)
#define FLC_STORE_15(name, t, p, ...) \
	FLC_STORE_ONE_(p, FLC_SIZE_13(name, __VA_ARGS__)) FLC_STORE_13(name, __VA_ARGS__)
#define FLC_LOAD_15(name, t, p, ...) \
	FLC_LOAD_ONE_(t, p, FLC_SIZE_13(name, __VA_ARGS__)) FLC_LOAD_13(name, __VA_ARGS__)
/* 8 parameters. */
#define FLC_PARAMETERS_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) \
	, t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7, t8 p8
#define FLC_ALONE_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) \
	t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7, t8 p8
#define FLC_NAMES_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) \
	, p1, p2, p3, p4, p5, p6, p7, p8
#define FLC_LOADED_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) \
	, p1##_flc_in_.value_, p2##_flc_in_.value_, p3##_flc_in_.value_, p4##_flc_in_.value_, \
	p5##_flc_in_.value_, p6##_flc_in_.value_, p7##_flc_in_.value_, p8##_flc_in_.value_
#define FLC_TYPES_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) \
	FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) \
	FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5) FLC_TYPE_ONE_(name, t6, 6) \
	FLC_TYPE_ONE_(name, t7, 7) FLC_TYPE_ONE_(name, t8, 8)
#define FLC_SIZE_17(name, t, p, ...) \
	FLC_ROUND_(sizeof(t)) + FLC_SIZE_15(name, __VA_ARGS__)
#define FLC_STORE_17(name, t, p, ...) \
	FLC_STORE_ONE_(p, FLC_SIZE_15(name, __VA_ARGS__)) FLC_STORE_15(name, __VA_ARGS__)
#define FLC_LOAD_17(name, t, p, ...) \
	FLC_LOAD_ONE_(t, p, FLC_SIZE_15(name, __VA_ARGS__)) FLC_LOAD_15(name, __VA_ARGS__)

/* The name, which comes first; and what follows it, each with its comma. */
#define FLC_NAME_(name, ...) name
#define FLC_FIRST_(...) FLC_NAME_(__VA_ARGS__, ~)
#define FLC_REST_1(name)
#define FLC_REST_2(name, a1) , a1
#define FLC_REST_3(name, a1, a2) , a1, a2
#define FLC_REST_4(name, a1, a2, a3) , a1, a2, a3
#define FLC_REST_5(name, a1, a2, a3, a4) , a1, a2, a3, a4
#define FLC_REST_6(name, a1, a2, a3, a4, a5) , a1, a2, a3, a4, a5
#define FLC_REST_7(name, a1, a2, a3, a4, a5, a6) , a1, a2, a3, a4, a5, a6
#define FLC_REST_8(name, a1, a2, a3, a4, a5, a6, a7) , a1, a2, a3, a4, a5, a6, a7
#define FLC_REST_9(name, a1, a2, a3, a4, a5, a6, a7, a8) , a1, a2, a3, a4, a5, a6, a7, a8
#define FLC_ONLY_1(name)
#define FLC_ONLY_2(name, a1) a1
#define FLC_ONLY_3(name, a1, a2) a1, a2
#define FLC_ONLY_4(name, a1, a2, a3) a1, a2, a3
#define FLC_ONLY_5(name, a1, a2, a3, a4) a1, a2, a3, a4
#define FLC_ONLY_6(name, a1, a2, a3, a4, a5) a1, a2, a3, a4, a5
#define FLC_ONLY_7(name, a1, a2, a3, a4, a5, a6) a1, a2, a3, a4, a5, a6
#define FLC_ONLY_8(name, a1, a2, a3, a4, a5, a6, a7) a1, a2, a3, a4, a5, a6, a7
#define FLC_ONLY_9(name, a1, a2, a3, a4, a5, a6, a7, a8) a1, a2, a3, a4, a5, a6, a7, a8
/* Arguments bound to variables, each with the type of its parameter. */
#define FLC_BIND_1(id, name)
#define FLC_BIND_2(id, name, a1) FLC_BIND_ONE_(id, name, 1, a1)
#define FLC_BIND_3(id, name, a1, a2) \
	FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2)
#define FLC_BIND_4(id, name, a1, a2, a3) \
	FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) \
	FLC_BIND_ONE_(id, name, 3, a3)
#define FLC_BIND_5(id, name, a1, a2, a3, a4) \
	FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) \
	FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4)
#define FLC_BIND_6(id, name, a1, a2, a3, a4, a5) \
	FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) \
	FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) \
	FLC_BIND_ONE_(id, name, 5, a5)
#define FLC_BIND_7(id, name, a1, a2, a3, a4, a5, a6) \
	FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) \
	FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) \
	FLC_BIND_ONE_(id, name, 5, a5) FLC_BIND_ONE_(id, name, 6, a6)
#define FLC_BIND_8(id, name, a1, a2, a3, a4, a5, a6, a7) \
	FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) \
	FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) \
	FLC_BIND_ONE_(id, name, 5, a5) FLC_BIND_ONE_(id, name, 6, a6) \
	FLC_BIND_ONE_(id, name, 7, a7)
#define FLC_BIND_9(id, name, a1, a2, a3, a4, a5, a6, a7, a8) \
	FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) \
	FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) \
	FLC_BIND_ONE_(id, name, 5, a5) FLC_BIND_ONE_(id, name, 6, a6) \
	FLC_BIND_ONE_(id, name, 7, a7) FLC_BIND_ONE_(id, name, 8, a8)
#define FLC_BOUND_1(id)
#define FLC_BOUND_2(id) , flc_a1_##id
#define FLC_BOUND_3(id) , flc_a1_##id, flc_a2_##id
#define FLC_BOUND_4(id) , flc_a1_##id, flc_a2_##id, flc_a3_##id
#define FLC_BOUND_5(id) , flc_a1_##id, flc_a2_##id, flc_a3_##id, flc_a4_##id
#define FLC_BOUND_6(id) , flc_a1_##id, flc_a2_##id, flc_a3_##id, flc_a4_##id, flc_a5_##id
#define FLC_BOUND_7(id) \
	, flc_a1_##id, flc_a2_##id, flc_a3_##id, flc_a4_##id, flc_a5_##id, flc_a6_##id
#define FLC_BOUND_8(id) \
	, flc_a1_##id, flc_a2_##id, flc_a3_##id, flc_a4_##id, flc_a5_##id, flc_a6_##id, \
	flc_a7_##id
#define FLC_BOUND_9(id) \
	, flc_a1_##id, flc_a2_##id, flc_a3_##id, flc_a4_##id, flc_a5_##id, flc_a6_##id, \
	flc_a7_##id, flc_a8_##id
#define FLC_BIND_ONE_(id, name, number, a) \
	FLC_TYPE_OF_(name, number) flc_a##number##_##id = (a);

#define FLC_REST_(...) FLC_PASTE_(FLC_REST_, FLC_COUNT_(__VA_ARGS__))(__VA_ARGS__)
#define FLC_ONLY_(...) FLC_PASTE_(FLC_ONLY_, FLC_COUNT_(__VA_ARGS__))(__VA_ARGS__)
#define FLC_OF_(what, ...) FLC_PASTE_(what, FLC_COUNT_(__VA_ARGS__))(__VA_ARGS__)

#endif /* FILCH_SPAWN_LISTS_H */
