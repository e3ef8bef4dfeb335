/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Typed tasks: fork-join whose arguments the compiler checks and whose unstolen join is a
 * plain, inlinable call.
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
 *     FILCH_RUN_IN(pool, name, arguments...)    the same in this pool; in C
 *     FILCH_RUN_INTO(pool, &result, name, arguments...)   the same, with a status; in C
 *     FILCH_TASKS_HERE;    lets a plain function or the body of a loop spawn; out of
 *                          any pool its tasks run inline
 *
 * Join every record before the function returns, and in that function, in any order; the
 * newest first is fastest (about a nanosecond over the call; 5 ns for the only task).
 * Joins may stand together in one expression and among the arguments of a call; as
 * always, the order of these is the compiler's choice.  Nothing is allocated.  Without
 * room, and without a usable pool, a task runs inline at its join.  A typed task cannot
 * fail and is never skipped; ask filch_canceled() to return early.
 *
 * A task has external linkage and hidden visibility: its name is one per program or
 * shared library, like a function's.  A debugger shows it as name_flc_body_, with its
 * parameters, and can break there.  A task written in C is declared for C++ inside of
 * extern "C" { }.
 *
 * What FILCH_TASK(long, fib, int, n) stands for:
 *
 *     fib_flc_body_      what you write, with two hidden parameters: the deque and
 *                        the index that its next record gets
 *     fib_flc_pack_      stores the arguments in a record
 *     fib_flc_call_      calls the body with those of a record
 *     fib_flc_work_, fib_flc_other_, fib_flc_call_other_
 *                        only in clang; see <filch/spawn_body.h>
 *     fib_flc_value_     the result that stands in a record
 *     fib_flc_run_       what a thief calls
 *     fib_flc_start_     what FILCH_RUN calls
 *     fib_flc_group_     what FILCH_GROUP_SPAWN spawns, if a word holds the arguments
 *     fib_flc_bytes_     never defined: its size is that of arguments and result
 *     fib_flc_type1_     never defined: its type tells that of the first parameter
 *     flc_task_of_, flc_type_of_   in C++, never defined: the same by the task's tag
 */
#ifndef FILCH_SPAWN_H
#define FILCH_SPAWN_H

#ifndef FILCH_NO_TYPED_TASKS

#ifndef __GNUC__
#error "Typed tasks need GNU C (statement expressions, __typeof__, attributes): compile \
with gcc or clang, or define FILCH_NO_TYPED_TASKS to do without them."
#endif

#include <filch/hot.h>
#include <filch/spawn_body.h>
#include <filch/spawn_check.h>
#include <filch/spawn_lists.h>
#include <filch/spawn_names.h>

struct filch_pool;

/* What the macros call in the library, beside the functions of <filch/hot.h>: runs a
 * record in a pool; runs it on the spot, in no pool; runs a task of a group whose
 * arguments are a word. */
FILCH_API int filch_run_in_(struct filch_pool *pool, filch_record_ *record,
    filch_record_fn_ *run, int abi);
FILCH_API void filch_run_inline_(filch_record_ *record, filch_record_fn_ *run);
FILCH_API int filch_group_run_word_(void *word, filch_record_fn_ *run, int returns_status);

/* Bytes for arguments or result, whichever are more; never none. */
#define FLC_BYTES_(result, ...) \
	(0 FLC_OF_(FLC_SIZE_, __VA_ARGS__) > FLC_RESULT_SIZE_(result) \
	    ? 0 FLC_OF_(FLC_SIZE_, __VA_ARGS__) : FLC_RESULT_SIZE_(result))
#define FLC_RESULT_SIZE_(result) (8 + FLC_IF_VOID_(result)(0)(FLC_ROUND_(sizeof(result)) - 8))

/* Only what may be declared any number of times. */
#define FILCH_TASK_DECLARE(result, ...) \
	FLC_NOW_(FLC_TASK_DECLARE_, result, FLC_FIRST_(__VA_ARGS__), __VA_ARGS__)
#define FLC_TASK_DECLARE_(result, task, ...) \
	struct task##_flc_tag_; \
	FLC_OF_(FLC_TYPES_, __VA_ARGS__) \
	FLC_HIDDEN_ extern char task##_flc_bytes_[FLC_BYTES_(result, __VA_ARGS__)]; \
	FLC_HIDDEN_ result task##_flc_body_(filch_fork_deque_ *flc_deque_, size_t flc_b_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)); \
	FLC_HIDDEN_ void task##_flc_pack_(unsigned char *bytes_ \
	    FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)); \
	FLC_HIDDEN_ result task##_flc_call_(filch_fork_deque_ *flc_deque_, size_t flc_b_, \
	    const unsigned char *bytes_); \
	FLC_HIDDEN_ result task##_flc_value_(const unsigned char *bytes_); \
	FLC_HIDDEN_ void task##_flc_run_(filch_fork_deque_ *flc_deque_, size_t flc_b_, \
	    filch_record_ *record_); \
	FLC_HIDDEN_ int task##_flc_group_(void *word_); \
	FLC_HIDDEN_ FLC_UNUSED_ result task##_flc_start_(FLC_ALONE_(__VA_ARGS__)) \
	FLC_TASK_NAMES_(task)

#define FILCH_TASK(result, ...) \
	FLC_NOW_(FLC_TASK_, result, FLC_FIRST_(__VA_ARGS__), __VA_ARGS__)
#define FLC_TASK_(result, task, ...) \
	FLC_TASK_DECLARE_(result, task, __VA_ARGS__); \
	FLC_INLINE_ void \
	task##_flc_pack_(unsigned char *bytes_ FLC_OF_(FLC_PARAMETERS_, __VA_ARGS__)) \
	{ \
		size_t flc_at_ = 0; \
		FLC_OF_(FLC_STORE_, __VA_ARGS__) \
		(void)bytes_; \
		(void)flc_at_; \
	} \
	FLC_INLINE_ result \
	task##_flc_call_(filch_fork_deque_ *flc_deque_, size_t flc_b_, \
	    const unsigned char *bytes_) \
	{ \
		size_t flc_at_ = 0; \
		FLC_OF_(FLC_LOAD_, __VA_ARGS__) \
		(void)bytes_; \
		(void)flc_at_; \
		FLC_IF_VOID_(result)()(return) \
		task##_flc_body_(flc_deque_, flc_b_ FLC_OF_(FLC_LOADED_, __VA_ARGS__)); \
	} \
	FLC_INLINE_ result \
	task##_flc_value_(const unsigned char *bytes_) \
	{ \
		FLC_IF_VOID_(result)((void)bytes_;)(result value_; \
		__builtin_memcpy(&value_, bytes_, sizeof(value_)); \
		return value_;) \
	} \
	void \
	task##_flc_run_(filch_fork_deque_ *flc_deque_, size_t flc_b_, filch_record_ *record_) \
	{ \
		unsigned char *bytes_ = FLC_SEEN_AS_(unsigned char *, record_ + 1); \
		FLC_IF_VOID_(result)()(result value_ =) \
		task##_flc_call_(flc_deque_, flc_b_, bytes_); \
		FLC_IF_VOID_(result)()(__builtin_memcpy(bytes_, &value_, sizeof(value_));) \
	} \
	int \
	task##_flc_group_(void *word_) \
	{ \
		return filch_group_run_word_(word_, task##_flc_run_, FLC_IF_VOID_(result)(0)(1)); \
	} \
	result \
	task##_flc_start_(FLC_ALONE_(__VA_ARGS__)) \
	{ \
		FILCH_RECORD(task) record_; \
		FLC_IF_VOID_(result)()(result value_;) \
		task##_flc_pack_(record_.typed_.bytes_ FLC_OF_(FLC_NAMES_, __VA_ARGS__)); \
		filch_hot_run_(&record_.head_, task##_flc_run_, FILCH_HOT_ABI_); \
		FLC_IF_VOID_(result)()( \
		    __builtin_memcpy(&value_, record_.typed_.bytes_, sizeof(value_)); \
		    return value_;) \
	} \
	FLC_BODY_(result, task, __VA_ARGS__)

/* In C++ a function must not become inline after its first use; and a union that is to be
 * filled as bytes needs a constructor that does nothing. */
#ifdef __cplusplus
#define FLC_INLINE_
#define FLC_RAW_(name) name() {}
#else
#define FLC_INLINE_ inline __attribute__((always_inline))
#define FLC_RAW_(name)
#endif

/* The tag makes records of different tasks different types. */
#define FILCH_RECORD(task) FLC_RECORD_(task, sizeof(FLC_BYTES_OF_(task)))
#define FLC_RECORD_(task, size) \
	union { \
		filch_record_ head_; \
		struct { \
			filch_record_ again_; \
			unsigned char bytes_[size]; \
			FLC_OPEN_MEMBER_ \
		} typed_; \
		struct task##_flc_tag_ *tag_; \
	}

#define FILCH_SPAWN(record, ...) \
	FLC_NOW_(FLC_SPAWN_, record, FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FLC_SPAWN_(record, task, ...) \
	FLC_MENTION_(task) \
	FLC_NEEDS_DEQUE_ \
	FLC_NEEDS_TASK_(task) \
	FLC_SPAWNED_ \
	FLC_RECORD_(task, FLC_SIZE_OF_(task)) record; \
	FLC_STRICT_ \
	FLC_NAME_OF_(task, pack)(record.typed_.bytes_ __VA_ARGS__); \
	FLC_LAX_ \
	FLC_OPEN_(record, task) \
	const size_t record##_flc_at_ = flc_hot_spawn_(FLC_DEQUE_, FLC_B_, &record.head_, \
	    FLC_NAME_OF_(task, run)); \
	FLC_B_ = record##_flc_at_ + 1

/*
 * The arguments may join, which moves flc_b_: they are evaluated before it is read.  The
 * number keeps nested calls from shadowing each other.
 */
#define FILCH_CALL(...) \
	FLC_NOW_(FLC_CALL_, __COUNTER__, FLC_FIRST_(__VA_ARGS__), __VA_ARGS__)
#define FLC_CALL_(id, task, ...) \
	__extension__ ({ \
		FLC_MENTION_(task) \
		FLC_NEEDS_DEQUE_ \
		FLC_NEEDS_TASK_(task) \
		FLC_SELDOM_ \
		FLC_STRICT_ \
		FLC_EACH_(FLC_BIND_, id, __VA_ARGS__) \
		FLC_NAME_OF_(task, body)(FLC_DEQUE_, FLC_B_ \
		    FLC_EACH_(FLC_BOUND_, id, __VA_ARGS__)); \
		FLC_LAX_ \
	})

/* With a statement in it, so that two joins in one expression do not mix. */
#define FILCH_JOIN(record, task) \
	__extension__ ({ \
		FLC_MENTION_(task) \
		FLC_NEEDS_DEQUE_ \
		FLC_NEEDS_RECORD_(record, task) \
		(void)sizeof(record); \
		FLC_OPEN_JOIN_(record, task) \
		FLC_STRICT_ \
		flc_hot_take_(FLC_DEQUE_, FLC_B_, &(record).head_, record##_flc_at_) \
		    ? (FLC_B_ = record##_flc_at_, \
		        FLC_NAME_OF_(task, call)(FLC_DEQUE_, FLC_B_, (record).typed_.bytes_)) \
		    : (flc_hot_finish_(FLC_DEQUE_, &(record).head_, record##_flc_at_, \
		            FLC_NAME_OF_(task, run)), \
		        FLC_B_ = FLC_HOT_LOAD(&FLC_DEQUE_->bottom), \
		        FLC_NAME_OF_(task, value)((record).typed_.bytes_)); \
		FLC_LAX_ \
	})

#define FILCH_SPAWN_AT(record, ...) \
	FLC_NOW_(FLC_SPAWN_AT_, FLC_PASTE_(flc_record_, __COUNTER__), record, \
	    FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FLC_SPAWN_AT_(r_, record, task, ...) \
	__extension__ ({ \
		__typeof__(&*(record)) r_ = (record); \
		FLC_MENTION_(task) \
		FLC_NEEDS_DEQUE_ \
		FLC_NEEDS_RECORD_(*r_, task) \
		FLC_STRICT_ \
		FLC_NAME_OF_(task, pack)(r_->typed_.bytes_ __VA_ARGS__); \
		FLC_LAX_ \
		FLC_OPEN_AT_(&r_->typed_.open_, task) \
		r_->head_.at = flc_hot_spawn_(FLC_DEQUE_, FLC_B_, &r_->head_, \
		    FLC_NAME_OF_(task, run)); \
		FLC_B_ = r_->head_.at + 1; \
		(void)0; \
	})

#define FILCH_JOIN_AT(record, task) \
	FLC_NOW_(FLC_JOIN_AT_, FLC_PASTE_(flc_record_, __COUNTER__), \
	    FLC_PASTE_(flc_at_, __COUNTER__), record, task)
/* Only a record that is in the deque at at_ bears that index: one that ran out of its
 * order, or found no room, bears none. */
#define FLC_JOIN_AT_(r_, at_, record, task) \
	__extension__ ({ \
		__typeof__(&*(record)) r_ = (record); \
		const size_t at_ = FLC_B_ - 1; \
		FLC_MENTION_(task) \
		FLC_NEEDS_DEQUE_ \
		FLC_NEEDS_RECORD_(*r_, task) \
		FLC_OPEN_JOIN_AT_(&r_->typed_.open_, task) \
		FLC_STRICT_ \
		r_->head_.at == at_ && flc_hot_take_newest_(FLC_DEQUE_, at_) \
		    ? (FLC_B_ = at_, FLC_CALL_AT_(task, r_->typed_.bytes_)) \
		    : (flc_hot_finish_(FLC_DEQUE_, &r_->head_, r_->head_.at, \
		            FLC_NAME_OF_(task, run)), \
		        FLC_B_ = FLC_HOT_LOAD(&FLC_DEQUE_->bottom), \
		        FLC_NAME_OF_(task, value)(r_->typed_.bytes_)); \
		FLC_LAX_ \
	})

#define FILCH_RUN(...) \
	FLC_NOW_(FLC_RUN_, FLC_FIRST_(__VA_ARGS__), FLC_ONLY_(__VA_ARGS__))
#ifdef __cplusplus
#define FLC_RUN_(task, ...) FLC_NAME_OF_(task, start)(__VA_ARGS__)
#else
#define FLC_RUN_(task, ...) \
	__extension__ ({ \
		FLC_MENTION_(task) \
		FLC_NEEDS_TASK_(task) \
		FLC_STRICT_ \
		FLC_NAME_OF_(task, start)(__VA_ARGS__); \
		FLC_LAX_ \
	})
#endif

/*
 * In C: runs a task in a pool of the caller's choice (NULL: current or default), as
 * filch_pool_run() does.
 *
 *     long r = FILCH_RUN_IN(pool, fib, 42);
 *     int status = FILCH_RUN_INTO(pool, &r, fib, 42);
 *
 * FILCH_RUN_IN is the task's result, as FILCH_RUN is: where the pool cannot be used the
 * task runs inline.  FILCH_RUN_INTO is a status: FILCH_OK, and the result is in r; or one
 * that filch_pool_run() returns, and then the task did not run and r is as it was.  The
 * pointer is NULL for a task whose result is void.
 */
#ifndef __cplusplus
#define FILCH_RUN_IN(pool, ...) \
	FLC_NOW_(FLC_RUN_IN_, FLC_PASTE_(flc_record_, __COUNTER__), pool, \
	    FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FLC_RUN_IN_(r_, pool, task, ...) \
	__extension__ ({ \
		FLC_PACKED_(r_, task, __VA_ARGS__) \
		if (filch_run_in_((pool), &r_.head_, FLC_NAME_OF_(task, run), \
		    FILCH_HOT_ABI_) != FILCH_OK) \
			filch_run_inline_(&r_.head_, FLC_NAME_OF_(task, run)); \
		FLC_NAME_OF_(task, value)(r_.typed_.bytes_); \
		FLC_LAX_ \
	})

#define FILCH_RUN_INTO(pool, into, ...) \
	FLC_NOW_(FLC_RUN_INTO_, FLC_PASTE_(flc_record_, __COUNTER__), \
	    FLC_PASTE_(flc_status_, __COUNTER__), pool, into, FLC_FIRST_(__VA_ARGS__), \
	    FLC_REST_(__VA_ARGS__))
#define FLC_RUN_INTO_(r_, status_, pool, into, task, ...) \
	__extension__ ({ \
		FLC_PACKED_(r_, task, __VA_ARGS__) \
		_Static_assert(!FLC_IS_TASK_(task) \
		    || _Generic((into), FLC_RESULT_OF_(task) *: 1, default: 0), \
		    "this does not point to what the task " #task " returns"); \
		const int status_ = filch_run_in_((pool), &r_.head_, FLC_NAME_OF_(task, run), \
		    FILCH_HOT_ABI_); \
		if (status_ == FILCH_OK && !FLC_IS_RESULT_(task, void)) \
			flc_copy_((into), r_.typed_.bytes_, sizeof(FLC_RESULT_OF_(task))); \
		status_; \
		FLC_LAX_ \
	})

static inline void
flc_copy_(void *to, const void *from, size_t size)
{
	__builtin_memcpy(to, from, size);
}

/* A record with the arguments of a task; its first word has no byte that is not set.
 * FLC_LAX_ has to follow. */
#define FLC_PACKED_(r_, task, ...) \
	FLC_MENTION_(task) \
	FLC_NEEDS_TASK_(task) \
	FLC_RECORD_(task, FLC_SIZE_OF_(task)) r_; \
	__builtin_memset(r_.typed_.bytes_, 0, 8); \
	FLC_STRICT_ \
	FLC_NAME_OF_(task, pack)(r_.typed_.bytes_ __VA_ARGS__);

#define FLC_RESULT_OF_(task) __typeof__(FLC_NAME_OF_(task, value)(NULL))
#define FLC_IS_RESULT_(task, type) \
	__builtin_types_compatible_p(FLC_RESULT_OF_(task), type)
#endif

#define FILCH_TASKS_HERE \
	filch_fork_deque_ *const flc_deque_ = filch_hot_here_(FILCH_HOT_ABI_); \
	size_t flc_b_ FLC_UNUSED_ = FLC_HOT_LOAD(&flc_deque_->bottom) \
	FLC_OPEN_HERE_

#endif /* FILCH_NO_TYPED_TASKS */

#endif /* FILCH_SPAWN_H */
