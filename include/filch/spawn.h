/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Typed tasks: fork-join whose arguments the compiler checks and whose unstolen
 * join is a plain, inlinable call.
 *
 *     FILCH_TASK(long, fib, int, n)
 *     {
 *             if (n < 2)
 *                     return n;
 *             FILCH_SPAWN(left, fib, n - 1);
 *             long right = FILCH_CALL(fib, n - 2);
 *             return FILCH_JOIN(left, fib) + right;
 *     }
 *     long r = FILCH_RUN(fib, 42);
 *
 *     FILCH_TASK(result, name, type, parameter, ...)   defines; 0 to 8 parameters;
 *                          result may be void; a type is any that can stand
 *                          before a name, and is copied like memory
 *     FILCH_TASK_DECLARE   the same, for a prototype: mutual recursion, headers
 *     FILCH_SPAWN(record, name, arguments...)   declares record, shows it to thieves
 *     FILCH_CALL(name, arguments...)            a plain call, of the caller's half
 *     FILCH_JOIN(record, name)                  waits if need be; the result
 *     FILCH_RECORD(name)                        the type of a record, for arrays; a
 *                          new one at each use: to name it twice, say
 *                          typedef FILCH_RECORD(fib) fib_record;
 *     FILCH_SPAWN_AT(&record, name, arguments...), FILCH_JOIN_AT(&record, name)
 *     FILCH_RUN(name, arguments...)             from anywhere
 *     FILCH_TASKS_HERE;    lets a plain function or the body of a loop spawn; out of
 *                          any pool its tasks run inline
 *
 * Join every record before the function returns, and in that function, in any
 * order; the newest first is fastest (about a nanosecond over the call; 5 ns for
 * the only task).  Joins may stand together in one expression and among the
 * arguments of a call; as always, the order of these is the compiler's choice.
 * Nothing is allocated.  Without room, and without a usable pool, a task runs
 * inline at its join.  A typed task cannot fail and is never skipped; ask
 * filch_cancelled() to return early.
 *
 * A task has external linkage and hidden visibility: its name is one per program
 * or shared library, like a function's.  A debugger shows it as name_flc_body_,
 * with its parameters, and can break there.  A task written in C is declared for
 * C++ inside of extern "C" { }.
 *
 * What FILCH_TASK(long, fib, int, n) stands for:
 *
 *     fib_flc_body_      what you write, with two hidden parameters: the lane and
 *                        the index that its next record gets
 *     fib_flc_pack_      stores the arguments in a record
 *     fib_flc_call_      calls the body with those of a record
 *     fib_flc_value_     the result that stands in a record
 *     fib_flc_run_       what a thief calls
 *     fib_flc_start_     what FILCH_RUN calls
 *     fib_flc_bytes_     never defined: its type tells the size of arguments and result
 *     fib_flc_type1_     never defined: its type tells that of the first parameter
 */
#ifndef FILCH_SPAWN_H
#define FILCH_SPAWN_H

#include <filch/hot.h>

#if defined(__GNUC__)

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
#define FLC_COUNT_(...) FLC_EIGHTEENTH_(__VA_ARGS__, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FLC_EIGHTEENTH_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, ...) r

/* 0 parameters. */
#define FLC_PARAMETERS_1(name) 
#define FLC_ALONE_1(name) void
#define FLC_NAMES_1(name) 
#define FLC_SIZE_1(name) 0
#define FLC_STORE_1(name) 
#define FLC_LOAD_1(name) 
#define FLC_LOADED_1(name)
#define FLC_TYPES_1(name)
/* 1 parameter. */
#define FLC_PARAMETERS_3(name, t1, p1) , t1 p1
#define FLC_ALONE_3(name, t1, p1) t1 p1
#define FLC_NAMES_3(name, t1, p1) , p1
#define FLC_SIZE_3(name, t1, p1) 0 + FLC_ROUND_(sizeof(t1))
#define FLC_STORE_3(name, t1, p1) FLC_STORE_ONE_(p1, 0)
#define FLC_LOAD_3(name, t1, p1) FLC_LOAD_ONE_(t1, p1, 0)
#define FLC_LOADED_3(name, t1, p1) , p1##_flc_in_.value_
#define FLC_TYPES_3(name, t1, p1) FLC_TYPE_ONE_(name, t1, 1)
#define FLC_PARAMETERS_5(name, t1, p1, t2, p2) , t1 p1, t2 p2
#define FLC_ALONE_5(name, t1, p1, t2, p2) t1 p1, t2 p2
#define FLC_NAMES_5(name, t1, p1, t2, p2) , p1, p2
#define FLC_SIZE_5(name, t1, p1, t2, p2) 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))
#define FLC_STORE_5(name, t1, p1, t2, p2) FLC_STORE_ONE_(p1, 0) FLC_STORE_ONE_(p2, 0 + FLC_ROUND_(sizeof(t1)))
#define FLC_LOAD_5(name, t1, p1, t2, p2) FLC_LOAD_ONE_(t1, p1, 0) FLC_LOAD_ONE_(t2, p2, 0 + FLC_ROUND_(sizeof(t1)))
#define FLC_LOADED_5(name, t1, p1, t2, p2) , p1##_flc_in_.value_ , p2##_flc_in_.value_
#define FLC_TYPES_5(name, t1, p1, t2, p2) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2)
#define FLC_PARAMETERS_7(name, t1, p1, t2, p2, t3, p3) , t1 p1, t2 p2, t3 p3
#define FLC_ALONE_7(name, t1, p1, t2, p2, t3, p3) t1 p1, t2 p2, t3 p3
#define FLC_NAMES_7(name, t1, p1, t2, p2, t3, p3) , p1, p2, p3
#define FLC_SIZE_7(name, t1, p1, t2, p2, t3, p3) 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))
#define FLC_STORE_7(name, t1, p1, t2, p2, t3, p3) FLC_STORE_ONE_(p1, 0) FLC_STORE_ONE_(p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_STORE_ONE_(p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)))
#define FLC_LOAD_7(name, t1, p1, t2, p2, t3, p3) FLC_LOAD_ONE_(t1, p1, 0) FLC_LOAD_ONE_(t2, p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_LOAD_ONE_(t3, p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)))
#define FLC_LOADED_7(name, t1, p1, t2, p2, t3, p3) , p1##_flc_in_.value_ , p2##_flc_in_.value_ , p3##_flc_in_.value_
#define FLC_TYPES_7(name, t1, p1, t2, p2, t3, p3) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3)
#define FLC_PARAMETERS_9(name, t1, p1, t2, p2, t3, p3, t4, p4) , t1 p1, t2 p2, t3 p3, t4 p4
#define FLC_ALONE_9(name, t1, p1, t2, p2, t3, p3, t4, p4) t1 p1, t2 p2, t3 p3, t4 p4
#define FLC_NAMES_9(name, t1, p1, t2, p2, t3, p3, t4, p4) , p1, p2, p3, p4
#define FLC_SIZE_9(name, t1, p1, t2, p2, t3, p3, t4, p4) 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4))
#define FLC_STORE_9(name, t1, p1, t2, p2, t3, p3, t4, p4) FLC_STORE_ONE_(p1, 0) FLC_STORE_ONE_(p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_STORE_ONE_(p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_STORE_ONE_(p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)))
#define FLC_LOAD_9(name, t1, p1, t2, p2, t3, p3, t4, p4) FLC_LOAD_ONE_(t1, p1, 0) FLC_LOAD_ONE_(t2, p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_LOAD_ONE_(t3, p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_LOAD_ONE_(t4, p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)))
#define FLC_LOADED_9(name, t1, p1, t2, p2, t3, p3, t4, p4) , p1##_flc_in_.value_ , p2##_flc_in_.value_ , p3##_flc_in_.value_ , p4##_flc_in_.value_
#define FLC_TYPES_9(name, t1, p1, t2, p2, t3, p3, t4, p4) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) FLC_TYPE_ONE_(name, t4, 4)
#define FLC_PARAMETERS_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) , t1 p1, t2 p2, t3 p3, t4 p4, t5 p5
#define FLC_ALONE_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) t1 p1, t2 p2, t3 p3, t4 p4, t5 p5
#define FLC_NAMES_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) , p1, p2, p3, p4, p5
#define FLC_SIZE_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5))
#define FLC_STORE_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) FLC_STORE_ONE_(p1, 0) FLC_STORE_ONE_(p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_STORE_ONE_(p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_STORE_ONE_(p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_STORE_ONE_(p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)))
#define FLC_LOAD_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) FLC_LOAD_ONE_(t1, p1, 0) FLC_LOAD_ONE_(t2, p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_LOAD_ONE_(t3, p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_LOAD_ONE_(t4, p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_LOAD_ONE_(t5, p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)))
#define FLC_LOADED_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) , p1##_flc_in_.value_ , p2##_flc_in_.value_ , p3##_flc_in_.value_ , p4##_flc_in_.value_ , p5##_flc_in_.value_
#define FLC_TYPES_11(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5)
#define FLC_PARAMETERS_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) , t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6
#define FLC_ALONE_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6
#define FLC_NAMES_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) , p1, p2, p3, p4, p5, p6
#define FLC_SIZE_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6))
#define FLC_STORE_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) FLC_STORE_ONE_(p1, 0) FLC_STORE_ONE_(p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_STORE_ONE_(p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_STORE_ONE_(p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_STORE_ONE_(p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4))) FLC_STORE_ONE_(p6, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)))
#define FLC_LOAD_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) FLC_LOAD_ONE_(t1, p1, 0) FLC_LOAD_ONE_(t2, p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_LOAD_ONE_(t3, p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_LOAD_ONE_(t4, p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_LOAD_ONE_(t5, p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4))) FLC_LOAD_ONE_(t6, p6, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)))
#define FLC_LOADED_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) , p1##_flc_in_.value_ , p2##_flc_in_.value_ , p3##_flc_in_.value_ , p4##_flc_in_.value_ , p5##_flc_in_.value_ , p6##_flc_in_.value_
#define FLC_TYPES_13(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5) FLC_TYPE_ONE_(name, t6, 6)
#define FLC_PARAMETERS_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) , t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7
#define FLC_ALONE_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7
#define FLC_NAMES_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) , p1, p2, p3, p4, p5, p6, p7
#define FLC_SIZE_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6)) + FLC_ROUND_(sizeof(t7))
#define FLC_STORE_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) FLC_STORE_ONE_(p1, 0) FLC_STORE_ONE_(p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_STORE_ONE_(p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_STORE_ONE_(p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_STORE_ONE_(p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4))) FLC_STORE_ONE_(p6, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5))) FLC_STORE_ONE_(p7, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6)))
#define FLC_LOAD_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) FLC_LOAD_ONE_(t1, p1, 0) FLC_LOAD_ONE_(t2, p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_LOAD_ONE_(t3, p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_LOAD_ONE_(t4, p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_LOAD_ONE_(t5, p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4))) FLC_LOAD_ONE_(t6, p6, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5))) FLC_LOAD_ONE_(t7, p7, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6)))
#define FLC_LOADED_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) , p1##_flc_in_.value_ , p2##_flc_in_.value_ , p3##_flc_in_.value_ , p4##_flc_in_.value_ , p5##_flc_in_.value_ , p6##_flc_in_.value_ , p7##_flc_in_.value_
#define FLC_TYPES_15(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5) FLC_TYPE_ONE_(name, t6, 6) FLC_TYPE_ONE_(name, t7, 7)
#define FLC_PARAMETERS_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) , t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7, t8 p8
#define FLC_ALONE_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) t1 p1, t2 p2, t3 p3, t4 p4, t5 p5, t6 p6, t7 p7, t8 p8
#define FLC_NAMES_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) , p1, p2, p3, p4, p5, p6, p7, p8
#define FLC_SIZE_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6)) + FLC_ROUND_(sizeof(t7)) + FLC_ROUND_(sizeof(t8))
#define FLC_STORE_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) FLC_STORE_ONE_(p1, 0) FLC_STORE_ONE_(p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_STORE_ONE_(p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_STORE_ONE_(p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_STORE_ONE_(p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4))) FLC_STORE_ONE_(p6, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5))) FLC_STORE_ONE_(p7, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6))) FLC_STORE_ONE_(p8, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6)) + FLC_ROUND_(sizeof(t7)))
#define FLC_LOAD_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) FLC_LOAD_ONE_(t1, p1, 0) FLC_LOAD_ONE_(t2, p2, 0 + FLC_ROUND_(sizeof(t1))) FLC_LOAD_ONE_(t3, p3, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2))) FLC_LOAD_ONE_(t4, p4, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3))) FLC_LOAD_ONE_(t5, p5, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4))) FLC_LOAD_ONE_(t6, p6, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5))) FLC_LOAD_ONE_(t7, p7, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6))) FLC_LOAD_ONE_(t8, p8, 0 + FLC_ROUND_(sizeof(t1)) + FLC_ROUND_(sizeof(t2)) + FLC_ROUND_(sizeof(t3)) + FLC_ROUND_(sizeof(t4)) + FLC_ROUND_(sizeof(t5)) + FLC_ROUND_(sizeof(t6)) + FLC_ROUND_(sizeof(t7)))
#define FLC_LOADED_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) , p1##_flc_in_.value_ , p2##_flc_in_.value_ , p3##_flc_in_.value_ , p4##_flc_in_.value_ , p5##_flc_in_.value_ , p6##_flc_in_.value_ , p7##_flc_in_.value_ , p8##_flc_in_.value_
#define FLC_TYPES_17(name, t1, p1, t2, p2, t3, p3, t4, p4, t5, p5, t6, p6, t7, p7, t8, p8) FLC_TYPE_ONE_(name, t1, 1) FLC_TYPE_ONE_(name, t2, 2) FLC_TYPE_ONE_(name, t3, 3) FLC_TYPE_ONE_(name, t4, 4) FLC_TYPE_ONE_(name, t5, 5) FLC_TYPE_ONE_(name, t6, 6) FLC_TYPE_ONE_(name, t7, 7) FLC_TYPE_ONE_(name, t8, 8)
#define FLC_STORE_ONE_(p, offset) __builtin_memcpy(bytes_ + (offset), &p, sizeof(p));
#define FLC_LOAD_ONE_(t, p, offset) \
	union p##_flc_in_ { \
		FLC_RAW_(p##_flc_in_) \
		unsigned char bytes_[sizeof(t)]; \
		t value_; \
	} p##_flc_in_; \
	__builtin_memcpy(p##_flc_in_.bytes_, bytes_ + (offset), sizeof(p##_flc_in_.bytes_));
#define FLC_TYPE_ONE_(name, t, number) FLC_HIDDEN_ FLC_UNUSED_ t *name##_flc_type##number##_(void);

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
#define FLC_BIND_3(id, name, a1, a2) FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2)
#define FLC_BIND_4(id, name, a1, a2, a3) FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) FLC_BIND_ONE_(id, name, 3, a3)
#define FLC_BIND_5(id, name, a1, a2, a3, a4) FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4)
#define FLC_BIND_6(id, name, a1, a2, a3, a4, a5) FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) FLC_BIND_ONE_(id, name, 5, a5)
#define FLC_BIND_7(id, name, a1, a2, a3, a4, a5, a6) FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) FLC_BIND_ONE_(id, name, 5, a5) FLC_BIND_ONE_(id, name, 6, a6)
#define FLC_BIND_8(id, name, a1, a2, a3, a4, a5, a6, a7) FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) FLC_BIND_ONE_(id, name, 5, a5) FLC_BIND_ONE_(id, name, 6, a6) FLC_BIND_ONE_(id, name, 7, a7)
#define FLC_BIND_9(id, name, a1, a2, a3, a4, a5, a6, a7, a8) FLC_BIND_ONE_(id, name, 1, a1) FLC_BIND_ONE_(id, name, 2, a2) FLC_BIND_ONE_(id, name, 3, a3) FLC_BIND_ONE_(id, name, 4, a4) FLC_BIND_ONE_(id, name, 5, a5) FLC_BIND_ONE_(id, name, 6, a6) FLC_BIND_ONE_(id, name, 7, a7) FLC_BIND_ONE_(id, name, 8, a8)
#define FLC_BOUND_1(id)
#define FLC_BOUND_2(id) , flc_a1_##id
#define FLC_BOUND_3(id) , flc_a1_##id , flc_a2_##id
#define FLC_BOUND_4(id) , flc_a1_##id , flc_a2_##id , flc_a3_##id
#define FLC_BOUND_5(id) , flc_a1_##id , flc_a2_##id , flc_a3_##id , flc_a4_##id
#define FLC_BOUND_6(id) , flc_a1_##id , flc_a2_##id , flc_a3_##id , flc_a4_##id , flc_a5_##id
#define FLC_BOUND_7(id) , flc_a1_##id , flc_a2_##id , flc_a3_##id , flc_a4_##id , flc_a5_##id , flc_a6_##id
#define FLC_BOUND_8(id) , flc_a1_##id , flc_a2_##id , flc_a3_##id , flc_a4_##id , flc_a5_##id , flc_a6_##id , flc_a7_##id
#define FLC_BOUND_9(id) , flc_a1_##id , flc_a2_##id , flc_a3_##id , flc_a4_##id , flc_a5_##id , flc_a6_##id , flc_a7_##id , flc_a8_##id
#define FLC_BIND_ONE_(id, name, number, a) \
	__typeof__(*name##_flc_type##number##_()) flc_a##number##_##id = (a);
#define FLC_REST_(...) FLC_PASTE_(FLC_REST_, FLC_COUNT_(__VA_ARGS__))(__VA_ARGS__)
#define FLC_ONLY_(...) FLC_PASTE_(FLC_ONLY_, FLC_COUNT_(__VA_ARGS__))(__VA_ARGS__)
#define FLC_OF_(what, ...) FLC_PASTE_(what, FLC_COUNT_(__VA_ARGS__))(__VA_ARGS__)

#define FLC_HIDDEN_ __attribute__((visibility("hidden")))
#define FLC_UNUSED_ __attribute__((unused))

/* Bytes for arguments or result, whichever are more; never none. */
#define FLC_BYTES_(result, ...) \
	(FLC_OF_(FLC_SIZE_, __VA_ARGS__) > FLC_RESULT_SIZE_(result) \
	    ? FLC_OF_(FLC_SIZE_, __VA_ARGS__) : FLC_RESULT_SIZE_(result))
#define FLC_RESULT_SIZE_(result) (8 + FLC_IF_VOID_(result)(0)(FLC_ROUND_(sizeof(result)) - 8))

/* Only what may be declared any number of times. */
#define FILCH_TASK_DECLARE(result, ...) \
	FLC_NOW_(FLC_TASK_DECLARE_, result, FLC_FIRST_(__VA_ARGS__), __VA_ARGS__)
#define FLC_TASK_DECLARE_(result, task, ...) \
	struct task##_flc_tag_; \
	FLC_OF_(FLC_TYPES_, __VA_ARGS__) \
	FLC_HIDDEN_ char (*task##_flc_bytes_(void))[FLC_BYTES_(result, __VA_ARGS__)]; \
	FLC_HIDDEN_ result task##_flc_body_(filch_lane_ *flc_lane_, size_t flc_b_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)); \
	FLC_HIDDEN_ void task##_flc_pack_(unsigned char *bytes_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)); \
	FLC_HIDDEN_ result task##_flc_call_(filch_lane_ *flc_lane_, size_t flc_b_, \
	    const unsigned char *bytes_); \
	FLC_HIDDEN_ result task##_flc_value_(const unsigned char *bytes_); \
	FLC_HIDDEN_ void task##_flc_run_(filch_lane_ *flc_lane_, size_t flc_b_, \
	    filch_record_ *record_); \
	FLC_HIDDEN_ FLC_UNUSED_ result task##_flc_start_(FLC_OF_(FLC_ALONE_, __VA_ARGS__))

#define FILCH_TASK(result, ...) \
	FLC_NOW_(FLC_TASK_, result, FLC_FIRST_(__VA_ARGS__), __VA_ARGS__)
#define FLC_TASK_(result, task, ...) \
	FLC_TASK_DECLARE_(result, task, __VA_ARGS__); \
	FLC_INLINE_ void \
	task##_flc_pack_(unsigned char *bytes_ FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)) \
	{ \
		(void)bytes_; \
		FLC_OF_(FLC_STORE_, __VA_ARGS__) \
	} \
	FLC_INLINE_ result \
	task##_flc_call_(filch_lane_ *flc_lane_, size_t flc_b_, const unsigned char *bytes_) \
	{ \
		(void)bytes_; \
		FLC_OF_(FLC_LOAD_, __VA_ARGS__) \
		FLC_IF_VOID_(result)()(return) \
		task##_flc_body_(flc_lane_, flc_b_ FLC_OF_(FLC_LOADED_, __VA_ARGS__)); \
	} \
	FLC_INLINE_ result \
	task##_flc_value_(const unsigned char *bytes_) \
	{ \
		FLC_IF_VOID_(result)((void)bytes_;)(result value_; \
		__builtin_memcpy(&value_, bytes_, sizeof(value_)); \
		return value_;) \
	} \
	void \
	task##_flc_run_(filch_lane_ *flc_lane_, size_t flc_b_, filch_record_ *record_) \
	{ \
		unsigned char *bytes_ = FLC_SEEN_AS_(unsigned char *, record_ + 1); \
		FLC_IF_VOID_(result)()(result value_ =) \
		task##_flc_call_(flc_lane_, flc_b_, bytes_); \
		FLC_IF_VOID_(result)()(__builtin_memcpy(bytes_, &value_, sizeof(value_));) \
	} \
	result \
	task##_flc_start_(FLC_OF_(FLC_ALONE_, __VA_ARGS__)) \
	{ \
		FILCH_RECORD(task) record_; \
		FLC_IF_VOID_(result)()(result value_;) \
		task##_flc_pack_(record_.typed_.bytes_ FLC_OF_(FLC_NAMES_, __VA_ARGS__)); \
		filch_hot_run_(&record_.head_, task##_flc_run_, FILCH_HOT_ABI_); \
		FLC_IF_VOID_(result)()(__builtin_memcpy(&value_, record_.typed_.bytes_, sizeof(value_)); return value_;) \
	} \
	FLC_MAY_INLINE_ result \
	task##_flc_body_(filch_lane_ *flc_lane_ FLC_UNUSED_, size_t flc_b_ FLC_UNUSED_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__))

/* In C++ a function must not become inline after its first use; and a union that
 * is to be filled as bytes needs a constructor that does nothing. */
#ifdef __cplusplus
#define FLC_INLINE_
#define FLC_RAW_(name) name() {}
#else
#define FLC_INLINE_ inline __attribute__((always_inline))
#define FLC_RAW_(name)
#endif

/* The word makes gcc inline a few levels of the recursion; the prototype before
 * it, which lacks it, still makes an external definition.  clang does not inline
 * recursion, and warns. */
#if defined(__clang__)
#define FLC_MAY_INLINE_
#elif defined(__cplusplus)
#define FLC_MAY_INLINE_ inline __attribute__((used))
#else
#define FLC_MAY_INLINE_ inline
#endif

/* The tag makes records of different tasks different types. */
#define FILCH_RECORD(task) \
	union { \
		filch_record_ head_; \
		struct { \
			filch_record_ again_; \
			unsigned char bytes_[sizeof(*task##_flc_bytes_())]; \
			FLC_OPEN_MEMBER_ \
		} typed_; \
		struct task##_flc_tag_ *tag_; \
	}

/*
 * Faults in the use of these macros are one sentence each.  Where no parameter of a
 * task and no FILCH_TASKS_HERE declares the lane, these functions are found, which do
 * not exist.  FLC_LANE_ and FLC_B_ then stand for something of the right type, so that
 * nothing else is said.
 */
FILCH_LINKAGE void flc_lane_(void);
FILCH_LINKAGE void flc_b_(void);

#ifdef __cplusplus
extern "C++" {
template <class T, class U> struct flc_is_same_ { enum { value = 0 }; };
template <class T> struct flc_is_same_<T, T> { enum { value = 1 }; };
template <class T> struct flc_is_same_<const T, T> { enum { value = 1 }; };
FLC_UNUSED_ static inline __attribute__((always_inline)) filch_lane_ *
flc_the_lane_(filch_lane_ *lane)
{
	return lane;
}
FLC_UNUSED_ static inline filch_lane_ *
flc_the_lane_(void (*)(void))
{
	return NULL;
}
FLC_UNUSED_ static inline __attribute__((always_inline)) size_t &
flc_the_b_(size_t &b)
{
	return b;
}
FLC_UNUSED_ static inline size_t &
flc_the_b_(void (*)(void))
{
	static size_t none;
	return none;
}
}
#define FLC_LANE_ flc_the_lane_(flc_lane_)
#define FLC_B_ flc_the_b_(flc_b_)
#define FLC_NEEDS_LANE_ \
	static_assert(flc_is_same_<decltype(flc_lane_), filch_lane_ *>::value, FLC_NO_LANE_)
#define FLC_IS_RECORD_OF_(record, task) \
	static_assert(flc_is_same_<decltype((record).tag_), struct task##_flc_tag_ *>::value, \
	    FLC_OTHER_TASK_(task))
#define FLC_STRICT_
#define FLC_LAX_
#else
#define FLC_LANE_ _Generic((flc_lane_), filch_lane_ *: (flc_lane_), default: (filch_lane_ *)NULL)
#define FLC_B_ (*_Generic(&(flc_b_), size_t *: &(flc_b_), default: &(size_t){ 0 }))
#define FLC_NEEDS_LANE_ \
	_Static_assert(_Generic((flc_lane_), filch_lane_ *: 1, default: 0), FLC_NO_LANE_)
#define FLC_IS_RECORD_OF_(record, task) \
	_Static_assert(_Generic((record).tag_, struct task##_flc_tag_ *: 1, default: 0), \
	    FLC_OTHER_TASK_(task))
/* Between these an argument of another type is an error, as it is in C++, and so is a
 * name that is no task. */
#define FLC_STRICT_ \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic error \"-Wimplicit-function-declaration\"") \
	_Pragma("GCC diagnostic error \"-Wint-conversion\"") \
	_Pragma("GCC diagnostic error \"-Wincompatible-pointer-types\"")
#define FLC_LAX_ _Pragma("GCC diagnostic pop")
#endif
#define FLC_NO_LANE_ "write FILCH_TASKS_HERE; before the first spawn or call of this function"
#define FLC_OTHER_TASK_(task) "this is not a record of the task " #task

/*
 * With -DFILCH_CHECK each record knows where it was spawned and joined: a program that
 * forgets a join, or joins twice, says so in one line and aborts.
 */
#ifdef FILCH_CHECK
#include <stdio.h>
#include <stdlib.h>

struct flc_open_ {
	const void *record;        /* itself, once spawned */
	const char *task, *file, *joined_file;
	int line, joined_line;     /* joined_line 0: not yet */
};

FLC_UNUSED_ static void
flc_open_begin_(struct flc_open_ *open, const char *task, const char *file, int line)
{
	open->record = open;
	open->task = task;
	open->file = file;
	open->line = line;
	open->joined_file = NULL;
	open->joined_line = 0;
}

FLC_UNUSED_ static void
flc_open_join_(struct flc_open_ *open, const char *task, const char *file, int line)
{
	if (open->record != open) {
		fprintf(stderr, "%s:%d: filch: a join of the task %s, which was not spawned\n", file, line,
		    task);
		abort();
	}
	if (open->joined_line != 0) {
		fprintf(stderr, "%s:%d: filch: a second join of the task %s, spawned at %s:%d and "
		    "joined at %s:%d\n", file, line, open->task, open->file, open->line,
		    open->joined_file, open->joined_line);
		abort();
	}
	open->joined_file = file;
	open->joined_line = line;
}

FLC_UNUSED_ static void
flc_open_end_(struct flc_open_ *open)
{
	if (open->joined_line != 0)
		return;
	fprintf(stderr, "%s:%d: filch: the task %s, spawned here, is not joined before its record "
	    "goes out of scope\n", open->file, open->line, open->task);
	abort();
}

#define FLC_OPEN_(record, task) \
	__attribute__((cleanup(flc_open_end_))) struct flc_open_ record##_flc_open_; \
	flc_open_begin_(&record##_flc_open_, #task, __FILE__, __LINE__);
#define FLC_OPEN_MEMBER_ struct flc_open_ open_;
#define FLC_OPEN_BEGIN_(open, task) flc_open_begin_((open), #task, __FILE__, __LINE__);
#define FLC_OPEN_JOIN_(open, task) flc_open_join_((open), #task, __FILE__, __LINE__);
#else
#define FLC_OPEN_(record, task)
#define FLC_OPEN_MEMBER_
#define FLC_OPEN_BEGIN_(open, task)
#define FLC_OPEN_JOIN_(open, task)
#endif

#define FILCH_SPAWN(record, ...) \
	FLC_NOW_(FLC_SPAWN_, record, FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FLC_SPAWN_(record, task, ...) \
	FLC_NEEDS_LANE_; \
	FILCH_RECORD(task) record; \
	FLC_STRICT_ \
	task##_flc_pack_(record.typed_.bytes_ __VA_ARGS__); \
	FLC_LAX_ \
	FLC_OPEN_(record, task) \
	const size_t record##_flc_at_ = flc_hot_spawn_(FLC_LANE_, FLC_B_, &record.head_, \
	    task##_flc_run_); \
	FLC_B_ = record##_flc_at_ + 1

/*
 * The arguments may join, which moves flc_b_: they are evaluated before it is
 * read.  The number keeps nested calls from shadowing each other.
 */
#define FILCH_CALL(...) \
	FLC_NOW_(FLC_CALL_, __COUNTER__, FLC_FIRST_(__VA_ARGS__), __VA_ARGS__)
#define FLC_CALL_(id, task, ...) \
	__extension__ ({ \
		FLC_NEEDS_LANE_; \
		FLC_STRICT_ \
		FLC_PASTE_(FLC_BIND_, FLC_COUNT_(__VA_ARGS__))(id, __VA_ARGS__) \
		FLC_LAX_ \
		task##_flc_body_(FLC_LANE_, FLC_B_ \
		    FLC_PASTE_(FLC_BOUND_, FLC_COUNT_(__VA_ARGS__))(id)); \
	})

/* With a statement in it, so that two joins in one expression do not mix. */
#define FILCH_JOIN(record, task) \
	__extension__ ({ \
		FLC_NEEDS_LANE_; \
		FLC_IS_RECORD_OF_(record, task); \
		(void)sizeof(record); \
		FLC_OPEN_JOIN_(&record##_flc_open_, task) \
		flc_hot_take_(FLC_LANE_, FLC_B_, &(record).head_, record##_flc_at_) \
		    ? (FLC_B_ = record##_flc_at_, \
		        task##_flc_call_(FLC_LANE_, FLC_B_, (record).typed_.bytes_)) \
		    : (flc_hot_finish_(FLC_LANE_, &(record).head_, record##_flc_at_, task##_flc_run_), \
		        FLC_B_ = FLC_HOT_LOAD(&FLC_LANE_->bottom), \
		        task##_flc_value_((record).typed_.bytes_)); \
	})

#define FILCH_SPAWN_AT(record, ...) \
	FLC_NOW_(FLC_SPAWN_AT_, FLC_PASTE_(flc_record_, __COUNTER__), record, FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FLC_SPAWN_AT_(r_, record, task, ...) \
	__extension__ ({ \
		__typeof__(&*(record)) r_ = (record); \
		FLC_NEEDS_LANE_; \
		FLC_IS_RECORD_OF_(*r_, task); \
		FLC_STRICT_ \
		task##_flc_pack_(r_->typed_.bytes_ __VA_ARGS__); \
		FLC_LAX_ \
		FLC_OPEN_BEGIN_(&r_->typed_.open_, task) \
		r_->head_.at = flc_hot_spawn_(FLC_LANE_, FLC_B_, &r_->head_, \
		    task##_flc_run_); \
		FLC_B_ = r_->head_.at + 1; \
		(void)0; \
	})

#define FILCH_JOIN_AT(record, task) \
	FLC_NOW_(FLC_JOIN_AT_, FLC_PASTE_(flc_record_, __COUNTER__), \
	    FLC_PASTE_(flc_at_, __COUNTER__), record, task)
#define FLC_JOIN_AT_(r_, at_, record, task) \
	__extension__ ({ \
		__typeof__(&*(record)) r_ = (record); \
		const size_t at_ = r_->head_.at; \
		FLC_NEEDS_LANE_; \
		FLC_IS_RECORD_OF_(*r_, task); \
		FLC_OPEN_JOIN_(&r_->typed_.open_, task) \
		flc_hot_take_(FLC_LANE_, FLC_B_, &r_->head_, at_) \
		    ? (FLC_B_ = at_, \
		        task##_flc_call_(FLC_LANE_, FLC_B_, r_->typed_.bytes_)) \
		    : (flc_hot_finish_(FLC_LANE_, &r_->head_, at_, task##_flc_run_), \
		        FLC_B_ = FLC_HOT_LOAD(&FLC_LANE_->bottom), \
		        task##_flc_value_(r_->typed_.bytes_)); \
	})

#define FILCH_RUN(...) \
	FLC_NOW_(FLC_RUN_, FLC_FIRST_(__VA_ARGS__), FLC_ONLY_(__VA_ARGS__))
#ifdef __cplusplus
#define FLC_RUN_(task, ...) task##_flc_start_(__VA_ARGS__)
#else
#define FLC_RUN_(task, ...) \
	__extension__ ({ \
		FLC_STRICT_ \
		task##_flc_start_(__VA_ARGS__); \
		FLC_LAX_ \
	})
#endif

#define FILCH_TASKS_HERE \
	filch_lane_ *const flc_lane_ = filch_hot_here_(FILCH_HOT_ABI_); \
	size_t flc_b_ FLC_UNUSED_ = FLC_HOT_LOAD(&flc_lane_->bottom)

#endif /* __GNUC__ */

#endif /* FILCH_SPAWN_H */
